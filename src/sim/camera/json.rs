//! The JSON of simulated events: Dahua, GA/T 1400 and our own.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::oddity::Oddity;
use super::{SimPlate, SimPlateEvent};
use crate::clock::Timestamp;
use crate::pipeline::plate::PlateColour;
use crate::units::Micros;

/// What stands where base64 should be.
const NO_BASE64: &str = "not \"base64\" at all";
/// China time minus UTC.
const CHINA: Micros = Micros::from_secs(8 * 3_600);
/// Objects in one list of [`Oddity::TwoHundred`].
const MANY: u32 = 200;

fn pictures(event: &SimPlateEvent, broken: bool) -> Vec<(String, String)> {
    let mut pictures: Vec<_> = event
        .pictures
        .iter()
        .map(|picture| (picture.name.clone(), STANDARD.encode(&picture.jpeg)))
        .collect();
    if let (true, Some(last)) = (broken, pictures.last_mut()) {
        NO_BASE64.clone_into(&mut last.1);
    }
    pictures
}

/// The text of the plate with the dialect's own words for none and unread.
fn plate_text(event: &SimPlateEvent, none: &str, unread: &str) -> String {
    match &event.plate {
        SimPlate::Read(text) => text.clone(),
        SimPlate::Absent => none.to_owned(),
        SimPlate::Unread => unread.to_owned(),
    }
}

/// `YYYY-MM-DD HH:MM:SS.mmm` in China time.
fn local(at: Timestamp) -> String {
    at.to_string().chars().take(23).collect::<String>().replace('T', " ")
}

/// Dahua's `TollgateInfo`.
pub(super) fn dahua(event: &SimPlateEvent, number: u32, oddities: &[Oddity]) -> Value {
    let has = |oddity| oddities.contains(&oddity);
    let colour = match event.colour {
        PlateColour::Blue => "Blue",
        PlateColour::Yellow => "Yellow",
        PlateColour::Green => "Green",
        PlateColour::YellowGreen => "YellowGreen",
        _ => "Unknown",
    };
    let mut message = json!({ "Picture": {
        "Plate": {
            "IsExist": event.plate != SimPlate::Absent,
            "PlateNumber": plate_text(event, "unlicensed", ""),
            "PlateColor": colour,
            "Confidence": event.confidence,
            "UploadNum": number,
        },
        "Vehicle": { "VehicleType": "HeavyTruck" },
        "SnapInfo": {
            "DeviceID": "sim-dahua",
            "AccurateTime": local(event.at),
            "TimeZone": 13,
            "LanNo": event.line,
            "Direction": if event.forward { "Obverse" } else { "Reverse" },
        },
    }});
    if has(Oddity::FalseUtc) {
        let seconds = |at: Timestamp| at.0.div_euclid(1_000_000);
        let snap = &mut message["Picture"]["SnapInfo"];
        snap["UTC"] = seconds(event.at + CHINA).into();
        snap["RealUTC"] = seconds(event.at).into();
        snap["UTCMS"] = event.at.0.rem_euclid(1_000_000).div_euclid(1_000).into();
    }
    let names = ["NormalPic", "CutoutPic", "CombinPic", "VehiclePic", "FacePic"];
    let pictures = pictures(event, has(Oddity::BrokenBase64));
    for (kind, (name, content)) in names.into_iter().zip(pictures) {
        message["Picture"][kind] = json!({ "PicName": name, "Content": content });
    }
    message
}

/// An upload of GA/T 1400.
pub(super) fn gat1400(event: &SimPlateEvent, number: u32, oddities: &[Oddity]) -> Value {
    let has = |oddity| oddities.contains(&oddity);
    if has(Oddity::Faces) {
        return json!({ "FaceListObject": { "FaceObject": [{ "FaceID": "f-1" }] } });
    }
    if has(Oddity::TwoHundred) {
        let first = number.saturating_mul(MANY);
        let bare = SimPlateEvent { pictures: Vec::new(), ..event.clone() };
        let later = (first + 1..first + MANY).map(|number| vehicle(&bare, number, oddities));
        let objects: Vec<_> =
            std::iter::once(vehicle(event, first, oddities)).chain(later).collect();
        return json!({ "MotorVehicleListObject": { "MotorVehicleObject": objects } });
    }
    let object = vehicle(event, number, oddities);
    if has(Oddity::VendorList) {
        json!({ "KedaMotorVehicleList": { "KedaMotorVehicleObject": [object] } })
    } else if has(Oddity::TopLevelList) {
        json!({ "MotorVehicleObjectList": [object] })
    } else if has(Oddity::Notification) {
        json!({ "SubscribeNotificationListObject": { "SubscribeNotificationObject": [{
            "NotificationID": format!("notification-{number}"),
            "ExecuteOperation": 1,
            "MotorVehicleObjectList": { "MotorVehicleObject": [object] },
        }]}})
    } else {
        json!({ "MotorVehicleListObject": { "MotorVehicleObject": [object] } })
    }
}

