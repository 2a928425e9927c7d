//! GA/T 1400 (VIID) uploads (cameras.md sections 4.2 and 4.3): tree in, messages out.
//!
//! Envelopes and list names differ between makers, so objects are found by what they hold. Every
//! scalar may be text, number, truth value or empty; the tree has made them all texts.

use crate::pipeline::plate::{PictureKind, Plate, PlateState};

use super::colour::{Colour, gat1400_code};
use super::document::Node;
use super::interpret::{Named, Reading};
use super::message::{
    Content, Facing, LoosePicture, Message, PlateTold, bounded, speed, with_systems,
};
use super::stamp;

/// Most ids that one object may name; our choice.
const MAX_NAMED: usize = 16;

/// Where a vehicle tells the addresses of its pictures (cameras.md section 4.3).
const STORED: [&str; 5] =
    ["StorageUrl1", "StorageUrl2", "StorageUrl3", "StorageUrl4", "StorageUrl5"];

/// The id of an object of each resource; any other resource is answered as a whole.
const IDS: [&str; 8] = [
    "MotorVehicleID",
    "NonMotorVehicleID",
    "FaceID",
    "PersonID",
    "ThingID",
    "ImageID",
    "VideoID",
    "FileID",
];

/// Reads an upload; empty when it holds no object that is known by its id.
pub(super) fn read(root: &Node) -> Vec<Reading> {
    let mut readings = Vec::new();
    collect(root, None, &mut readings);
    readings
}

/// A notification is answered by its own id, whatever it carries.
fn collect(node: &Node, notification: Option<&str>, readings: &mut Vec<Reading>) {
    let object = |id: &str| Some(bounded(notification.unwrap_or(id)));
    if let Some(reading) = image(node) {
        let id = node.at(&["ImageInfo", "ImageID"]).unwrap_or_default();
        readings.push(Reading { object: object(id), ..reading });
        // vehicles that stand inside of it are answered with it
        let lists = node.all("MotorVehicleList").flat_map(|list| &list.children);
        let whole = lists.filter(|vehicle| vehicle.child("PlateNo").is_some());
        readings.extend(whole.map(|vehicle| Reading {
            content: Content::Plate(Box::new(message(vehicle))),
            pictures: pictures(vehicle),
            object: None,
        }));
        return;
    }
    if let Some(id) = vehicle_id(node) {
        let deleted = notification.is_some() && node.at(&["ExecuteOperation"]) == Some("3");
        let content =
            if deleted { Content::Other } else { Content::Plate(Box::new(message(node))) };
        readings.push(Reading { content, pictures: pictures(node), object: object(id) });
        return;
    }
    if let Some(id) = IDS.iter().find_map(|name| node.at(&[name])) {
        readings.push(Reading {
            content: Content::Other,
            pictures: Vec::new(),
            object: object(id),
        });
        return;
    }
    let inner = node.at(&["NotificationID"]);
    let before = readings.len();
    for child in &node.children {
        collect(child, inner.or(notification), readings);
    }
    if let Some(inner) = inner
        && (readings.len() == before || node.at(&["ExecuteOperation"]) == Some("3"))
    {
        // nothing in it, or the news that something was deleted elsewhere
        readings.truncate(before);
        readings.push(Reading {
            content: Content::Other,
            pictures: Vec::new(),
            object: Some(bounded(inner)),
        });
    }
}

/// An object of `Images` that holds its picture.
fn image(node: &Node) -> Option<Reading> {
    let id = node.at(&["ImageInfo", "ImageID"])?;
    let number = node.at(&["Data"])?.parse().ok()?;
    let vehicles = node.all("MotorVehicleList").flat_map(|list| &list.children);
    let vehicles = vehicles.filter_map(|vehicle| vehicle.at(&["MotorVehicleID"])).take(MAX_NAMED);
    let (kind, name) = shown(node.at(&["ImageInfo", "Type"]));
    let content = Content::Picture(Box::new(LoosePicture {
        id: bounded(id),
        vehicles: vehicles.map(bounded).collect(),
        written: node.at(&["ImageInfo", "ShotTime"]).and_then(written),
    }));
    Some(Reading { content, pictures: vec![Named { number, kind, name }], object: None })
}

fn written(text: &str) -> Option<stamp::Written> {
    stamp::read_compact(text).or_else(|| stamp::read(text))
}

/// What a picture shows by the code of its type (cameras.md section 4.3), and a name for it.
pub(super) fn shown(code: Option<&str>) -> (PictureKind, String) {
    let kind = match code {
        Some("14") => PictureKind::Scene,
        Some("02" | "2") => PictureKind::PlateCrop,
        _ => PictureKind::Other,
    };
    let code = code.unwrap_or("picture");
    (kind, bounded(&format!("type{code}.jpg")))
}

/// Ids of pictures that may come apart from the vehicle, each with the code of its type: those that
/// its list names, and its source.
fn named_pictures(object: &Node) -> Vec<(String, String)> {
    let listed = object.all("SubImageList").flat_map(|list| list.all("SubImageInfoObject"));
    let listed = listed.filter_map(|image| {
        let code = image.at(&["Type"]).unwrap_or_default();
        Some((bounded(image.at(&["ImageID"])?), bounded(code)))
    });
    let source = object.at(&["SourceID"]).map(|id| (bounded(id), String::new()));
    listed.chain(source).take(MAX_NAMED).collect()
}

