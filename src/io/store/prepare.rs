//! The callers' share of the work, done before the writer is asked: encoding and canonical JSON.

use std::sync::Arc;

use crate::pipeline::{Action, Arrival, Seal};

use super::batch::{Draft, Step};
use super::chain;
use super::codec;
use super::error::StoreError;
use super::trees::TreeName;

/// The stored form of each arrival.
pub(super) fn arrivals(arrivals: &[Arrival]) -> Result<Vec<Vec<u8>>, StoreError> {
    let encoded: Result<_, _> = arrivals.iter().map(codec::encode).collect();
    encoded.map_err(StoreError::encode(TreeName::Inbox))
}

/// The steps of a commit, with each record in its canonical form.
pub(super) fn steps(actions: Vec<Action>) -> Result<Vec<Step>, StoreError> {
    actions.into_iter().map(step).collect()
}

fn step(action: Action) -> Result<Step, StoreError> {
    match action {
        Action::Drop { input, reason } => Ok(Step::Drop { input, reason }),
        Action::Seal(seal) => draft(*seal).map(|draft| Step::Seal(Box::new(draft))),
    }
}

fn draft(seal: Seal) -> Result<Draft, StoreError> {
    let record = seal.record;
    let json = chain::canonical(&record).map_err(|source| StoreError::Canonical {
        id: record.id.clone(),
        source: Arc::new(source),
    })?;
    Ok(Draft {
        json,
        channels: record.channels(),
        pictures: record.pictures().into_iter().cloned().collect(),
        id: record.id,
        raw: seal.raw,
        consumes: seal.consumes,
    })
}
