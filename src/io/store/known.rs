//! What the pipeline had learnt, kept beside the cursors of the doors.

use std::collections::HashMap;

use crate::pipeline::Known;

use super::Store;
use super::batch::{Batch, Sealed};
use super::codec;
use super::error::StoreError;
use super::inbox::Found;
use super::trees::{TreeName, Trees, Write};

const PREFIX: &[u8] = b"known/";

impl Store {
    /// What the pipeline had learnt, in no order. What cannot be decoded is set aside and
    /// counted.
    ///
    /// # Errors
    /// [`StoreError::Read`] and [`StoreError::Closed`].
    pub fn known(&self) -> Result<Vec<Known>, StoreError> {
        let found = known(&self.shared.trees()?)?;
        self.set_aside(TreeName::Meta, found.undecodable);
        Ok(found.entries)
    }
}

impl Batch<'_> {
    /// Writes what the pipeline has learnt; the pieces take up the sequences of what was sealed.
    pub(super) fn learn(
        &mut self,
        known: Vec<Known>,
        sealed: &[(String, Sealed)],
    ) -> Result<(), StoreError> {
        let sequences: HashMap<&str, u64> =
            sealed.iter().map(|(id, sealed)| (id.as_str(), sealed.seq())).collect();
        for mut piece in known {
            piece.resolve(|id| sequences.get(id).copied());
            let value = codec::encode(&piece).map_err(StoreError::encode(TreeName::Meta))?;
            self.writes.push(Write::put(TreeName::Meta, known_key(&piece.key()), value));
        }
        Ok(())
    }
}

fn known_key(key: &str) -> Vec<u8> {
    [PREFIX, key.as_bytes()].concat()
}

/// What the pipeline had learnt.
fn known(trees: &Trees) -> Result<Found<Vec<Known>>, StoreError> {
    let mut found = Found { entries: Vec::new(), undecodable: Vec::new() };
    for entry in trees.get(TreeName::Meta).scan_prefix(PREFIX) {
        let (key, value) = entry.map_err(StoreError::read(TreeName::Meta))?;
        match codec::decode(&value) {
            Ok(known) => found.entries.push(known),
            Err(_) => found.undecodable.push(key),
        }
    }
    Ok(found)
}
