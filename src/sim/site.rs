//! The invented site at work: a controller and cameras play the traffic against a daemon.
//!
//! In: the traffic. Out: frames on a port, requests to the camera door, and a truth that knows
//! which vehicle was played under which number and when its last sign was sent.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::camera::{Delivered, SimCamera, SimPicture, SimPlate, SimPlateEvent, scene, variation};
use super::controller::{SimController, SimControllerOptions, SimError, SimVehicle};
use super::plan::{ADDRESS, CAMERAS, PlannedCamera, window_ms};
use super::traffic::{Crossing, Sight, View};
use super::truth::{Truth, Weighing, weighings};
use super::weighed;
use crate::clock::{Clock, Timestamp};
use crate::pipeline::passage::PassageSource;
use crate::pipeline::plate::CameraRole;
use crate::units::Micros;

/// How much later a camera sends what it could not send at first, of the scaled clock; beyond
/// every window.
const RETRANSMITTED_AFTER: Micros = Micros::from_secs(10);

/// Where the controller is to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SimPort {
    /// A pty behind this symbolic link.
    Pty(PathBuf),
    /// A TCP listener.
    Tcp(SocketAddr),
}

/// The event of one camera role about one crossing.
type Event = (usize, CameraRole);

/// A running site.
#[derive(Debug)]
pub struct SimSite {
    /// The controller, so that its cable can be pulled.
    pub controller: SimController,
    /// What is true.
    pub truth: Truth,
    clock: Clock,
    numbers: BTreeMap<Weighing, u32>,
    written: BTreeMap<Event, Instant>,
    deliveries: mpsc::UnboundedReceiver<(Event, Delivered)>,
    report: mpsc::UnboundedSender<(Event, Delivered)>,
    stop: CancellationToken,
}

impl SimSite {
    /// Starts the controller and puts all vehicles on the road; the cameras wait for
    /// [`SimSite::connect_cameras`].
    ///
    /// # Errors
    /// [`SimError`] when the port cannot be made.
    pub fn start(
        traffic: Vec<Crossing>,
        clock: Clock,
        port: SimPort,
        options: SimControllerOptions,
    ) -> Result<Self, SimError> {
        let boot_id = options.boot_id;
        let mut controller = match port {
            SimPort::Pty(link) => SimController::spawn_pty(options, clock, link)?,
            SimPort::Tcp(address) => SimController::serve_tcp(options, clock, address)?,
        };
        let mut numbers = BTreeMap::new();
        let mut truth = Truth::of(traffic.clone());
        for (weighing, vehicle) in in_order(&traffic) {
            let vehicle = controller.play(vehicle);
            numbers.insert(weighing, vehicle);
            let source = PassageSource { controller: ADDRESS, boot_id, vehicle };
            truth.played(source, weighing);
        }
        let (report, deliveries) = mpsc::unbounded_channel();
        let written = BTreeMap::new();
        let stop = CancellationToken::new();
        Ok(Self { controller, truth, clock, numbers, written, deliveries, report, stop })
    }

    /// Lets every camera send its events to the door at `address`, each when its time has come.
    pub fn connect_cameras(&self, address: SocketAddr) {
        let scenes = Arc::new(Scenes::draw());
        for camera in &CAMERAS {
            let (events, subjects) = camera_events(camera, self.truth.crossings());
            let scenes = Arc::clone(&scenes);
            // drawn when they are sent: those of a month fill no memory
            let events = events.into_iter().map(move |(event, axles)| {
                let pictures = scenes.pictures(axles, event.uuid.as_deref().unwrap_or_default());
                SimPlateEvent { pictures, ..event }
            });
            let (sender, mut delivered) = mpsc::unbounded_channel();
            let path = format!("/camera/{}/anpr", camera.token);
            let played =
                SimCamera::new(address, &path).play(events, self.clock, sender, self.stop.clone());
            let report = self.report.clone();
            tokio::spawn(async move {
                let forward = async {
                    while let Some(delivery) = delivered.recv().await {
                        // The receiver goes away together with the site.
                        let _ = report.send((subjects[delivery.number], delivery));
                    }
                };
                // A camera that is stopped early has nothing more to report.
                let (_, ()) = tokio::join!(played, forward);
            });
        }
    }

    /// Waits until the next vehicle has its first axle on the scale and not its last.
    pub async fn until_mid_vehicle(&self) {
        let now = self.clock.now();
        let crossings = self.truth.crossings().iter();
        let next = crossings.filter(|crossing| crossing.began_at > now).min_by_key(|c| c.began_at);
        if let Some(crossing) = next {
            let half = Micros((crossing.ended_at() - crossing.began_at).0 / 2);
            let middle = crossing.began_at + half;
            tokio::time::sleep(self.clock.real(middle - now)).await;
        }
    }

    /// Ids of all events that the cameras will have sent in the end.
    pub fn issued_events(&self) -> BTreeSet<String> {
        let sent = |crossing: &Crossing| {
            let views = crossing.views.iter().filter(|view| view.sight != Sight::Missed);
            views.map(|view| event_id(crossing.number, view.role)).collect::<Vec<_>>()
        };
        self.truth.crossings().iter().flat_map(sent).collect()
    }

    /// Waits until the camera door has taken every event; their number.
    pub async fn until_delivered(&mut self) -> usize {
        let expected = self.issued_events().len();
        while self.written.len() < expected {
            let Some((event, delivery)) = self.deliveries.recv().await else {
                break;
            };
            self.written.insert(event, delivery.written_at);
        }
        self.written.len()
    }

