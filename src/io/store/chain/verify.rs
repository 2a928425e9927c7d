//! Published records in, everything that is wrong with them out. Pure, and safe on any bytes.
//!
//! [`check`] looks at each record for itself and may run in several threads; [`Verifier`] puts the
//! results together and looks at the chain. The order of the records does not matter, since
//! violations overtake passages on their way.

use std::collections::HashMap;

use ed25519_dalek::{Signature, VerifyingKey, verify_batch};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Digest, Head, Proof, canonical, hash};
use crate::io::store::hex::Hex;
use crate::io::store::signer::PublicKey;

/// A line with its number in the input, counted from 1 over all files.
pub type NumberedLine = (u64, Vec<u8>);

/// Something wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(tag = "problem", rename_all = "snake_case")]
pub enum Problem {
    /// The line is no published record.
    Malformed {
        /// Line number.
        line: u64,
        /// Why.
        reason: String,
    },
    /// The record is not the one that was sealed.
    Altered {
        /// Its sequence.
        seq: u64,
        /// Line number.
        line: u64,
    },
    /// The proof names a key that was not given.
    UnknownKey {
        /// Its sequence.
        seq: u64,
        /// Line number.
        line: u64,
        /// The key that is named.
        key: Hex<8>,
    },
    /// The signature was not made with the key that is named.
    BadSignature {
        /// Its sequence.
        seq: u64,
        /// Line number.
        line: u64,
    },
    /// The same record again.
    Duplicate {
        /// Its sequence.
        seq: u64,
        /// Line number of the repetition.
        line: u64,
    },
    /// Another record with the same sequence.
    Conflict {
        /// Its sequence.
        seq: u64,
        /// Line number of the later one.
        line: u64,
    },
    /// Records are missing.
    Gap {
        /// First missing sequence.
        first: u64,
        /// Last missing sequence.
        last: u64,
    },
    /// The record does not follow the one before it.
    BrokenLink {
        /// Its sequence.
        seq: u64,
    },
}

/// Keys that may have signed.
#[derive(Clone, Debug, Default)]
pub struct Keys(HashMap<Hex<8>, PublicKey>);

impl FromIterator<PublicKey> for Keys {
    fn from_iter<I: IntoIterator<Item = PublicKey>>(keys: I) -> Self {
        Self(keys.into_iter().map(|key| (key.key_id(), key)).collect())
    }
}

/// What matters of a record for the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Link {
    seq: u64,
    line: u64,
    prev: Digest,
    hash: Digest,
}

/// The records of some lines, each looked at for itself.
#[derive(Debug, Default)]
pub struct Checked {
    lines: u64,
    links: Vec<Link>,
    problems: Vec<Problem>,
}

impl Checked {
    /// A line that cannot be looked at.
    pub fn malformed(line: u64, reason: &str) -> Self {
        let reason = reason.to_owned();
        Self { lines: 1, links: Vec::new(), problems: vec![Problem::Malformed { line, reason }] }
    }
}

#[derive(Deserialize)]
struct Published<'a> {
    #[serde(borrow)]
    record: &'a RawValue,
    proof: Proof,
}

/// Looks at each line for itself: form, hash, key, signature. Blank lines are skipped.
pub fn check(keys: &Keys, lines: &[NumberedLine]) -> Checked {
    let mut checked = Checked::default();
    let mut signed: Vec<(Link, Signature, VerifyingKey)> = Vec::with_capacity(lines.len());
    for (line, text) in lines {
        let line = *line;
        if text.trim_ascii().is_empty() {
            continue;
        }
        checked.lines += 1;
        let published: Published<'_> = match serde_json::from_slice(text) {
            Ok(published) => published,
            Err(error) => {
                let reason = error.to_string();
                checked.problems.push(Problem::Malformed { line, reason });
                continue;
            }
        };
        let proof = published.proof;
        let seq = proof.seq;
        let link = Link { seq, line, prev: proof.prev, hash: proof.hash };
        checked.links.push(link);
        if !is_sealed_record(&proof, published.record.get()) {
            checked.problems.push(Problem::Altered { seq, line });
        }
        match keys.0.get(&proof.key) {
            Some(key) => signed.push((link, Signature::from_bytes(&proof.sig.0), key.0)),
            None => {
                let key = proof.key;
                checked.problems.push(Problem::UnknownKey { seq, line, key });
            }
        }
    }
    check_signatures(&signed, &mut checked.problems);
    checked
}

