//! The command line: clap types only. What a subcommand takes stands in its own file under
//! `command/`; what it does is called from [`crate::command::dispatch`].

use clap::parser::ValueSource;
use clap::{ArgMatches, FromArgMatches, Parser, Subcommand};

use crate::command::assess::AssessArgs;
use crate::command::calibrate::CalibrateArgs;
use crate::command::camera::CameraArgs;
use crate::command::capture::CaptureArgs;
use crate::command::check::CheckArgs;
use crate::command::completions::CompletionsArgs;
use crate::command::demo::DemoArgs;
use crate::command::doctor::DoctorArgs;
use crate::command::keygen::KeygenArgs;
use crate::command::ledger::LedgerArgs;
use crate::command::man::ManArgs;
use crate::command::monitor::MonitorArgs;
use crate::command::outbox::OutboxArgs;
use crate::command::ports::PortsArgs;
use crate::command::reassess::ReassessArgs;
use crate::command::records::RecordsArgs;
use crate::command::replay::ReplayArgs;
use crate::command::report::ReportArgs;
use crate::command::run::RunArgs;
use crate::command::schema::SchemaArgs;
use crate::command::score::ScoreArgs;
use crate::command::simulate::SimulateArgs;
use crate::command::status::StatusArgs;
use crate::command::verify::VerifyArgs;
use crate::language::Language;

/// Roadside daemon of a non-stop overload detection point.
///
/// Axle frames and plate events in, signed violation records out. Exit codes: 0 good, 1 failed,
/// 2 usage, 78 bad configuration.
#[derive(Debug, Parser)]
#[command(name = "wimd", version, propagate_version = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Language of help, screens and errors: en or zh; without it that of LC_ALL, LC_MESSAGES, LANG.
    #[arg(long = "lang", global = true, value_enum, default_value_t, hide_default_value = true)]
    pub language: Language,
    /// What is printed is for programs, or a document.
    #[arg(skip)]
    data: bool,
}

/// Commands whose output is for programs, whatever their arguments.
const FOR_PROGRAMS: [&str; 4] = ["completions", "export", "man", "schema"];

/// Arguments that make the output one for programs, or a document that has its language already.
const DATA: [&str; 3] = ["json", "csv", "protocol"];

impl Cli {
    /// What a command line says, with the language that was found for it.
    ///
    /// # Errors
    /// When an argument is missing or wrong.
    pub fn of(matches: &ArgMatches, language: Language) -> Result<Self, clap::Error> {
        let mut cli = Self::from_arg_matches(matches)?;
        match &mut cli.command {
            Command::Assess(args) => args.lang = language,
            Command::Calibrate(args) => args.language = language,
            Command::Monitor(args) => args.language = language,
            Command::Records(args) => args.language = language,
            _ => {}
        }
        Ok(Self { language, data: is_for_programs(matches), ..cli })
    }

    /// Whether the output goes out as it is: never translated, and no line of it broken.
    pub fn is_data(&self) -> bool {
        self.data
    }
}

fn is_for_programs(matches: &ArgMatches) -> bool {
    let Some((name, matches)) = matches.subcommand() else {
        return false;
    };
    let given = |argument: &str| {
        let there = matches.try_contains_id(argument).unwrap_or(false);
        there && matches.value_source(argument) == Some(ValueSource::CommandLine)
    };
    FOR_PROGRAMS.contains(&name) || DATA.iter().any(|data| given(data)) || is_for_programs(matches)
}

/// One variant per file of `command/`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the daemon until SIGTERM.
    Run(RunArgs),
    /// Check a configuration file: every mistake at once.
    Check(CheckArgs),
    /// Show how the running daemon is.
    Status(StatusArgs),
    /// Watch the site live: each lane with its last vehicle, links, queues.
    Monitor(MonitorArgs),
    /// Find what is wrong: configuration, scale, cameras, disk, clock, broker, each with advice.
    Doctor(DoctorArgs),
    /// Commission the cameras: waits for an event of each and says what is missing in it.
    Camera(CameraArgs),
    /// List, filter, show and export the sealed records.
    Records(Box<RecordsArgs>),
    /// The figures of a month, as the campaign asks for them.
    Report(ReportArgs),
    /// Calibrate the scale with a reference vehicle: factor, errors, class, protocol.
    Calibrate(Box<CalibrateArgs>),
    /// Keep the raw line, to take it home.
    Capture(CaptureArgs),
    /// Play a recording again offline: frames, passages, records.
    Replay(ReplayArgs),
    /// List the serial ports of this machine.
    Ports(PortsArgs),
    /// Show the whole way from axle to platform with invented traffic.
    Demo(DemoArgs),
    /// Play invented traffic against a running daemon.
    Simulate(SimulateArgs),
    /// Count how many vehicles get their own plate, by the truth of invented traffic.
    Score(ScoreArgs),
    /// Judge a vehicle by its axle loads and spacings.
    Assess(Box<AssessArgs>),
    /// Judge sealed records again: proves the ledger, or shows what another table would change.
    Reassess(ReassessArgs),
    /// Check records that left the box: chain, signatures, gaps.
    Verify(VerifyArgs),
    /// List, show or export the sealed records of this box.
    Ledger(LedgerArgs),
    /// List what waits for the platform, by queue, and what is set aside.
    Outbox(OutboxArgs),
    /// Make the key that signs the ledger.
    Keygen(KeygenArgs),
    /// Print or write the JSON Schemas of the platform and of camera bridges, and the AsyncAPI document.
    Schema(SchemaArgs),
    /// Write the man pages and completion scripts of the package.
    Man(ManArgs),
    /// Print the completion script of a shell.
    Completions(CompletionsArgs),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_has_no_contradictions() {
        Cli::command().debug_assert();
    }
}
