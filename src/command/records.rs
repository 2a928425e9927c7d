//! `wimd records`: the sealed records of this site, listed, filtered, shown one by one, exported.

mod delivery;
mod figures;
mod filter;
mod page;
mod row;
mod special;

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::ledger_source::{Sealed, Source, Unreadable, WINDOW};
use super::table::table;
use super::{Exit, Failure, Outcome};
use crate::config::load::DEFAULT_PATH;
use crate::language::Language;
use filter::Filter;
use row::{HEADINGS, Row};

/// Records that are listed unless told otherwise: a screen with its headings.
const LISTED: usize = 30;

/// Arguments of `wimd records`.
#[derive(Debug, Args)]
pub struct RecordsArgs {
    /// Show this one as a page: its sequence or its id.
    #[arg(value_name = "RECORD", conflicts_with = "csv")]
    pub record: Option<String>,
    #[command(flatten)]
    filter: Filter,
    /// The newest so many of those that fit; without it 30 are listed, and all of them printed with
    /// --json or --csv.
    #[arg(long, value_name = "N")]
    pub last: Option<usize>,
    /// Print every record that fits as one line of JSON with its proof, as published.
    #[arg(long)]
    pub json: bool,
    /// Print every record that fits as one line of CSV.
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
    /// Read a file with one published record in each line instead.
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Configuration file of the daemon.
    #[arg(long, value_name = "FILE", default_value = DEFAULT_PATH)]
    pub config: PathBuf,
    /// Language of a page: what the whole program speaks.
    #[arg(skip)]
    pub language: Language,
}

/// Lists, shows or exports.
///
/// # Errors
/// When there is nothing to read from, or no such record.
pub fn run(args: &RecordsArgs, out: &mut dyn Write) -> Outcome {
    let source = Source::open(args.file.as_deref(), &args.config)?;
    if let Some(wanted) = &args.record {
        return show(&source, wanted, args, out);
    }
    if args.json || args.csv {
        return export(&source, args, out);
    }
    let (newest, unreadable) = newest(&source, &args.filter, args.last.unwrap_or(LISTED))?;
    let mut table = table(HEADINGS);
    for sealed in &newest {
        table.add_row(Row::of(sealed).cells());
    }
    if newest.is_empty() {
        writeln!(out, "no record fits; read from {}", source.name())?;
    } else {
        writeln!(out, "{table}")?;
        writeln!(out, "\n{} records, from {}", newest.len(), source.name())?;
    }
    out.flush()?;
    judged(&unreadable, "the others are listed; `wimd doctor` looks at disk and store")
}

/// Good when everything could be read.
fn judged(unreadable: &[String], advice: &str) -> Outcome {
    let Some(first) = unreadable.first() else {
        return Ok(Exit::Good);
    };
    let text = format!("{} records cannot be read, first: {first}", unreadable.len());
    Err(Failure::new(Exit::Failed, text).advice(advice))
}

/// The newest `most` records that fit, oldest first, and what could not be read on the way: looks
/// back window by window until it has enough.
fn newest(
    source: &Source,
    filter: &Filter,
    most: usize,
) -> Result<(Vec<Sealed>, Vec<String>), Failure> {
    let (mut found, mut unreadable) = (Vec::new(), Vec::new());
    let mut take = |found: &mut Vec<Sealed>, line: Result<Sealed, Unreadable>| match line {
        Ok(sealed) => found.extend(Some(sealed).filter(|sealed| filter.fits(&sealed.record))),
        Err(Unreadable(why)) => unreadable.push(why),
    };
    match source.head()? {
        None => source.all(|line| {
            take(&mut found, line);
            Ok(())
        })?,
        Some(head) => {
            let mut to = head;
            while to > 0 && found.len() < most {
                let from = to.saturating_sub(WINDOW - 1).max(1);
                let mut window = Vec::new();
                source.each(from, to, |line| {
                    take(&mut window, line);
                    Ok(())
                })?;
                window.append(&mut found);
                found = window;
                to = from - 1;
            }
        }
    }
    Ok((found.split_off(found.len().saturating_sub(most)), unreadable))
}

fn export(source: &Source, args: &RecordsArgs, out: &mut dyn Write) -> Outcome {
    let mut unreadable = Vec::new();
    let mut csv = csv::Writer::from_writer(Vec::new());
    if args.csv {
        csv.write_record(row::COLUMNS)?;
    }
    let mut write = |sealed: &Sealed| -> Result<(), Failure> {
        match args.csv {
            true => csv.write_record(Row::of(sealed).fields())?,
            false => writeln!(out, "{}", sealed.line)?,
        }
        Ok(())
    };
    match args.last {
        Some(most) => {
            let (newest, skipped) = newest(source, &args.filter, most)?;
            newest.iter().try_for_each(&mut write)?;
            unreadable = skipped;
        }
        None => source.all(|line| match line {
            Ok(sealed) if args.filter.fits(&sealed.record) => write(&sealed),
            Ok(_) => Ok(()),
            Err(Unreadable(why)) => {
                unreadable.push(why);
                Ok(())
            }
        })?,
    }
    out.write_all(&csv.into_inner().map_err(|error| error.into_error())?)?;
    judged(&unreadable, "the others were exported; `wimd doctor` looks at disk and store")
}

fn show(source: &Source, wanted: &str, args: &RecordsArgs, out: &mut dyn Write) -> Outcome {
    let mut found = None;
    let number: Option<u64> = wanted.parse().ok();
    let take = |line: Result<Sealed, Unreadable>| {
        if let Ok(sealed) = line
            && (sealed.record.id == wanted || number == Some(sealed.proof.seq))
        {
            found = Some(sealed);
        }
        Ok(())
    };
    match number {
        Some(seq) => source.each(seq, seq, take)?,
        None => source.all(take)?,
    }
    let Some(sealed) = found else {
        let text = format!("no record {wanted} in {}", source.name());
        return Err(Failure::new(Exit::Failed, text).advice("`wimd records` lists the newest"));
    };
    let is_as_sealed = sealed.is_as_sealed();
    if args.json {
        writeln!(out, "{}", sealed.line)?;
    } else {
        page::write((&sealed, is_as_sealed), args.language, out)?;
        let delivery = source.delivery(sealed.proof.seq)?;
        delivery::write(delivery.as_ref(), sealed.record.is_compliant_traffic(), out)?;
    }
    if !is_as_sealed {
        let text = format!("record {wanted} is not the one that was sealed");
        return Err(Failure::new(Exit::Failed, text).advice("`wimd verify` names what was altered"));
    }
    Ok(Exit::Good)
}
