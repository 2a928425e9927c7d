//! The chain over everything that leaves: canonical JSON, hash, proof, payload. Used by the store
//! when it seals and by whoever verifies.
//!
//! `hash = SHA-256(previous hash ‖ sequence ‖ canonical record)`, where the first previous hash is 32
//! zero bytes and the sequence 8 bytes, the highest first, and `sig = Ed25519(hash)`. It never touches a
//! disk and never asks the time.

use bytes::Bytes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::hex::{Digest, Hex};
use super::signer::Signer;

pub mod verify;

/// A place in the chain: the last record before it and its hash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Head {
    /// Sequence; 0 before the first record.
    pub seq: u64,
    /// Hash; zeros before the first record.
    pub hash: Digest,
}

/// What proves a record's place and origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// Sequence, gap-free from 1 for each site.
    pub seq: u64,
    /// Hash of the record before it; zeros for the first.
    pub prev: Digest,
    /// SHA-256 over `prev`, `seq` (8 bytes, the highest first) and the record's canonical bytes.
    pub hash: Digest,
    /// Ed25519 signature of the 32 bytes of `hash`.
    pub sig: Hex<64>,
    /// First 8 bytes of the SHA-256 of the public key.
    pub key: Hex<8>,
}

impl Proof {
    /// The place after this record.
    pub fn head(&self) -> Head {
        Head { seq: self.seq, hash: self.hash }
    }

    /// Whether this is the hash of that record in this place. Records of the first versions have one
    /// without the sequence; nobody signs such any more.
    pub fn fits(&self, canonical_record: &[u8]) -> bool {
        let Self { seq, prev, hash: told, .. } = self;
        hash(prev, *seq, canonical_record) == *told || hash_of([&prev.0, canonical_record]) == *told
    }
}

/// Canonical JSON (RFC 8785). Its numbers are IEEE doubles: integers beyond 2⁵³ are rounded
/// there, as in every reader of JSON.
///
/// # Errors
/// When `value` has no JSON form, such as a map with keys that are no strings.
pub fn canonical<T: Serialize>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    serde_json_canonicalizer::to_vec(value)
}

/// Hash of a record that follows `prev` and has this sequence.
pub fn hash(prev: &Digest, seq: u64, canonical_record: &[u8]) -> Digest {
    hash_of([&prev.0, &seq.to_be_bytes(), canonical_record])
}

fn hash_of<const N: usize>(parts: [&[u8]; N]) -> Digest {
    let hasher = parts.into_iter().fold(Sha256::new(), |hasher, part| hasher.chain_update(part));
    Hex(hasher.finalize().into())
}

/// A record's place in the chain, not signed yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    seq: u64,
    prev: Digest,
    hash: Digest,
}

impl Place {
    /// That of `canonical_record` after `head`.
    pub(super) fn after(head: &Head, canonical_record: &[u8]) -> Self {
        let seq = head.seq + 1;
        Self { seq, prev: head.hash, hash: hash(&head.hash, seq, canonical_record) }
    }

    /// The place after this record.
    pub(super) fn head(&self) -> Head {
        Head { seq: self.seq, hash: self.hash }
    }

    pub(super) fn signed(self, signer: &Signer) -> Proof {
        let Self { seq, prev, hash } = self;
        Proof { seq, prev, hash, sig: signer.sign(&hash), key: signer.key_id() }
    }
}

/// What is published: `{"proof":…,"record":…}` with the record's canonical bytes as they were
/// hashed.
pub fn payload(canonical_record: &[u8], proof: &Proof) -> Bytes {
    let text = |bytes: &[u8]| hex::encode(bytes);
    let head = format!(
        r#"{{"proof":{{"hash":"{}","key":"{}","prev":"{}","seq":{},"sig":"{}"}},"record":"#,
        text(&proof.hash.0),
        text(&proof.key.0),
        text(&proof.prev.0),
        proof.seq,
        text(&proof.sig.0),
    );
    let mut payload = Vec::with_capacity(head.len() + canonical_record.len() + 1);
    payload.extend_from_slice(head.as_bytes());
    payload.extend_from_slice(canonical_record);
    payload.push(b'}');
    payload.into()
}

#[cfg(test)]
mod tests {
    use super::verify::{NumberedLine, Problem, Report, Verifier, check};
    use super::*;

    fn lines(placed: impl Fn(u64, &Digest, &[u8]) -> Digest) -> Vec<Proof> {
        let signer = Signer::from_seed(&[7; 32]);
        let mut head = Head::default();
        let mut proofs = Vec::new();
        for seq in 1..=3 {
            let hash = placed(seq, &head.hash, b"{}");
            let place = Place { seq, prev: head.hash, hash };
            head = place.head();
            proofs.push(place.signed(&signer));
        }
        proofs
    }

    fn verified(proofs: &[Proof]) -> Report {
        let keys = [Signer::from_seed(&[7; 32]).public_key()].into_iter().collect();
        let line = |(proof, line): (&Proof, u64)| (line, payload(b"{}", proof).to_vec());
        let lines: Vec<NumberedLine> = proofs.iter().zip(1..).map(line).collect();
        let mut verifier = Verifier::new(false);
        verifier.absorb(check(&keys, &lines));
        verifier.finish()
    }

    #[test]
    fn a_record_under_another_sequence_is_altered() {
        let mut proofs = lines(|seq, prev, record| hash(prev, seq, record));
        assert!(verified(&proofs).is_good());
        proofs[2].seq = 4;
        let problems =
            vec![Problem::Altered { seq: 4, line: 3 }, Problem::Gap { first: 3, last: 3 }];
        assert_eq!(verified(&proofs).problems, problems);
    }

    #[test]
    fn records_of_the_first_versions_still_prove_themselves() {
        let proofs = lines(|_, prev, record| hash_of([&prev.0, record]));
        assert!(verified(&proofs).is_good());
    }
}
