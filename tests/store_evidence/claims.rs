//! A picture whose claim may be lost, or cannot be read, stays.

use std::fs;
use std::time::{Duration, SystemTime};

use wimd::io::pictures::NewestPicture;
use wimd::io::store::{Aside, AsideReason, Inspection, OutboxItem, codec};
use wimd::pipeline::record::Channel;
use wimd::pipeline::{Action, Seal};

use super::unclaimed::{all, long_known};
use super::*;

pub(super) fn at_days_ago(days: i64) -> Timestamp {
    Timestamp(Clock::wall().0 - days * DAY)
}

type Claims = (u64, Option<Timestamp>);

/// Changes what the database of the closed store in `dir` says of the claims.
fn change(dir: &Path, change: impl FnOnce(Claims) -> Option<Claims>) {
    let meta = bare_database::open(dir).open_tree("meta").expect("there");
    let stored = meta.get("claims").expect("readable").expect("there");
    match change(codec::decode(&stored).expect("the claims")) {
        Some(claims) => meta.insert("claims", codec::encode(&claims).expect("encoded")),
        None => meta.remove("claims"),
    }
    .expect("written");
}

pub(super) fn put_known_since(dir: &Path, since: Timestamp) {
    change(dir, |(commits, _)| Some((commits, Some(since))));
}

/// Puts `value` in the place of an entry of the closed store in `dir`.
fn overwrite(dir: &Path, tree: &str, key: u64, value: impl FnOnce(&[u8]) -> Option<Vec<u8>>) {
    let tree = bare_database::open(dir).open_tree(tree).expect("there");
    let key = key.to_be_bytes();
    let stored = tree.get(key).expect("readable").expect("there");
    match value(&stored) {
        Some(value) => tree.insert(key, value),
        None => tree.remove(key),
    }
    .expect("written");
}

/// As long as before, and of no version that anybody knows.
fn garbage(stored: &[u8]) -> Option<Vec<u8>> {
    Some(vec![0xA5; stored.len()])
}

/// Nothing that was brought by now may be told from what was lost.
async fn assert_all_unclaimed_stay(scene: &Scene) {
    let nobodys = scene.unclaimed(80, 3);
    assert_eq!(scene.sweep().await.unclaimed, 0);
    assert!(scene.is_there(&nobodys));
    assert!(!scene.tells_of_unclaimed(), "and nothing else is told");
}

#[tokio::test]
async fn what_was_brought_before_the_store_was_made_stays_and_what_came_later_goes() {
    let later = Micros::from_secs(-10 * 3_600);
    let scene = scene(EvidenceRules { settled: later, ..all() }, 0).await;
    let folder = &scene.evidence.pictures;
    assert_all_unclaimed_stay(&scene).await;
    let nobodys = picture(folder, 81);
    let file = folder.open_picture(&nobodys.sha256).expect("it is there");
    if file.metadata().and_then(|metadata| metadata.created()).is_ok() {
        // a step of the clock that no kernel rounds away
        let scene = scene.beside(|dir| {
            change(dir, |(commits, since)| {
                Some((commits, since.map(|since| Timestamp(since.0 - 1_000_000))))
            })
        });
        let scene = scene.await;
        assert_eq!(scene.sweep().await.unclaimed, 1);
        assert!(!scene.is_there(&nobodys));
    }
}

#[tokio::test]
async fn a_picture_that_was_brought_before_and_once_more_later_stays() {
    let later = Micros::from_secs(-10 * 3_600);
    let scene = long_known(EvidenceRules { settled: later, ..all() }).await;
    let folder = &scene.evidence.pictures;
    let nobodys = picture(folder, 80);
    let file = folder.open_picture(&nobodys.sha256).expect("it is there");
    if file.metadata().and_then(|metadata| metadata.created()).is_err() {
        return;
    }
    file.set_modified(SystemTime::now() + Duration::from_secs(7_200)).expect("its time is set");
    let scene = scene.beside(|dir| put_known_since(dir, Timestamp(Clock::wall().0 + DAY / 24)));
    let scene = scene.await;
    assert_eq!(scene.sweep().await.unclaimed, 0);
    assert!(scene.is_there(&nobodys));
}

