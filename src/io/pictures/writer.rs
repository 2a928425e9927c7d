//! One picture on its way to the disk.

use std::fs::File;
use std::io::{self, Write};
use std::sync::atomic::Ordering;

use sha2::{Digest, Sha256};
use tempfile::{NamedTempFile, TempPath};

use super::{PictureError, PictureFolder, StoredPicture, failed};

/// A picture that is being received. Dropped before it is finished, it leaves nothing behind.
#[derive(Debug)]
pub struct PictureWriter {
    folder: PictureFolder,
    file: Option<NamedTempFile>,
    /// In place of the file while it is closed.
    closed: Option<TempPath>,
    hasher: Sha256,
    bytes: u64,
}

impl PictureWriter {
    pub(super) fn new(folder: PictureFolder, file: NamedTempFile) -> Self {
        Self { folder, file: Some(file), closed: None, hasher: Sha256::new(), bytes: 0 }
    }

    /// Appends a chunk, which goes to the page cache and does not wait for the disk.
    ///
    /// # Errors
    /// [`PictureError::Full`] at the folder's bound, [`PictureError::File`] when writing fails.
    pub fn write(&mut self, chunk: &[u8]) -> Result<(), PictureError> {
        self.bytes = self.bytes.saturating_add(chunk.len() as u64);
        self.folder.check_room(self.bytes)?;
        self.hasher.update(chunk);
        match &mut self.file {
            Some(file) => {
                let written = file.write_all(chunk);
                written.map_err(failed("write", file.path()))
            }
            None => Ok(()),
        }
    }

    /// Closes the file until it is finished, so that many complete pictures of one request hold
    /// no descriptors. What is written afterwards would be lost, so write nothing more.
    pub fn close(&mut self) {
        self.closed = self.file.take().map(NamedTempFile::into_temp_path);
    }

    /// Makes the picture durable under its digest; blocks for as long as the disk takes.
    ///
    /// # Errors
    /// [`PictureError::File`].
    pub fn finish_blocking(mut self) -> Result<StoredPicture, PictureError> {
        let picture = StoredPicture {
            sha256: hex::encode(std::mem::take(&mut self.hasher).finalize()),
            bytes: self.bytes,
        };
        let file = match (self.file.take(), self.closed.take()) {
            (Some(file), _) => file,
            (None, Some(path)) => {
                let file = File::open(&path).map_err(failed("open", &path))?;
                NamedTempFile::from_parts(file, path)
            }
            (None, None) => return Ok(picture),
        };
        self.folder.keep(file, picture)
    }

    /// As [`PictureWriter::finish_blocking`], beside the runtime's own threads.
    ///
    /// # Errors
    /// [`PictureError::File`].
    pub async fn finish(self) -> Result<StoredPicture, PictureError> {
        let dir = self.folder.0.dir.clone();
        let finished = tokio::task::spawn_blocking(|| self.finish_blocking()).await;
        finished.unwrap_or_else(|error| Err(failed("finish in", &dir)(io::Error::other(error))))
    }
}

impl Drop for PictureWriter {
    fn drop(&mut self) {
        if self.file.is_some() || self.closed.is_some() {
            let counters = &self.folder.0.counters;
            counters.abandoned.fetch_add(1, Ordering::Relaxed);
        }
    }
}
