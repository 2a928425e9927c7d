//! The text of a simulated event, in the variants that firmware speaks (cameras.md section 2.4).

use std::fmt::Write as _;

use serde_json::json;

use super::{SimPlate, SimPlateEvent};
use crate::clock::Timestamp;
use crate::pipeline::plate::PlateColour;
use crate::units::DeciKmh;

/// How a message is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Variant {
    /// Traffic camera: isapi.org namespace, everything told.
    #[default]
    Traffic,
    /// Network camera: hikvision.com namespace.
    Network,
    /// Traffic camera without country and direction.
    Undirected,
    /// Firmware of 2016: five fields, no UUID, no pictures listed.
    Old,
    /// JSON instead of XML.
    Json,
}

/// The XML of an event.
pub fn isapi_xml(event: &SimPlateEvent, variant: Variant) -> String {
    let (namespace, version) = match variant {
        Variant::Network => ("http://www.hikvision.com/ver20/XMLSchema", "2.0"),
        _ => ("http://www.isapi.org/ver20/XMLSchema", "1.0"),
    };
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n\
         <EventNotificationAlert version=\"{version}\" xmlns=\"{namespace}\">\r\n\
         <ipAddress>192.168.1.64</ipAddress>\r\n<portNo>80</portNo>\r\n<protocol>HTTP</protocol>\r\n\
         <channelID>1</channelID>\r\n"
    );
    element(&mut xml, "dateTime", &stamp(event.at, variant));
    xml.push_str(
        "<activePostCount>1</activePostCount>\r\n<eventType>ANPR</eventType>\r\n\
         <eventState>active</eventState>\r\n<eventDescription>ANPR</eventDescription>\r\n",
    );
    if variant != Variant::Old {
        if let Some(uuid) = &event.uuid {
            element(&mut xml, "UUID", uuid);
        }
        let pictures = event.pictures.len() + event.elsewhere.len();
        element(&mut xml, "picNum", &pictures.to_string());
        element(&mut xml, "isDataRetransmission", bool_word(event.retransmission));
    }
    xml.push_str("<ANPR>\r\n");
    anpr(&mut xml, event, variant);
    xml.push_str("</ANPR>\r\n</EventNotificationAlert>\r\n");
    xml
}

/// What an idle camera writes to its stream every ten seconds (cameras.md section 2.2).
pub(super) fn heartbeat_xml() -> &'static str {
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n\
     <EventNotificationAlert version=\"2.0\" xmlns=\"http://www.hikvision.com/ver20/XMLSchema\">\r\n\
     <ipAddress>192.168.1.64</ipAddress>\r\n<channelID>1</channelID>\r\n\
     <activePostCount>0</activePostCount>\r\n<eventType>videoloss</eventType>\r\n\
     <eventState>inactive</eventState>\r\n<eventDescription>videoloss alarm</eventDescription>\r\n\
     </EventNotificationAlert>\r\n"
}

fn anpr(xml: &mut String, event: &SimPlateEvent, variant: Variant) {
    if !matches!(variant, Variant::Undirected | Variant::Old) {
        element(xml, "country", "59");
    }
    element(xml, "licensePlate", &plate_word(event, variant));
    element(xml, "line", &event.line.to_string());
    if variant != Variant::Undirected {
        element(xml, "direction", if event.forward { "forward" } else { "reverse" });
    }
    element(xml, "confidenceLevel", &confidence(event).to_string());
    element(xml, "vehicleType", "truck");
    if variant == Variant::Old {
        return;
    }
    element(xml, "plateColor", colour_word(event.colour));
    element(xml, "alarmDataType", if event.retransmission { "1" } else { "0" });
    let speed = speed_word(event.speed);
    let _ = write!(
        xml,
        "<vehicleInfo>\r\n<index>1</index>\r\n<speed>{speed}</speed>\r\n</vehicleInfo>\r\n"
    );
    xml.push_str("<pictureInfoList>\r\n");
    for (number, picture) in event.pictures.iter().enumerate() {
        let _ = write!(
            xml,
            "<pictureInfo>\r\n<fileName>{}</fileName>\r\n<dataType>0</dataType>\r\n<pId>p{number}</pId>\r\n</pictureInfo>\r\n",
            escaped(&picture.name)
        );
    }
    for name in &event.elsewhere {
        let _ = write!(
            xml,
            "<pictureInfo>\r\n<fileName>{name}</fileName>\r\n<dataType>1</dataType>\r\n<pictureURL>http://192.168.1.64/{name}</pictureURL>\r\n</pictureInfo>\r\n",
            name = escaped(name)
        );
    }
    xml.push_str("</pictureInfoList>\r\n");
    element(xml, "hasMoreData", bool_word(event.more_follows));
}

