//! The decoder beside the CRC alone over the same bytes: `cargo bench --bench decoder`.
#![allow(missing_docs, reason = "criterion's macros make public functions")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use firmware_protocol::{
    Axle, AxlesChecksum, ControllerStatus, Decoder, Direction, Event, EventHeader, Flags, Frame,
    GroupCodes, MAX_ENCODED, Message, Sensor, SensorHealth, SensorKind, Sensors, Tyres,
    VehicleBegin, VehicleEnd, crc32c, encode,
};

/// Vehicles in a stream: together more than fits a first-level cache.
const VEHICLES: u32 = 1_000;
/// Bytes that a read of a busy serial port brings.
const READ: usize = 512;

/// Writes events with their headers, as a controller would after a few days.
struct Line {
    sequence: u32,
    bytes: Vec<u8>,
}

impl Line {
    fn new() -> Self {
        Self { sequence: 1_048_000, bytes: Vec::new() }
    }

    fn put(&mut self, event: Event) {
        self.sequence += 1;
        let header = EventHeader {
            boot_id: 0x8F3A_61C2,
            sequence: self.sequence,
            oldest: self.sequence - 7,
        };
        let frame = Frame { address: 1, exchange: 0, message: Message::Event(header, event) };
        let mut buffer = [0; MAX_ENCODED];
        let length = encode(&frame, &mut buffer).expect("no field is out of range");
        self.bytes.extend_from_slice(&buffer[..length]);
    }
}

/// Six-axle vehicles: the traffic that the line is for.
fn passages() -> Vec<u8> {
    let mut line = Line::new();
    for vehicle in 151_000..151_000 + VEHICLES {
        let (lane, direction) = (1, Direction::WithTraffic);
        let at_us = 259_200_012_345 + u64::from(vehicle) * 3_456_789;
        let begin = VehicleBegin { vehicle, lane, direction, at_us, trigger_id: None };
        line.put(Event::VehicleBegin(begin));
        let mut checksum = AxlesChecksum::new();
        for number in 1..=6 {
            let axle = axle(vehicle, number, at_us);
            checksum.add(&axle).expect("no field is out of range");
            line.put(Event::Axle(axle));
        }
        line.put(Event::VehicleEnd(VehicleEnd {
            vehicle,
            lane,
            direction,
            at_us: at_us + 900_000,
            axle_count: 6,
            axles_crc: checksum.value(),
            gross_kg: Some(51_230),
            length_mm: Some(17_100),
            speed_dkmh: Some(611),
            acceleration_mmps2: Some(-120),
            temperature_dc: Some(312),
            flags: Flags::NONE,
            trigger_id: Some(vehicle),
            groups: GroupCodes::new(&[1, 1, 2, 7]),
        }));
    }
    line.bytes
}

fn axle(vehicle: u32, number: u8, begin_us: u64) -> Axle {
    let varied = (vehicle % 997) as u16;
    let half = 3_400 + varied + u16::from(number) * 50;
    Axle {
        vehicle,
        number,
        at_us: begin_us + u64::from(number) * 123_457,
        load_kg: Some(2 * half),
        left_kg: Some(half - 7),
        right_kg: Some(half + 7),
        spacing_mm: (number > 1).then(|| 1_310 + u32::from(varied)),
        speed_dkmh: Some(600 + varied % 40),
        tyres: Tyres::Dual,
        flags: Flags::NONE,
    }
}

/// The longest events: what the decoder does when the overhead of a frame counts least.
fn statuses() -> Vec<u8> {
    let mut line = Line::new();
    let sensor = |index: u8| Sensor {
        lane: 1 + index / 8,
        kind: SensorKind::Load,
        number: 1 + index % 8,
        health: SensorHealth::Good,
    };
    let sensors: Vec<_> = (0..32).map(sensor).collect();
    for minute in 0..VEHICLES {
        line.put(Event::ControllerStatus(ControllerStatus {
            at_us: 259_200_012_345 + u64::from(minute) * 60_000_123,
            temperature_dc: Some(415),
            supply_mv: Some(23_870),
            sensors: Sensors::new(&sensors).expect("32 sensors fit"),
        }));
    }
    line.bytes
}

/// Finds, unstuffs and checks every frame, and counts it by its result.
fn decode(bytes: &[u8]) -> u64 {
    let mut decoder = Decoder::new();
    for mut chunk in bytes.chunks(READ) {
        while let Some(received) = decoder.pull(&mut chunk) {
            black_box(received.raw);
        }
    }
    decoder.frames()
}

/// The same, and every field of every frame.
fn decode_and_read(bytes: &[u8]) -> u64 {
    let mut decoder = Decoder::new();
    for chunk in bytes.chunks(READ) {
        for frame in decoder.push(chunk) {
            black_box(&frame);
        }
    }
    decoder.frames()
}

fn compare(criterion: &mut Criterion, name: &str, bytes: &[u8]) {
    let runs: Vec<&[u8]> = bytes.split(|byte| *byte == 0).filter(|run| !run.is_empty()).collect();
    assert_eq!(decode(bytes), runs.len() as u64, "every frame of the stream is good");
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("crc_in_one_piece", |b| b.iter(|| crc32c(black_box(bytes))));
    group.bench_function("crc_frame_by_frame", |b| {
        b.iter(|| runs.iter().fold(0, |all, run| all ^ crc32c(black_box(run))));
    });
    group.bench_function("decoder", |b| b.iter(|| decode(black_box(bytes))));
    group.bench_function("decoder_and_fields", |b| b.iter(|| decode_and_read(black_box(bytes))));
    group.finish();
}

fn decoder(criterion: &mut Criterion) {
    compare(criterion, "passages", &passages());
    compare(criterion, "statuses", &statuses());
}

criterion_group!(benches, decoder);
criterion_main!(benches);
