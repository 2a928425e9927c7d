//! Camera events that wait for their passage, and the memory that knows repeats.
//!
//! In: every live event. Out: whether it is new, the same again or a fuller one; later the event
//! itself, for the record that takes it. Bounded by time and by number.

mod admission;
mod fullness;
mod known;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{PlateRead, PlateState};
use crate::clock::Timestamp;
use crate::pipeline::InputId;
use crate::pipeline::name::Name;
use crate::pipeline::referent::Referent;
use fullness::{Fullness, both, fullness};
use known::Memory;

pub(in crate::pipeline) use admission::Admission;
pub(in crate::pipeline) use known::KnownEvent;

/// Settled events remembered per camera: a minute of the busiest lane group and a burst of repeats.
/// Open ones are remembered beside them, however many wait in the inbox: after a restart they are
/// fed again, and the last settled one may be the one whose answer the camera did not get.
const REMEMBERED: usize = 64;

#[derive(Clone, Debug)]
struct Held {
    read: Box<PlateRead>,
    deadline: Timestamp,
    /// Those whose place it took that wait in the inbox until it is settled.
    superseded: Vec<InputId>,
}

#[derive(Clone, Debug)]
struct Remembered {
    input: InputId,
    source_id: Option<Name>,
    /// Of the source id: 64 texts need not be compared for each event.
    source_tail: u64,
    plate: Option<Name>,
    at: Timestamp,
    fullness: Fullness,
    /// It came late: the same event is known by it, the same vehicle is not.
    late: bool,
    /// The record that took it, and its number among the settled events of its camera.
    settled: Option<(Referent, u64)>,
}

/// Every open event and what is remembered of the settled ones.
#[derive(Clone, Debug, Default)]
pub(in crate::pipeline) struct Reads {
    held: BTreeMap<InputId, Held>,
    expiry: BTreeSet<(Timestamp, InputId)>,
    memory: BTreeMap<String, Memory>,
    /// Taken for records that are not sealed yet.
    taken: BTreeMap<InputId, KnownEvent>,
    /// Settled since it was last written down.
    unwritten: Vec<KnownEvent>,
}

impl Reads {
    /// Keeps an event until it is taken or its time is over.
    pub(in crate::pipeline) fn hold(
        &mut self,
        input: InputId,
        read: Box<PlateRead>,
        deadline: Timestamp,
    ) {
        // one that came late waits here in the place of one that did not
        let kept = Remembered { late: false, ..Remembered::new(input, &read) };
        self.remember(&read.camera, kept);
        self.expiry.insert((deadline, input));
        self.held.insert(input, Held { read, deadline, superseded: Vec::new() });
    }

    /// Lets those wait in the inbox until the open event is settled whose place it took.
    pub(in crate::pipeline) fn keep_with(&mut self, input: InputId, superseded: Vec<InputId>) {
        if let Some(held) = self.held.get_mut(&input) {
            held.superseded = superseded;
        }
    }

    /// Knows an event again that goes straight into the record of that id.
    pub(in crate::pipeline) fn pass(&mut self, input: InputId, read: &PlateRead, record: &str) {
        self.remember(&read.camera, Remembered::new(input, read));
        self.settle(input, &read.camera, record);
    }

    /// Puts a fuller event in the place of an open one; gives back those whose place that one had.
    pub(in crate::pipeline) fn replace(
        &mut self,
        old: InputId,
        input: InputId,
        read: Box<PlateRead>,
    ) -> Vec<InputId> {
        let deadline = self.held.get(&old).map(|held| held.deadline);
        let superseded = self.discard(old);
        self.hold(input, read, deadline.unwrap_or_default());
        superseded
    }

    /// Forgets an open event for a better one of the same vehicle; gives back those whose place it had.
    pub(in crate::pipeline) fn discard(&mut self, input: InputId) -> Vec<InputId> {
        let Some(Held { read, superseded, .. }) = self.remove(input) else {
            return Vec::new();
        };
        if let Some(memory) = self.memory.get_mut(&read.camera) {
            memory.events.retain(|kept| kept.input != input);
        }
        superseded
    }

