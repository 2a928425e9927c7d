//! The frames of a recorded line, each as one readable line.

use std::fmt::Debug;
use std::io::{self, Write};

use firmware_protocol::{
    AnswerEnd, AuditEvent, Axle, ControllerStatus, Event, Flags, Message, SensorHealth, VehicleEnd,
};

use crate::io::scale::replay::HeardFrame;
use crate::language::proper;

/// What the controller itself remarks.
const REMARKS: [(Flags, &str); 9] = [
    (Flags::STOP_AND_GO, "stop and go"),
    (Flags::BRAKING, "braking"),
    (Flags::ACCELERATING, "accelerating"),
    (Flags::S_DRIVING, "s driving"),
    (Flags::STRADDLING, "straddling"),
    (Flags::OFF_SCALE, "wheels beside the scale"),
    (Flags::TAILGATING, "tailgating"),
    (Flags::SENSOR_FAULT, "a sensor of the lane was faulty"),
    (Flags::SPEED_OUT_OF_RANGE, "the speed is not one that the scale is approved for"),
];

/// Writes the frames of one scale; those that answer a poll with nothing only when `all` is asked.
pub(super) fn write(
    scale: &str,
    frames: &[HeardFrame],
    all: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    for HeardFrame { at, frame } in frames {
        if !all && is_empty(&frame.message) {
            continue;
        }
        let text = message(&frame.message);
        writeln!(out, "{at}  {}  {:>3}  {text}", proper(scale), frame.address)?;
    }
    Ok(())
}

/// Whether it says that there is nothing, as a controller does many times a second.
fn is_empty(message: &Message) -> bool {
    matches!(message, Message::AnswerEnd(AnswerEnd { sent: 0, overflowed: 0, .. }))
}

fn message(message: &Message) -> String {
    match message {
        Message::Hello(_) => "host: opens the link".to_owned(),
        Message::IdentityRequest => "host: asks for the identity".to_owned(),
        Message::Poll(poll) => format!("host: asks for events from {}", poll.next),
        Message::Ack(ack) => format!("host: acknowledges up to {}", ack.acknowledged),
        Message::Rewind(rewind) => format!("host: begins again from {}", rewind.next),
        Message::TimeRequest(_) => "host: asks for the time".to_owned(),
        Message::Welcome(welcome) => format!(
            "opens the link, version {}, boot {}, has events {} to {}",
            welcome.version, welcome.boot_id, welcome.oldest, welcome.newest
        ),
        Message::Identity(identity) => {
            let [model, serial, software] =
                [&identity.model, &identity.serial, &identity.software].map(|text| text.as_str());
            let [model, serial, software] = [model, serial, software].map(proper);
            format!("identity: {model}, serial {serial}, software {software}")
        }
        Message::AnswerEnd(end) => format!(
            "end of an answer of {} events, has {} to {}, lost {}",
            end.sent, end.oldest, end.newest, end.overflowed
        ),
        Message::TimeReply(reply) => format!("its time is {} us", reply.sent_us),
        Message::Event(header, event) => {
            let number = format!("event {}", header.sequence);
            [number, self::event(event)].join(": ")
        }
    }
}

fn event(event: &Event) -> String {
    let parts = match event {
        Event::VehicleBegin(begin) => vec![
            format!("vehicle {} begins", begin.vehicle),
            format!("lane {}", begin.lane),
            words(begin.direction),
        ],
        Event::Axle(axle) => self::axle(axle),
        Event::VehicleEnd(end) => vehicle_end(end),
        Event::ControllerStatus(status) => self::status(status),
        Event::AuditEvent(audit) => self::audit(audit),
    };
    parts.join("; ")
}

fn axle(axle: &Axle) -> Vec<String> {
    let mut parts = vec![
        format!("vehicle {}, axle {}", axle.vehicle, axle.number),
        format!("load {}", kg(axle.load_kg)),
        format!("left {}", kg(axle.left_kg)),
        format!("right {}", kg(axle.right_kg)),
        format!("spacing {}", or_dash(axle.spacing_mm, "mm")),
        kmh(axle.speed_dkmh),
        words(axle.tyres),
    ];
    parts.extend(remarks(axle.flags));
    parts
}

fn vehicle_end(end: &VehicleEnd) -> Vec<String> {
    let mut parts = vec![
        format!("vehicle {} ends", end.vehicle),
        format!("{} axles", end.axle_count),
        format!("gross {}", kg(end.gross_kg)),
        format!("length {}", or_dash(end.length_mm, "mm")),
        kmh(end.speed_dkmh),
    ];
    parts.extend(remarks(end.flags));
    parts
}

