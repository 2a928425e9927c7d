//! What a daemon that runs says of its store: whether it can be read and written, what was damaged,
//! and for how long there is room.

use crate::command::finding::Part as Findings;
use crate::command::value::{Part, bytes};

const SECONDS_OF_DAY: u64 = 86_400;

/// Health, and how long it holds. `free` is the room on its disk, bytes.
pub(super) fn examine(whole: Part<'_>, free: Option<u64>) -> Findings {
    let mut part = Findings::new("store");
    let store = whole.part("/store");
    let ledger = bytes(store.count("/ledger/bytes"));
    let figure = format!("sequence {}, ledger {ledger}", store.text("/head/seq"));
    if store.yes("/failed") {
        part.fail("health", "the last commit failed", "disk full or faulty: df -h, dmesg | tail");
    } else if store.is_there("/full") {
        let advice = "scale and cameras keep their data meanwhile: df -h, bounds in [store]";
        part.fail("health", format!("full: {}", store.text("/full")), advice);
    } else {
        part.ok("health", figure);
    }
    let unreadable = store.count("/counts/quarantined") + store.count("/counts/unreadable_records");
    if unreadable > 0 {
        let advice = "the disk has changed bytes: keep a bundle, replace the disk";
        part.warn("unreadable", format!("{unreadable} entries cannot be read"), advice);
    }
    let missing: u64 = ["missing_accepted", "missing_records", "missing_unsent"]
        .iter()
        .map(|count| store.count(&format!("/counts/{count}")))
        .sum();
    if missing > 0 {
        let advice = "the alarms name them: keep a bundle, replace the disk";
        let figure = format!("{missing} entries that the database counts are not in it");
        part.warn("missing", figure, advice);
    }
    let discarded = store.count("/counts/quarantine_discarded");
    if discarded > 0 {
        let advice = "what came first is still there: keep a bundle, replace the disk";
        let figure = format!(
            "{discarded} damaged pieces had no room beside {} of others and are gone",
            bytes(store.count("/counts/quarantine_bytes")),
        );
        part.warn("discarded", figure, advice);
    }
    offline(whole, free.unwrap_or(0), &mut part);
    part
}

/// How long the box can go on without a broker at the pace since the start.
fn offline(whole: Part<'_>, free: u64, part: &mut Findings) {
    let waiting = whole.count("/store/outbox_first/entries")
        + whole.count("/store/outbox_second/entries")
        + whole.count("/store/outbox_pictures/entries");
    let up = whole.seconds_since("/started_at").unwrap_or(0);
    let records = whole.count("/store/counts/sealed");
    let taken = whole.count("/store/ledger/bytes") + whole.count("/pictures/bytes");
    let kept = whole.count("/store/ledger/entries");
    if up < 3_600 || records == 0 || kept == 0 || free == 0 {
        part.ok("offline", format!("{waiting} entries wait; the pace is known after an hour"));
        return;
    }
    let a_day = (taken / kept).saturating_mul(records).saturating_mul(SECONDS_OF_DAY) / up;
    let days = free / a_day.max(1);
    let figure = format!("{waiting} entries wait; room for {days} days without broker");
    if days < 7 {
        part.warn("offline", figure, "a larger disk, or fewer days kept: [store] max_ledger_days");
    } else {
        part.ok("offline", figure);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::finding::Level;
    use serde_json::json;

    /// Level and figure of this check with these counts of the store.
    fn found(counts: serde_json::Value, check: &str) -> Option<(Level, String)> {
        let snapshot = json!({ "store": { "counts": counts } });
        let findings = examine(Part::whole(&snapshot), None).findings;
        let found = findings.into_iter().find(|finding| finding.check == check)?;
        assert_eq!(found.advice.is_empty(), found.level == Level::Ok, "{found:?}");
        Some((found.level, found.figure))
    }

    #[test]
    fn what_was_damaged_is_told_and_so_is_what_was_not_even_kept() {
        let damaged = json!({ "quarantined": 3, "unreadable_records": 1 });
        let told = Some((Level::Warn, "4 entries cannot be read".to_owned()));
        assert_eq!(found(damaged.clone(), "unreadable"), told);
        assert_eq!(found(damaged, "discarded"), None);
        let holes = json!({ "missing_accepted": 1, "missing_records": 20, "missing_unsent": 300 });
        let figure = "321 entries that the database counts are not in it";
        assert_eq!(found(holes, "missing"), Some((Level::Warn, figure.to_owned())));
        let full = json!({ "quarantine_bytes": 20_480, "quarantine_discarded": 7 });
        let figure = "7 damaged pieces had no room beside 20 KiB of others and are gone";
        assert_eq!(found(full, "discarded"), Some((Level::Warn, figure.to_owned())));
    }
}
