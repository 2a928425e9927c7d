//! Makes room among the pictures, by value: pictures of compliant passages go first, then those of
//! delivered violations. A picture of a record that still waits for the platform, or of an input
//! that waits for the pipeline, never goes. Each eviction is told by a sealed record before the files are
//! removed.

use std::collections::{BTreeMap, HashSet};

use crate::clock::{Clock, Timestamp};
use crate::io::pictures::PictureFolder;
use crate::pipeline::record::{Channel, Evicted as What, Eviction, EvictionReason, Record};
use crate::pipeline::{Action, Input, Seal};
use crate::units::{Lane, Micros};

use super::outbox::OutboxItem;
use super::{Origin, Store, StoreError};

/// Entries of the outbox that are looked at together.
const CHUNK: usize = 1_000;

/// When pictures go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EvidenceRules {
    /// Bytes of the folder beyond which room is made, down to `low_bytes`.
    pub high_bytes: u64,
    /// Bytes that are left then.
    pub low_bytes: u64,
    /// Days that a picture is kept at most; as long as there is room when `None`.
    pub days: Option<u32>,
    /// Free bytes of the disk below which pictures go, however few there are.
    pub min_free_bytes: u64,
    /// A file younger than this stays: a camera may just be bringing the same bytes again.
    pub settled: Micros,
}

impl EvidenceRules {
    /// Of a folder that takes `limit` bytes: room is made from 90 % of it down to 80 %. Our choice,
    /// so that the doors need not wait for it.
    pub fn of(limit: u64, days: Option<u32>) -> Self {
        let tenth = limit / 10;
        let settled = Micros::from_secs(3_600);
        Self { high_bytes: tenth * 9, low_bytes: tenth * 8, days, min_free_bytes: 0, settled }
    }
}

/// What went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evicted {
    /// Pictures.
    pub pictures: u64,
    /// Their bytes, as their records tell them.
    pub bytes: u64,
    /// First and last sequence of their records.
    pub span: Option<(u64, u64)>,
}

/// The store with its pictures.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// Where the records are.
    pub store: Store,
    /// Where the pictures are.
    pub pictures: PictureFolder,
    /// Who writes the audit record.
    pub origin: Origin,
    /// The time.
    pub clock: Clock,
    /// When pictures go.
    pub rules: EvidenceRules,
}

/// Pictures that may go, by digest.
type Victims = BTreeMap<String, Victim>;

/// A picture that may go.
#[derive(Clone, Copy, Debug)]
struct Victim {
    /// Sequence of its record.
    seq: u64,
    lane: Option<Lane>,
    bytes: u64,
}

impl Evidence {
    /// Makes room if it is due; `aged` also looks at the age of every record, which takes seconds
    /// on a large ledger and is enough once a day.
    ///
    /// # Errors
    /// Those of the store; then nothing was removed.
    pub async fn sweep(&self, aged: bool) -> Result<Evicted, StoreError> {
        let planner = self.clone();
        let planned = tokio::task::spawn_blocking(move || planner.plan(aged)).await;
        let victims = planned.unwrap_or(Err(StoreError::Closed))?;
        if victims.is_empty() {
            return Ok(Evicted::default());
        }
        let evicted = Evicted::of(&victims);
        self.store.commit(vec![self.tombstone(&victims)]).await?;
        let remover = self.clone();
        let removed = tokio::task::spawn_blocking(move || remover.remove(victims)).await;
        removed.unwrap_or(Err(StoreError::Closed))?;
        Ok(evicted)
    }

    /// Bytes beyond what the folder and the disk have room for.
    fn to_free(&self) -> u64 {
        let held = self.pictures.counts().bytes;
        let full = held >= self.rules.high_bytes;
        let beyond = if full { held.saturating_sub(self.rules.low_bytes) } else { 0 };
        let short = self.rules.min_free_bytes.saturating_sub(self.store.free_bytes());
        beyond.max(short)
    }

