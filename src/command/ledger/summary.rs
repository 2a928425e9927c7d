//! One record in one row.

use serde::Serialize;
use serde_json::Value;

use crate::command::figures::day_to_second;

/// What a person looks for first.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    seq: u64,
    occurred_at: Option<String>,
    kind: Option<String>,
    lane: Option<u64>,
    plate: Option<String>,
    gross_kg: Option<i64>,
    verdict: Option<String>,
    id: Option<String>,
}

impl Summary {
    pub(super) const HEADINGS: [&'static str; 7] =
        ["SEQ", "WHEN", "KIND", "LANE", "PLATE", "GROSS KG", "VERDICT"];

    /// Of a published record; what it does not have stays empty.
    pub(super) fn of(payload: &Value) -> Self {
        let at = |pointer: &str| payload.pointer(pointer);
        let text = |pointer: &str| at(pointer).and_then(Value::as_str).map(str::to_owned);
        let name = text("/record/body/name").or_else(|| text("/record/body/event"));
        Self {
            seq: at("/proof/seq").and_then(Value::as_u64).unwrap_or_default(),
            occurred_at: text("/record/occurred_at"),
            kind: text("/record/body/kind"),
            lane: ["/record/body/passage/lane", "/record/body/lane"]
                .iter()
                .find_map(|pointer| at(pointer)?.as_u64()),
            plate: text("/record/body/pairing/plate")
                .or_else(|| text("/record/body/plate_read/plate/text")),
            gross_kg: at("/record/body/assessment/gross_kg").and_then(Value::as_i64),
            verdict: text("/record/body/assessment/verdict").or(name),
            id: text("/record/id"),
        }
    }

    /// Its cells in the order of the headings; `-` for what it does not have. Whole instant and id
    /// are shown by `ledger show`.
    pub(super) fn cells(self) -> [String; 7] {
        let or_dash = |cell: Option<String>| cell.unwrap_or_else(|| "-".to_owned());
        [
            self.seq.to_string(),
            or_dash(self.occurred_at.as_deref().map(day_to_second)),
            or_dash(self.kind),
            or_dash(self.lane.map(|lane| lane.to_string())),
            or_dash(self.plate),
            or_dash(self.gross_kg.map(|mass| mass.to_string())),
            or_dash(self.verdict),
        ]
    }
}
