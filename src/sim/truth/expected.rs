//! What must be in the record of a weighing, and what is in it.

use std::collections::BTreeSet;

use super::Weighing;
use crate::pipeline::assess::Verdict;
use crate::pipeline::evasion::EvasionKind;
use crate::pipeline::pairing::{PairingOutcome, RolePairing};
use crate::pipeline::passage::Direction;
use crate::pipeline::record::PassageRecord;
use crate::sim::traffic::{Crossing, Incident, LANES, Sight};
use crate::sim::truck::TruckAxle;
use crate::units::{Kilograms, Lane, Millimetres};

/// What must be in the record of a weighing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Expected {
    loads: Vec<Option<Kilograms>>,
    spacings: Vec<Option<Millimetres>>,
    direction: Direction,
    verdict: Verdict,
    excess: Option<Kilograms>,
    evasion: BTreeSet<EvasionKind>,
}

/// The weighings of one crossing.
pub fn weighings(crossing: &Crossing) -> Vec<Weighing> {
    let weighing = |lane| Weighing { crossing: crossing.number, lane };
    match crossing.incident {
        Incident::Straddling => LANES.map(weighing).to_vec(),
        Incident::None | Incident::WrongWay => vec![weighing(crossing.lane)],
    }
}

pub(super) fn expected_verdict(crossing: &Crossing) -> Verdict {
    match crossing.incident {
        Incident::Straddling => Verdict::NotAssessable,
        _ if crossing.truck.excess() > Kilograms(0) => Verdict::Overload,
        _ => Verdict::Compliant,
    }
}

pub(super) fn expected(crossing: &Crossing, lane: Lane) -> Expected {
    let truck = &crossing.truck;
    let straddling = crossing.incident == Incident::Straddling;
    let load = |axle: &TruckAxle| match (straddling, lane == crossing.lane) {
        (false, _) => axle.load(),
        (true, true) => axle.left,
        (true, false) => axle.right,
    };
    let mut evasion = BTreeSet::new();
    match crossing.incident {
        Incident::Straddling => evasion.insert(EvasionKind::Straddling),
        Incident::WrongWay => evasion.insert(EvasionKind::WrongWay),
        Incident::None => false,
    };
    if crossing.views.iter().any(|view| view.sight == Sight::NoPlate) {
        evasion.insert(EvasionKind::AbsentPlate);
    }
    Expected {
        loads: truck.axles.iter().map(|axle| Some(load(axle))).collect(),
        spacings: truck.spacings.iter().copied().map(Some).collect(),
        direction: match crossing.incident {
            Incident::WrongWay => Direction::AgainstTraffic,
            Incident::None | Incident::Straddling => Direction::WithTraffic,
        },
        verdict: expected_verdict(crossing),
        excess: (!straddling).then(|| truck.excess()),
        evasion,
    }
}

pub(super) fn found(body: &PassageRecord) -> Expected {
    let verdict = body.assessment.verdict;
    let judged = verdict != Verdict::NotAssessable;
    Expected {
        loads: body.passage.axles.iter().map(|axle| axle.load_kg).collect(),
        spacings: body.passage.axles.iter().skip(1).map(|axle| axle.spacing_mm).collect(),
        direction: body.passage.direction,
        verdict,
        excess: if judged { body.assessment.excess_kg } else { None },
        evasion: body.evasion.iter().map(|sign| sign.kind).collect(),
    }
}

/// Another vehicle's plate as a clear pairing is always wrong. A missing one is wrong when a camera
/// sent the event live and nothing unusual happened: of straddlers and wrong-way drivers it may be
/// missing. Until a camera's clock is learnt, the honest answer is that the pairing is unsure.
pub(super) fn plate_mistakes(
    crossing: &Crossing,
    weighing: Weighing,
    body: &PassageRecord,
) -> Vec<String> {
    let truck = &crossing.truck;
    let own = [truck.plate.as_str(), truck.rear_plate.as_str()];
    let mut mistakes = Vec::new();
    for role in &body.pairing.roles {
        if role.outcome != PairingOutcome::Paired {
            continue;
        }
        let text = role.chosen.as_ref().and_then(|chosen| chosen.plate_read.plate.text.as_deref());
        match text {
            Some(text) if !own.contains(&text) => {
                mistakes.push(format!("plate {text} of another vehicle, own {own:?}"));
            }
            _ => {}
        }
    }
    let live = |sight| matches!(sight, Sight::Read | Sight::NoPlate);
    let due = crossing.incident == Incident::None
        && weighing.lane == crossing.lane
        && crossing.views.iter().any(|view| live(view.sight));
    if due && body.pairing.outcome != PairingOutcome::Paired && !unsure(body) {
        mistakes.push(format!("{:?} although a camera sent its plate", body.pairing.outcome));
    }
    mistakes
}

/// Whether the pairing is left open because a camera's clock is not learnt, and for no other
/// reason.
pub(super) fn unsure(body: &PassageRecord) -> bool {
    let open = |role: &&RolePairing| role.outcome == PairingOutcome::Ambiguous;
    let unlearnt =
        |role: &RolePairing| role.reasons.iter().any(|reason| reason == "camera_clock_not_learnt");
    let mut roles = body.pairing.roles.iter().filter(open).peekable();
    roles.peek().is_some() && roles.all(unlearnt)
}
