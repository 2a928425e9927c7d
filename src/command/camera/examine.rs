//! What an event of a camera lacks, and what a technician does about it.

use std::collections::BTreeMap;

use crate::command::finding::{Finding, Part};
use crate::command::value::name;
use crate::config::camera::{CameraConfig, Dialect, PullBy};
use crate::pipeline::passage::Direction;
use crate::pipeline::plate::{
    PictureKind, Plate, PlateColour, PlateFormat, PlateRead, PlateState, StampPrecision, ZoneBasis,
};

use super::listening::Heard;
use super::silence::{body, door, silence};

/// Age of a stamp at its arrival that needs no look, microseconds. Our choice: direct pushes take
/// up to some seconds (cameras.md 2.6), and no event can be from the future.
const USUAL_AGE_US: std::ops::RangeInclusive<i64> = -500_000..=5_000_000;

/// Pixels of a picture that is evidence: tenders and one vendor want two megapixels (cameras.md section
/// 10, law.md section 9), and 1600 by 1200 is sold as such.
const EVIDENCE_PIXELS: u32 = 1_600 * 1_200;

/// Pixels across and down, by the digest of the picture.
type Sizes = BTreeMap<String, (u16, u16)>;

/// Every camera in the order of the configuration, then the door.
pub(super) fn all(cameras: &[CameraConfig], heard: &Heard) -> Vec<Finding> {
    let mut findings = Vec::new();
    for config in cameras {
        let mut part = Part::of("camera", &config.name);
        let status = heard.door.cameras.get(&config.name);
        match heard.reads.get(&config.name) {
            Some(read) => event(config, read, &heard.sizes, &mut part),
            None => silence(config, status, &heard.door, &mut part),
        }
        if let Some(status) = status {
            body(status, &mut part);
        }
        findings.extend(part.findings);
    }
    findings.extend(door(&heard.door).findings);
    findings
}

/// A plate in words.
pub(super) fn plate(plate: &Plate) -> String {
    let text = match (plate.state, &plate.text) {
        (PlateState::Read, Some(text)) => text.clone(),
        (PlateState::Partial, Some(text)) => format!("{text} (partly read)"),
        (PlateState::Absent, _) => "no plate".to_owned(),
        (PlateState::Covered, _) => "covered plate".to_owned(),
        _ => "plate not read".to_owned(),
    };
    let confidence = plate.confidence.map_or(String::new(), |c| format!(", confidence {c}"));
    match plate.colour {
        PlateColour::Unknown => format!("{text}{confidence}"),
        colour => format!("{text} {}{confidence}", name(&colour)),
    }
}

fn event(config: &CameraConfig, read: &PlateRead, sizes: &Sizes, part: &mut Part) {
    let dialect = name(&config.dialect);
    match (&config.pull, config.pull_by) {
        (None, _) => part.ok("dialect", dialect),
        (Some(_), PullBy::AlertStream) => {
            part.ok("dialect", format!("{dialect}, pulled by alertStream"));
        }
        (Some(_), PullBy::SubscribeEvent) => {
            part.ok("dialect", format!("{dialect}, pulled by subscribeEvent"));
        }
    }
    read_plate(&read.plate, part);
    match read.late {
        None => stamp(read, part),
        Some(late) => {
            let advice = "let a vehicle pass: only a live event tells what the clock is like";
            part.warn("live", format!("the event is not live: {}", name(&late)), advice);
        }
    }
    place(config, read, part);
    pictures(read, sizes, part);
    if read.source_id.is_none() {
        let advice = "its repetitions are known by plate and time only; newer firmware sends one";
        part.warn("id", "the event has no id of its own", advice);
    }
    if config.target_is_trigger && read.trigger_id.is_none() {
        let advice = "the controller must fire the camera, or set target_is_trigger = false";
        part.warn("trigger", "no trigger id in the event", advice);
    }
    if read.more_follows {
        let advice = "the camera announced a fuller event that never came: network, picture upload";
        part.warn("whole", "only the first part of the event came", advice);
    }
}

fn read_plate(plate: &Plate, part: &mut Part) {
    let figure = self::plate(plate);
    match plate.state {
        PlateState::Read if plate.format == Some(PlateFormat::Unusual) => {
            let advice =
                "compare with the vehicle; if misread: aim, focus, light, plate size 100 px";
            part.warn("plate", format!("{figure} is of no Chinese format"), advice);
        }
        PlateState::Read => part.ok("plate", figure),
        _ => {
            let advice = "if the vehicle had a clean plate: aim, focus, shutter, light, province";
            part.warn("plate", figure, advice);
        }
    }
    if plate.colour == PlateColour::Unknown {
        let told = if plate.colour_raw.is_empty() { "not told" } else { &plate.colour_raw };
        let advice = "switch the plate colour on in the camera's upload settings";
        part.warn("colour", told, advice);
    }
}

