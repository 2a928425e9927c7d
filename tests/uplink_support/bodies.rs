//! Records to send.

use wimd::clock::Timestamp;
use wimd::pipeline::evasion::{EvasionKind, EvasionSign};
use wimd::pipeline::passage::Direction;
use wimd::pipeline::plate::{CameraRole, PictureRef, Plate, PlateColour, PlateRead, PlateState};
use wimd::pipeline::record::{Alarm, Audit, Body, Supplement, SupplementReason};

/// A record of the first lane.
pub(crate) fn alarm(text: &str) -> Body {
    Body::Alarm(Alarm { name: "test".into(), lane: None, text: text.into() })
}

/// A record of the second lane.
pub(crate) fn ordinary(text: &str) -> Body {
    Body::Audit(Audit {
        source: "test".into(),
        event: text.into(),
        before: String::new(),
        after: String::new(),
    })
}

/// A record of the first lane with pictures, which are the last.
pub(crate) fn sighting(pictures: Vec<PictureRef>) -> Body {
    Body::Supplement(Box::new(Supplement {
        plate_read: PlateRead {
            plate: Plate { state: PlateState::Absent, ..Plate::unread() },
            pictures,
            ..PlateRead::untold("front", CameraRole::Front, Timestamp(0))
        },
        reason: SupplementReason::NoPassage,
        refers_to: None,
        refers_to_seq: None,
        evasion: vec![EvasionSign {
            kind: EvasionKind::AbsentPlate,
            reasons: Vec::new(),
            related: Vec::new(),
        }],
    }))
}

pub(crate) fn many(count: usize, body: impl Fn(&str) -> Body) -> Vec<Body> {
    (0..count).map(|n| body(&n.to_string())).collect()
}
