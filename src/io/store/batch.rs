//! One commit in the making: requests become writes and new figures. Nothing is on the disk yet.

mod delivery;
pub(super) mod quarantine;
mod signing;

use std::collections::{HashMap, HashSet};

use sled::IVec;

use crate::clock::Timestamp;
use crate::io::intake::{CursorUpdate, LinkCursor};
use crate::pipeline::plate::PictureRef;
use crate::pipeline::record::Channel;
use crate::pipeline::{DropReason, InputId};

use super::chain::{Place, Proof};
use super::codec;
use super::error::StoreError;
use super::inbox::cursor_key;
use super::options::SendPictures;
use super::outbox::{self, OutboxEntry, OutboxKey};
use super::signer::Signer;
use super::state::State;
use super::status::StoreCounts;
use super::trees::{TreeName, Trees, Write, number_key};
pub(super) use signing::Sealed;
use signing::Unsigned;

/// A record that is ready to be sealed.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) id: String,
    pub(super) json: Vec<u8>,
    pub(super) raw: Vec<u8>,
    pub(super) consumes: Vec<InputId>,
    pub(super) channels: Vec<Channel>,
    pub(super) pictures: Vec<PictureRef>,
}

/// One step of a commit.
#[derive(Debug)]
pub(super) enum Step {
    Seal(Box<Draft>),
    Drop {
        input: InputId,
        reason: DropReason,
    },
    /// A record that has no stored form: its inputs and what there is of it are kept aside.
    Quarantine {
        id: String,
        text: Vec<u8>,
        inputs: Vec<InputId>,
    },
}

/// What stays the same from commit to commit.
#[derive(Debug)]
pub(super) struct Sealing {
    pub(super) signer: Signer,
    pub(super) send: SendPictures,
}

/// Writes and figures of the commit in the making.
#[derive(Debug)]
pub(super) struct Batch<'a> {
    trees: &'a Trees,
    now: Timestamp,
    /// Bytes of the quarantine tree at most.
    most_quarantined: u64,
    removed: HashSet<(TreeName, IVec)>,
    /// Entries of older records that it puts into the outbox.
    pub(super) entered_again: HashSet<OutboxKey>,
    pub(super) state: State,
    pub(super) writes: Vec<Write>,
    pub(super) counts: StoreCounts,
    unsigned: Vec<Unsigned>,
    /// Proofs of what it seals, as far as they are signed.
    pub(super) signed: Vec<Proof>,
    pub(super) cursors: HashMap<String, LinkCursor>,
    /// The first request that could not be staged: nothing of the batch may be written then.
    pub(super) failure: Option<StoreError>,
}

impl<'a> Batch<'a> {
    pub(super) fn new(
        trees: &'a Trees,
        state: State,
        counts: StoreCounts,
        now: Timestamp,
        most_quarantined: u64,
    ) -> Self {
        Self {
            trees,
            now,
            most_quarantined,
            removed: HashSet::new(),
            entered_again: HashSet::new(),
            state,
            writes: Vec::new(),
            counts,
            unsigned: Vec::new(),
            signed: Vec::new(),
            cursors: HashMap::new(),
            failure: None,
        }
    }

