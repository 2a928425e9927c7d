//! Finds the runs of the reference vehicle among the records.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::CalibrateArgs;
use crate::command::Failure;
use crate::command::ledger_source::{Sealed, Source, Unreadable, WINDOW};
use crate::pipeline::calibration::{Reference, Run};
use crate::pipeline::passage::ScaleIdentity;
use crate::pipeline::record::Body;
use crate::units::Lane;

/// Most sequences that can be listed, so that a slip of the pen asks for no million of records.
const MOST: u64 = 10_000;

/// Sequences as a person lists them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequences(Vec<(u64, u64)>);

impl FromStr for Sequences {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let range = |part: &str| {
            let (from, to) = part.split_once('-').unwrap_or((part, part));
            let range: (u64, u64) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
            (range.0 > 0 && range.0 <= range.1).then_some(range)
        };
        let ranges: Option<Vec<(u64, u64)>> = text.split(',').map(range).collect();
        let ranges = ranges.ok_or("sequences such as 1204,1207-1210")?;
        let many = ranges.iter().map(|(from, to)| to - from + 1).fold(0, u64::saturating_add);
        if many > MOST {
            return Err(format!("{many} sequences are more than {MOST}"));
        }
        Ok(Self(ranges))
    }
}

/// The runs in one lane.
#[derive(Clone, Debug, Default)]
pub(super) struct OfLane {
    pub(super) runs: Vec<Run>,
    /// The scale as it named itself last.
    pub(super) scale: Option<ScaleIdentity>,
}

/// The runs by lane.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    pub(super) lanes: BTreeMap<Lane, OfLane>,
    pub(super) unreadable: u64,
    /// Last sequence that was looked at.
    pub(super) read_to: u64,
}

impl Found {
    pub(super) fn extend(&mut self, later: Self) {
        for (lane, found) in later.lanes {
            let of_lane = self.lanes.entry(lane).or_default();
            of_lane.runs.extend(found.runs);
            of_lane.scale = found.scale.or(of_lane.scale.take());
        }
        self.unreadable += later.unreadable;
        self.read_to = self.read_to.max(later.read_to);
    }

    fn take(&mut self, sealed: Sealed, args: &CalibrateArgs, reference: &Reference) {
        let record = sealed.record;
        let Body::Passage(passage) = record.body else {
            return;
        };
        let lane = passage.passage.lane;
        let named = args.plate.is_none() || passage.pairing.plate == args.plate;
        let in_lane = args.lane.is_none_or(|wanted| wanted == lane.0);
        let in_time = args.from.is_none_or(|from| from <= record.occurred_at);
        if !(named && in_lane && in_time) {
            return;
        }
        let judged = (&*passage.assessment.groups, &*passage.unenforceable);
        let of_lane = self.lanes.entry(lane).or_default();
        of_lane.runs.push(Run::new(record.id, &passage.passage, judged, reference));
        of_lane.scale = passage.passage.scale.or(of_lane.scale.take());
    }
}

/// The runs after sequence `after`.
pub(super) fn runs(
    source: &Source,
    args: &CalibrateArgs,
    reference: &Reference,
    after: u64,
) -> Result<Found, Failure> {
    let mut found = Found { read_to: after, ..Found::default() };
    let head = source.head()?;
    let whole = [(after + 1, head.unwrap_or(u64::MAX))];
    let ranges = args.runs.as_ref().map_or(&whole[..], |sequences| &sequences.0);
    for (from, to) in ranges.iter().copied() {
        let to = to.min(head.unwrap_or(to));
        each(source, (from.max(after + 1), to), |line| match line {
            Ok(sealed) if (from..=to).contains(&sealed.proof.seq) => {
                found.take(sealed, args, reference);
            }
            Ok(_) => {}
            Err(Unreadable(_)) => found.unreadable += 1,
        })?;
    }
    found.read_to = head.unwrap_or(after);
    Ok(found)
}

/// Every record of a range, window by window; a file is read as it lies.
fn each(
    source: &Source,
    (mut from, to): (u64, u64),
    mut take: impl FnMut(Result<Sealed, Unreadable>),
) -> Result<(), Failure> {
    let mut next = |from, to| {
        source.each(from, to, |line| {
            take(line);
            Ok(())
        })
    };
    if matches!(source, Source::File(_)) {
        return next(from, to);
    }
    while from <= to {
        let end = from.saturating_add(WINDOW - 1).min(to);
        next(from, end)?;
        from = end + 1;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_are_read_as_a_person_writes_them() {
        let read = |text: &str| text.parse::<Sequences>().map(|Sequences(ranges)| ranges);
        assert_eq!(read("1204,1207-1210"), Ok(vec![(1_204, 1_204), (1_207, 1_210)]));
        for wrong in ["", "a", "0", "7-3", "1-", "1,,2"] {
            assert_eq!(read(wrong), Err("sequences such as 1204,1207-1210".to_owned()), "{wrong}");
        }
        assert!(read("1-10001").is_err());
        assert!(read("1-18446744073709551615,1-18446744073709551615").is_err());
    }
}
