//! The time of the newest picture that anybody has brought, whatever the system's time is now.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::brought;
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
        if self.brought_at() == Timestamp(0)
            && let Some(dir) = &self.dir
        {
            let brought = brought::in_folder(dir, 0..=u8::MAX);
            brought.for_each(|(_, brought)| self.note(brought.last));
        }
        self.brought_at()
    }

    pub(super) fn note(&self, brought_at: Timestamp) {
        self.at.fetch_max(brought_at.0, Ordering::AcqRel);
    }
}
