//! Which records are meant.

use clap::Args;

use crate::clock::Timestamp;
use crate::command::value::{instant, name};
use crate::pipeline::record::{Body, Record};

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
            && (self.asks_nothing_of_the_vehicle() || self.fits_vehicle(&record.body))
    }

    fn asks_nothing_of_the_vehicle(&self) -> bool {
        let texts = self.plate.is_none() && self.verdict.is_none() && self.lane.is_none();
        texts && !self.evasion && !self.enforceable
    }

    fn fits_vehicle(&self, body: &Body) -> bool {
        let Body::Passage(passage) = body else {
            return false;
        };
        let plate = passage.pairing.plate.as_deref().unwrap_or("");
        let verdict = name(&passage.assessment.verdict);
        self.lane.is_none_or(|lane| passage.passage.lane.0 == lane)
            && self.plate.as_deref().is_none_or(|text| plate.contains(text))
            && self.verdict.as_deref().is_none_or(|text| verdict == text)
            && (!self.evasion || !passage.evasion.is_empty())
            && (!self.enforceable || passage.enforceable)
    }
}
