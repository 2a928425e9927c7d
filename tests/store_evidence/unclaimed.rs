//! What nothing claims goes first; what anything claims stays, whoever comes while it is looked for.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, SystemTime};

use wimd::io::store::{
    Aside, AsideReason, Bounds, Compaction, OutboxEntry, OutboxItem, OutboxKey, StoreOptions,
};
use wimd::pipeline::record::EvictionReason;
use wimd::pipeline::{Arrival, Input};

use super::claims::{at_days_ago, put_known_since};
use super::*;

/// Of a folder that has been watched for so long that nothing in it is too young or too old.
pub(super) async fn long_known(rules: EvidenceRules) -> Scene {
    let scene = scene(rules, 0).await;
    scene.beside(|dir| put_known_since(dir, at_days_ago(100))).await
}

impl Scene {
    /// Works at the database of the closed store, and opens it again.
    pub(super) async fn beside(self, work: impl FnOnce(&Path)) -> Self {
        let Self { dir, evidence, stored } = self;
        let store = dir.path().join("store");
        evidence.store.clone().close().await.expect("closed");
        work(&store);
        let (store, _) = wait_until_free(|| try_open(&store));
        Self { dir, evidence: Evidence { store, ..evidence }, stored }
    }

    /// A picture that nothing names, which was brought so many days ago.
    pub(super) fn unclaimed(&self, n: u8, days: u64) -> StoredPicture {
        let folder = &self.evidence.pictures;
        let stored = picture(folder, n);
        let then = SystemTime::now() - Duration::from_secs(days * 86_400);
        let file = folder.open_picture(&stored.sha256).expect("it is there");
        file.set_modified(then).expect("its time is set");
        stored
    }

    /// Whether a record tells that unclaimed pictures had to go.
    pub(super) fn tells_of_unclaimed(&self) -> bool {
        let records = self.evidence.store.export(1, u64::MAX).expect("open").flatten();
        let is_told = |record: Record| matches!(record.body, Body::Eviction(eviction) if eviction.what == What::Unclaimed);
        let mut records = records.map(|it| serde_json::from_slice(&it.record_json));
        records.any(|record| is_told(record.expect("a record")))
    }

    pub(super) fn is_there(&self, stored: &StoredPicture) -> bool {
        self.evidence.pictures.read(&stored.sha256).is_ok()
    }

    /// Sweeps until it is told what goes, has `meanwhile` happen, and goes on.
    async fn sweep_while<F: Future>(&self, meanwhile: impl FnOnce() -> F) -> Evicted {
        let before = self.evidence.store.last_seq();
        let mut sweep = pin!(self.evidence.sweep(true));
        std::future::poll_fn(|context| {
            if self.evidence.store.last_seq() > before {
                return Poll::Ready(());
            }
            let swept = sweep.as_mut().poll(context);
            swept.map(|swept| panic!("nothing was told: {swept:?}"))
        })
        .await;
        meanwhile().await;
        sweep.await.expect("swept")
    }
}

/// Everything that may go is to go.
pub(super) fn all() -> EvidenceRules {
    rules(1, 0)
}

fn evicted(unclaimed: u64) -> Evicted {
    Evicted { pictures: unclaimed, bytes: unclaimed * BYTES, unclaimed, span: None }
}

#[tokio::test]
async fn unclaimed_pictures_go_before_those_of_compliant_passages_and_it_is_told() {
    let scene = long_known(rules(800, 600)).await;
    let nobodys = [80, 81].map(|n| scene.unclaimed(n, 3));
    assert_eq!(scene.sweep().await, evicted(2));
    assert_eq!(scene.left(), [1, 2, 3, 4, 5, 6]);
    assert!(!nobodys.iter().any(|stored| scene.is_there(stored)));
    let told = scene.told(7);
    assert_eq!((told.what, told.reason), (What::Unclaimed, EvictionReason::Room));
    assert_eq!((told.count(), told.bytes, told.unclaimed), (2, 2 * BYTES, Some(2)));
    assert_eq!((told.lanes, told.spans), (vec![], vec![]), "it concerns no record");
    let counts = scene.evidence.pictures.counts();
    assert_eq!((counts.unclaimed_removed, counts.unclaimed_bytes_removed), (2, 2 * BYTES));
    assert_eq!((counts.files, counts.bytes, counts.removed), (6, 6 * BYTES, 2));
}