/// The JSON of an event.
pub fn isapi_json(event: &SimPlateEvent) -> String {
    let listed = event.elsewhere.iter().map(|name| {
        let url = format!("http://192.168.1.64/{name}");
        json!({ "fileName": name, "dataType": 1, "pictureURL": url })
    });
    let listed: Vec<_> = listed.collect();
    let mut message = json!({
        "ipAddress": "192.168.1.64",
        "dateTime": stamp(event.at, Variant::Json),
        "activePostCount": 1,
        "eventType": "ANPR",
        "eventState": "active",
        "UUID": event.uuid,
        "picNum": event.pictures.len() + event.elsewhere.len(),
        "isDataRetransmission": event.retransmission,
        "ANPR": {
            "country": 59,
            "licensePlate": plate_word(event, Variant::Json),
            "line": event.line,
            "direction": if event.forward { "forward" } else { "reverse" },
            "confidenceLevel": confidence(event),
            "plateColor": colour_word(event.colour),
            "vehicleType": "truck",
            "vehicleInfo": { "speed": speed_word(event.speed) },
            "hasMoreData": event.more_follows,
        },
    });
    if !listed.is_empty() {
        message["ANPR"]["pictureInfoList"] = listed.into();
    }
    message.to_string()
}

fn element(xml: &mut String, name: &str, text: &str) {
    let _ = write!(xml, "<{name}>{}</{name}>\r\n", escaped(text));
}

fn escaped(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}

/// Old firmware stamps whole seconds.
fn stamp(at: Timestamp, variant: Variant) -> String {
    let text = at.to_string();
    match (text.get(..19), text.get(19..23), text.get(26..)) {
        (Some(seconds), Some(_), Some(offset)) if variant == Variant::Old => {
            format!("{seconds}{offset}")
        }
        (Some(seconds), Some(millis), Some(offset)) => format!("{seconds}{millis}{offset}"),
        _ => text,
    }
}

/// Chinese traffic cameras put the colour in front of the plate.
fn plate_word(event: &SimPlateEvent, variant: Variant) -> String {
    let prefix = match event.colour {
        PlateColour::Blue => "蓝",
        PlateColour::Yellow => "黄",
        PlateColour::Green => "绿",
        _ => "",
    };
    match &event.plate {
        SimPlate::Read(text) if matches!(variant, Variant::Traffic | Variant::Undirected) => {
            format!("{prefix}{text}")
        }
        SimPlate::Read(text) => text.clone(),
        SimPlate::Absent => "noPlate".to_owned(),
        SimPlate::Unread => "unknown".to_owned(),
    }
}

fn confidence(event: &SimPlateEvent) -> u8 {
    if matches!(event.plate, SimPlate::Read(_)) { event.confidence } else { 0 }
}

fn colour_word(colour: PlateColour) -> &'static str {
    match colour {
        PlateColour::Blue => "blue",
        PlateColour::Yellow => "yellow",
        PlateColour::Black => "black",
        PlateColour::White => "white",
        PlateColour::Green => "newEnergyGreen",
        PlateColour::YellowGreen => "newEnergyYellowGreen",
        PlateColour::Other => "other",
        PlateColour::Unknown => "unknown",
    }
}

/// Whole km/h, as cameras tell it; 0 without radar or loop.
fn speed_word(speed: Option<DeciKmh>) -> String {
    speed.map_or(0, |speed| speed.0 / 10).to_string()
}

fn bool_word(truth: bool) -> &'static str {
    if truth { "true" } else { "false" }
}
