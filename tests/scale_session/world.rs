//! A line, its controllers and a store in virtual time.

#[path = "device.rs"]
mod device;
#[path = "findings.rs"]
mod findings;
#[path = "spoilt.rs"]
mod spoilt;

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use firmware_protocol::{Frame, Hello, MAX_ENCODED, Message, Mode, encode};
use wimd::clock::Timestamp;
use wimd::config::{LinkMode, ScaleConfig};
use wimd::io::intake::{CursorUpdate, LinkCursor};
use wimd::io::scale::line::{Action, Line};
use wimd::io::scale::moment::Moment;
use wimd::io::scale::status::ControllerReport;
use wimd::pipeline::Arrival;
use wimd::sim::controller::{Faults, FaultyLine};

pub(crate) use device::EVENTS_KEPT;
use device::{Device, audit, device, drifted};
use spoilt::spoilt;

const EPOCH: i64 = 1_795_000_000_000_000;
/// A frame's way over the line.
const WIRE_US: u64 = 1_000;
/// The time the store takes.
const STORE_US: u64 = 3_000;
/// Long after the last vehicle even a bad line must have settled.
const PATIENCE_US: u64 = 3_600_000_000;

/// What happens next.
enum Happening {
    HostHears(Vec<u8>),
    DevicesHear(Vec<u8>),
    Stored(usize, Vec<Arrival>, Box<CursorUpdate>),
    HostDies,
    HostIsGone,
}

pub(crate) struct World {
    config: ScaleConfig,
    line: Line,
    host_is_gone: bool,
    devices: Vec<Device>,
    now_us: u64,
    happenings: BTreeMap<(u64, u64), Happening>,
    numbered: u64,
    to_host: FaultyLine,
    to_devices: FaultyLine,
    cursors: HashMap<String, LinkCursor>,
    arrivals: Vec<Arrival>,
    spoilt: Vec<u32>,
}

impl World {
    pub(crate) fn new(mode: LinkMode, addresses: &[u8], faults: Faults, seed: u64) -> Self {
        let mut config = ScaleConfig::new("scale-1", "/dev/virtual");
        config.mode = mode;
        config.addresses = addresses.to_vec();
        let cursors = HashMap::new();
        Self {
            line: Line::new(&config, 1, &cursors),
            host_is_gone: false,
            devices: addresses.iter().map(|address| device(*address)).collect(),
            config,
            now_us: 0,
            happenings: BTreeMap::new(),
            numbered: 0,
            to_host: FaultyLine::new(faults, seed),
            to_devices: FaultyLine::new(faults, !seed),
            cursors,
            arrivals: Vec::new(),
            spoilt: Vec::new(),
        }
    }

    /// Every controller starts anew and draws the boot id that it had.
    pub(crate) fn restart_controllers(&mut self) {
        self.devices.iter_mut().for_each(Device::restart);
    }

    /// Controllers send these events in good frames that lack a part.
    pub(crate) fn spoil(&mut self, sequences: &[u32]) {
        self.spoilt = sequences.to_vec();
    }

    /// Lets `vehicles` cross each scale, one a second and two at a time, an audit event between.
    pub(crate) fn drive(&mut self, vehicles: u32) {
        for device in self.devices.iter_mut().filter(|device| !device.silent) {
            device.plan(vehicles);
        }
    }

    pub(crate) fn audit_all_at_once(&mut self, at_ms: u64, count: i32) {
        self.devices[0].plan_audits(at_ms * 1_000, count);
    }

    pub(crate) fn let_a_sensor_drift(&mut self, at_ms: u64) {
        let at_us = at_ms * 1_000;
        self.devices[0].plan_beside(vec![(at_us, drifted(at_us))]);
    }

    /// The first controller's scale is calibrated.
    pub(crate) fn calibrate(&mut self, at_ms: u64) {
        self.devices[0].plan_calibration(at_ms * 1_000);
    }

    /// The host dies and nobody starts it for so long.
    pub(crate) fn kill_host_for(&mut self, at_ms: u64, until_ms: u64) {
        self.later(at_ms * 1_000, Happening::HostIsGone);
        self.later(until_ms * 1_000, Happening::HostDies);
    }

    /// A greeting of long ago reaches the controller.
    pub(crate) fn greet_late(&mut self, at_ms: u64) {
        let (min_version, max_version) =
            (firmware_protocol::MIN_VERSION, firmware_protocol::VERSION);
        let hello = Hello { min_version, max_version, mode: Mode::Push, window: 8, resend_ms: 200 };
        let address = self.devices[0].address;
        let frame = Frame { address, exchange: 200, message: Message::Hello(hello) };
        let mut bytes = [0; MAX_ENCODED];
        let length = encode(&frame, &mut bytes).expect("encodable");
        self.later(at_ms * 1_000, Happening::DevicesHear(bytes[..length].to_vec()));
    }

    pub(crate) fn silence(&mut self, address: u8) {
        for device in &mut self.devices {
            device.silent |= device.address == address;
        }
    }

