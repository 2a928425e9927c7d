//! What the pipeline has learnt and a restart must not forget: the clocks of the cameras, the events
//! that it would otherwise take for new ones when they are sent again, the vehicles that late
//! events belong to, how often the scale was calibrated and what it has weighed since, and where
//! the next reconciliation begins, and how the time of the run relates to the machine's.
//!
//! Out: small pieces, each under a key of its own, to be stored in the commit of the records from
//! which they were learnt. In: the pieces that were stored last, before any input. What they hold
//! is the pipeline's own affair.

use serde::{Deserialize, Serialize};

use super::Pipeline;
use super::drift::KnownDrift;
use super::lane::{LaneWindow, PastVehicle};
use super::pairing::clock::known::KnownClock;
use super::plate::CameraRole;
use super::plate::held::KnownEvent;
use super::record::reconciliation::{Cursor, Period};
use super::referent::Referent;
use crate::clock::{BootTime, Timestamp};
use crate::units::Lane;

/// One piece of it. Stored with bincode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Piece")]
pub struct Known(Piece);

/// Stored by its place here and by its fields: a piece whose fields change goes on as a new one at
/// the end, and the old one is still read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Piece {
    Sight {
        camera: String,
        role: CameraRole,
        lane: Lane,
        clock: KnownClock,
    },
    /// `Event` as it was written until records were named by their sequence, too.
    #[serde(skip_serializing, deserialize_with = "KnownEvent::by_id")]
    EventById(KnownEvent),
    /// `Past` as it was written until then.
    #[serde(skip_serializing, deserialize_with = "PastVehicle::by_id")]
    PastById(PastVehicle),
    Calibrations(u64),
    Drift {
        lane: Lane,
        watch: KnownDrift,
    },
    Reconciled(Period, Cursor),
    Time(BootTime),
    Event(KnownEvent),
    Past(PastVehicle),
}

impl From<Piece> for Known {
    /// In the form that is written today.
    fn from(piece: Piece) -> Self {
        Self(match piece {
            Piece::EventById(event) => Piece::Event(event),
            Piece::PastById(vehicle) => Piece::Past(vehicle),
            today => today,
        })
    }
}

impl Known {
    /// Where the next reconciliation of such a period begins.
    pub fn reconciled(period: Period, cursor: Cursor) -> Self {
        Self(Piece::Reconciled(period, cursor))
    }

    /// The same; `None` for any other piece.
    pub fn as_reconciled(&self) -> Option<(Period, &Cursor)> {
        match &self.0 {
            Piece::Reconciled(period, cursor) => Some((*period, cursor)),
            _ => None,
        }
    }

    /// How the time of the run that learnt the others relates to the machine's.
    pub fn time(boot: BootTime) -> Self {
        Self(Piece::Time(boot))
    }

    /// The same; `None` for any other piece.
    pub fn as_time(&self) -> Option<&BootTime> {
        match &self.0 {
            Piece::Time(boot) => Some(boot),
            _ => None,
        }
    }

    /// The record that it names.
    pub(super) fn referent(&mut self) -> Option<&mut Referent> {
        match &mut self.0 {
            Piece::Event(event) | Piece::EventById(event) => Some(&mut event.record),
            Piece::Past(vehicle) | Piece::PastById(vehicle) => Some(&mut vehicle.record),
            _ => None,
        }
    }

    /// Where it is kept: a later piece under the same key replaces it. The number of keys is
    /// bounded by the number of cameras and lanes.
    pub fn key(&self) -> String {
        match &self.0 {
            Piece::Sight { camera, role, lane, .. } => {
                let role = match role {
                    CameraRole::Front => "front",
                    CameraRole::Rear => "rear",
                    CameraRole::Side => "side",
                };
                format!("clock/{camera}/{lane}/{role}")
            }
            Piece::Event(event) | Piece::EventById(event) => {
                format!("event/{}/{}", event.camera, event.slot())
            }
            Piece::Drift { lane, .. } => format!("drift/{lane}"),
            Piece::Calibrations(_) => "calibrations".to_owned(),
            Piece::Time(_) => "time".to_owned(),
            Piece::Past(vehicle) | Piece::PastById(vehicle) => {
                format!("past/{}/{}", vehicle.lane, vehicle.slot())
            }
            Piece::Reconciled(Period::Hour, _) => "reconciled/hour".to_owned(),
            Piece::Reconciled(Period::Day, _) => "reconciled/day".to_owned(),
        }
    }
}

impl Pipeline {
    /// What was learnt since this was last asked. To be stored with the actions that were
    /// returned until now, neither before nor without them.
    #[must_use]
    pub fn take_known(&mut self) -> Vec<Known> {
        let events = self.reads.take_known();
        // beside its events a vehicle leaves itself, and now and then a clock or a tractor's load
        let mut pieces = Vec::with_capacity(events.len() + 2);
        pieces.extend(events.into_iter().map(|event| Known(Piece::Event(event))));
        pieces.extend(self.calibrations.take_known().map(|n| Known(Piece::Calibrations(n))));
        for window in &mut self.lanes {
            let lane = window.parameters.lane;
            pieces.extend(window.take_past().map(|vehicle| Known(Piece::Past(vehicle))));
            let watch = window.drift.take_known();
            pieces.extend(watch.map(|watch| Known(Piece::Drift { lane, watch })));
            for sight in &mut window.sights {
                let Some(clock) = sight.take_known() else {
                    continue;
                };
                let (camera, role) = (sight.placement.camera.clone(), sight.placement.role);
                pieces.push(Known(Piece::Sight { camera, role, lane, clock }));
            }
        }
        pieces
    }

    /// Takes up what was known before a restart, in any order. Cameras and lanes that are not
    /// there any more are passed over.
    pub fn recall(&mut self, now: Timestamp, known: impl IntoIterator<Item = Known>) {
        for Known(piece) in known {
            match piece {
                // the pipeline sees neither sequences nor machines; who does asks for it
                Piece::Reconciled(..) | Piece::Time(_) => {}
                Piece::Event(event) | Piece::EventById(event) => {
                    if self.cameras.contains_key(&event.camera) {
                        self.reads.recall(event);
                    }
                }
                Piece::Drift { lane, watch } => {
                    if let Some(window) = self.window(lane) {
                        window.drift.recall(watch);
                    }
                }
                Piece::Calibrations(count) => self.calibrations.recall(count),
                Piece::Past(vehicle) | Piece::PastById(vehicle) => {
                    if let Some(window) = self.window(vehicle.lane) {
                        window.recall_past(vehicle);
                    }
                }
                Piece::Sight { camera, role, lane, clock } => {
                    let sights = self
                        .lanes
                        .iter_mut()
                        .filter(|window| window.parameters.lane == lane)
                        .flat_map(|window| &mut window.sights);
                    let same = |placement: &super::CameraPlacement| {
                        placement.camera == camera && placement.role == role
                    };
                    for sight in sights.filter(|sight| same(&sight.placement)) {
                        sight.recall(now, clock.clone());
                    }
                }
            }
        }
    }

    pub(super) fn window(&mut self, lane: Lane) -> Option<&mut LaneWindow> {
        self.lanes.iter_mut().find(|window| window.parameters.lane == lane)
    }
}
