//! What of a record has not reached the platform.

use std::io::{self, Write};

use super::page::line;
use crate::command::topic::topic;
use crate::command::value::name;
use crate::io::store::Delivery;

/// Writes the lines; `None` where nobody knows. What nobody has to act on may have been given up.
pub(super) fn write(
    delivery: Option<&Delivery>,
    is_compliant: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Some(Delivery { waiting, aside }) = delivery else {
        return line(out, "SENT", "not known here");
    };
    if waiting.is_empty() && aside.is_empty() {
        if !is_compliant {
            return line(out, "SENT", "yes: nothing of it waits for the platform");
        }
        line(out, "SENT", "nothing of it waits for the platform")?;
        return line(out, "", "given up if a later eviction of unsent records names it");
    }
    line(out, "SENT", "not yet, or not all of it")?;
    for (queue, entry) in waiting {
        line(out, "", format!("topic {} waits in queue {queue}", topic(entry)))?;
    }
    for aside in aside {
        let why = name(&aside.reason);
        line(out, "", format!("topic {} is set aside: {why}", topic(&aside.entry)))?;
    }
    Ok(())
}
