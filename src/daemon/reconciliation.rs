//! Makes the hourly and daily figures: one sealed record for each period that is over, also for
//! those that passed while the daemon was down.
//!
//! In: the ledger and the time. Out: records, each in one commit with the place where the next one
//! begins, so that neither a crash nor a second try makes two of them. It never looks at a record
//! that is not sealed.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::clock::{Clock, Timestamp};
use crate::io::store::{Origin, Store, StoreError};
use crate::pipeline::record::reconciliation::{Cursor, Due, Period, Reconciliation, Tally};
use crate::pipeline::record::{Body, Record};
use crate::pipeline::{Action, Known, Seal};
use crate::units::Micros;

/// How long after its end a period is closed: what was sealed at the last moment is on the disk
/// then. Our choice: many times a commit; what is later still counts in the next period.
const SETTLE: Micros = Micros::from_secs(5);

/// Pause after the store could not be read or written.
const RETRY: Duration = Duration::from_secs(10);

/// So long a clock that is not shown to be right, and is behind what was told, is not believed: without
/// battery one begins years ago until the time server answers. Our choice: who has no time server is a
/// day without figures at most.
const DISBELIEF: Micros = Micros::from_secs(86_400);

/// When it is looked at again meanwhile.
const LOOK_AGAIN: Micros = Micros::from_secs(60);

/// The task.
#[derive(Debug)]
pub struct Reconciler {
    store: Store,
    origin: Origin,
    clock: Clock,
    cursors: Vec<(Period, Cursor)>,
    /// Since when the clock has been behind them.
    behind_since: Option<Timestamp>,
}

impl Reconciler {
    /// One that goes on where the run before stopped, or begins with the record behind the head.
    /// To be made before anything is sealed.
    pub fn new(store: Store, origin: Origin, clock: Clock, known: &[Known]) -> Self {
        let now = clock.now();
        let head = store.status().head;
        let fresh = |period: Period| Cursor {
            from: period.start(now),
            first_seq: head.seq + 1,
            hash: head.hash.to_string(),
            again: 0,
        };
        let cursor = |period| {
            let mut found = known.iter().filter_map(Known::as_reconciled);
            let found = found.find(|(known, _)| *known == period);
            (period, found.map_or_else(|| fresh(period), |(_, cursor)| cursor.clone()))
        };
        let cursors = Period::ALL.map(cursor).to_vec();
        Self { store, origin, clock, cursors, behind_since: None }
    }

