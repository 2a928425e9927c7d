//! Signatures of a commit. Each record's place in the chain depends on the record before it, its
//! signature does not: a signature costs ten times as much as everything before it, so a burst is
//! signed on all processors.

use std::num::NonZero;
use std::sync::OnceLock;
use std::thread::available_parallelism;

use crate::clock::Timestamp;
use crate::io::hands::side_by_side;

use super::super::chain::{Place, Proof};
use super::super::codec::{self, CodecError};
use super::super::error::StoreError;
use super::super::ledger::Stored;
use super::super::signer::Signer;
use super::super::trees::{TreeName, Write, number_key};
use super::Batch;

/// Records that are worth a thread of their own: some 80 µs of signatures, four times what it
/// takes to start one.
const WORTH_A_THREAD: usize = 4;

/// What became of a record that was to be sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::io::store) enum Sealed {
    /// It is sealed by this commit, with this sequence.
    Now(u64),
    /// An earlier commit had sealed it.
    Before(Proof),
}

impl Sealed {
    /// Its sequence.
    pub(in crate::io::store) fn seq(&self) -> u64 {
        match self {
            Self::Now(seq) => *seq,
            Self::Before(proof) => proof.seq,
        }
    }

    /// Its proof; `signed` are those of this commit, in order and without a gap.
    pub(in crate::io::store) fn proof(self, signed: &[Proof]) -> Option<Proof> {
        match self {
            Self::Before(proof) => Some(proof),
            Self::Now(seq) => {
                let first = signed.first()?.seq;
                signed.get(usize::try_from(seq.checked_sub(first)?).ok()?).copied()
            }
        }
    }
}

/// A record that has its place and no signature yet.
#[derive(Debug)]
pub(super) struct Unsigned {
    pub(super) id: String,
    pub(super) place: Place,
    pub(super) json: Vec<u8>,
    pub(super) raw: Vec<u8>,
}

impl Unsigned {
    /// Its proof and its stored form.
    fn sign(self, signer: &Signer, sealed_at: Timestamp) -> Result<(Proof, Vec<u8>), CodecError> {
        let proof = self.place.signed(signer);
        let stored = Stored {
            id: self.id,
            sealed_at,
            proof,
            record_json: self.json.into(),
            raw: self.raw.into(),
        };
        Ok((proof, codec::encode(&stored)?))
    }
}

impl Batch<'_> {
    /// Signs every record that was sealed since it was last called.
    pub(in crate::io::store) fn sign(&mut self, signer: &Signer) -> Result<(), StoreError> {
        let unsigned = std::mem::take(&mut self.unsigned);
        for signed in sign_all(unsigned, signer, self.now) {
            let (proof, value) = signed.map_err(StoreError::encode(TreeName::Ledger))?;
            self.state.ledger.add(8 + value.len());
            self.writes.push(Write::put(TreeName::Ledger, &number_key(proof.seq), value));
            self.signed.push(proof);
        }
        Ok(())
    }
}

type Signed = Result<(Proof, Vec<u8>), CodecError>;

/// In the order of the records.
fn sign_all(unsigned: Vec<Unsigned>, signer: &Signer, now: Timestamp) -> Vec<Signed> {
    let hands = (unsigned.len() / WORTH_A_THREAD).clamp(1, processors());
    let share = unsigned.len().div_ceil(hands);
    let mut unsigned = unsigned.into_iter();
    let shares = (0..hands).map(|_| unsigned.by_ref().take(share).collect()).collect();
    let sign = |share: Vec<Unsigned>| -> Vec<Signed> {
        share.into_iter().map(|record| record.sign(signer, now)).collect()
    };
    side_by_side(shares, sign).into_iter().flatten().collect()
}

/// Asking the system takes longer than a signature.
fn processors() -> usize {
    static PROCESSORS: OnceLock<usize> = OnceLock::new();
    *PROCESSORS.get_or_init(|| available_parallelism().map_or(1, NonZero::get))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::store::chain::{self, Head};

    #[test]
    fn however_many_are_signed_together_each_has_its_own_proof_in_order() {
        let signer = Signer::from_seed(&[7; 32]);
        for count in [0, 1, 7, 8, 9, 64, 257] {
            let mut head = Head::default();
            let mut unsigned = Vec::new();
            let mut expected = Vec::new();
            for n in 0..count {
                let json = format!("{{\"n\":{n}}}").into_bytes();
                let place = Place::after(&head, &json);
                head = place.head();
                let record =
                    || Unsigned { id: n.to_string(), place, json: json.clone(), raw: Vec::new() };
                expected.push(record().sign(&signer, Timestamp(5)).expect("encoded"));
                unsigned.push(record());
            }
            let signed = sign_all(unsigned, &signer, Timestamp(5));
            let signed: Vec<_> = signed.into_iter().map(|one| one.expect("encoded")).collect();
            assert_eq!(signed, expected);
            assert_eq!(signed.last().map_or(Head::default(), |(proof, _)| proof.head()), head);
            let forged = |proof: &Proof| proof.hash == chain::hash(&proof.prev, proof.seq, b"{}");
            assert!(!signed.iter().any(|(proof, _)| forged(proof)));
        }
    }
}
