//! The chain over everything that leaves: canonical JSON, hash, proof, payload. Used by the store
//! when it seals and by whoever verifies.
//!
//! `hash = SHA-256(previous hash ‖ canonical record)`, where the first previous hash is 32 zero
//! bytes, and `sig = Ed25519(hash)`. It never touches a disk and never asks the time.

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
    /// SHA-256 over `prev` and the record's canonical bytes.
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
}

/// Canonical JSON (RFC 8785). Its numbers are IEEE doubles: integers beyond 2⁵³ are rounded
/// there, as in every reader of JSON.
///
/// # Errors
/// When `value` has no JSON form, such as a map with keys that are no strings.
pub fn canonical<T: Serialize>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    serde_json_canonicalizer::to_vec(value)
}

/// Hash of a record that follows `prev`.
pub fn hash(prev: &Digest, canonical_record: &[u8]) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update(prev.0);
    hasher.update(canonical_record);
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
        let hash = hash(&head.hash, canonical_record);
        Self { seq: head.seq + 1, prev: head.hash, hash }
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
