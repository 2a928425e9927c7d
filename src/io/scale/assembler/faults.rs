//! What is wrong with a vehicle's events, by name.

use std::collections::BTreeSet;

use firmware_protocol::{Axle, AxlesChecksum, Flags};

use super::vehicle::Vehicle;
use crate::pipeline::passage::QualityFlag;

/// How far the controller's total may be from the sum of the axles: the largest scale interval
/// of the coarsest class in use for enforcement, class 5 of OIML R134-1 (scales.md 2.1). A total
/// that is rounded to an interval is not wrong.
const GROSS_TOLERANCE_KG: u32 = 100;

/// The remarks of the wire and their names.
const REMARKS: [(Flags, QualityFlag); 9] = [
    (Flags::STOP_AND_GO, QualityFlag::StopAndGo),
    (Flags::BRAKING, QualityFlag::Braking),
    (Flags::ACCELERATING, QualityFlag::Accelerating),
    (Flags::S_DRIVING, QualityFlag::SDriving),
    (Flags::STRADDLING, QualityFlag::Straddling),
    (Flags::OFF_SCALE, QualityFlag::OffScale),
    (Flags::TAILGATING, QualityFlag::Tailgating),
    (Flags::SENSOR_FAULT, QualityFlag::SensorFault),
    (Flags::SPEED_OUT_OF_RANGE, QualityFlag::SpeedOutOfRange),
];

/// Everything that the events themselves show. Returns as [`name_remarks`] does.
pub(super) fn name_all(vehicle: &Vehicle, flags: &mut BTreeSet<QualityFlag>) -> bool {
    name_losses(vehicle, flags);
    name_contradictions(vehicle, flags);
    name_remarks(vehicle, flags)
}

/// The controller's own remarks. Returns whether there was one that this version does not know:
/// it makes the measurement doubtful (PROTOCOL.md).
fn name_remarks(vehicle: &Vehicle, flags: &mut BTreeSet<QualityFlag>) -> bool {
    let remarks = vehicle.remarks();
    let known = REMARKS.iter().filter(|(bit, _)| remarks.contains(*bit)).map(|(_, flag)| *flag);
    flags.extend(known);
    let unknown = !remarks.unknown().is_empty();
    if unknown {
        flags.insert(QualityFlag::UnknownRemark);
    }
    unknown
}

/// What was lost or came too often on the way from the sensors to here.
fn name_losses(vehicle: &Vehicle, flags: &mut BTreeSet<QualityFlag>) {
    if vehicle.contradicted {
        flags.insert(QualityFlag::BeginContradicted);
    } else if vehicle.begin.is_none() {
        flags.insert(QualityFlag::BeginMissing);
    }
    let received = vehicle.axles.len();
    let numbers: BTreeSet<u8> = vehicle.axles.iter().map(|axle| axle.number).collect();
    let announced = match vehicle.end {
        Some(end) => usize::from(end.axle_count),
        None => {
            flags.insert(QualityFlag::EndMissing);
            numbers.last().copied().map_or(0, usize::from)
        }
    };
    let expected = 1..=announced;
    let wanted = expected
        .clone()
        .filter(|number| u8::try_from(*number).is_ok_and(|number| numbers.contains(&number)))
        .count();
    if wanted < announced {
        flags.insert(QualityFlag::MissingAxle);
    }
    if wanted < received || vehicle.excess {
        flags.insert(QualityFlag::SurplusAxle);
    }
    if let Some(end) = vehicle.end
        && checksum(&vehicle.axles) != Some(end.axles_crc)
    {
        flags.insert(QualityFlag::AxleCrcMismatch);
    }
}

/// Values that cannot all be true.
fn name_contradictions(vehicle: &Vehicle, flags: &mut BTreeSet<QualityFlag>) {
    let in_order = vehicle
        .axles
        .windows(2)
        .all(|pair| pair[0].at_us < pair[1].at_us && pair[0].number < pair[1].number);
    if !in_order {
        flags.insert(QualityFlag::AxlesOutOfOrder);
    }
    let Some(end) = vehicle.end else { return };
    let loads: Option<u64> = vehicle.axles.iter().map(|axle| axle.load_kg.map(u64::from)).sum();
    if let (Some(sum), Some(gross)) = (loads, end.gross_kg)
        && sum.abs_diff(gross.into()) > GROSS_TOLERANCE_KG.into()
    {
        flags.insert(QualityFlag::GrossDisagrees);
    }
    let wheelbase: u64 =
        vehicle.axles.iter().filter_map(|axle| axle.spacing_mm.map(u64::from)).sum();
    if end.length_mm.is_some_and(|length| wheelbase > length.into()) {
        flags.insert(QualityFlag::LengthDisagrees);
    }
}

fn checksum(axles: &[Axle]) -> Option<u32> {
    let mut checksum = AxlesChecksum::new();
    for axle in axles {
        checksum.add(axle).ok()?;
    }
    Some(checksum.value())
}
