//! Has the ledger counted at the start and every day: damage in the middle of the database's files is
//! told by nobody else.

use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::io::store::{Inspection, Origin, Store};
use crate::units::Micros;

/// From one inspection to the next. Our choice: reconciliations are daily too.
const DAY: Micros = Micros::from_secs(86_400);

/// The pause when the ledger was in use or could not be read.
const RETRY: Micros = Micros::from_secs(600);

/// Inspects the ledger until `stop`.
pub(super) async fn inspect(store: Store, origin: Origin, clock: Clock, stop: CancellationToken) {
    loop {
        let inspection = store.inspect(&origin, clock.now());
        let pause = match stop.run_until_cancelled(inspection).await {
            Some(Ok(Inspection::Whole(records))) => {
                tracing::info!(records, "the ledger is whole");
                DAY
            }
            Some(Ok(Inspection::Missing(_))) => DAY,
            Some(Ok(Inspection::InUse)) => RETRY,
            Some(Err(error)) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "the ledger could not be inspected");
                RETRY
            }
            None => return,
        };
        if stop.run_until_cancelled(tokio::time::sleep(clock.real(pause))).await.is_none() {
            return;
        }
    }
}
