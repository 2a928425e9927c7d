//! Builds the parts in the order of the data's way and starts them.

use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::parameters;
use super::pipeline_task::PipelineTask;
use super::snapshot::Sources;
use super::supervise::{Supervisor, Tasks};
use super::{Parts, Running, StartError};
use crate::config::Config;
use crate::io::camera::CameraDoor;
use crate::io::intake::{self, Intake};
use crate::io::pictures::PictureFolder;
use crate::io::scale::ScalePort;
use crate::io::status::StatusSocket;
use crate::io::store::{Recovery, Signer, Store};
use crate::io::uplink::Uplink;
use crate::pipeline::Pipeline;

/// Offers that may wait for the pipeline before doors wait themselves.
const QUEUE: usize = 1_024;

/// Folder of the pictures inside the store's.
const PICTURES: &str = "evidence";

/// How often the health is gathered; the uplink publishes it at its own pace.
const GATHER: Duration = Duration::from_secs(1);

pub(super) async fn start(parts: Parts, stop: CancellationToken) -> Result<Running, StartError> {
    let Parts {
        config,
        clock,
        watchdog,
    } = parts;
    let parameters = parameters::of_pipeline(&config)?;
    let (site, provenance) = (parameters.site.clone(), parameters.provenance.clone());
    let socket = StatusSocket::bind(&config.status)?;
    let (store, pictures) = open_store(&config, clock).await?;
    let pending = store.pending()?;

    let (intake, offers) = intake::channel(QUEUE);
    let scales = scales(&config, clock, &intake, &store)?;
    let cameras = config.camera.clone();
    let door = CameraDoor::bind(
        &config.camera_door,
        cameras,
        clock,
        intake,
        pictures.clone(),
    );
    let door = door.await?;
    let camera_address = door.local_addr();
    let (health, published) = watch::channel(Value::Null);
    let code = config.site.id.clone();
    let uplink = Uplink::new(&config.uplink, code, store.clone(), pictures.clone(), clock)?
        .with_health(published);
    let pipeline = Pipeline::new(parameters);
    let (task, pipeline) = PipelineTask::new(pipeline, store.clone(), clock, offers, watchdog);

    let sources = Sources {
        started_at: clock.now(),
        clock,
        site,
        provenance,
        scales: scales.iter().map(ScalePort::status).collect(),
        camera_door: door.status(),
        pipeline,
        store: store.clone(),
        pictures,
        uplink: uplink.status(),
        status_socket: socket.watch(),
    };
    let mut doors = Tasks::new();
    for (scale, section) in scales.into_iter().zip(&config.scale) {
        let name = format!("scale {}", section.name);
        doors.spawn(name, |stop| scale.run(stop));
    }
    doors.spawn("camera door", |stop| door.run(stop));
    let mut middle = Tasks::new();
    middle.spawn("pipeline", |_| task.run(pending));
    let mut outer = Tasks::new();
    outer.spawn("uplink", |stop| uplink.run(stop));
    let shown = sources.clone();
    outer.spawn("control socket", |stop| {
        socket.run(move || shown.json(), stop)
    });
    let shown = sources.clone();
    outer.spawn("health", |stop| gather(shown, health, stop));

    let supervisor = Supervisor {
        doors,
        middle,
        outer,
        store,
        uplink: sources.uplink.clone(),
    };
    let supervisor = tokio::spawn(supervisor.run(stop.clone()));
    Ok(Running {
        camera_address,
        socket: config.status.socket,
        sources,
        stop,
        supervisor,
    })
}

async fn open_store(
    config: &Config,
    clock: crate::clock::Clock,
) -> Result<(Store, PictureFolder), StartError> {
    let signer = Signer::load(&config.store.key_file)?;
    let options = parameters::of_store(config);
    let limit = config.store.max_picture_bytes;
    let opened = tokio::task::spawn_blocking(move || {
        let (store, recovery) = Store::open(&options, signer, clock)?;
        tell(&recovery);
        let pictures = PictureFolder::open(&options.dir.join(PICTURES), limit)?;
        Ok((store, pictures))
    });
    // The closure cannot be cancelled, and a panic in it ends the process.
    opened.await.expect("opening the store was not cancelled")
}

fn tell(recovery: &Recovery) {
    tracing::info!(
        fresh = recovery.fresh,
        pending = recovery.pending,
        head = recovery.head.seq,
        "store opened"
    );
    if let Some(aside) = &recovery.moved_aside {
        let to = aside.to.display();
        tracing::error!(%to, reason = aside.reason, "the store could not be used; moved aside");
    }
}

fn scales(
    config: &Config,
    clock: crate::clock::Clock,
    intake: &Intake,
    store: &Store,
) -> Result<Vec<ScalePort>, StartError> {
    let cursors = store.cursors();
    let port = |section: &crate::config::ScaleConfig| {
        ScalePort::new(section, clock, intake.clone(), &cursors).map_err(|source| {
            StartError::Scale {
                name: section.name.clone(),
                source,
            }
        })
    };
    config.scale.iter().map(port).collect()
}

/// Keeps the health fresh until `stop`, for the uplink and for the service manager.
async fn gather(sources: Sources, health: watch::Sender<Value>, stop: CancellationToken) {
    let mut every = tokio::time::interval(GATHER);
    let mut told = String::new();
    while stop.run_until_cancelled(every.tick()).await.is_some() {
        let snapshot = serde_json::to_value(sources.snapshot()).unwrap_or_default();
        health.send_replace(snapshot);
        let line = sources.line();
        if line != told {
            super::watchdog::status(&line);
            told = line;
        }
    }
}
