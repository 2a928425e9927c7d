//! A commit of which the database has only a part, and the journal nothing: damage has cut off the rest.

use super::super::chain;
use super::super::error::StoreError;
use super::super::ledger::Stored;
use super::super::state::State;
use super::super::trees::{TreeName, Trees, number_key};

/// Takes up the records that follow the last one of `state`: first and last sequence.
pub(super) fn take_up(trees: &Trees, state: &mut State) -> Result<Option<(u64, u64)>, StoreError> {
    let beyond = state.last.seq.saturating_add(1);
    for entry in trees.get(TreeName::Ledger).range(number_key(beyond)..) {
        let (key, value) = entry.map_err(StoreError::read(TreeName::Ledger))?;
        let Ok(record) = Stored::decode(&key, &value) else {
            break;
        };
        let hash = chain::hash(&state.last.hash, &record.record_json);
        let proof = record.proof;
        let follows = record.seq == state.last.seq + 1 && proof.prev == state.last.hash;
        if !follows || proof.hash != hash {
            break;
        }
        state.last = proof.head();
    }
    if state.last.seq > state.head.seq {
        state.head = state.last;
    }
    Ok((state.last.seq >= beyond).then_some((beyond, state.last.seq)))
}
