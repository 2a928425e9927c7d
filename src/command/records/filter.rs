//! Which records are meant.

use clap::Args;

use crate::clock::Timestamp;
use crate::command::value::{instant, name};
use crate::pipeline::record::{Body, Record};
use crate::units::Lane;

/// Conditions; a record fits when all of them hold.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Filter {
    /// Not before this day or instant, such as 2026-11-24 or 2026-11-24T08:00:00+08:00.
    #[arg(long, value_name = "TIME", value_parser = instant)]
    from: Option<Timestamp>,
    /// Before this day or instant.
    #[arg(long, value_name = "TIME", value_parser = instant)]
    to: Option<Timestamp>,
    /// Of this lane.
    #[arg(long)]
    lane: Option<u8>,
    /// Whose plate contains this.
    #[arg(long, value_name = "TEXT")]
    plate: Option<String>,
    /// With this verdict: compliant, overload, uncertain, not_assessable.
    #[arg(long, value_parser = ["compliant", "overload", "uncertain", "not_assessable"])]
    verdict: Option<String>,
    /// With signs of evasion.
    #[arg(long)]
    evasion: bool,
    /// That can support a case.
    #[arg(long)]
    enforceable: bool,
}

impl Filter {
    /// Whether a record is meant.
    pub(super) fn fits(&self, record: &Record) -> bool {
        let at = record.occurred_at;
        self.from.is_none_or(|from| from <= at)
            && self.to.is_none_or(|to| at < to)
            && (self.asks_nothing_of_the_vehicle() || self.fits_vehicle(record))
    }

    fn asks_nothing_of_the_vehicle(&self) -> bool {
        let texts = self.plate.is_none() && self.verdict.is_none() && self.lane.is_none();
        texts && !self.evasion && !self.enforceable
    }

    fn fits_vehicle(&self, record: &Record) -> bool {
        let (lanes, plate) = match &record.body {
            Body::Passage(passage) => (vec![passage.passage.lane], &passage.pairing.plate),
            Body::Supplement(supplement) => {
                let read = &supplement.plate_read;
                (read.lane.into_iter().collect(), &read.plate.text)
            }
            Body::Joint(joint) => (joint.lanes.clone(), &joint.plate),
            _ => return false,
        };
        let plate = plate.as_deref().unwrap_or("");
        self.lane.is_none_or(|lane| lanes.contains(&Lane(lane)))
            && self.plate.as_deref().is_none_or(|text| plate.contains(text))
            && (!self.evasion || !record.evasion().is_empty())
            && self.fits_judgement(&record.body)
    }

    /// Only a passage is judged.
    fn fits_judgement(&self, body: &Body) -> bool {
        let Body::Passage(passage) = body else {
            return self.verdict.is_none() && !self.enforceable;
        };
        let verdict = name(&passage.assessment.verdict);
        self.verdict.as_deref().is_none_or(|text| verdict == text)
            && (!self.enforceable || passage.enforceable)
    }
}
