//! Hikvision's `EventNotificationAlert` (cameras.md sections 2.3 and 2.4): tree in, message out.
//!
//! Only names count, never namespaces, order or the free description. Missing fields are
//! "not told"; nothing in a message is believed to be an identity.

use crate::pipeline::plate::{LateReason, Plate};

use super::colour::{Colour, isapi_ga_code, isapi_word};
use super::document::Node;
use super::message::{
    Content, Facing, MAX_FURTHER_PLATES, Message, PlateTold, bounded, speed, with_systems,
};
use super::stamp;

const ROOT: &str = "EventNotificationAlert";
/// What a camera answers first when it is armed by `subscribeEvent`.
const ARMED: &str = "SubscribeEventResponse";
/// Names under which a plate's text has been seen or documented in lists.
const PLATE_TEXTS: [&str; 5] = ["licensePlate", "plateNo", "plateNumber", "plate", "license"];
/// Members by which the item of a list of pictures is known.
const PICTURE_MEMBERS: [&str; 4] = ["fileName", "pId", "dataType", "pictureURL"];
/// Most pictures whose names are remembered; the schema allows eight.
const MAX_PICTURES: usize = 16;

/// The envelope inside a tree: its root, or the only member of a JSON text.
fn envelope(root: &Node) -> &Node {
    root.child(ROOT).unwrap_or(root)
}

/// Reads a message; `None` when it is no event notification at all.
pub fn read(root: &Node) -> Option<Content> {
    if root.name.eq_ignore_ascii_case(ARMED) {
        return Some(Content::Other);
    }
    let event = envelope(root);
    let kind = event.at(&["eventType"])?;
    let anpr = event.child("ANPR");
    if let Some(anpr) = anpr
        && (kind.eq_ignore_ascii_case("ANPR") || anpr.child("licensePlate").is_some())
    {
        return Some(Content::Plate(Box::new(message(event, anpr))));
    }
    let quiet =
        event.at(&["eventState"]).is_some_and(|state| state.eq_ignore_ascii_case("inactive"));
    if kind.eq_ignore_ascii_case("heartBeat") || (kind.eq_ignore_ascii_case("videoloss") && quiet) {
        return Some(Content::Heartbeat);
    }
    (!kind.eq_ignore_ascii_case("ANPR")).then_some(Content::Other)
}

fn message(event: &Node, anpr: &Node) -> Message {
    let plate = plate(event, anpr).plate();
    let word = |path: &[&str]| anpr.at(path).map(bounded);
    Message {
        source_id: event.at(&["UUID"]).or_else(|| anpr.at(&["UUID"])).map(bounded),
        written: event.at(&["dateTime"]).and_then(stamp::read).map(|written| {
            // the first picture is the scene, taken at the event's own instant
            let taken = picture_infos(anpr).find_map(|info| info.at(&["absTime"]));
            taken.map_or(written, |taken| written.sharpened(taken))
        }),
        late: late(event, anpr),
        line: anpr.at(&["line"]).and_then(|line| line.parse().ok()),
        facing: anpr.at(&["direction"]).map_or(Facing::Untold, Facing::of),
        speed: anpr.at(&["vehicleInfo", "speed"]).and_then(speed),
        // the national code stands in where the camera has no word of its own
        vehicle_class: word(&["vehicleType"])
            .filter(|told| told != "unknown")
            .or_else(|| event.at(&["VehicleGATInfo", "vehicleTypeByGAT"]).map(bounded)),
        vehicle_colours: with_systems([
            ("isapi", anpr.at(&["vehicleInfo", "color"])),
            ("isapi-ga", event.at(&["VehicleGATInfo", "colorByGAT"])),
        ]),
        offence_code: word(&["illegalInfo", "illegalCode"]).filter(|code| code != "0"),
        target_id: event.at(&["targetID"]).and_then(|id| id.parse().ok()),
        more_follows: anpr.is_true(&["hasMoreData"]) || event.is_true(&["hasMoreData"]),
        announced_pictures: announced(event, anpr),
        pictures_elsewhere: elsewhere(anpr) as u64,
        picture_names: picture_names(anpr),
        further_plates: further_plates(event, anpr, &plate),
        plate,
        upload_number: None,
    }
}

fn late(event: &Node, anpr: &Node) -> Option<LateReason> {
    if event.is_true(&["isDataRetransmission"]) || anpr.is_true(&["isDataRetransmission"]) {
        return Some(LateReason::Retransmitted);
    }
    (anpr.at(&["alarmDataType"]) == Some("1")).then_some(LateReason::Historical)
}

