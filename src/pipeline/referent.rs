//! A record that a later event may belong to: its id, made by the pipeline, and its sequence in the
//! ledger, which the store gives and tells back.

use serde::{Deserialize, Serialize};

use super::name::Name;
use super::plate::held::Admission;
use super::{Arrival, Input, Known, Pipeline};

/// Such a record. Stored with bincode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Referent {
    pub(super) id: Name,
    /// `None` until the store has told it.
    pub(super) seq: Option<u64>,
}

impl Referent {
    pub(super) fn unsealed(id: &str) -> Self {
        Self { id: Name::from(id), seq: None }
    }

    /// Notes the sequence that the store tells of that record; whether it is this one.
    pub(super) fn seal(&mut self, id: &str, seq: u64) -> bool {
        let own = self.seq.is_none() && *self.id == *id;
        if own {
            self.seq = Some(seq);
        }
        own
    }
}

impl Known {
    /// Takes up the sequence of the record that it names, where `sequence` knows it: the commit that
    /// stores the piece is the one that seals the record.
    pub fn resolve(&mut self, sequence: impl Fn(&str) -> Option<u64>) {
        if let Some(referent) = self.referent()
            && referent.seq.is_none()
        {
            referent.seq = sequence(&referent.id);
        }
    }
}

impl Pipeline {
    /// A record is durable under that sequence. To be told after each commit, before the next input.
    pub fn sealed(&mut self, id: &str, seq: u64) {
        for window in &mut self.lanes {
            window.seal_past(id, seq);
        }
        self.reads.seal(id, seq);
    }

    /// Whether this input refers to a record whose sequence was not told yet: who commits first and
    /// hands it over then gets a record that names the sequence.
    pub fn awaits_sealing(&self, arrival: &Arrival) -> bool {
        let Input::PlateRead(read) = &arrival.input else {
            return false;
        };
        let referent = match self.reads.admit(read) {
            Admission::New if read.late.is_some() => self.find_past(read),
            Admission::Repeats(taken, record) => {
                self.find_standing(taken, read).is_none().then_some(record)
            }
            Admission::Adds(record) => record,
            _ => None,
        };
        referent.is_some_and(|record| record.seq.is_none())
    }
}
