//! An alarm about each time that a bound is reached: at once while there is room to seal it, else as
//! soon as there is.

use super::super::{found, prepare};
use super::{Batch, Bound, Micros, Timestamp, Writer};
use crate::pipeline::{Arrival, InputId};

/// A bound that is reached again and again is told this often. Our choice: often enough to be
/// noticed, too seldom to fill the outbox.
const ALARM_PAUSE: Micros = Micros::from_secs(60);

/// From when a bound is reached until there is room again.
#[derive(Clone, Copy, Debug)]
pub(in crate::io::store) struct Fullness {
    bound: Bound,
    since: Timestamp,
    told: bool,
}

impl Writer {
    /// Adds the alarm to the batch when it is due; what was added.
    pub(super) fn tell_of_bound(
        &mut self,
        batch: &mut Batch<'_>,
        reached: Option<Bound>,
        may_seal: bool,
    ) -> Vec<(InputId, Arrival)> {
        let now = self.clock.now();
        if let (None, Some(bound)) = (self.fullness, reached) {
            let told = now < self.next_full_alarm;
            self.fullness = Some(Fullness { bound, since: now, told });
        }
        let Some(fullness) = self.fullness.filter(|it| !it.told && may_seal) else {
            self.fullness = self.fullness.filter(|_| reached.is_some() || !may_seal);
            return Vec::new();
        };
        let Fullness { bound, since, .. } = fullness;
        let text = match reached {
            Some(_) => {
                format!("{bound} is full; scale and cameras are refused until there is room")
            }
            None => format!("{bound} was full from {since} on; scale and cameras were refused"),
        };
        let alarm = found::alarm("store_full", text, now);
        let ids = prepare::arrivals(std::slice::from_ref(&alarm))
            .and_then(|values| batch.accept(values, Vec::new()));
        ids.map(|ids| ids.into_iter().zip([alarm]).collect()).unwrap_or_default()
    }

    /// What was added is durable: it is told once, and handed to the pipeline.
    pub(super) fn told_of_bound(&mut self, own: Vec<(InputId, Arrival)>, reached: bool) {
        if own.is_empty() {
            return;
        }
        self.next_full_alarm = self.clock.now() + ALARM_PAUSE;
        self.fullness = self.fullness.filter(|_| reached).map(|it| Fullness { told: true, ..it });
        self.shared.add_own_inputs(own.into_iter());
    }
}