#[tokio::test]
async fn when_they_are_not_enough_those_of_compliant_passages_follow() {
    let scene = long_known(rules(800, 500)).await;
    let nobodys = [80, 81].map(|n| scene.unclaimed(n, 3));
    let expected = Evicted { pictures: 3, bytes: 3 * BYTES, unclaimed: 2, span: Some((2, 2)) };
    assert_eq!(scene.sweep().await, expected);
    assert_eq!(scene.left(), [1, 3, 4, 5, 6]);
    assert!(!nobodys.iter().any(|stored| scene.is_there(stored)));
    assert_eq!([7, 8].map(|seq| scene.told(seq).what), [What::Unclaimed, What::Pictures]);
}

#[tokio::test]
async fn no_more_go_than_there_is_need_for_and_the_oldest_go() {
    let scene = long_known(rules(900, 800)).await;
    let [young, oldest, old] =
        [(80, 3), (81, 9), (82, 6)].map(|(n, days)| scene.unclaimed(n, days));
    assert_eq!(scene.sweep().await, evicted(1));
    assert_eq!([young, oldest, old].map(|stored| scene.is_there(&stored)), [true, false, true]);
    assert_eq!(scene.sweep().await, Evicted::default(), "there is room");
}

#[tokio::test]
async fn pictures_that_records_name_are_claimed_also_when_all_are_to_go() {
    let scene = long_known(all()).await;
    let swept = scene.sweep().await;
    assert_eq!((swept.pictures, swept.unclaimed), (4, 0));
    assert_eq!(scene.left(), [5, 6]);
    assert_eq!(scene.evidence.pictures.counts().unclaimed_removed, 0);
}

#[tokio::test]
async fn pictures_of_records_that_retention_has_removed_are_unclaimed() {
    let scene = long_known(all()).await;
    let dir = scene.dir.path().join("store");
    scene.evidence.store.clone().close().await.expect("closed");
    let bounds = Bounds { ledger_entries: 4, ..Bounds::default() };
    let options = StoreOptions { bounds, ..StoreOptions::at(dir) };
    let (store, _) = wait_until_free(|| Store::open(&options, signer(), Clock::system()));
    for n in 90..93 {
        store.commit(vec![seal(audit_record(n), &[])]).await.expect("committed");
    }
    let left = |n: &u64| store.sealed(*n).expect("readable").is_some();
    assert_eq!((1..=6).filter(left).collect::<Vec<_>>(), [5], "a violation that waits");
    let scene = Scene { evidence: Evidence { store, ..scene.evidence }, ..scene };
    assert_eq!(scene.sweep().await, evicted(5));
    assert_eq!(scene.left(), [5]);
}

#[tokio::test]
async fn a_picture_of_an_input_that_waits_stays() {
    let scene = long_known(rules(800, 0)).await;
    let (nobodys, awaited) = (scene.unclaimed(80, 3), scene.unclaimed(81, 3));
    let Body::Supplement(sighting) = bodies::sighting(vec![reference(&awaited)]) else {
        unreachable!("a sighting is a supplement")
    };
    let input = Input::PlateRead(Box::new(sighting.plate_read));
    let arrival = Arrival { received_at: Timestamp(1), input, raw: Vec::new() };
    scene.evidence.store.accept(vec![arrival], vec![]).await.expect("accepted");
    assert_eq!(scene.sweep().await.unclaimed, 1);
    assert!(scene.is_there(&awaited) && !scene.is_there(&nobodys));
}

/// An entry of a record that does not name the picture: nothing else claims it.
fn entry(stored: &StoredPicture) -> OutboxEntry {
    let what = OutboxItem::Picture { record_id: "site-1".to_owned(), picture: reference(stored) };
    OutboxEntry { key: OutboxKey { lane: Lane::Last, seq: 1, item: 9 }, what }
}

#[tokio::test]
async fn a_picture_of_an_entry_that_waits_for_the_platform_stays() {
    let scene = long_known(rules(800, 0)).await;
    let (nobodys, awaited) = (scene.unclaimed(80, 3), scene.unclaimed(81, 3));
    let entries = vec![entry(&awaited)];
    scene.evidence.store.outbox_again(entries, audit_record(90)).await.expect("entered");
    assert_eq!(scene.sweep().await.unclaimed, 1);
    assert!(scene.is_there(&awaited) && !scene.is_there(&nobodys));
}

