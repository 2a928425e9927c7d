//! Whether a passage can support a case, as far as pairing, evidence and lane say.

use super::Unenforceable;
use crate::pipeline::pairing::{Pairing, PairingOutcome, RolePairing};
use crate::pipeline::parameters::LaneParameters;
use crate::pipeline::passage::{Direction, Passage};
use crate::pipeline::plate::confusion::differ_by_little;
use crate::pipeline::plate::{CameraRole, PlateRead, PlateState, TRAILER};

/// Confidence of each character, 0 to 100, from which one camera's reading is enough: our choice.
const SURE_CONFIDENCE: u8 = 90;

/// The events of clear pairings.
fn clear_reads(pairing: &Pairing) -> impl Iterator<Item = &PlateRead> {
    pairing.roles.iter().filter_map(RolePairing::clear_read)
}

/// What stands in the way, unsorted.
pub(in crate::pipeline) fn of_pairing(
    pairing: &Pairing,
    all_trusted: bool,
    reasons: &mut Vec<Unenforceable>,
) {
    if pairing.outcome == PairingOutcome::Ambiguous {
        reasons.push(Unenforceable::AmbiguousPairing);
    }
    if pairing.plate.is_none() {
        let seen = clear_reads(pairing).any(|read| {
            matches!(
                read.plate.state,
                PlateState::Partial | PlateState::Unread | PlateState::Covered
            )
        });
        reasons.push(if seen { Unenforceable::PlateNotRead } else { Unenforceable::NoPlate });
    }
    if pairing.plate.as_deref().is_some_and(|plate| !is_confirmed(pairing, plate)) {
        reasons.push(Unenforceable::PlateUnconfirmed);
    }
    if reads_contradict(pairing) {
        reasons.push(Unenforceable::PlateNotRead);
    }
    if clear_reads(pairing).any(PlateRead::is_bus) {
        reasons.push(Unenforceable::NotGoodsVehicle);
    }
    if !all_trusted {
        reasons.push(Unenforceable::CameraClockUnknown);
    }
}

/// Whether two cameras read this plate and do not doubt the same character of it, or one is sure of
/// each of its characters and no other could have read it: cameras misread with full confidence,
/// too. Of a trailer the camera behind reads another plate, so there the one in front has to do. A
/// camera that tells no confidence at all is taken to be sure.
fn is_confirmed(pairing: &Pairing, plate: &str) -> bool {
    let reads = || clear_reads(pairing).filter(|read| read.plate.text.as_deref() == Some(plate));
    let sure = |read: &PlateRead| {
        let lowest = read.plate.character_confidence.iter().min().copied();
        lowest.or(read.plate.confidence).is_none_or(|lowest| lowest >= SURE_CONFIDENCE)
    };
    let has_trailer = clear_reads(pairing)
        .filter_map(|read| read.plate.text.as_deref())
        .any(|text| text.ends_with(TRAILER));
    let others = pairing.roles.len() - usize::from(has_trailer);
    let doubts = |read: &PlateRead, place: usize| {
        let told = read.plate.character_confidence.get(place);
        told.is_some_and(|told| *told < SURE_CONFIDENCE)
    };
    let mut places = 0..plate.chars().count();
    let agree = reads().count() >= 2 && !places.any(|at| reads().all(|read| doubts(read, at)));
    agree || (others < 2 && reads().any(sure))
}

/// What the clocks, the lane and the driving say, unsorted.
pub(in crate::pipeline) fn of_driving(
    passage: &Passage,
    straddled: bool,
    wrong_way: bool,
    lane: Option<&LaneParameters>,
    reasons: &mut Vec<Unenforceable>,
) {
    if wrong_way || passage.direction == Direction::AgainstTraffic {
        reasons.push(Unenforceable::WrongWay);
    }
    if straddled {
        reasons.push(Unenforceable::Manoeuvre);
    }
    if !passage.time.system.is_right() {
        reasons.push(Unenforceable::ClockUnsynchronised);
    }
    let Some(lane) = lane else {
        return;
    };
    let Some(speed) = passage.speed_dkmh else {
        // an approved range without a measured speed cannot be shown to have been kept
        if lane.min_speed.is_some() || lane.max_speed.is_some() {
            reasons.push(Unenforceable::SpeedOutOfRange);
        }
        return;
    };
    let slow = lane.min_speed.is_some_and(|least| speed < least);
    let fast = lane.max_speed.is_some_and(|most| speed > most);
    if slow || fast {
        reasons.push(Unenforceable::SpeedOutOfRange);
    }
}

/// Whether each required role has a picture of a clear pairing.
pub(in crate::pipeline) fn evidence_complete(pairing: &Pairing, required: &[CameraRole]) -> bool {
    required.iter().all(|role| {
        clear_reads(pairing).any(|read| read.role == *role && !read.pictures.is_empty())
    })
}

/// Whether two cameras read nearly, but not quite, the same plate: one of them misread it. A
/// trailer's plate differs from its tractor's and contradicts nothing.
pub(in crate::pipeline) fn reads_contradict(pairing: &Pairing) -> bool {
    let texts: Vec<&str> = clear_reads(pairing)
        .filter(|read| read.plate.state == PlateState::Read)
        .filter_map(|read| read.plate.text.as_deref())
        .filter(|text| !text.ends_with(TRAILER))
        .collect();
    texts.iter().enumerate().any(|(place, first)| {
        texts[place + 1..].iter().any(|second| differ_by_little(first, second))
    })
}