    /// The database, with all that is durable; a batch that was put together on less fails.
    pub(super) fn trees(&self) -> &'a Trees {
        self.trees.progress.wait();
        self.trees
    }

    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    /// Whether this commit removes that entry.
    pub(super) fn is_removed(&self, tree: TreeName, key: &IVec) -> bool {
        self.removed.contains(&(tree, key.clone()))
    }

    /// Encoded arrivals and the cursors that go with them.
    pub(super) fn accept(
        &mut self,
        values: Vec<Vec<u8>>,
        cursors: Vec<CursorUpdate>,
    ) -> Result<Vec<InputId>, StoreError> {
        let mut ids = Vec::with_capacity(values.len());
        for value in values {
            let id = self.state.next_input;
            self.state.next_input += 1;
            let key = number_key(id);
            self.state.inbox.add(key.len() + value.len());
            self.state.note(TreeName::Inbox, &key);
            self.counts.accepted += 1;
            self.writes.push(Write::put(TreeName::Inbox, &key, value));
            ids.push(InputId(id));
        }
        for update in cursors {
            let value =
                codec::encode(&update.cursor).map_err(StoreError::encode(TreeName::Meta))?;
            let key = cursor_key(&update.controller);
            self.writes.push(Write::put(TreeName::Meta, key, value));
            self.cursors.insert(update.controller, update.cursor);
        }
        Ok(ids)
    }

    /// All steps in order; ids of what was sealed, which is to be signed before the batch is written.
    /// `recent` holds what an earlier commit sealed although it seemed to have failed.
    pub(super) fn commit(
        &mut self,
        steps: Vec<Step>,
        sealing: &Sealing,
        recent: &HashMap<String, Proof>,
    ) -> Result<Vec<(String, Sealed)>, StoreError> {
        let mut sealed = Vec::with_capacity(steps.len());
        for step in steps {
            match step {
                Step::Quarantine { id, text, inputs } => {
                    for input in inputs {
                        self.quarantine(TreeName::Inbox, &number_key(input.0))?;
                    }
                    let key = [b"record/", id.as_bytes()].concat();
                    self.keep_in_quarantine(key, text);
                    self.state.claims.lost();
                    self.counts.unsealable += 1;
                }
                Step::Drop { input, reason } => {
                    if self.consume(input)? {
                        *self.counts.dropped.entry(reason).or_default() += 1;
                    }
                }
                Step::Seal(draft) => match recent.get(&draft.id) {
                    Some(proof) => {
                        for input in &draft.consumes {
                            if let Some(bytes) =
                                self.remove(TreeName::Inbox, &number_key(input.0))?
                            {
                                self.state.inbox.subtract(bytes);
                            }
                        }
                        self.counts.already_sealed += 1;
                        sealed.push((draft.id, Sealed::Before(*proof)));
                    }
                    None => {
                        let id = draft.id.clone();
                        let now = self.seal(*draft, sealing)?;
                        sealed.extend(now.map(|now| (id, now)));
                    }
                },
            }
        }
        Ok(sealed)
    }

    fn seal(&mut self, draft: Draft, sealing: &Sealing) -> Result<Option<Sealed>, StoreError> {
        let mut present = draft.consumes.is_empty();
        for &input in &draft.consumes {
            present |= self.consume(input)?;
        }
        if !present {
            self.counts.already_sealed += 1;
            return Ok(None);
        }
        let place = Place::after(&self.state.head, &draft.json);
        let head = place.head();
        let entries =
            outbox::entries(head.seq, &draft.id, &draft.channels, &draft.pictures, sealing.send);
        for entry in &entries {
            self.enter(entry)?;
        }
        self.unsigned.push(Unsigned { id: draft.id, place, json: draft.json, raw: draft.raw });
        self.state.head = head;
        self.state.last = head;
        self.counts.sealed += 1;
        Ok(Some(Sealed::Now(head.seq)))
    }

    /// Puts an entry into the outbox that is not there.
    pub(super) fn enter(&mut self, entry: &OutboxEntry) -> Result<(), StoreError> {
        let value = codec::encode(&entry.what).map_err(StoreError::encode(TreeName::Outbox))?;
        let key = entry.key.bytes();
        self.state.outbox[entry.key.lane as usize].add(key.len() + value.len());
        self.state.note(TreeName::Outbox, &key);
        self.writes.push(Write::put(TreeName::Outbox, &key, value));
        Ok(())
    }

    /// Moves an entry that cannot be decoded into the quarantine tree.
    pub(super) fn quarantine(&mut self, tree: TreeName, key: &[u8]) -> Result<(), StoreError> {
        let value = self.trees().get(tree).get(key);
        let Some(value) = value.map_err(StoreError::read(tree))? else {
            return Ok(());
        };
        let Some(bytes) = self.remove(tree, key)? else {
            return Ok(());
        };
        match (tree, OutboxKey::parse(key)) {
            (TreeName::Inbox, _) => self.state.inbox.subtract(bytes),
            (TreeName::Outbox, Some(key)) => {
                self.state.outbox[key.lane as usize].subtract(bytes);
            }
            _ => {}
        }
        let name = [tree.name().as_bytes(), b"/", key].concat();
        self.keep_in_quarantine(name, value.to_vec());
        self.state.claims.lost();
        self.counts.quarantined += 1;
        Ok(())
    }

    fn consume(&mut self, input: InputId) -> Result<bool, StoreError> {
        match self.remove(TreeName::Inbox, &number_key(input.0))? {
            Some(bytes) => {
                self.state.inbox.subtract(bytes);
                Ok(true)
            }
            None => {
                self.counts.missing_inputs += 1;
                Ok(false)
            }
        }
    }

    /// Removes an entry once; its size, or `None` when it is not there any more.
    pub(super) fn remove(
        &mut self,
        tree: TreeName,
        key: &[u8],
    ) -> Result<Option<usize>, StoreError> {
        let value = self.trees().get(tree).get(key);
        let Some(value) = value.map_err(StoreError::read(tree))? else {
            return Ok(None);
        };
        let key = IVec::from(key);
        if !self.removed.insert((tree, key.clone())) {
            return Ok(None);
        }
        let bytes = key.len() + value.len();
        self.state.note(tree, &key);
        self.writes.push(Write::remove(tree, key));
        Ok(Some(bytes))
    }
}
