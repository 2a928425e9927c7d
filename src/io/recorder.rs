//! A bounded log of lines on disk: two files by turns, the older one is overwritten.
//!
//! It is a help for people and never in the way: a line that cannot be written is counted and
//! forgotten. Where lines are missing the log says so, since a reader cannot go on there as if nothing
//! were. What is buffered reaches the disk within a second of the next line, or when
//! [`Recording::flush`] asks for it.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use schemars::JsonSchema;
use serde::Serialize;

/// Ending of the file that is written.
pub const CURRENT: &str = "log";

/// Ending of the file before it.
pub const BEFORE: &str = "1.log";

/// The end of a line that was not written whole, or a line of its own, where lines are missing after it.
const GAP: &str = "[lines are missing]";

/// Longest that a line stays in memory while others come.
const FLUSH_PERIOD: Duration = Duration::from_secs(1);

/// What was recorded since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RecordingCounts {
    /// Lines written.
    pub lines: u64,
    /// Bytes written.
    pub bytes: u64,
    /// Lines that could not be written.
    pub failed: u64,
}

#[derive(Debug, Default)]
struct Counters {
    lines: AtomicU64,
    bytes: AtomicU64,
    failed: AtomicU64,
}

/// The open file of one recorder; several may ask for its flush.
type Shared = Arc<Mutex<Option<BufWriter<File>>>>;

/// Where recorders write, and how much.
#[derive(Clone, Debug)]
pub struct Recording {
    dir: PathBuf,
    /// Bytes of one file.
    limit: u64,
    counters: Arc<Counters>,
    files: Arc<Mutex<Vec<Shared>>>,
}

impl Recording {
    /// For `recorders` of them that share `bytes` in `dir`; `None` when `bytes` is zero.
    pub fn new(dir: PathBuf, bytes: u64, recorders: usize) -> Option<Self> {
        let files = u64::try_from(recorders).unwrap_or(u64::MAX).saturating_mul(2).max(1);
        (bytes > 0).then(|| Self {
            dir,
            limit: bytes / files,
            counters: Arc::default(),
            files: Arc::default(),
        })
    }

    /// A recorder of that name; opens its file with the first line.
    pub fn recorder(&self, name: &str) -> Recorder {
        let file = Shared::default();
        held(&self.files).push(Arc::clone(&file));
        Recorder {
            current: self.dir.join(format!("{name}.{CURRENT}")),
            before: self.dir.join(format!("{name}.{BEFORE}")),
            recording: self.clone(),
            file,
            written: 0,
            gap: false,
            flushed: Instant::now(),
        }
    }

    /// Gives the files what is still in memory: whoever reads them now misses no line.
    pub fn flush(&self) {
        for file in held(&self.files).iter() {
            let flushed = held(file).as_mut().map_or(Ok(()), BufWriter::flush);
            if flushed.is_err() {
                self.counters.failed.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// The counts of all its recorders.
    pub fn counts(&self) -> RecordingCounts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        RecordingCounts {
            lines: read(&self.counters.lines),
            bytes: read(&self.counters.bytes),
            failed: read(&self.counters.failed),
        }
    }
}

/// Writes one log.
#[derive(Debug)]
pub struct Recorder {
    current: PathBuf,
    before: PathBuf,
    recording: Recording,
    file: Shared,
    written: u64,
    /// Lines are missing before the next one.
    gap: bool,
    flushed: Instant,
}

impl Drop for Recorder {
    fn drop(&mut self) {
        // dropping the writer gives the file the rest
        held(&self.file).take();
    }
}

/// What is locked here is whole after each call, so a panic elsewhere spoils nothing.
fn held<T>(shared: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Recorder {
    /// Writes a line, its end included.
    pub fn line(&mut self, line: fmt::Arguments<'_>) {
        let text = format!("{line}\n");
        let counters = Arc::clone(&self.recording.counters);
        match self.write(text.as_bytes()) {
            Ok(()) => {
                counters.lines.fetch_add(1, Ordering::Relaxed);
                counters.bytes.fetch_add(text.len() as u64, Ordering::Relaxed);
            }
            Err(error) => {
                // nor is known how much of what was in memory is there
                self.gap = true;
                held(&self.file).take();
                if counters.failed.fetch_add(1, Ordering::Relaxed) == 0 {
                    let path = self.current.display();
                    tracing::warn!(%error, %path, "cannot record; the daemon goes on without");
                }
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.written >= self.recording.limit {
            self.turn()?;
        }
        let file = Arc::clone(&self.file);
        let mut held = held(&file);
        let file = match &mut *held {
            Some(file) => file,
            None => held.insert(self.open()?),
        };
        if self.gap {
            writeln!(file, "{GAP}")?;
            self.written += GAP.len() as u64 + 1;
            self.gap = false;
        }
        file.write_all(bytes)?;
        self.written += bytes.len() as u64;
        if self.flushed.elapsed() >= FLUSH_PERIOD {
            self.flushed = Instant::now();
            file.flush()?;
        }
        Ok(())
    }

    fn open(&mut self) -> io::Result<BufWriter<File>> {
        fs::create_dir_all(&self.recording.dir)?;
        let file = File::options().read(true).append(true).create(true).open(&self.current)?;
        self.written = file.metadata()?.len();
        let mut last = [b'\n'];
        if let Some(at) = self.written.checked_sub(1) {
            file.read_exact_at(&mut last, at)?;
        }
        self.gap |= last != [b'\n'];
        Ok(BufWriter::with_capacity(1 << 16, file))
    }

    /// Begins a new file; the one before the last goes. While the old one cannot be put away nothing is
    /// written: the bound holds.
    fn turn(&mut self) -> io::Result<()> {
        if let Some(mut file) = held(&self.file).take() {
            file.flush()?;
        }
        match fs::rename(&self.current, &self.before) {
            // somebody has taken it away, and the lines in it
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.gap = true,
            renamed => renamed?,
        }
        self.written = 0;
        Ok(())
    }
}

/// Every line of the log of that name in `dir`, the older file first; `None` when there is none.
///
/// # Errors
/// When a file is there and cannot be read.
pub fn read(dir: &Path, name: &str) -> io::Result<Option<String>> {
    let mut text = None;
    for ending in [BEFORE, CURRENT] {
        match fs::read(dir.join(format!("{name}.{ending}"))) {
            // a line that was not written whole may end inside a letter
            Ok(part) => {
                let part = String::from_utf8_lossy(&part);
                text.get_or_insert_with(String::new).push_str(&part);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(text)
}

/// Whether lines are missing after this one, which may itself not be whole.
pub fn is_gap(line: &str) -> bool {
    line.ends_with(GAP)
}

#[cfg(test)]
mod tests;
