//! The folder of pictures: files named by the SHA-256 of their bytes, written once, never changed.
//!
//! A picture is on the disk when [`PictureWriter::finish`] answers: file synced, renamed into
//! place, folder synced. It never looks into a picture.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tempfile::NamedTempFile;
use thiserror::Error;

use crate::clock::Timestamp;

mod brought;
mod counts;
mod newest;
mod writer;

pub use brought::Brought;
pub use counts::PictureCounts;
pub use newest::NewestPicture;
pub use writer::PictureWriter;

use counts::Counters;

/// Folder for pictures that are still being received; emptied when the folder is opened.
const INCOMING: &str = "incoming";

/// Why a picture was not stored or cannot be read.
#[derive(Debug, Error)]
pub enum PictureError {
    /// The folder has reached its bound; passes by itself when space comes back.
    #[error("the picture folder {dir} has reached {limit} bytes")]
    Full {
        /// The folder.
        dir: PathBuf,
        /// Its bound.
        limit: u64,
    },
    /// A file operation failed.
    #[error("cannot {deed} {path}")]
    File {
        /// What was tried.
        deed: &'static str,
        /// On which path.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The digest is not 64 lower-case hexadecimal digits.
    #[error("`{0}` is not the digest of a picture")]
    Digest(String),
}

#[derive(Debug)]
struct Inner {
    dir: PathBuf,
    limit: u64,
    /// By first byte of the digest: whether its folder is there and its name is on the disk.
    folders: [AtomicBool; 256],
    /// Held while a picture comes or goes.
    changing: Mutex<()>,
    newest: NewestPicture,
    counters: Counters,
}

/// A handle; clones share one folder.
#[derive(Clone, Debug)]
pub struct PictureFolder(Arc<Inner>);

/// A stored picture.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StoredPicture {
    /// SHA-256 of its bytes, lower-case hex.
    pub sha256: String,
    /// Its size in bytes.
    pub bytes: u64,
}

impl PictureFolder {
    /// Opens or makes the folder, which may hold up to `limit` bytes of pictures. Counts what is
    /// there and removes unfinished files.
    ///
    /// # Errors
    /// [`PictureError::File`].
    pub fn open(dir: &Path, limit: u64) -> Result<Self, PictureError> {
        Self::open_telling(dir, limit, NewestPicture::of(dir))
    }

    /// The same for somebody who wants to know how new the pictures are.
    ///
    /// # Errors
    /// As that.
    pub fn open_telling(
        dir: &Path,
        limit: u64,
        newest: NewestPicture,
    ) -> Result<Self, PictureError> {
        let incoming = dir.join(INCOMING);
        fs::create_dir_all(&incoming).map_err(failed("create", &incoming))?;
        let counters = Counters::default();
        for entry in list(&incoming)? {
            fs::remove_file(&entry).map_err(failed("remove", &entry))?;
            counters.leftovers_removed.fetch_add(1, Ordering::Relaxed);
        }
        let mut youngest = None;
        let folders: [AtomicBool; 256] = std::array::from_fn(|_| AtomicBool::new(false));
        for (first_byte, known) in (0..=u8::MAX).zip(&folders) {
            let folder = dir.join(format!("{first_byte:02x}"));
            if !folder.is_dir() {
                continue;
            }
            for path in list(&folder)? {
                youngest = youngest.max(count(&counters, &path)?);
            }
            known.store(true, Ordering::Relaxed);
        }
        // only now: part of them would be taken for all
        youngest.into_iter().for_each(|last| newest.note(last));
        sync_dir(dir)?;
        let (dir, changing) = (dir.to_owned(), Mutex::default());
        Ok(Self(Arc::new(Inner { dir, limit, folders, changing, newest, counters })))
    }

