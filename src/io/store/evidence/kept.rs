//! The pictures that must stay: what waits names them.

use std::collections::HashSet;

use crate::pipeline::Input;
use crate::pipeline::record::Record;

use super::super::outbox::{OutboxItem, OutboxKey};
use super::super::{Digest, Store, StoreError, TreeName, aside, inbox, outbox};

/// Entries of the outbox that are looked at together.
const CHUNK: usize = 1_000;

/// What inputs and entries for the platform name.
#[derive(Debug)]
pub(super) struct Kept {
    digests: HashSet<Digest>,
    /// Whether all of them could be read: what could not may name any picture.
    pub(super) is_whole: bool,
}

impl Kept {
    /// Reads everything that waits.
    pub(super) fn of(store: &Store) -> Result<Self, StoreError> {
        let mut kept = Self { digests: HashSet::new(), is_whole: true };
        kept.take_inputs(store)?;
        let asides = aside::all(&store.shared.trees()?)?;
        kept.note(store, TreeName::Meta, asides.undecodable);
        for (_, aside) in asides.entries {
            // its record may be gone, which was told when it was set aside
            kept.take(store, &aside.what)?;
        }
        kept.take_outbox(store)?;
        Ok(kept)
    }

    /// Whether something names the picture.
    pub(super) fn contains(&self, sha256: &str) -> bool {
        sha256.parse().is_ok_and(|digest| self.has(&digest))
    }

    /// The same.
    pub(super) fn has(&self, digest: &Digest) -> bool {
        self.digests.contains(digest)
    }

    fn take_inputs(&mut self, store: &Store) -> Result<(), StoreError> {
        let pending = inbox::pending(&store.shared.trees()?)?;
        self.note(store, TreeName::Inbox, pending.undecodable);
        for (_, arrival) in pending.entries {
            if let Input::PlateRead(read) = arrival.input {
                read.pictures.iter().for_each(|picture| self.keep(&picture.sha256));
            }
        }
        Ok(())
    }

    fn take_outbox(&mut self, store: &Store) -> Result<(), StoreError> {
        let mut after: Option<OutboxKey> = None;
        loop {
            let durable = store.last_seq();
            let found = outbox::next(&store.shared.trees()?, after, CHUNK, durable)?;
            self.note(store, TreeName::Outbox, found.undecodable);
            let Some(last) = found.entries.last() else { return Ok(()) };
            after = Some(last.key);
            for entry in &found.entries {
                let is_there = self.take(store, &entry.what)?;
                self.is_whole &= is_there;
            }
        }
    }

    /// Takes up what an entry names; whether its record is there.
    fn take(&mut self, store: &Store, waiting: &OutboxItem) -> Result<bool, StoreError> {
        let seq = match waiting {
            OutboxItem::Picture { picture, .. } => {
                self.keep(&picture.sha256);
                return Ok(true);
            }
            OutboxItem::Record { seq, .. } => *seq,
        };
        let record = match store.sealed(seq) {
            Ok(None) => return Ok(false),
            Ok(Some(sealed)) => serde_json::from_slice::<Record>(&sealed.record_json).ok(),
            Err(error) if error.is_damage() => None,
            Err(error) => return Err(error),
        };
        self.is_whole &= record.is_some();
        let pictures = record.iter().flat_map(Record::pictures);
        pictures.for_each(|picture| self.keep(&picture.sha256));
        Ok(true)
    }

    fn keep(&mut self, sha256: &str) {
        // what is no digest names no file
        self.digests.extend(sha256.parse::<Digest>().ok());
    }

    /// What could not be decoded is set aside, by and by.
    fn note(&mut self, store: &Store, tree: TreeName, undecodable: Vec<sled::IVec>) {
        self.is_whole &= undecodable.is_empty();
        store.set_aside(tree, undecodable);
    }
}
