//! The time of the newest picture that anybody has brought, whatever the system's time is now.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::Brought;
use crate::clock::Timestamp;

/// A handle; clones share what is known. Without a folder there are no pictures.
#[derive(Clone, Debug, Default)]
pub struct NewestPicture {
    dir: Option<PathBuf>,
    /// Microseconds; zero while nobody has looked.
    at: Arc<AtomicI64>,
}

impl NewestPicture {
    /// Of the pictures in `dir`.
    pub fn of(dir: &Path) -> Self {
        Self { dir: Some(dir.to_owned()), at: Arc::default() }
    }

    /// In the system's time as it was then: no picture was brought later that anybody has looked at.
    pub fn brought_at(&self) -> Timestamp {
        Timestamp(self.at.load(Ordering::Acquire))
    }

    /// The same of every picture that is there: looks at the files unless somebody has. What cannot be
    /// looked at is left out.
    pub fn find(&self) -> Timestamp {
        if self.brought_at() == Timestamp(0) {
            let dirs = self.dir.iter().flat_map(|dir| fs::read_dir(dir).ok()).flatten();
            let files = dirs.flat_map(|dir| fs::read_dir(dir.ok()?.path()).ok()).flatten();
            let metadata = files.filter_map(|file| file.ok()?.metadata().ok());
            metadata.for_each(|metadata| self.note(Brought::of(&metadata)));
        }
        self.brought_at()
    }

    pub(super) fn note(&self, brought: Brought) {
        self.at.fetch_max(brought.last.0, Ordering::AcqRel);
    }
}
