//! 日清月结: each hour and each day has exactly one sealed record with its figures, also across
//! restarts and downtime, and the figures are those of the ledger.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod store_support;

use std::time::Duration;

use store_support::*;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use wimd::clock::{Clock, Timestamp};
use wimd::daemon::reconciliation::Reconciler;
use wimd::io::store::{Lane, Origin, Store, StoreOptions};
use wimd::pipeline::record::reconciliation::{Period, Reconciliation};
use wimd::pipeline::record::{Body, Record, Site};
use wimd::units::Micros;

/// An hour is a second.
const SPEED_UP: u32 = 3_600;

const LIMIT: Duration = Duration::from_secs(60);

struct Running {
    store: Store,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

/// A store and its reconciler, by a clock that is so many hours ahead of the first one.
fn start(dir: &TempDir, first: Timestamp, hours: i64) -> Running {
    let clock = Clock::scaled(first + Micros::from_secs(-hours), SPEED_UP);
    let open = || Store::open(&StoreOptions::at(dir.path()), signer(), clock);
    let (store, _) = wait_until_free(open);
    let site = Site { id: "s1".into(), name: String::new().as_str().into() };
    let origin = Origin { site, ..Origin::default() };
    let known = store.known().unwrap();
    let reconciler = Reconciler::new(store.clone(), origin, clock, &known);
    let stop = CancellationToken::new();
    let task = tokio::spawn(reconciler.run(stop.clone()));
    Running { store, stop, task }
}

impl Running {
    /// Everything in the ledger, by sequence.
    fn records(&self) -> Vec<(u64, Record)> {
        let records = self.store.export(1, u64::MAX).unwrap().map(Result::unwrap);
        records.map(|r| (r.seq, serde_json::from_slice(&r.record_json).unwrap())).collect()
    }

    fn made(&self, period: Period) -> Vec<Reconciliation> {
        let bodies = self.records().into_iter().map(|(_, record)| record.body);
        let made = bodies.filter_map(|body| match body {
            Body::Reconciliation(made) if made.period == period => Some(*made),
            _ => None,
        });
        made.collect()
    }

    async fn until_made(&self, period: Period, count: usize) {
        let mut changed = self.store.outbox_changed();
        let made = async {
            while self.made(period).len() < count {
                changed.changed().await.unwrap();
            }
        };
        tokio::time::timeout(LIMIT, made).await.expect("they are made");
    }

    async fn seal(&self, numbers: std::ops::RangeInclusive<u64>) {
        self.store.commit(numbers.map(|n| seal(alarm_record(n), &[])).collect()).await.unwrap();
    }

    async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
        self.store.close().await.unwrap();
    }

    /// Ends it in the middle of whatever it does.
    async fn crash(self) {
        self.task.abort();
        let _aborted = self.task.await;
    }

    /// Periods and sequences follow each other without a gap, from the first record on, and the
    /// figures are those of the ledger.
    fn assert_reconciled(&self, period: Period) {
        let (records, made) = (self.records(), self.made(period));
        let mut next_seq = 1;
        for (place, figures) in made.iter().enumerate() {
            assert_eq!(figures.to, figures.from + period.length(), "{figures:?}");
            assert_eq!(figures.from, period.start(figures.from), "{figures:?}");
            if let Some(before) = place.checked_sub(1).map(|before| &made[before]) {
                assert_eq!(before.to, figures.from, "a period is missing or twice");
            }
            assert_eq!(figures.first_seq, next_seq);
            next_seq = figures.last_seq + 1;
            let counted = figures.first_seq..=figures.last_seq;
            let within = || records.iter().filter(|(seq, _)| counted.contains(seq));
            let alarms = within().filter(|(_, record)| matches!(record.body, Body::Alarm(_)));
            let ours = within().filter(|(_, r)| matches!(r.body, Body::Reconciliation(_)));
            let told = (figures.kinds.alarm, figures.kinds.reconciliation, figures.unreadable);
            assert_eq!(told, (alarms.count() as u64, ours.count() as u64, 0));
            let head = self.store.sealed(figures.last_seq).unwrap();
            let head = head.map_or("00".repeat(32), |sealed| sealed.proof.hash.to_string());
            assert_eq!(figures.head, head);
        }
    }
}

#[tokio::test]
async fn each_hour_and_day_has_one_reconciliation_across_restarts_crashes_and_downtime() {
    let dir = TempDir::new().unwrap();
    let first = Clock::wall();
    let run = start(&dir, first, 0);
    run.seal(1..=3).await;
    run.until_made(Period::Hour, 2).await;
    run.seal(4..=5).await;
    run.crash().await;

    // thirty hours later there is a midnight between
    let run = start(&dir, first, 30);
    run.until_made(Period::Hour, 30).await;
    run.until_made(Period::Day, 1).await;
    run.stop().await;

    let run = start(&dir, first, 60);
    run.seal(6..=6).await;
    run.until_made(Period::Hour, 61).await;
    run.until_made(Period::Day, 2).await;
    run.assert_reconciled(Period::Hour);
    run.assert_reconciled(Period::Day);
    let alarms: u64 = run.made(Period::Hour).iter().map(|figures| figures.kinds.alarm).sum();
    assert!(alarms >= 5, "{alarms}");
    run.stop().await;
}

#[tokio::test]
async fn a_reconciliation_waits_for_the_platform_in_the_second_lane() {
    let dir = TempDir::new().unwrap();
    let run = start(&dir, Clock::wall(), 0);
    run.until_made(Period::Hour, 1).await;
    let entries = run.store.outbox_next(None, 1).unwrap();
    assert_eq!(entries[0].key.lane, Lane::Second);
    run.stop().await;
}
