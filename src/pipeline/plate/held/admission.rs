//! What an event is in the light of those of its camera that are remembered.

use super::fullness::{adds_signs, both, fullness, is_fuller, is_read};
use super::known::Memory;
use super::{Reads, Remembered, instant, source_tail};
use crate::pipeline::InputId;
use crate::pipeline::plate::PlateRead;
use crate::pipeline::plate::confusion::same_or_confused;
use crate::pipeline::referent::Referent;
use crate::units::Micros;

/// The same plate at the same camera within this span is the same vehicle (cameras.md 2.7).
const SAME_VEHICLE: Micros = Micros::from_secs(2);

/// Characters of a plate that tell a vehicle from the one behind it. Our choice: all of the seven but one.
const LEAST_TOLD: usize = 6;

/// What an event is in the light of those before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::pipeline) enum Admission {
    /// Never seen.
    New,
    /// Seen, and nothing more in it.
    Duplicate,
    /// Seen and still open; this one is fuller, and takes over its instant.
    Fuller(InputId),
    /// Another event of the same vehicle, still open; this one is the better.
    Better(InputId),
    /// Fuller than this one, which already belongs to this record.
    Repeats(InputId, Referent),
    /// Another event of the same vehicle that has a sign which those before have not; with the record
    /// of one that has one already.
    Adds(Option<Referent>),
}

impl Reads {
    /// Compares an event with those of its camera; changes nothing. One that comes late is known by the
    /// id that its camera gave it, and is of no vehicle that passes now.
    pub(in crate::pipeline) fn admit(&self, read: &PlateRead) -> Admission {
        let Some(memory) = self.memory.get(&read.camera) else {
            return Admission::New;
        };
        if let Some(kept) = same_source(memory, read) {
            return match &kept.settled {
                _ if !tells_more(read, kept) => Admission::Duplicate,
                Some((record, _)) => Admission::Repeats(kept.input, record.clone()),
                None if self.held.contains_key(&kept.input) => Admission::Fuller(kept.input),
                None => Admission::New,
            };
        }
        if read.late.is_some() {
            let known = memory.events.iter().any(|kept| is_same_without_id(kept, read));
            return if known { Admission::Duplicate } else { Admission::New };
        }
        let own = fullness(read);
        let mut same = memory.events.iter().filter(|kept| is_same_vehicle(kept, read));
        let Some(first) = same.next() else {
            return Admission::New;
        };
        let told = same.fold(first.fullness, |told, kept| both(told, kept.fullness));
        if adds_signs(own, told) {
            return Admission::Adds(first.settled.as_ref().map(|(record, _)| record.clone()));
        }
        let is_open = self.held.contains_key(&first.input);
        match is_open && instant(read) < first.at {
            true => Admission::Better(first.input),
            false => Admission::Duplicate,
        }
    }
}

impl Reads {
    /// Whether an open event has a sign that this one, which takes its place, has not.
    pub(in crate::pipeline) fn has_sign_beyond(&self, open: InputId, read: &PlateRead) -> bool {
        self.open_read(open).is_some_and(|open| adds_signs(fullness(open), fullness(read)))
    }
}

/// Whether an event says more than what its camera said of it before, or something else: its last word
/// counts.
fn tells_more(read: &PlateRead, kept: &Remembered) -> bool {
    let own = fullness(read);
    let both_read = is_read(own) && is_read(kept.fullness);
    is_fuller(own, kept.fullness)
        || (both_read && read.plate.text.as_deref() != kept.plate.as_deref())
}

/// The remembered event with the id that the camera gave to this one, if it gave any.
fn same_source<'a>(memory: &'a Memory, read: &PlateRead) -> Option<&'a Remembered> {
    let id = read.source_id.as_deref()?;
    let tail = source_tail(Some(id));
    let mut events = memory.events.iter();
    events.find(|kept| kept.source_tail == tail && kept.source_id.as_deref() == Some(id))
}

/// Whether it is the same event of a camera that gives no ids.
fn is_same_without_id(kept: &Remembered, read: &PlateRead) -> bool {
    (&kept.source_id, &read.source_id) == (&None, &None)
        && kept.at == instant(read)
        && kept.plate.as_deref() == read.plate.text.as_deref()
}

fn is_same_vehicle(kept: &Remembered, read: &PlateRead) -> bool {
    let apart = instant(read).since(kept.at).0.saturating_abs();
    // what was not read of two plates may differ
    let told = |text: &str| text.chars().filter(|character| *character != '-').count();
    !kept.late
        && read.plate.text.as_deref().is_some_and(|text| told(text) >= LEAST_TOLD)
        && apart <= SAME_VEHICLE.0
        && same_or_confused(kept.plate.as_deref(), read.plate.text.as_deref())
}