fn stamp(read: &PlateRead, part: &mut Part) {
    let Some(stamp) = read.stamp else {
        let advice = "switch the capture time on in the upload; pairing has only the arrival";
        part.warn("clock", "the event has no time that can be read", advice);
        return;
    };
    let age = read.received_at.since(stamp.at).0;
    let precision = match stamp.precision {
        StampPrecision::Millisecond => "milliseconds",
        StampPrecision::Second => "whole seconds",
    };
    let apart = span(age.unsigned_abs());
    let figure = match age {
        ..0 => format!("stamped {apart} after its arrival, in {precision}"),
        _ => format!("stamped {apart} before its arrival, in {precision}"),
    };
    let usual = USUAL_AGE_US.contains(&age);
    if stamp.zone == ZoneBasis::Suspect {
        let figure = if usual { "the zone in its stamp is wrong".to_owned() } else { figure };
        part.fail("clock", figure, "set the camera's time zone to UTC+8 and its NTP to this box");
    } else if !usual {
        let advice = "set the camera's NTP to this box: the offset is learnt, the overlay is not";
        part.warn("clock", figure, advice);
    } else {
        part.ok("clock", figure);
    }
}

/// A time in the unit in which a person thinks of it.
fn span(micros: u64) -> String {
    let tenths = micros / 100_000;
    match tenths / 10 {
        seconds @ 0..7_200 => format!("{seconds}.{} s", tenths % 10),
        seconds @ 7_200..172_800 => format!("{} h", seconds / 3_600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

fn place(config: &CameraConfig, read: &PlateRead, part: &mut Part) {
    match read.lane {
        Some(lane) => part.ok("lane", format!("lane {}", lane.0)),
        None => {
            let mapped: Vec<String> =
                config.lanes.iter().map(|lane| lane.device.to_string()).collect();
            let figure = format!("none of the lanes that are mapped ({})", mapped.join(", "));
            part.warn("lane", figure, "put the camera's own lane numbers into `lanes`");
        }
    }
    match read.direction {
        Direction::WithTraffic => part.ok("direction", "with the traffic"),
        Direction::AgainstTraffic => {
            let advice = match config.dialect {
                Dialect::Gat1400 => "if it drove properly, compass_with_traffic is the other one",
                _ => "if it drove properly, turn with_traffic_direction round",
            };
            part.warn("direction", "against the traffic", advice);
        }
        Direction::Unknown => {
            let advice = match config.dialect {
                Dialect::Gat1400 => "set compass_with_traffic; without it no wrong way is seen",
                _ => "switch the direction on in the upload; without it no wrong way is seen",
            };
            part.warn("direction", "not told", advice);
        }
    }
}

fn pictures(read: &PlateRead, sizes: &Sizes, part: &mut Part) {
    let each = read.pictures.iter().map(|picture| {
        let kilobytes = picture.bytes.div_ceil(1_000);
        let pixels = sizes.get(&picture.sha256);
        let pixels = pixels.map(|(across, down)| format!(" {across}x{down}")).unwrap_or_default();
        format!("{}{pixels} {kilobytes} kB", name(&picture.kind))
    });
    let figure = each.collect::<Vec<_>>().join(", ");
    if read.pictures.is_empty() {
        let advice = "switch pictures on in the upload: without one a record is no evidence";
        part.fail("pictures", "none", advice);
    } else if read.pictures.iter().all(|picture| picture.kind == PictureKind::PlateCrop) {
        let advice = "switch the scene picture on too: it shows the vehicle";
        part.warn("pictures", figure, advice);
    } else if read.pictures.iter().all(|picture| is_small(&picture.sha256, sizes)) {
        let advice = "evidence wants 2 megapixels: raise the resolution of the scene picture";
        part.warn("pictures", figure, advice);
    } else {
        part.ok("pictures", figure);
    }
}

/// Whether the picture has a size and it is too small for evidence.
fn is_small(sha256: &str, sizes: &Sizes) -> bool {
    sizes
        .get(sha256)
        .is_some_and(|(across, down)| u32::from(*across) * u32::from(*down) < EVIDENCE_PIXELS)
}
