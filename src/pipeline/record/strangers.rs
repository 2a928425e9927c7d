//! Plates that cannot be of one vehicle.
//!
//! In: every camera's answer. Out: the same, with those left open of which others read another
//! vehicle's plate. A trailer's plate differs from its tractor's; two plates that are no
//! trailer's and have little in common are of two vehicles, so one of the pairings is wrong.

use crate::pipeline::pairing::{PairingOutcome, RolePairing};
use crate::pipeline::plate::confusion::differ_by_little;

/// Leaves open every clear pairing whose plate is not the one that most cameras read; all of them
/// when there is no such plate.
pub(super) fn open_contradictions(roles: &mut [RolePairing]) {
    let texts: Vec<Option<&str>> = roles.iter().map(RolePairing::tractors_plate).collect();
    let backing = |text: &str| texts.iter().flatten().filter(|other| is_same(text, other)).count();
    let read = texts.iter().flatten().count();
    let strange: Vec<bool> =
        texts.iter().map(|text| text.is_some_and(|text| backing(text) * 2 <= read)).collect();
    if read < 2 || !strange.contains(&true) {
        return;
    }
    for (role, _) in roles.iter_mut().zip(&strange).filter(|(_, strange)| **strange) {
        role.outcome = PairingOutcome::Ambiguous;
        role.reasons.push("other_role_contradicts".to_owned());
    }
}

/// Closes what was left open where another camera's clear pairing read the very same plate: no two
/// vehicles have it.
pub(super) fn close_agreements(roles: &mut [RolePairing]) {
    if roles.iter().all(|role| role.outcome != PairingOutcome::Ambiguous) {
        return;
    }
    let clear: Vec<String> =
        roles.iter().filter_map(RolePairing::tractors_plate).map(str::to_owned).collect();
    for role in roles.iter_mut().filter(|role| role.outcome == PairingOutcome::Ambiguous) {
        let plate = role.chosen.as_ref().map(|chosen| &chosen.plate_read.plate);
        let text = plate.and_then(|plate| plate.text.as_ref());
        if text.is_some_and(|text| clear.contains(text)) {
            role.outcome = PairingOutcome::Paired;
            role.reasons.push("closed_by_other_role".to_owned());
        }
    }
}

fn is_same(one: &str, other: &str) -> bool {
    one == other || differ_by_little(one, other)
}
