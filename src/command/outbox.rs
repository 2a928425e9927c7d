//! `wimd outbox`: what waits for the platform, and what can never be sent as it is.

use std::io::Write;

use clap::Args;

use super::place::Place;
use super::table::table;
use super::value::{name, span};
use super::{Exit, Outcome};
use crate::clock::{Clock, Timestamp};
use crate::io::store::{EntryListing, OutboxListing};

/// Arguments of `wimd outbox`.
#[derive(Debug, Args)]
pub struct OutboxArgs {
    /// Entries of each lane that are listed, the next to leave first.
    #[arg(long, value_name = "N", default_value_t = 5)]
    limit: usize,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// Lists the outbox.
///
/// # Errors
/// When neither daemon nor files can be read.
pub fn run(args: &OutboxArgs, out: &mut dyn Write) -> Outcome {
    let listing = args.place.open()?.outbox(args.limit)?;
    if args.json {
        serde_json::to_writer(&mut *out, &listing)?;
        writeln!(out)?;
    } else {
        page(&listing, Clock::wall(), out)?;
    }
    Ok(Exit::Good)
}

fn page(listing: &OutboxListing, now: Timestamp, out: &mut dyn Write) -> std::io::Result<()> {
    let mut lanes = table(["LANE", "WAITING", "OLDEST"]);
    for lane in &listing.lanes {
        let oldest = lane.oldest.map_or_else(|| "-".to_owned(), |oldest| span(now - oldest));
        lanes.add_row([lane.lane.clone(), lane.entries.to_string(), oldest]);
    }
    writeln!(out, "{}", lanes.trim_fmt())?;
    let mut entries = table(["LANE", "SEQ", "WHAT", "AGE", "RECORD"]);
    for lane in &listing.lanes {
        for entry in &lane.next {
            let waits = entry.sealed_at.map_or_else(|| "-".to_owned(), |since| span(now - since));
            entries.add_row(cells(&lane.lane, entry, waits));
        }
    }
    if entries.row_count() > 0 {
        writeln!(out, "\nThe next to leave:\n{}", entries.trim_fmt())?;
    }
    if listing.aside.is_empty() {
        return Ok(());
    }
    let mut asides = table(["LANE", "SEQ", "WHAT", "WHY", "RECORD"]);
    for aside in &listing.aside {
        asides.add_row(cells(&aside.lane, &aside.entry, name(&aside.reason)));
    }
    writeln!(out, "\nSet aside, cannot be published as they are:\n{}", asides.trim_fmt())
}

fn cells(lane: &str, entry: &EntryListing, fourth: String) -> [String; 5] {
    let what = match entry.bytes {
        Some(bytes) => format!("picture {} {bytes} B", entry.what.get(..8).unwrap_or_default()),
        None => entry.what.clone(),
    };
    let record = entry.id.clone().unwrap_or_else(|| "not in the ledger".to_owned());
    [lane.to_owned(), entry.seq.to_string(), what, fourth, record]
}
