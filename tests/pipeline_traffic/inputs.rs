//! Crossings of the invented traffic as the doors would hand them over.

use wimd::clock::{SystemClockState, Timestamp};
use wimd::pipeline::passage::{
    Axle, Direction, Passage, PassageSource, QualityFlag, TimeMapping, Tyres,
};
use wimd::pipeline::plate::{
    CameraRole, CameraStamp, LateReason, Plate, PlateRead, PlateState, StampPrecision, ZoneBasis,
};
use wimd::sim::traffic::{Crossing, Incident, Sight, View};
use wimd::units::{Lane, Micros};

/// What the network and the cameras' clocks do.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Weather {
    pub(crate) clock_off: i64,
    pub(crate) whole_seconds: bool,
    /// Every event is held up by a share of this, milliseconds.
    pub(crate) congestion: i64,
    /// The camera sends slower than it sees: every event is held up by this, milliseconds, and by
    /// so much more for each one before it.
    pub(crate) behind: i64,
    pub(crate) falling_behind: i64,
    /// The first so many vehicles pass before that.
    pub(crate) steady: i64,
    /// From then on the clock is off by that much, milliseconds.
    pub(crate) set_to: Option<i64>,
    /// The door does not believe the stamps.
    pub(crate) suspect: bool,
    /// The camera stamps nothing.
    pub(crate) stampless: bool,
}

/// A number between 0 and `below` that looks random and never changes.
fn scatter(seed: usize, below: i64) -> i64 {
    let mixed = (seed as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
    i64::try_from(mixed).expect("31 bits") % below.max(1)
}

pub(crate) fn passage(crossing: &Crossing, lane: Lane, vehicle: u32) -> Passage {
    let straddling = crossing.incident == Incident::Straddling;
    let left = lane == crossing.lane;
    let spacings = std::iter::once(None).chain(crossing.truck.spacings.iter().copied().map(Some));
    let axles = crossing
        .truck
        .axles
        .iter()
        .zip(crossing.axle_instants())
        .zip(spacings)
        .map(|((axle, at), spacing_mm)| Axle {
            at,
            load_kg: Some(match (straddling, left) {
                (false, _) => axle.load(),
                (true, true) => axle.left,
                (true, false) => axle.right,
            }),
            left_kg: (!straddling || left).then_some(axle.left),
            right_kg: (!straddling || !left).then_some(axle.right),
            spacing_mm,
            speed_dkmh: Some(crossing.truck.speed),
            tyres: Tyres::Unknown,
        })
        .collect();
    let source = PassageSource { controller: 1, boot_id: 7, vehicle };
    Passage {
        direction: match crossing.incident {
            Incident::WrongWay => Direction::AgainstTraffic,
            _ => Direction::WithTraffic,
        },
        ended_at: crossing.ended_at(),
        received_at: crossing.ended_at() + Micros::from_millis(100),
        axles,
        length_mm: Some(crossing.truck.length),
        speed_dkmh: Some(crossing.truck.speed),
        flags: if straddling { vec![QualityFlag::Straddling] } else { Vec::new() },
        time: TimeMapping {
            error_us: Some(Micros(500)),
            system: SystemClockState { synchronised: Some(true), max_error_us: None, step_us: 0 },
        },
        ..Passage::unmeasured(source, lane, crossing.began_at)
    }
}

pub(crate) fn read(crossing: &Crossing, view: &View, weather: Weather) -> Option<PlateRead> {
    let front = view.role == CameraRole::Front;
    let text = match view.sight {
        Sight::Missed => return None,
        Sight::NoPlate => None,
        Sight::Read | Sight::Retransmitted if front => Some(crossing.truck.plate.clone()),
        Sight::Read | Sight::Retransmitted => Some(crossing.truck.rear_plate.clone()),
    };
    let late = view.sight == Sight::Retransmitted;
    let number = i64::try_from(crossing.number).expect("small");
    let falling = number - weather.steady;
    let set = weather.set_to.filter(|_| falling >= 0);
    let stamp = view.captured_at + Micros::from_millis(set.unwrap_or(weather.clock_off));
    let second = 1_000_000;
    let held_up = scatter(crossing.number * 2 + usize::from(front), weather.congestion + 1);
    let resent = if late { 30_000 } else { 0 };
    let behind = if falling < 0 { 300 } else { weather.behind + falling * weather.falling_behind };
    let sent_at = view.captured_at + view.delay;
    let camera = if front { format!("front-{}", crossing.lane.0) } else { "rear".to_owned() };
    let received_at = sent_at + Micros::from_millis(held_up + resent + behind);
    Some(PlateRead {
        lane: Some(crossing.lane),
        source_id: Some(format!("{}-{front}", crossing.number)),
        stamp: (!weather.stampless).then_some(CameraStamp {
            at: if weather.whole_seconds {
                Timestamp(stamp.0.div_euclid(second) * second)
            } else {
                stamp
            },
            precision: if weather.whole_seconds {
                StampPrecision::Second
            } else {
                StampPrecision::Millisecond
            },
            zone: if weather.suspect { ZoneBasis::Suspect } else { ZoneBasis::Explicit },
        }),
        late: late.then_some(LateReason::Retransmitted),
        plate: match text {
            Some(text) => Plate::read(text),
            None => Plate { state: PlateState::Absent, ..Plate::unread() },
        },
        ..PlateRead::untold(camera, view.role, received_at)
    })
}
