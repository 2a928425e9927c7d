//! Passages per second through the whole pipeline: windows, pairing, assessment, record.
//!
//! `cargo bench --bench pipeline`. One lane with a front and a rear camera, a vehicle every
//! 1.5 to 3.5 s, so that about two windows are open at once. The cost per vehicle must not depend on how many
//! have passed: compare the lines of 1 000 and 100 000 vehicles. The lines "after N vehicles" count
//! pairings, two for each vehicle, in a pipeline that N vehicles have passed, and the memory of the
//! process is printed beside them.

use criterion::{BatchSize, Criterion, Throughput};
use std::hint::black_box;
use std::time::{Duration, Instant};
use wimd::clock::{SystemClockState, Timestamp};
use wimd::config::limits::standard_profile;
use wimd::pipeline::pairing::Parameters as PairingParameters;
use wimd::pipeline::passage::{Axle, Direction, Passage, PassageSource, TimeMapping, Tyres};
use wimd::pipeline::plate::{
    CameraRole, CameraStamp, Plate, PlateColour, PlateRead, StampPrecision, ZoneBasis,
};
use wimd::pipeline::record::{Provenance, Site};
use wimd::pipeline::{
    Arrival, CameraPlacement, Input, InputId, LaneParameters, Parameters, Pipeline,
};
use wimd::units::{DeciKmh, Kilograms, Lane, Micros, Millimetres};

const START: Timestamp = Timestamp(1_795_000_000_000_000);
const SHORTEST_HEADWAY: Micros = Micros::from_millis(1_500);
/// Headways vary by this in equal steps; were they all alike, no camera's clock could be learnt.
const VARIATION: Micros = Micros::from_secs(2);
const SPEED: DeciKmh = DeciKmh(600);
const FRONT: Millimetres = Millimetres(25_000);
const REAR: Millimetres = Millimetres(12_000);

fn parameters() -> Parameters {
    let camera = |name: &str, role, distance: Millimetres| CameraPlacement {
        camera: name.to_owned(),
        role,
        distance_mm: i32::try_from(distance.0).unwrap_or(0),
    };
    Parameters {
        site: Site { id: "bench".into(), name: "bench".into() },
        provenance: Provenance::default(),
        lanes: vec![LaneParameters {
            lane: Lane(1),
            cameras: vec![
                camera("front", CameraRole::Front, FRONT),
                camera("rear", CameraRole::Rear, REAR),
            ],
            required_pictures: Vec::new(),
            min_speed: None,
            max_speed: None,
        }],
        assessment: standard_profile(),
        pairing: PairingParameters::default(),
        clips: Vec::new(),
    }
}

fn travel(distance: Millimetres) -> Micros {
    SPEED.time_for(distance).unwrap_or_default()
}

fn passage(vehicle: u32, began_at: Timestamp) -> Passage {
    let spacings = [0, 3_300, 1_350, 6_500, 1_310, 1_310];
    let mut travelled = 0;
    let axles: Vec<Axle> = spacings
        .into_iter()
        .map(|spacing| {
            travelled += spacing;
            Axle {
                at: began_at + travel(Millimetres(travelled)),
                load_kg: Some(Kilograms(8_500)),
                left_kg: Some(Kilograms(4_200)),
                right_kg: Some(Kilograms(4_300)),
                spacing_mm: (spacing > 0).then_some(Millimetres(spacing)),
                speed_dkmh: Some(SPEED),
                tyres: Tyres::Unknown,
            }
        })
        .collect();
    let ended_at = began_at + travel(Millimetres(travelled));
    let source = PassageSource { controller: 1, boot_id: 7, vehicle };
    Passage {
        ended_at,
        received_at: ended_at + Micros::from_millis(50),
        axles,
        reported_gross_kg: Some(Kilograms(51_000)),
        length_mm: Some(Millimetres(16_500)),
        speed_dkmh: Some(SPEED),
        time: TimeMapping {
            error_us: Some(Micros(300)),
            system: SystemClockState {
                synchronised: Some(true),
                max_error_us: Some(500),
                step_us: 0,
            },
        },
        raw_sha256: "0".repeat(64),
        ..Passage::unmeasured(source, Lane(1), began_at)
    }
}

fn read(vehicle: u32, role: CameraRole, instant: Timestamp) -> PlateRead {
    let text = format!("赣H{:05}", vehicle % 100_000);
    let camera = if role == CameraRole::Front { "front" } else { "rear" };
    PlateRead {
        lane: Some(Lane(1)),
        source_id: Some(format!("{vehicle:032x}")),
        stamp: Some(CameraStamp {
            at: instant + Micros::from_secs(37),
            precision: StampPrecision::Millisecond,
            zone: ZoneBasis::Explicit,
        }),
        plate: Plate { colour: PlateColour::Yellow, confidence: Some(95), ..Plate::read(text) },
        direction: Direction::WithTraffic,
        ..PlateRead::untold(camera, role, instant + Micros::from_millis(250))
    }
}

