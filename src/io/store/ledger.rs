//! The alibi memory: sealed records with their proofs, never rewritten.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

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

/// The records from `from` to `to`, both included, in order.
pub(super) fn range(
    trees: &Trees,
    from: u64,
    to: u64,
) -> impl Iterator<Item = Result<SealedRecord, StoreError>> + use<> {
    let ledger = trees.get(TreeName::Ledger);
    let entries = (from <= to).then(|| ledger.range(number_key(from)..=number_key(to)));
    entries.into_iter().flatten().map(|entry| {
        let (key, value) = entry.map_err(StoreError::read(TreeName::Ledger))?;
        Stored::decode(&key, &value)
    })
}
