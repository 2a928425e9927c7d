//! What of a record has not reached the platform.

use std::io::{self, Write};

use crate::command::value::name;
use crate::io::store::{Delivery, EntryListing};

/// Writes the lines; `None` where nobody knows.
pub(super) fn write(delivery: Option<&Delivery>, out: &mut dyn Write) -> io::Result<()> {
    let Some(Delivery { waiting, aside }) = delivery else {
        return writeln!(out, "SENT     not known here");
    };
    if waiting.is_empty() && aside.is_empty() {
        return writeln!(out, "SENT     yes: nothing of it waits for the platform");
    }
    writeln!(out, "SENT     not yet, or not all of it")?;
    for (lane, entry) in waiting {
        writeln!(out, "         {} waits in lane {lane}", what(entry))?;
    }
    for aside in aside {
        writeln!(out, "         {} is set aside: {}", what(&aside.entry), name(&aside.reason))?;
    }
    Ok(())
}

fn what(entry: &EntryListing) -> String {
    match entry.bytes {
        Some(_) => format!("picture {}", entry.what.get(..8).unwrap_or_default()),
        None => entry.what.clone(),
    }
}
