//! Figures of the picture folder.

use std::sync::atomic::{AtomicU64, Ordering};

use schemars::JsonSchema;
use serde::Serialize;

/// Figures of the folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PictureCounts {
    /// Pictures in the folder.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Pictures stored since the start.
    pub stored: u64,
    /// Pictures received that were already there.
    pub already_there: u64,
    /// Pictures refused at the bound.
    pub refused_full: u64,
    /// Pictures given up before they were whole.
    pub abandoned: u64,
    /// Unfinished files of an earlier run that were removed.
    pub leftovers_removed: u64,
    /// Files in the folder whose name is no digest; they stay.
    pub foreign_files: u64,
    /// Pictures removed.
    pub removed: u64,
    /// Those of them that nothing named: no record, and nothing that waits.
    pub unclaimed_removed: u64,
    /// Their bytes.
    pub unclaimed_bytes_removed: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) files: AtomicU64,
    pub(super) bytes: AtomicU64,
    pub(super) stored: AtomicU64,
    pub(super) already_there: AtomicU64,
    pub(super) refused_full: AtomicU64,
    pub(super) abandoned: AtomicU64,
    pub(super) leftovers_removed: AtomicU64,
    pub(super) foreign_files: AtomicU64,
    pub(super) removed: AtomicU64,
    pub(super) unclaimed_removed: AtomicU64,
    pub(super) unclaimed_bytes_removed: AtomicU64,
}

impl Counters {
    pub(super) fn snapshot(&self) -> PictureCounts {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        PictureCounts {
            files: get(&self.files),
            bytes: get(&self.bytes),
            stored: get(&self.stored),
            already_there: get(&self.already_there),
            refused_full: get(&self.refused_full),
            abandoned: get(&self.abandoned),
            leftovers_removed: get(&self.leftovers_removed),
            foreign_files: get(&self.foreign_files),
            removed: get(&self.removed),
            unclaimed_removed: get(&self.unclaimed_removed),
            unclaimed_bytes_removed: get(&self.unclaimed_bytes_removed),
        }
    }
}
