//! What is true of the vehicles that belong together.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::pipeline::evasion::EvasionKind;
use crate::pipeline::passage::{Passage, PassageSource};
use crate::pipeline::plate::PlateRead;
use crate::sim::scenario::{Incident, Vehicle};

/// One vehicle, or two that drive nose to tail; one line of the truth file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Counts from 0; the ids of its camera events begin with `g` and this number.
    pub number: u64,
    /// What is unusual about it.
    pub incident: String,
    /// First axle on the scale.
    pub began_at: Timestamp,
    /// Under which numbers the controller reports it; empty when it misses it.
    pub passages: Vec<PassageSource>,
    /// Plate of each vehicle.
    pub plates: Vec<String>,
    /// Plate on the tail of each.
    pub rear_plates: Vec<String>,
    /// Whether it is one vehicle, weighed as one.
    pub whole: bool,
    /// Camera events that are sent of it at once.
    pub live_events: u32,
    /// Signs of evasion that must be found.
    pub evasion: BTreeSet<EvasionKind>,
}

impl Group {
    /// What is true of these vehicles, which the doors are told that.
    pub fn new(vehicles: &[Vehicle], passages: &[Passage], reads: &[PlateRead]) -> Self {
        let first = vehicles.first();
        let incident = first.map_or(Incident::None, |first| first.incident);
        let began = vehicles.iter().map(|vehicle| vehicle.began_at).min();
        let live = reads.iter().filter(|read| read.late.is_none()).count();
        Self {
            number: first.map_or(0, |first| first.group),
            incident: name(incident).to_owned(),
            began_at: began.unwrap_or_default(),
            passages: passages.iter().map(|passage| passage.source).collect(),
            plates: vehicles.iter().map(|vehicle| vehicle.truck.plate.clone()).collect(),
            rear_plates: vehicles.iter().map(|vehicle| vehicle.truck.rear_plate.clone()).collect(),
            whole: vehicles.len() == 1 && passages.len() == 1 && is_whole(incident),
            live_events: u32::try_from(live).unwrap_or(u32::MAX),
            evasion: evasion(incident, passages),
        }
    }

    /// Whether a record is of one of its passages; `None` without a record.
    pub fn has_record(&self, record: Option<&str>) -> Option<bool> {
        let record = record?;
        let mut ends = self.passages.iter().map(|source| {
            format!("-{}-{:08x}-{}", source.controller, source.boot_id, source.vehicle)
        });
        Some(ends.any(|end| record.ends_with(&end)))
    }

    /// Whether the plate names one of its vehicles.
    pub fn is_plate(&self, text: &str) -> bool {
        self.plates.iter().chain(&self.rear_plates).any(|plate| plate == text)
    }
}

fn is_whole(incident: Incident) -> bool {
    !matches!(
        incident,
        Incident::Straddling(_) | Incident::Tailgating | Incident::Split | Incident::ReversingOff
    )
}

/// A vehicle that nobody weighed shows only what a camera says of it.
fn evasion(incident: Incident, passages: &[Passage]) -> BTreeSet<EvasionKind> {
    let weighed = !passages.is_empty();
    let kind = match incident {
        Incident::Straddling(_) => Some(EvasionKind::Straddling),
        Incident::Tailgating => Some(EvasionKind::Tailgating),
        Incident::StopAndGo => Some(EvasionKind::SpeedGames),
        Incident::ReversingOff if weighed => Some(EvasionKind::SpeedGames),
        Incident::WrongWay => Some(EvasionKind::WrongWay),
        Incident::SDriving => Some(EvasionKind::SDriving),
        Incident::CoveredPlate => Some(EvasionKind::CoveredPlate),
        Incident::AbsentPlate => Some(EvasionKind::AbsentPlate),
        Incident::SolidLine => Some(EvasionKind::SolidLine),
        Incident::EmergencyLane => Some(EvasionKind::EmergencyLane),
        Incident::LiftedAxle => Some(EvasionKind::LiftedAxle),
        Incident::None
        | Incident::LaneChange(_)
        | Incident::Split
        | Incident::ReversingOff
        | Incident::MissedPassage => None,
    };
    kind.into_iter().collect()
}

fn name(incident: Incident) -> &'static str {
    match incident {
        Incident::None => "none",
        Incident::Straddling(_) => "straddling",
        Incident::LaneChange(_) => "lane_change",
        Incident::Tailgating => "tailgating",
        Incident::Split => "split",
        Incident::StopAndGo => "stop_and_go",
        Incident::ReversingOff => "reversing_off",
        Incident::WrongWay => "wrong_way",
        Incident::SDriving => "s_driving",
        Incident::CoveredPlate => "covered_plate",
        Incident::AbsentPlate => "absent_plate",
        Incident::MissedPassage => "missed_passage",
        Incident::LiftedAxle => "lifted_axle",
        Incident::SolidLine => "solid_line",
        Incident::EmergencyLane => "emergency_lane",
    }
}
