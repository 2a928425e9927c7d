//! What was sealed in an hour or a day, in figures (日清月结), so that a platform can hold its own
//! counts against ours.
//!
//! In: the sealed records of a stretch of the ledger, in order. Out: their counts and the place of
//! the next stretch. Stretches follow each other without a gap: each record is in exactly one of
//! the hours and in exactly one of the days, by the instant at which it was sealed.

mod period;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Body, Evicted, PassageRecord, Record};
use crate::clock::{SystemClockState, Timestamp};
use crate::pipeline::assess::{Basis, Tier, Verdict};
use crate::pipeline::evasion::{EvasionKind, EvasionSign};
use crate::units::Lane;

pub use period::{Cursor, Due, Period};

/// `wim/v1/{site}/reconciliation`: everything sealed in a period.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Reconciliation {
    /// Hour or day. After a very long outage the first one spans many of them.
    pub period: Period,
    /// Its start, included.
    pub from: Timestamp,
    /// Its end, excluded.
    pub to: Timestamp,
    /// First sequence that is counted: the one behind the period before.
    pub first_seq: u64,
    /// Last sequence that is counted; one less than `first_seq` when nothing was sealed.
    pub last_seq: u64,
    /// Hash of the record `last_seq`, lower-case hex: the head of the chain at that time.
    pub head: String,
    /// First sequence that the site can still send when this is made.
    pub first_kept: u64,
    /// Records by kind. With `unreadable` they add up to the sequences.
    pub kinds: Kinds,
    /// Sequences of which no record could be read any more.
    pub unreadable: u64,
    /// Vehicles and camera events by lane; a camera event that tells no lane stands under none.
    pub lanes: Vec<LaneFigures>,
    /// What went to make room, by what it was (`records`, `unsent`, `pictures`,
    /// `unclaimed` pictures): its number, as the evictions of the period tell it.
    pub evictions: BTreeMap<String, u64>,
    /// What the kernel said of the clock when this was made.
    pub clock: SystemClockState,
}

/// Records by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Kinds {
    /// Weighed vehicles.
    pub passage: u64,
    /// Camera events that stand alone.
    pub supplement: u64,
    /// Both halves of a vehicle astride two lanes.
    pub joint: u64,
    /// Gaps.
    pub gap: u64,
    /// Times in which nothing could come from a camera.
    pub camera_gap: u64,
    /// Alarms.
    pub alarm: u64,
    /// Audit records.
    pub audit: u64,
    /// Reconciliations.
    pub reconciliation: u64,
    /// Calibrations that were applied.
    pub calibration: u64,
    /// Evictions, each of many records or pictures.
    pub eviction: u64,
}

/// Weighed vehicles by verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Verdicts {
    /// Not over.
    pub compliant: u64,
    /// Over.
    pub overload: u64,
    /// Over by less than the permitted error.
    pub uncertain: u64,
    /// No verdict.
    pub not_assessable: u64,
}

/// Weighed vehicles in one bucket of the rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct TierFigure {
    /// The bucket.
    #[serde(flatten)]
    pub tier: Tier,
    /// How many.
    pub vehicles: u64,
}

/// One lane.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct LaneFigures {
    /// Its number.
    pub lane: Option<Lane>,
    /// Weighed vehicles by verdict.
    pub verdicts: Verdicts,
    /// Of them over on an axle group only.
    pub axle_group_only: u64,
    /// Of them able to support a case.
    pub enforceable: u64,
    /// Of them by bucket of the rate, those that occurred, from the lowest.
    pub tiers: Vec<TierFigure>,
    /// Camera events that stand alone.
    pub supplements: u64,
    /// Signs of evasion by kind, of vehicles and of camera events.
    pub evasion: BTreeMap<EvasionKind, u64>,
}

/// Counts in the making.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    kinds: Kinds,
    read: u64,
    lanes: BTreeMap<Option<Lane>, LaneFigures>,
    evictions: BTreeMap<String, u64>,
    last: Option<(u64, String)>,
}

