//! The disk is full, refuses, breaks or is gone, while scale, cameras and broker go on.
//!
//! While it lasts nothing is acknowledged and the daemon stays up; afterwards it goes on by itself.

use wimd::io::free_space::FILE_COUNTS;

use crate::inject::Injection;
use crate::site::Site;
use crate::volume::Volume;

/// How much faster than real time everything runs.
const FAST: u32 = 20;

/// How often each fault strikes.
const TIMES: usize = 4;

/// Vehicles for each fault: so many pass meanwhile.
const VEHICLES_A_FAULT: usize = 60;

/// Size of the disk, MiB: room for a database, some hundred pictures and the reserve.
const DISK: u64 = 256;

/// What the daemon leaves free, in the harness that tells on it.
const RESERVE: u64 = 16 << 20;

/// Vehicles that pass a disk that fails.
const PASSING: usize = 4;

impl Site {
    /// Offers that the doors have refused since the daemon started: the log tells each obstacle
    /// once, perhaps before anybody listens, the counter each refusal.
    pub(crate) fn refused(&mut self) -> u64 {
        let status = self.status();
        let count = |name: &str| status["pipeline"]["intake"][name].as_u64().expect("a count");
        count("refused_full") + count("refused_failed")
    }

    /// Waits until the doors have refused more than `before` the fault, and vehicles have passed
    /// for which nobody can vouch; how many inputs were taken meanwhile.
    pub(crate) async fn until_vehicles_pass_in_vain(&mut self, before: u64) -> u64 {
        self.until_status("a refusal", |site| site.refused() > before).await;
        let before = self.taken();
        self.until_more_vehicles_pass().await;
        self.taken() - before
    }

    fn taken(&mut self) -> u64 {
        self.status()["pipeline"]["intake"]["accepted"].as_u64().expect("a count")
    }

    async fn until_more_vehicles_pass(&mut self) {
        let seen = self.sim.controller.journal().borrow().vehicles.len();
        self.until_journal("vehicles", |played| played.vehicles.len() >= seen + PASSING).await;
    }

    /// Waits until as many vehicles are acknowledged as have passed by now, those of the fault
    /// included: a moment in which few wait may never come on a slow disk.
    pub(crate) async fn until_well_again(&mut self) {
        let passed = self.sim.controller.journal().borrow().vehicles.len();
        self.until_journal("recovery", |played| played.acknowledged() >= passed).await;
    }

    async fn until_vehicles_are_acknowledged(&mut self) {
        let done = self.sim.controller.journal().borrow().acknowledged();
        self.until_journal("a vehicle", |played| played.acknowledged() > done).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_stops_the_acknowledgements_and_loses_nothing() {
    let Some(volume) = Volume::new(DISK) else {
        return;
    };
    for (kind, reserve) in [("disk full to the reserve", RESERVE), ("disk full to the end", 0)] {
        let Some(mut site) = Site::new((TIMES * VEHICLES_A_FAULT, 21), FAST, |config| {
            config.store.dir = volume.root().join(format!("state-{reserve}"));
            config.store.min_free_bytes = reserve;
        })
        .await
        else {
            return;
        };
        site.start_daemon();
        for _ in 0..TIMES {
            site.until_vehicles_are_acknowledged().await;
            let before = site.refused();
            volume.fill(reserve / 4);
            let taken = site.until_vehicles_pass_in_vain(before).await;
            // to the end a commit may still find room within the database's own file
            assert!(reserve == 0 || taken == 0, "taken although the disk was full");
            volume.make_room();
            site.until_well_again().await;
            site.was_outlived(kind);
        }
        let alarms: &[&str] = match reserve {
            0 => &["store_new", "store_write_failed"],
            _ => &["store_full", "store_new", "store_write_failed?"],
        };
        site.expect_no_loss(alarms).await;
    }
}

/// Of bytes there are enough; without files left a database that was closed could not be opened.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_on_which_no_more_files_can_be_made_is_full_and_a_daemon_starts_on_it() {
    let Some(volume) = Volume::with_files(DISK, 4_096) else {
        return;
    };
    let Some(mut site) = Site::new((2 * VEHICLES_A_FAULT, 24), FAST, |config| {
        config.store.dir = volume.root().join("state");
        config.store.min_free_bytes = RESERVE;
    })
    .await
    else {
        return;
    };
    site.start_daemon();
    for _ in 0..2 {
        site.until_vehicles_are_acknowledged().await;
        let before = site.refused();
        volume.fill_files(RESERVE / FILE_COUNTS / 4);
        let taken = site.until_vehicles_pass_in_vain(before).await;
        assert_eq!(taken, 0, "taken although no file can be made");
        let said = site.kill_daemon();
        site.was_killed("no files left", &said);
        site.start_daemon();
        site.until_store_opened().await;
        volume.make_room();
        site.until_well_again().await;
    }
    // a daemon that was killed while nothing could be sealed tells of nothing
    site.expect_no_loss(&["store_full?", "store_new", "store_write_failed?"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_answers_with_errors_is_gone_without_and_loses_nothing() {
    let faults = [
        ("I/O error of a sync", "fdatasync", "EIO"),
        ("I/O error of a write", "pwrite64", "EIO"),
        ("no space for a write", "pwrite64", "ENOSPC"),
        ("read-only for a while", "pwrite64,fdatasync,openat", "EROFS"),
    ];
    let vehicles = faults.len() * 2 * VEHICLES_A_FAULT;
    let Some(mut site) = Site::new((vehicles, 22), FAST, |_| {}).await else {
        return;
    };
    site.start_daemon();
    let database = site.store_dir().join("sled/db");
    for (kind, calls, error) in faults.repeat(2) {
        site.until_vehicles_are_acknowledged().await;
        let before = site.refused();
        let Some(injection) = Injection::start(site.pid(), &database, calls, error) else {
            return;
        };
        site.until_vehicles_pass_in_vain(before).await;
        drop(injection);
        site.until_well_again().await;
        site.was_outlived(kind);
    }
    site.expect_no_loss(&["store_new", "store_write_failed"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_system_that_goes_read_only_and_is_repaired_loses_nothing() {
    let Some(mut volume) = Volume::new(DISK) else {
        return;
    };
    let Some(mut site) = Site::new((3 * VEHICLES_A_FAULT, 23), FAST, |config| {
        config.store.dir = volume.root().join("state");
        config.store.min_free_bytes = 0;
    })
    .await
    else {
        return;
    };
    for _ in 0..3 {
        site.start_daemon();
        site.until_vehicles_are_acknowledged().await;
        let before = site.refused();
        if !volume.go_read_only() {
            return;
        }
        let taken = site.until_vehicles_pass_in_vain(before).await;
        assert_eq!(taken, 0, "taken although nothing could be written");
        let said = site.kill_daemon();
        volume.repair();
        site.was_killed("read-only until repaired", &said);
    }
    site.expect_no_loss(&["store_new"]).await;
}
