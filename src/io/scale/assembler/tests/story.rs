//! A controller telling its story, and the passages that come of it.

use firmware_protocol as wire;
use firmware_protocol::{AxlesChecksum, Event, EventHeader, Flags};

use crate::clock::Timestamp;
use crate::config::ScaleConfig;
use crate::io::scale::assembler::{Assembler, Closed, Surroundings};
use crate::io::scale::time_map::{Exchange, TimeMap};
use crate::pipeline::passage::{Passage, QualityFlag};
use crate::units::Micros;

pub(super) const BOOT: u32 = 77;
/// Our time when the controller's clock was 0.
pub(super) const BOOTED_AT: Timestamp = Timestamp(1_795_000_000_000_000);
pub(super) const SPACING_MM: u32 = 1_400;

/// A controller telling its story, in milliseconds since its start.
pub(super) struct Story {
    pub(super) assembler: Assembler,
    pub(super) time: TimeMap,
    pub(super) sequence: u32,
    pub(super) closed: Vec<Closed>,
    /// Whether the raw frames are those of the wire, or short stand-ins.
    pub(super) real_frames: bool,
}

impl Story {
    pub(super) fn new() -> Self {
        Self::with(ScaleConfig::new("scale-1", "/dev/ttyS1"))
    }

    pub(super) fn with(config: ScaleConfig) -> Self {
        let mut time = TimeMap::default();
        time.learn(Exchange {
            sent: BOOTED_AT,
            reached_us: 100,
            answered_us: 100,
            received: BOOTED_AT + Micros(200),
        });
        Self {
            assembler: Assembler::new(3, config),
            time,
            sequence: 0,
            closed: Vec::new(),
            real_frames: false,
        }
    }

    pub(super) fn tell(&mut self, event: Event) -> &mut Self {
        self.sequence += 1;
        let header = EventHeader { boot_id: BOOT, sequence: self.sequence, oldest: 1 };
        let raw = self.raw(header, event);
        let around = Surroundings {
            received_at: BOOTED_AT + Micros(instant(&event) + 5_000),
            time: &self.time,
            scale: None,
        };
        let closed = self.assembler.take(header, &event, &raw, around);
        self.closed.extend(closed);
        self
    }

    fn raw(&self, header: EventHeader, event: Event) -> Vec<u8> {
        if !self.real_frames {
            return self.sequence.to_be_bytes().to_vec();
        }
        let message = wire::Message::Event(header, event);
        let mut encoded = [0; wire::MAX_ENCODED];
        let length = wire::encode(&wire::Frame { address: 3, exchange: 0, message }, &mut encoded);
        let mut decoder = wire::Decoder::new();
        let mut bytes = &encoded[..length.expect("encodable")];
        decoder.pull(&mut bytes).expect("a frame").raw.to_vec()
    }

    pub(super) fn begin(&mut self, vehicle: u32, lane: u8, ms: u64) -> &mut Self {
        self.tell(Event::VehicleBegin(begin(vehicle, lane, ms)))
    }

    pub(super) fn axle(&mut self, vehicle: u32, number: u8, ms: u64) -> &mut Self {
        self.tell(Event::Axle(axle(vehicle, number, ms)))
    }

    /// The end of a vehicle whose axles were `axles`.
    pub(super) fn end(
        &mut self,
        vehicle: u32,
        lane: u8,
        ms: u64,
        axles: &[wire::Axle],
    ) -> &mut Self {
        self.tell(Event::VehicleEnd(end(vehicle, lane, ms, axles)))
    }

    /// A vehicle of two axles from `ms` on, whole.
    pub(super) fn vehicle(&mut self, vehicle: u32, lane: u8, ms: u64) -> &mut Self {
        let axles = [axle(vehicle, 1, ms), axle(vehicle, 2, ms + 100)];
        self.begin(vehicle, lane, ms).axle(vehicle, 1, ms).axle(vehicle, 2, ms + 100).end(
            vehicle,
            lane,
            ms + 200,
            &axles,
        )
    }

    pub(super) fn passages(&self) -> Vec<&Passage> {
        self.closed.iter().map(|closed| &closed.passage).collect()
    }

    /// Vehicle and flags of each passage.
    pub(super) fn flags(&self) -> Vec<(u32, Vec<QualityFlag>)> {
        self.passages()
            .iter()
            .map(|passage| (passage.source.vehicle, passage.flags.clone()))
            .collect()
    }
}

pub(super) fn instant(event: &Event) -> i64 {
    i64::try_from(crate::io::scale::assembler::instant(event)).expect("short stories")
}

pub(super) fn begin(vehicle: u32, lane: u8, ms: u64) -> wire::VehicleBegin {
    wire::VehicleBegin {
        vehicle,
        lane,
        direction: wire::Direction::WithTraffic,
        at_us: ms * 1_000,
        trigger_id: Some(500 + vehicle),
    }
}

pub(super) fn axle(vehicle: u32, number: u8, ms: u64) -> wire::Axle {
    wire::Axle {
        vehicle,
        number,
        at_us: ms * 1_000,
        load_kg: Some(7_000),
        left_kg: Some(3_600),
        right_kg: Some(3_400),
        spacing_mm: (number > 1).then_some(SPACING_MM),
        speed_dkmh: Some(504),
        tyres: wire::Tyres::Dual,
        flags: Flags::NONE,
    }
}

pub(super) fn end(vehicle: u32, lane: u8, ms: u64, axles: &[wire::Axle]) -> wire::VehicleEnd {
    let mut checksum = AxlesChecksum::new();
    for axle in axles {
        checksum.add(axle).expect("encodable");
    }
    wire::VehicleEnd {
        vehicle,
        lane,
        direction: wire::Direction::WithTraffic,
        at_us: ms * 1_000,
        axle_count: u8::try_from(axles.len()).expect("few axles"),
        axles_crc: checksum.value(),
        gross_kg: Some(axles.iter().map(|axle| u32::from(axle.load_kg.unwrap_or(0))).sum()),
        length_mm: Some(9_000),
        speed_dkmh: Some(504),
        acceleration_mmps2: None,
        temperature_dc: None,
        flags: Flags::NONE,
        trigger_id: None,
        groups: None,
    }
}

pub(super) fn at(ms: i64) -> Timestamp {
    BOOTED_AT + Micros::from_millis(ms)
}