fn vehicle(event: &SimPlateEvent, number: u32, oddities: &[Oddity]) -> Value {
    let has = |oddity| oddities.contains(&oddity);
    let colour = match event.colour {
        PlateColour::Blue => 5,
        PlateColour::Yellow => 6,
        PlateColour::Green => 9,
        _ => 99,
    };
    let types = ["14", "02", "01", "01", "01"];
    let pictures = pictures(event, has(Oddity::BrokenBase64)).into_iter().zip(types);
    let apart = has(Oddity::ImagesApart) || has(Oddity::ImagesFirst);
    let here = pictures.map(|((name, data), code)| {
        let data = if apart { Value::Null } else { data.into() };
        json!({ "ImageID": name, "Type": code, "Data": data })
    });
    let kept = event.elsewhere.iter().zip(types);
    let kept = kept.map(|(name, code)| {
        let path = format!("http://192.168.1.65/{name}");
        json!({ "ImageID": name, "Type": code, "StoragePath": path, "Data": "" })
    });
    let images: Vec<_> = here.chain(kept).collect();
    let id = event.uuid.as_deref().unwrap_or("vehicle");
    let mut object = json!({
        "MotorVehicleID": format!("{id}-{number}"),
        "InfoKind": 1,
        "PassTime": compact(event.at),
        "LaneNo": event.line,
        "HasPlate": event.plate != SimPlate::Absent,
        "PlateNo": plate_text(event, "无车牌", ""),
        "PlateColor": colour,
        "PlateReliability": event.confidence,
        "Speed": event.speed.map_or(0, |speed| speed.0 / 10),
        "Direction": if event.forward { 3 } else { 4 },
        "DrivingStatusCode": "",
        "VehicleClass": "H10",
        "SubImageList": { "SubImageInfoObject": images },
    });
    for (name, value) in object.as_object_mut().into_iter().flatten() {
        if has(Oddity::TextScalars) && (value.is_number() || value.is_boolean()) {
            let text = if value.is_boolean() { "1".to_owned() } else { value.to_string() };
            *value = text.into();
        }
        let optional = ["LaneNo", "Speed", "Direction", "PlateColor", "PlateReliability"];
        if has(Oddity::EmptyScalars) && optional.contains(&name.as_str()) {
            *value = "".into();
        }
    }
    object
}

/// The pictures of an event in a request of their own.
pub(super) fn gat1400_images(event: &SimPlateEvent) -> Value {
    let images = pictures(event, false).into_iter().map(|(name, data)| {
        json!({ "ImageInfo": { "ImageID": name, "ShotTime": compact(event.at) }, "Data": data })
    });
    json!({ "ImageListObject": { "Image": images.collect::<Vec<_>>() } })
}

/// `yyyyMMddHHmmss` in China time.
fn compact(at: Timestamp) -> String {
    local(at).chars().filter(char::is_ascii_digit).take(14).collect()
}

/// Our own message.
pub(super) fn neutral(event: &SimPlateEvent, broken: bool) -> Value {
    let kinds = ["scene", "plate_crop", "vehicle", "other", "other"];
    let pictures = pictures(event, broken).into_iter().zip(kinds);
    let pictures: Vec<_> = pictures
        .map(|((name, jpeg), kind)| json!({ "kind": kind, "name": name, "jpeg": jpeg }))
        .collect();
    let state = matches!(event.plate, SimPlate::Absent).then_some("absent");
    json!({
        "id": event.uuid,
        "at": event.at.to_string(),
        "plate": {
            "text": plate_text(event, "", ""),
            "state": state,
            "colour": if event.colour == PlateColour::Yellow { "yellow" } else { "unknown" },
            "confidence": event.confidence,
        },
        "line": event.line,
        "direction": if event.forward { "forward" } else { "reverse" },
        "speed_dkmh": event.speed,
        "late": event.retransmission.then_some("retransmitted"),
        "more_follows": event.more_follows,
        "pictures": pictures,
    })
}
