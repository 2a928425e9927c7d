//! How far making room has come, and with which bounds it is made.

use crate::clock::Timestamp;
use crate::units::Micros;

use super::super::options::Bounds;
use super::super::status::Usage;
use super::search::Search;

/// How often the age of the oldest is looked at; retention counts in days, and each look that
/// finds something costs a record.
const AGE_CHECK: Micros = Micros::from_secs(3_600);

/// Pause after something that it has to read could not be read, or after a commit that removed
/// something and failed: sled reads the neighbours of what it removes. Our choice: what can be written
/// goes on meanwhile, and at a bound the doors do not wait for long.
const REST: Micros = Micros::from_secs(60);

/// On a short disk the ledger may have this much in any case. Our choice: a few hours of a busy site.
const LEAST_HELD: u64 = 16 << 20;

/// How far the search for room has come, from commit to commit.
#[derive(Debug, Default)]
pub(in crate::io::store) struct Room {
    rests_until: Option<Timestamp>,
    age_check: Option<Timestamp>,
    /// Bytes that the ledger had when the disk became short.
    held: Option<u64>,
    /// Where the look at what has been kept too long goes on.
    pub(super) aged: u64,
    /// Where the look at what has waited too long goes on.
    pub(super) waited: Vec<u8>,
    pub(super) ledger: Search,
    pub(super) outbox: Search,
    /// Deliveries until the last look at the ledger.
    pub(super) delivered: u64,
    /// Deliveries and the last record when there was nothing in the ledger that may go: only more of them
    /// change that.
    pub(super) nothing_after: Option<(u64, u64)>,
}

impl Room {
    /// The bounds with so much free on the disk: while that is short, when no picture is left that may go,
    /// the ledger stays as large as it is, so that the doors need not wait for a disk that nothing empties.
    pub(in crate::io::store) fn bounds(
        &mut self,
        bounds: &Bounds,
        free: u64,
        ledger: &Usage,
    ) -> Bounds {
        // our choice: pictures go below twice the floor, and the doors wait below it
        if free >= bounds.min_free_bytes.saturating_mul(2) {
            self.held = None;
        } else if free < bounds.min_free_bytes.saturating_mul(3) / 2 {
            self.held.get_or_insert(ledger.bytes.max(LEAST_HELD));
        }
        let held = self.held.unwrap_or(u64::MAX);
        Bounds { ledger_bytes: bounds.ledger_bytes.min(held), ..*bounds }
    }

    /// Whether it is to be looked at how old everything is.
    pub(in crate::io::store) fn is_age_due(&self, now: Timestamp) -> bool {
        self.age_check.is_none_or(|due| now >= due)
    }

    /// It is looked at later: a clock that is ahead would make everything old.
    pub(in crate::io::store) fn put_off_ages(&mut self, now: Timestamp) {
        self.age_check = Some(now + AGE_CHECK);
    }

    pub(in crate::io::store) fn rests(&self, now: Timestamp) -> bool {
        self.rests_until.is_some_and(|until| now < until)
    }

    /// The database may be an older one.
    pub(in crate::io::store) fn begin_anew(&mut self) {
        *self = Self { rests_until: self.rests_until, ..Self::default() };
    }

    /// It failed: looked at again a little later, from the front.
    pub(in crate::io::store) fn rest(&mut self, now: Timestamp) {
        *self = Self { rests_until: Some(now + REST), ..Self::default() };
    }
}
