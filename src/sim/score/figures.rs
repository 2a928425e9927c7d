//! The figures of a comparison.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::value::RawValue;

use crate::pipeline::evasion::EvasionKind;

/// How well one kind of evasion is found; shares with four decimals, null without any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rate {
    /// Found and true.
    pub found: u64,
    /// True and not found.
    pub missed: u64,
    /// Found and not true.
    pub false_alarms: u64,
}

impl Rate {
    /// Of those found, how many are true, 1/10 000.
    pub fn precision(&self) -> Option<u64> {
        (self.found * 10_000).checked_div(self.found + self.false_alarms)
    }

    /// Of the true ones, how many are found, 1/10 000.
    pub fn recall(&self) -> Option<u64> {
        (self.found * 10_000).checked_div(self.found + self.missed)
    }
}

impl Serialize for Rate {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Written {
            precision: Option<Box<RawValue>>,
            recall: Option<Box<RawValue>>,
            found: u64,
            missed: u64,
            false_alarms: u64,
        }
        // a JSON number, written digit by digit: no float is needed for it
        let share = |share: u64| {
            let digits = format!("{}.{:04}", share / 10_000, share % 10_000);
            RawValue::from_string(digits).ok()
        };
        Written {
            precision: self.precision().and_then(share),
            recall: self.recall().and_then(share),
            found: self.found,
            missed: self.missed,
            false_alarms: self.false_alarms,
        }
        .serialize(serializer)
    }
}

/// What came of the vehicles.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Vehicles that drove.
    pub vehicles: u64,
    /// Groups that were weighed and of which a camera sent an event live.
    pub pairable: u64,
    /// Clearly paired with their own events only.
    pub correct: u64,
    /// Clearly paired with somebody else's event.
    pub wrong: u64,
    /// Left open.
    pub ambiguous: u64,
    /// Pairable, but without an event.
    pub unpaired: u64,
    /// Enforceable records.
    pub enforceable: u64,
    /// Enforceable records that name or show somebody else, misreadings included.
    pub enforceable_wrong_plate: u64,
    /// Of those, records of the right vehicle with a misread plate.
    pub enforceable_misread: u64,
    /// Enforceable records of no whole vehicle: halves, parts, two at once.
    pub enforceable_not_whole: u64,
    /// Passages without record.
    pub lost: u64,
    /// Passage records of nobody, or second ones of the same passage.
    pub unknown: u64,
    /// Events of weighed vehicles that came late.
    pub late: u64,
    /// Of those, the ones that name a record of their own vehicle.
    pub late_correct: u64,
    /// Of those, the ones that name somebody else's.
    pub late_wrong: u64,
    /// Groups that the nearest event in a fixed window names rightly; `None` where it did not run.
    pub baseline_correct: Option<u64>,
    /// Groups that it names wrongly.
    pub baseline_wrong: Option<u64>,
    /// For each kind.
    pub evasion: BTreeMap<EvasionKind, Rate>,
}

impl Figures {
    /// Compares the signs of one group.
    pub(super) fn note_signs(
        &mut self,
        truth: &BTreeSet<EvasionKind>,
        found: &BTreeSet<EvasionKind>,
    ) {
        for kind in truth.union(found) {
            let rate = self.evasion.entry(*kind).or_default();
            match (truth.contains(kind), found.contains(kind)) {
                (true, true) => rate.found += 1,
                (true, false) => rate.missed += 1,
                (false, _) => rate.false_alarms += 1,
            }
        }
    }

    /// A late event that names a record of its own vehicle, somebody else's, or none.
    pub(super) fn note_late(&mut self, own: Option<bool>) {
        self.late += 1;
        self.late_correct += u64::from(own == Some(true));
        self.late_wrong += u64::from(own == Some(false));
    }

    /// Part of the pairable groups, 1/1 000 000.
    pub fn share(&self, part: u64) -> u64 {
        (part * 1_000_000).checked_div(self.pairable).unwrap_or(0)
    }
}
