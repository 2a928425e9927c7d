//! Tells the log what was sealed, with the facts as fields: the journal finds a vehicle, a lane or
//! a camera by them. Plates stay in the records.

use crate::pipeline::Action;
use crate::pipeline::record::{Body, PassageRecord};

/// What is durable now.
pub(super) fn tell(actions: &[Action]) {
    for action in actions {
        let Action::Seal(seal) = action else {
            continue;
        };
        let record = seal.record.id.as_str();
        match &seal.record.body {
            Body::Passage(passage) => tell_passage(record, passage),
            Body::Supplement(supplement) => {
                let camera = supplement.plate_read.camera.as_str();
                let reason = supplement.reason;
                tracing::debug!(record, camera, ?reason, "a camera event stands alone");
            }
            Body::Alarm(alarm) => {
                let lane = alarm.lane.map(|lane| lane.0);
                tracing::warn!(record, lane, alarm = alarm.name, text = alarm.text, "alarm");
            }
            Body::Joint(_)
            | Body::Gap(_)
            | Body::CameraGap(_)
            | Body::Audit(_)
            | Body::Calibration(_)
            | Body::Reconciliation(_)
            | Body::Eviction(_) => {}
        }
    }
}

fn tell_passage(passage: &str, record: &PassageRecord) {
    let chosen = record.pairing.roles.iter().filter_map(|role| role.chosen.as_ref());
    let cameras: Vec<&str> = chosen.map(|chosen| &*chosen.plate_read.camera).collect();
    tracing::debug!(
        passage,
        lane = record.passage.lane.0,
        camera = cameras.join(" "),
        verdict = ?record.assessment.verdict,
        pairing = ?record.pairing.outcome,
        enforceable = record.enforceable,
        "a vehicle is sealed"
    );
}
