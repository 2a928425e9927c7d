//! Since when all claims to pictures are known. A picture that was brought later and that nothing names
//! is nobody's; one that was brought before may be named by what was lost.
//!
//! Raised in each commit that tells of a loss, and never lowered.

use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

use super::error::StoreError;
use super::recovery::Opened;
use super::trees::{TreeName, Trees, Write};
use super::{codec, journal, recovery};
use crate::clock::{Clock, Timestamp};
use crate::io::pictures::NewestPicture;

/// Apart from the state, whose stored form is older.
const KEY: &[u8] = b"claims";

/// In the system's time, like the files of the pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Claims {
    /// `None` while nobody knows, as of a database of an older program.
    pub(super) known_since: Option<Timestamp>,
    /// The store was written by then, or a picture brought, whatever the system's time says now: it may
    /// have started anew with a clock without a battery, or with one that was ahead for a while.
    pub(super) written_by: Timestamp,
}

impl Claims {
    /// Of a database that is not open yet.
    pub(super) fn before_opening(dir: &Path) -> Self {
        Self { known_since: None, written_by: last_written(dir) }
    }

    /// What the last commit in the database says.
    pub(super) fn load(trees: &Trees, commits: u64) -> Result<Self, StoreError> {
        let stored = trees.get(TreeName::Meta).get(KEY);
        let stored = stored.map_err(StoreError::read(TreeName::Meta))?;
        let stored: Option<(u64, Option<Timestamp>)> =
            stored.and_then(|value| codec::decode(&value).ok());
        // a program that does not know it leaves it behind, and may have lost something since
        let stored = stored.filter(|(by_commit, _)| *by_commit == commits);
        let known_since = stored.and_then(|(_, known_since)| known_since);
        Ok(Self { known_since, ..Self::default() })
    }

    pub(super) fn write(&self, commits: u64) -> Result<Write, StoreError> {
        let value = codec::encode(&(commits, self.known_since));
        let value = value.map_err(StoreError::encode(TreeName::Meta))?;
        Ok(Write::put(TreeName::Meta, KEY, value))
    }

    /// The newest picture was brought then.
    pub(super) fn pictures_until(&mut self, newest: Timestamp) {
        self.written_by = self.written_by.max(newest);
    }

    /// Something that may name pictures is lost.
    pub(super) fn lost(&mut self) {
        let now = Clock::wall().max(self.written_by);
        self.known_since = self.known_since.max(Some(now));
    }

    /// What was known before the database was opened again holds on.
    pub(super) fn join(&mut self, before: Self) {
        self.known_since = self.known_since.max(before.known_since);
        self.written_by = self.written_by.max(before.written_by);
    }
}

impl Opened {
    /// Goes on from what was known `before`. Whatever is told may have named pictures; what was not known
    /// is known from now on.
    pub(super) fn take_up_claims(&mut self, before: Claims, newest: &NewestPicture) {
        let claims = &mut self.state.claims;
        let unknown = claims.known_since.is_none();
        claims.join(before);
        if unknown || self.recovery.fresh || !self.alarms.is_empty() {
            claims.pictures_until(newest.find());
            claims.lost();
        }
    }
}

/// The newest time of the files that each commit writes.
fn last_written(dir: &Path) -> Timestamp {
    let database = recovery::database_dir(dir);
    let files =
        [dir.join(super::mark::FILE_NAME), database.join("db"), database.join(journal::FILE_NAME)];
    let written = |path: &std::path::PathBuf| {
        let modified = fs::metadata(path).and_then(|metadata| metadata.modified()).ok()?;
        let since_epoch = modified.duration_since(UNIX_EPOCH).ok()?;
        i64::try_from(since_epoch.as_micros()).ok()
    };
    Timestamp(files.iter().filter_map(written).max().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Old bytes are sacred.
    #[test]
    fn version_1_of_the_claims_is_these_bytes() {
        let claims = Claims { known_since: Some(Timestamp(-2)), written_by: Timestamp(9) };
        let write = claims.write(300).expect("encoded");
        assert_eq!(write.key, b"claims");
        assert_eq!(hex::encode(write.value.expect("put")), "01fb2c010103");
    }

    #[test]
    fn a_clock_that_went_back_lowers_nothing() {
        let later = Timestamp(Clock::wall().0 + 1_000_000_000);
        let mut claims = Claims { known_since: Some(later), ..Claims::default() };
        claims.lost();
        assert_eq!(claims.known_since, Some(later));
        let mut claims = Claims { known_since: None, written_by: later };
        claims.lost();
        assert_eq!(claims.known_since, Some(later));
    }

    #[test]
    fn each_loss_raises_it() {
        let (before, first) = (Clock::wall(), Some(Timestamp(1)));
        let mut claims = Claims { known_since: first, ..Claims::default() };
        claims.lost();
        assert!(claims.known_since >= Some(before), "{claims:?}");
    }
}
