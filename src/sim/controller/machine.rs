//! The task of a simulated controller.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use firmware_protocol::device::Session;
use firmware_protocol::{Decoder, Event, Frame, MAX_ENCODED, Message};
use tokio::sync::{mpsc, oneshot, watch};

use super::faults::FaultyLine;
use super::habits::{good_status, started};
use super::journal::Journal;
use super::script::{Cue, SimVehicle};
use super::socket::Socket;
use super::{SimControllerOptions, SimError};
use crate::clock::{Clock, Timestamp};
use crate::units::Micros;

/// Unacknowledged events that it keeps: some 250 vehicles.
const EVENTS: usize = 2_048;

/// How long it has been running when it is started, so that no vehicle is older than it.
const UPTIME: Micros = Micros::from_secs(3_600);

/// PROTOCOL.md: a status at least this often.
const STATUS_PERIOD: Micros = Micros::from_secs(60);

pub(super) type Done = oneshot::Sender<Result<(), SimError>>;

/// An order to the controller.
#[derive(Debug)]
pub(super) enum Command {
    Play(u32, Box<SimVehicle>),
    Record(Box<Event>),
    Unplug(Done),
    Replug(Done),
    Restart(Done),
    Babble(Vec<u8>, Done),
}

enum Woken {
    Order(Option<Command>),
    Bytes(usize),
    Timer,
}

pub(super) struct Machine {
    options: SimControllerOptions,
    clock: Clock,
    socket: Socket,
    session: Box<Session<EVENTS>>,
    booted_at: Timestamp,
    status_at: Timestamp,
    /// Events to come, by instant and a number that keeps the order of equal instants.
    script: BTreeMap<(Timestamp, u64), Event>,
    cues: u64,
    /// Vehicles that have not begun.
    waiting: BTreeMap<u32, Box<SimVehicle>>,
    /// Sequences of the vehicle ends that are not acknowledged.
    ends: BTreeMap<u32, u32>,
    decoder: Decoder,
    outward: FaultyLine,
    inward: FaultyLine,
    journal: watch::Sender<Journal>,
}

impl Machine {
    pub(super) fn new(
        options: SimControllerOptions,
        clock: Clock,
        socket: Socket,
        journal: watch::Sender<Journal>,
    ) -> Self {
        let now = clock.now();
        let mut machine = Self {
            session: new_session(&options),
            outward: FaultyLine::new(options.faults, options.seed),
            inward: FaultyLine::new(options.faults, !options.seed),
            options,
            clock,
            socket,
            booted_at: now + Micros(-UPTIME.0),
            status_at: now,
            script: BTreeMap::new(),
            cues: 0,
            waiting: BTreeMap::new(),
            ends: BTreeMap::new(),
            decoder: Decoder::new(),
            journal,
        };
        machine.record(started());
        machine
    }

    pub(super) async fn run(mut self, mut orders: mpsc::UnboundedReceiver<Command>) {
        let mut buffer = [0; 1_024];
        loop {
            self.play_due();
            self.transmit().await;
            let wait = self.wait();
            let woken = tokio::select! {
                order = orders.recv() => Woken::Order(order),
                length = self.socket.read(&mut buffer) => Woken::Bytes(length),
                () = tokio::time::sleep(wait) => Woken::Timer,
            };
            match woken {
                Woken::Order(None) => return,
                Woken::Order(Some(order)) => self.obey(order).await,
                Woken::Bytes(length) => self.hear(buffer.get(..length).unwrap_or(&[])),
                Woken::Timer => {}
            }
        }
    }

    async fn obey(&mut self, order: Command) {
        // An answer that nobody waits for any more is no loss.
        match order {
            Command::Play(number, vehicle) => self.add(number, vehicle),
            Command::Record(event) => self.record(*event),
            Command::Unplug(done) => {
                self.socket.unplug();
                let _ = done.send(Ok(()));
            }
            Command::Replug(done) => {
                let _ = done.send(self.socket.plug());
            }
            Command::Restart(done) => {
                self.restart();
                let _ = done.send(Ok(()));
            }
            Command::Babble(noise, done) => {
                self.socket.write(&noise).await;
                let _ = done.send(Ok(()));
            }
        }
    }

    fn add(&mut self, number: u32, vehicle: Box<SimVehicle>) {
        for Cue { at, event } in vehicle.cues(number, self.booted_at) {
            self.cues += 1;
            self.script.insert((at, self.cues), event);
        }
        self.waiting.insert(number, vehicle);
    }

    fn play_due(&mut self) {
        let now = self.clock.now();
        while let Some(entry) = self.script.first_entry()
            && entry.key().0 <= now
        {
            let event = entry.remove();
            if let Event::VehicleBegin(begin) = &event {
                self.waiting.remove(&begin.vehicle);
            }
            self.record(event);
        }
        if self.status_at <= now {
            self.status_at = now + STATUS_PERIOD;
            self.record(Event::ControllerStatus(good_status()));
        }
    }