    /// Ids of the events that the camera door has acknowledged so far.
    pub fn acknowledged_events(&mut self) -> BTreeSet<String> {
        while let Ok((event, delivery)) = self.deliveries.try_recv() {
            self.written.insert(event, delivery.written_at);
        }
        self.written.keys().map(|&(number, role)| event_id(number, role)).collect()
    }

    /// How long the traffic still goes on, in real time: until the last vehicle has left and the
    /// last event has been sent.
    pub fn real_duration(&self) -> Duration {
        let now = self.clock.now();
        let crossings = self.truth.crossings().iter();
        let last = crossings.map(|crossing| crossing.ended_at() + RETRANSMITTED_AFTER).max();
        let window = self.clock.real(Micros::from_millis(window_ms(self.clock.speed_up()).into()));
        last.map_or(Duration::ZERO, |last| self.clock.real(last - now)) + window
    }

    /// Ends the cameras.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// From the moment in which the daemon could have known all about the weighing until
    /// `arrived`, in real time: the last byte of its vehicle-end frame, or the last camera event
    /// that belongs to it, or, when an event does not come in time, the end of its window.
    pub fn latency(&mut self, weighing: Weighing, arrived: Instant) -> Option<Duration> {
        while let Ok((event, delivery)) = self.deliveries.try_recv() {
            self.written.insert(event, delivery.written_at);
        }
        let number = self.numbers.get(&weighing)?;
        let ended = self.controller.journal().borrow().vehicles.get(number)?.end_written?;
        let crossing = self.truth.crossings().get(weighing.crossing)?;
        let mut due = ended;
        for view in &crossing.views {
            let live = matches!(view.sight, Sight::Read | Sight::NoPlate);
            if live && weighing.lane == crossing.lane {
                due = due.max(*self.written.get(&(crossing.number, view.role))?);
            } else {
                due = due.max(self.window_end(ended, view));
            }
        }
        Some(arrived.saturating_duration_since(due))
    }

    fn window_end(&self, ended: Instant, view: &View) -> Instant {
        let (now, instant) = (self.clock.now(), Instant::now());
        let ahead = self.clock.real(view.captured_at - now);
        let ago = self.clock.real(now - view.captured_at);
        let expected = instant.checked_sub(ago).unwrap_or(instant) + ahead;
        let window = Micros::from_millis(window_ms(self.clock.speed_up()).into());
        ended.max(expected) + self.clock.real(window)
    }
}

/// Vehicles in the order in which they reach the scale, as a controller numbers them.
fn in_order(traffic: &[Crossing]) -> Vec<(Weighing, SimVehicle)> {
    let mut vehicles: Vec<(Weighing, SimVehicle)> = traffic
        .iter()
        .flat_map(|crossing| {
            weighings(crossing)
                .into_iter()
                .map(move |weighing| (weighing, weighed::vehicle(crossing, weighing.lane)))
        })
        .collect();
    vehicles.sort_by_key(|(weighing, vehicle)| (vehicle.began_at, weighing.lane));
    vehicles
}

/// One drawn scene for each number of axles.
struct Scenes(Vec<bytes::Bytes>);

impl Scenes {
    fn draw() -> Self {
        Self((0..=7).map(scene).collect())
    }

    /// Of a vehicle with so many axles; `event` makes them different from all others.
    fn pictures(&self, axles: usize, event: &str) -> Vec<SimPicture> {
        let scene = &self.0[axles.min(self.0.len() - 1)];
        let picture = |name: &str| SimPicture {
            name: format!("{name}.jpg"),
            jpeg: variation(scene, &format!("{name}, {event}")),
        };
        vec![picture("detectionPicture"), picture("licensePlatePicture")]
    }
}

/// A camera's events in the order in which it sends them, each with the axles of its vehicle, and
/// what each is about.
fn camera_events(
    camera: &PlannedCamera,
    crossings: &[Crossing],
) -> (Vec<(SimPlateEvent, usize)>, Vec<Event>) {
    let mut events: Vec<((SimPlateEvent, usize), Event)> = crossings
        .iter()
        .filter(|crossing| camera.lanes.contains(&crossing.lane))
        .flat_map(|crossing| crossing.views.iter().map(move |view| (crossing, view)))
        .filter(|(_, view)| view.role == camera.role && view.sight != Sight::Missed)
        .map(|(crossing, view)| {
            let axles = crossing.truck.axles.len();
            ((event(crossing, view), axles), (crossing.number, view.role))
        })
        .collect();
    events.sort_by_key(|((event, _), _)| event.send_at);
    events.into_iter().unzip()
}

fn event_id(number: usize, role: CameraRole) -> String {
    let end = if role == CameraRole::Rear { "rear" } else { "front" };
    format!("{number:08}-{end}")
}

fn event(crossing: &Crossing, view: &View) -> SimPlateEvent {
    let truck = &crossing.truck;
    let rear = view.role == CameraRole::Rear;
    let text = if rear { &truck.rear_plate } else { &truck.plate };
    let late = view.sight == Sight::Retransmitted;
    let captured_at: Timestamp = view.captured_at;
    let wait = if late { RETRANSMITTED_AFTER } else { view.delay };
    SimPlateEvent {
        at: captured_at,
        send_at: captured_at + wait,
        plate: match view.sight {
            Sight::NoPlate => SimPlate::Absent,
            Sight::Read | Sight::Missed | Sight::Retransmitted => SimPlate::Read(text.clone()),
        },
        colour: truck.colour,
        line: crossing.lane.0,
        forward: crossing.incident != super::traffic::Incident::WrongWay,
        confidence: 97,
        uuid: Some(event_id(crossing.number, view.role)),
        retransmission: late,
        more_follows: false,
        speed: Some(truck.speed),
        ..SimPlateEvent::read(text, captured_at)
    }
}
