//! Makes room among the pictures, by value: pictures that nothing claims go first, then those of compliant
//! passages, then those of delivered violations. A picture of a record that still waits for the platform,
//! or of an input that waits for the pipeline, never goes. Each eviction is told by a sealed record before
//! the files are removed.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use crate::clock::{Clock, Timestamp};
use crate::io::pictures::PictureFolder;
use crate::pipeline::record::{Body, Channel, Evicted as What, Eviction, EvictionReason, Record};
use crate::pipeline::{Action, Seal};
use crate::units::{Lane, Micros};

use super::{Origin, Store, StoreError};

mod kept;
mod unclaimed;

use kept::Kept;

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
    /// Those of the pictures that nothing claimed.
    pub unclaimed: u64,
    /// First and last sequence of the records of the others.
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

/// What a sweep has to do.
#[derive(Clone, Copy, Debug)]
struct Due {
    /// Bytes.
    to_free: u64,
    /// Whether what is too old goes, too.
    aged: bool,
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
    /// Makes room if it is due; `aged` also looks at the age of every record and every file, which takes
    /// seconds on a large ledger and is enough once a day.
    ///
    /// # Errors
    /// Those of the store; then nothing more was removed.
    pub async fn sweep(&self, aged: bool) -> Result<Evicted, StoreError> {
        // a clock that is ahead would make everything old
        let aged = aged && self.rules.days.is_some() && self.clock.is_right();
        let due = Due { to_free: self.to_free(), aged };
        let unclaimed = self.sweep_unclaimed(due).await?;
        let claimed = self.sweep_claimed(due.after(unclaimed.bytes)).await?;
        Ok(unclaimed.and(claimed))
    }

    async fn sweep_claimed(&self, due: Due) -> Result<Evicted, StoreError> {
        let victims = self.beside(move |it| it.plan(due)).await?;
        if victims.is_empty() {
            return Ok(Evicted::default());
        }
        let evicted = Evicted::of(&victims);
        self.store.commit(vec![self.told_of(&victims, due)]).await?;
        self.beside(move |it| it.remove(victims)).await?;
        Ok(evicted)
    }

