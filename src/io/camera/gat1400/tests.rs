use super::super::document::parse;
use super::*;
use crate::pipeline::plate::{PlateColour, StampPrecision};
use crate::units::DeciKmh;

const OBJECT: &str = r#"{"MotorVehicleID":"m-1","SourceID":"s","PassTime":"20261123120000",
    "LaneNo":2,"HasPlate":"1","PlateNo":"赣E12345","PlateNoAttach":"赣E6789挂","PlateColor":"6","PlateClass":"15","VehicleColor":4,
    "PlateReliability":"97","PlateCharReliability":"赣-99,E-98,1-97,2-96,3-95,4-94,5-93",
    "Speed":"56.4","Direction":"3","DrivingStatusCode":"","VehicleClass":"H10",
    "SubImageList":{"SubImageInfoObject":[{"ImageID":"i","Type":"14","Data":"0"},
        {"ImageID":"j","Type":"02","Data":"1"}]},"Unknown":{"PlateNo":null}}"#;

fn readings(text: &str) -> Vec<Reading> {
    read(&parse(text).unwrap())
}

fn message_of(reading: &Reading) -> &Message {
    match &reading.content {
        Content::Plate(message) => message,
        other => panic!("no plate: {other:?}"),
    }
}

#[test]
fn an_object_is_read() {
    let readings =
        readings(&format!(r#"{{"MotorVehicleListObject":{{"MotorVehicleObject":[{OBJECT}]}}}}"#));
    assert_eq!(readings.len(), 1);
    let message = message_of(&readings[0]);
    assert_eq!(message.source_id.as_deref(), Some("m-1"));
    let written = message.written.unwrap();
    assert_eq!(
        (written.at.to_string().as_str(), written.precision, written.has_offset),
        ("2026-11-23T12:00:00.000000+08:00", StampPrecision::Second, false)
    );
    assert_eq!(
        (message.plate.text.as_deref(), message.plate.colour, message.plate.confidence),
        (Some("赣E12345"), PlateColour::Yellow, Some(97))
    );
    assert_eq!(message.plate.character_confidence, [99, 98, 97, 96, 95, 94, 93]);
    assert_eq!(message.plate.kinds_raw, ["gat1400:15"]);
    assert_eq!(message.vehicle_colours, ["gat1400:4"]);
    assert!(message.further_plates[0].kinds_raw.is_empty(), "the class is the first plate's");
    assert_eq!(message.further_plates[0].text.as_deref(), Some("赣E6789挂"));
    assert_eq!((message.line, message.facing), (Some(2), Facing::Compass(3)));
    assert_eq!(message.speed, Some(DeciKmh(564)));
    let kinds: Vec<_> =
        readings[0].pictures.iter().map(|named| (named.number, named.kind)).collect();
    assert_eq!(kinds, [(0, PictureKind::Scene), (1, PictureKind::PlateCrop)]);
}

#[test]
fn every_envelope_holds_the_same_object() {
    let envelopes = [
        format!(r#"{{"MotorVehicleListObject":{{"MotorVehicleObject":{OBJECT}}}}}"#),
        format!(r#"{{"MotorVehicleObjectList":[{OBJECT}]}}"#),
        format!(r#"{{"MotorVehicleObjectList":{{"MotorVehicleObject":[{OBJECT}]}}}}"#),
        format!(r#"{{"KedaMotorVehicleList":{{"KedaMotorVehicleObject":[{OBJECT}]}}}}"#),
        format!(
            r#"{{"SubscribeNotificationListObject":{{"SubscribeNotificationObject":[{{
            "NotificationID":"n-1","ExecuteOperation":1,
            "MotorVehicleObjectList":{{"MotorVehicleObject":[{OBJECT}]}}}}]}}}}"#
        ),
    ];
    let told = envelopes.map(|text| {
        let readings = readings(&text);
        assert_eq!(readings.len(), 1, "{text}");
        assert_eq!(message_of(&readings[0]).plate.text.as_deref(), Some("赣E12345"));
        readings[0].object.clone().unwrap()
    });
    assert_eq!(told, ["m-1", "m-1", "m-1", "m-1", "n-1"]);
}