    /// Notes that a fuller repetition went out, so that the next equal one is a duplicate.
    pub(in crate::pipeline) fn note_repetition(&mut self, read: &PlateRead) {
        let memory = self.memory.get_mut(&read.camera).into_iter();
        let id = read.source_id.as_deref();
        for kept in memory
            .flat_map(|memory| &mut memory.events)
            .filter(|kept| kept.source_id.as_deref() == id)
        {
            kept.fullness = both(kept.fullness, fullness(read));
            if read.plate.state == PlateState::Read {
                kept.plate = read.plate.text.as_deref().map(Name::from);
            }
            let known = kept.known(&read.camera);
            // while its record is not sealed it comes again after a restart, and is no repetition
            match (self.taken.get_mut(&kept.input), known) {
                (Some(taken), Some(known)) => *taken = known,
                (_, known) => self.unwritten.extend(known),
            }
        }
    }

    /// Whether it is still open.
    pub(in crate::pipeline) fn is_open(&self, input: InputId) -> bool {
        self.held.contains_key(&input)
    }

    /// An open event.
    pub(in crate::pipeline) fn open_read(&self, input: InputId) -> Option<&PlateRead> {
        self.held.get(&input).map(|held| &*held.read)
    }

    /// Plate of an open event.
    pub(in crate::pipeline) fn plate(&self, input: InputId) -> Option<&str> {
        self.open_read(input)?.plate.text.as_deref()
    }

    /// Takes an event out for the record of that id, with those whose place it took.
    pub(in crate::pipeline) fn take(
        &mut self,
        input: InputId,
        record: &str,
    ) -> Option<(Box<PlateRead>, Vec<InputId>)> {
        let Held { read, superseded, .. } = self.remove(input)?;
        self.settle(input, &read.camera, record);
        Some((read, superseded))
    }

    /// The next event whose time is over.
    pub(in crate::pipeline) fn expired(&self, now: Timestamp) -> Option<InputId> {
        let (deadline, input) = self.expiry.first()?;
        (*deadline <= now).then_some(*input)
    }

    /// When the next event's time is over.
    pub(in crate::pipeline) fn wake_at(&self) -> Option<Timestamp> {
        self.expiry.first().map(|(deadline, _)| *deadline)
    }

    fn remember(&mut self, camera: &str, kept: Remembered) {
        if let Some(memory) = self.memory.get_mut(camera) {
            memory.events.push_back(kept);
        } else {
            let memory = Memory { events: VecDeque::from([kept]), settled: 0 };
            self.memory.insert(camera.to_owned(), memory);
        }
    }

    /// Notes which record a remembered event goes into.
    fn settle(&mut self, input: InputId, camera: &str, record: &str) {
        let Some(memory) = self.memory.get_mut(camera) else {
            return;
        };
        // looked for from the back, because events are settled soon after they came
        if let Some(kept) = memory.events.iter_mut().rev().find(|kept| kept.input == input) {
            kept.settled = Some((Referent::unsealed(record), memory.settled));
            memory.settled += 1;
            self.taken.extend(kept.known(camera).map(|known| (input, known)));
            memory.forget();
        }
    }

    fn remove(&mut self, input: InputId) -> Option<Held> {
        let held = self.held.remove(&input)?;
        self.expiry.remove(&(held.deadline, input));
        Some(held)
    }
}

/// The last bytes of an id, in which the ids of one camera differ; zero for shorter ones.
fn source_tail(id: Option<&str>) -> u64 {
    let tail = id.and_then(|id| id.as_bytes().last_chunk());
    tail.map_or(0, |tail| u64::from_le_bytes(*tail))
}

/// The event's own instant, for comparison with others of the same camera.
fn instant(read: &PlateRead) -> Timestamp {
    read.stamp.map_or(read.received_at, |stamp| stamp.at)
}