    fn record(&mut self, mut event: Event) {
        let now_us = self.now_us();
        match &mut event {
            Event::ControllerStatus(status) => status.at_us = now_us,
            Event::AuditEvent(audit) => audit.at_us = now_us,
            Event::VehicleBegin(_) | Event::Axle(_) | Event::VehicleEnd(_) => {}
        }
        let overflowed = self.session.counts().overflowed;
        let recorded = self.session.record(event);
        let lost = u64::from(self.session.counts().overflowed - overflowed);
        if lost > 0 {
            // an end that is overwritten will never be acknowledged
            self.ends = self.ends.split_off(&self.session.oldest());
        }
        let boot_id = self.options.boot_id;
        let vehicle = match (&event, recorded) {
            (Event::VehicleEnd(end), Ok(sequence)) => {
                self.ends.insert(sequence, end.vehicle);
                Some(end.vehicle)
            }
            _ => None,
        };
        self.journal.send_modify(|journal| {
            journal.lost_events += lost + u64::from(recorded.is_err());
            if let Some(vehicle) = vehicle {
                journal.record(vehicle, boot_id);
            }
        });
    }

    fn hear(&mut self, bytes: &[u8]) {
        let frames: Vec<Frame> = self.decoder.push(bytes).collect();
        let now_us = self.now_us();
        for frame in frames {
            for passed in pass(&mut self.inward, &frame) {
                self.session.handle(now_us, &passed);
                self.journal.send_modify(|journal| journal.frames_heard += 1);
            }
        }
        let oldest = self.session.oldest();
        let open = self.ends.split_off(&oldest);
        let settled = std::mem::replace(&mut self.ends, open);
        if settled.is_empty() {
            return;
        }
        self.journal.send_modify(|journal| {
            for vehicle in settled.values() {
                journal.acknowledge(*vehicle);
            }
        });
    }

    async fn transmit(&mut self) {
        let mut buffer = [0; MAX_ENCODED];
        while let Some(length) = self.session.transmit(self.now_us(), &mut buffer) {
            let frame = buffer.get(..length).unwrap_or(&[]);
            for bytes in self.outward.pass(frame.to_vec()) {
                if self.socket.write(&bytes).await {
                    self.note_written(&bytes, Instant::now());
                }
            }
        }
    }

    fn note_written(&mut self, bytes: &[u8], at: Instant) {
        for frame in Decoder::new().push(bytes) {
            if let Message::Event(_, Event::VehicleEnd(end)) = frame.message {
                self.journal.send_modify(|journal| {
                    let played = journal.vehicles.entry(end.vehicle).or_default();
                    played.end_written.get_or_insert(at);
                });
            }
        }
    }

    fn restart(&mut self) {
        let unacknowledged = self.session.newest() + 1 - self.session.oldest();
        self.options.boot_id = self.options.boot_id.wrapping_add(1);
        self.session = new_session(&self.options);
        self.booted_at = self.clock.now();
        self.ends.clear();
        let cues = self.script.len();
        self.script.clear();
        for (number, vehicle) in std::mem::take(&mut self.waiting) {
            self.add(number, vehicle);
        }
        // What was on the scale at the power cut is lost with it.
        let begun = u64::try_from(cues - self.script.len()).unwrap_or(u64::MAX);
        self.journal
            .send_modify(|journal| journal.lost_events += u64::from(unacknowledged) + begun);
        self.status_at = self.booted_at;
        self.record(started());
    }

    /// Until the next event of the script or of the session; the session's clock is scaled too.
    fn wait(&self) -> Duration {
        let session = self
            .session
            .wake_at()
            .and_then(|at_us| i64::try_from(at_us).ok())
            .map(|at_us| self.booted_at + Micros(at_us));
        let next = [session, self.script.keys().next().map(|(at, _)| *at), Some(self.status_at)];
        let next = next.into_iter().flatten().min();
        next.map_or(Duration::ZERO, |at| self.clock.real(at.since(self.clock.now())))
    }

    fn now_us(&self) -> u64 {
        u64::try_from(self.clock.now().since(self.booted_at).0).unwrap_or(0)
    }
}

fn new_session(options: &SimControllerOptions) -> Box<Session<EVENTS>> {
    let mut identity = options.identity;
    identity.boot_id = options.boot_id;
    Box::new(Session::new(options.address, identity))
}

/// Puts a frame through a faulty line and decodes what comes out.
fn pass(line: &mut FaultyLine, frame: &Frame) -> Vec<Frame> {
    let mut buffer = [0; MAX_ENCODED];
    let Ok(length) = firmware_protocol::encode(frame, &mut buffer) else {
        return Vec::new();
    };
    let bytes = buffer.get(..length).unwrap_or(&[]).to_vec();
    let mut decoder = Decoder::new();
    line.pass(bytes).iter().flat_map(|bytes| decoder.push(bytes).collect::<Vec<Frame>>()).collect()
}
