//! Builds the parts in the order of the data's way and starts them.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::inspection;
use super::journal::{self, Journal};
use super::parameters;
use super::pipeline_task::PipelineTask;
use super::reconciliation::Reconciler;
use super::resume::LeftBehind;
use super::snapshot::Sources;
use super::supervise::{Supervisor, Tasks};
use super::{Parts, Running, StartError};
use crate::clock::Clock;
use crate::config::{Config, ScaleConfig};
use crate::io::camera::CameraDoor;
use crate::io::intake::{self, Intake};
use crate::io::pictures::PictureFolder;
use crate::io::recorder::Recording;
use crate::io::scale::ScalePort;
use crate::io::status::{MetricsDoor, StatusSocket};
use crate::io::store::evidence::{Evidence, EvidenceRules};
use crate::io::store::{Origin, Recovery, Signer, Store, StoreOptions};
use crate::io::uplink::Uplink;
use crate::pipeline::Pipeline;

/// Offers that may wait for the pipeline before doors wait themselves.
const QUEUE: usize = 1_024;

/// How often room among the pictures is looked at; a tenth of their bytes comes in hours.
const MAKE_ROOM: Duration = Duration::from_secs(300);

/// After so many looks the age of the pictures is looked at, too: once a day.
const AGED: u32 = 288;

/// The hour of the day with the least traffic, from 03:00 on. Our choice: the trough of lorry
/// traffic between the evening's and the morning's; a site that knows better is no worse off than
/// with a minute's pause of its doors then.
pub(super) const QUIET_HOUR: u8 = 3;

/// How often is looked whether it is that hour.
pub(super) const QUIET_HOUR_LOOK: Duration = Duration::from_secs(600);

/// How often the service manager is told the state in a line. Our choice: whoever looks at a service
/// looks at it for longer, and each line wakes up the first process of the machine.
const TELL: Duration = Duration::from_secs(10);

/// Every part, built and not started.
struct Built {
    scales: Vec<(String, ScalePort)>,
    door: CameraDoor,
    task: PipelineTask,
    uplink: Uplink,
    socket: StatusSocket,
    metrics: Option<MetricsDoor>,
    sources: Sources,
    evidence: Evidence,
}

pub(super) async fn start(parts: Parts, stop: CancellationToken) -> Result<Running, StartError> {
    let path = parts.config.status.socket.clone();
    let built = build(parts).await?;
    let store = &built.sources.store;
    let boot = built.sources.clock.boot_time();
    if boot.is_none() {
        tracing::warn!("the kernel's start cannot be told here: each restart counts as lost time");
    }
    let left = LeftBehind { known: store.known()?, pending: store.pending()?, boot };
    let camera_address = built.door.local_addr();
    let metrics_address = built.metrics.as_ref().map(MetricsDoor::address);
    let sources = built.sources.clone();
    let supervisor = tokio::spawn(built.launch(left).run(stop.clone()));
    Ok(Running { camera_address, metrics_address, socket: path, sources, stop, supervisor })
}

async fn build(parts: Parts) -> Result<Built, StartError> {
    let Parts { config, clock, watchdog } = parts;
    let parameters = parameters::of_pipeline(&config)?;
    let (site, provenance) = (parameters.site.clone(), parameters.provenance.clone());
    let socket = StatusSocket::bind(&config.status)?;
    let metrics = match config.status.metrics {
        Some(address) => Some(MetricsDoor::bind(address).await?),
        None => None,
    };
    let origin = Origin { site: site.clone(), provenance: provenance.clone() };
    let (store, pictures) = open_store(&config, &origin, clock).await?;
    if let Some(path) = &config.store.next_key_file {
        store.change_key(Signer::load(path)?, &origin, clock.now()).await?;
    }

    let (intake, offers) = intake::channel(QUEUE);
    let recording = journal::recording(&config);
    let scales = scales(&config, clock, &intake, (&store, recording.as_ref()))?;
    let (section, cameras) = (&config.camera_door, config.camera.clone());
    let door = CameraDoor::bind(section, cameras, clock, intake, pictures.clone()).await?;
    let pipeline = Pipeline::new(parameters);
    let (task, pipeline) = PipelineTask::new(pipeline, store.clone(), clock, offers, watchdog);
    let task = task.with_journal(Journal::new(recording.as_ref()));
    let section = &config.store;
    let rules = EvidenceRules {
        // before the doors have to stop for want of room, pictures go by value
        min_free_bytes: section.min_free_bytes.saturating_mul(2),
        ..EvidenceRules::of(section.max_picture_bytes, section.max_picture_days)
    };
    let evidence = Evidence {
        store: store.clone(),
        pictures: pictures.clone(),
        origin: origin.clone(),
        clock,
        rules,
    };
    let uplink = Uplink::new(&config.uplink, origin, store.clone(), pictures.clone(), clock)?;

    let sources = Sources {
        started_at: clock.now(),
        clock,
        site,
        provenance,
        scales: scales.iter().map(|(_, scale)| scale.status()).collect(),
        camera_door: door.status(),
        pipeline,
        store,
        pictures,
        uplink: uplink.status(),
        status_socket: socket.watch(),
        recording,
    };
    let shown = sources.clone();
    let uplink = uplink.with_health(Arc::new(move || shown.value()));
    Ok(Built { scales, door, task, uplink, socket, metrics, sources, evidence })
}

