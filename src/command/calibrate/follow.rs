//! Runs of the reference vehicle as they come, until none is to be driven any more.

use std::io::Write;
use std::time::Duration;

use super::gather::{Found, runs};
use super::{CalibrateArgs, Outcomes, law, screen};
use crate::command::ledger_source::Source;
use crate::command::{Exit, Failure};
use crate::pipeline::assess::LaneLaw;
use crate::pipeline::calibration::{Reference, to_drive};
use crate::units::Lane;

/// How often the daemon is asked for new runs.
const LOOK: Duration = Duration::from_secs(1);

/// What is followed.
pub(super) struct Follow<'a> {
    pub(super) args: &'a CalibrateArgs,
    pub(super) reference: &'a Reference,
    pub(super) laws: &'a [LaneLaw],
    /// Each lane that is to be driven over, whether or not a run was seen in it.
    pub(super) lanes: Vec<Lane>,
}

impl Follow<'_> {
    /// Shows each run until nothing is left to drive.
    pub(super) fn run(&self, source: &Source, out: &mut dyn Write) -> Result<(), Failure> {
        if !matches!(source, Source::Daemon(_)) {
            return Err(Failure::new(Exit::Failed, "--follow needs the running daemon")
                .advice("sudo systemctl start wimd"));
        }
        self.unlimited(out)?;
        let mut found = Found::default();
        let mut told = None;
        loop {
            found.extend(runs(source, self.args, self.reference, found.read_to)?);
            let result = self.outcomes(&found);
            let seen: usize = found.lanes.values().map(|lane| lane.runs.len()).sum();
            if told != Some(seen) {
                screen::newest(&result, told.unwrap_or(0), out)?;
                out.flush()?;
                told = Some(seen);
            }
            if result.missing.is_empty() {
                return Ok(writeln!(out)?);
            }
            std::thread::sleep(LOOK);
        }
    }

    /// The result so far; missing is what is still to be driven.
    fn outcomes(&self, found: &Found) -> Outcomes {
        let result = Outcomes::of(found, self.args, self.reference, self.laws);
        let missing = self.lanes.iter().map(|lane| {
            let lanes = &mut result.calibration.lanes.iter();
            let runs = lanes.find(|of| of.lane == *lane).map_or(&[][..], |of| &of.runs);
            (*lane, to_drive(&law(self.laws, *lane), runs))
        });
        let missing = missing.filter(|(_, bands)| !bands.is_empty()).collect();
        Outcomes { missing, ..result }
    }

    /// Says of which lanes nobody knows the bands.
    fn unlimited(&self, out: &mut dyn Write) -> Result<(), Failure> {
        for lane in &self.lanes {
            if law(self.laws, *lane).speed.is_none() {
                writeln!(
                    out,
                    "lane {}: no approved speeds are configured, so every band is asked for",
                    lane.0
                )?;
            }
        }
        Ok(())
    }
}
