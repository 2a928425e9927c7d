//! The words of the timelines: `truck(1).at(5_000)`, `plate("赣H12345").of(&truck)`, `run`.
//! All instants are milliseconds since the start of the timeline.

use std::collections::{BTreeMap, BTreeSet};

use wimd::clock::{SystemClockState, Timestamp};
use wimd::config::limits::standard_profile;
use wimd::pipeline::pairing::{PairingOutcome, Parameters as PairingParameters};
use wimd::pipeline::passage::{
    Axle, Direction, Passage, PassageSource, QualityFlag, TimeMapping, Tyres,
};
use wimd::pipeline::plate::{
    CameraRole, CameraStamp, LateReason, PictureKind, PictureRef, Plate, PlateColour, PlateRead,
    PlateState, StampPrecision, ZoneBasis,
};
use wimd::pipeline::record::{Body, PassageRecord, Provenance, Record, Site, Supplement};
use wimd::pipeline::{
    Action, Arrival, CameraPlacement, Counts, DropReason, Input, InputId, LaneParameters,
    Parameters, Pipeline, PipelineStatus,
};
use wimd::units::{DeciKmh, Kilograms, Lane, Micros, Millimetres};

/// Start of every timeline.
pub const START: Timestamp = Timestamp(1_795_000_000_000_000);
/// Front camera, millimetres after the scale.
pub const FRONT_MM: i32 = 20_000;
/// Rear camera, millimetres after the scale.
pub const REAR_MM: i32 = 12_000;

pub fn at(millis: i64) -> Timestamp {
    START + Micros::from_millis(millis)
}

fn camera(name: String, role: CameraRole, distance_mm: i32) -> CameraPlacement {
    CameraPlacement {
        camera: name,
        role,
        distance_mm,
    }
}

/// A site with that many lanes, each with a front and, on request, a rear camera.
pub fn site(lanes: u8, rear: bool) -> Parameters {
    let lane = |number: u8| LaneParameters {
        lane: Lane(number),
        cameras: [
            Some(camera(
                format!("front-{number}"),
                CameraRole::Front,
                FRONT_MM,
            )),
            rear.then(|| camera(format!("rear-{number}"), CameraRole::Rear, REAR_MM)),
        ]
        .into_iter()
        .flatten()
        .collect(),
        required_pictures: vec![CameraRole::Front],
        min_speed: None,
        max_speed: None,
    };
    Parameters {
        site: Site {
            id: "s1".to_owned(),
            name: "test".to_owned(),
        },
        provenance: Provenance::default(),
        lanes: (1..=lanes).map(lane).collect(),
        assessment: standard_profile(),
        pairing: PairingParameters::default(),
    }
}

/// A vehicle on the scale.
#[derive(Clone, Debug)]
pub struct Truck {
    pub passage: Passage,
    pub arrives: i64,
}

/// A three-axle truck in lane 1 at 60 km/h.
pub fn truck(vehicle: u32) -> Truck {
    let passage = Passage {
        source: PassageSource {
            controller: 1,
            boot_id: 7,
            vehicle,
        },
        lane: Lane(1),
        direction: Direction::WithTraffic,
        began_at: START,
        ended_at: START,
        received_at: START,
        axles: Vec::new(),
        reported_gross_kg: None,
        length_mm: None,
        speed_dkmh: Some(DeciKmh(600)),
        acceleration_mmps2: None,
        temperature_dc: None,
        device_groups: None,
        trigger_id: None,
        flags: Vec::new(),
        scale: None,
        time: TimeMapping {
            error_us: Some(Micros(500)),
            system: SystemClockState {
                synchronised: Some(true),
                max_error_us: Some(500),
                step_us: 0,
            },
        },
        raw_sha256: String::new(),
    };
    Truck {
        passage,
        arrives: 0,
    }
    .axles(&[(7_000, 0), (9_500, 3_600), (9_500, 1_350)])
}

impl Truck {
    /// Loads in kilograms with the spacing to the axle before, millimetres.
    pub fn axles(mut self, axles: &[(u32, u32)]) -> Self {
        self.passage.axles = axles
            .iter()
            .map(|(load, spacing)| Axle {
                at: START,
                load_kg: Some(Kilograms(*load)),
                left_kg: Some(Kilograms(load / 2)),
                right_kg: Some(Kilograms(load - load / 2)),
                spacing_mm: (*spacing > 0).then_some(Millimetres(*spacing)),
                speed_dkmh: self.passage.speed_dkmh,
                tyres: Tyres::Unknown,
            })
            .collect();
        self.at(0)
    }

