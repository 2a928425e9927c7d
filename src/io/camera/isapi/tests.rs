use crate::pipeline::plate::{Plate, PlateColour, PlateFormat, PlateState, StampPrecision};
use crate::units::DeciKmh;

use super::super::document::parse;
use super::*;

fn content(text: &str) -> Option<Content> {
    read(&parse(text).unwrap())
}

fn message_of(text: &str) -> Message {
    match content(text) {
        Some(Content::Plate(message)) => *message,
        other => panic!("no plate: {other:?}"),
    }
}

fn anpr(inside: &str) -> String {
    format!(
        "<EventNotificationAlert><dateTime>2026-11-23T12:00:00+08:00</dateTime>\
         <eventType>ANPR</eventType><ANPR>{inside}</ANPR></EventNotificationAlert>"
    )
}

#[test]
fn a_full_message_is_read() {
    let text = "<EventNotificationAlert version=\"2.0\" xmlns=\"http://www.isapi.org/ver20/XMLSchema\">\
        <dateTime>2026-11-23T12:00:00.250+08:00</dateTime><activePostCount>50</activePostCount>\
        <eventType>ANPR</eventType><eventState>active</eventState><UUID>u-1</UUID><picNum>2</picNum>\
        <isDataRetransmission>false</isDataRetransmission><targetID>77</targetID>\
        <VehicleGATInfo><palteTypeByGAT>01</palteTypeByGAT><colorByGAT>A</colorByGAT></VehicleGATInfo>\
        <ANPR><licensePlate>黄赣E12345</licensePlate><line>2</line><direction>reverse</direction>\
        <confidenceLevel>97</confidenceLevel><plateCharBelieve>99,98,97,96,95,94,93</plateCharBelieve>\
        <plateType>yellowTwoLine</plateType>\
        <plateColor>yellow</plateColor><vehicleType>truck</vehicleType>\
        <illegalInfo><illegalCode>1301</illegalCode></illegalInfo><alarmDataType>0</alarmDataType>\
        <vehicleInfo><color>white</color><speed>56</speed></vehicleInfo><hasMoreData>false</hasMoreData>\
        <pictureInfoList><pictureInfo><fileName>detectionPicture.jpg</fileName><pId>p1</pId></pictureInfo>\
        </pictureInfoList></ANPR></EventNotificationAlert>";
    assert_eq!(
        message_of(text),
        Message {
            source_id: Some("u-1".into()),
            written: Some(stamp::Written {
                at: "2026-11-23T12:00:00.250+08:00".parse().unwrap(),
                precision: StampPrecision::Millisecond,
                has_offset: true,
            }),
            late: None,
            plate: Plate {
                format: Some(PlateFormat::Civil),
                state: PlateState::Read,
                text: Some("赣E12345".into()),
                raw: "黄赣E12345".into(),
                colour: PlateColour::Yellow,
                colour_raw: "isapi:yellow".into(),
                kinds_raw: vec!["isapi:yellowTwoLine".into(), "isapi-ga:01".into()],
                confidence: Some(97),
                character_confidence: vec![99, 98, 97, 96, 95, 94, 93],
            },
            line: Some(2),
            facing: Facing::Reverse,
            speed: Some(DeciKmh(560)),
            vehicle_class: Some("truck".into()),
            vehicle_colours: vec!["isapi:white".into(), "isapi-ga:A".into()],
            offence_code: Some("1301".into()),
            target_id: Some(77),
            more_follows: false,
            announced_pictures: Some(2),
            pictures_elsewhere: 0,
            picture_names: vec![("p1".into(), "detectionPicture.jpg".into())],
            further_plates: Vec::new(),
            upload_number: None,
        }
    );
}

#[test]
fn zero_speed_is_not_measured() {
    let speed_of = |text: &str| {
        message_of(&anpr(&format!("<vehicleInfo><speed>{text}</speed></vehicleInfo>"))).speed
    };
    assert_eq!(
        ["0", "0.0", "61.5", "-3", "fast", "99999"].map(speed_of),
        [None, None, Some(DeciKmh(615)), None, None, None]
    );
}

