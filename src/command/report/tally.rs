//! The counts of some passages.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Serialize, Serializer};

use crate::pipeline::assess::{Alarm, Tier, Verdict};
use crate::pipeline::evasion::{EvasionKind, EvasionSign};
use crate::pipeline::record::{Body, Record};
use crate::units::Lane;

/// A lane as a heading: `-` where a camera tells none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LaneName(Option<Lane>);

impl fmt::Display for LaneName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(Lane(number)) => write!(f, "{number}"),
            None => f.write_str("-"),
        }
    }
}

impl Serialize for LaneName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Counts; each passage stands in `passages` once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Tally {
    /// Vehicles weighed.
    pub(super) passages: u64,
    /// Of them with a verdict: compliant, overload or uncertain.
    pub(super) judged: u64,
    /// With the verdict overload.
    pub(super) overload: u64,
    /// That can support a case.
    pub(super) enforceable: u64,
    /// 百吨王.
    pub(super) hundred_tonnes: u64,
    /// 100 % over and more.
    pub(super) hundred_percent: u64,
    /// With at least one sign of evasion.
    pub(super) with_evasion: u64,
    /// Overloads by tier.
    pub(super) tiers: BTreeMap<Edges, u64>,
    /// Signs by kind, with those of camera events that no passage has.
    pub(super) evasion: BTreeMap<EvasionKind, u64>,
}

impl Tally {
    /// The counts of one record with its lane; `None` when it is neither a passage nor an event of a
    /// camera by itself.
    pub(super) fn of(record: &Record) -> Option<(LaneName, Self)> {
        let passage = match &record.body {
            Body::Passage(passage) => passage,
            Body::Supplement(alone) if !alone.evasion.is_empty() => {
                let mut tally = Self::default();
                tally.signs(&alone.evasion);
                return Some((LaneName(alone.plate_read.lane), tally));
            }
            _ => return None,
        };
        let assessment = &passage.assessment;
        let overload = assessment.verdict == Verdict::Overload;
        let has = |alarm| u64::from(assessment.alarms.contains(&alarm));
        let mut tally = Self {
            passages: 1,
            judged: u64::from(assessment.verdict != Verdict::NotAssessable),
            overload: u64::from(overload),
            enforceable: u64::from(passage.enforceable),
            hundred_tonnes: has(Alarm::HundredTonnes),
            hundred_percent: has(Alarm::HundredPercent),
            with_evasion: u64::from(!passage.evasion.is_empty()),
            ..Self::default()
        };
        if let Some(tier) = assessment.tier.filter(|_| overload) {
            tally.tiers.insert(Edges::of(tier), 1);
        }
        tally.signs(&passage.evasion);
        Some((LaneName(Some(passage.passage.lane)), tally))
    }

    fn signs(&mut self, signs: &[EvasionSign]) {
        self.evasion.extend(signs.iter().map(|sign| (sign.kind, 1)));
    }

    /// Adds another one's counts.
    pub(super) fn add(&mut self, other: &Self) {
        self.passages += other.passages;
        self.judged += other.judged;
        self.overload += other.overload;
        self.enforceable += other.enforceable;
        self.hundred_tonnes += other.hundred_tonnes;
        self.hundred_percent += other.hundred_percent;
        self.with_evasion += other.with_evasion;
        for (edges, count) in &other.tiers {
            *self.tiers.entry(*edges).or_default() += count;
        }
        for (kind, count) in &other.evasion {
            *self.evasion.entry(*kind).or_default() += count;
        }
    }

    /// Of all of them together.
    pub(super) fn sum<'a>(tallies: impl Iterator<Item = &'a Self>) -> Self {
        tallies.fold(Self::default(), |mut sum, tally| {
            sum.add(tally);
            sum
        })
    }
}

/// The edges of a tier in per-myriad, in the order of the tiers; the last one has no upper edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Edges {
    from: u32,
    to: Option<u32>,
}

impl Edges {
    fn of(tier: Tier) -> Self {
        Self { from: tier.from_permyriad.0, to: tier.to_permyriad.map(|to| to.0) }
    }

    /// Every tier that these edges make.
    pub(super) fn all(edges: &[u32]) -> impl Iterator<Item = Self> {
        let to = edges.iter().skip(1).copied().map(Some).chain([None]);
        edges.iter().copied().zip(to).map(|(from, to)| Self { from, to })
    }

    /// As the heading of a column: `over_10_to_20_percent`.
    pub(super) fn column(self) -> String {
        let from = percent(self.from);
        match self.to {
            Some(to) => format!("over_{from}_to_{}_percent", percent(to)),
            None => format!("over_{from}_percent_and_more"),
        }
    }
}

impl fmt::Display for Edges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let from = percent(self.from);
        match self.to {
            Some(to) => write!(f, "{from}-{} %", percent(to)),
            None => write!(f, "{from} % and more"),
        }
    }
}

impl Serialize for Edges {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Per-myriad as per cent without zeros behind the point.
fn percent(permyriad: u32) -> String {
    let text = format!("{}.{:02}", permyriad / 100, permyriad % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
