//! A commit of which the database has only a part, and the journal nothing: damage has cut off the rest.

use super::super::chain::Head;
use super::super::error::StoreError;
use super::super::ledger::Stored;
use super::super::state::State;
use super::super::trees::{TreeName, Trees, number_key};

/// Takes up the records that follow the last one of `state`: first and last sequence.
pub(super) fn take_up(trees: &Trees, state: &mut State) -> Result<Option<(u64, u64)>, StoreError> {
    let beyond = state.last.seq.saturating_add(1);
    let mut first = None;
    for entry in trees.get(TreeName::Ledger).range(number_key(beyond)..) {
        let (key, value) = entry.map_err(StoreError::read(TreeName::Ledger))?;
        let Ok(record) = Stored::decode(&key, &value) else {
            break;
        };
        let proof = record.proof;
        // the head, where records before it were lost once
        let follows = |head: &Head| (record.seq, proof.prev) == (head.seq + 1, head.hash);
        let follows = [state.last, state.head].iter().any(follows);
        if !follows || !proof.fits(&record.record_json) {
            break;
        }
        first.get_or_insert(record.seq);
        state.last = proof.head();
    }
    if state.last.seq > state.head.seq {
        state.head = state.last;
    }
    Ok(first.map(|first| (first, state.last.seq)))
}