#[test]
fn scalars_of_any_type_are_understood() {
    let as_text = OBJECT.to_owned();
    let as_numbers = OBJECT
        .replace(r#""PlateColor":"6""#, r#""PlateColor":6"#)
        .replace(r#""PlateReliability":"97""#, r#""PlateReliability":97"#)
        .replace(r#""Speed":"56.4""#, r#""Speed":56.4"#)
        .replace(r#""LaneNo":2"#, r#""LaneNo":"2""#)
        .replace(r#""HasPlate":"1""#, r#""HasPlate":true"#)
        .replace(r#""Direction":"3""#, r#""Direction":3"#);
    let [one, other] = [as_text, as_numbers].map(|text| readings(&text));
    assert_eq!(message_of(&one[0]), message_of(&other[0]));
    let empty = readings(
        r#"{"MotorVehicleID":"m","PassTime":"","LaneNo":"","PlateNo":"","Speed":"",
        "HasPlate":"2","Direction":""}"#,
    );
    let message = message_of(&empty[0]);
    assert_eq!(
        (message.written, message.line, message.speed, message.plate.state),
        (None, None, None, PlateState::Unread)
    );
}

#[test]
fn a_vehicle_without_plate_needs_a_clear_word() {
    let state = |has: &str, number: &str, covered: &str| {
        let text = format!(
            r#"{{"MotorVehicleID":"m","HasPlate":{has},"PlateNo":"{number}","IsCovered":{covered}}}"#
        );
        message_of(&readings(&text)[0]).plate.state
    };
    assert_eq!(
        [
            state("false", "", "0"),
            state("\"0\"", "", "\"\""),
            state("\"2\"", "", "0"),
            state("true", "无车牌", "0"),
            state("true", "", "1"),
            state("true", "赣E12--5", "1"),
            state("true", "无车牌", "1"),
            state("true", "赣E12345", "1"),
            state("false", "赣E12345", "0"),
        ],
        [
            PlateState::Absent,
            PlateState::Absent,
            PlateState::Unread,
            PlateState::Absent,
            PlateState::Covered,
            PlateState::Covered,
            PlateState::Covered,
            PlateState::Read,
            PlateState::Read
        ]
    );
}

#[test]
fn what_was_done_to_a_plate_that_can_be_read_is_told_beside_it() {
    let kinds = |more: &str| {
        let text =
            format!(r#"{{"MotorVehicleID":"m","PlateNo":"赣E12345","PlateClass":"01"{more}}}"#);
        message_of(&readings(&text)[0]).plate.kinds_raw.clone()
    };
    assert_eq!(kinds(""), ["gat1400:01"]);
    assert_eq!(kinds(r#","IsCovered":1"#), ["gat1400:01", "gat1400:covered"]);
    let both = kinds(r#","IsAltered":"1","IsDecked":true"#);
    assert_eq!(both, ["gat1400:01", "gat1400:altered", "gat1400:decked"]);
}

#[test]
fn other_objects_and_deletions_are_answered_and_tell_nothing() {
    let told = [
        r#"{"FaceListObject":{"FaceObject":[{"FaceID":"f-1"},{"FaceID":"f-2"}]}}"#,
        r#"{"SubscribeNotificationListObject":{"SubscribeNotificationObject":{"NotificationID":"n-2",
           "ExecuteOperation":"3","MotorVehicleObjectList":{"MotorVehicleObject":[{"MotorVehicleID":"m"}]}}}}"#,
        r#"{"SubscribeNotificationListObject":{"SubscribeNotificationObject":{"NotificationID":"n-3"}}}"#,
        "{}",
    ]
    .map(|text| {
        let readings = readings(text);
        assert!(readings.iter().all(|reading| reading.content == Content::Other));
        readings.into_iter().filter_map(|reading| reading.object).collect::<Vec<_>>()
    });
    assert_eq!(told, [vec!["f-1", "f-2"], vec!["n-2"], vec!["n-3"], vec![]]);
}

#[test]
fn pictures_that_are_told_by_address_alone_are_counted_and_those_that_are_here_are_not() {
    let list = |images: &str| {
        format!(
            r#"{{"MotorVehicleListObject":{{"MotorVehicleObject":[{{"MotorVehicleID":"m",
            "PlateNo":"赣E12345","StorageUrl1":"/near.jpg","StorageUrl2":"","StorageUrl3":"/far.jpg",
            "SubImageList":{{"SubImageInfoObject":[{images}]}}}}]}}}}"#
        )
    };
    let here = r#"{"ImageID":"i","StoragePath":"/i.jpg","Data":"0"}"#;
    let kept = r#"{"ImageID":"j","StoragePath":"/j.jpg","Data":""}"#;
    let apart = r#"{"ImageID":"k","Data":null}"#;
    for (images, elsewhere) in [
        (here.to_owned(), 0),
        (format!("{here},{kept}"), 1),
        (apart.to_owned(), 2),
        (String::new(), 2),
    ] {
        let readings = readings(&list(&images));
        assert_eq!(message_of(&readings[0]).pictures_elsewhere, elsewhere, "{images}");
    }
}
