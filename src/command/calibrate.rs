//! `wimd calibrate`: works a calibration out from runs of a reference vehicle, says which runs are
//! still missing, and seals the result when it is told to.
//!
//! In: sealed records. Out: the figures, a protocol to hand over, with `--apply` one record. It
//! sets nothing: the factor belongs into the controller's own menu and into the configuration,
//! which only a person on site can change.

mod apply;
mod follow;
mod gather;
mod protocol;
mod screen;

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::ledger_source::Source;
use super::refusal::{note, refusal};
use super::value::instant;
use super::{Exit, Failure, Outcome};
use crate::clock::Timestamp;
use crate::config::Config;
use crate::config::load::{DEFAULT_PATH, load};
use crate::daemon::parameters;
use crate::language::Language;
use crate::pipeline::assess::LaneLaw;
use crate::pipeline::calibration::{
    Calibration, LaneCalibration, Reference, SpeedBand, calibrate, missing,
};
use crate::units::{Kilograms, Lane};
use follow::Follow;
use gather::{Found, Sequences};

/// Axle loads may add up to so much more or less than the gross mass, per cent: our choice, more
/// than two static scales ever differ.
const APART: u64 = 2;

/// How it is called, for the end of the help.
const EXAMPLES: &str = "\
Examples:
  wimd calibrate --gross 40120 --axles 6 --plate 赣H12345 --from 2026-11-24T09:00:00+08:00 --follow
  wimd calibrate --axle-loads 6480,11640 --runs 1204,1207-1210 --protocol markdown > lane1.md
  sudo -u wimd wimd calibrate --gross 40120 --axles 6 --plate 赣H12345 --apply --by \"Li Wei\"

Weigh the vehicle on a static scale, drive it over each lane in each band of speed (to 10, to 40, \
above 40 km/h, as far as the lane is approved for it), at least five times each. Runs that were \
braked, straddled or not measured whole do not count, and the screen says why.

With --apply, while the daemon is stopped, the result is sealed in the ledger, the calibration \
counter goes up by one, and the drift watch of these lanes begins anew. Then set the factor in the \
controller and calibration_factor_permyriad in the configuration. Nothing else is ever changed.

Exit code 1: runs are missing, or a lane cannot be worked out.";

/// Arguments of `wimd calibrate`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct CalibrateArgs {
    /// Gross mass of the reference vehicle by a static scale, kg; the sum of its axle loads when absent.
    #[arg(long, value_name = "KG", required_unless_present = "axle_loads")]
    pub gross: Option<u32>,
    /// Its axle loads by a static scale, front to rear, kg, such as 6480,11640.
    #[arg(long, value_name = "KG,…", value_delimiter = ',')]
    pub axle_loads: Vec<u32>,
    /// Its number of axles; the number of axle loads when absent.
    #[arg(long, value_name = "N", required_unless_present = "axle_loads")]
    pub axles: Option<u8>,
    /// Its runs are the passages with this plate.
    #[arg(long, value_name = "TEXT", required_unless_present = "runs")]
    pub plate: Option<String>,
    /// Its runs are the passages with these sequences, such as 1204,1207-1210.
    #[arg(long, value_name = "SEQ,…", conflicts_with = "plate")]
    pub runs: Option<Sequences>,
    /// Not before this day or instant, such as 2026-11-24 or 2026-11-24T08:00:00+08:00.
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub from: Option<Timestamp>,
    /// Only this lane.
    #[arg(long, value_name = "NUMBER")]
    pub lane: Option<u8>,
    /// Show each run of the running daemon as it comes and what is still to be driven, until nothing
    /// is; a lane without approved speeds is driven over in every band. Ctrl-C ends it before.
    #[arg(long, conflicts_with_all = ["apply", "file", "json", "protocol"])]
    pub follow: bool,
    /// Print the protocol to hand over instead of the screen.
    #[arg(long, value_name = "FORMAT", value_enum, conflicts_with = "json")]
    pub protocol: Option<Format>,
    /// Print the result as one JSON object.
    #[arg(long)]
    pub json: bool,
    /// Seal the result in the ledger and raise the calibration counter.
    #[arg(long, requires = "by")]
    pub apply: bool,
    /// Who calibrates; stands in record and protocol.
    #[arg(long, value_name = "NAME", default_value = "")]
    pub by: String,
    /// Read the runs from a file with one published record in each line instead.
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Configuration file of the daemon.
    #[arg(long, value_name = "FILE", default_value = DEFAULT_PATH)]
    pub config: PathBuf,
    /// Language of the protocol: what the whole program speaks.
    #[arg(skip)]
    pub language: Language,
}

/// How the protocol is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Markdown with tables.
    Markdown,
    /// Plain text in pages of A4, ready for a printer or a PDF.
    Text,
}