    /// Makes what is due until `stop`.
    pub async fn run(mut self, stop: CancellationToken) {
        let begun: Vec<Known> =
            self.cursors.iter().map(|(period, c)| Known::reconciled(*period, c.clone())).collect();
        let mut failing = match self.store.commit_with(Vec::new(), &begun).await {
            Ok(_) => false,
            Err(error) => self.failed(&error, false),
        };
        loop {
            let pause = match self.turn().await {
                Ok(wake) => {
                    failing = false;
                    self.clock.real(wake - self.clock.now())
                }
                Err(error) => {
                    failing = self.failed(&error, failing);
                    RETRY
                }
            };
            if stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
                return;
            }
        }
    }

    /// Tells of a failure once; always true.
    fn failed(&self, error: &StoreError, told: bool) -> bool {
        if !told {
            let error = error as &dyn std::error::Error;
            tracing::warn!(error, "the figures of a period wait until the store takes them");
        }
        true
    }

    /// Makes everything that is due; when to look again.
    async fn turn(&mut self) -> Result<Timestamp, StoreError> {
        let mut wake = Timestamp(i64::MAX);
        for place in 0..self.cursors.len() {
            wake = wake.min(self.catch_up(place).await?);
        }
        Ok(wake)
    }

    async fn catch_up(&mut self, place: usize) -> Result<Timestamp, StoreError> {
        loop {
            let (period, cursor) = self.cursors[place].clone();
            let now = self.clock.now();
            match cursor.due(period, Timestamp(now.0.saturating_sub(SETTLE.0))) {
                Due::At(end) => return Ok(end + SETTLE),
                Due::Behind(_) if self.disbelieves(now) => return Ok(now + LOOK_AGAIN),
                Due::Behind(from) => self.cursors[place].1.set_back(from),
                Due::Now(end) => {
                    let (figures, next) = self.count(period, cursor.clone(), end).await?;
                    let known = [Known::reconciled(period, next.clone())];
                    self.store.commit_with(vec![self.seal(figures, &cursor, now)], &known).await?;
                    self.cursors[place].1 = next;
                }
            }
        }
    }

    /// Whether what was told stands against a clock that is behind it.
    fn disbelieves(&mut self, now: Timestamp) -> bool {
        let since = *self.behind_since.get_or_insert(now);
        !self.clock.is_right() && now - since < DISBELIEF
    }

    /// Reads the stretch of the ledger, on a thread that may block.
    async fn count(
        &self,
        period: Period,
        cursor: Cursor,
        to: Timestamp,
    ) -> Result<(Reconciliation, Cursor), StoreError> {
        let (store, clock) = (self.store.clone(), self.clock);
        let counted = tokio::task::spawn_blocking(move || {
            let now = clock.now();
            let mut tally = Tally::default();
            for sealed in store.export(cursor.first_seq, u64::MAX)? {
                let Ok(sealed) = sealed else { continue };
                // a stamp beyond now is of a clock that was wrong: it counts where it lies
                if sealed.sealed_at >= to && sealed.sealed_at <= now {
                    break;
                }
                if let Ok(record) = serde_json::from_slice::<Record>(&sealed.record_json) {
                    tally.add(sealed.seq, sealed.proof.hash.to_string(), &record);
                }
            }
            let first_kept = store.status().anchor.seq + 1;
            Ok(tally.close(period, &cursor, to, (first_kept, clock.system_state())))
        });
        counted.await.unwrap_or(Err(StoreError::Closed))
    }

    fn seal(&self, figures: Reconciliation, cursor: &Cursor, now: Timestamp) -> Action {
        let id = figures.id(&self.origin.site.id, cursor);
        let record = self.origin.record(id, now, Body::Reconciliation(Box::new(figures)));
        Action::Seal(Box::new(Seal { record, raw: Vec::new(), consumes: Vec::new() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::store::{Signer, StoreOptions};

    /// One whose clock is a day behind what was told.
    fn behind(store: &Store, clock: Clock) -> Reconciler {
        let from = Period::Hour.start(clock.now() + Micros::from_secs(86_400));
        let cursor = Cursor { from, first_seq: 1, hash: "00".repeat(32), again: 0 };
        let known = [Known::reconciled(Period::Hour, cursor)];
        Reconciler::new(store.clone(), Origin::default(), clock, &known)
    }

    #[tokio::test]
    async fn a_clock_that_is_not_shown_to_be_right_sets_nothing_back_within_a_day() {
        let dir = tempfile::TempDir::new().expect("a directory");
        let (right, wrong) =
            (Clock::scaled(Clock::wall(), 2), Clock::system_set_by(Micros::from_secs(60)));
        let opened = Store::open(&StoreOptions::at(dir.path()), Signer::from_seed(&[7; 32]), right);
        let (store, _) = opened.expect("opened");
        let mut reconciler = behind(&store, right);
        reconciler.catch_up(0).await.expect("looked at");
        assert_eq!(reconciler.cursors[0].1.again, 1, "by a clock that is right");
        let mut reconciler = behind(&store, wrong);
        let told = reconciler.cursors[0].1.clone();
        let again = reconciler.catch_up(0).await.expect("looked at");
        assert_eq!(reconciler.cursors[0].1, told);
        assert!(again - wrong.now() <= LOOK_AGAIN);
        reconciler.behind_since = Some(wrong.now() + Micros(-DISBELIEF.0));
        reconciler.catch_up(0).await.expect("looked at");
        assert_eq!(reconciler.cursors[0].1.again, 1, "after a day of it");
    }
}
