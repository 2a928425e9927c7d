//! What a camera tells, mapped to the site: its name, our lane, the direction of the traffic.

use sha2::{Digest, Sha256};

use super::directory::Camera;
use super::interpret::{Loose, Told};
use super::message::Facing;
use crate::clock::Timestamp;
use crate::config::camera::{CameraConfig, CameraDirection, Dialect};
use crate::pipeline::passage::Direction;
use crate::pipeline::plate::{LateReason, PlateRead};

pub(super) fn mapped(camera: &Camera, told: Told, at: Timestamp) -> PlateRead {
    let Told { message, pictures } = told;
    let marked = message.late.is_some();
    let judged = message.written.map(|written| camera.memory().zone.judge(written, at, marked));
    let late = message.late.or_else(|| judged.and_then(|judged| judged.late));
    let config = &camera.config;
    PlateRead {
        camera: config.name.clone(),
        role: config.role,
        lane: config.site_lane(message.line),
        source_id: message.source_id,
        stamp: judged.map(|judged| judged.stamp),
        received_at: at,
        late,
        plate: message.plate,
        further_plates: message.further_plates,
        direction: direction(config, message.facing),
        speed_dkmh: message.speed,
        vehicle_class: message.vehicle_class,
        vehicle_colours_raw: message.vehicle_colours,
        offence_code: message.offence_code,
        trigger_id: message
            .target_id
            .filter(|_| config.target_is_trigger || config.dialect == Dialect::Neutral),
        pictures,
        more_follows: message.more_follows,
    }
}

/// The event of a picture whose vehicle is not known; `None` when it is durable already.
pub(super) fn alone_read(
    camera: &Camera,
    Loose { told, pictures }: Loose,
    at: Timestamp,
) -> Option<(PlateRead, [u8; 32])> {
    let fingerprint: [u8; 32] = Sha256::digest(format!("{told:?}{pictures:?}")).into();
    if camera.memory().knows(&fingerprint) {
        return None;
    }
    let judged = told.written.map(|written| camera.memory().zone.judge(written, at, true));
    let (name, role) = (camera.config.name.clone(), camera.config.role);
    let read = PlateRead {
        lane: camera.config.site_lane(None),
        source_id: Some(format!("image-{}", told.id)),
        stamp: judged.map(|judged| judged.stamp),
        late: Some(LateReason::PictureAlone),
        pictures,
        ..PlateRead::untold(name, role, at)
    };
    Some((read, fingerprint))
}

fn direction(config: &CameraConfig, facing: Facing) -> Direction {
    match (facing, config.with_traffic_direction) {
        (Facing::Compass(code), _) => compass(code, config.compass_with_traffic),
        (Facing::Untold, _) => Direction::Unknown,
        (Facing::Forward, CameraDirection::Forward)
        | (Facing::Reverse, CameraDirection::Reverse) => Direction::WithTraffic,
        _ => Direction::AgainstTraffic,
    }
}

/// Codes of GA/T 1400 come in pairs of opposites: 1 and 2, 3 and 4, 5 and 6, 7 and 8. They are
/// points of the compass, so only the configuration can say which one is with the traffic.
fn compass(code: u8, with_traffic: Option<u8>) -> Direction {
    let Some(with) = with_traffic else {
        return Direction::Unknown;
    };
    let opposite = if with % 2 == 1 { with + 1 } else { with - 1 };
    if code == with {
        Direction::WithTraffic
    } else if code == opposite {
        Direction::AgainstTraffic
    } else {
        Direction::Unknown
    }
}
