//! The database of a closed store, opened past it and without the journal of its last commits, which
//! would put right what is changed.

use std::path::Path;
use std::time::{Duration, Instant};

/// As soon as it is free: sled's last background job may outlive the store.
pub(crate) fn open(store: &Path) -> sled::Db {
    let _absent = std::fs::remove_file(store.join("sled/journal")).err();
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        match sled::open(store.join("sled")) {
            Ok(database) => return database,
            Err(error) if Instant::now() > deadline => panic!("{error}"),
            Err(_) => std::thread::yield_now(),
        }
    }
}
