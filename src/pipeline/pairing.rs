//! Whose vehicle a passage was: plates paired to passages, in order, per lane and camera.
//!
//! In: open passages and open camera events of one lane. Out: per camera the event that belongs
//! to the passage, how sure that is and why. Costs are in thousandths of a nat (natural-log
//! likelihood): a residual of z spreads costs z²/2, beyond three spreads 3z − 4.5, so that a
//! camera's outliers stay payable. It never merges, alters or discards an event.
//!
//! What each window and price does to the shares of right, wrong and open pairs is shown by
//! `wimd score --scenario fixtures/scenarios/busy.toml --seed 1,2,3,4,5 --sweep margin=2000,4000`
//! and its like; the figures stand in `benches/README.md`.

pub(super) mod assignment;
pub(super) mod clock;
mod cost;
mod estimate;
pub(super) mod expected;
pub(super) mod sight;
pub(super) mod slot;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::plate::{CameraRole, PlateRead, PlateState, TRAILER};
use crate::units::Micros;

/// Windows and prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// How long a passage waits for its plates, counted from its arrival or from the instant at
    /// which its last camera expects it, whichever is later.
    pub window: Micros,
    /// How long a camera event waits for its passage, counted from its arrival: a vehicle at
    /// walking pace needs 18 s from a camera 25 m before the scale.
    pub event_window: Micros,
    /// How long a passage that looks like half a vehicle waits for its other half.
    pub half_window: Micros,
    /// Price of a passage without plate, milli-nats: 3 500 is −ln 0.03, the share of plates that
    /// good cameras miss. Flat from 3 000 to 5 000; at 2 000 the busy lane has wrong ones.
    pub no_plate_price: u32,
    /// Price of an event without passage, milli-nats: 7 000 is −ln of one event in 1 000 s that
    /// belongs to no weighed vehicle. At 6 000 the busy lane has wrong ones, at 8 000 the hostile
    /// one has more.
    pub no_passage_price: u32,
    /// Least distance to the next best assignment, milli-nats, below which a pairing is
    /// ambiguous: 4 000 is odds of 55 to 1. At 3 000 the busy lane has wrong ones; at 5 000 it leaves
    /// half as many vehicles more open, beyond 6 000 too many.
    pub margin: u32,
    /// Price of opposite directions, milli-nats: 1 in 20 cameras' directions is wrong at worst.
    pub direction_price: u32,
    /// Highest price of differing speeds, milli-nats: a camera's speed is a cross-check only.
    pub speed_price: u32,
    /// Price of a car for a lorry or a lorry for a car, milli-nats: 1 in 7 cameras' words for a
    /// vehicle is wrong at worst.
    pub size_price: u32,
    /// No two vehicles of one lane pass the same point within this span: 8 m of truck and gap at
    /// 72 km/h.
    pub least_headway: Micros,
    /// How much less likely two pictures are to change places than to keep their order,
    /// milli-nats. Among vehicles that follow within a second it is one pair in twenty with
    /// cameras that jitter by 150 ms, 3 000; less, because a wrong plate is worse than none: from
    /// 2 000 on the busy lane has wrong ones.
    pub crossing_price: u32,
    /// How much less likely a clock was set than that one event was held up, milli-nats: a clock
    /// is set once in some 150 000 events, and networks hold up one in a hundred; ln 1 500. The
    /// sweep is flat from 0 to 7 300.
    pub clock_set_price: u32,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            window: Micros::from_secs(5),
            event_window: Micros::from_secs(20),
            half_window: Micros::from_millis(1_500),
            no_plate_price: 3_500,
            no_passage_price: 7_000,
            margin: 4_000,
            direction_price: 3_000,
            speed_price: 2_500,
            size_price: 2_000,
            least_headway: Micros::from_millis(400),
            crossing_price: 1_000,
            clock_set_price: 7_300,
        }
    }
}

impl Parameters {
    /// From this cost on it is cheaper to leave both sides alone.
    pub(in crate::pipeline) fn dearest_pair(&self) -> u32 {
        self.no_plate_price.saturating_add(self.no_passage_price)
    }
}

/// How a pairing ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PairingOutcome {
    /// One plate belongs to the passage.
    Paired,
    /// More than one assignment is plausible; never enforceable.
    Ambiguous,
    /// No plate came for it.
    Unpaired,
}

/// A camera event chosen for the passage.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Chosen {
    /// The event.
    pub plate_read: PlateRead,
    /// Cost of this assignment, milli-nats; lower is better (prices in the module's
    /// documentation).
    pub cost: u32,
    /// Observed minus expected instant; `None` when the trigger id decided.
    pub residual_us: Option<Micros>,
    /// Cost of the whole window without this choice, minus with it; `None` when the trigger id
    /// decided.
    pub margin: Option<u32>,
    /// Cost of the next best event, when there was one.
    pub runner_up_cost: Option<u32>,
    /// Plate of the next best event.
    pub runner_up_plate: Option<String>,
}

/// The result for one camera.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct RolePairing {
    /// Which camera role.
    pub role: CameraRole,
    /// How it ended.
    pub outcome: PairingOutcome,
    /// The event, unless unpaired.
    pub chosen: Option<Chosen>,
    /// Why, in short names.
    pub reasons: Vec<String>,
}

impl RolePairing {
    /// The event of a clear pairing.
    pub(super) fn clear_read(&self) -> Option<&PlateRead> {
        let chosen = self.chosen.as_ref().filter(|_| self.outcome == PairingOutcome::Paired)?;
        Some(&chosen.plate_read)
    }

    /// The plate of a clear pairing, when it was read whole and is no trailer's.
    pub(super) fn tractors_plate(&self) -> Option<&str> {
        let plate = &self.clear_read()?.plate;
        let whole = plate.text.as_deref().filter(|_| plate.state == PlateState::Read)?;
        (!whole.ends_with(TRAILER)).then_some(whole)
    }
}

/// The pairing of one passage.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Pairing {
    /// The whole: the best role's outcome; ambiguous if any role is.
    pub outcome: PairingOutcome,
    /// Text of the plate that names the vehicle, when one was read.
    pub plate: Option<String>,
    /// One entry for each camera of the lane, in the order of the configuration.
    pub roles: Vec<RolePairing>,
}
