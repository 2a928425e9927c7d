//! Any frame that can be written.

use firmware_protocol::{
    Ack, AnswerEnd, AuditEvent, AuditKind, Axle, ControllerStatus, Direction, Event, EventHeader,
    Flags, Frame, GroupCodes, Hello, Identity, Message, Mode, Poll, Rewind, Sensor, SensorHealth,
    SensorKind, Sensors, Text, TimeReply, TimeRequest, Tyres, VehicleBegin, VehicleEnd, Welcome,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

fn u16_measured() -> impl Strategy<Value = Option<u16>> {
    option::of(0..u16::MAX)
}

fn u32_measured() -> impl Strategy<Value = Option<u32>> {
    option::of(0..u32::MAX)
}

fn u64_measured() -> impl Strategy<Value = Option<u64>> {
    option::of(0..u64::MAX)
}

fn i16_measured() -> impl Strategy<Value = Option<i16>> {
    option::of(i16::MIN + 1..=i16::MAX)
}

fn i32_measured() -> impl Strategy<Value = Option<i32>> {
    option::of(i32::MIN + 1..=i32::MAX)
}

fn text<const N: usize>() -> impl Strategy<Value = Text<N>> {
    "\\PC{0,12}".prop_map(|text| Text::new(&text).unwrap_or_default())
}

fn questions() -> impl Strategy<Value = Message> {
    let numbers = any::<(u32, u32, u32, u8)>();
    prop_oneof![
        any::<(u8, u8, u8, u8, u16)>().prop_map(|(min_version, max_version, mode, window, ms)| {
            let mode = Mode::from_code(mode);
            Message::Hello(Hello { min_version, max_version, mode, window, resend_ms: ms })
        }),
        Just(Message::IdentityRequest),
        numbers.prop_map(|(boot_id, acknowledged, next, limit)| {
            Message::Poll(Poll { boot_id, acknowledged, next, limit })
        }),
        numbers.prop_map(|(boot_id, acknowledged, received, _)| {
            Message::Ack(Ack { boot_id, acknowledged, received })
        }),
        numbers.prop_map(|(boot_id, acknowledged, next, _)| {
            Message::Rewind(Rewind { boot_id, acknowledged, next })
        }),
        any::<u32>().prop_map(|request| Message::TimeRequest(TimeRequest { request })),
    ]
}

fn answers() -> impl Strategy<Value = Message> {
    prop_oneof![
        any::<([u8; 4], [u32; 3])>().prop_map(|(bytes, [boot_id, oldest, newest])| {
            let [min_version, max_version, version, mode] = bytes;
            let mode = Mode::from_code(mode);
            let welcome =
                Welcome { min_version, max_version, version, mode, boot_id, oldest, newest };
            Message::Welcome(welcome)
        }),
        identity().prop_map(Message::Identity),
        any::<([u32; 4], u8)>().prop_map(|([boot_id, oldest, newest, overflowed], sent)| {
            Message::AnswerEnd(AnswerEnd { boot_id, oldest, newest, overflowed, sent })
        }),
        any::<(u32, u32, u64, u64)>().prop_map(|(request, boot_id, received_us, sent_us)| {
            Message::TimeReply(TimeReply { request, boot_id, received_us, sent_us })
        }),
    ]
}

/// Any identity.
pub(crate) fn identity() -> impl Strategy<Value = Identity> {
    let counts = (u64_measured(), u64_measured());
    let certificate = (u32_measured(), option::of(0..u8::MAX), text());
    (any::<u32>(), counts, certificate, text(), text(), text()).prop_map(
        |(boot_id, counts, (certificate_expiry, lanes, certificate), model, serial, software)| {
            Identity {
                boot_id,
                calibration_count: counts.0,
                configuration_count: counts.1,
                certificate_expiry,
                lanes,
                model,
                serial,
                software,
                certificate,
            }
        },
    )
}

fn axle() -> impl Strategy<Value = Axle> {
    let loads = (u16_measured(), u16_measured(), u16_measured());
    let rest = (u32_measured(), u16_measured(), any::<u8>(), any::<u16>());
    (any::<(u32, u8, u64)>(), loads, rest).prop_map(|((vehicle, number, at_us), loads, rest)| {
        Axle {
            vehicle,
            number,
            at_us,
            load_kg: loads.0,
            left_kg: loads.1,
            right_kg: loads.2,
            spacing_mm: rest.0,
            speed_dkmh: rest.1,
            tyres: Tyres::from_code(rest.2),
            flags: Flags(rest.3),
        }
    })
}

fn vehicle_end() -> impl Strategy<Value = VehicleEnd> {
    let whole = (u32_measured(), u32_measured(), u16_measured(), i16_measured(), i16_measured());
    let rest = (any::<u16>(), u32_measured(), option::of(vec(any::<u8>(), 0..=20)));
    (any::<(u32, u8, u8, u64, u8, u32)>(), whole, rest).prop_map(|(fixed, whole, rest)| {
        VehicleEnd {
            vehicle: fixed.0,
            lane: fixed.1,
            direction: Direction::from_code(fixed.2),
            at_us: fixed.3,
            axle_count: fixed.4,
            axles_crc: fixed.5,
            gross_kg: whole.0,
            length_mm: whole.1,
            speed_dkmh: whole.2,
            acceleration_mmps2: whole.3,
            temperature_dc: whole.4,
            flags: Flags(rest.0),
            trigger_id: rest.1,
            groups: rest.2.and_then(|codes| GroupCodes::new(&codes)),
        }
    })
}

fn controller_status() -> impl Strategy<Value = ControllerStatus> {
    let sensor = any::<[u8; 4]>().prop_map(|[lane, kind, number, health]| Sensor {
        lane,
        kind: SensorKind::from_code(kind),
        number,
        health: SensorHealth::from_code(health),
    });
    (any::<u64>(), i16_measured(), u16_measured(), vec(sensor, 0..=32)).prop_map(
        |(at_us, temperature_dc, supply_mv, sensors)| {
            let sensors = Sensors::new(&sensors).expect("32 sensors fit");
            ControllerStatus { at_us, temperature_dc, supply_mv, sensors }
        },
    )
}

/// Any event that can be written.
pub(crate) fn event() -> impl Strategy<Value = Event> {
    let values = (option::of(0..u16::MAX), i32_measured(), i32_measured());
    prop_oneof![
        (any::<(u32, u8, u8, u64)>(), u32_measured()).prop_map(|(fixed, trigger_id)| {
            let (vehicle, lane, direction, at_us) = fixed;
            let direction = Direction::from_code(direction);
            Event::VehicleBegin(VehicleBegin { vehicle, lane, direction, at_us, trigger_id })
        }),
        axle().prop_map(Event::Axle),
        vehicle_end().prop_map(Event::VehicleEnd),
        controller_status().prop_map(Event::ControllerStatus),
        (any::<(u64, u8)>(), values, u64_measured(), u64_measured()).prop_map(
            |((at_us, kind), values, calibration_count, configuration_count)| {
                let kind = AuditKind::from_code(kind);
                let (subject, before, after) = values;
                Event::AuditEvent(AuditEvent {
                    at_us,
                    kind,
                    subject,
                    before,
                    after,
                    calibration_count,
                    configuration_count,
                })
            }
        ),
    ]
}

/// Any frame that can be written.
pub(crate) fn frame() -> impl Strategy<Value = Frame> {
    let events = (any::<[u32; 3]>(), event()).prop_map(|([boot_id, sequence, oldest], event)| {
        Message::Event(EventHeader { boot_id, sequence, oldest }, event)
    });
    (any::<(u8, u8)>(), prop_oneof![questions(), answers(), events])
        .prop_map(|((address, exchange), message)| Frame { address, exchange, message })
}
