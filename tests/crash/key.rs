//! The key is changed while the site works and kills strike: the old one vouches for the new one,
//! and who was given only the old one on the first day can verify everything.

use std::fs;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use wimd::io::store::Signer;

use crate::site::Site;

/// As fast as the simulated site goes.
const FASTEST: u32 = 60;

/// Vehicles that pass meanwhile.
const VEHICLES: usize = 120;

/// Kills while the key changes and afterwards.
const KILLS: usize = 12;

/// What a daemon reads and writes in about a second from the opening of its store on, bytes.
const A_SECOND: u64 = 400 << 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_changes_under_kills_leaves_a_chain_that_the_first_key_vouches_for() {
    let Some(mut site) = Site::new((VEHICLES, 51), FASTEST, |_| {}).await else {
        return;
    };
    site.start_daemon();
    site.until_journal("a first vehicle", |played| played.acknowledged() > 0).await;
    site.kill_daemon();
    let old = site.config.store.key_file.clone();
    let new = old.with_file_name("next.key");
    let signer = Signer::generate().expect("a key");
    signer.save(&new).expect("the key is saved");
    site.reconfigure(|config| config.store.next_key_file = Some(new.clone()));
    let mut random = ChaCha8Rng::seed_from_u64(51);
    for _ in 0..KILLS {
        site.start_daemon();
        site.until_store_opened().await;
        let bytes = site.bytes_moved() + random.random_range(0..A_SECOND);
        site.until_bytes_moved(bytes).await;
        let said = site.kill_daemon();
        site.was_killed("kill of a new key", &said);
    }
    site.start_daemon();
    site.until_something_new_arrives().await;
    site.kill_daemon();
    // the last step of `wimd keygen`: nobody needs the old one any more
    fs::remove_file(&old).expect("shredded");
    site.reconfigure(|config| {
        config.store.key_file = new;
        config.store.next_key_file = None;
    });
    site.start_daemon();
    site.until_something_new_arrives().await;
    assert_eq!(site.platform.last_key(), Some(signer.key_id().to_string()));
    site.expect_no_loss(&["store_new"]).await;
}