    /// Starts a picture.
    ///
    /// # Errors
    /// [`PictureError::Full`] at the bound.
    pub fn begin(&self) -> Result<PictureWriter, PictureError> {
        self.check_room(0)?;
        let incoming = self.0.dir.join(INCOMING);
        let made = match NamedTempFile::new_in(&incoming) {
            // somebody has removed the folder under way
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(&incoming).and_then(|()| NamedTempFile::new_in(&incoming))
            }
            made => made,
        };
        let file = made.map_err(failed("create in", &incoming))?;
        Ok(PictureWriter::new(self.clone(), file))
    }

    /// Where the picture with this digest is, or would be.
    ///
    /// # Errors
    /// [`PictureError::Digest`].
    pub fn path(&self, sha256: &str) -> Result<PathBuf, PictureError> {
        if !is_digest(sha256) {
            return Err(PictureError::Digest(sha256.to_owned()));
        }
        let name = format!("{sha256}.jpg");
        Ok(self.0.dir.join(&sha256[..2]).join(name))
    }

    /// Opens a picture for reading.
    ///
    /// # Errors
    /// [`PictureError::File`], of kind `NotFound` when it is not there.
    pub fn open_picture(&self, sha256: &str) -> Result<File, PictureError> {
        let path = self.path(sha256)?;
        File::open(&path).map_err(failed("open", &path))
    }

    /// Reads a whole picture.
    ///
    /// # Errors
    /// As [`PictureFolder::open_picture`].
    pub fn read(&self, sha256: &str) -> Result<Vec<u8>, PictureError> {
        let path = self.path(sha256)?;
        fs::read(&path).map_err(failed("read", &path))
    }

    /// Removes a picture; whether it was there.
    ///
    /// # Errors
    /// [`PictureError::File`].
    pub fn remove(&self, sha256: &str) -> Result<bool, PictureError> {
        Ok(self.remove_if(sha256, |_| true)?.is_some())
    }

    /// Figures of the folder.
    pub fn counts(&self) -> PictureCounts {
        self.0.counters.snapshot()
    }

    /// Makes the folder of a digest durable, the first time that it is needed and when it was removed.
    fn make_folder(&self, folder: &Path, sha256: &str) -> Result<(), PictureError> {
        let first_byte = usize::from_str_radix(&sha256[..2], 16).unwrap_or_default();
        let known = &self.0.folders[first_byte];
        if known.load(Ordering::Acquire) && folder.is_dir() {
            return Ok(());
        }
        fs::create_dir_all(folder).map_err(failed("create", folder))?;
        sync_dir(&self.0.dir)?;
        known.store(true, Ordering::Release);
        Ok(())
    }

    fn check_room(&self, incoming: u64) -> Result<(), PictureError> {
        let held = self.0.counters.bytes.load(Ordering::Relaxed);
        if held.saturating_add(incoming) < self.0.limit {
            return Ok(());
        }
        self.0.counters.refused_full.fetch_add(1, Ordering::Relaxed);
        Err(PictureError::Full { dir: self.0.dir.clone(), limit: self.0.limit })
    }

    fn keep(
        &self,
        file: NamedTempFile,
        picture: StoredPicture,
    ) -> Result<StoredPicture, PictureError> {
        let counters = &self.0.counters;
        let path = self.path(&picture.sha256)?;
        let folder = path.parent().unwrap_or(&self.0.dir);
        self.make_folder(folder, &picture.sha256)?;
        file.as_file().sync_data().map_err(failed("sync", file.path()))?;
        let changing = self.0.changing.lock().unwrap_or_else(PoisonError::into_inner);
        match file.persist_noclobber(&path) {
            Ok(file) => {
                let metadata = file.metadata().map_err(failed("look at", &path))?;
                self.0.newest.note(Brought::of(&metadata).last);
                counters.files.fetch_add(1, Ordering::Relaxed);
                counters.bytes.fetch_add(picture.bytes, Ordering::Relaxed);
                counters.stored.fetch_add(1, Ordering::Relaxed);
            }
            // the same bytes; but whoever brought them first may not have synced the folder yet
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                counters.already_there.fetch_add(1, Ordering::Relaxed);
                self.touch(&path).map_err(failed("touch", &path))?;
            }
            Err(error) => return Err(failed("rename to", &path)(error.error)),
        }
        drop(changing);
        sync_dir(folder)?;
        Ok(picture)
    }
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// Counts a file; when it was brought, if it is a picture.
fn count(counters: &Counters, path: &Path) -> Result<Option<Timestamp>, PictureError> {
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    if !stem.is_some_and(is_digest) {
        counters.foreign_files.fetch_add(1, Ordering::Relaxed);
        return Ok(None);
    }
    let brought = Brought::of(&fs::metadata(path).map_err(failed("look at", path))?);
    counters.files.fetch_add(1, Ordering::Relaxed);
    counters.bytes.fetch_add(brought.bytes, Ordering::Relaxed);
    Ok(Some(brought.last))
}

fn list(dir: &Path) -> Result<Vec<PathBuf>, PictureError> {
    let entries = fs::read_dir(dir).map_err(failed("list", dir))?;
    let paths: io::Result<_> = entries.map(|entry| Ok(entry?.path())).collect();
    paths.map_err(failed("list", dir))
}

fn sync_dir(dir: &Path) -> Result<(), PictureError> {
    let synced = File::open(dir).and_then(|dir| dir.sync_all());
    synced.map_err(failed("sync", dir))
}

fn failed(deed: &'static str, path: &Path) -> impl FnOnce(io::Error) -> PictureError {
    let path = path.to_owned();
    move |source| PictureError::File { deed, path, source }
}
