//! Room comes back among the pictures, by value: what nothing claims first, then compliant passages, what
//! waits never, and each eviction is told in the ledger.

mod bare_database;
#[allow(dead_code, unused_imports)]
#[path = "uplink_support/bodies.rs"]
mod bodies;
#[path = "store_evidence/busy.rs"]
mod busy;
#[path = "store_evidence/claims.rs"]
mod claims;
mod store_support;
#[path = "store_evidence/unclaimed.rs"]
mod unclaimed;

use std::path::Path;

use store_support::*;
use tempfile::TempDir;
use wimd::clock::{Clock, Timestamp};
use wimd::io::pictures::{PictureFolder, StoredPicture};
use wimd::io::store::evidence::{Evicted, Evidence, EvidenceRules};
use wimd::io::store::{Lane, Origin, Store, StoreOptions};
use wimd::pipeline::plate::{PictureKind, PictureRef};
use wimd::pipeline::record::{Body, Evicted as What, Eviction, Record, Span};
use wimd::units::Micros;

const BYTES: u64 = 100;
const DAY: i64 = 86_400_000_000;

struct Scene {
    dir: TempDir,
    evidence: Evidence,
    stored: Vec<StoredPicture>,
}

fn picture(folder: &PictureFolder, n: u8) -> StoredPicture {
    let mut writer = folder.begin().expect("room");
    writer.write(&[n; BYTES as usize]).expect("written");
    writer.finish_blocking().expect("stored")
}

fn reference(stored: &StoredPicture) -> PictureRef {
    PictureRef {
        kind: PictureKind::Scene,
        name: "scene.jpg".to_owned(),
        sha256: stored.sha256.clone(),
        bytes: stored.bytes,
    }
}

/// A sighting with this picture: a violation's kind, or nobody's business.
fn sighting(n: u64, stored: &StoredPicture, compliant: bool) -> Record {
    let mut body = bodies::sighting(vec![reference(stored)]);
    if let (Body::Supplement(supplement), true) = (&mut body, compliant) {
        supplement.evasion.clear();
    }
    record(n, body)
}

/// Six records in this order: violation, compliant, violation, compliant, violation, compliant.
/// All but the last two are delivered.
async fn scene(rules: EvidenceRules, sealed_days_ago: i64) -> Scene {
    let dir = TempDir::new().expect("a directory");
    let folder = PictureFolder::open(&dir.path().join("evidence"), 1 << 20).expect("opened");
    let stored: Vec<_> = (0..6).map(|n| picture(&folder, n)).collect();
    let options = StoreOptions::at(dir.path().join("store"));
    let (store, _) = Store::open(&options, signer(), Clock::system()).expect("opened");
    let records = (1..).zip(&stored).map(|(n, p)| seal(sighting(n, p, n % 2 == 0), &[]));
    store.commit(records.collect()).await.expect("committed");
    let entries = store.outbox_next(None, 100).expect("readable");
    let delivered = entries.iter().map(|entry| entry.key).filter(|key| key.seq <= 4);
    store.outbox_remove(delivered.collect()).await.expect("removed");
    // since its anchor, so many days ago, it has run twice as fast
    let clock = Clock::scaled(Timestamp(Clock::wall().0 - sealed_days_ago * DAY), 2);
    let origin = Origin::default();
    let evidence = Evidence { store, pictures: folder, origin, clock, rules };
    Scene { dir, evidence, stored }
}

fn rules(high_bytes: u64, low_bytes: u64) -> EvidenceRules {
    EvidenceRules { high_bytes, low_bytes, days: None, min_free_bytes: 0, settled: Micros(0) }
}

impl Scene {
    /// Sequences of the records whose pictures are still there.
    fn left(&self) -> Vec<usize> {
        let there = |n: &usize| self.evidence.pictures.read(&self.stored[n - 1].sha256).is_ok();
        (1..=6).filter(there).collect()
    }

    async fn sweep(&self) -> Evicted {
        self.evidence.sweep(true).await.expect("swept")
    }

