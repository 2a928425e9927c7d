//! `wimd outbox`: what waits for the platform, and what can never be sent as it is.

use std::io::Write;

use clap::Args;

use super::place::Place;
use super::table::table;
use super::topic::topic;
use super::value::{name, span};
use super::{Exit, Outcome};
use crate::clock::{Clock, Timestamp};
use crate::io::store::{EntryListing, OutboxListing};

/// Arguments of `wimd outbox`.
#[derive(Debug, Args)]
pub struct OutboxArgs {
    /// Entries of each queue that are listed, the next to leave first.
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
    let mut queues = table(["QUEUE", "WAITING", "OLDEST"]);
    for lane in &listing.lanes {
        let oldest = lane.oldest.map_or_else(|| "-".to_owned(), |oldest| span(now - oldest));
        queues.add_row([lane.lane.clone(), lane.entries.to_string(), oldest]);
    }
    writeln!(out, "{queues}")?;
    let mut entries = table(["QUEUE", "SEQ", "TOPIC", "AGE", "RECORD"]);
    for lane in &listing.lanes {
        for entry in &lane.next {
            let waits = entry.sealed_at.map_or_else(|| "-".to_owned(), |since| span(now - since));
            entries.add_row(cells(&lane.lane, entry, waits));
        }
    }
    if entries.row_count() > 0 {
        writeln!(out, "\nThe next to leave:\n{entries}")?;
    }
    if listing.aside.is_empty() {
        return Ok(());
    }
    let mut asides = table(["QUEUE", "SEQ", "TOPIC", "WHY", "RECORD"]);
    for aside in &listing.aside {
        asides.add_row(cells(&aside.lane, &aside.entry, name(&aside.reason)));
    }
    writeln!(out, "\nSet aside, cannot be published as they are:\n{asides}")
}

fn cells(queue: &str, entry: &EntryListing, fourth: String) -> [String; 5] {
    let topic = match entry.bytes {
        Some(bytes) => format!("{} {bytes} B", topic(entry)),
        None => topic(entry),
    };
    let record = entry.id.clone().unwrap_or_else(|| "not in the ledger".to_owned());
    [queue.to_owned(), entry.seq.to_string(), topic, fourth, record]
}