#[test]
fn a_vehicle_without_plate_and_one_not_read_are_different() {
    let states = ["noPlate", "unknown"].map(|word| {
        let text = anpr(&format!(
            "<licensePlate>{word}</licensePlate><confidenceLevel>0</confidenceLevel><plateColor>unknown</plateColor>"
        ));
        let plate = message_of(&text).plate;
        (plate.state, plate.text, plate.confidence)
    });
    assert_eq!(states, [(PlateState::Absent, None, None), (PlateState::Unread, None, None)]);
}

#[test]
fn both_late_marks_are_read() {
    let resent =
        anpr("").replace("<ANPR>", "<isDataRetransmission>true</isDataRetransmission><ANPR>");
    assert_eq!(message_of(&resent).late, Some(LateReason::Retransmitted));
    let historical = anpr("<alarmDataType>1</alarmDataType>");
    assert_eq!(message_of(&historical).late, Some(LateReason::Historical));
}

#[test]
fn the_colour_comes_from_the_word_then_the_code_then_the_leading_character() {
    let colours = [
        ("<plateColor>blue</plateColor>", "1"),
        ("<plateColor>unknown</plateColor>", "1"),
        ("", ""),
    ]
    .map(|(word, code)| {
        let text = anpr(&format!("<licensePlate>绿赣AD12345</licensePlate>{word}")).replace(
            "<ANPR>",
            &format!(
                "<VehicleGATInfo><plateColorByGAT>{code}</plateColorByGAT></VehicleGATInfo><ANPR>"
            ),
        );
        message_of(&text).plate.colour_raw
    });
    assert_eq!(colours, ["isapi:blue", "isapi-ga:1", "prefix:绿"]);
}

#[test]
fn heartbeats_and_other_events_are_told_apart() {
    let of = |kind: &str, state: &str| {
        content(&format!(
            "<EventNotificationAlert><eventType>{kind}</eventType><eventState>{state}</eventState></EventNotificationAlert>"
        ))
    };
    assert_eq!(of("heartBeat", "active"), Some(Content::Heartbeat));
    assert_eq!(of("videoloss", "inactive"), Some(Content::Heartbeat));
    assert_eq!(of("VMD", "active"), Some(Content::Other));
    assert_eq!(of("ANPR", "active"), None);
    assert_eq!(content("<html/>"), None);
}