fn status(status: &ControllerStatus) -> Vec<String> {
    let faulty = status.sensors.iter().filter(|sensor| sensor.health != SensorHealth::Good).count();
    vec![
        "status".to_owned(),
        tenths(status.temperature_dc, "°C"),
        or_dash(status.supply_mv, "mV"),
        format!("{} sensors, {faulty} not good", status.sensors.iter().len()),
    ]
}

fn audit(audit: &AuditEvent) -> Vec<String> {
    let value = |value: Option<i32>| value.map_or_else(|| "-".to_owned(), |it| it.to_string());
    vec![
        "audit".to_owned(),
        words(audit.kind),
        format!("before {}", value(audit.before)),
        format!("after {}", value(audit.after)),
    ]
}

fn remarks(flags: Flags) -> impl Iterator<Item = String> {
    let known = REMARKS.into_iter().filter(move |(flag, _)| flags.contains(*flag));
    let unknown = flags.0 & !Flags::KNOWN.0 != 0;
    let unknown =
        unknown.then_some("the controller makes a remark that this version does not know");
    known.map(|(_, remark)| remark).chain(unknown).map(str::to_owned)
}

fn or_dash(value: Option<impl ToString>, unit: &str) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{} {unit}", value.to_string()))
}

fn kg(mass: Option<impl ToString>) -> String {
    or_dash(mass, "kg")
}

fn kmh(speed: Option<u16>) -> String {
    or_dash(speed.map(|speed| format!("{}.{}", speed / 10, speed % 10)), "km/h")
}

fn tenths(value: Option<i16>, unit: &str) -> String {
    let sign = |value: i16| if value < 0 { "-" } else { "" };
    let parts = |value: i16| (value.unsigned_abs() / 10, value.unsigned_abs() % 10);
    let text = value.map(|value| format!("{}{}.{}", sign(value), parts(value).0, parts(value).1));
    or_dash(text, unit)
}

/// The name of a code in words: `WithTraffic` is `with traffic`.
fn words(code: impl Debug) -> String {
    let mut text = String::new();
    for letter in format!("{code:?}").chars() {
        if letter.is_ascii_uppercase() && !text.is_empty() {
            text.push(' ');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::language::{Language, Screen};
    use firmware_protocol::{Direction, EventHeader, Frame, Tyres, VehicleBegin};

    fn heard(message: Message) -> HeardFrame {
        HeardFrame { at: Timestamp(0), frame: Frame { address: 1, exchange: 0, message } }
    }

    fn frames() -> Vec<HeardFrame> {
        let header = |sequence| EventHeader { boot_id: 7, sequence, oldest: 1 };
        let begin = VehicleBegin {
            vehicle: 3,
            lane: 1,
            direction: Direction::WithTraffic,
            at_us: 0,
            trigger_id: None,
        };
        let axle = Axle {
            vehicle: 3,
            number: 2,
            at_us: 0,
            load_kg: Some(6_000),
            left_kg: Some(2_900),
            right_kg: None,
            spacing_mm: Some(3_600),
            speed_dkmh: Some(625),
            tyres: Tyres::Dual,
            flags: Flags::BRAKING,
        };
        let empty = AnswerEnd { boot_id: 7, oldest: 1, newest: 4, overflowed: 0, sent: 0 };
        vec![
            heard(Message::Event(header(4), Event::VehicleBegin(begin))),
            heard(Message::Event(header(5), Event::Axle(axle))),
            heard(Message::AnswerEnd(empty)),
        ]
    }

    fn shown(all: bool, language: Language) -> String {
        let mut out = Vec::new();
        write("no", &frames(), all, &mut out).expect("memory");
        let text = Screen::new(language, None).text(&String::from_utf8(out).expect("UTF-8"));
        let at = format!("{}  ", Timestamp(0));
        text.replace(&at, "")
    }

    #[test]
    fn a_frame_is_a_line_in_words_and_an_empty_answer_is_none() {
        let english = "\
no    1  event 4: vehicle 3 begins; lane 1; with traffic
no    1  event 5: vehicle 3, axle 2; load 6000 kg; left 2900 kg; right -; spacing 3600 mm; 62.5 km/h; dual; braking
";
        assert_eq!(shown(false, Language::En), english);
        let chinese = "\
no    1  事件 4：车辆 3 开始；车道 1；顺行
no    1  事件 5：车辆 3，第 2 轴；轴荷 6000 kg；左 2900 kg；右 -；轴距 3600 mm；62.5 km/h；双胎；制动
";
        assert_eq!(shown(false, Language::Zh), chinese);
        let empty = "no    1  end of an answer of 0 events, has 1 to 4, lost 0\n";
        assert_eq!(shown(true, Language::En), format!("{english}{empty}"));
    }
}
