//! The counts of some passages.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::pipeline::assess::{Alarm, Tier, Verdict};
use crate::pipeline::record::{Body, Record};

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
    pub(super) tiers: BTreeMap<String, u64>,
    /// Signs by kind.
    pub(super) evasion: BTreeMap<String, u64>,
}

impl Tally {
    /// The counts of one record with its lane; `None` when it is no passage.
    pub(super) fn of(record: &Record) -> Option<(u8, Self)> {
        let Body::Passage(passage) = &record.body else {
            return None;
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
            tally.tiers.insert(tier_name(tier), 1);
        }
        for sign in &passage.evasion {
            let kind = serde_json::to_value(sign.kind).unwrap_or_default();
            tally.evasion.insert(kind.as_str().unwrap_or("other").to_owned(), 1);
        }
        Some((passage.passage.lane.0, tally))
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
        for (mine, others) in [(&mut self.tiers, &other.tiers), (&mut self.evasion, &other.evasion)]
        {
            for (name, count) in others {
                *mine.entry(name.clone()).or_default() += count;
            }
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

/// Such as `010-030%`: sorts as the tiers do.
fn tier_name(tier: Tier) -> String {
    let percent = |permyriad: u32| format!("{:03}", permyriad / 100);
    match tier.to_permyriad {
        Some(to) => format!("{}-{}%", percent(tier.from_permyriad.0), percent(to.0)),
        None => format!("{}%+", percent(tier.from_permyriad.0)),
    }
}
