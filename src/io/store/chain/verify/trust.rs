//! Whose word counts: signatures, keys that introduce each other, and records that say which
//! others had to go.

use std::collections::{HashMap, HashSet};

use super::{
    Body, Evicted, Hex, KEY_INTRODUCED, Link, Problem, PublicKey, Record, Signature, Span,
    VerifyingKey, rotation, verify_batch,
};

/// Signatures that are checked together; beyond some hundred that gains nothing more.
const TOGETHER: usize = 1_024;

/// A record with a signature.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signed {
    pub(super) link: Link,
    pub(super) sig: Signature,
    /// Names the key.
    pub(super) key: Hex<8>,
}

/// What a record says about others.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub(super) line: u64,
    seq: u64,
    says: Says,
}

#[derive(Clone, Debug)]
enum Says {
    /// This key signs what comes after.
    Key(PublicKey),
    /// These records had to go.
    Evicted(Vec<Span>),
}

impl Word {
    /// Of a record, which is read only when it looks like one of them.
    pub(super) fn of(link: &Link, record: &str) -> Option<Self> {
        let looks = |text: &str| memchr::memmem::find(record.as_bytes(), text.as_bytes()).is_some();
        if !looks(KEY_INTRODUCED) && !looks(r#""eviction""#) {
            return None;
        }
        let record: Record = serde_json::from_str(record).ok()?;
        let says = match &record.body {
            Body::Eviction(eviction) if eviction.what == Evicted::Records => {
                Says::Evicted(eviction.spans.clone())
            }
            _ => Says::Key(rotation::introduced(&record)?),
        };
        Some(Self { line: link.line, seq: link.seq, says })
    }
}

/// What can be relied on, and what is wrong with the keys.
#[derive(Debug, Default)]
pub(super) struct Trusted {
    pub(super) problems: Vec<Problem>,
    /// In the order of their introduction.
    pub(super) introduced: Vec<Hex<8>>,
    /// Sorted and without overlap.
    pub(super) evicted: Vec<Span>,
}

/// Follows the keys from record to record: `words` are whole and, unless they are among `strange`,
/// signed with a key that was given. A key signs only what comes after its introduction.
pub(super) fn follow(words: Vec<Word>, mut strange: Vec<Signed>) -> Trusted {
    let mut trusted = Trusted::default();
    let mut keys: HashMap<Hex<8>, (u64, PublicKey)> = HashMap::new();
    let (mut waiting, mut spans) = (words, Vec::<Span>::new());
    loop {
        let unproven: HashSet<u64> = strange.iter().map(|one| one.link.line).collect();
        let (unheard, heard): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|word| unproven.contains(&word.line));
        waiting = unheard;
        for word in &heard {
            match &word.says {
                Says::Evicted(some) => spans.extend(some),
                Says::Key(key) => {
                    let since = keys.entry(key.key_id()).or_insert((word.seq, *key));
                    since.0 = since.0.min(word.seq);
                }
            }
        }
        let key_of = |one: &Signed| {
            keys.get(&one.key).filter(|(since, _)| *since < one.link.seq).map(|(_, key)| key.0)
        };
        let (known, unknown): (Vec<_>, Vec<_>) =
            strange.into_iter().partition(|one| key_of(one).is_some());
        strange = unknown;
        if known.is_empty() {
            break;
        }
        let known: Vec<_> =
            known.into_iter().filter_map(|one| key_of(&one).map(|key| (one, key))).collect();
        let forged = forged(&known);
        waiting.retain(|word| !forged.iter().any(|problem| problem.line() == Some(word.line)));
        trusted.problems.extend(forged);
    }
    trusted.problems.extend(strange.iter().map(|one| Problem::UnknownKey {
        seq: one.link.seq,
        line: one.link.line,
        key: one.key,
    }));
    let mut introduced: Vec<_> = keys.into_iter().map(|(id, (since, _))| (since, id)).collect();
    introduced.sort_unstable();
    trusted.introduced = introduced.into_iter().map(|(_, id)| id).collect();
    spans.retain(|span| span.first <= span.last);
    trusted.evicted = Span::in_order(spans);
    trusted
}

/// Records whose signature was not made with their key.
pub(super) fn forged(signed: &[(Signed, VerifyingKey)]) -> Vec<Problem> {
    signed.chunks(TOGETHER).flat_map(forged_together).collect()
}

/// All at once, which is twice as fast; one by one when that fails, to find out which.
fn forged_together(signed: &[(Signed, VerifyingKey)]) -> Vec<Problem> {
    let messages: Vec<&[u8]> = signed.iter().map(|(one, _)| &one.link.hash.0[..]).collect();
    let signatures: Vec<Signature> = signed.iter().map(|(one, _)| one.sig).collect();
    let keys: Vec<VerifyingKey> = signed.iter().map(|(_, key)| *key).collect();
    if verify_batch(&messages, &signatures, &keys).is_ok() {
        return Vec::new();
    }
    let wrong =
        signed.iter().filter(|(one, key)| key.verify_strict(&one.link.hash.0, &one.sig).is_err());
    wrong.map(|(one, _)| Problem::BadSignature { seq: one.link.seq, line: one.link.line }).collect()
}
