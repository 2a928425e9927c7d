//! What the writer is asked for, and how it answers.

use tokio::sync::oneshot;

use crate::clock::Timestamp;
use crate::io::intake::CursorUpdate;
use crate::pipeline::{InputId, Known};

use super::super::aside::Aside;
use super::super::batch::{Draft, Step};
use super::super::compact::Fresh;
use super::super::error::StoreError;
use super::super::inspection::Looked;
use super::super::outbox::{OutboxEntry, OutboxKey};
use super::super::trees::TreeName;
use super::super::{Inspection, Origin, Proof, Signer};

pub(in crate::io::store) type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// What callers ask for.
#[derive(Debug)]
pub(in crate::io::store) enum Request {
    Accept {
        values: Vec<Vec<u8>>,
        cursors: Vec<CursorUpdate>,
        reply: Reply<Vec<InputId>>,
    },
    Commit {
        steps: Vec<Step>,
        known: Vec<Known>,
        reply: Reply<Vec<(String, Proof)>>,
    },
    Deliver {
        keys: Vec<OutboxKey>,
        reply: Reply<()>,
    },
    SetAside {
        key: OutboxKey,
        aside: Aside,
        alarm: Option<Box<Draft>>,
        reply: Reply<()>,
    },
    Release {
        keys: Vec<OutboxKey>,
        reply: Reply<u64>,
    },
    Again {
        entries: Vec<OutboxEntry>,
        audit: Box<Draft>,
        reply: Reply<u64>,
    },
    Inspected {
        looked: Box<Looked>,
        is_told: bool,
        alarm: (Origin, Timestamp),
        reply: Reply<Inspection>,
    },
    Quarantine {
        tree: TreeName,
        keys: Vec<sled::IVec>,
    },
    ChangeKey {
        next: Signer,
        records: [Box<Draft>; 2],
        reply: Reply<Vec<Proof>>,
    },
    Exchange {
        copy: Fresh,
        reply: Reply<bool>,
    },
    /// A commit could not be brought into the database: to be opened again.
    Unapplied,
    Close {
        reply: Reply<()>,
    },
}

/// Tells everybody the same; the reply of a request to close comes back.
pub(super) fn refuse_all(waiting: Vec<Request>, error: &StoreError) -> Option<Reply<()>> {
    let mut closing = None;
    for request in waiting {
        match request {
            Request::Accept { reply, .. } => answer(reply, Err(error.clone())),
            Request::Commit { reply, .. } => answer(reply, Err(error.clone())),
            Request::ChangeKey { reply, .. } => answer(reply, Err(error.clone())),
            Request::Deliver { reply, .. } | Request::SetAside { reply, .. } => {
                answer(reply, Err(error.clone()));
            }
            Request::Release { reply, .. } | Request::Again { reply, .. } => {
                answer(reply, Err(error.clone()));
            }
            Request::Inspected { reply, .. } => answer(reply, Err(error.clone())),
            Request::Exchange { reply, .. } => answer(reply, Err(error.clone())),
            Request::Quarantine { .. } | Request::Unapplied => {}
            Request::Close { reply } => closing = Some(reply),
        }
    }
    closing
}

/// A caller that has gone needs no answer.
pub(super) fn answer<T>(reply: Reply<T>, result: Result<T, StoreError>) {
    let _gone = reply.send(result);
}