    /// First axle on the scale; the passage is received 100 ms after the last.
    pub fn at(mut self, millis: i64) -> Self {
        let mut travelled = 0;
        let speed = self.passage.speed_dkmh.unwrap_or(DeciKmh(600));
        for axle in &mut self.passage.axles {
            travelled += axle.spacing_mm.map_or(0, |spacing| spacing.0);
            let span = speed.time_for(Millimetres(travelled)).expect("it moves");
            axle.at = at(millis) + span;
        }
        self.passage.began_at = at(millis);
        self.passage.ended_at = self.passage.axles.last().map_or(at(millis), |axle| axle.at);
        self.arrives = self.passage.ended_at.since(START).0 / 1_000 + 100;
        self
    }

    pub fn speed(mut self, kmh: u16) -> Self {
        self.passage.speed_dkmh = Some(DeciKmh(kmh * 10));
        for axle in &mut self.passage.axles {
            axle.speed_dkmh = self.passage.speed_dkmh;
        }
        let began = self.passage.began_at.since(START).0 / 1_000;
        self.at(began)
    }

    pub fn lane(mut self, lane: u8) -> Self {
        self.passage.lane = Lane(lane);
        self
    }

    pub fn flag(mut self, flag: QualityFlag) -> Self {
        self.passage.flags.push(flag);
        self
    }

    pub fn trigger(mut self, id: u32) -> Self {
        self.passage.trigger_id = Some(id);
        self
    }

    pub fn wrong_way(mut self) -> Self {
        self.passage.direction = Direction::AgainstTraffic;
        self
    }

    /// All of the load on one side.
    pub fn left_wheels_only(mut self) -> Self {
        for axle in &mut self.passage.axles {
            axle.left_kg = axle.load_kg;
            axle.right_kg = Some(Kilograms(0));
        }
        self
    }

    pub fn received(mut self, millis: i64) -> Self {
        self.arrives = millis;
        self
    }

    /// When its head reaches the front camera, milliseconds.
    pub fn at_front(&self) -> i64 {
        self.at_camera(self.passage.began_at, FRONT_MM)
    }

    /// When its tail reaches the rear camera, milliseconds.
    pub fn at_rear(&self) -> i64 {
        let tail = self
            .passage
            .axles
            .last()
            .map_or(self.passage.ended_at, |axle| axle.at);
        self.at_camera(tail, REAR_MM)
    }

    fn at_camera(&self, from: Timestamp, distance_mm: i32) -> i64 {
        let speed = self.passage.speed_dkmh.unwrap_or(DeciKmh(600));
        let travel = speed
            .time_for(Millimetres(distance_mm.unsigned_abs()))
            .expect("it moves");
        let travel = if self.passage.direction == Direction::AgainstTraffic {
            Micros(-travel.0)
        } else {
            travel
        };
        (from + travel).since(START).0 / 1_000
    }
}

/// A camera event.
#[derive(Clone, Debug)]
pub struct Event {
    pub read: PlateRead,
    pub arrives: i64,
}

/// The front camera of lane 1 reads a plate: stamped exactly, received 300 ms later.
pub fn plate(text: &str) -> Event {
    let read = PlateRead {
        camera: "front-1".to_owned(),
        role: CameraRole::Front,
        lane: Some(Lane(1)),
        source_id: None,
        stamp: None,
        received_at: START,
        late: None,
        plate: Plate {
            state: PlateState::Read,
            text: Some(text.to_owned()),
            raw: text.to_owned(),
            colour: PlateColour::Yellow,
            colour_raw: String::new(),
            confidence: Some(90),
            character_confidence: Vec::new(),
        },
        direction: Direction::WithTraffic,
        speed_dkmh: None,
        vehicle_class: None,
        offence_code: None,
        trigger_id: None,
        pictures: vec![PictureRef {
            kind: PictureKind::Scene,
            name: "scene.jpg".to_owned(),
            sha256: "00".repeat(32),
            bytes: 1,
        }],
        more_follows: false,
    };
    Event { read, arrives: 0 }.at(0)
}

impl Event {
    /// When the camera fired.
    pub fn at(mut self, millis: i64) -> Self {
        self.read.stamp = Some(CameraStamp {
            at: at(millis),
            precision: StampPrecision::Millisecond,
            zone: ZoneBasis::Explicit,
        });
        self.received(millis + 300)
    }

    pub fn received(mut self, millis: i64) -> Self {
        self.read.received_at = at(millis);
        self.arrives = millis;
        self
    }

    /// Exactly when the truck's head reaches the front camera of its lane.
    pub fn of(self, truck: &Truck) -> Self {
        let number = truck.passage.lane.0;
        self.lane(number).at(truck.at_front())
    }

