//! Files and folders that a person named on the command line.

use std::io;
use std::path::{Path, PathBuf};

use super::Failure;

/// It could not be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot {deed} {}", path.display())]
struct FileError {
    deed: &'static str,
    path: PathBuf,
    #[source]
    source: io::Error,
}

/// The failure to do this with it, such as `read` or `write`, with advice.
pub(super) fn cannot(deed: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Failure {
    let path = path.to_owned();
    move |source| {
        let advice = match source.kind() {
            io::ErrorKind::NotFound => "is it spelt right, and does its folder exist?",
            io::ErrorKind::PermissionDenied => "use sudo, or a path that you may use",
            io::ErrorKind::StorageFull => "make room: df -h",
            _ => "name another path; `ls -ld` tells what is there",
        };
        Failure::from(FileError { deed, path, source }).advice(advice)
    }
}
