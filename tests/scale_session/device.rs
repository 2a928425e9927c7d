//! A controller of the virtual world, and what it records.

use std::collections::VecDeque;

use firmware_protocol::device::Session;
use firmware_protocol::{
    AuditEvent, AuditKind, Axle, AxlesChecksum, ControllerStatus, Decoder, Direction, Event, Flags,
    Identity, Sensor, SensorHealth, SensorKind, Sensors, Text, Tyres, VehicleBegin, VehicleEnd,
};

/// Events that a controller of this world keeps.
pub(crate) const EVENTS_KEPT: u32 = 512;

/// Axles of each vehicle.
pub(crate) const AXLES: u8 = 5;
pub(crate) struct Device {
    pub(crate) address: u8,
    pub(crate) session: Box<Session<{ EVENTS_KEPT as usize }>>,
    pub(crate) decoder: Decoder,
    pub(crate) script: VecDeque<(u64, Event)>,
    pub(crate) vehicles: u32,
    pub(crate) audits: i32,
    identity: Identity,
    pub(crate) silent: bool,
}

impl Device {
    pub(crate) fn plan(&mut self, vehicles: u32) {
        let mut script = Vec::new();
        for number in 1..=vehicles {
            let begin_us = u64::from(number) * 1_000_000;
            script.extend(vehicle(self.vehicles + number, begin_us));
            script.push((begin_us + 550_000, audit(self.audits)));
            self.audits += 1;
        }
        self.vehicles += vehicles;
        script.sort_by_key(|(at, _)| *at);
        self.script.extend(script);
    }

    /// It starts anew and draws the same boot id; what it had not got rid of is gone.
    pub(crate) fn restart(&mut self) {
        *self.session = Session::new(self.address, self.identity);
        self.decoder = Decoder::new();
        self.vehicles = 0;
    }

    /// `count` audit events at once.
    pub(crate) fn plan_audits(&mut self, at_us: u64, count: i32) {
        let audits = (self.audits..self.audits + count).map(|n| (at_us, audit(n)));
        self.plan_beside(audits.collect());
        self.audits += count;
    }

    /// The scale is calibrated and gets a new certificate.
    pub(crate) fn plan_calibration(&mut self, at_us: u64) {
        self.plan_beside(vec![(at_us, calibration(at_us, self.audits))]);
        self.audits += 1;
    }

    /// Something that belongs to no vehicle.
    pub(crate) fn plan_beside(&mut self, events: Vec<(u64, Event)>) {
        self.script.extend(events);
        self.script.make_contiguous().sort_by_key(|(at, _)| *at);
    }

    pub(crate) fn record_due(&mut self, now_us: u64) {
        while self.script.front().is_some_and(|(at, _)| *at <= now_us)
            && let Some((_, event)) = self.script.pop_front()
        {
            let event = self.performed(event);
            self.session.record(event).expect("recordable");
        }
    }

    /// A calibration changes the identity and says what it has become.
    fn performed(&mut self, event: Event) -> Event {
        match event {
            Event::AuditEvent(audit) if audit.kind == AuditKind::CalibrationChanged => {
                let count = self.identity.calibration_count.map(|count| count + 1);
                self.identity.calibration_count = count;
                self.session.set_identity(self.identity);
                Event::AuditEvent(AuditEvent {
                    calibration_count: count,
                    configuration_count: self.identity.configuration_count,
                    ..audit
                })
            }
            event => event,
        }
    }

    pub(crate) fn wake_at(&self) -> Option<u64> {
        let script = self.script.front().map(|(at, _)| *at);
        script.into_iter().chain(self.session.wake_at()).min()
    }
}

pub(crate) fn device(address: u8) -> Device {
    let name = |text: &str| Text::new(text).expect("short");
    let identity = Identity {
        boot_id: 0xC0DE_0000 + u32::from(address),
        calibration_count: Some(1),
        configuration_count: Some(1),
        certificate_expiry: None,
        lanes: Some(2),
        model: name("virtual"),
        serial: name("1"),
        software: name("1"),
        certificate: Text::EMPTY,
    };
    Device {
        address,
        session: Box::new(Session::new(address, identity)),
        decoder: Decoder::new(),
        script: VecDeque::new(),
        vehicles: 0,
        audits: 0,
        identity,
        silent: false,
    }
}

/// Differs for each axle, so that none can stand for another.
pub(crate) fn load(vehicle: u32, axle: u8) -> u32 {
    1_000 + vehicle * 10 + u32::from(axle)
}

/// A vehicle that is on the scale for 1.4 s, so that it overlaps the next one.
fn vehicle(number: u32, begin_us: u64) -> Vec<(u64, Event)> {
    let lane = if number.is_multiple_of(2) { 2 } else { 1 };
    let direction = Direction::WithTraffic;
    let begin =
        VehicleBegin { vehicle: number, lane, direction, at_us: begin_us, trigger_id: None };
    let mut events = vec![(begin_us, Event::VehicleBegin(begin))];
    let mut checksum = AxlesChecksum::new();
    for position in 1..=AXLES {
        let at_us = begin_us + u64::from(position) * 200_000;
        let axle = Axle {
            vehicle: number,
            number: position,
            at_us,
            load_kg: u16::try_from(load(number, position)).ok(),
            left_kg: None,
            right_kg: None,
            spacing_mm: (position > 1).then_some(1_300),
            speed_dkmh: Some(234),
            tyres: Tyres::Dual,
            flags: Flags::NONE,
        };
        checksum.add(&axle).expect("encodable");
        events.push((at_us, Event::Axle(axle)));
    }
    let end_us = begin_us + 1_400_000;
    let end = VehicleEnd {
        vehicle: number,
        lane,
        direction,
        at_us: end_us,
        axle_count: AXLES,
        axles_crc: checksum.value(),
        gross_kg: None,
        length_mm: Some(7_000),
        speed_dkmh: Some(234),
        acceleration_mmps2: None,
        temperature_dc: None,
        flags: Flags::NONE,
        trigger_id: None,
        groups: None,
    };
    events.push((end_us, Event::VehicleEnd(end)));
    events
}

/// Says that a load sensor, of whichever lane, has left its limits.
pub(crate) fn drifted(at_us: u64) -> Event {
    let sensor =
        Sensor { lane: 0, kind: SensorKind::Load, number: 1, health: SensorHealth::Drifted };
    Event::ControllerStatus(ControllerStatus {
        at_us,
        temperature_dc: None,
        supply_mv: None,
        sensors: Sensors::new(&[sensor]).expect("one sensor"),
    })
}

pub(crate) fn audit(number: i32) -> Event {
    audit_of(AuditKind::ZeroSet, 0, number)
}

fn calibration(at_us: u64, number: i32) -> Event {
    audit_of(AuditKind::CalibrationChanged, at_us, number)
}

fn audit_of(kind: AuditKind, at_us: u64, number: i32) -> Event {
    Event::AuditEvent(AuditEvent {
        at_us,
        kind,
        subject: None,
        before: None,
        after: Some(number),
        calibration_count: None,
        configuration_count: None,
    })
}
