//! The alibi memory: sealed records with their proofs, never rewritten.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

mod entries;

pub(super) use entries::{Entries, Entry, Unreadable};

use crate::clock::Timestamp;

use super::chain::{self, Proof};
use super::codec;
use super::error::StoreError;
use super::trees::{TreeName, Trees, key_number, number_key};

/// A record as it left the pipeline, with what proves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedRecord {
    /// Sequence, gap-free from 1.
    pub seq: u64,
    /// The record's id.
    pub id: String,
    /// Canonical JSON: the bytes that were hashed.
    pub record_json: Bytes,
    /// Place and origin.
    pub proof: Proof,
    /// Raw frames it was made from; not part of the hash.
    pub raw: Bytes,
    /// When it was sealed.
    pub sealed_at: Timestamp,
}

impl SealedRecord {
    /// What is published, exported and verified.
    pub fn payload(&self) -> Bytes {
        chain::payload(&self.record_json, &self.proof)
    }
}

/// The stored form of a sealed record.
#[derive(Serialize, Deserialize)]
pub(super) struct Stored {
    pub(super) id: String,
    pub(super) sealed_at: Timestamp,
    pub(super) proof: Proof,
    pub(super) record_json: Bytes,
    pub(super) raw: Bytes,
}

impl Stored {
    pub(super) fn decode(key: &[u8], value: &[u8]) -> Result<SealedRecord, StoreError> {
        let decode = || {
            let seq = key_number(key).ok_or(codec::CodecError::Empty)?;
            let stored: Self = codec::decode(value)?;
            Ok(SealedRecord {
                seq,
                id: stored.id,
                record_json: stored.record_json,
                proof: stored.proof,
                raw: stored.raw,
                sealed_at: stored.sealed_at,
            })
        };
        decode().map_err(StoreError::decode(TreeName::Ledger, key))
    }
}

/// The record of a sequence.
pub(super) fn one(trees: &Trees, seq: u64) -> Result<Option<SealedRecord>, StoreError> {
    let (ledger, key) = (trees.get(TreeName::Ledger), number_key(seq));
    // while sled moves pages out of a segment, one that it cannot move fails who reads another
    let value = ledger.get(key).or_else(|_| ledger.get(key));
    let value = value.map_err(StoreError::read(TreeName::Ledger))?;
    value.map(|value| Stored::decode(&key, &value)).transpose()
}

/// The records from `from` to `to`, both included, in order. What cannot be read or decoded is an
/// error in its place.
pub(super) fn range(
    trees: &Trees,
    from: u64,
    to: u64,
) -> impl Iterator<Item = Result<SealedRecord, StoreError>> + use<> {
    Entries::between(trees, from, to).map(|entry| {
        let (key, value) = entry?;
        Stored::decode(&key, &value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::store::hex::Hex;

    /// Old bytes are sacred: a change of this type is the next version, not another expectation.
    #[test]
    fn version_1_of_a_sealed_record_is_these_bytes() {
        let stored = Stored {
            id: "r".to_owned(),
            sealed_at: Timestamp(-1),
            proof: Proof {
                seq: 300,
                prev: Hex([1; 32]),
                hash: Hex([2; 32]),
                sig: Hex([3; 64]),
                key: Hex([4; 8]),
            },
            record_json: Bytes::from_static(b"{}"),
            raw: Bytes::from_static(&[9]),
        };
        let expected = [
            "01",
            "0172",
            "01",
            "fb2c01",
            "20",
            &"01".repeat(32),
            "20",
            &"02".repeat(32),
            "40",
            &"03".repeat(64),
            "08",
            &"04".repeat(8),
            "027b7d",
            "0109",
        ];
        let bytes = codec::encode(&stored).expect("encoded");
        assert_eq!(hex::encode(&bytes), expected.concat());
        let record = Stored::decode(&number_key(300), &bytes).expect("decoded");
        assert_eq!((record.seq, record.proof, record.id), (300, stored.proof, stored.id));
    }

    #[test]
    fn an_undecodable_record_is_named_by_tree_and_key() {
        let error = Stored::decode(&number_key(7), &[1, 2]).expect_err("malformed");
        assert_eq!(error.to_string(), "cannot decode entry 0000000000000007 of the ledger");
    }
}
