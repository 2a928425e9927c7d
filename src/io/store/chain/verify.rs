//! Published records in, everything that is wrong with them out. Pure, and safe on any bytes.
//!
//! [`check`] looks at each record for itself and may run in several threads; [`Verifier`] puts the
//! results together, follows the keys and looks at the chain. The order of the records does not
//! matter, since violations overtake passages on their way.

use std::collections::{HashMap, HashSet};

use ed25519_dalek::{Signature, VerifyingKey, verify_batch};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Digest, Head, Proof, canonical};
use crate::io::store::hex::Hex;
use crate::io::store::rotation::{self, KEY_INTRODUCED};
use crate::io::store::signer::PublicKey;
use crate::pipeline::record::{Body, Evicted, Record, Span};

mod report;
mod trust;
mod unique;

pub use report::{Problem, Report};

use trust::{Signed, Word};
use unique::Unique;

/// A line with its number in the input, counted from 1 over all files.
pub type NumberedLine = (u64, Vec<u8>);

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
    /// Records that say something about others.
    words: Vec<Word>,
    /// Records of keys that were not given.
    strange: Vec<Signed>,
}

impl Checked {
    /// What is wrong with the records, each for itself; a key that was not given may still be
    /// introduced by another record.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// A line that cannot be looked at.
    pub fn malformed(line: u64, reason: &str) -> Self {
        let reason = reason.to_owned();
        let problems = vec![Problem::Malformed { line, reason }];
        Self { lines: 1, problems, ..Self::default() }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Published<'a> {
    #[serde(borrow)]
    record: &'a RawValue,
    proof: Proof,
}

/// Looks at each line for itself: form, hash, key, signature. Blank lines are skipped.
pub fn check(keys: &Keys, lines: &[NumberedLine]) -> Checked {
    let mut checked = Checked::default();
    let mut signed: Vec<(Signed, VerifyingKey)> = Vec::with_capacity(lines.len());
    for (line, text) in lines {
        if text.trim_ascii().is_empty() {
            continue;
        }
        checked.lines += 1;
        if let Some(record) = checked.take(*line, text) {
            match keys.0.get(&record.key) {
                Some(key) => signed.push((record, key.0)),
                None => checked.strange.push(record),
            }
        }
    }
    let forged = trust::forged(&signed);
    let mut bad: HashSet<u64> = forged.iter().filter_map(Problem::line).collect();
    checked.problems.extend(forged);
    bad.extend(checked.problems.iter().filter_map(Problem::line));
    checked.words.retain(|word| !bad.contains(&word.line));
    checked
}

impl Checked {
    /// One line, up to its signature.
    fn take(&mut self, line: u64, text: &[u8]) -> Option<Signed> {
        let published: Published<'_> = match serde_json::from_slice(text) {
            Ok(published) => published,
            Err(error) => {
                let reason = error.to_string();
                self.problems.push(Problem::Malformed { line, reason });
                return None;
            }
        };
        let (proof, record) = (published.proof, published.record.get());
        let seq = proof.seq;
        let link = Link { seq, line, prev: proof.prev, hash: proof.hash };
        self.links.push(link);
        if !is_sealed_record(&proof, record) {
            self.problems.push(Problem::Altered { seq, line });
        }
        self.words.extend(Word::of(&link, record));
        Some(Signed { link, sig: Signature::from_bytes(&proof.sig.0), key: proof.key })
    }
}

/// Whether the hash is that of this record, as it stands or in canonical form. A name that stands twice
/// in an object is two values, of which each reader takes another.
pub fn is_sealed_record(proof: &Proof, record: &str) -> bool {
    if proof.fits(record.as_bytes()) {
        return true;
    }
    let value: Result<Unique, _> = serde_json::from_str(record);
    let canonical = value.and_then(|value| canonical(&value.0));
    canonical.is_ok_and(|record| proof.fits(&record))
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
        self.all.words.extend(part.words);
        self.all.strange.extend(part.strange);
    }

    /// Looks at the keys and at the chain.
    pub fn finish(self) -> Report {
        let Checked { lines, mut links, mut problems, words, strange } = self.all;
        let trusted = trust::follow(words, strange);
        problems.extend(trusted.problems);
        links.sort_unstable();
        let mut report = Report { lines, introduced: trusted.introduced, ..Report::default() };
        let mut previous: Option<Link> = None;
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
                Some(before) if before.seq + 1 < seq => {
                    let gap = Span { first: before.seq + 1, last: seq - 1 };
                    let missing = unexplained(gap, &trusted.evicted);
                    report.evicted += gap.last - gap.first + 1;
                    for Span { first, last } in missing {
                        report.evicted -= last - first + 1;
                        problems.push(Problem::Gap { first, last });
                    }
                }
                before => problems.extend(broken(before.as_ref(), link)),
            }
            report.records += 1;
            previous = Some(*link);
        }
        problems.sort_unstable();
        let first = links.first();
        report.after = first.map(|link| Head { seq: link.seq.saturating_sub(1), hash: link.prev });
        report.head = previous.map(|link| Head { seq: link.seq, hash: link.hash });
        report.problems = problems;
        report
    }
}

/// What of a gap no record explains; `evicted` is sorted and does not overlap.
fn unexplained(gap: Span, evicted: &[Span]) -> Vec<Span> {
    let mut missing = Vec::new();
    let mut next = gap.first;
    let near = evicted.partition_point(|span| span.last < gap.first);
    for span in evicted[near..].iter().take_while(|span| span.first <= gap.last) {
        if span.first > next {
            missing.push(Span { first: next, last: span.first - 1 });
        }
        next = span.last.saturating_add(1);
    }
    if next <= gap.last {
        missing.push(Span { first: next, last: gap.last });
    }
    missing
}

/// Whether a record does not follow the one before it.
fn broken(before: Option<&Link>, link: &Link) -> Option<Problem> {
    let seq = link.seq;
    let follows = match before {
        None => seq > 1 || (seq == 1 && link.prev == Digest::default()),
        Some(before) => before.hash == link.prev,
    };
    (!follows).then_some(Problem::BrokenLink { seq })
}
