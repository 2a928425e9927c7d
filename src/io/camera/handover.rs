//! A received body in, the answer out: interpreted, mapped to the site, durable.

use std::sync::Arc;

use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;

use super::interpret::{Interpreted, Told, interpret};
use super::message::{Facing, Message};
use super::reception::Received;
use super::refused::Refused;
use super::shared::Shared;
use super::status::CameraStatus;
use crate::clock::Timestamp;
use crate::config::camera::{CameraConfig, CameraDirection, Dialect};
use crate::pipeline::passage::Direction;
use crate::pipeline::plate::{PlateFormat, PlateRead, ZoneBasis};
use crate::pipeline::{Arrival, Input};

/// What became of a body that is acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Settled {
    /// An event is durable now.
    Stored,
    /// It was durable already.
    Duplicate,
    /// A heartbeat or an event of no use.
    NoPlate,
}

/// The outcome of a body, for its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) settled: Settled,
    /// Ids of the objects, in order, for dialects that want an answer for each.
    pub(super) objects: Vec<String>,
}

/// Makes the events of a body durable.
///
/// # Errors
/// [`Refused`]; nothing may then be acknowledged.
pub(super) async fn settle(
    shared: Arc<Shared>,
    index: usize,
    received: Received,
    at: Timestamp,
) -> Result<Taken, Refused> {
    let camera = shared.cameras.get(index).ok_or(Refused::Internal)?;
    let (dialect, quirks) = (camera.config.dialect, received.quirks);
    let interpreted = spawn_blocking(move || interpret(dialect, received));
    let interpreted = interpreted.await.map_err(|_| Refused::Internal)??;
    shared.note(index, |status| {
        status.quirks.add(quirks);
        note_parts(status, &interpreted);
    });
    let Interpreted { told, objects, .. } = interpreted;
    if told.is_empty() {
        return Ok(Taken { settled: Settled::NoPlate, objects });
    }
    let numbers: Vec<u32> = told.iter().filter_map(|told| told.message.upload_number).collect();
    let fresh = fresh(&shared, index, told, at);
    if fresh.is_empty() {
        return Ok(Taken { settled: Settled::Duplicate, objects });
    }
    let arrivals = fresh.iter().map(|(read, _)| Arrival {
        received_at: at,
        input: Input::PlateRead(Box::new(read.clone())),
        raw: Vec::new(),
    });
    let answer = shared.intake.accept(arrivals.collect(), None).await;
    answer.map_err(Refused::Store)?;
    for (read, fingerprint) in &fresh {
        camera.memory().remember(*fingerprint);
        shared.note(index, |status| note_event(status, read));
    }
    for number in numbers {
        let skipped = camera.memory().uploads.skipped(number);
        shared.note(index, |status| status.missed_uploads += skipped);
    }
    Ok(Taken { settled: Settled::Stored, objects })
}

/// The events that are not durable yet, each with its fingerprint.
fn fresh(
    shared: &Shared,
    index: usize,
    told: Vec<Told>,
    at: Timestamp,
) -> Vec<(PlateRead, [u8; 32])> {
    let Some(camera) = shared.cameras.get(index) else {
        return Vec::new();
    };
    let mut fresh = Vec::new();
    for told in told {
        let fingerprint = fingerprint(&told);
        if camera.memory().knows(&fingerprint) {
            shared.note(index, |status| status.duplicates += 1);
            continue;
        }
        let read = mapped(camera, told, at);
        fresh.push((read, fingerprint));
    }
    fresh
}

/// A digest of all that the camera told, except that it told it again.
fn fingerprint(told: &Told) -> [u8; 32] {
    let message = Message { late: None, ..told.message.clone() };
    // Debug text is complete for these types, and it is compared within one process only.
    Sha256::digest(format!("{message:?}{:?}", told.pictures)).into()
}

fn mapped(camera: &super::directory::Camera, told: Told, at: Timestamp) -> PlateRead {
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
        offence_code: message.offence_code,
        trigger_id: message
            .target_id
            .filter(|_| config.target_is_trigger || config.dialect == Dialect::Neutral),
        pictures,
        more_follows: message.more_follows,
    }
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

fn note_parts(status: &mut CameraStatus, interpreted: &Interpreted) {
    status.heartbeats += interpreted.heartbeats;
    status.other_events += interpreted.others;
    status.empty_pictures += interpreted.left_out.empty_pictures;
    status.foreign_pictures += interpreted.left_out.foreign_pictures;
    status.ignored_parts += interpreted.left_out.parts;
    status.ignored_bytes += interpreted.left_out.bytes;
}

fn note_event(status: &mut CameraStatus, read: &PlateRead) {
    status.events += 1;
    status.last_event = Some(read.received_at);
    status.late += u64::from(read.late.is_some());
    status.pictures += read.pictures.len() as u64;
    status.further_plates += read.further_plates.len() as u64;
    status.unusual_plates += u64::from(read.plate.format == Some(PlateFormat::Unusual));
    match read.stamp {
        None => status.missing_stamps += 1,
        Some(stamp) => status.suspect_stamps += u64::from(stamp.zone == ZoneBasis::Suspect),
    }
}