#[test]
fn the_json_variant_with_either_key_is_read() {
    for key in ["ANPR", "aNPR"] {
        let text = format!(
            r#"{{"dateTime":"2026-11-23T12:00:00+08:00","eventType":"ANPR","{key}":{{"licensePlate":"赣E12345","line":1}}}}"#
        );
        for text in [text.clone(), format!(r#"{{"EventNotificationAlert":{text}}}"#)] {
            let message = message_of(&text);
            assert_eq!((message.plate.text, message.line), (Some("赣E12345".into()), Some(1)));
        }
    }
}

#[test]
fn further_plates_are_kept_beside_the_first() {
    let list = "<PlateInfoList>\
        <PlateInfo><plateNo>黄赣E12345</plateNo></PlateInfo>\
        <PlateInfo><plateNo>黄赣E678挂</plateNo></PlateInfo>\
        <PlateInfo><plateNo>赣E6789挂</plateNo><plateColor>yellow</plateColor></PlateInfo>\
        <PlateInfo><plateNo>noPlate</plateNo></PlateInfo><PlateInfo/></PlateInfoList><ANPR>";
    let text = anpr("<licensePlate>黄赣E12345</licensePlate>").replace("<ANPR>", list);
    let message = message_of(&text);
    let further: Vec<_> = message
        .further_plates
        .iter()
        .map(|plate| (plate.text.as_deref().unwrap(), plate.format, plate.colour))
        .collect();
    assert_eq!(message.plate.text.as_deref(), Some("赣E12345"));
    assert_eq!(
        further,
        [
            ("赣E678挂", Some(PlateFormat::Unusual), PlateColour::Yellow),
            ("赣E6789挂", Some(PlateFormat::Trailer), PlateColour::Yellow)
        ]
    );
}

#[test]
fn a_whole_second_is_sharpened_by_the_picture_that_agrees() {
    let stamped = |date: &str, taken: &str| {
        let list = format!(
            "<licensePlate>赣E12345</licensePlate><pictureInfoList><pictureInfo><absTime>{taken}</absTime></pictureInfo></pictureInfoList>"
        );
        let text = anpr(&list);
        let (from, to) = (text.find("<dateTime>").unwrap(), text.find("</dateTime>").unwrap());
        let text = text.replace(&text[from..to], &format!("<dateTime>{date}"));
        let written = message_of(&text).written.unwrap();
        (written.at.to_string(), written.precision)
    };
    let fine = |at: &str| (at.to_owned(), StampPrecision::Millisecond);
    let coarse = |at: &str| (at.to_owned(), StampPrecision::Second);
    let told = "2026-11-23T12:00:07+08:00";
    assert_eq!(
        [
            stamped(told, "20261123120007250"),
            stamped(told, "20261123040007250"),
            stamped(told, "20261123120008250"),
            stamped(told, "20261123120007"),
            stamped("2026-11-23T12:00:07.900+08:00", "20261123120007250"),
        ],
        [
            fine("2026-11-23T12:00:07.250000+08:00"),
            fine("2026-11-23T12:00:07.250000+08:00"),
            coarse("2026-11-23T12:00:07.000000+08:00"),
            coarse("2026-11-23T12:00:07.000000+08:00"),
            fine("2026-11-23T12:00:07.900000+08:00"),
        ]
    );
}

#[test]
fn pictures_that_are_told_by_address_are_not_waited_for() {
    let list = |infos: &[&str]| {
        let infos = infos.iter().map(|info| format!("<pictureInfo>{info}</pictureInfo>"));
        format!("<pictureInfoList>{}</pictureInfoList>", infos.collect::<String>())
    };
    let (here, kept) = ("<dataType>0</dataType>", "<dataType>1</dataType>");
    let url = "<pictureURL>http://192.168.1.64/1.jpg</pictureURL>";
    let both = format!("{here}{url}");
    for (infos, told) in [
        (vec![here, here], (Some(2), 0)),
        (vec![here, kept, kept], (Some(1), 2)),
        (vec![url], (Some(0), 1)),
        (vec![&*both], (Some(1), 0)),
    ] {
        let text = anpr(&list(&infos));
        let counted = text.replace("<ANPR>", &format!("<picNum>{}</picNum><ANPR>", infos.len()));
        for text in [text, counted] {
            let message = message_of(&text);
            assert_eq!((message.announced_pictures, message.pictures_elsewhere), told, "{text}");
        }
    }
}

#[test]
fn the_list_of_pictures_is_read_in_both_shapes_of_json() {
    let items = r#"[{"fileName":"detectionPicture.jpg","pId":"p0","absTime":"20261123120000250"},
        {"fileName":"licensePlatePicture.jpg","pId":"p1","dataType":1}]"#;
    let inner = format!(r#"{{"pictureInfo":{items}}}"#);
    for list in [items, &inner] {
        let text = format!(
            r#"{{"eventType":"ANPR","dateTime":"2026-11-23T12:00:00+08:00",
            "ANPR":{{"licensePlate":"赣E12345","pictureInfoList":{list}}}}}"#
        );
        let message = message_of(&text);
        let names: Vec<_> =
            message.picture_names.iter().map(|(id, name)| (&**id, &**name)).collect();
        assert_eq!(names, [("p0", "detectionPicture.jpg"), ("p1", "licensePlatePicture.jpg")]);
        assert_eq!((message.announced_pictures, message.pictures_elsewhere), (Some(1), 1));
        assert_eq!(message.written.unwrap().precision, StampPrecision::Millisecond);
    }
}
