use super::super::document::parse;
use super::*;
use crate::pipeline::plate::PlateColour;

fn reading(text: &str) -> Reading {
    read(&parse(text).unwrap()).unwrap()
}

fn message_of(text: &str) -> Message {
    match reading(text).content {
        Content::Plate(message) => *message,
        other => panic!("no plate: {other:?}"),
    }
}

const FULL: &str = r#"{"Picture":{
    "Plate":{"IsExist":true,"PlateNumber":"赣E12345","PlateColor":"Yellow","PlateType":"Yellow",
        "Confidence":0,"UploadNum":"41","BoundingBox":[1,2,3,4]},
    "Vehicle":{"VehicleType":"HeavyTruck","VehicleColor":"White"},
    "SnapInfo":{"DeviceID":"d-1","AccurateTime":"2026-11-23 12:00:00.250","LanNo":2,
        "Direction":"Reverse","TimeZone":13},
    "NormalPic":{"PicName":"n.jpg","Content":"0"},"CutoutPic":{"PicName":"c.jpg","Content":"1"}}}"#;

#[test]
fn a_full_message_is_read() {
    let reading = reading(FULL);
    let pictures: Vec<_> = reading
        .pictures
        .iter()
        .map(|named| (named.number, named.kind, named.name.as_str()))
        .collect();
    assert_eq!(pictures, [(0, PictureKind::Scene, "n.jpg"), (1, PictureKind::PlateCrop, "c.jpg")]);
    let message = message_of(FULL);
    assert_eq!(message.source_id.as_deref(), Some("d-1-41-20261123120000250"));
    assert_eq!(message.upload_number, Some(41));
    assert_eq!((message.line, message.facing), (Some(2), Facing::Reverse));
    assert_eq!(
        (message.plate.text.as_deref(), message.plate.colour, message.plate.confidence),
        (Some("赣E12345"), PlateColour::Yellow, None)
    );
    assert_eq!(message.plate.kinds_raw, ["dahua:Yellow"]);
    assert_eq!(message.vehicle_colours, ["dahua:White"]);
    let written = message.written.unwrap();
    assert_eq!(
        (written.at.to_string().as_str(), written.precision, written.has_offset),
        ("2026-11-23T12:00:00.250000+08:00", StampPrecision::Millisecond, false)
    );
}

#[test]
fn the_real_instant_is_believed_and_the_false_one_never() {
    // 12:00 in China is 04:00 UTC; the key UTC holds 12:00 as if it were UTC
    let (real, false_one) = (1_795_406_400_i64, 1_795_406_400 + 8 * 3_600);
    let stamp = |inside: &str| {
        let text = format!(
            r#"{{"Picture":{{"Plate":{{"PlateNumber":"赣E12345"}},"SnapInfo":{{{inside}}}}}}}"#
        );
        message_of(&text).written.map(|written| written.at.to_string())
    };
    let noon = Some("2026-11-23T12:00:00.000000+08:00".to_owned());
    assert_eq!(stamp(&format!(r#""UTC":{false_one},"RealUTC":{real}"#)), noon);
    assert_eq!(stamp(&format!(r#""UTC":{false_one},"LocaleTime":"2026-11-23 12:00:00""#)), noon);
    assert_eq!(stamp(&format!(r#""UTC":{false_one}"#)), None);
}

#[test]
fn life_signs_and_descriptions_are_no_passages() {
    let kinds = [
        r#"{"Active":"keepAlive","DeviceID":"d-1"}"#,
        r#"{"DeviceName":"ITC413","DeviceID":"d-1"}"#,
        r#"{"ParkingInfo":{"Number":3}}"#,
    ]
    .map(|text| reading(text).content);
    assert_eq!(kinds, [Content::Heartbeat, Content::Other, Content::Other]);
    assert!(read(&parse("{}").unwrap()).is_none());
}

#[test]
fn a_plate_that_does_not_exist_is_unread_and_no_accusation() {
    let text = r#"{"Picture":{"Plate":{"IsExist":false,"PlateNumber":""},"SnapInfo":{}}}"#;
    let state = message_of(text).plate.state;
    let unlicensed = message_of(&FULL.replace("赣E12345", "unlicensed")).plate.state;
    use crate::pipeline::plate::PlateState;
    assert_eq!([state, unlicensed], [PlateState::Unread, PlateState::Absent]);
}