#[tokio::test]
async fn after_a_database_was_moved_aside_all_that_was_there_stays() {
    let scene = long_known(all()).await;
    let scene = scene.beside(|dir| fs::remove_dir_all(dir.join("sled")).expect("removed")).await;
    assert_all_unclaimed_stay(&scene).await;
    assert_eq!(scene.left(), [1, 2, 3, 4, 5, 6], "their records are lost");
}

#[tokio::test]
async fn a_clock_that_starts_anew_with_a_lost_database_makes_nothing_unclaimed() {
    let scene = long_known(all()).await;
    let written = SystemTime::now() + Duration::from_secs(7_200);
    let scene = scene.beside(|dir| {
        fs::remove_dir_all(dir.join("sled")).expect("removed");
        let mark = fs::File::open(dir.join("mark")).expect("there");
        mark.set_modified(written).expect("its time is set");
    });
    let known = |dir: &Path| {
        change(dir, |(commits, since)| {
            let an_hour_ahead = Timestamp(Clock::wall().0 + DAY / 24);
            assert!(since > Some(an_hour_ahead), "{since:?} before the store was written");
            Some((commits, since))
        });
    };
    scene.await.beside(known).await;
}

/// The store of a scene, closed, with a picture that a clock in local time, right by now, has dated
/// to tomorrow.
async fn closed_with_a_picture_of_tomorrow() -> (Scene, StoreOptions) {
    let scene = long_known(all()).await;
    let folder = &scene.evidence.pictures;
    let file = folder.open_picture(&picture(folder, 80).sha256).expect("it is there");
    let ahead = SystemTime::now() + Duration::from_secs(28_800);
    file.set_modified(ahead).expect("its time is set");
    scene.evidence.store.clone().close().await.expect("closed");
    let newest_picture = NewestPicture::of(&scene.dir.path().join("evidence"));
    let at = StoreOptions::at(scene.dir.path().join("store"));
    (scene, StoreOptions { newest_picture, ..at })
}

fn open_again(options: &StoreOptions) -> Store {
    wait_until_free(|| Store::open(options, signer(), Clock::system())).0
}

async fn assert_unknown_until_tomorrow(store: Store, dir: &Path) {
    store.close().await.expect("closed");
    change(dir, |(commits, since)| {
        let seven_hours_ahead = Timestamp(Clock::wall().0 + 7 * DAY / 24);
        assert!(since > Some(seven_hours_ahead), "{since:?}");
        Some((commits, since))
    });
}

fn lose_database(dir: &Path) {
    fs::remove_dir_all(dir.join("sled")).expect("removed");
    fs::remove_file(dir.join("mark")).expect("removed");
}

#[tokio::test]
async fn a_clock_that_was_ahead_before_a_database_was_lost_makes_nothing_unclaimed() {
    let (_scene, options) = closed_with_a_picture_of_tomorrow().await;
    lose_database(&options.dir);
    assert_unknown_until_tomorrow(open_again(&options), &options.dir).await;
}

#[tokio::test]
async fn a_clock_that_was_ahead_before_a_database_was_lost_under_way_makes_nothing_unclaimed() {
    let (scene, options) = closed_with_a_picture_of_tomorrow().await;
    let store = open_again(&options);
    let newest = options.newest_picture.clone();
    let folder = scene.dir.path().join("evidence");
    let _folder = PictureFolder::open_telling(&folder, 1 << 20, newest);
    lose_database(&options.dir);
    until_accepted(&store, 1).await;
    assert_unknown_until_tomorrow(store, &options.dir).await;
}

#[tokio::test]
async fn what_is_set_aside_and_cannot_be_decoded_may_have_named_a_picture_of_tomorrow() {
    let (_scene, options) = closed_with_a_picture_of_tomorrow().await;
    let meta = bare_database::open(&options.dir).open_tree("meta").expect("there");
    meta.insert(b"aside/nothing that anybody knows", [0xA5; 8].as_slice()).expect("written");
    drop(meta);
    let store = open_again(&options);
    assert_eq!(store.status().counts.quarantined, 1);
    assert_unknown_until_tomorrow(store, &options.dir).await;
}

#[tokio::test]
async fn after_a_database_was_lost_under_way_all_that_was_there_stays() {
    let scene = long_known(all()).await;
    fs::remove_dir_all(scene.dir.path().join("store/sled")).expect("removed");
    until_accepted(&scene.evidence.store, 1).await;
    assert_all_unclaimed_stay(&scene).await;
    assert_eq!(scene.left(), [1, 2, 3, 4, 5, 6], "their records are lost");
}

