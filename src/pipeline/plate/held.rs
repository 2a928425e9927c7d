//! Camera events that wait for their passage, and the memory that knows repeats.
//!
//! In: every live event. Out: whether it is new, the same again or a fuller one; later the event
//! itself, for the record that takes it. Bounded by time and by number.

mod known;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::confusion::same_or_confused;
use super::{PlateRead, PlateState};
use crate::clock::Timestamp;
use crate::pipeline::InputId;
use crate::pipeline::name::Name;
use crate::pipeline::referent::Referent;
use crate::units::Micros;
use known::Memory;

pub(in crate::pipeline) use known::KnownEvent;

/// The same plate at the same camera within this span is the same vehicle (cameras.md 2.7).
const SAME_VEHICLE: Micros = Micros::from_secs(2);

/// Settled events remembered per camera: a minute of the busiest lane group and a burst of repeats.
/// Open ones are remembered beside them, however many wait in the inbox: after a restart they are
/// fed again, and the last settled one may be the one whose answer the camera did not get.
const REMEMBERED: usize = 64;

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
}

#[derive(Clone, Debug)]
struct Held {
    read: Box<PlateRead>,
    deadline: Timestamp,
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

/// How much an event tells: compared from left to right.
type Fullness = (bool, u8, usize);

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
    /// Compares an event with those of its camera; changes nothing.
    pub(in crate::pipeline) fn admit(&self, read: &PlateRead) -> Admission {
        let Some(memory) = self.memory.get(&read.camera) else {
            return Admission::New;
        };
        let at = instant(read);
        let near = Timestamp(at.0.saturating_sub(SAME_VEHICLE.0))
            ..=Timestamp(at.0.saturating_add(SAME_VEHICLE.0));
        let same_vehicle = |kept: &&Remembered| {
            !kept.late
                && near.contains(&kept.at)
                && same_or_confused(kept.plate.as_deref(), read.plate.text.as_deref())
        };
        if let Some(kept) = same_source(memory, read) {
            return match &kept.settled {
                _ if fullness(read) <= kept.fullness => Admission::Duplicate,
                Some((record, _)) => Admission::Repeats(kept.input, record.clone()),
                None if self.held.contains_key(&kept.input) => Admission::Fuller(kept.input),
                None => Admission::New,
            };
        }
        match memory.events.iter().find(same_vehicle) {
            Some(kept) if self.held.contains_key(&kept.input) && at < kept.at => {
                Admission::Better(kept.input)
            }
            Some(_) => Admission::Duplicate,
            None => Admission::New,
        }
    }

    /// Whether this event of the camera is remembered, by its id or, when the camera gives none, by
    /// its plate and its instant.
    pub(in crate::pipeline) fn knows(&self, read: &PlateRead) -> bool {
        let at = instant(read);
        let same = |kept: &Remembered| {
            kept.source_id.is_none()
                && kept.at == at
                && kept.plate.as_deref() == read.plate.text.as_deref()
        };
        self.memory.get(&read.camera).is_some_and(|memory| match &read.source_id {
            Some(_) => same_source(memory, read).is_some(),
            None => memory.events.iter().any(same),
        })
    }

    /// Keeps an event until it is taken or its time is over.
    pub(in crate::pipeline) fn hold(
        &mut self,
        input: InputId,
        read: Box<PlateRead>,
        deadline: Timestamp,
    ) {
        self.remember(input, &read);
        self.expiry.insert((deadline, input));
        self.held.insert(input, Held { read, deadline });
    }

    /// Knows an event again that goes straight into the record of that id.
    pub(in crate::pipeline) fn pass(&mut self, input: InputId, read: &PlateRead, record: &str) {
        self.remember(input, read);
        self.settle(input, &read.camera, record);
    }

    /// Puts a fuller event in the place of an open one; gives the old one back.
    pub(in crate::pipeline) fn replace(
        &mut self,
        old: InputId,
        input: InputId,
        read: Box<PlateRead>,
    ) {
        let Some(Held { deadline, .. }) = self.remove(old) else {
            return;
        };
        if let Some(memory) = self.memory.get_mut(&read.camera) {
            memory.events.retain(|kept| kept.input != old);
        }
        self.hold(input, read, deadline);
    }

    /// Forgets an open event for a better one of the same vehicle.
    pub(in crate::pipeline) fn discard(&mut self, input: InputId) {
        let Some(Held { read, .. }) = self.remove(input) else {
            return;
        };
        if let Some(memory) = self.memory.get_mut(&read.camera) {
            memory.events.retain(|kept| kept.input != input);
        }
    }

    /// Notes that a fuller repetition went out, so that the next equal one is a duplicate.
    pub(in crate::pipeline) fn note_repetition(&mut self, read: &PlateRead) {
        let memory = self.memory.get_mut(&read.camera).into_iter();
        let id = read.source_id.as_deref();
        for kept in memory
            .flat_map(|memory| &mut memory.events)
            .filter(|kept| kept.source_id.as_deref() == id)
        {
            kept.fullness = fullness(read);
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

    /// Takes an event out for the record of that id.
    pub(in crate::pipeline) fn take(
        &mut self,
        input: InputId,
        record: &str,
    ) -> Option<Box<PlateRead>> {
        let read = self.remove(input)?.read;
        self.settle(input, &read.camera, record);
        Some(read)
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

    fn remember(&mut self, input: InputId, read: &PlateRead) {
        let kept = Remembered::new(input, read);
        if let Some(memory) = self.memory.get_mut(&read.camera) {
            memory.events.push_back(kept);
        } else {
            let memory = Memory { events: VecDeque::from([kept]), settled: 0 };
            self.memory.insert(read.camera.clone(), memory);
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

/// The remembered event with the id that the camera gave to this one, if it gave any.
fn same_source<'a>(memory: &'a Memory, read: &PlateRead) -> Option<&'a Remembered> {
    let id = read.source_id.as_deref()?;
    let tail = source_tail(Some(id));
    let mut events = memory.events.iter();
    events.find(|kept| kept.source_tail == tail && kept.source_id.as_deref() == Some(id))
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

fn fullness(read: &PlateRead) -> Fullness {
    let state = match read.plate.state {
        PlateState::Read => 2,
        PlateState::Partial => 1,
        PlateState::Absent | PlateState::Unread | PlateState::Covered => 0,
    };
    (!read.more_follows, state, read.pictures.len())
}