/// The id of a motor vehicle's object; empty when it has none but is one nevertheless.
fn vehicle_id(node: &Node) -> Option<&str> {
    let id = node.at(&["MotorVehicleID"]);
    let nameless = node.child("PlateNo").is_some() && node.child("PassTime").is_some();
    id.or(nameless.then_some(""))
}

fn message(object: &Node) -> Message {
    let direction = object.at(&["Direction"]).and_then(|code| code.parse().ok());
    let attached = object.at(&["PlateNoAttach"]);
    let further = attached.map(|raw| told(object, raw).plate());
    Message {
        source_id: object.at(&["MotorVehicleID"]).map(bounded),
        written: object.at(&["PassTime"]).and_then(written),
        late: None,
        plate: plate(object),
        further_plates: further.filter(|plate| plate.text.is_some()).into_iter().collect(),
        line: object.at(&["LaneNo"]).and_then(|line| line.parse().ok()),
        facing: direction.map_or(Facing::Untold, Facing::Compass),
        speed: object.at(&["Speed"]).and_then(speed),
        vehicle_class: object.at(&["VehicleClass"]).map(bounded),
        vehicle_colours: with_systems([("gat1400", object.at(&["VehicleColor"]))]),
        offence_code: object.at(&["DrivingStatusCode"]).filter(|code| *code != "0").map(bounded),
        target_id: None,
        more_follows: false,
        announced_pictures: None,
        pictures_elsewhere: elsewhere(object),
        picture_names: named_pictures(object),
        upload_number: None,
    }
}

fn told<'a>(object: &Node, raw: &'a str) -> PlateTold<'a> {
    PlateTold {
        raw,
        colours: [colour(object), Colour::untold()],
        kinds: Vec::new(),
        confidence: None,
        characters: Vec::new(),
    }
}

fn colour(object: &Node) -> Colour {
    gat1400_code(object.at(&["PlateColor"]).unwrap_or_default())
}

fn plate(object: &Node) -> Plate {
    let confidence = object.at(&["PlateReliability"]).and_then(|value| value.parse().ok());
    let characters = object.at(&["PlateCharReliability"]).unwrap_or_default();
    let raw = object.at(&["PlateNo"]).unwrap_or_default();
    let mut plate = PlateTold {
        confidence: confidence.filter(|value| *value > 0),
        characters: characters_of(characters),
        kinds: [with_systems([("gat1400", object.at(&["PlateClass"]))]), remarks(object)].concat(),
        ..told(object, raw)
    }
    .plate();
    // only a clear word counts: 2 has been seen and its meaning is not known
    let none = matches!(object.at(&["HasPlate"]), Some("false" | "False" | "0"));
    if plate.state != PlateState::Read && object.is_true(&["IsCovered"]) {
        // what could be read of it stands in `raw`
        plate = Plate { state: PlateState::Covered, text: None, ..plate };
    } else if plate.state == PlateState::Unread && none && raw.is_empty() {
        plate.state = PlateState::Absent;
    }
    plate
}

/// What the camera says was done to the plate, for whoever looks at the picture.
fn remarks(object: &Node) -> Vec<String> {
    let remarks = [("IsCovered", "covered"), ("IsAltered", "altered"), ("IsDecked", "decked")];
    let told = remarks.into_iter().filter(|(name, _)| object.is_true(&[name]));
    told.map(|(_, word)| format!("gat1400:{word}")).collect()
}

/// `赣-99,E-98`: a character and its score each, or nothing.
fn characters_of(list: &str) -> Vec<u8> {
    let pairs = list.split(',').filter(|pair| !pair.trim().is_empty()).take(16);
    let scores = pairs.map(|pair| {
        let score = pair.rsplit('-').next()?;
        score.trim().parse().ok().filter(|score| *score <= 100)
    });
    scores.collect::<Option<_>>().unwrap_or_default()
}

/// Pictures that are told by an address and are not here: listed ones without data, or, where none
/// has any, those of the vehicle itself.
fn elsewhere(object: &Node) -> u64 {
    let listed = object.all("SubImageList").flat_map(|list| list.all("SubImageInfoObject"));
    let kept = listed.filter(|image| {
        let path = ["StoragePath", "StorageUrl"].iter().find_map(|name| image.at(&[name]));
        image.at(&["Data"]).is_none() && path.is_some()
    });
    let kept = kept.count() as u64;
    if kept > 0 || !pictures(object).is_empty() {
        return kept;
    }
    STORED.iter().filter(|name| object.at(&[name]).is_some()).count() as u64
}

/// The filter left the number of each picture in the place of its data.
fn pictures(object: &Node) -> Vec<Named> {
    let lists = object.all("SubImageList");
    let images = lists.flat_map(|list| {
        let items = list.all("SubImageInfoObject");
        items.chain(list.child("Data").map(|_| list))
    });
    let named = images.filter_map(|image| {
        let number = image.at(&["Data"])?.parse().ok()?;
        let (kind, name) = shown(image.at(&["Type"]));
        Some(Named { number, kind, name })
    });
    named.collect()
}

#[cfg(test)]
mod tests;
