//! A passage from the raw frames that are kept beside its record: the proof that the record says
//! what the controller sent.

use std::collections::BTreeSet;

use firmware_protocol::{Frame, Message};
use thiserror::Error;

use super::build::{Instants, Told, drop_contradicted_begin, passage};
use super::faults;
use super::vehicle::{MAX_AXLES, Vehicle};
use super::{VehicleCounts, vehicle_number};
use crate::pipeline::passage::{Passage, PassageSource, QualityFlag};

/// Why raw frames give no passage.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RebuildError {
    /// There are none.
    #[error("no raw frames are kept")]
    Empty,
    /// They end inside a frame.
    #[error("raw frame {frame} is cut short")]
    Short {
        /// Which, from 1.
        frame: usize,
    },
    /// One of them is no frame.
    #[error("raw frame {frame} is no good frame")]
    NoFrame {
        /// Which, from 1.
        frame: usize,
    },
    /// One of them belongs to no vehicle, or to another one than those before it.
    #[error("raw frame {frame} is no event of this vehicle")]
    Foreign {
        /// Which, from 1.
        frame: usize,
    },
}

/// A controller whose random numbers repeat is replaced sooner. Our choice.
const MOST_REPEATS: u32 = 1 << 16;

/// Rebuilds the passage of `raw`. What the frames do not hold is taken from `known`: the site's
/// lane, how often its boot id was repeated, the mapping of the controller's clock, the time of arrival, who the scale is, and the
/// state of its sensors. Everything that was measured comes from the frames alone.
///
/// # Errors
/// Bytes that are not the frames of one vehicle.
pub fn rebuild(raw: &[u8], known: &Passage) -> Result<Passage, RebuildError> {
    let (source, mut vehicle) = vehicle(raw)?;
    drop_contradicted_begin(&mut vehicle);
    let mut flags = BTreeSet::new();
    faults::name_all(&vehicle, &mut flags);
    let excess = vehicle.axles.len() == MAX_AXLES;
    let told_beside = known.flags.iter().copied().filter(|flag| match flag {
        QualityFlag::SensorFault | QualityFlag::TimeUnmapped | QualityFlag::LaneUnmapped => true,
        // axles beyond the bound were counted and not kept
        QualityFlag::SurplusAxle => excess,
        _ => false,
    });
    flags.extend(told_beside);
    let instants = Instants {
        anchor_us: vehicle.ended_us(),
        anchor: known.ended_at,
        error: known.time.error_us,
    };
    // a repeated boot id was counted up, which the frames do not tell
    let repeats = known.source.boot_id.wrapping_sub(source.boot_id);
    let boot_id = if repeats < MOST_REPEATS { known.source.boot_id } else { source.boot_id };
    let told = Told {
        source: PassageSource { boot_id, ..source },
        lane: known.lane,
        received_at: known.received_at,
        scale: known.scale.as_ref(),
        system: known.time.system,
    };
    Ok(passage(&vehicle, &instants, told, flags))
}

fn vehicle(raw: &[u8]) -> Result<(PassageSource, Vehicle), RebuildError> {
    let mut built: Option<(PassageSource, Vehicle)> = None;
    let mut rest = raw;
    let mut frame = 0;
    while let Some((length, following)) = rest.split_first() {
        frame += 1;
        let split = following.split_at_checked(usize::from(*length));
        let (bytes, following) = split.ok_or(RebuildError::Short { frame })?;
        rest = following;
        let read = Frame::from_raw(bytes).ok_or(RebuildError::NoFrame { frame })?;
        let Message::Event(header, event) = read.message else {
            return Err(RebuildError::Foreign { frame });
        };
        let number = vehicle_number(&event).ok_or(RebuildError::Foreign { frame })?;
        let source =
            PassageSource { controller: read.address, boot_id: header.boot_id, vehicle: number };
        let (first, vehicle) = built.get_or_insert_with(|| (source, Vehicle::new(header.sequence)));
        if *first != source {
            return Err(RebuildError::Foreign { frame });
        }
        vehicle.take(header.sequence, &event, bytes, &mut VehicleCounts::default());
    }
    built.ok_or(RebuildError::Empty)
}