    /// Lets the first controller record `events` before anyone asks it.
    pub(crate) fn forget_before_the_first_greeting(&mut self, events: u32) {
        let device = &mut self.devices[0];
        for _ in 0..events {
            device.session.record(audit(0)).expect("recordable");
        }
    }

    pub(crate) fn kill_host_at(&mut self, deaths_ms: &[u64]) {
        for ms in deaths_ms {
            self.later(ms * 1_000, Happening::HostDies);
        }
    }

    /// Runs until every controller has had everything acknowledged.
    pub(crate) fn run(&mut self) {
        self.line.opened(self.moment());
        self.go_on();
    }

    /// Runs on until then.
    pub(crate) fn go_on(&mut self) {
        self.perform();
        while !self.is_settled() {
            assert!(self.now_us < PATIENCE_US, "never settles: {:#?}", self.reports());
            self.step();
        }
    }

    pub(crate) fn reports(&self) -> Vec<ControllerReport> {
        self.line.reports()
    }

    fn step(&mut self) {
        let host = match self.host_is_gone {
            true => u64::MAX,
            false => u64::try_from(self.line.wake_at().as_micros()).unwrap_or(u64::MAX),
        };
        let happening = self.happenings.keys().next().map(|(at, _)| *at);
        let devices = self.devices.iter().filter_map(Device::wake_at).min();
        let next = [Some(host), happening, devices];
        let next = next.into_iter().flatten().min().unwrap_or(u64::MAX);
        self.now_us = self.now_us.max(next);
        while let Some(entry) = self.happenings.first_entry()
            && entry.key().0 <= self.now_us
        {
            let happening = entry.remove();
            self.happen(happening);
        }
        for device in &mut self.devices {
            device.record_due(self.now_us);
        }
        self.devices_transmit();
        if !self.host_is_gone {
            self.line.tick(self.moment());
        }
        self.perform();
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::HostHears(_) if self.host_is_gone => {}
            Happening::HostHears(bytes) => {
                self.line.received(self.moment(), &bytes);
            }
            Happening::DevicesHear(bytes) => {
                for device in self.devices.iter_mut().filter(|device| !device.silent) {
                    for frame in device.decoder.push(&bytes) {
                        device.session.handle(self.now_us, &frame);
                    }
                }
            }
            Happening::Stored(controller, arrivals, update) => {
                self.arrivals.extend(arrivals);
                self.cursors.insert(update.controller, update.cursor);
                self.line.accepted(self.moment(), controller);
            }
            Happening::HostDies => self.resurrect_host(),
            Happening::HostIsGone => {
                self.forget_what_was_on_its_way();
                self.host_is_gone = true;
            }
        }
        self.devices_transmit();
        self.perform();
    }

    /// What was on its way to the store dies with the host; what was stored stays.
    fn forget_what_was_on_its_way(&mut self) {
        self.happenings.retain(|_, happening| !matches!(happening, Happening::Stored(..)));
    }

    pub(crate) fn resurrect_host(&mut self) {
        self.forget_what_was_on_its_way();
        self.host_is_gone = false;
        self.line = Line::new(&self.config, 1, &self.cursors);
        self.line.opened(self.moment());
    }

    fn devices_transmit(&mut self) {
        let mut buffer = [0; MAX_ENCODED];
        let mut sent = Vec::new();
        for device in self.devices.iter_mut().filter(|device| !device.silent) {
            while let Some(length) = device.session.transmit(self.now_us, &mut buffer) {
                sent.push(buffer[..length].to_vec());
            }
        }
        for frame in sent {
            let frame = spoilt(frame, &self.spoilt);
            for bytes in self.to_host.pass(frame) {
                self.later(self.now_us + WIRE_US, Happening::HostHears(bytes));
            }
        }
    }

    fn perform(&mut self) {
        while let Some(action) = self.line.next_action() {
            match action {
                Action::Send(frame) => {
                    for bytes in self.to_devices.pass(frame) {
                        self.later(self.now_us + WIRE_US, Happening::DevicesHear(bytes));
                    }
                }
                Action::Store { controller, offer } => {
                    let update = Box::new(offer.cursor);
                    let stored = Happening::Stored(controller, offer.arrivals, update);
                    self.later(self.now_us + STORE_US, stored);
                }
            }
        }
    }

    fn is_settled(&self) -> bool {
        self.devices.iter().filter(|device| !device.silent).all(|device| {
            device.script.is_empty() && device.session.oldest() > device.session.newest()
        })
    }

    fn later(&mut self, at_us: u64, happening: Happening) {
        self.numbered += 1;
        self.happenings.insert((at_us, self.numbered), happening);
    }

    fn moment(&self) -> Moment {
        let micros = i64::try_from(self.now_us).expect("short runs");
        Moment { real: Duration::from_micros(self.now_us), steady: Timestamp(EPOCH + micros) }
    }
}