fn plate<'a>(event: &Node, anpr: &'a Node) -> PlateTold<'a> {
    let characters = anpr.at(&["plateCharBelieve"]).unwrap_or_default();
    PlateTold {
        raw: anpr.at(&["licensePlate"]).unwrap_or_default(),
        colours: [
            isapi_word(anpr.at(&["plateColor"]).unwrap_or_default()),
            isapi_ga_code(event.at(&["VehicleGATInfo", "plateColorByGAT"]).unwrap_or_default()),
        ],
        kinds: with_systems([
            ("isapi", anpr.at(&["plateType"])),
            ("isapi-ga", plate_type_code(event)),
        ]),
        confidence: anpr.at(&["confidenceLevel"]).and_then(|value| value.parse().ok()),
        characters: characters_of(characters),
    }
}

/// The vendor spells the member wrongly, and may put it right one day.
fn plate_type_code(event: &Node) -> Option<&str> {
    let told = ["palteTypeByGAT", "plateTypeByGAT"].iter();
    told.copied().find_map(|name| event.at(&["VehicleGATInfo", name]))
}

/// A list of 0 to 100, or nothing: half a list says nothing about any character.
fn characters_of(list: &str) -> Vec<u8> {
    let values = list.split(',').filter(|value| !value.trim().is_empty());
    let numbers = values.map(|value| value.trim().parse().ok().filter(|value| *value <= 100));
    numbers.take(MAX_PICTURES * 2).collect::<Option<_>>().unwrap_or_default()
}

/// The items of `pictureInfoList`, which in JSON may be the list itself.
fn picture_infos(anpr: &Node) -> impl Iterator<Item = &Node> {
    anpr.all("pictureInfoList").flat_map(|list| {
        let is_item = PICTURE_MEMBERS.iter().any(|name| list.child(name).is_some());
        let items = if is_item { std::slice::from_ref(list) } else { &list.children[..] };
        let named = |item: &Node| item.name.eq_ignore_ascii_case("pictureInfo");
        items.iter().filter(move |item| is_item || item.name.is_empty() || named(item))
    })
}

/// Pictures to expect in the body: `picNum` without those that are told by address, since it is not
/// documented to leave them out, and all that are listed without an address.
fn announced(event: &Node, anpr: &Node) -> Option<usize> {
    let number = event.at(&["picNum"]).and_then(|number| number.parse::<usize>().ok());
    let listed = anpr.child("pictureInfoList").map(|_| picture_infos(anpr).count());
    let elsewhere = elsewhere(anpr);
    let here = |number: Option<usize>| number.map(|number| number.saturating_sub(elsewhere));
    here(number).max(here(listed))
}

/// Listed pictures that the camera keeps, told by address.
fn elsewhere(anpr: &Node) -> usize {
    let told = |info: &&Node| match info.at(&["dataType"]) {
        Some(kind) => kind == "1",
        None => info.at(&["pictureURL"]).is_some(),
    };
    picture_infos(anpr).filter(told).count()
}

fn picture_names(anpr: &Node) -> Vec<(String, String)> {
    let named = picture_infos(anpr).filter_map(|info| {
        let name = info.at(&["fileName"]).or_else(|| info.at(&["type"]))?;
        Some((bounded(info.at(&["pId"])?), bounded(name)))
    });
    named.take(MAX_PICTURES).collect()
}

/// The plates of `PlateInfoList` that are not the first one again. The spelling of its members is
/// not documented: names of a plate's text are tried in turn, as in the block `ANPR`.
fn further_plates(event: &Node, anpr: &Node, first: &Plate) -> Vec<Plate> {
    let lists = event.all("PlateInfoList").chain(anpr.all("PlateInfoList"));
    let told = lists.flat_map(|list| {
        if list.children.iter().any(is_plate) {
            &list.children[..]
        } else {
            std::slice::from_ref(list)
        }
    });
    let plates = told.filter_map(|told| {
        let raw = PLATE_TEXTS.iter().find_map(|name| told.at(&[name]))?;
        let colour = ["plateColor", "color"].iter().find_map(|name| told.at(&[name]));
        let confidence = ["confidenceLevel", "confidence"].iter().find_map(|name| told.at(&[name]));
        let plate = PlateTold {
            raw,
            colours: [isapi_word(colour.unwrap_or_default()), Colour::untold()],
            kinds: with_systems([("isapi", told.at(&["plateType"]))]),
            confidence: confidence.and_then(|value| value.parse().ok()),
            characters: characters_of(told.at(&["plateCharBelieve"]).unwrap_or_default()),
        };
        Some(plate.plate())
    });
    let other = plates.filter(|plate| plate.text.is_some() && plate.text != first.text);
    other.take(MAX_FURTHER_PLATES).collect()
}

fn is_plate(node: &Node) -> bool {
    PLATE_TEXTS.iter().any(|name| node.child(name).is_some())
}

#[cfg(test)]
mod tests;
