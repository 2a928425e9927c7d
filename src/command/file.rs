//! Files and folders that a person named on the command line.

use std::fs::{self, File};
use std::io::{self, BufWriter};
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

/// The folder by its full name, made when absent.
pub(super) fn folder(dir: &Path) -> Result<PathBuf, Failure> {
    let made = fs::create_dir_all(dir).and_then(|()| dir.canonicalize());
    made.map_err(cannot("make the folder", dir))
}

/// A file to write to, in the place of one that is there.
pub(super) fn writer(path: &Path) -> Result<BufWriter<File>, Failure> {
    File::create(path).map(BufWriter::new).map_err(cannot("write", path))
}

/// Writes it whole, in the place of one that is there.
pub(super) fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Result<(), Failure> {
    fs::write(path, bytes).map_err(cannot("write", path))
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
