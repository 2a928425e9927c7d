//! A sync that sled can rely on.
//!
//! sled takes `sync_file_range` for a barrier and then writes over the old places of what it has moved.
//! It is none: the disk may keep the move to itself and take what was written over it (of 3 000 power
//! cuts during traffic, two lost the store: benches/README.md, "Store"). Where the kernel does not know that call sled syncs the file
//! instead, so the kernel is told not to know it, in this process.

use std::collections::BTreeMap;
use std::sync::Once;

use seccompiler::{BpfProgram, Error, SeccompAction, SeccompFilter, TargetArch};

/// From now on sled's writes are on the disk before it builds on them.
///
/// Where the system does not allow that, the store works as well, and a power cut at an unlucky moment
/// may damage it.
pub(super) fn insist() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if let Err(error) = refuse_range_syncs() {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(
                error,
                "sled cannot be made to sync; a power cut may damage the database"
            );
        }
    });
}

fn refuse_range_syncs() -> Result<(), Error> {
    let not_known = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    let arch = TargetArch::try_from(std::env::consts::ARCH)?;
    let of_ranges = BTreeMap::from([(libc::SYS_sync_file_range, Vec::new())]);
    let filter = SeccompFilter::new(of_ranges, SeccompAction::Allow, not_known, arch)?;
    seccompiler::apply_filter_all_threads(&BpfProgram::try_from(filter)?)
}
