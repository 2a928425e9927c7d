//! Camera events.

use super::{START, Truck, at};
use wimd::clock::Timestamp;
use wimd::pipeline::Input;
use wimd::pipeline::passage::Direction;
use wimd::pipeline::plate::{
    CameraRole, CameraStamp, LateReason, PictureKind, PictureRef, Plate, PlateColour, PlateRead,
    PlateState, StampPrecision, ZoneBasis,
};
use wimd::units::{Lane, Micros};

/// A camera event.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) read: PlateRead,
    pub(crate) arrives: i64,
}

/// The front camera of lane 1 reads a plate: stamped exactly, received 300 ms later.
pub(crate) fn plate(text: &str) -> Event {
    let read = PlateRead {
        lane: Some(Lane(1)),
        plate: Plate { colour: PlateColour::Yellow, confidence: Some(90), ..Plate::read(text) },
        direction: Direction::WithTraffic,
        pictures: vec![PictureRef {
            kind: PictureKind::Scene,
            name: "scene.jpg".to_owned(),
            sha256: "00".repeat(32),
            bytes: 1,
        }],
        ..PlateRead::untold("front-1", CameraRole::Front, START)
    };
    Event { read, arrives: 0 }.at(0)
}

impl Event {
    /// When the camera fired.
    pub(crate) fn at(mut self, millis: i64) -> Self {
        self.read.stamp = Some(CameraStamp {
            at: at(millis),
            precision: StampPrecision::Millisecond,
            zone: ZoneBasis::Explicit,
        });
        self.received(millis + 300)
    }

    pub(crate) fn received(mut self, millis: i64) -> Self {
        self.read.received_at = at(millis);
        self.arrives = millis;
        self
    }

    /// Exactly when the truck's head reaches the front camera of its lane.
    pub(crate) fn of(self, truck: &Truck) -> Self {
        let number = truck.passage.lane.0;
        self.lane(number).at(truck.at_front())
    }

    /// Exactly when the truck's tail reaches the rear camera of its lane.
    pub(crate) fn rear_of(mut self, truck: &Truck) -> Self {
        let number = truck.passage.lane.0;
        self.read.role = CameraRole::Rear;
        self.read.camera = format!("rear-{number}");
        self.read.lane = Some(Lane(number));
        self.at(truck.at_rear())
    }

    pub(crate) fn lane(mut self, number: u8) -> Self {
        self.read.lane = Some(Lane(number));
        self.read.camera = format!("front-{number}");
        self
    }

    /// The camera's clock is off by that much.
    pub(crate) fn clock_off(mut self, millis: i64) -> Self {
        if let Some(stamp) = &mut self.read.stamp {
            stamp.at = stamp.at + Micros::from_millis(millis);
        }
        self
    }

    pub(crate) fn whole_seconds(mut self) -> Self {
        if let Some(stamp) = &mut self.read.stamp {
            stamp.at = Timestamp(stamp.at.0.div_euclid(1_000_000) * 1_000_000);
            stamp.precision = StampPrecision::Second;
        }
        self
    }

    pub(crate) fn zone(mut self, zone: ZoneBasis) -> Self {
        if let Some(stamp) = &mut self.read.stamp {
            stamp.zone = zone;
        }
        self
    }

    pub(crate) fn source(mut self, id: &str) -> Self {
        self.read.source_id = Some(id.to_owned());
        self
    }

    pub(crate) fn state(mut self, state: PlateState) -> Self {
        self.read.plate.state = state;
        self.read.plate.text = None;
        self
    }

    pub(crate) fn offence(mut self, code: &str) -> Self {
        self.read.offence_code = Some(code.to_owned());
        self
    }

    pub(crate) fn trigger(mut self, id: u32) -> Self {
        self.read.trigger_id = Some(id);
        self
    }

    pub(crate) fn more_follows(mut self) -> Self {
        self.read.more_follows = true;
        self.read.pictures.clear();
        self
    }

    pub(crate) fn late(mut self) -> Self {
        self.read.late = Some(LateReason::Retransmitted);
        self
    }
}

impl From<Event> for Input {
    fn from(event: Event) -> Self {
        Self::PlateRead(Box::new(event.read))
    }
}