    /// Exactly when the truck's tail reaches the rear camera of its lane.
    pub fn rear_of(mut self, truck: &Truck) -> Self {
        let number = truck.passage.lane.0;
        self.read.role = CameraRole::Rear;
        self.read.camera = format!("rear-{number}");
        self.read.lane = Some(Lane(number));
        self.at(truck.at_rear())
    }

    pub fn lane(mut self, number: u8) -> Self {
        self.read.lane = Some(Lane(number));
        self.read.camera = format!("front-{number}");
        self
    }

    /// The camera's clock is off by that much.
    pub fn clock_off(mut self, millis: i64) -> Self {
        if let Some(stamp) = &mut self.read.stamp {
            stamp.at = stamp.at + Micros::from_millis(millis);
        }
        self
    }

    pub fn whole_seconds(mut self) -> Self {
        if let Some(stamp) = &mut self.read.stamp {
            stamp.at = Timestamp(stamp.at.0.div_euclid(1_000_000) * 1_000_000);
            stamp.precision = StampPrecision::Second;
        }
        self
    }

    pub fn zone(mut self, zone: ZoneBasis) -> Self {
        if let Some(stamp) = &mut self.read.stamp {
            stamp.zone = zone;
        }
        self
    }

    pub fn source(mut self, id: &str) -> Self {
        self.read.source_id = Some(id.to_owned());
        self
    }

    pub fn state(mut self, state: PlateState) -> Self {
        self.read.plate.state = state;
        self.read.plate.text = None;
        self
    }

    pub fn offence(mut self, code: &str) -> Self {
        self.read.offence_code = Some(code.to_owned());
        self
    }

    pub fn trigger(mut self, id: u32) -> Self {
        self.read.trigger_id = Some(id);
        self
    }

    pub fn more_follows(mut self) -> Self {
        self.read.more_follows = true;
        self.read.pictures.clear();
        self
    }

    pub fn late(mut self) -> Self {
        self.read.late = Some(LateReason::Retransmitted);
        self
    }
}

impl From<Truck> for Input {
    fn from(truck: Truck) -> Self {
        let mut passage = truck.passage;
        passage.received_at = at(truck.arrives);
        Self::Passage(Box::new(passage))
    }
}

impl From<Event> for Input {
    fn from(event: Event) -> Self {
        Self::PlateRead(Box::new(event.read))
    }
}

/// Things that happen, in any order; played in order of arrival.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    inputs: Vec<(i64, Input)>,
}

/// Vehicles up to this number belong to the teaching and are left out of the outcome.
const TAUGHT: u32 = 1_000;

impl Timeline {
    pub fn new() -> Self {
        Self::default()
    }

    /// Twelve lonely trucks per lane, long before zero, from which every clock is learnt.
    pub fn taught(lanes: u8, rear: bool, adjust: impl Fn(Event) -> Event) -> Self {
        let mut timeline = Self::new();
        for number in 0..12 {
            for lane in 1..=lanes {
                let vehicle = 1 + number * u32::from(lanes) + u32::from(lane);
                let began = -400_000 + i64::from(number) * 30_000 + i64::from(lane) * 9_000;
                let teacher = truck(vehicle).lane(lane).at(began);
                let text = format!("赣A{vehicle:05}");
                timeline.add_event(adjust(plate(&text).of(&teacher)));
                if rear {
                    timeline.add_event(adjust(plate(&text).rear_of(&teacher)));
                }
                timeline.add_truck(teacher);
            }
        }
        timeline
    }

    pub fn truck(mut self, truck: &Truck) -> Self {
        assert!(
            truck.passage.source.vehicle > TAUGHT,
            "numbers up to {TAUGHT} are taken"
        );
        self.add_truck(truck.clone());
        self
    }

    pub fn event(mut self, event: Event) -> Self {
        self.add_event(event);
        self
    }

    pub fn add_truck(&mut self, truck: Truck) {
        self.inputs.push((truck.arrives, truck.into()));
    }

    pub fn add_event(&mut self, event: Event) {
        self.inputs.push((event.arrives, event.into()));
    }

    /// As [`Timeline::add_truck`], handed over at another instant than it was received.
    pub fn add_truck_at(&mut self, handed_over: i64, truck: Truck) {
        self.inputs.push((handed_over, truck.into()));
    }

    /// As [`Timeline::add_event`], handed over at another instant than it was received.
    pub fn add_event_at(&mut self, handed_over: i64, event: Event) {
        self.inputs.push((handed_over, event.into()));
    }

    /// Plays everything, then lets all windows close.
    pub fn run(&self, parameters: Parameters) -> Outcome {
        let mut player = Player::new(parameters);
        self.play(&mut player);
        player.finish()
    }

