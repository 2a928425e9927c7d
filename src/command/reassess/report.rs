//! What came out, for people or as JSON lines.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::again::{Change, Found, Made, name};
use super::source::Sealed;
use crate::pipeline::assess::Basis;
use crate::pipeline::record::{PassageRecord, RECORD_VERSION};

/// Counts, and prints each record that differs as soon as it is known: memory stays flat.
#[derive(Debug, Default)]
pub(super) struct Report {
    json: bool,
    other_law: bool,
    records: u64,
    vehicles: u64,
    from_frames: u64,
    different: u64,
    other_version: u64,
    verdicts_changed: u64,
    figures_changed: u64,
}

impl Report {
    pub(super) fn new(json: bool, other_law: bool) -> Self {
        Self { json, other_law, ..Self::default() }
    }

    pub(super) fn add(
        &mut self,
        sealed: &Sealed,
        found: Found,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        self.records += 1;
        let vehicle = matches!(found, Found::Same { .. } | Found::Changed(_));
        self.vehicles += u64::from(vehicle);
        match found {
            Found::NoVehicle => Ok(()),
            Found::Same { from_frames } => {
                self.from_frames += u64::from(from_frames);
                Ok(())
            }
            Found::OtherVersion(made) => {
                self.other_version += 1;
                self.made_by_another(&sealed.place, &made, out)
            }
            Found::Different(what) => {
                self.different += 1;
                if self.json {
                    let line = json!({ "seq": sealed.place, "different": what });
                    writeln!(out, "{line}")
                } else {
                    writeln!(out, "record {}: {what}", sealed.place)
                }
            }
            Found::Changed(change) => {
                self.from_frames += u64::from(!sealed.raw.is_empty());
                self.verdicts_changed += u64::from(change.of_verdict);
                self.figures_changed += u64::from(!change.of_verdict);
                if change.of_verdict { self.change(&sealed.place, &change, out) } else { Ok(()) }
            }
        }
    }

    fn made_by_another(&self, place: &str, made: &Made, out: &mut dyn Write) -> io::Result<()> {
        let Made { version, provenance } = made;
        if self.json {
            let line = json!({
                "seq": place,
                "record_version": version,
                "made_by": provenance,
            });
            return writeln!(out, "{line}");
        }
        let build = provenance.software_sha256.get(..8).unwrap_or("unknown");
        writeln!(
            out,
            "record {place}: has the shape {version} of wimd {} ({build}), and not {RECORD_VERSION} \
             of this one: not judged again",
            provenance.software
        )
    }

    fn change(&self, place: &str, change: &Change, out: &mut dyn Write) -> io::Result<()> {
        if self.json {
            let line = json!({
                "seq": place,
                "id": change.id,
                "before": figures(&change.before),
                "after": figures(&change.after),
                "why": change.why,
            });
            return writeln!(out, "{line}");
        }
        let (before, after) = (verdict(&change.before), verdict(&change.after));
        let gross = change.after.assessment.gross_kg;
        let gross = gross.map_or("not weighed".to_owned(), |gross| gross.to_string());
        writeln!(out, "record {place}, {}, {gross}: {after}, was {before}", change.id)?;
        for why in &change.why {
            writeln!(out, "    because {why}")?;
        }
        Ok(())
    }

    pub(super) fn finish(&self, out: &mut dyn Write) -> io::Result<()> {
        let Self { records, vehicles, from_frames, different, .. } = self;
        let (verdicts, figures) = (self.verdicts_changed, self.figures_changed);
        if self.json {
            let summary = json!({
                "good": self.is_good(),
                "records": records,
                "vehicles": vehicles,
                "from_raw_frames": from_frames,
                "different": different,
                "other_version": self.other_version,
                "verdicts_changed": verdicts,
                "figures_changed": figures,
            });
            return writeln!(out, "{summary}");
        }
        if *records == 0 {
            return writeln!(out, "no records");
        }
        let sources = if from_frames == vehicles {
            "all from their raw frames".to_owned()
        } else {
            format!("{from_frames} from their raw frames, the others as they were measured")
        };
        writeln!(out, "{records} records, {vehicles} of them weighed vehicles, {sources}")?;
        if self.other_version > 0 {
            let others = self.other_version;
            return writeln!(
                out,
                "{others} were made by another version and not judged again; {different} of the \
                 others do not come out as they were sealed"
            );
        }
        match (self.other_law, *different) {
            (_, 1..) => writeln!(out, "{different} do not come out as they were sealed"),
            (false, 0) => writeln!(out, "all identical to the byte"),
            (true, 0) => writeln!(
                out,
                "{verdicts} verdicts change, {figures} keep their verdict with other figures, \
                 the rest stays as it is"
            ),
        }
    }

    pub(super) fn is_good(&self) -> bool {
        self.records > 0 && self.different == 0 && self.other_version == 0
    }
}

fn verdict(record: &PassageRecord) -> String {
    let assessment = &record.assessment;
    let rate = assessment.rate_permyriad.filter(|rate| rate.0 > 0);
    let rate = rate.map(|rate| format!(" by {} %", rate.percent())).unwrap_or_default();
    let axle_group = match assessment.basis {
        Some(Basis::AxleGroup) => " in gross mass and over on an axle group",
        Some(Basis::GrossMass) | None => "",
    };
    let enforceable = if record.enforceable { ", enforceable" } else { "" };
    format!("{}{rate}{axle_group}{enforceable}", name(&assessment.verdict))
}

fn figures(record: &PassageRecord) -> Value {
    let assessment = &record.assessment;
    json!({
        "verdict": assessment.verdict,
        "basis": assessment.basis,
        "limit_kg": assessment.limit_kg,
        "limit_id": assessment.limit_id,
        "excess_kg": assessment.excess_kg,
        "rate_permyriad": assessment.rate_permyriad,
        "table": assessment.table,
        "enforceable": record.enforceable,
        "unenforceable": record.unenforceable,
    })
}
