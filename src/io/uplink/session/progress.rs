//! How far each picture has come: what the broker has of it, and what goes next.
//!
//! Survives a lost connection, so that a cut costs the pieces under way and not the picture; who
//! keeps a place elsewhere resumes it after a restart. Only whole beginnings count:
//! a piece that is acknowledged before the one in front of it goes once more.

use std::collections::BTreeMap;

use super::MAX_WAITING;
use super::types::Piece;

/// Pictures that have begun to arrive; `K` is the outbox's key.
#[derive(Debug)]
pub(super) struct Progress<K> {
    /// Bytes that the broker has, from the first on.
    arrived: BTreeMap<K, u64>,
    /// The picture that is being offered and its next byte.
    current: Option<(K, u64)>,
}

impl<K> Default for Progress<K> {
    fn default() -> Self {
        Self { arrived: BTreeMap::new(), current: None }
    }
}

impl<K: Copy + Ord> Progress<K> {
    /// So much of a picture had arrived before a restart.
    pub(super) fn resume(&mut self, key: K, arrived: u64) {
        self.arrived.insert(key, arrived);
    }

    /// Bytes that the broker has of a picture that has not arrived whole.
    pub(super) fn so_far(&self, key: K) -> u64 {
        self.arrived.get(&key).copied().unwrap_or(0)
    }

    /// The picture of which more is to be offered.
    pub(super) fn current(&self) -> Option<K> {
        self.current.map(|(key, _)| key)
    }

    /// The first byte of it that is to be offered.
    pub(super) fn next(&self, key: K) -> u64 {
        match self.current {
            Some((current, next)) if current == key => next,
            _ => self.so_far(key),
        }
    }

    /// A piece was offered.
    pub(super) fn offered(&mut self, key: K, piece: Piece) {
        self.current = (piece.end() < piece.total).then_some((key, piece.end()));
    }

    /// A piece arrived; true when the picture is whole.
    pub(super) fn arrived(&mut self, key: K, piece: Piece) -> bool {
        let arrived = self.so_far(key);
        if piece.offset <= arrived && piece.end() >= piece.total {
            self.arrived.remove(&key);
            return true;
        }
        if piece.offset <= arrived && piece.end() > arrived {
            self.arrived.insert(key, piece.end());
        }
        // forgetting one costs a repetition, never a loss
        while self.arrived.len() > 2 * MAX_WAITING {
            self.arrived.pop_first();
        }
        false
    }

    /// Nothing more of this picture is offered for now.
    pub(super) fn stop(&mut self, key: K) {
        if self.current() == Some(key) {
            self.pause();
        }
    }

    /// Nothing more of any picture is offered for now.
    pub(super) fn pause(&mut self) {
        self.current = None;
    }

    /// The picture will not be sent.
    pub(super) fn forget(&mut self, key: K) {
        self.stop(key);
        self.arrived.remove(&key);
    }
}
