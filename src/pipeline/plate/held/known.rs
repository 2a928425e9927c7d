//! What is remembered of settled events, to be kept over a restart. Open ones are not: they wait
//! in the inbox and come again, and must not be taken for repetitions of themselves.

use std::collections::VecDeque;

use serde::{Deserialize, Deserializer, Serialize};

use super::fullness::{Fullness, fullness};
use super::{REMEMBERED, Reads, Remembered, instant, source_tail};
use crate::clock::Timestamp;
use crate::pipeline::InputId;
use crate::pipeline::name::Name;
use crate::pipeline::plate::PlateRead;
use crate::pipeline::referent::Referent;

/// One settled event. Stored with bincode, at first with the bare id of its record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::pipeline) struct KnownEvent<R = Referent> {
    pub(in crate::pipeline) camera: String,
    order: u64,
    input: InputId,
    source_id: Option<Name>,
    plate: Option<Name>,
    at: Timestamp,
    fullness: Fullness,
    late: bool,
    pub(in crate::pipeline) record: R,
}

impl KnownEvent {
    /// Its place among the settled events of its camera; the one that has the place after it is newer.
    pub(in crate::pipeline) fn slot(&self) -> u64 {
        self.order % REMEMBERED as u64
    }

    /// Reads the first form.
    pub(in crate::pipeline) fn by_id<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let KnownEvent { camera, order, input, source_id, plate, at, fullness, late, record } =
            KnownEvent::<Name>::deserialize(from)?;
        let record = Referent { id: record, seq: None };
        Ok(Self { camera, order, input, source_id, plate, at, fullness, late, record })
    }
}

/// What is remembered of one camera.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    /// In the order in which they came; those from before a restart first, as they were settled.
    pub(super) events: VecDeque<Remembered>,
    /// Events of it that were settled.
    pub(super) settled: u64,
}

impl Memory {
    /// Forgets the event that was settled longest ago, when there are too many.
    pub(super) fn forget(&mut self) {
        let oldest = self.settled.checked_sub(REMEMBERED as u64 + 1);
        let is_oldest = |kept: &Remembered| {
            kept.settled.as_ref().is_some_and(|(_, order)| Some(*order) == oldest)
        };
        if let Some(place) = self.events.iter().position(is_oldest) {
            self.events.remove(place);
        }
    }
}

impl Remembered {
    /// An event that has just come.
    pub(super) fn new(input: InputId, read: &PlateRead) -> Self {
        Self {
            input,
            source_id: read.source_id.as_deref().map(Name::from),
            source_tail: source_tail(read.source_id.as_deref()),
            plate: read.plate.text.as_deref().map(Name::from),
            at: instant(read),
            fullness: fullness(read),
            late: read.late.is_some(),
            settled: None,
        }
    }

    pub(super) fn known(&self, camera: &str) -> Option<KnownEvent> {
        let (record, order) = self.settled.clone()?;
        Some(KnownEvent {
            camera: camera.to_owned(),
            order,
            input: self.input,
            source_id: self.source_id.clone(),
            plate: self.plate.clone(),
            at: self.at,
            fullness: self.fullness,
            late: self.late,
            record,
        })
    }
}

impl Reads {
    /// Knows a fuller event in the place of one that was taken for a record that is not sealed yet.
    pub(in crate::pipeline) fn refill(&mut self, taken: InputId, input: InputId, read: &PlateRead) {
        let memory = self.memory.get_mut(&read.camera).into_iter();
        let mut events = memory.flat_map(|memory| &mut memory.events);
        if let Some(kept) = events.find(|kept| kept.input == taken) {
            let (settled, late) = (kept.settled.take(), kept.late);
            *kept = Remembered { settled, late, ..Remembered::new(input, read) };
            self.taken.remove(&taken);
            self.taken.extend(kept.known(&read.camera).map(|known| (input, known)));
        }
    }

    /// A record is sealed: the inputs that it consumes will not come again by themselves.
    pub(in crate::pipeline) fn settled(&mut self, consumed: &[InputId]) {
        let events = consumed.iter().filter_map(|input| self.taken.remove(input));
        self.unwritten.extend(events);
    }

    /// The events that were settled since this was last asked.
    pub(in crate::pipeline) fn take_known(&mut self) -> Vec<KnownEvent> {
        std::mem::take(&mut self.unwritten)
    }

    /// The store tells the sequence of a record.
    pub(in crate::pipeline) fn seal(&mut self, record: &str, seq: u64) {
        for kept in self.memory.values_mut().flat_map(|memory| &mut memory.events) {
            if let Some((referent, _)) = &mut kept.settled {
                referent.seal(record, seq);
            }
        }
    }

    /// Takes up an event that was settled before a restart.
    pub(in crate::pipeline) fn recall(&mut self, known: KnownEvent) {
        let KnownEvent { camera, order, input, source_id, plate, at, fullness, late, record } =
            known;
        let source_tail = source_tail(source_id.as_deref());
        let settled = Some((record, order));
        let kept = Remembered { input, source_id, source_tail, plate, at, fullness, late, settled };
        let memory: &mut Memory = self.memory.entry(camera).or_default();
        let number = |other: &Remembered| other.settled.as_ref().map(|(_, number)| *number);
        let place = memory.events.partition_point(|other| number(other) < Some(order));
        memory.events.insert(place, kept);
        memory.settled = memory.settled.max(order.saturating_add(1));
    }
}
