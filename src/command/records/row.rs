//! A record as one line: what a person looks for, and what a spreadsheet wants.

use crate::command::figures::day_to_second;
use crate::command::ledger_source::Sealed;
use crate::command::value::name;
use crate::pipeline::record::{Body, PassageRecord};
use crate::units::{Kilograms, PerMyriad};

/// Headings of the table.
pub(super) const HEADINGS: [&str; 8] =
    ["SEQ", "TIME", "LANE", "PLATE", "AXLES", "GROSS KG", "OVER %", "VERDICT"];

/// Columns of the CSV.
pub(super) const COLUMNS: [&str; 17] = [
    "seq",
    "id",
    "occurred_at",
    "kind",
    "lane",
    "plate",
    "axles",
    "gross_kg",
    "limit_kg",
    "excess_kg",
    "rate_percent",
    "verdict",
    "enforceable",
    "not_enforceable_because",
    "evasion",
    "corrected_gross_kg",
    "judged_limit_kg",
];

/// The figures; what there is not is empty, never zero.
#[derive(Clone, Debug, Default)]
pub(super) struct Row([String; 17]);

impl Row {
    /// Of a record.
    pub(super) fn of(sealed: &Sealed) -> Self {
        let mut row = Self::default();
        row.0[0] = sealed.proof.seq.to_string();
        row.0[1].clone_from(&sealed.record.id);
        row.0[2] = sealed.record.occurred_at.to_string();
        let signs: Vec<_> = sealed.record.evasion().iter().map(|sign| sign.kind).collect();
        row.0[14] = list(&signs);
        row.0[3] = match &sealed.record.body {
            Body::Passage(passage) => {
                row.passage(passage);
                "passage".to_owned()
            }
            Body::Supplement(supplement) => {
                let lane = supplement.plate_read.lane;
                row.0[4] = lane.map_or_else(String::new, |lane| lane.0.to_string());
                row.0[5] = supplement.plate_read.plate.text.clone().unwrap_or_default();
                "supplement".to_owned()
            }
            Body::Joint(joint) => {
                let lanes: Vec<String> =
                    joint.lanes.iter().map(|lane| lane.0.to_string()).collect();
                row.0[4] = lanes.join(" ");
                row.0[5] = joint.plate.clone().unwrap_or_default();
                row.0[6] = joint.axles.len().to_string();
                row.0[7] = joint.gross_kg.map_or_else(String::new, |kg| kg.0.to_string());
                "joint".to_owned()
            }
            Body::Gap(gap) => format!("gap: {}", gap.reason),
            Body::CameraGap(gap) => format!("gap of camera {}: {}", gap.camera, gap.reason),
            Body::Alarm(alarm) => format!("alarm: {}", alarm.name),
            Body::Audit(audit) => format!("audit: {}", audit.event),
            Body::Calibration(calibrated) => format!("calibration {}", calibrated.count),
            Body::Reconciliation(figures) => {
                format!("reconciliation: {} from {}", name(&figures.period), figures.from)
            }
            Body::Eviction(eviction) => format!("eviction: {}", eviction.count()),
        };
        row
    }

    fn passage(&mut self, record: &PassageRecord) {
        let assessment = &record.assessment;
        let kg = |mass: Option<Kilograms>| mass.map_or_else(String::new, |kg| kg.0.to_string());
        self.0[4] = record.passage.lane.0.to_string();
        self.0[5] = record.pairing.plate.clone().unwrap_or_default();
        self.0[6] = record.passage.axles.len().to_string();
        self.0[7] = kg(assessment.gross_kg);
        self.0[8] = kg(assessment.limit_kg);
        self.0[15] = kg(assessment.corrected_gross_kg);
        self.0[16] = kg(assessment.judged_limit_kg);
        self.0[9] = kg(assessment.excess_kg);
        self.0[10] = assessment.rate_permyriad.map(PerMyriad::percent).unwrap_or_default();
        self.0[11] = name(&assessment.verdict);
        self.0[12] = record.enforceable.to_string();
        self.0[13] = list(&record.unenforceable);
    }

    /// Every field, for CSV.
    pub(super) fn fields(&self) -> &[String] {
        &self.0
    }

    /// For the table.
    pub(super) fn cells(&self) -> [String; 8] {
        let field = |place: usize| self.0[place].clone();
        let or_dash = |place: usize| match self.0[place].as_str() {
            "" => "-".to_owned(),
            text => text.to_owned(),
        };
        let verdict = if self.0[11].is_empty() { field(3) } else { field(11) };
        let enforceable = if self.0[12] == "true" { "enforceable" } else { "" };
        let remarks = [&verdict, enforceable].into_iter().chain(self.0[14].split(' '));
        let remarks: Vec<&str> = remarks.filter(|text| !text.is_empty()).collect();
        [
            field(0),
            day_to_second(&self.0[2]),
            or_dash(4),
            or_dash(5),
            or_dash(6),
            or_dash(7),
            or_dash(10),
            remarks.join(", "),
        ]
    }
}

fn list<T: serde::Serialize>(items: &[T]) -> String {
    items.iter().map(name).collect::<Vec<_>>().join(" ")
}