    fn plan(&self, aged: bool) -> Result<Victims, StoreError> {
        let mut to_free = self.to_free();
        let mut victims = Victims::new();
        let aged = aged && self.rules.days.is_some();
        if to_free == 0 && !aged {
            return Ok(victims);
        }
        let (kept, before) = (self.kept()?, self.settled_before());
        for compliant in [true, false] {
            for sealed in self.store.export(1, u64::MAX)? {
                let Ok(sealed) = sealed else { continue };
                if to_free == 0 && !(aged && self.is_too_old(sealed.sealed_at)) {
                    break;
                }
                let record = serde_json::from_slice::<Record>(&sealed.record_json);
                let Some(record) = record.ok().filter(|r| is_compliant(r) == compliant) else {
                    continue;
                };
                for picture in record.pictures() {
                    let digest = &picture.sha256;
                    if kept.contains(digest) || victims.contains_key(digest) {
                        continue;
                    }
                    if self.pictures.is_settled(digest, before) {
                        to_free = to_free.saturating_sub(picture.bytes);
                        let (seq, lane, bytes) = (sealed.seq, record.lane(), picture.bytes);
                        victims.insert(digest.clone(), Victim { seq, lane, bytes });
                    }
                }
            }
        }
        Ok(victims)
    }

    /// Files have the system's time, whatever our clock is scaled to.
    fn settled_before(&self) -> Timestamp {
        Timestamp(Clock::wall().0 - self.rules.settled.0)
    }

    fn is_too_old(&self, sealed_at: Timestamp) -> bool {
        let most = |days: u32| Micros::from_secs(i64::from(days) * 86_400);
        self.rules.days.is_some_and(|days| self.clock.now() - sealed_at > most(days))
    }

    /// Digests of the pictures that must stay.
    fn kept(&self) -> Result<HashSet<String>, StoreError> {
        let mut kept = HashSet::new();
        for (_, arrival) in self.store.pending()? {
            if let Input::PlateRead(read) = arrival.input {
                kept.extend(read.pictures.into_iter().map(|picture| picture.sha256));
            }
        }
        for (_, aside) in self.store.asides()? {
            self.keep(&aside.what, &mut kept)?;
        }
        let mut after = None;
        loop {
            let entries = self.store.outbox_next(after, CHUNK)?;
            let Some(last) = entries.last() else { return Ok(kept) };
            after = Some(last.key);
            for entry in &entries {
                self.keep(&entry.what, &mut kept)?;
            }
        }
    }

    fn keep(&self, waiting: &OutboxItem, kept: &mut HashSet<String>) -> Result<(), StoreError> {
        match waiting {
            OutboxItem::Picture { picture, .. } => {
                kept.insert(picture.sha256.clone());
            }
            OutboxItem::Record { seq, .. } => {
                let json = self.store.sealed(*seq)?.map(|sealed| sealed.record_json);
                let record = json.and_then(|json| serde_json::from_slice::<Record>(&json).ok());
                let pictures = record.iter().flat_map(Record::pictures);
                kept.extend(pictures.map(|picture| picture.sha256.clone()));
            }
        }
        Ok(())
    }

    fn tombstone(&self, victims: &Victims) -> Action {
        let short = self.to_free() > 0;
        let reason = if short { EvictionReason::Room } else { EvictionReason::Age };
        let mut eviction = Eviction::new(What::Pictures, reason);
        for victim in victims.values() {
            eviction.note(victim.seq, victim.lane, victim.bytes);
        }
        let record = self.origin.eviction(self.clock.now(), eviction.in_order());
        Action::Seal(Box::new(Seal { record, raw: Vec::new(), consumes: Vec::new() }))
    }

    /// What a record that was sealed meanwhile needs stays after all.
    fn remove(&self, victims: Victims) -> Result<(), StoreError> {
        let (kept, before) = (self.kept()?, self.settled_before());
        for digest in victims.into_keys().filter(|digest| !kept.contains(digest)) {
            if !self.pictures.is_settled(&digest, before) {
                continue;
            }
            if let Err(error) = self.pictures.remove(&digest) {
                tracing::error!(error = &error as &dyn std::error::Error, "a picture stays");
            }
        }
        Ok(())
    }
}

impl Evicted {
    fn of(victims: &Victims) -> Self {
        let seqs = || victims.values().map(|victim| victim.seq);
        Self {
            pictures: victims.len() as u64,
            bytes: victims.values().map(|victim| victim.bytes).sum(),
            span: seqs().min().zip(seqs().max()),
        }
    }
}

/// Whether nobody has to act on it.
fn is_compliant(record: &Record) -> bool {
    record.channels() == [Channel::Passage]
}
