//! The database of a closed store, opened past it.

use std::path::Path;
use std::time::{Duration, Instant};

/// As soon as it is free: sled's last background job may outlive the store.
pub(crate) fn open(store: &Path) -> sled::Db {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        match sled::open(store.join("sled")) {
            Ok(database) => return database,
            Err(error) if Instant::now() > deadline => panic!("{error}"),
            Err(_) => std::thread::yield_now(),
        }
    }
}
