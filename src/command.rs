//! Subcommands: one file each, with its arguments and `run`.
//!
//! A command writes its result to the given output and returns an [`Exit`], or a [`Failure`]
//! that holds the error chain and, where there is one, the advice. Advice is given here and
//! nowhere deeper.

pub mod assess;
pub mod calibrate;
pub mod camera;
pub mod capture;
pub mod check;
pub mod completions;
pub mod demo;
pub mod doctor;
mod fast_clock;
mod figures;
mod file;
mod finding;
mod holder;
mod judging;
pub mod keygen;
pub mod ledger;
mod ledger_source;
pub mod man;
pub mod monitor;
mod named_files;
pub mod outbox;
mod picture;
mod place;
pub mod ports;
pub mod reassess;
pub mod records;
mod refusal;
pub mod replay;
pub mod report;
pub mod run;
pub mod schema;
pub mod score;
pub mod simulate;
pub mod status;
mod table;
mod tap;
mod topic;
mod troubles;
mod value;
pub mod verify;
mod words;

use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::process::ExitCode;

use crate::cli::{Cli, Command};
use crate::language::Screen;

/// Exit codes of the program (design section 9; 78 is `EX_CONFIG` of sysexits.h, on which the
/// service manager does not restart us).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done, and the answer is good.
    Good,
    /// Not done, or the answer is bad.
    Failed,
    /// The command line is wrong.
    Usage,
    /// The configuration is wrong or missing.
    Configuration,
}

impl Exit {
    /// The number for the parent process.
    pub const fn code(self) -> u8 {
        match self {
            Self::Good => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Configuration => 78,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// What a command returns.
pub type Outcome = Result<Exit, Failure>;

/// Why a command could not do it. Any error becomes one with `?`.
#[derive(Debug)]
pub struct Failure {
    exit: Exit,
    cause: Box<dyn Error + Send + Sync>,
    advice: Option<String>,
}

impl<E: Error + Send + Sync + 'static> From<E> for Failure {
    fn from(cause: E) -> Self {
        Self { exit: Exit::Failed, cause: Box::new(cause), advice: None }
    }
}

impl Failure {
    /// A failure without a typed cause, such as a wrong combination of arguments.
    pub fn new(exit: Exit, text: impl Into<String>) -> Self {
        Self { exit, cause: text.into().into(), advice: None }
    }

    /// The same with another exit code.
    #[must_use]
    pub fn exit(self, exit: Exit) -> Self {
        Self { exit, ..self }
    }

    /// The same with what to do next.
    #[must_use]
    pub fn advice(self, advice: impl Into<String>) -> Self {
        let advice = Some(advice.into());
        Self { advice, ..self }
    }

    /// The chain of causes in one line, and the advice in another.
    pub(in crate::command) fn text(&self) -> String {
        let mut text = format!("error: {}", self.cause);
        let mut cause = self.cause.source();
        while let Some(error) = cause {
            let _ = write!(text, ": {error}");
            cause = error.source();
        }
        if let Some(advice) = &self.advice {
            let _ = write!(text, "\nhelp: {advice}");
        }
        text
    }

    /// Whether the reader of our output has gone.
    fn is_broken_pipe(&self) -> bool {
        refusal::io_kind(&*self.cause) == Some(io::ErrorKind::BrokenPipe)
    }
}

/// Runs the chosen command; errors go to standard error.
pub fn run(cli: &Cli, out: &mut dyn Write) -> Exit {
    match dispatch(&cli.command, out).and_then(|exit| Ok(out.flush().map(|()| exit)?)) {
        Ok(exit) => exit,
        Err(failure) if failure.is_broken_pipe() => cut_short(&cli.command),
        Err(failure) => {
            let screen = Screen::of_stderr(cli.language);
            anstream::eprintln!("{}", screen.text(&failure.text()));
            failure.exit
        }
    }
}

/// The end of a command whose reader has gone: what did not judge to the end must not pass for good.
fn cut_short(command: &Command) -> Exit {
    use Command::{Check, Doctor, Reassess, Score, Verify};
    match command {
        Check(_) | Doctor(_) | Reassess(_) | Score(_) | Verify(_) => Exit::Failed,
        _ => Exit::Good,
    }
}

fn dispatch(command: &Command, out: &mut dyn Write) -> Outcome {
    match command {
        Command::Run(args) => run::run(args, out),
        Command::Check(args) => check::run(args, out),
        Command::Status(args) => status::run(args, out),
        Command::Ports(args) => ports::run(args, out),
        Command::Demo(args) => demo::run(args, out),
        Command::Doctor(args) => doctor::run(args, out),
        Command::Calibrate(args) => calibrate::run(args, out),
        Command::Camera(args) => camera::run(args, out),
        Command::Capture(args) => capture::run(args, out),
        Command::Monitor(args) => monitor::run(args, out),
        Command::Records(args) => records::run(args, out),
        Command::Report(args) => report::run(args, out),
        Command::Replay(args) => replay::run(args, out),
        Command::Simulate(args) => simulate::run(args, out),
        Command::Score(args) => score::run(args, out),
        Command::Assess(args) => assess(args, out),
        Command::Reassess(args) => reassess::run(args, out),
        Command::Verify(args) => verify::run(args, out),
        Command::Ledger(args) => ledger::run(args, out),
        Command::Outbox(args) => outbox::run(args, out),
        Command::Keygen(args) => keygen::run(args, out),
        Command::Schema(args) => schema::run(args, out),
        Command::Man(args) => man::run(args, out),
        Command::Completions(args) => completions::run(args, out),
    }
}

fn assess(args: &assess::AssessArgs, out: &mut dyn Write) -> Outcome {
    match assess::run(args, out) {
        Ok(()) => Ok(Exit::Good),
        Err(error) => {
            let exit = if error.is_usage() { Exit::Usage } else { Exit::Failed };
            let advice = error.advice();
            Err(Failure::from(error).exit(exit).advice(advice))
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[test]
    fn exit_codes_are_the_documented_ones() {
        let table =
            [(Exit::Good, 0), (Exit::Failed, 1), (Exit::Usage, 2), (Exit::Configuration, 78)];
        for (exit, code) in table {
            assert_eq!(exit.code(), code, "{exit:?}");
        }
    }

    #[test]
    fn a_failure_tells_the_whole_chain_and_the_advice() {
        let inner = io::Error::new(io::ErrorKind::NotFound, "no such file");
        let failure = Failure::from(io::Error::other(inner)).advice("make it");
        assert_eq!(failure.text(), "error: no such file\nhelp: make it");
    }

    /// An output whose reader has gone.
    struct Gone;

    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_went_away_is_a_normal_end_but_for_who_judges() {
        let ended = |arguments: &[&str]| {
            let cli = Cli::try_parse_from(["wimd"].iter().chain(arguments)).expect("arguments");
            run(&cli, &mut Gone)
        };
        assert_eq!(ended(&["completions", "bash"]), Exit::Good);
        assert_eq!(ended(&["check", "--config", "deploy/wimd.toml"]), Exit::Failed);
        assert!(!Failure::new(Exit::Failed, "else").is_broken_pipe());
    }
}
