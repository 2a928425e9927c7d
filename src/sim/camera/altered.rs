//! What oddities make of an event: other events, several of them, or none at all.

use bytes::Bytes;

use super::dialect::SimDialect;
use super::message::heartbeat_xml;
use super::oddity::Oddity;
use super::{SimPicture, SimPlate, SimPlateEvent};
use crate::units::Micros;

/// Beyond the bound of any body.
const OVERSIZE: usize = 17_000_000;
/// Beyond the bound of any nesting.
const DEPTH: usize = 10_000;

/// The events that are told instead of one, in order.
pub(super) fn told(event: &SimPlateEvent, oddities: &[Oddity]) -> Vec<SimPlateEvent> {
    let has = |oddity| oddities.contains(&oddity);
    let event = altered(event, oddities);
    let mut told = Vec::new();
    if has(Oddity::EarlyThenFull) {
        told.push(SimPlateEvent { more_follows: true, pictures: Vec::new(), ..event.clone() });
    }
    told.push(event.clone());
    if has(Oddity::UploadGap) {
        told.push(SimPlateEvent { at: event.at + Micros::from_secs(3), ..event.clone() });
    }
    if has(Oddity::SamePlateTwice) {
        let uuid = event.uuid.as_ref().map(|id| format!("{id}-again"));
        told.push(SimPlateEvent { uuid, at: event.at + Micros::from_millis(640), ..event });
    }
    told
}

/// The event as the oddities change it.
fn altered(event: &SimPlateEvent, oddities: &[Oddity]) -> SimPlateEvent {
    let has = |oddity| oddities.contains(&oddity);
    let mut event = event.clone();
    if has(Oddity::NoPictures) {
        event.pictures.clear();
    }
    if has(Oddity::PicturesElsewhere) {
        event.elsewhere = event.pictures.drain(..).map(|picture| picture.name).collect();
    }
    if has(Oddity::NoPlate) {
        event.plate = SimPlate::Absent;
    }
    if has(Oddity::Unread) {
        event.plate = SimPlate::Unread;
    }
    if has(Oddity::Year2034) {
        event.at = event.at + Micros::from_secs(8 * 365 * 86_400);
    }
    if has(Oddity::ZoneInverted) {
        event.at = event.at + Micros::from_secs(8 * 3_600);
    }
    if has(Oddity::Retransmitted) {
        event.retransmission = true;
        event.at = event.at + Micros::from_secs(-7_200);
    }
    if has(Oddity::ForeignPicture) {
        event.pictures.push(SimPicture {
            name: "../../vehiclePicture.jpg".to_owned(),
            jpeg: Bytes::from_static(b"MZ this is a program and no picture, although it says so."),
        });
    }
    event
}

/// A text that is no event of a vehicle, where the oddities want one.
pub(super) fn instead(dialect: SimDialect, oddities: &[Oddity]) -> Option<String> {
    let has = |oddity| oddities.contains(&oddity);
    let xml = matches!(dialect, SimDialect::Isapi | SimDialect::IsapiPull);
    let alert = |kind: &str| {
        if xml {
            format!(
                "<EventNotificationAlert><eventType>{kind}</eventType><eventState>active</eventState></EventNotificationAlert>"
            )
        } else {
            format!("{{\"eventType\":\"{kind}\",\"eventState\":\"active\"}}")
        }
    };
    let text = if has(Oddity::Heartbeat) {
        match dialect {
            SimDialect::IsapiPull => heartbeat_xml().to_owned(),
            SimDialect::Isapi | SimDialect::IsapiJson => alert("heartBeat"),
            SimDialect::Dahua => r#"{"Active":"keepAlive","DeviceID":"sim-dahua"}"#.into(),
            SimDialect::Gat1400 => r#"{"KeepaliveObject":{"DeviceID":""}}"#.into(),
            SimDialect::Neutral => r#"{"event":"heartbeat"}"#.into(),
        }
    } else if has(Oddity::OtherEvent) {
        match dialect {
            SimDialect::Dahua => r#"{"DeviceName":"ITC413","DeviceID":"sim-dahua"}"#.into(),
            _ => alert("VMD"),
        }
    } else if has(Oddity::DepthBomb) {
        if xml { "<a>".repeat(DEPTH) } else { "[".repeat(DEPTH) }
    } else if has(Oddity::EntityBomb) {
        "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b SYSTEM \"file:///etc/passwd\">]><EventNotificationAlert>&a;&b;</EventNotificationAlert>".into()
    } else if has(Oddity::Oversize) {
        " ".repeat(OVERSIZE)
    } else {
        return None;
    };
    Some(text)
}
