//! How many days the site can be without its broker before anything has to be given up, from the
//! configuration and the free disk.

use std::path::Path;

use serde::Serialize;

use crate::config::StoreConfig;
use crate::io::free_space::FreeSpace;

/// Bytes of a passage in the ledger, on the safe side: of 401 that `wimd demo --vehicles 400
/// --speed-up 20` sealed, a line of `wimd ledger export` took 7.3 KB on average and 8.7 KB at most;
/// raw frames come to it, and a supplement of 1.7 KB for some.
const RECORD_BYTES: u64 = 10_000;

/// Pictures of a vehicle and the bytes of each: two cameras at 300 KB (reference cameras).
const PICTURES: u64 = 2;
const PICTURE_BYTES: u64 = 300_000;

/// One vehicle in so many is somebody's business. Our choice, on the safe side: the share of
/// overloaded lorries behind unmanned points is a few per cent.
const VIOLATION_IN: u64 = 10;

/// Bytes of an entry of the outbox: a place and a channel, or the name and digest of a picture.
const ENTRY_BYTES: u64 = 40;
const PICTURE_ENTRY_BYTES: u64 = 250;

/// The database's file may have twice what is alive in it.
const FILE_FACTOR: u64 = 2;

/// What ends first, and after how many days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Limit {
    /// Days.
    pub(super) days: u64,
    /// What is used up then: a key of `[store]`, or the disk.
    pub(super) limited_by: &'static str,
}

/// For how long nothing has to be given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Offline {
    /// From the configuration.
    vehicles_per_day: u32,
    /// Free bytes of the disk; absent when it cannot be asked.
    free_bytes: Option<u64>,
    /// Every record, and the pictures of violations.
    pub(super) records: Limit,
    /// The pictures of all other vehicles, too.
    pub(super) all_pictures: Limit,
}

impl Offline {
    /// With what is free on the disk of the store now.
    pub(super) fn of(store: &StoreConfig) -> Self {
        Self::with(store, free_bytes(&store.dir))
    }

    fn with(store: &StoreConfig, free_bytes: Option<u64>) -> Self {
        let vehicles = u64::from(store.vehicles_per_day);
        let violations = vehicles.div_ceil(VIOLATION_IN);
        let pictures_of = |vehicles: u64| vehicles * PICTURES * PICTURE_BYTES;
        let limit =
            |what: u64, a_day: u64, limited_by| Limit { days: what / a_day.max(1), limited_by };
        let disk = |pictures: u64| {
            let room =
                free_bytes.map_or(u64::MAX, |free| free.saturating_sub(store.min_free_bytes));
            limit(room, vehicles * RECORD_BYTES * FILE_FACTOR + pictures, "the free disk")
        };
        let sent = violations * PICTURES;
        let entries = vehicles + sent;
        let entry_bytes = vehicles * ENTRY_BYTES + sent * PICTURE_ENTRY_BYTES;
        let records = [
            limit(store.max_outbox, entries, "max_outbox"),
            limit(store.max_outbox_bytes, entry_bytes, "max_outbox_bytes"),
            limit(store.max_outbox_days.map_or(u64::MAX, u64::from), 1, "max_outbox_days"),
            limit(store.max_ledger, vehicles, "max_ledger"),
            limit(store.max_ledger_bytes, vehicles * RECORD_BYTES, "max_ledger_bytes"),
            limit(store.max_picture_bytes, pictures_of(violations), "max_picture_bytes"),
        ];
        // from nine tenths of its bound on the folder makes room
        let folder = store.max_picture_bytes / 10 * 9;
        let folder = limit(folder, pictures_of(vehicles), "max_picture_bytes");
        let records = records.into_iter().fold(disk(pictures_of(violations)), Limit::min);
        let all_pictures =
            [folder, disk(pictures_of(vehicles))].into_iter().fold(records, Limit::min);
        Self { vehicles_per_day: store.vehicles_per_day, free_bytes, records, all_pictures }
    }

    /// One sentence.
    pub(super) fn sentence(&self) -> String {
        let Self { vehicles_per_day, records, all_pictures, .. } = self;
        let unknown = if self.free_bytes.is_some() { "" } else { "; the free disk is not known" };
        format!(
            "offline at {vehicles_per_day} vehicles a day: every record and the pictures of \
             violations for {} days ({}), the pictures of all vehicles for {} days ({}){unknown}",
            records.days, records.limited_by, all_pictures.days, all_pictures.limited_by,
        )
    }
}

/// Of the file system that the folder lies on, or will.
fn free_bytes(dir: &Path) -> Option<u64> {
    let there = dir.ancestors().find(|ancestor| ancestor.is_dir())?;
    FreeSpace::under(there).map(|free| free.bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(free_gigabytes: u64, change: impl Fn(&mut StoreConfig)) -> (Limit, Limit) {
        let mut store = StoreConfig { vehicles_per_day: 10_000, ..StoreConfig::default() };
        store.min_free_bytes = 0;
        change(&mut store);
        let offline = Offline::with(&store, Some(free_gigabytes * 1_000_000_000));
        (offline.records, offline.all_pictures)
    }

    fn limit(days: u64, limited_by: &'static str) -> Limit {
        Limit { days, limited_by }
    }

    #[test]
    fn whatever_is_used_up_first_sets_the_days_and_is_named() {
        // 10 000 records of 10 KB twice, 1 000 violations with two pictures of 300 KB: 0.8 GB
        let disk = limit(100, "the free disk");
        assert_eq!(at(80, |_| {}), (disk, limit(12, "the free disk")));
        // 10 000 entries and 2 000 for pictures
        let outbox = at(8_000, |store| store.max_outbox = 120_000);
        assert_eq!(outbox, (limit(10, "max_outbox"), limit(10, "max_outbox")));
        let waiting = at(8_000, |store| store.max_outbox_days = Some(3));
        assert_eq!(waiting.0, limit(3, "max_outbox_days"));
        let pictures = at(8_000, |store| store.max_picture_bytes = 60_000_000_000);
        assert_eq!(pictures, (limit(100, "max_picture_bytes"), limit(9, "max_picture_bytes")));
    }

    #[test]
    fn a_disk_that_cannot_be_asked_is_said_to_be_unknown() {
        let offline = Offline::with(&StoreConfig::default(), None);
        assert!(offline.sentence().ends_with("the free disk is not known"));
        assert_ne!(offline.records.limited_by, "the free disk");
    }
}