#[tokio::test]
async fn a_picture_of_an_entry_that_is_set_aside_stays() {
    let scene = long_known(rules(800, 0)).await;
    let (nobodys, awaited) = (scene.unclaimed(80, 3), scene.unclaimed(81, 3));
    let OutboxEntry { key, what } = entry(&awaited);
    let entries = vec![entry(&awaited)];
    let store = &scene.evidence.store;
    store.outbox_again(entries, audit_record(90)).await.expect("entered");
    let aside = Aside { what, reason: AsideReason::Oversize, packet_bytes: 9, at: Timestamp(5) };
    store.outbox_set_aside(key, aside, Some(alarm_record(91))).await.expect("set aside");
    assert_eq!(scene.sweep().await.unclaimed, 1);
    assert!(scene.is_there(&awaited) && !scene.is_there(&nobodys));
}

#[tokio::test]
async fn a_picture_of_a_record_that_is_sealed_during_the_sweep_stays() {
    let scene = long_known(rules(800, 600)).await;
    let (nobodys, claimed) = (scene.unclaimed(80, 3), scene.unclaimed(81, 3));
    let records = vec![seal(sighting(90, &claimed, true), &[])];
    let swept = scene
        .sweep_while(async || {
            let store = &scene.evidence.store;
            store.commit(records).await.expect("committed");
            // nothing but the ledger names it
            let entries = store.outbox_next(None, 100).expect("readable");
            let keys = entries.iter().map(|entry| entry.key).filter(|key| key.seq == 8);
            store.outbox_remove(keys.collect()).await.expect("removed");
        })
        .await;
    assert_eq!(swept.unclaimed, 1);
    assert!(scene.is_there(&claimed) && !scene.is_there(&nobodys));
}

#[tokio::test]
async fn a_picture_that_is_brought_again_during_the_sweep_stays() {
    let settled = Micros::from_secs(3_600);
    let scene = long_known(EvidenceRules { settled, ..rules(800, 600) }).await;
    let (nobodys, again) = (scene.unclaimed(80, 3), scene.unclaimed(81, 3));
    let swept = scene
        .sweep_while(async || {
            assert_eq!(picture(&scene.evidence.pictures, 81), again);
        })
        .await;
    assert_eq!(swept, evicted(1));
    assert!(scene.is_there(&again) && !scene.is_there(&nobodys));
}

#[tokio::test]
async fn a_young_picture_stays_since_its_input_may_be_on_its_way() {
    let settled = Micros::from_secs(3_600);
    let scene = long_known(EvidenceRules { settled, ..all() }).await;
    let young = scene.unclaimed(80, 0);
    assert_eq!(scene.sweep().await, Evicted::default());
    assert!(scene.is_there(&young) && !scene.tells_of_unclaimed());
}

#[tokio::test]
async fn unclaimed_pictures_go_by_the_age_of_their_files() {
    let by_age = EvidenceRules { days: Some(30), ..rules(u64::MAX, 0) };
    let scene = long_known(by_age).await;
    let (young, old) = (scene.unclaimed(80, 29), scene.unclaimed(81, 31));
    assert_eq!(scene.evidence.sweep(false).await.expect("swept"), Evicted::default());
    assert_eq!(scene.sweep().await, evicted(1));
    assert!(scene.is_there(&young) && !scene.is_there(&old));
    assert_eq!(scene.left(), [1, 2, 3, 4, 5, 6]);
    assert_eq!(scene.told(7).reason, EvictionReason::Age);
}

#[tokio::test]
async fn a_compacted_database_knows_the_claims_as_well() {
    let scene = long_known(all()).await;
    let nobodys = scene.unclaimed(80, 3);
    let compacted = scene.evidence.store.compact().await.expect("compacted");
    assert!(matches!(compacted, Compaction::Done { .. }), "{compacted:?}");
    let scene = scene.beside(|_| ()).await;
    assert_eq!(scene.sweep().await.unclaimed, 1);
    assert!(!scene.is_there(&nobodys));
}
