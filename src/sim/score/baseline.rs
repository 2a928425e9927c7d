//! What a plain program does: the event nearest in time within a fixed window.
//!
//! It is told by how much a vehicle of median speed is later at the camera and how long its
//! events take, and compares receipts, because a camera's stamps may be wrong by hours. Its window
//! is the two seconds that scales.md section 1 names.

use std::collections::{BTreeMap, VecDeque};

use super::{Figures, group_of};
use crate::clock::Timestamp;
use crate::pipeline::Input;
use crate::pipeline::passage::PassageSource;
use crate::pipeline::plate::CameraRole;
use crate::sim::scenario::{Camera, Scenario};
use crate::units::{DeciKmh, Lane, Micros, Millimetres};

const WINDOW: Micros = Micros::from_secs(2);
/// Median of trucks (scales.md 6.3).
const MEDIAN_SPEED: DeciKmh = DeciKmh(690);

/// One lane as it sees it.
#[derive(Clone, Debug, Default)]
struct Lanes {
    waiting: VecDeque<(Timestamp, PassageSource)>,
    events: VecDeque<(Timestamp, u64)>,
}

/// The plain program, for the front cameras of the scenario, or its first ones.
#[derive(Clone, Debug)]
pub(super) struct Baseline {
    role: CameraRole,
    later: Micros,
    lanes: BTreeMap<Lane, Lanes>,
}

impl Baseline {
    pub(super) fn new(scenario: &Scenario) -> Self {
        let front = |camera: &&Camera| camera.role == CameraRole::Front;
        let camera = scenario.camera.iter().find(front).or_else(|| scenario.camera.first());
        let later = camera.map_or(Micros(0), |camera| {
            let distance = Millimetres(camera.distance_mm.unsigned_abs());
            let travel = MEDIAN_SPEED.time_for(distance).unwrap_or_default();
            let signed = if camera.distance_mm < 0 { -travel.0 } else { travel.0 };
            Micros(signed + (camera.delay_ms + camera.delay_spread_ms) * 1_000)
        });
        let role = camera.map_or(CameraRole::Front, |camera| camera.role);
        Self { role, later, lanes: BTreeMap::new() }
    }

    /// Takes in what the pipeline is given too.
    pub(super) fn take(&mut self, input: &Input) {
        match input {
            Input::Passage(passage) => {
                let waiting = &mut self.lanes.entry(passage.lane).or_default().waiting;
                waiting.push_back((passage.began_at + self.later, passage.source));
            }
            Input::PlateRead(read) if read.role == self.role && read.late.is_none() => {
                let (Some(lane), Some(group)) =
                    (read.lane, read.source_id.as_deref().and_then(group_of))
                else {
                    return;
                };
                let events = &mut self.lanes.entry(lane).or_default().events;
                events.push_back((read.received_at, group));
            }
            _ => {}
        }
    }

    /// Decides about everybody whose window is over.
    pub(super) fn pass(
        &mut self,
        now: Timestamp,
        whose: &BTreeMap<PassageSource, u64>,
        figures: &mut Figures,
    ) {
        for lane in self.lanes.values_mut() {
            while let Some((expected, source)) = lane.waiting.front().copied() {
                // a passage may be told late, and events come in the order of their receipt
                if expected + WINDOW + WINDOW > now {
                    break;
                }
                lane.waiting.pop_front();
                let distance = |event: &&(Timestamp, u64)| event.0.since(expected).0.abs();
                let nearest = lane.events.iter().min_by_key(distance);
                let near = nearest.filter(|event| distance(event) <= WINDOW.0);
                let right = near.map(|(_, group)| whose.get(&source) == Some(group));
                *figures.baseline_correct.get_or_insert(0) += u64::from(right == Some(true));
                *figures.baseline_wrong.get_or_insert(0) += u64::from(right == Some(false));
                let old = expected + Micros(-WINDOW.0 * 8);
                while lane.events.front().is_some_and(|(at, _)| *at < old) {
                    lane.events.pop_front();
                }
            }
        }
    }
}