    /// Plays everything and leaves the windows open.
    pub fn play(&self, player: &mut Player) {
        let mut inputs = self.inputs.clone();
        inputs.sort_by_key(|(arrives, _)| *arrives);
        for (arrives, input) in inputs {
            player.arrive(at(arrives), input);
        }
    }
}

/// Plays inputs and timers, and checks that every input is settled exactly once.
pub struct Player {
    pub pipeline: Pipeline,
    next: u64,
    open: BTreeSet<InputId>,
    outcome: Outcome,
}

impl Player {
    pub fn new(parameters: Parameters) -> Self {
        Self {
            pipeline: Pipeline::new(parameters),
            next: 0,
            open: BTreeSet::new(),
            outcome: Outcome::default(),
        }
    }

    /// Lets the timers up to `now` fire, then hands the input in.
    pub fn arrive(&mut self, now: Timestamp, input: Input) {
        self.wait_until(now);
        self.arrive_unchecked(now, input);
        assert!(
            self.pipeline.wake_at().is_none_or(|wake| wake > now),
            "wants to be woken in the past"
        );
    }

    /// Hands the input in, whatever time it is.
    pub fn arrive_unchecked(&mut self, now: Timestamp, input: Input) {
        let id = InputId(self.next);
        self.next += 1;
        self.open.insert(id);
        let arrival = Arrival {
            received_at: now,
            input,
            raw: Vec::new(),
        };
        let actions = self.pipeline.handle(now, id, arrival);
        self.take(now, actions);
    }

    fn wait_until(&mut self, now: Timestamp) {
        while let Some(wake) = self.pipeline.wake_at().filter(|wake| *wake < now) {
            let actions = self.pipeline.tick(wake);
            self.take(wake, actions);
            assert!(
                self.pipeline.wake_at().is_none_or(|next| next > wake),
                "a timer that changes nothing"
            );
        }
    }

    fn take(&mut self, now: Timestamp, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Seal(seal) => {
                    for input in &seal.consumes {
                        assert!(self.open.remove(input), "{input:?} settled twice");
                    }
                    self.outcome.sealed.push((now, seal.record));
                }
                Action::Drop { input, reason } => {
                    assert!(self.open.remove(&input), "{input:?} settled twice");
                    self.outcome.dropped.push(reason);
                }
            }
        }
    }

    pub fn finish(mut self) -> Outcome {
        self.wait_until(Timestamp(i64::MAX));
        assert_eq!(self.open, BTreeSet::new(), "inputs that were never settled");
        self.outcome.counts = self.pipeline.counts().clone();
        self.outcome.status = self.pipeline.status();
        self.outcome
    }
}

/// What came out.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    pub sealed: Vec<(Timestamp, Record)>,
    pub dropped: Vec<DropReason>,
    pub counts: Counts,
    pub status: PipelineStatus,
}

/// How a vehicle's pairing ended, for comparison.
pub type Seen = (PairingOutcome, Option<String>);

pub fn paired(text: &str) -> Seen {
    (PairingOutcome::Paired, Some(text.to_owned()))
}

pub const UNPAIRED: Seen = (PairingOutcome::Unpaired, None);

impl Outcome {
    fn passages(&self) -> impl Iterator<Item = (Timestamp, &PassageRecord)> {
        self.sealed
            .iter()
            .filter_map(|(now, record)| match &record.body {
                Body::Passage(passage) => Some((*now, passage.as_ref())),
                _ => None,
            })
    }

    /// Every vehicle of the timeline proper with how it ended.
    pub fn seen(&self) -> BTreeMap<u32, Seen> {
        self.passages()
            .filter(|(_, record)| record.passage.source.vehicle > TAUGHT)
            .map(|(_, record)| {
                let pairing = &record.pairing;
                (
                    record.passage.source.vehicle,
                    (pairing.outcome, pairing.plate.clone()),
                )
            })
            .collect()
    }

    pub fn vehicle(&self, vehicle: u32) -> &PassageRecord {
        self.passages()
            .find(|(_, record)| record.passage.source.vehicle == vehicle)
            .map(|(_, record)| record)
            .expect("the vehicle has a record")
    }

    /// When the vehicle's record was sealed, milliseconds.
    pub fn sealed_at(&self, vehicle: u32) -> i64 {
        self.passages()
            .find(|(_, record)| record.passage.source.vehicle == vehicle)
            .map(|(now, _)| now.since(START).0 / 1_000)
            .expect("the vehicle has a record")
    }

    pub fn supplements(&self) -> Vec<&Supplement> {
        self.sealed
            .iter()
            .filter_map(|(_, record)| match &record.body {
                Body::Supplement(supplement) => Some(supplement.as_ref()),
                _ => None,
            })
            .collect()
    }
}