impl Tally {
    /// Counts a record under its sequence and hash. Sequences must rise.
    pub fn add(&mut self, seq: u64, hash: String, record: &Record) {
        self.last = Some((seq, hash));
        self.read += 1;
        let kinds = &mut self.kinds;
        match &record.body {
            Body::Passage(passage) => {
                kinds.passage += 1;
                self.lane(Some(passage.passage.lane)).vehicle(passage);
            }
            Body::Supplement(supplement) => {
                kinds.supplement += 1;
                let lane = self.lane(supplement.plate_read.lane);
                lane.supplements += 1;
                lane.signs(&supplement.evasion);
            }
            Body::Joint(_) => kinds.joint += 1,
            Body::Gap(_) => kinds.gap += 1,
            Body::CameraGap(_) => kinds.camera_gap += 1,
            Body::Alarm(_) => kinds.alarm += 1,
            Body::Audit(_) => kinds.audit += 1,
            Body::Reconciliation(_) => kinds.reconciliation += 1,
            Body::Calibration(_) => kinds.calibration += 1,
            Body::Eviction(eviction) => {
                kinds.eviction += 1;
                let what = match eviction.what {
                    Evicted::Records => "records",
                    Evicted::Unsent => "unsent",
                    Evicted::Pictures => "pictures",
                    Evicted::Unclaimed => "unclaimed",
                };
                *self.evictions.entry(what.to_owned()).or_default() += eviction.count();
            }
        }
    }

    fn lane(&mut self, lane: Option<Lane>) -> &mut LaneFigures {
        let fresh = || LaneFigures { lane, ..LaneFigures::default() };
        self.lanes.entry(lane).or_insert_with(fresh)
    }

    /// The figures of the period of `cursor` that ends at `to`, and where the next one begins.
    pub fn close(
        self,
        period: Period,
        cursor: &Cursor,
        to: Timestamp,
        (first_kept, clock): (u64, SystemClockState),
    ) -> (Reconciliation, Cursor) {
        let before = (cursor.first_seq.saturating_sub(1), cursor.hash.clone());
        let (last_seq, head) = self.last.unwrap_or(before);
        let sequences = (last_seq + 1).saturating_sub(cursor.first_seq);
        let again = if last_seq < cursor.first_seq { cursor.again } else { 0 };
        let next = Cursor { from: to, first_seq: last_seq + 1, hash: head.clone(), again };
        let figures = Reconciliation {
            period,
            from: cursor.from,
            to,
            first_seq: cursor.first_seq,
            last_seq,
            head,
            first_kept,
            kinds: self.kinds,
            unreadable: sequences.saturating_sub(self.read),
            lanes: self.lanes.into_values().collect(),
            evictions: self.evictions,
            clock,
        };
        (figures, next)
    }
}

impl LaneFigures {
    fn vehicle(&mut self, record: &PassageRecord) {
        let assessment = &record.assessment;
        *match assessment.verdict {
            Verdict::Compliant => &mut self.verdicts.compliant,
            Verdict::Overload => &mut self.verdicts.overload,
            Verdict::Uncertain => &mut self.verdicts.uncertain,
            Verdict::NotAssessable => &mut self.verdicts.not_assessable,
        } += 1;
        self.axle_group_only += u64::from(assessment.basis == Some(Basis::AxleGroup));
        self.enforceable += u64::from(record.enforceable);
        if let Some(tier) = assessment.tier {
            let lower = |figure: &TierFigure| figure.tier.from_permyriad < tier.from_permyriad;
            let place = self.tiers.partition_point(lower);
            if self.tiers.get(place).is_none_or(|figure| figure.tier != tier) {
                self.tiers.insert(place, TierFigure { tier, vehicles: 0 });
            }
            self.tiers[place].vehicles += 1;
        }
        self.signs(&record.evasion);
    }

    fn signs(&mut self, signs: &[EvasionSign]) {
        for sign in signs {
            *self.evasion.entry(sign.kind).or_default() += 1;
        }
    }
}

impl Reconciliation {
    /// `{site}-hour-20261126T10-{first sequence}`: from the period and its first record alone, so
    /// that a second try gives the same. When the clock was set back behind the cursor the same period
    /// may come again without a record in between, and the id counts that.
    pub fn id(&self, site: &str, cursor: &Cursor) -> String {
        let period = match self.period {
            Period::Hour => "hour",
            Period::Day => "day",
        };
        let from: String = self.from.to_string().chars().filter(|c| c.is_alphanumeric()).collect();
        let from = from.get(..11).unwrap_or(&from);
        let again = match cursor.again {
            0 => String::new(),
            times => format!("-again-{times}"),
        };
        format!("{site}-{period}-{from}-{}{again}", self.first_seq)
    }
}

#[cfg(test)]
mod tests;
