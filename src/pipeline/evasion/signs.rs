//! Gathers every sign of one passage or one lone camera event, one entry per kind.

use super::around::Around;
use super::driving::{self, Found};
use super::{EvasionKind, EvasionSign};
use crate::pipeline::assess::Assessment;
use crate::pipeline::pairing::{Pairing, PairingOutcome, RolePairing};
use crate::pipeline::passage::{Direction, Passage};
use crate::pipeline::plate::{PlateRead, PlateState};

/// Offence codes of the public security list (GA/T 16 series) that cameras send: 1301 driving
/// against the traffic (cameras.md 2.8), 1345 against the prohibiting marking, the solid line.
const WRONG_WAY_CODE: &str = "1301";
const SOLID_LINE_CODE: &str = "1345";
/// Cameras' code for the emergency lane (law.md section 13).
const EMERGENCY_LANE_CODE: &str = "17";

/// Behind what a camera saw of an event whose pairing is ambiguous.
const DOUBTFUL: &str = ", perhaps on another vehicle";

/// Signs of a weighed vehicle, sorted by kind.
pub(in crate::pipeline) fn of_passage(
    passage: &Passage,
    assessment: &Assessment,
    pairing: &Pairing,
    around: &Around,
) -> Vec<EvasionSign> {
    let mut found = Vec::new();
    driving::by_flags(passage, &mut found);
    driving::tailgating(passage, &mut found);
    driving::speed_games(passage, &mut found);
    driving::lifted_axles(passage, assessment, &mut found);
    if passage.direction == Direction::AgainstTraffic {
        let reason = "scale: sensors crossed in reverse order".to_owned();
        found.push((EvasionKind::WrongWay, reason));
    }
    let halves = &around.halves;
    for head in &around.heads {
        found.push((EvasionKind::Tailgating, head.clone()));
    }
    for half in halves {
        found.push((EvasionKind::Straddling, half.figures.clone()));
    }
    by_cameras(pairing, &mut found);
    against_by_cameras(passage, pairing, &mut found);
    let mut signs = gather(found);
    for sign in signs.iter_mut().filter(|sign| sign.kind == EvasionKind::Straddling) {
        sign.related = halves.iter().map(|half| half.record.clone()).collect();
        sign.related.sort_unstable();
    }
    signs
}

/// Signs that a camera saw by itself. A lone event without plate may be no vehicle at all, so
/// absence is no sign here.
pub(in crate::pipeline) fn of_read(read: &PlateRead) -> Vec<EvasionSign> {
    let mut found = Vec::new();
    by_offence(read, &mut found);
    if read.plate.state == PlateState::Covered {
        found.push(covered(read));
    }
    gather(found)
}

/// Whether the camera says that this vehicle passed beside the scale, so that no passage is its
/// own.
pub(in crate::pipeline) fn is_beside_the_scale(read: &PlateRead) -> bool {
    read.offence_code.as_deref() == Some(EMERGENCY_LANE_CODE)
}

/// An ambiguous event may belong to somebody else, and says so; what was seen is not lost by that. No
/// plate in it is no sign: the vehicle's own may be another event.
fn by_cameras(pairing: &Pairing, found: &mut Vec<Found>) {
    // another camera that reads a plate on the same vehicle for certain proves that it has one
    let has_plate = pairing.roles.iter().any(|role| role.tractors_plate().is_some());
    for role in &pairing.roles {
        let Some(chosen) = &role.chosen else { continue };
        let read = &chosen.plate_read;
        let mut seen = Vec::new();
        by_offence(read, &mut seen);
        if read.plate.state == PlateState::Covered {
            seen.push(covered(read));
        }
        if role.outcome != PairingOutcome::Paired {
            seen.iter_mut().for_each(|(_, reason)| reason.push_str(DOUBTFUL));
        } else if read.plate.state == PlateState::Absent && !has_plate {
            seen.push((EvasionKind::AbsentPlate, format!("camera {}: no plate", read.camera)));
        }
        found.append(&mut seen);
    }
}

/// The scale does not tell where it drove, and every camera that does says against the traffic. One
/// alone may be told the wrong direction of its lane.
fn against_by_cameras(passage: &Passage, pairing: &Pairing, found: &mut Vec<Found>) {
    let reads = pairing.roles.iter().filter_map(RolePairing::clear_read);
    let tells: Vec<_> = reads.filter(|read| read.direction != Direction::Unknown).collect();
    let agree = tells.iter().all(|read| read.direction == Direction::AgainstTraffic);
    if passage.direction == Direction::Unknown && agree {
        let reason = |read: &&PlateRead| format!("camera {}: against the traffic", read.camera);
        found.extend(tells.iter().map(|read| (EvasionKind::WrongWay, reason(read))));
    }
}

fn by_offence(read: &PlateRead, found: &mut Vec<Found>) {
    let kind = match read.offence_code.as_deref() {
        Some(WRONG_WAY_CODE) => EvasionKind::WrongWay,
        Some(SOLID_LINE_CODE) => EvasionKind::SolidLine,
        Some(EMERGENCY_LANE_CODE) => EvasionKind::EmergencyLane,
        _ => return,
    };
    let code = read.offence_code.as_deref().unwrap_or_default();
    found.push((kind, format!("camera {}: offence {code}", read.camera)));
}

fn covered(read: &PlateRead) -> Found {
    let reason = format!("camera {}: plate covered", read.camera);
    (EvasionKind::CoveredPlate, reason)
}

fn gather(mut found: Vec<Found>) -> Vec<EvasionSign> {
    found.sort_unstable();
    found.dedup();
    let mut signs: Vec<EvasionSign> = Vec::new();
    for (kind, reason) in found {
        match signs.last_mut() {
            Some(sign) if sign.kind == kind => sign.reasons.push(reason),
            _ => signs.push(EvasionSign { kind, reasons: vec![reason], related: Vec::new() }),
        }
    }
    signs
}
