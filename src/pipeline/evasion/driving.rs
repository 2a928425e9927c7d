//! Signs in how the vehicle was driven over the scale and what its axles carried.

use super::EvasionKind;
use crate::pipeline::assess::Assessment;
use crate::pipeline::limits::Split;
use crate::pipeline::passage::{Axle, Passage, QualityFlag, pace};
use crate::units::DeciKmh;

/// More axles than any vehicle of the limit tables has (7 with one to spare), so two vehicles.
const IMPLAUSIBLE_AXLES: usize = 9;
/// First to last axle of the longest combination that GB 1589 knows (22 m bumper to bumper).
const LONGEST_MM: u64 = 22_000;
/// Axle speeds that differ by more than a quarter and by 10 km/h: braked or accelerated on it.
const SPEED_SHARE: u32 = 4;
const SPEED_LEAST: u32 = 100;
/// An axle below 30 per cent of the mean of its group's others, when those carry 4 t each, hangs.
const LIFTED_PERCENT: u64 = 30;
const LIFTED_OTHERS_KG: u64 = 4_000;

/// A sign before it is put into the record.
pub(super) type Found = (EvasionKind, String);

/// Signs that the controller reports by flags.
pub(super) fn by_flags(passage: &Passage, found: &mut Vec<Found>) {
    for flag in &passage.flags {
        let (kind, reason) = match flag {
            QualityFlag::Straddling => (EvasionKind::Straddling, "controller: straddling"),
            QualityFlag::OffScale => (EvasionKind::Straddling, "controller: wheels off the scale"),
            QualityFlag::Tailgating => (EvasionKind::Tailgating, "controller: tailgating"),
            QualityFlag::StopAndGo => (EvasionKind::SpeedGames, "controller: stop and go"),
            QualityFlag::Braking => (EvasionKind::SpeedGames, "controller: braking"),
            QualityFlag::Accelerating => (EvasionKind::SpeedGames, "controller: accelerating"),
            QualityFlag::SDriving => (EvasionKind::SDriving, "controller: S-shaped path"),
            _ => continue,
        };
        found.push((kind, reason.to_owned()));
    }
}

/// Too many axles or too long for one vehicle.
pub(super) fn tailgating(passage: &Passage, found: &mut Vec<Found>) {
    let axles = passage.axles.len();
    if axles >= IMPLAUSIBLE_AXLES {
        found.push((EvasionKind::Tailgating, format!("{axles} axles in one passage")));
    }
    let length: u64 = passage
        .axles
        .iter()
        .filter_map(|axle| axle.spacing_mm)
        .map(|spacing| u64::from(spacing.0))
        .sum();
    if length > LONGEST_MM {
        let reason = format!("{length} mm from first to last axle");
        found.push((EvasionKind::Tailgating, reason));
    }
}

/// Axles crossed at very different speeds, or with a halt between them.
pub(super) fn speed_games(passage: &Passage, found: &mut Vec<Found>) {
    if let Some(halt) = pace::halt(passage) {
        let millis = halt.delay.0 / 1_000;
        let reason = format!("axle {} came {millis} ms later than its speed says", halt.axle);
        found.push((EvasionKind::SpeedGames, reason));
    }
    let speeds = || passage.axles.iter().filter_map(|axle| axle.speed_dkmh);
    let (Some(slowest), Some(fastest)) = (speeds().min(), speeds().max()) else {
        return;
    };
    let spread = u32::from(fastest.0 - slowest.0);
    if spread > SPEED_LEAST && spread * SPEED_SHARE > u32::from(fastest.0) {
        let kmh = |DeciKmh(speed)| format!("{}.{}", speed / 10, speed % 10);
        let reason = format!("axle speeds from {} to {} km/h", kmh(slowest), kmh(fastest));
        found.push((EvasionKind::SpeedGames, reason));
    }
}

/// An axle of a group that carries far less than its neighbours, also where it hangs so that the vehicle
/// cannot be assessed. Zero is a load that was measured (PROTOCOL.md section 1), unless a sensor was
/// faulty.
pub(super) fn lifted_axles(passage: &Passage, assessment: &Assessment, found: &mut Vec<Found>) {
    let splits = assessment.split.iter().chain(&assessment.or_split);
    for (first, count) in splits.flat_map(Split::spans).filter(|(_, count)| *count >= 2) {
        let Some(axles) = passage.axles.get(first..first + count) else {
            continue;
        };
        let is_measured = |load| load > 0 || !passage.flags.contains(&QualityFlag::SensorFault);
        let hangs = |(_, load, mean): &(usize, u64, u64)| {
            is_measured(*load) && *mean >= LIFTED_OTHERS_KG && load * 100 < mean * LIFTED_PERCENT
        };
        if let Some((position, load, mean)) = lightest(axles).filter(hangs) {
            let axle = first + position + 1;
            let reason = format!("axle {axle} carries {load} kg, its group's others {mean} kg");
            found.push((EvasionKind::LiftedAxle, reason));
        }
    }
}

/// Place and load of the lightest axle, and the mean of the others.
fn lightest(axles: &[Axle]) -> Option<(usize, u64, u64)> {
    let mut total = 0;
    let mut lightest: Option<(usize, u64)> = None;
    for (position, axle) in axles.iter().enumerate() {
        let load = u64::from(axle.load_kg?.0);
        total += load;
        if lightest.is_none_or(|(_, least)| load < least) {
            lightest = Some((position, load));
        }
    }
    let (position, load) = lightest?;
    let others = u64::try_from(axles.len()).ok()?.checked_sub(1)?;
    Some((position, load, (total - load).checked_div(others)?))
}
