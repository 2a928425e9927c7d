//! Frames as the JSON of the vectors.

use firmware_protocol::{
    AuditKind, Direction, Event, EventHeader, Frame, Message, Mode, Sensor, SensorHealth,
    SensorKind, Tyres,
};
use serde_json::{Value, json};

/// A frame with the names of the specification.
pub(crate) fn frame(frame: &Frame) -> Value {
    let (name, fields) = message(&frame.message);
    json!({
        "address": frame.address,
        "exchange": frame.exchange,
        "message": name,
        "fields": fields,
    })
}

fn message(message: &Message) -> (&'static str, Value) {
    match message {
        Message::Hello(m) => (
            "hello",
            json!({
                "min_version": m.min_version, "max_version": m.max_version, "mode": mode(m.mode),
                "window": m.window, "resend_ms": m.resend_ms,
            }),
        ),
        Message::IdentityRequest => ("identity_request", json!({})),
        Message::Poll(m) => (
            "poll",
            json!({
                "boot_id": m.boot_id, "acknowledged": m.acknowledged, "next": m.next,
                "limit": m.limit,
            }),
        ),
        Message::Ack(m) => (
            "ack",
            json!({
                "boot_id": m.boot_id, "acknowledged": m.acknowledged, "received": m.received,
            }),
        ),
        Message::Rewind(m) => (
            "rewind",
            json!({
                "boot_id": m.boot_id, "acknowledged": m.acknowledged, "next": m.next,
            }),
        ),
        Message::TimeRequest(m) => ("time_request", json!({ "request": m.request })),
        _ => said_by_controller(message),
    }
}

fn said_by_controller(message: &Message) -> (&'static str, Value) {
    match message {
        Message::Welcome(m) => (
            "welcome",
            json!({
                "min_version": m.min_version, "max_version": m.max_version, "version": m.version,
                "mode": mode(m.mode), "boot_id": m.boot_id, "oldest": m.oldest, "newest": m.newest,
            }),
        ),
        Message::Identity(m) => (
            "identity",
            json!({
                "boot_id": m.boot_id, "calibration_count": m.calibration_count,
                "configuration_count": m.configuration_count,
                "certificate_expiry": m.certificate_expiry, "lanes": m.lanes,
                "model": m.model.as_str(), "serial": m.serial.as_str(),
                "software": m.software.as_str(), "certificate": m.certificate.as_str(),
            }),
        ),
        Message::AnswerEnd(m) => (
            "answer_end",
            json!({
                "boot_id": m.boot_id, "oldest": m.oldest, "newest": m.newest,
                "overflowed": m.overflowed, "sent": m.sent,
            }),
        ),
        Message::TimeReply(m) => (
            "time_reply",
            json!({
                "request": m.request, "boot_id": m.boot_id, "received_us": m.received_us,
                "sent_us": m.sent_us,
            }),
        ),
        Message::Event(header, body) => event(header, body),
        other => panic!("{other:?} has no description"),
    }
}

fn event(header: &EventHeader, event: &Event) -> (&'static str, Value) {
    let (name, mut fields) = match event {
        Event::VehicleBegin(e) => (
            "vehicle_begin",
            json!({
                "vehicle": e.vehicle, "lane": e.lane, "direction": direction(e.direction),
                "at_us": e.at_us, "trigger_id": e.trigger_id,
            }),
        ),
        Event::Axle(e) => (
            "axle",
            json!({
                "vehicle": e.vehicle, "number": e.number, "at_us": e.at_us, "load_kg": e.load_kg,
                "left_kg": e.left_kg, "right_kg": e.right_kg, "spacing_mm": e.spacing_mm,
                "speed_dkmh": e.speed_dkmh, "tyres": tyres(e.tyres), "flags": e.flags.0,
            }),
        ),
        Event::VehicleEnd(e) => (
            "vehicle_end",
            json!({
                "vehicle": e.vehicle, "lane": e.lane, "direction": direction(e.direction),
                "at_us": e.at_us, "axle_count": e.axle_count, "axles_crc": e.axles_crc,
                "gross_kg": e.gross_kg, "length_mm": e.length_mm, "speed_dkmh": e.speed_dkmh,
                "acceleration_mmps2": e.acceleration_mmps2, "temperature_dc": e.temperature_dc,
                "flags": e.flags.0, "trigger_id": e.trigger_id,
                "groups": e.groups.as_ref().map(|groups| groups.as_slice().to_vec()),
            }),
        ),
        Event::ControllerStatus(e) => (
            "controller_status",
            json!({
                "at_us": e.at_us, "temperature_dc": e.temperature_dc, "supply_mv": e.supply_mv,
                "sensors": e.sensors.iter().map(sensor).collect::<Vec<_>>(),
            }),
        ),
        Event::AuditEvent(e) => (
            "audit_event",
            json!({
                "at_us": e.at_us, "kind": audit_kind(e.kind), "subject": e.subject,
                "before": e.before, "after": e.after, "calibration_count": e.calibration_count,
                "configuration_count": e.configuration_count,
            }),
        ),
    };
    fields["boot_id"] = json!(header.boot_id);
    fields["sequence"] = json!(header.sequence);
    fields["oldest"] = json!(header.oldest);
    (name, fields)
}

fn mode(mode: Mode) -> Value {
    match mode {
        Mode::Poll => json!("poll"),
        Mode::Push => json!("push"),
        Mode::Other(code) => json!(code),
    }
}

fn direction(direction: Direction) -> Value {
    match direction {
        Direction::WithTraffic => json!("with_traffic"),
        Direction::AgainstTraffic => json!("against_traffic"),
        Direction::NotMeasured => json!("not_measured"),
        Direction::Other(code) => json!(code),
    }
}

fn tyres(tyres: Tyres) -> Value {
    match tyres {
        Tyres::Single => json!("single"),
        Tyres::Dual => json!("dual"),
        Tyres::NotMeasured => json!("not_measured"),
        Tyres::Other(code) => json!(code),
    }
}

fn sensor(sensor: Sensor) -> Value {
    let kind = match sensor.kind {
        SensorKind::Load => json!("load"),
        SensorKind::Loop => json!("loop"),
        SensorKind::Separator => json!("separator"),
        SensorKind::Tyre => json!("tyre"),
        SensorKind::Temperature => json!("temperature"),
        SensorKind::Other(code) => json!(code),
    };
    let health = match sensor.health {
        SensorHealth::Good => json!("good"),
        SensorHealth::Drifted => json!("drifted"),
        SensorHealth::Faulty => json!("faulty"),
        SensorHealth::Blocked => json!("blocked"),
        SensorHealth::NotMeasured => json!("not_measured"),
        SensorHealth::Other(code) => json!(code),
    };
    json!({ "lane": sensor.lane, "kind": kind, "number": sensor.number, "health": health })
}

fn audit_kind(kind: AuditKind) -> Value {
    match kind {
        AuditKind::Started => json!("started"),
        AuditKind::ConfigurationChanged => json!("configuration_changed"),
        AuditKind::CalibrationChanged => json!("calibration_changed"),
        AuditKind::SoftwareChanged => json!("software_changed"),
        AuditKind::HousingOpened => json!("housing_opened"),
        AuditKind::HousingClosed => json!("housing_closed"),
        AuditKind::ZeroSet => json!("zero_set"),
        AuditKind::Supply => json!("supply"),
        AuditKind::Access => json!("access"),
        AuditKind::Other(code) => json!(code),
    }
}
