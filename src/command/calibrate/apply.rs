//! Seals a calibration as the daemon would: through the inbox and the pipeline, in one commit with
//! what the pipeline then knows. Whoever may open the control socket can change nothing there, so
//! the daemon is stopped meanwhile; scale and cameras keep what happens.

use crate::clock::Clock;
use crate::command::ledger_source::Source;
use crate::command::{Exit, Failure};
use crate::config::Config;
use crate::daemon::parameters;
use crate::io::store::{Signer, Store, StoreError};
use crate::pipeline::calibration::{Calibration, LaneCalibration};
use crate::pipeline::{Arrival, Input, Pipeline};

/// What was sealed.
pub(super) struct Sealed {
    /// The site's calibration counter now.
    pub(super) count: u64,
    /// Sequence of the record.
    pub(super) seq: u64,
    /// What is to be set by hand.
    pub(super) lanes: Vec<LaneCalibration>,
}

pub(super) fn apply(
    source: Source,
    config: &Config,
    calibration: Calibration,
) -> Result<Sealed, Failure> {
    let Source::Store(store) = source else {
        return Err(Failure::new(
            Exit::Failed,
            "nothing is applied: the daemon runs, and its socket only answers questions",
        )
        .advice(
            "sudo systemctl stop wimd; the same command as its user (sudo -u wimd …); set the \
             factors; sudo systemctl start wimd: scale and cameras keep what happens meanwhile",
        ));
    };
    // it was read, and is opened again to be written
    drop(store);
    let signer = Signer::load(&config.store.key_file)?;
    let (store, _) = Store::open(&parameters::of_store(config), signer, Clock::system())?;
    let mut pipeline = Pipeline::new(parameters::of_pipeline(config)?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(seal(store, &mut pipeline, calibration))
}

async fn seal(
    store: Store,
    pipeline: &mut Pipeline,
    calibration: Calibration,
) -> Result<Sealed, Failure> {
    let now = Clock::system().now();
    pipeline.recall(now, store.known()?);
    let lanes = calibration.lanes.clone();
    let input = Input::Calibration(Box::new(calibration));
    let arrival = Arrival { received_at: now, input, raw: Vec::new() };
    let ids = store.accept(vec![arrival.clone()], Vec::new()).await?;
    let id = ids.first().copied().ok_or(StoreError::Closed)?;
    let actions = pipeline.handle(now, id, arrival);
    let known = pipeline.take_known();
    let sealed = store.commit_with(actions, &known).await?;
    let seq = sealed.last().map(|(_, proof)| proof.seq).ok_or(StoreError::Closed)?;
    store.close().await?;
    Ok(Sealed { count: pipeline.status().calibrations, seq, lanes })
}
