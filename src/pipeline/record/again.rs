//! A sealed record judged again. In: the record, its measurement and a profile. Out: the record
//! that this profile makes of it, the same to the byte under the profile that made it.
//!
//! Plates and pictures stay as they were paired: no law decides about them.

use super::sealing::{Weighed, judged};
use super::{PassageRecord, Unenforceable};
use crate::pipeline::assess::Profile;
use crate::pipeline::evasion::{EvasionKind, EvasionSign, around::Around, halves::Half, signs};
use crate::pipeline::parameters::LaneParameters;
use crate::pipeline::passage::Passage;

/// Judges `passage`, the measurement of `sealed`, by `profile`; `lane` is what was expected in its
/// lane, `None` when the site does not know it.
pub fn judge_again(
    sealed: &PassageRecord,
    passage: Passage,
    profile: &Profile,
    lane: Option<&LaneParameters>,
) -> PassageRecord {
    let around = Around {
        halves: halves(sealed),
        heads: heads(sealed),
        is_part: sealed.unenforceable.contains(&Unenforceable::PartOfVehicle),
    };
    let weighed = Weighed {
        passage,
        pairing: sealed.pairing.clone(),
        around: &around,
        all_trusted: !sealed.unenforceable.contains(&Unenforceable::CameraClockUnknown),
        drifted: sealed.unenforceable.contains(&Unenforceable::ScaleDrift),
    };
    PassageRecord { clips: sealed.clips.clone(), ..judged(weighed, profile, lane) }
}

/// The other halves that a sign of straddling names. Figures of several halves are gathered
/// without repeats, so that it does not matter which of them stood with which record.
fn halves(sealed: &PassageRecord) -> Vec<Half> {
    let straddling = |signs: &[EvasionSign]| {
        signs.iter().find(|sign| sign.kind == EvasionKind::Straddling).cloned()
    };
    let Some(sign) = straddling(&sealed.evasion) else {
        return Vec::new();
    };
    // what scale and cameras say by themselves is found again without any half
    let PassageRecord { passage, assessment, pairing, .. } = sealed;
    let alone = straddling(&signs::of_passage(passage, assessment, pairing, &Around::default()));
    let alone = alone.map(|sign| sign.reasons).unwrap_or_default();
    let figures: Vec<&String> =
        sign.reasons.iter().filter(|reason| !alone.contains(reason)).collect();
    let figures = figures.iter().chain(figures.last().into_iter().cycle());
    let pairs = sign.related.iter().zip(figures);
    pairs
        .map(|(record, figures)| Half { record: record.clone(), figures: (*figures).clone() })
        .collect()
}

/// What cameras saw of further vehicles during the passage.
fn heads(sealed: &PassageRecord) -> Vec<String> {
    let tailgating = |signs: Vec<EvasionSign>| {
        signs.into_iter().find(|sign| sign.kind == EvasionKind::Tailgating)
    };
    let Some(sign) = tailgating(sealed.evasion.clone()) else {
        return Vec::new();
    };
    let PassageRecord { passage, assessment, pairing, .. } = sealed;
    let signs = signs::of_passage(passage, assessment, pairing, &Around::default());
    let alone = tailgating(signs).map(|sign| sign.reasons).unwrap_or_default();
    sign.reasons.into_iter().filter(|reason| !alone.contains(reason)).collect()
}
