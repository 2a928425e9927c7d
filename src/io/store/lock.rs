//! One process at a time: an advisory lock that the kernel releases however the process ends.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::error::StoreError;

pub(super) const FILE_NAME: &str = "lock";

/// Held while it lives.
#[derive(Debug)]
pub(super) struct DirLock(#[expect(dead_code, reason = "its lock lives as long as it")] File);

impl DirLock {
    /// Takes the lock of a store's directory, making the directory first.
    pub(super) fn take(dir: &Path) -> Result<Self, StoreError> {
        fs::create_dir_all(dir).map_err(StoreError::directory("create", dir))?;
        let path = dir.join(FILE_NAME);
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(&path).map_err(StoreError::directory("open", &path))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => {
                let mut holder = String::new();
                if file.read_to_string(&mut holder).is_err() || holder.trim().is_empty() {
                    holder = "unknown".to_owned();
                }
                return Err(StoreError::Held {
                    dir: dir.to_owned(),
                    holder: holder.trim().to_owned(),
                });
            }
            Err(errno) => return Err(StoreError::directory("lock", &path)(errno.into())),
        }
        let mut write = || {
            file.set_len(0)?;
            file.write_all(format!("pid {}\n", std::process::id()).as_bytes())
        };
        // the name of the holder is for people; a full disk must not keep the store shut
        let _unwritten = write().err();
        Ok(Self(file))
    }
}
