//! What is free of a file system.

use std::path::Path;

/// What a file that can still be made counts, bytes. `mke2fs` makes an inode for each 16 KiB (`inode_ratio` of
/// mke2fs.conf(5) as it is delivered), so an empty ext4 has as much of either.
pub const FILE_COUNTS: u64 = 16 << 10;

/// Of the file system under a folder, for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FreeSpace {
    /// Bytes.
    pub bytes: u64,
    /// Files that can still be made; `None` where there is no bound but the bytes.
    pub files: Option<u64>,
}

impl FreeSpace {
    /// `None` when the file system cannot be asked.
    pub fn under(dir: &Path) -> Option<Self> {
        let found = rustix::fs::statvfs(dir).ok()?;
        Some(Self {
            bytes: found.f_bavail.saturating_mul(found.f_frsize),
            files: (found.f_files > 0).then_some(found.f_favail),
        })
    }

    /// Bytes that can be counted on: where no file can be made the rest is of no use, and a database
    /// that was closed cannot be opened again.
    pub fn usable(self) -> u64 {
        self.bytes.min(self.of_files())
    }

    /// Whether files run out before bytes.
    pub fn is_short_of_files(self) -> bool {
        self.of_files() < self.bytes
    }

    fn of_files(self) -> u64 {
        self.files.map_or(u64::MAX, |files| files.saturating_mul(FILE_COUNTS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_a_file_is_not_free() {
        let free = |files| FreeSpace { bytes: 1 << 30, files };
        assert_eq!(free(None).usable(), 1 << 30);
        assert_eq!(free(Some(1 << 20)).usable(), 1 << 30);
        assert_eq!(free(Some(100)).usable(), 100 << 14);
        let short = [None, Some(1 << 16), Some(100)].map(|files| free(files).is_short_of_files());
        assert_eq!(short, [false, false, true]);
    }

    #[test]
    fn a_folder_that_is_there_can_be_asked_and_another_cannot() {
        assert!(FreeSpace::under(Path::new("/")).is_some_and(|free| free.usable() <= free.bytes));
        assert_eq!(FreeSpace::under(Path::new("/no/such/folder")), None);
    }
}