/// Whether the hash is that of this record, as it stands or in canonical form.
fn is_sealed_record(proof: &Proof, record: &str) -> bool {
    if hash(&proof.prev, record.as_bytes()) == proof.hash {
        return true;
    }
    let value: Result<serde_json::Value, _> = serde_json::from_str(record);
    let canonical = value.and_then(|value| canonical(&value));
    canonical.is_ok_and(|record| hash(&proof.prev, &record) == proof.hash)
}

/// All at once, which is twice as fast; one by one when that fails, to find out which.
fn check_signatures(signed: &[(Link, Signature, VerifyingKey)], problems: &mut Vec<Problem>) {
    let messages: Vec<&[u8]> = signed.iter().map(|(link, ..)| &link.hash.0[..]).collect();
    let signatures: Vec<Signature> = signed.iter().map(|(_, sig, _)| *sig).collect();
    let keys: Vec<VerifyingKey> = signed.iter().map(|(.., key)| *key).collect();
    if verify_batch(&messages, &signatures, &keys).is_ok() {
        return;
    }
    for (link, signature, key) in signed {
        if key.verify_strict(&link.hash.0, signature).is_err() {
            let (seq, line) = (link.seq, link.line);
            problems.push(Problem::BadSignature { seq, line });
        }
    }
}

/// What was found in all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Report {
    /// Lines that were looked at, without blank ones.
    pub lines: u64,
    /// Different sequences.
    pub records: u64,
    /// First sequence and the place before it; what came earlier was not given.
    pub after: Option<Head>,
    /// Last sequence and its hash.
    pub head: Option<Head>,
    /// Everything that is wrong, by kind and sequence.
    pub problems: Vec<Problem>,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_good(&self) -> bool {
        self.problems.is_empty() && self.records > 0
    }
}

/// Puts the parts together.
#[derive(Debug, Default)]
pub struct Verifier {
    all: Checked,
    tolerate_duplicates: bool,
}

impl Verifier {
    /// `tolerate_duplicates`: the same record twice is normal where delivery is at least once.
    pub fn new(tolerate_duplicates: bool) -> Self {
        Self { all: Checked::default(), tolerate_duplicates }
    }

    /// Takes a part.
    pub fn absorb(&mut self, part: Checked) {
        self.all.lines += part.lines;
        self.all.links.extend(part.links);
        self.all.problems.extend(part.problems);
    }

    /// Looks at the chain.
    pub fn finish(self) -> Report {
        let Checked { lines, mut links, mut problems } = self.all;
        links.sort_unstable();
        let mut previous: Option<Link> = None;
        let mut records = 0;
        for link in &links {
            let (seq, line) = (link.seq, link.line);
            match previous {
                Some(before) if before.seq == seq => {
                    if (before.hash, before.prev) != (link.hash, link.prev) {
                        problems.push(Problem::Conflict { seq, line });
                    } else if !self.tolerate_duplicates {
                        problems.push(Problem::Duplicate { seq, line });
                    }
                    continue;
                }
                before => problems.extend(step(before.as_ref(), link)),
            }
            records += 1;
            previous = Some(*link);
        }
        problems.sort_unstable();
        Report {
            lines,
            records,
            after: links
                .first()
                .map(|link| Head { seq: link.seq.saturating_sub(1), hash: link.prev }),
            head: previous.map(|link| Head { seq: link.seq, hash: link.hash }),
            problems,
        }
    }
}

/// What is wrong between a record and the one before it.
fn step(before: Option<&Link>, link: &Link) -> Option<Problem> {
    let seq = link.seq;
    let broken = Problem::BrokenLink { seq };
    match before {
        None if seq == 0 => Some(broken),
        None => (seq == 1 && link.prev != Digest::default()).then_some(broken),
        Some(before) if before.seq + 1 == seq => (before.hash != link.prev).then_some(broken),
        Some(before) => Some(Problem::Gap { first: before.seq + 1, last: seq - 1 }),
    }
}
