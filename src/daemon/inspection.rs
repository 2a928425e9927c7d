//! Has the ledger counted every day: damage in the middle of the database's files is told by nobody
//! else.
//!
//! In the quiet hour, like everything that reads the whole database: a million records take the
//! daemon some hundred MiB of memory (`cargo bench --bench daemon`, with an inspection at the start
//! and without), which sled keeps until it is opened again.

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::start::{QUIET_HOUR, QUIET_HOUR_LOOK};
use crate::clock::Clock;
use crate::io::store::{Inspection, Origin, Store};
use crate::units::Micros;

const DAY: Micros = Micros::from_secs(86_400);

/// Inspects the ledger once a day until `stop`; one that was in use, or could not be read, a little
/// later.
pub(super) async fn inspect(store: Store, origin: Origin, clock: Clock, stop: CancellationToken) {
    let mut every = interval(QUIET_HOUR_LOOK);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut inspected = None;
    while stop.run_until_cancelled(every.tick()).await.is_some() {
        let now = clock.now();
        let day = now.0.div_euclid(DAY.0);
        if now.hour_in_china() != QUIET_HOUR || inspected == Some(day) {
            continue;
        }
        match stop.run_until_cancelled(store.inspect(&origin, now)).await {
            Some(Ok(Inspection::Whole(records))) => {
                inspected = Some(day);
                tracing::info!(records, "the ledger is whole");
            }
            Some(Ok(Inspection::Damaged { .. })) => inspected = Some(day),
            Some(Ok(Inspection::InUse)) => {}
            // the bound is told by an alarm of its own
            Some(Err(error)) if error.is_full() => {}
            Some(Err(error)) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "the ledger could not be inspected");
            }
            None => return,
        }
    }
}
