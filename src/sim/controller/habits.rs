//! What a healthy controller tells of itself.

use firmware_protocol::{
    AuditEvent, AuditKind, ControllerStatus, Event, Sensor, SensorHealth, SensorKind, Sensors,
};

/// The first event of each start.
pub(super) fn started() -> Event {
    Event::AuditEvent(AuditEvent {
        at_us: 0,
        kind: AuditKind::Started,
        subject: None,
        before: None,
        after: None,
        calibration_count: Some(3),
        configuration_count: Some(11),
    })
}

/// Two lanes with four load sensors and a separator each, all good.
pub(super) fn good_status() -> ControllerStatus {
    let sensor = |lane, kind, number| Sensor { lane, kind, number, health: SensorHealth::Good };
    let sensors: Vec<Sensor> = [1, 2]
        .into_iter()
        .flat_map(|lane| {
            (1..=4).map(move |number| sensor(lane, SensorKind::Load, number)).chain([sensor(
                lane,
                SensorKind::Separator,
                1,
            )])
        })
        .collect();
    ControllerStatus {
        at_us: 0,
        temperature_dc: Some(312),
        supply_mv: Some(24_050),
        sensors: Sensors::new(&sensors).expect("ten sensors are fewer than the most"),
    }
}
