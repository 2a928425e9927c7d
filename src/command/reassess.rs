//! `wimd reassess`: what does the law make of sealed records now?
//!
//! In: a ledger, or exported records, and the law: the one that made them, or another table, regime
//! or day. Out: under the same law the proof that every record comes out of its raw frames to the
//! byte; under another one, which verdicts change and why. It writes to no store.

mod again;
mod law;
mod report;
mod source;

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::{Exit, Outcome};
use again::again;
use law::Law;
use report::Report;

/// How it is called, for the end of the help.
const EXAMPLES: &str = "\
Examples:
  sudo -u wimd wimd reassess             every record of this box, under the law that made it
  wimd reassess november.jsonl           records as they were exported or published
  wimd reassess --regime mot62-2016      what Order 62 alone would make of them
  wimd reassess --table gb1589-2026.toml --regime gb1589-2026 --date 2027-07-01

Without --table, --regime and --date it is a proof: exit code 1 says that some record does not come \
out of its raw frames to the byte. With them it tells which verdicts change, and why.";

/// Arguments of `wimd reassess`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ReassessArgs {
    /// Files with one exported or published record in each line, - for standard input; without
    /// them the ledger. Exports hold no raw frames: their measurements are taken as they are.
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Folder of the store, or of `wimd demo --state`; by the configuration when absent. The
    /// daemon must not run: it holds the store.
    #[arg(long, value_name = "DIR", conflicts_with = "files")]
    pub state: Option<PathBuf>,
    /// First sequence of the ledger.
    #[arg(long, value_name = "SEQ", default_value_t = 1)]
    pub from: u64,
    /// Last sequence of the ledger; the newest when absent.
    #[arg(long, value_name = "SEQ")]
    pub to: Option<u64>,
    /// Configuration that the records were made with; the defaults of every key when there is
    /// --state or FILE and no --config.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// File with a further limit table, or one that replaces another; repeatable.
    #[arg(long = "table", value_name = "FILE")]
    pub tables: Vec<PathBuf>,
    /// Judge by this limit table on every day, such as mot62-2016.
    #[arg(long, value_name = "ID")]
    pub regime: Option<String>,
    /// Judge as if every vehicle had passed on this day.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub date: Option<String>,
    /// Print one JSON object for each record that differs, and the summary as the last line.
    #[arg(long)]
    pub json: bool,
}

/// Judges every record again and tells what came out.
///
/// # Errors
/// When the law, the store or a file cannot be read. What comes out differently under the same
/// law is no error but the answer, with [`Exit::Failed`].
pub fn run(args: &ReassessArgs, out: &mut dyn Write) -> Outcome {
    let law = Law::of(args)?;
    let mut report = Report::new(args.json, law.is_other());
    source::each(args, &law, |sealed| {
        let found = again(&sealed, &law);
        Ok(report.add(&sealed, found, out)?)
    })?;
    report.finish(out)?;
    Ok(if report.is_good() { Exit::Good } else { Exit::Failed })
}
