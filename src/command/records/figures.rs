//! The figures of an hour or a day as a page: what was sealed, by kind and by lane.

use std::io::{self, Write};

use super::page::line;
use crate::command::table::table;
use crate::command::words::{said, words};
use crate::pipeline::record::reconciliation::{LaneFigures, Reconciliation};

pub(super) fn write(figures: &Reconciliation, out: &mut dyn Write) -> io::Result<()> {
    let Reconciliation { period, from, to, first_seq, last_seq, kinds, .. } = figures;
    line(out, "KIND", format!("figures of a period: {}", words(period)))?;
    line(out, "FROM", from)?;
    line(out, "TO", to)?;
    line(out, "RECORDS", format!("{first_seq} to {last_seq}"))?;
    if figures.unreadable > 0 {
        line(out, "LOST", format!("{} records cannot be read", figures.unreadable))?;
    }
    let mut counts = table(["KIND", "COUNT"]);
    let kinds = serde_json::to_value(kinds).unwrap_or_default();
    for (kind, count) in kinds.as_object().into_iter().flatten() {
        if count.as_u64().is_some_and(|count| count > 0) {
            counts.add_row([said(kind), count.to_string()]);
        }
    }
    for (what, count) in &figures.evictions {
        counts.add_row([format!("{} that had to go", said(what)), count.to_string()]);
    }
    writeln!(out, "\n{counts}")?;
    if figures.lanes.is_empty() {
        return Ok(());
    }
    lanes(&figures.lanes, out)
}

fn lanes(figures: &[LaneFigures], out: &mut dyn Write) -> io::Result<()> {
    let mut lanes =
        table(["LANE", "COMPLIANT", "OVERLOAD", "UNCERTAIN", "NOT JUDGED", "ENFORCEABLE"]);
    for lane in figures {
        let name = lane.lane.map_or_else(|| "-".to_owned(), |lane| lane.0.to_string());
        let verdicts = &lane.verdicts;
        let counts = [
            verdicts.compliant,
            verdicts.overload,
            verdicts.uncertain,
            verdicts.not_assessable,
            lane.enforceable,
        ];
        lanes.add_row([name].into_iter().chain(counts.map(|count| count.to_string())));
    }
    writeln!(out, "\n{lanes}")
}