#[tokio::test]
async fn after_an_older_copy_was_put_back_all_that_was_there_stays() {
    let scene = long_known(all()).await;
    let copy = TempDir::new().expect("a directory");
    let scene = scene.beside(|dir| damage::copy(&dir.join("sled"), copy.path())).await;
    let scene = scene.beside(|dir| {
        fs::remove_dir_all(dir.join("sled")).expect("removed");
        fs::create_dir(dir.join("sled")).expect("made");
        damage::copy(copy.path(), &dir.join("sled"));
    });
    let scene = scene.await;
    assert!(alarms(&scene.evidence.store).contains(&"store_lost_commits".to_owned()));
    assert_all_unclaimed_stay(&scene).await;
}

#[tokio::test]
async fn what_an_older_program_left_is_not_known_until_now() {
    let without = long_known(all()).await.beside(|dir| change(dir, |_| None)).await;
    assert_all_unclaimed_stay(&without).await;
    let left_behind = long_known(all()).await;
    let left_behind =
        left_behind.beside(|dir| change(dir, |(commits, since)| Some((commits - 1, since)))).await;
    assert_all_unclaimed_stay(&left_behind).await;
}

#[tokio::test]
async fn an_input_that_cannot_be_decoded_may_have_named_any_picture() {
    let scene = long_known(all()).await;
    let input = until_accepted(&scene.evidence.store, 1).await[0];
    let scene = scene.beside(|dir| overwrite(dir, "inbox", input.0, garbage)).await;
    assert_all_unclaimed_stay(&scene).await;
    until_accepted(&scene.evidence.store, 2).await;
    assert_eq!(scene.evidence.store.status().counts.quarantined, 1);
    assert_all_unclaimed_stay(&scene).await;
}

#[tokio::test]
async fn while_a_record_cannot_be_decoded_nothing_is_unclaimed_and_compliant_passages_go() {
    let scene = long_known(rules(700, 600)).await;
    let scene = scene.beside(|dir| overwrite(dir, "ledger", 3, garbage)).await;
    assert_all_unclaimed_stay(&scene).await;
    assert_eq!(scene.left(), [1, 3, 4, 5, 6]);
}

#[tokio::test]
async fn a_ledger_that_the_sweep_finds_damaged_may_have_named_any_picture() {
    let scene = long_known(all()).await;
    let scene = scene.beside(|dir| overwrite(dir, "ledger", 3, |_| None)).await;
    assert_all_unclaimed_stay(&scene).await;
    let inspected = scene.evidence.store.inspect(&inspector(), Timestamp(1)).await;
    assert_eq!(inspected.expect("readable"), Inspection::Whole(6 - 1 + 2), "told by now");
    assert_all_unclaimed_stay(&scene).await;
}

#[tokio::test]
async fn a_record_that_cannot_be_sealed_may_have_named_any_picture() {
    let scene = long_known(all()).await;
    let (record, raw) = (audit_record(90), vec![0; 16 * 1024 * 1024 + 1]);
    let too_large = Action::Seal(Box::new(Seal { record, raw, consumes: Vec::new() }));
    scene.evidence.store.commit(vec![too_large]).await.expect("its alarm is sealed");
    assert_eq!(scene.evidence.store.status().counts.unsealable, 1);
    assert_all_unclaimed_stay(&scene).await;
}

#[tokio::test]
async fn a_waiting_record_that_is_not_there_may_have_named_any_picture() {
    let scene = long_known(all()).await;
    let store = &scene.evidence.store;
    let waiting = store.outbox_next(None, 100).expect("readable");
    let key = waiting.iter().map(|entry| entry.key).find(|key| key.lane == Lane::First);
    let key = key.expect("a violation waits");
    let what = OutboxItem::Record { seq: 1_000, channel: Channel::Evasion };
    let reason = AsideReason::RecordMissing;
    let aside = Aside { what, reason, packet_bytes: 0, at: Timestamp(5) };
    store.outbox_set_aside(key, aside, Some(alarm_record(90))).await.expect("set aside");
    assert_all_unclaimed_stay(&scene).await;
}
