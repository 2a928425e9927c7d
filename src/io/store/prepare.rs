//! The callers' share of the work, done before the writer is asked: encoding and canonical JSON.

use std::sync::Arc;

use crate::pipeline::record::Record;
use crate::pipeline::{Action, Arrival, Seal};

use super::batch::{Draft, Step};
use super::chain;
use super::codec;
use super::error::StoreError;
use super::origin::Origin;
use super::trees::TreeName;

/// Largest record with its raw frames. Our choice: a passage is some 10 KB; beyond 16 MiB no
/// broker of a city would take it.
pub(super) const MAX_RECORD_BYTES: usize = 16 * 1024 * 1024;

/// The stored form of each arrival.
pub(super) fn arrivals(arrivals: &[Arrival]) -> Result<Vec<Vec<u8>>, StoreError> {
    let encoded: Result<_, _> = arrivals.iter().map(codec::encode).collect();
    encoded.map_err(StoreError::encode(TreeName::Inbox))
}

/// The steps of a commit, with each record in its canonical form. A record that has none would
/// never be taken: it is kept aside with its inputs, an alarm goes out in its place, and the rest
/// goes on.
pub(super) fn steps(actions: Vec<Action>) -> Result<Vec<Step>, StoreError> {
    let mut steps = Vec::with_capacity(actions.len());
    for action in actions {
        match action {
            Action::Drop { input, reason } => steps.push(Step::Drop { input, reason }),
            Action::Seal(seal) => match canonical(&seal) {
                Ok(json) => steps.push(Step::Seal(Box::new(draft(*seal, json)))),
                Err(unfit) => steps.extend(replaced(*seal, unfit)?),
            },
        }
    }
    Ok(steps)
}

/// The draft of a record that the daemon writes itself.
pub(super) fn own(record: Record) -> Result<Box<Draft>, StoreError> {
    let seal = Seal { record, raw: Vec::new(), consumes: Vec::new() };
    let json = canonical(&seal).map_err(|unfit| unfit.reason)?;
    Ok(Box::new(draft(seal, json)))
}

/// Why a record has no stored form, and what can be kept of it.
struct Unfit {
    reason: StoreError,
    text: Vec<u8>,
}

fn canonical(seal: &Seal) -> Result<Vec<u8>, Unfit> {
    let id = || seal.record.id.clone();
    let json = chain::canonical(&seal.record).map_err(|source| Unfit {
        reason: StoreError::Canonical { id: id(), source: Arc::new(source) },
        text: format!("{:?}", seal.record).into_bytes(),
    })?;
    let bytes = json.len() + seal.raw.len();
    if bytes > MAX_RECORD_BYTES {
        return Err(Unfit { reason: StoreError::TooLarge { id: id(), bytes }, text: json });
    }
    Ok(json)
}

fn replaced(seal: Seal, unfit: Unfit) -> Result<[Step; 2], StoreError> {
    let record = seal.record;
    tracing::error!(reason = %unfit.reason, "a record is kept aside");
    let text = format!("{}; it is kept in the quarantine tree of the store", unfit.reason);
    let origin = Origin::of(&record);
    let alarm = origin.alarm(&record.id, record.occurred_at, "record_unsealable", text);
    let aside = Step::Quarantine { id: record.id, text: unfit.text, inputs: seal.consumes };
    Ok([aside, Step::Seal(own(alarm)?)])
}

fn draft(seal: Seal, json: Vec<u8>) -> Draft {
    let record = seal.record;
    Draft {
        json,
        channels: record.channels(),
        pictures: record.pictures().into_iter().cloned().collect(),
        id: record.id,
        raw: seal.raw,
        consumes: seal.consumes,
    }
}