/// Three arrivals per vehicle, in order of receipt.
fn traffic(vehicles: u32) -> Vec<Arrival> {
    let mut last = START;
    further(0..vehicles, &mut last)
}

/// The same for these vehicles, of which the one before began at `began_at`.
fn further(vehicles: std::ops::Range<u32>, last: &mut Timestamp) -> Vec<Arrival> {
    let mut arrivals = Vec::with_capacity(vehicles.len() * 3);
    let mut began_at = *last;
    for vehicle in vehicles {
        let step = i64::from(vehicle.wrapping_mul(7_919) % 101);
        began_at = began_at + SHORTEST_HEADWAY + Micros(VARIATION.0 * step / 100);
        let passage = passage(vehicle, began_at);
        let front = read(vehicle, CameraRole::Front, began_at + travel(FRONT));
        let rear = read(vehicle, CameraRole::Rear, passage.ended_at + travel(REAR));
        let arrival = |received_at, input| Arrival { received_at, input, raw: Vec::new() };
        arrivals.push(arrival(front.received_at, Input::PlateRead(Box::new(front))));
        arrivals.push(arrival(rear.received_at, Input::PlateRead(Box::new(rear))));
        arrivals.push(arrival(passage.received_at, Input::Passage(Box::new(passage))));
    }
    *last = began_at;
    arrivals.sort_by_key(|arrival| arrival.received_at);
    arrivals
}

/// As the daemon does: timers first, then the input, and what was learnt with each record.
fn run(arrivals: Vec<Arrival>) -> Pipeline {
    let mut pipeline = Pipeline::new(parameters());
    pass(&mut pipeline, 0, arrivals);
    pipeline
}

/// Lets them pass; the first has that number among the inputs.
fn pass(pipeline: &mut Pipeline, first: u64, arrivals: Vec<Arrival>) {
    for (id, arrival) in (first..).map(InputId).zip(arrivals) {
        let now = arrival.received_at;
        if pipeline.wake_at().is_some_and(|wake| wake <= now) {
            let _ = black_box(pipeline.tick(now));
        }
        if !black_box(pipeline.handle(now, id, arrival)).is_empty() {
            let _ = black_box(pipeline.take_known());
        }
    }
}

fn passages_per_second(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("pipeline");
    group.sample_size(10);
    for vehicles in [1_000, 10_000, 100_000] {
        let arrivals = traffic(vehicles);
        let counts = run(arrivals.clone()).counts().clone();
        // the first few only teach the clocks
        assert!(counts.paired + 10 > u64::from(vehicles), "{counts:?}");
        group.throughput(Throughput::Elements(vehicles.into()));
        group.bench_function(format!("{vehicles} vehicles"), |bencher| {
            bencher.iter_batched(|| arrivals.clone(), run, BatchSize::PerIteration);
        });
    }
    group.finish();
}

/// Vehicles at a time, so that their inputs are no part of the memory or the time.
const CHUNK: u32 = 1_000;

/// A pipeline and the road that leads to it.
#[derive(Clone)]
struct Road {
    pipeline: Pipeline,
    vehicles: u32,
    last: Timestamp,
}

impl Road {
    /// Lets a thousand more vehicles pass; how long the pipeline took.
    fn go_on(&mut self) -> Duration {
        let first = u64::from(self.vehicles) * 3;
        let arrivals = further(self.vehicles..self.vehicles + CHUNK, &mut self.last);
        self.vehicles += CHUNK;
        let begun = Instant::now();
        pass(&mut self.pipeline, first, arrivals);
        begun.elapsed()
    }
}

/// The next thousand vehicles in copies of one pipeline on its way to a million.
fn pairings_per_second(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("pairing");
    group.sample_size(10).throughput(Throughput::Elements(u64::from(CHUNK) * 2));
    let mut road = Road { pipeline: Pipeline::new(parameters()), vehicles: 0, last: START };
    for passed in [0, 1_000, 10_000, 100_000, 1_000_000] {
        while road.vehicles < passed {
            road.go_on();
        }
        eprintln!("after {passed} vehicles: {}", memory());
        group.bench_function(format!("after {passed} vehicles"), |bencher| {
            bencher.iter_custom(|times| (0..times).map(|_| road.clone().go_on()).sum());
        });
    }
    let counts = road.pipeline.counts();
    // the first few only teach the clocks, the last few wait for their plates
    assert!(counts.paired + 20 > counts.passages, "{counts:?}");
    group.finish();
}

/// Resident memory, in the words of the system.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    line.unwrap_or("VmRSS unknown").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    pairings_per_second(&mut criterion);
    passages_per_second(&mut criterion);
    criterion.final_summary();
}
