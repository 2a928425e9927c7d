//! Hours and days by the calendar of the site, and which of them are over.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::units::Micros;

/// Most periods that are made up for one by one, in days; what lies before is told as one. Our
/// choice: an unattended box is visited within a month, and a clock that was years ahead must not
/// make thousands of records.
const MADE_UP_DAYS: i64 = 31;

/// Which of the two.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// An hour.
    Hour,
    /// A day from midnight to midnight.
    Day,
}

impl Period {
    /// In the order in which they are made.
    pub const ALL: [Self; 2] = [Self::Hour, Self::Day];

    /// How long one is.
    pub const fn length(self) -> Micros {
        match self {
            Self::Hour => Micros::from_secs(3_600),
            Self::Day => Micros::from_secs(86_400),
        }
    }

    /// Start of the one that holds `at`, in the local time of the site.
    pub const fn start(self, at: Timestamp) -> Timestamp {
        at.span_start(self.length())
    }

    const fn most_made_up(self) -> i64 {
        MADE_UP_DAYS * Self::Day.length().0 / self.length().0
    }
}

/// Where the next reconciliation begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Start of its period.
    pub from: Timestamp,
    /// First sequence that it counts.
    pub first_seq: u64,
    /// Hash of the record before, lower-case hex.
    pub hash: String,
    /// How often the clock was set back behind it since its first sequence is that.
    pub again: u32,
}

impl Cursor {
    /// The clock is behind it: it goes on from this instant, perhaps with a period that was made
    /// already.
    pub fn set_back(&mut self, from: Timestamp) {
        self.from = from;
        self.again = self.again.saturating_add(1);
    }
}

/// What is to be done at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Nothing before this instant.
    At(Timestamp),
    /// A reconciliation that ends here.
    Now(Timestamp),
    /// The clock is behind what was reconciled last: go on from this instant.
    Behind(Timestamp),
}

impl Cursor {
    /// What is to be done at `now`.
    pub fn due(&self, period: Period, now: Timestamp) -> Due {
        let (current, length) = (period.start(now), period.length());
        if self.from > current {
            return Due::Behind(current);
        }
        let missing = (current - self.from).0 / length.0;
        match missing - period.most_made_up() {
            _ if missing == 0 => Due::At(current + length),
            extra @ 1.. => Due::Now(self.from + Micros(length.0.saturating_mul(extra + 1))),
            _ => Due::Now(self.from + length),
        }
    }
}
