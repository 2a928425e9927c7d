//! `wimd ledger`: the sealed records of this box, from the daemon or from its files.

mod summary;

use std::io::Write;

use clap::{Args, Subcommand};
use serde_json::Value;

use super::place::Place;
use super::table::table;
use super::{Exit, Failure, Outcome};
use summary::Summary;

/// Arguments of `wimd ledger`.
#[derive(Debug, Args)]
pub struct LedgerArgs {
    /// What to do.
    #[command(subcommand)]
    command: LedgerCommand,
}

#[derive(Debug, Subcommand)]
enum LedgerCommand {
    /// Write records with their proofs, one a line, for `wimd verify` or deploy/verify.py.
    Export(ExportArgs),
    /// List records in a table.
    List(ListArgs),
    /// Show one record whole.
    Show(ShowArgs),
}

/// Arguments of `wimd ledger export`.
#[derive(Debug, Args)]
struct ExportArgs {
    /// First sequence.
    #[arg(long, value_name = "SEQ", default_value_t = 1)]
    from: u64,
    /// Last sequence; without it, up to the newest.
    #[arg(long, value_name = "SEQ", default_value_t = u64::MAX, hide_default_value = true)]
    to: u64,
    #[command(flatten)]
    place: Place,
}

/// Arguments of `wimd ledger list`.
#[derive(Debug, Args)]
struct ListArgs {
    /// How many of the newest.
    #[arg(long, value_name = "N", default_value_t = 20, conflicts_with = "from")]
    last: u64,
    /// First sequence, instead of the newest.
    #[arg(long, value_name = "SEQ")]
    from: Option<u64>,
    /// Last sequence.
    #[arg(long, value_name = "SEQ", requires = "from")]
    to: Option<u64>,
    /// Print one JSON object a line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// Arguments of `wimd ledger show`.
#[derive(Debug, Args)]
struct ShowArgs {
    /// Sequence of the record.
    #[arg(value_name = "SEQ")]
    seq: u64,
    /// Print it in one line, as it is exported.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// Shows or exports records.
///
/// # Errors
/// When neither daemon nor files can be read, or a record is not there.
pub fn run(args: &LedgerArgs, out: &mut dyn Write) -> Outcome {
    match &args.command {
        LedgerCommand::Export(args) => export(args, out),
        LedgerCommand::List(args) => list(args, out),
        LedgerCommand::Show(args) => show(args, out),
    }
}

fn export(args: &ExportArgs, out: &mut dyn Write) -> Outcome {
    in_order(args.from, args.to)?;
    for line in args.place.open()?.range(args.from, args.to)? {
        out.write_all(&line?)?;
        out.write_all(b"\n")?;
    }
    Ok(Exit::Good)
}

/// A range that is backwards names no record, and is no good answer of none.
fn in_order(from: u64, to: u64) -> Result<(), Failure> {
    if from <= to {
        return Ok(());
    }
    let text = format!("the range {from} to {to} is backwards");
    Err(Failure::new(Exit::Usage, text).advice("--from is the first sequence, --to the last"))
}

fn list(args: &ListArgs, out: &mut dyn Write) -> Outcome {
    in_order(args.from.unwrap_or(0), args.to.unwrap_or(u64::MAX))?;
    let records = args.place.open()?;
    let (from, to) = match args.from {
        Some(from) => (from, args.to.unwrap_or(u64::MAX)),
        None => {
            let head = records.head()?;
            (head.saturating_sub(args.last.saturating_sub(1)).max(1), head)
        }
    };
    let mut shown = table(Summary::HEADINGS);
    for line in records.range(from, to)? {
        let summary = Summary::of(&parsed(&line?)?);
        if args.json {
            writeln!(out, "{}", serde_json::to_string(&summary)?)?;
        } else {
            shown.add_row(summary.cells());
        }
    }
    if !args.json {
        writeln!(out, "{shown}")?;
    }
    Ok(Exit::Good)
}

fn show(args: &ShowArgs, out: &mut dyn Write) -> Outcome {
    let mut records = args.place.open()?.range(args.seq, args.seq)?;
    let Some(line) = records.next() else {
        let text = format!("the ledger has no record {}", args.seq);
        let failure = Failure::new(Exit::Failed, text);
        return Err(failure.advice("`wimd ledger list` shows the newest; old ones may be pruned"));
    };
    let line = line?;
    if args.json {
        out.write_all(&line)?;
        writeln!(out)?;
    } else {
        writeln!(out, "{:#}", parsed(&line)?)?;
    }
    Ok(Exit::Good)
}

fn parsed(line: &[u8]) -> Result<Value, Failure> {
    Ok(serde_json::from_slice(line)?)
}
