//! What nothing claims goes also from a store that is busy, or was killed while it was.

use wimd::io::store::{Bounds, StoreOptions};

use super::unclaimed::{all, long_known};
use super::*;

/// The last commits are in the journal alone.
#[tokio::test]
async fn a_killed_store_knows_the_claims_as_well() {
    let scene = long_known(all()).await;
    let nobodys = scene.unclaimed(80, 3);
    let store = &scene.evidence.store;
    store.commit(vec![seal(alarm_record(20), &[])]).await.expect("committed");
    let left = scene.dir.path().join("left");
    std::fs::create_dir(&left).expect("made");
    damage::copy(&scene.dir.path().join("store"), &left);
    let (store, _) = wait_until_free(|| try_open(&left));
    let evidence = Evidence { store, ..scene.evidence.clone() };
    assert_eq!(evidence.sweep(true).await.expect("swept").unclaimed, 1);
    assert!(!scene.is_there(&nobodys));
}

/// Seals and delivers until the store is closed, so that its ledger is pruned all the time.
async fn keep_busy(store: Store) {
    for n in 1_000.. {
        if store.commit(vec![seal(alarm_record(n), &[])]).await.is_err() {
            return;
        }
        let entries = store.outbox_next(None, 100).expect("readable");
        let keys = entries.iter().map(|entry| entry.key).filter(|key| key.seq > 6);
        if store.outbox_remove(keys.collect()).await.is_err() {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_retention_prunes_unclaimed_pictures_go_all_the_same() {
    let scene = long_known(all()).await;
    scene.evidence.store.clone().close().await.expect("closed");
    let bounds = Bounds { ledger_entries: 100, ..Bounds::default() };
    let options = StoreOptions { bounds, ..StoreOptions::at(scene.dir.path().join("store")) };
    let (store, _) = wait_until_free(|| Store::open(&options, signer(), Clock::system()));
    let busy = tokio::spawn(keep_busy(store.clone()));
    while store.status().counts.pruned == 0 {
        tokio::task::yield_now().await;
    }
    let evidence = Evidence { store: store.clone(), ..scene.evidence.clone() };
    for n in 0..10 {
        let nobodys = scene.unclaimed(80 + n, 3);
        evidence.sweep(true).await.expect("swept");
        assert!(!scene.is_there(&nobodys), "at sweep {n}");
    }
    store.close().await.expect("closed");
    busy.await.expect("it has ended");
}