/// Works out, shows, seals.
///
/// # Errors
/// A reference that contradicts itself, nothing to read from, and with `--apply` a result that is
/// not whole or a store that cannot be written.
pub fn run(args: &CalibrateArgs, out: &mut dyn Write) -> Outcome {
    let reference = reference(args)?;
    let config = configuration(args)?;
    let laws = match &config {
        Some(config) => parameters::profile(config)?.lanes,
        None => Vec::new(),
    };
    let mut source = Source::open(args.file.as_deref(), &args.config)?;
    if args.follow {
        let lanes = followed(args, &laws)?;
        let follow = Follow { args, reference: &reference, laws: &laws, lanes };
        follow.run(&source, out)?;
    }
    let found = gather::runs(&source, args, &reference, 0)?;
    let result = Outcomes::of(&found, args, &reference, &laws);
    if args.json {
        writeln!(out, "{}", serde_json::to_string(&result.calibration)?)?;
    } else if let Some(format) = args.protocol {
        write!(out, "{}", protocol::text(&result.calibration, format, args.language))?;
        // on paper it looks like any other
        screen::unfinished(&result, &source.name())?.lines().for_each(note);
    } else {
        screen::write(&result, args, &source.name(), out)?;
    }
    if args.apply {
        let config = config.ok_or_else(|| Failure::new(Exit::Usage, "--apply needs --config"))?;
        if args.file.is_some() {
            source = Source::open(None, &args.config)?;
        }
        let sealed = apply::apply(source, &config, result.whole()?)?;
        screen::applied(&sealed, out)?;
        return Ok(Exit::Good);
    }
    Ok(if result.is_whole() { Exit::Good } else { Exit::Failed })
}

/// What is known of each lane in which the vehicle was seen.
struct Outcomes {
    calibration: Calibration,
    /// What each lane still needs, in order of number.
    missing: Vec<(Lane, Vec<(SpeedBand, usize)>)>,
    /// Lanes that cannot be worked out, each with why.
    failures: Vec<String>,
    /// Records that could not be read.
    unreadable: u64,
}

impl Outcomes {
    fn of(found: &Found, args: &CalibrateArgs, reference: &Reference, laws: &[LaneLaw]) -> Self {
        let mut result = Self {
            calibration: Calibration {
                performed_by: args.by.clone(),
                reference: reference.clone(),
                lanes: Vec::new(),
            },
            missing: Vec::new(),
            failures: Vec::new(),
            unreadable: found.unreadable,
        };
        for (lane, of_lane) in &found.lanes {
            let law = law(laws, *lane);
            match calibrate(reference, &law, of_lane.runs.clone()) {
                Ok(lane) => {
                    result.missing.push((lane.lane, missing(&law, &lane.runs)));
                    let scale = of_lane.scale.clone();
                    result.calibration.lanes.push(LaneCalibration { scale, ..lane });
                }
                Err(error) => result.failures.push(error.to_string()),
            }
        }
        result
    }

    fn is_whole(&self) -> bool {
        let none_missing = self.missing.iter().all(|(_, bands)| bands.is_empty());
        none_missing && self.failures.is_empty() && !self.calibration.lanes.is_empty()
    }

    /// The result, when nothing is missing in it.
    fn whole(self) -> Result<Calibration, Failure> {
        if self.is_whole() {
            return Ok(self.calibration);
        }
        Err(Failure::new(Exit::Failed, "nothing is applied: runs are missing")
            .advice("drive the runs that the screen names; --lane N leaves the other lanes out"))
    }
}

fn law(laws: &[LaneLaw], lane: Lane) -> LaneLaw {
    let known = laws.iter().find(|law| law.lane == lane);
    known.cloned().unwrap_or_else(|| LaneLaw { lane, ..LaneLaw::default() })
}

fn reference(args: &CalibrateArgs) -> Result<Reference, Failure> {
    let usage = |text: String| Failure::new(Exit::Usage, text);
    let sum: u64 = args.axle_loads.iter().map(|load| u64::from(*load)).sum();
    let sum = u32::try_from(sum).unwrap_or(u32::MAX);
    let gross = args.gross.unwrap_or(sum);
    let loads = u8::try_from(args.axle_loads.len()).unwrap_or(u8::MAX);
    let axles = args.axles.unwrap_or(loads);
    if gross == 0 || axles < 2 || args.axle_loads.contains(&0) {
        return Err(usage("a reference vehicle has at least two axles and a mass".to_owned()));
    }
    if loads > 0 && loads != axles {
        return Err(usage(format!("--axle-loads: {loads} loads, but --axles says {axles}")));
    }
    if loads > 0 && u64::from(sum.abs_diff(gross)) * 100 > u64::from(gross) * APART {
        return Err(usage(format!(
            "--axle-loads add up to {sum} kg, but --gross says {gross} kg: weigh again"
        )));
    }
    Ok(Reference {
        plate: args.plate.clone(),
        gross_kg: Kilograms(gross),
        axles_kg: args.axle_loads.iter().copied().map(Kilograms).collect(),
        axles,
    })
}

/// The lanes that are driven over.
fn followed(args: &CalibrateArgs, laws: &[LaneLaw]) -> Result<Vec<Lane>, Failure> {
    let configured = laws.iter().map(|law| law.lane);
    let lanes: Vec<Lane> =
        configured.filter(|lane| args.lane.is_none_or(|only| only == lane.0)).collect();
    if lanes.is_empty() {
        let text = "--lane: no [[lane]] of the configuration has this number";
        return Err(Failure::new(Exit::Usage, text));
    }
    Ok(lanes)
}

/// The configuration; a file of records can do without one.
fn configuration(args: &CalibrateArgs) -> Result<Option<Config>, Failure> {
    match load(&args.config) {
        Ok(loaded) => Ok(Some(loaded.config)),
        Err(_) if args.file.is_some() && !args.apply => Ok(None),
        Err(error) => Err(refusal(error)),
    }
}
