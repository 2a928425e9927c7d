//! The joint record of a vehicle astride two lanes: what both halves weigh together.
//!
//! In: the sealed records of both halves. Out: one more record that names them. Both originals stay
//! as they are; the sum is information for officers and supports no case, because no scale is
//! approved for wheels on the seam.

use std::collections::VecDeque;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::PassageRecord;
use crate::clock::Timestamp;
use crate::pipeline::evasion::{EvasionKind, EvasionSign};
use crate::pipeline::pairing::PairingOutcome;
use crate::units::{Kilograms, Lane, Millimetres};

/// Halves that wait for the record of the other one; beyond, the oldest is forgotten.
const MOST_WAITING: usize = 16;

/// Two halves as one vehicle.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Joint {
    /// The records of both halves, in the order of their lanes.
    pub halves: Vec<String>,
    /// Their lanes.
    pub lanes: Vec<Lane>,
    /// Front to rear.
    pub axles: Vec<JointAxle>,
    /// Sum of both halves; `None` unless both were measured.
    pub gross_kg: Option<Kilograms>,
    /// Plate of a clear pairing, when the halves do not contradict each other.
    pub plate: Option<String>,
    /// The straddling itself, with the figures that make the two one vehicle.
    pub evasion: Vec<EvasionSign>,
}

/// One axle of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct JointAxle {
    /// When the first of its sides crossed the scale.
    pub at: Timestamp,
    /// What each half weighed of it, in the order of the lanes.
    pub halves_kg: Vec<Option<Kilograms>>,
    /// Their sum; `None` unless both were measured.
    pub load_kg: Option<Kilograms>,
    /// Distance to the axle before it, as the first half has it.
    pub spacing_mm: Option<Millimetres>,
}

/// Sealed halves whose other half is not sealed yet.
#[derive(Clone, Debug, Default)]
pub(in crate::pipeline) struct Halves(VecDeque<(String, PassageRecord)>);

impl Halves {
    /// Takes in a half under its id; gives the joint record's id and body once both are there.
    pub(in crate::pipeline) fn join(
        &mut self,
        id: &str,
        half: &PassageRecord,
    ) -> Option<(String, Timestamp, Joint)> {
        let others = half.evasion.iter().flat_map(|sign| &sign.related);
        let place = others
            .filter_map(|other| self.0.iter().position(|(waiting, _)| waiting == other))
            .next();
        let Some((other_id, other)) = place.and_then(|place| self.0.remove(place)) else {
            if self.0.len() == MOST_WAITING {
                self.0.pop_front();
            }
            self.0.push_back((id.to_owned(), half.clone()));
            return None;
        };
        let mut both = [(id, half), (&*other_id, &other)];
        both.sort_by_key(|(id, half)| (half.passage.lane, *id));
        let at = both[0].1.passage.began_at.min(both[1].1.passage.began_at);
        Some((format!("{}-joint", both[0].0), at, joint(both)))
    }
}

fn joint(both: [(&str, &PassageRecord); 2]) -> Joint {
    let [(first_id, first), (second_id, second)] = both;
    let sum = |one: Option<Kilograms>, other: Option<Kilograms>| {
        Some(Kilograms(one?.0.saturating_add(other?.0)))
    };
    let pairs = first.passage.axles.iter().zip(&second.passage.axles);
    let axles = pairs.map(|(one, other)| JointAxle {
        at: one.at.min(other.at),
        halves_kg: vec![one.load_kg, other.load_kg],
        load_kg: sum(one.load_kg, other.load_kg),
        spacing_mm: one.spacing_mm,
    });
    let signs = first.evasion.iter().filter(|sign| sign.kind == EvasionKind::Straddling);
    Joint {
        halves: vec![first_id.to_owned(), second_id.to_owned()],
        lanes: vec![first.passage.lane, second.passage.lane],
        axles: axles.collect(),
        gross_kg: sum(first.passage.gross(), second.passage.gross()),
        plate: plate(first, second),
        evasion: signs.cloned().collect(),
    }
}

/// The plate that the clear pairings of both halves agree on.
fn plate(first: &PassageRecord, second: &PassageRecord) -> Option<String> {
    let clear = |half: &PassageRecord| {
        let paired = half.pairing.outcome == PairingOutcome::Paired;
        half.pairing.plate.clone().filter(|_| paired)
    };
    match (clear(first), clear(second)) {
        (Some(one), Some(other)) => (one == other).then_some(one),
        (one, other) => one.or(other),
    }
}