    /// What the record with this sequence tells.
    fn told(&self, seq: u64) -> Eviction {
        let told = self.evidence.store.sealed(seq).expect("readable").expect("sealed");
        let told: Record = serde_json::from_slice(&told.record_json).expect("a record");
        let Body::Eviction(eviction) = told.body else { panic!("{told:?}") };
        eviction
    }
}

#[tokio::test]
async fn below_the_mark_nothing_goes() {
    let scene = scene(rules(601, 0), 0).await;
    assert_eq!(scene.sweep().await, Evicted::default());
    assert_eq!(scene.left(), [1, 2, 3, 4, 5, 6]);
    assert_eq!(scene.evidence.store.status().head.seq, 6, "and nothing is told");
}

#[tokio::test]
async fn pictures_of_compliant_passages_go_before_those_of_older_violations_and_it_is_told() {
    let scene = scene(rules(600, 400), 0).await;
    let evicted = scene.sweep().await;
    let expected = Evicted { pictures: 2, bytes: 2 * BYTES, unclaimed: 0, span: Some((2, 4)) };
    assert_eq!(evicted, expected);
    assert_eq!(scene.left(), [1, 3, 5, 6]);
    let eviction = scene.told(7);
    assert_eq!((eviction.what, eviction.count(), eviction.bytes), (What::Pictures, 2, 2 * BYTES));
    assert_eq!(eviction.spans, [Span { first: 2, last: 2 }, Span { first: 4, last: 4 }]);
    let last = scene.evidence.store.outbox_last(Lane::Second).expect("readable");
    assert_eq!(last.map(|key| key.seq), Some(7), "the platform is told, too");
    assert_eq!(scene.evidence.pictures.counts().bytes, 4 * BYTES);
}

/// The camera tells the first violation once more, with the same picture and without a sign.
#[tokio::test]
async fn a_picture_of_a_violation_stays_as_long_as_others_whoever_else_names_it() {
    let scene = scene(rules(600, 300), 0).await;
    let mut again = sighting(7, &scene.stored[0], true);
    if let Body::Supplement(supplement) = &mut again.body {
        supplement.refers_to_seq = Some(1);
    }
    let store = &scene.evidence.store;
    store.commit(vec![seal(again, &[])]).await.expect("committed");
    let entries = store.outbox_next(None, 100).expect("readable");
    let delivered = entries.iter().map(|entry| entry.key).filter(|key| key.seq == 7);
    store.outbox_remove(delivered.collect()).await.expect("removed");
    assert_eq!(scene.sweep().await.pictures, 3);
    let spans = [(1, 2), (4, 4)].map(|(first, last)| Span { first, last });
    assert_eq!(scene.told(8).spans, spans, "two compliant ones, and then the violation's");
}

#[tokio::test]
async fn a_disk_without_room_loses_pictures_however_few_there_are() {
    let scene = scene(EvidenceRules { min_free_bytes: u64::MAX, ..rules(601, 601) }, 0).await;
    assert_eq!(scene.sweep().await.pictures, 4);
    assert_eq!(scene.left(), [5, 6]);
}

#[tokio::test]
async fn what_waits_for_the_platform_never_goes_however_full_it_is() {
    let scene = scene(rules(1, 0), 0).await;
    assert_eq!(scene.sweep().await.pictures, 4);
    assert_eq!(scene.left(), [5, 6]);
    assert_eq!(scene.sweep().await, Evicted::default(), "told once");
}

#[tokio::test]
async fn a_picture_that_was_brought_again_a_moment_ago_stays() {
    let settled = Micros::from_secs(3_600);
    let scene = scene(EvidenceRules { settled, ..rules(1, 0) }, 0).await;
    assert_eq!(scene.sweep().await, Evicted::default());
}

#[tokio::test]
async fn pictures_of_delivered_records_go_by_age() {
    let by_age = |days| EvidenceRules { days: Some(days), ..rules(u64::MAX, 0) };
    let young = scene(by_age(30), 29).await;
    assert_eq!(young.sweep().await, Evicted::default());
    let old = scene(by_age(30), 31).await;
    assert_eq!(old.sweep().await.pictures, 4);
    assert_eq!(old.left(), [5, 6]);
}
