//! Somebody removes the store or damages its files. What lay only there nobody can bring back, so
//! everything has been delivered before; but it is told, never taken for a first day, and the
//! chain goes on where anything is left to go on from.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;

use firmware_protocol::{AuditEvent, AuditKind};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::site::Site;

/// As fast as the simulated site goes.
const FASTEST: u32 = 60;

/// Vehicles before it happens.
const VEHICLES: usize = 20;

/// Different damages.
const DAMAGES: u64 = 12;

impl Site {
    /// Something new happens, and the platform comes to know of it.
    pub(crate) async fn until_something_new_arrives(&mut self) {
        self.news += 1;
        self.sim.controller.report_audit(AuditEvent {
            at_us: 0,
            kind: AuditKind::ConfigurationChanged,
            subject: None,
            before: None,
            after: Some(self.news),
            calibration_count: None,
            configuration_count: None,
        });
        let news = self.news.to_string();
        let arrived = self.until_platform(|platform| platform.audits.contains(&news)).await;
        assert!(arrived, "nothing new arrives: {}", self.autopsy());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_removed_while_the_daemon_is_down_is_no_silent_first_day() {
    let Some(mut site) = Site::new((VEHICLES, 41), FASTEST, |_| {}).await else {
        return;
    };
    site.until_everything_has_come().await;
    site.kill_daemon();
    let before = std::mem::take(&mut site.platform);
    assert_eq!(before.alarms.keys().collect::<Vec<_>>(), ["store_new"], "on the first day");
    fs::remove_dir_all(site.store_dir()).expect("removed");
    site.start_daemon();
    site.until_something_new_arrives().await;
    assert_eq!(site.platform.alarms.keys().collect::<Vec<_>>(), ["store_new"]);
    let again: Vec<&String> =
        site.platform.ids().filter(|id| before.ids().any(|it| it == *id)).collect();
    assert!(again.is_empty(), "new records under the ids of old ones: {again:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_removed_under_a_running_daemon_is_told_and_its_chain_goes_on() {
    let Some(mut site) = Site::new((VEHICLES, 42), FASTEST, |_| {}).await else {
        return;
    };
    site.until_everything_has_come().await;
    // at once, while the daemon goes on writing there
    let gone = site.store_dir().with_extension("gone");
    fs::rename(site.store_dir(), &gone).expect("gone");
    fs::remove_dir_all(&gone).expect("removed");
    site.until_something_new_arrives().await;
    site.was_outlived("store removed");
    site.expect_no_loss(&["store_moved_aside", "store_new", "store_write_failed"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_whose_files_are_damaged_is_never_silently_another() {
    let Some(mut site) = Site::new((VEHICLES, 43), FASTEST, |_| {}).await else {
        return;
    };
    let mut random = ChaCha8Rng::seed_from_u64(43);
    site.until_everything_has_come().await;
    for n in 0..DAMAGES {
        site.kill_daemon();
        let database = site.store_dir().join("sled");
        damage(&database.join("db"), n, &mut random);
        // with the last commits the journal puts right much of it
        if n.is_multiple_of(2) {
            fs::remove_file(database.join("journal")).expect("removed");
        }
        site.start_daemon();
        site.until_something_new_arrives().await;
        site.was_outlived_anew("files damaged");
    }
    let told = site.platform.alarms.keys().any(|name| name == "store_moved_aside");
    assert!(told, "no damage made the store unusable: {:?}", site.platform.alarms);
    let possible =
        ["store_moved_aside", "store_lost_commits", "store_entries_missing", "store_new"];
    site.expect_no_loss_beside(&possible).await;
}

/// Truncates, flips or zeroes, somewhere within what was written.
fn damage(database: &Path, kind: u64, random: &mut ChaCha8Rng) {
    let bytes = fs::read(database).expect("read");
    let written = bytes.iter().rposition(|byte| *byte != 0).map_or(1, |last| last + 1);
    let at = random.random_range(0..written);
    let end = (at + random.random_range(1..4_096)).min(written);
    let file = File::options().write(true).open(database).expect("opened");
    let replaced: Vec<u8> = match kind % 3 {
        0 => return file.set_len(at as u64).expect("truncated"),
        1 => bytes[at..end].iter().map(|byte| !byte).collect(),
        _ => vec![0; end - at],
    };
    file.write_all_at(&replaced, at as u64).expect("written");
}