    /// Work that waits for the disk, beside the runtime's own threads.
    async fn beside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let worker = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&worker)).await;
        done.unwrap_or(Err(StoreError::Closed))
    }

    /// Bytes beyond what the folder and the disk have room for.
    fn to_free(&self) -> u64 {
        let held = self.pictures.counts().bytes;
        let full = held >= self.rules.high_bytes;
        let beyond = if full { held.saturating_sub(self.rules.low_bytes) } else { 0 };
        let short = self.rules.min_free_bytes.saturating_sub(self.store.free_bytes());
        beyond.max(short)
    }

    fn plan(&self, mut due: Due) -> Result<Victims, StoreError> {
        let mut victims = Victims::new();
        if !due.is_anything() {
            return Ok(victims);
        }
        let (before, kept) = (self.settled_before(), self.kept()?);
        for compliant in [true, false] {
            let span = (1, self.store.last_seq());
            self.store.each_sealed(span, |sealed| {
                let Ok(sealed) = sealed else { return ControlFlow::Continue(()) };
                if !due.has_to_go(|| self.is_too_old(sealed.sealed_at)) {
                    return ControlFlow::Break(());
                }
                let record = serde_json::from_slice::<Record>(&sealed.record_json);
                let Some(record) = record.ok().filter(|r| self.is_compliant(r) == compliant) else {
                    return ControlFlow::Continue(());
                };
                for picture in record.pictures() {
                    let digest = &picture.sha256;
                    if kept.contains(digest) || victims.contains_key(digest) {
                        continue;
                    }
                    if self.pictures.is_settled(digest, before) {
                        due = due.after(picture.bytes);
                        let (seq, lane, bytes) = (sealed.seq, record.lane(), picture.bytes);
                        victims.insert(digest.clone(), Victim { seq, lane, bytes });
                    }
                }
                ControlFlow::Continue(())
            })?;
        }
        Ok(victims)
    }

    /// Whether nobody has to act on it, nor on the record that it belongs to: what a camera tells once more
    /// shows the same vehicle.
    fn is_compliant(&self, record: &Record) -> bool {
        let of_a_case = |seq| {
            let sealed = self.store.sealed(seq).ok().flatten();
            let record =
                sealed.and_then(|it| serde_json::from_slice::<Record>(&it.record_json).ok());
            record.is_some_and(|record| !is_compliant(&record))
        };
        let belongs_to = match &record.body {
            Body::Supplement(alone) => alone.refers_to_seq,
            _ => None,
        };
        is_compliant(record) && !belongs_to.is_some_and(of_a_case)
    }

    /// Files have the system's time, whatever our clock is scaled to.
    fn settled_before(&self) -> Timestamp {
        Timestamp(Clock::wall().0 - self.rules.settled.0)
    }

    fn is_too_old(&self, sealed_at: Timestamp) -> bool {
        let most = |days: u32| Micros::from_secs(i64::from(days) * 86_400);
        self.rules.days.is_some_and(|days| self.clock.now() - sealed_at > most(days))
    }

    fn kept(&self) -> Result<Kept, StoreError> {
        Kept::of(&self.store)
    }

    fn told_of(&self, victims: &Victims, due: Due) -> Action {
        let mut eviction = Eviction::new(What::Pictures, due.reason());
        for victim in victims.values() {
            eviction.note(victim.seq, victim.lane, victim.bytes);
        }
        self.tombstone(eviction.in_order())
    }

    fn tombstone(&self, eviction: Eviction) -> Action {
        let record = self.origin.eviction(self.clock.now(), eviction);
        Action::Seal(Box::new(Seal { record, raw: Vec::new(), consumes: Vec::new() }))
    }

    /// What a record that was sealed meanwhile needs stays after all.
    fn remove(&self, victims: Victims) -> Result<(), StoreError> {
        let (before, kept) = (self.settled_before(), self.kept()?);
        for digest in victims.into_keys().filter(|digest| !kept.contains(digest)) {
            if let Err(error) = self.pictures.remove_if(&digest, |it| it.last <= before) {
                tracing::error!(error = &error as &dyn std::error::Error, "a picture stays");
            }
        }
        Ok(())
    }
}

impl Due {
    fn is_anything(self) -> bool {
        self.to_free > 0 || self.aged
    }

    /// Whether the next one goes.
    fn has_to_go(self, is_too_old: impl FnOnce() -> bool) -> bool {
        self.to_free > 0 || (self.aged && is_too_old())
    }

    /// What is still to be done when so many bytes are free.
    fn after(self, bytes: u64) -> Self {
        Self { to_free: self.to_free.saturating_sub(bytes), ..self }
    }

    fn reason(self) -> EvictionReason {
        if self.to_free > 0 { EvictionReason::Room } else { EvictionReason::Age }
    }
}

impl Evicted {
    fn of(victims: &Victims) -> Self {
        let seqs = || victims.values().map(|victim| victim.seq);
        Self {
            pictures: victims.len() as u64,
            bytes: victims.values().map(|victim| victim.bytes).sum(),
            unclaimed: 0,
            span: seqs().min().zip(seqs().max()),
        }
    }

    /// Of a picture that nothing claimed, if it went.
    fn of_unclaimed(bytes: Option<u64>) -> Self {
        let went = u64::from(bytes.is_some());
        Self { pictures: went, bytes: bytes.unwrap_or_default(), unclaimed: went, span: None }
    }

    fn and(self, more: Self) -> Self {
        Self {
            pictures: self.pictures + more.pictures,
            bytes: self.bytes + more.bytes,
            unclaimed: self.unclaimed + more.unclaimed,
            span: self.span.or(more.span),
        }
    }
}

/// Whether nobody has to act on it.
fn is_compliant(record: &Record) -> bool {
    record.channels() == [Channel::Passage]
}
