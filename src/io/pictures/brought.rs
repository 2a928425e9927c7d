//! When pictures were brought, and the removal of those that nobody has brought for a while.

use std::fs::{self, File, Metadata};
use std::io;
use std::ops::RangeInclusive;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::fs::{Timespec, Timestamps, UTIME_NOW, UTIME_OMIT, futimens};

use super::{PictureError, PictureFolder, failed, is_digest};
use crate::clock::Timestamp;

/// A picture in the folder, in the system's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Brought {
    /// Its size in bytes.
    pub bytes: u64,
    /// When it was brought for the first time, where the file system knows; else for the last time.
    pub first: Timestamp,
    /// When it was brought for the last time.
    pub last: Timestamp,
}

impl Brought {
    pub(super) fn of(metadata: &Metadata) -> Self {
        let last = Timestamp(metadata.mtime() * 1_000_000 + metadata.mtime_nsec() / 1_000);
        let made = metadata.created().ok().and_then(micros).unwrap_or(last);
        Self { bytes: metadata.len(), first: made.min(last), last }
    }
}

/// The time of a file whose bytes were brought just now.
const BROUGHT: Timestamps = Timestamps {
    last_access: Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT },
    last_modification: Timespec { tv_sec: 0, tv_nsec: UTIME_NOW },
};

impl PictureFolder {
    /// Makes a picture young again that somebody still has to name: retention does not take it before
    /// that is stored. Whether it is there.
    ///
    /// # Errors
    /// [`PictureError::File`] and [`PictureError::Digest`].
    pub fn bring_again(&self, sha256: &str) -> Result<bool, PictureError> {
        let path = self.path(sha256)?;
        let _nobody_removes_it = self.0.changing.lock().unwrap_or_else(PoisonError::into_inner);
        match self.touch(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(failed("touch", &path)(error)),
        }
    }

    /// The same, for whoever holds off changes.
    pub(super) fn touch(&self, path: &Path) -> io::Result<()> {
        let file = File::open(path)?;
        futimens(&file, &BROUGHT)?;
        self.0.newest.note(Brought::of(&file.metadata()?).last);
        Ok(())
    }

    /// Pictures whose digests begin with one of these bytes. What cannot be listed or looked at is left
    /// out.
    pub fn brought(
        &self,
        first_bytes: RangeInclusive<u8>,
    ) -> impl Iterator<Item = (String, Brought)> {
        in_folder(&self.0.dir, first_bytes)
    }

    /// Whether the picture is there and nobody has brought it since `before`.
    pub fn is_settled(&self, sha256: &str, before: Timestamp) -> bool {
        let metadata = self.path(sha256).ok().and_then(|path| fs::metadata(path).ok());
        metadata.is_some_and(|it| Brought::of(&it).last <= before)
    }

    /// Removes a picture that `may_go`, which nobody brings meanwhile; its bytes, unless it stays or is
    /// not there.
    ///
    /// # Errors
    /// [`PictureError::File`] and [`PictureError::Digest`].
    pub fn remove_if(
        &self,
        sha256: &str,
        may_go: impl FnOnce(Brought) -> bool,
    ) -> Result<Option<u64>, PictureError> {
        let path = self.path(sha256)?;
        let _nobody_brings_it = self.0.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(brought) = look_at(&path)?.filter(|brought| may_go(*brought)) else {
            return Ok(None);
        };
        fs::remove_file(&path).map_err(failed("remove", &path))?;
        let counters = &self.0.counters;
        counters.files.fetch_sub(1, Ordering::Relaxed);
        counters.bytes.fetch_sub(brought.bytes, Ordering::Relaxed);
        counters.removed.fetch_add(1, Ordering::Relaxed);
        Ok(Some(brought.bytes))
    }

    /// [`PictureFolder::remove_if`] of a picture that nothing names.
    ///
    /// # Errors
    /// As that.
    pub fn remove_unclaimed(
        &self,
        sha256: &str,
        may_go: impl FnOnce(Brought) -> bool,
    ) -> Result<Option<u64>, PictureError> {
        let bytes = self.remove_if(sha256, may_go)?;
        let counters = &self.0.counters;
        counters.unclaimed_removed.fetch_add(u64::from(bytes.is_some()), Ordering::Relaxed);
        counters.unclaimed_bytes_removed.fetch_add(bytes.unwrap_or_default(), Ordering::Relaxed);
        Ok(bytes)
    }
}

/// Pictures in `dir` whose digests begin with one of these bytes.
pub(super) fn in_folder(
    dir: &Path,
    first_bytes: RangeInclusive<u8>,
) -> impl Iterator<Item = (String, Brought)> {
    let folders = first_bytes.map(|first_byte| dir.join(format!("{first_byte:02x}")));
    let entries = folders.filter_map(|folder| fs::read_dir(folder).ok()).flatten();
    entries.filter_map(|entry| {
        let entry = entry.ok()?;
        let name = entry.file_name();
        let digest = name.to_str()?.strip_suffix(".jpg").filter(|stem| is_digest(stem))?;
        Some((digest.to_owned(), Brought::of(&entry.metadata().ok()?)))
    })
}

/// `None` when it is not there.
fn look_at(path: &Path) -> Result<Option<Brought>, PictureError> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(Some(Brought::of(&metadata))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("look at", path)(error)),
    }
}

fn micros(time: SystemTime) -> Option<Timestamp> {
    let since_epoch = time.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since_epoch.as_micros()).ok().map(Timestamp)
}
