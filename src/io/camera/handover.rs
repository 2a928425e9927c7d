//! A received body in, the answer out: interpreted, mapped to the site, durable.

use std::sync::Arc;

use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;

use super::gathering::Received;
use super::interpret::{Interpreted, Told, interpret};
use super::mapping::{alone_read, mapped};
use super::message::Message;
use super::presence::with_pictures;
use super::refused::Refused;
use super::shared::Shared;
use super::status::CameraStatus;
use crate::clock::Timestamp;
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

/// What a body tells, ready to be made durable.
#[derive(Debug)]
pub(super) struct Prepared {
    /// Events that are not durable yet, each with its fingerprint.
    fresh: Vec<(PlateRead, [u8; 32])>,
    /// Numbers of uploads.
    numbers: Vec<u32>,
    objects: Vec<String>,
    nothing: Settled,
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
    let prepared = prepare(&shared, index, received, at).await?;
    store(&shared, index, prepared.arrivals()).await?;
    Ok(prepared.note_stored(&shared, index))
}

/// Interprets a body; its pictures are durable then, its events not yet.
///
/// # Errors
/// [`Refused`].
pub(super) async fn prepare(
    shared: &Shared,
    index: usize,
    received: Received,
    at: Timestamp,
) -> Result<Prepared, Refused> {
    let camera = shared.cameras.get(index).ok_or(Refused::Internal)?;
    let (dialect, quirks) = (camera.config.dialect, received.quirks);
    let interpreted = spawn_blocking(move || interpret(dialect, received));
    let interpreted = interpreted.await.map_err(|_| Refused::Internal)??;
    shared.note(index, |status| {
        status.quirks.add(quirks);
        note_parts(status, &interpreted);
    });
    let Interpreted { mut told, loose, objects, .. } = interpreted;
    let alone = {
        let mut memory = camera.memory();
        let (fuller, alone) = memory.joining.pictures(loose, &told);
        told.iter_mut().for_each(|told| memory.joining.vehicle(told));
        told.extend(fuller);
        alone
    };
    let nothing = if told.is_empty() { Settled::NoPlate } else { Settled::Duplicate };
    let numbers = told.iter().filter_map(|told| told.message.upload_number).collect();
    let mut fresh = fresh(shared, index, told, at);
    let before = fresh.len() + alone.len();
    fresh.extend(alone.into_iter().filter_map(|loose| alone_read(camera, loose, at)));
    let known = (before - fresh.len()) as u64;
    shared.note(index, |status| status.duplicates += known);
    Ok(Prepared { fresh, numbers, objects, nothing })
}

/// Hands inputs to the store, with those of their pictures that are there; none of them needs no store.
///
/// # Errors
/// [`Refused::Store`].
pub(super) async fn store(
    shared: &Shared,
    index: usize,
    arrivals: Vec<Arrival>,
) -> Result<(), Refused> {
    if arrivals.is_empty() {
        return Ok(());
    }
    let (arrivals, gone) = with_pictures(&shared.pictures, arrivals).await?;
    shared.intake.accept(arrivals, None).await.map_err(Refused::Store)?;
    if gone > 0 {
        shared.note(index, |status| status.pictures_gone += gone);
    }
    Ok(())
}

impl Prepared {
    /// The inputs.
    pub(super) fn arrivals(&self) -> Vec<Arrival> {
        let arrival = |read: &PlateRead| Arrival {
            received_at: read.received_at,
            input: Input::PlateRead(Box::new(read.clone())),
            raw: Vec::new(),
        };
        self.fresh.iter().map(|(read, _)| arrival(read)).collect()
    }

    /// The inputs are durable.
    pub(super) fn note_stored(self, shared: &Shared, index: usize) -> Taken {
        let Self { fresh, numbers, objects, nothing } = self;
        let settled = if fresh.is_empty() { nothing } else { Settled::Stored };
        let Some(camera) = shared.cameras.get(index).filter(|_| settled == Settled::Stored) else {
            return Taken { settled, objects };
        };
        for (read, fingerprint) in &fresh {
            camera.memory().remember(*fingerprint);
            shared.note(index, |status| note_event(status, read));
        }
        for number in numbers {
            let skipped = camera.memory().uploads.skipped(number);
            shared.note(index, |status| status.missed_uploads += skipped);
        }
        Taken { settled, objects }
    }
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

fn note_parts(status: &mut CameraStatus, interpreted: &Interpreted) {
    status.heartbeats += interpreted.heartbeats;
    status.other_events += interpreted.others;
    status.empty_pictures += interpreted.left_out.empty_pictures;
    status.foreign_pictures += interpreted.left_out.foreign_pictures;
    status.pictures_elsewhere += interpreted.left_out.pictures_elsewhere;
    status.unassigned_pictures += interpreted.left_out.unassigned_pictures;
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