impl Built {
    /// Starts a task for each part.
    fn launch(self, left: LeftBehind) -> Supervisor {
        let (mut doors, mut middle, mut outer) = (Tasks::new(), Tasks::new(), Tasks::new());
        let Evidence { store, origin, clock, .. } = self.evidence.clone();
        let (inspected, place) = (store.clone(), origin.clone());
        let reconciler = Reconciler::new(store, origin, clock, &left.known);
        for (name, scale) in self.scales {
            doors.spawn(format!("scale {name}"), |stop| scale.run(stop));
        }
        doors.spawn("camera door", |stop| self.door.run(stop));
        middle.spawn("pipeline", |stop| self.task.run(left, stop));
        outer.spawn("uplink", |stop| self.uplink.run(stop));
        let shown = self.sources.clone();
        let socket = self.socket;
        outer.spawn("control socket", |stop| {
            socket.run(Arc::new(move |request| shown.answer(request)), stop)
        });
        if let Some(door) = self.metrics {
            let shown = self.sources.clone();
            outer.spawn("metrics", |stop| door.run(Arc::new(move || shown.metrics()), stop));
        }
        let shown = self.sources.clone();
        outer.spawn("state line", |stop| tell_manager(shown, stop));
        outer.spawn("inspection", |stop| inspection::inspect(inspected, place, clock, stop));
        outer.spawn("reconciliation", |stop| reconciler.run(stop));
        outer.spawn("evidence", |stop| make_room(self.evidence, stop));
        let (store, clock) = (self.sources.store.clone(), self.sources.clock);
        outer.spawn("compaction", |stop| compact(store, clock, stop));
        let Sources { store, uplink, clock, .. } = self.sources;
        Supervisor { doors, middle, outer, store, uplink, clock }
    }
}

async fn open_store(
    config: &Config,
    origin: &Origin,
    clock: Clock,
) -> Result<(Store, PictureFolder), StartError> {
    let signer = Signer::load(&config.store.key_file)?;
    let options = StoreOptions { origin: origin.clone(), ..parameters::of_store(config) };
    let limit = config.store.max_picture_bytes;
    let opened = tokio::task::spawn_blocking(move || {
        let (store, recovery) = Store::open(&options, signer, clock)?;
        tell(&recovery);
        let (dir, newest) = (options.dir.join(parameters::PICTURES), options.newest_picture);
        let pictures = PictureFolder::open_telling(&dir, limit, newest)?;
        Ok::<_, StartError>((store, pictures, recovery))
    });
    // The closure cannot be cancelled, and a panic in it ends the process.
    let (store, pictures, recovery) = opened.await.expect("opening the store was not cancelled")?;
    if let Some(alarm) = recovery.first_input(clock.now()) {
        // at a bound it stays untold until there is room and the next start
        let _refused = store.accept(vec![alarm], Vec::new()).await.err();
    }
    Ok((store, pictures))
}

fn tell(recovery: &Recovery) {
    tracing::info!(
        fresh = recovery.fresh,
        pending = recovery.pending,
        head = recovery.head.seq,
        "store opened"
    );
    if recovery.fresh {
        tracing::warn!("the store is new: nothing was there");
    }
    if let Some(aside) = &recovery.moved_aside {
        let to = aside.to.display();
        tracing::error!(%to, reason = aside.reason, "the store could not be used; moved aside");
    }
}

fn scales(
    config: &Config,
    clock: Clock,
    intake: &Intake,
    (store, recording): (&Store, Option<&Recording>),
) -> Result<Vec<(String, ScalePort)>, StartError> {
    let cursors = store.cursors();
    let port = |section: &ScaleConfig| {
        let name = section.name.clone();
        let recorder = recording.map(|recording| recording.recorder(&journal::line_name(&name)));
        match ScalePort::new(section, clock, intake.clone(), &cursors, recorder) {
            Ok(port) => Ok((name, port)),
            Err(source) => Err(StartError::Scale { name, source }),
        }
    };
    config.scale.iter().map(port).collect()
}

/// Looks after the folder of pictures until `stop`.
async fn make_room(evidence: Evidence, stop: CancellationToken) {
    let mut every = tokio::time::interval(MAKE_ROOM);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut ticks = 0_u32;
    while stop.run_until_cancelled(every.tick()).await.is_some() {
        let aged = ticks.is_multiple_of(AGED);
        ticks = ticks.wrapping_add(1);
        let Some(swept) = stop.run_until_cancelled(evidence.sweep(aged)).await else {
            return;
        };
        match swept {
            Ok(evicted) if evicted.pictures > 0 => {
                tracing::info!(
                    pictures = evicted.pictures,
                    unclaimed = evicted.unclaimed,
                    bytes = evicted.bytes,
                    "pictures evicted"
                );
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "no room was made among the pictures"),
        }
    }
}

/// Gives the disk back what the database does not need any more, in the quiet hour, until `stop`.
async fn compact(store: Store, clock: Clock, stop: CancellationToken) {
    let mut every = tokio::time::interval(QUIET_HOUR_LOOK);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while stop.run_until_cancelled(every.tick()).await.is_some() {
        if clock.now().hour_in_china() != QUIET_HOUR {
            continue;
        }
        let compacted = match store.footprint() {
            Ok(footprint) if footprint.is_beyond() => {
                match stop.run_until_cancelled(store.compact()).await {
                    Some(compacted) => compacted.map(drop),
                    None => return,
                }
            }
            Ok(_) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = compacted {
            tracing::warn!(error = &error as &dyn std::error::Error, "database not compacted");
        }
    }
}

/// Tells the service manager the state in a line until `stop`.
async fn tell_manager(sources: Sources, stop: CancellationToken) {
    let mut every = tokio::time::interval(TELL);
    let mut told = String::new();
    while stop.run_until_cancelled(every.tick()).await.is_some() {
        let line = sources.line();
        if line != told {
            super::watchdog::status(&line);
            told = line;
        }
    }
}
