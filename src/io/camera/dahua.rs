//! Dahua's ITSAPI push (cameras.md section 3.1): tree in, message out.
//!
//! The body decides what it is, not the path, which is configurable in the camera. Its clock has
//! traps: `UTC` is local time written as if it were UTC and is never used; `RealUTC` is an
//! instant; all other stamps are local without zone.

use crate::clock::Timestamp;
use crate::pipeline::plate::{PictureKind, StampPrecision};

use super::colour::{Colour, dahua_word};
use super::document::Node;
use super::interpret::{Named, Reading};
use super::message::{Content, Facing, Message, PlateTold, bounded, with_systems};
use super::stamp::{self, Written};

/// The pictures of a message with what they show.
const PICTURES: [(&str, PictureKind); 5] = [
    ("NormalPic", PictureKind::Scene),
    ("CutoutPic", PictureKind::PlateCrop),
    ("CombinPic", PictureKind::Composite),
    ("VehiclePic", PictureKind::Vehicle),
    ("FacePic", PictureKind::Other),
];

/// Reads a message; `None` when it is nothing of Dahua's.
pub(super) fn read(root: &Node) -> Option<Reading> {
    let passage = root.child("Picture").unwrap_or(root);
    if passage.child("Plate").is_some() || passage.child("SnapInfo").is_some() {
        return Some(Reading {
            content: Content::Plate(Box::new(message(passage))),
            pictures: pictures(passage),
            object: None,
        });
    }
    let content = if root.child("Active").is_some() {
        Content::Heartbeat
    } else if root.children.is_empty() {
        return None;
    } else {
        Content::Other
    };
    Some(Reading { content, pictures: Vec::new(), object: None })
}

fn message(passage: &Node) -> Message {
    let number = passage.at(&["Plate", "UploadNum"]).or_else(|| passage.at(&["UploadNum"]));
    let snap = |name: &str| passage.at(&["SnapInfo", name]);
    Message {
        source_id: number.map(|number| source_id(number, &snap)),
        written: written(passage),
        late: None,
        plate: plate(passage).plate(),
        further_plates: Vec::new(),
        line: snap("LanNo").or_else(|| snap("LaneNo")).and_then(|line| line.parse().ok()),
        facing: match snap("Direction") {
            Some("Obverse") => Facing::Forward,
            Some("Reverse") => Facing::Reverse,
            _ => Facing::Untold,
        },
        speed: None,
        vehicle_class: passage.at(&["Vehicle", "VehicleType"]).map(bounded),
        vehicle_colours: with_systems([("dahua", passage.at(&["Vehicle", "VehicleColor"]))]),
        offence_code: None,
        target_id: None,
        more_follows: false,
        announced_pictures: None,
        pictures_elsewhere: 0,
        picture_names: Vec::new(),
        upload_number: number.and_then(|number| number.parse().ok()),
    }
}

/// The upload number begins again when the camera restarts, so it is an id only with its instant.
fn source_id<'a>(number: &str, snap: &impl Fn(&str) -> Option<&'a str>) -> String {
    let at = snap("AccurateTime").or_else(|| snap("SnapTime")).unwrap_or_default();
    let digits: String = at.chars().filter(char::is_ascii_digit).collect();
    bounded(&format!("{}-{number}-{digits}", snap("DeviceID").unwrap_or_default()))
}

fn plate(passage: &Node) -> PlateTold<'_> {
    let told = |name: &str| passage.at(&["Plate", name]);
    let confidence = told("Confidence").and_then(|value| value.parse().ok());
    PlateTold {
        raw: told("PlateNumber").unwrap_or_default(),
        colours: [dahua_word(told("PlateColor").unwrap_or_default()), Colour::untold()],
        kinds: with_systems([("dahua", told("PlateType"))]),
        // 0 beside a plate is "not given" on these cameras
        confidence: confidence.filter(|value| *value > 0),
        characters: Vec::new(),
    }
}

/// `RealUTC` where it is told, else local time; never `UTC`.
fn written(passage: &Node) -> Option<Written> {
    let told = |name: &str| passage.at(&["SnapInfo", name]).or_else(|| passage.at(&[name]));
    let real = told("RealUTC").and_then(|seconds| seconds.parse::<i64>().ok());
    if let Some(seconds) = real.filter(|seconds| *seconds > 0) {
        let millis = told("UTCMS").and_then(|millis| millis.parse::<i64>().ok());
        let millis = millis.filter(|millis| (0..1_000).contains(millis));
        let precision =
            if millis.is_some() { StampPrecision::Millisecond } else { StampPrecision::Second };
        let micros = seconds.checked_mul(1_000_000)?.checked_add(millis.unwrap_or(0) * 1_000)?;
        return Some(Written { at: Timestamp(micros), precision, has_offset: true });
    }
    let local = ["AccurateTime", "LocaleTime", "SnapTime"].iter().find_map(|name| told(name))?;
    stamp::read(local).or_else(|| stamp::read_compact(local))
}

/// The filter left the number of each picture in the place of its content.
fn pictures(passage: &Node) -> Vec<Named> {
    let found = PICTURES.iter().filter_map(|(name, kind)| {
        let picture = passage.child(name)?;
        let number = picture.at(&["Content"])?.parse().ok()?;
        let name = picture.at(&["PicName"]).unwrap_or(name);
        Some(Named { number, kind: *kind, name: bounded(name) })
    });
    found.collect()
}

#[cfg(test)]
mod tests;
