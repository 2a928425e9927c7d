//! `wimd simulate`: an invented site that drives the real doors of a running daemon.
//!
//! It writes a configuration that fits, opens a pty in the place of the scale, waits until the
//! daemon asks it, and then plays the traffic. What is true goes to a file of JSON lines.

mod camera;
mod site;

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Subcommand};
use serde::Serialize;
use tokio::net::TcpStream;

use camera::CameraArgs;
use site::SiteArgs;

use super::value::instant;
use super::{Exit, Failure, Outcome, file};
use crate::clock::{Clock, Timestamp};
use crate::config::Config;
use crate::io::store::Signer;
use crate::sim::controller::{SimController, SimControllerOptions};
use crate::sim::plan::{self, MAX_SPEED_UP, SITE};
use crate::sim::reference::reference_runs;
use crate::sim::site::{SimPort, SimSite};
use crate::sim::traffic::{Crossing, invent_traffic};
use crate::units::Micros;

/// Real time between the daemon's first question and the first vehicle.
const HEAD_START_S: i64 = 2;

/// How often the camera door is tried while the daemon is not there yet.
const RETRY: Duration = Duration::from_millis(200);

/// Arguments of `wimd simulate`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct SimulateArgs {
    /// One part alone.
    #[command(subcommand)]
    part: Option<Part>,
    /// Folder for the configuration, the key, the scale's port and the daemon's state.
    #[arg(long, value_name = "DIR", required = true)]
    dir: Option<PathBuf>,
    /// Vehicles that cross the scale.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    vehicles: u32,
    /// Seed of the traffic: the same seed is the same traffic.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many times faster than real time simulator and daemon run.
    #[arg(long, value_name = "X", default_value_t = 1,
          value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_SPEED_UP)))]
    speed_up: u32,
    /// What the clock of simulator and daemon says at the start, when it runs faster than real
    /// time: an instant such as 2026-11-24T10:00:00+08:00, or a day [default: now].
    #[arg(long, value_name = "TIME", value_parser = instant)]
    start: Option<Timestamp>,
    /// Broker that the configuration names.
    #[arg(long, value_name = "URL", default_value = "mqtt://127.0.0.1:1883")]
    broker: String,
    /// Port of the camera door on loopback.
    #[arg(long, value_name = "PORT", default_value_t = 18_080)]
    camera_port: u16,
    /// Write what is true to this file, one JSON object a weighing.
    #[arg(long, value_name = "FILE")]
    truth: Option<PathBuf>,
    /// After the traffic a reference vehicle is driven over each lane, five times in each band of
    /// speed, for `wimd calibrate --gross 40120 --axles 6 --plate 赣H12345`.
    #[arg(long)]
    reference: bool,
    /// The controller stays after the last vehicle, until this is ended.
    #[arg(long)]
    stay: bool,
    /// The controller hears and speaks at this rate only, bit/s.
    #[arg(long, value_name = "RATE")]
    baud: Option<u32>,
    /// Print the end as one JSON object.
    #[arg(long)]
    json: bool,
}

/// Parts that can be simulated alone.
#[derive(Debug, Subcommand)]
enum Part {
    /// Send one camera's events to an address, in any dialect and with any quirk.
    Camera(CameraArgs),
    /// Play a scenario to the doors of a daemon, and write what is true of it.
    Site(SiteArgs),
}

/// Plays the traffic against the daemon.
///
/// # Errors
/// [`Failure`] when a file, the key or the port cannot be made.
pub fn run(args: &SimulateArgs, out: &mut dyn Write) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match &args.part {
        Some(Part::Camera(camera)) => runtime.block_on(camera::simulate(camera, out)),
        Some(Part::Site(site)) => runtime.block_on(site::simulate(site, out)),
        None => runtime.block_on(simulate(args, out)),
    }
}

async fn simulate(args: &SimulateArgs, out: &mut dyn Write) -> Outcome {
    let missing = || Failure::new(Exit::Usage, "--dir is missing");
    let dir = args.dir.as_ref().ok_or_else(missing)?;
    let dir = file::folder(dir)?;
    let config = configure(args, &dir)?;
    let anchor = match args.start {
        Some(start) => Clock::anchor_of(start, args.speed_up).ok_or_else(|| {
            Failure::new(Exit::Usage, "--start needs --speed-up 2 or more")
                .advice("at real speed simulator and daemon have the time of this machine")
        })?,
        None => Clock::wall(),
    };
    let clock = Clock::scaled(anchor, args.speed_up);
    let boot_id = u32::try_from(anchor.0.rem_euclid(1 << 32)).unwrap_or_default();
    let options = SimControllerOptions { baud: args.baud, ..SimControllerOptions::new(boot_id) };
    let idle = SimSite::start(Vec::new(), clock, port(&config), options.clone())?;
    if !args.json {
        tell_start((&dir, args.speed_up, anchor), out)?;
    }
    until_door(&idle.controller, config.camera_door.listen).await;
    drop(idle);
    let mut site = play(args, &config, clock, options)?;
    if let Some(file) = &args.truth {
        write_truth(&site, file)?;
    }
    site.connect_cameras(config.camera_door.listen);
    finish(&mut site).await.tell(args.json, out)?;
    if args.stay {
        out.flush()?;
        std::future::pending::<()>().await;
    }
    Ok(Exit::Good)
}

/// Names the command that the simulator waits for.
fn tell_start(
    (dir, speed_up, anchor): (&Path, u32, Timestamp),
    out: &mut dyn Write,
) -> Result<(), Failure> {
    writeln!(out, "waiting for the daemon; start it with:\n")?;
    write!(out, "  wimd run --config {}", dir.join("wimd.toml").display())?;
    if speed_up > 1 {
        write!(out, " --speed-up {speed_up} --anchor {anchor}")?;
    }
    writeln!(out, "\n")?;
    Ok(out.flush()?)
}

/// What the doors have taken.
#[derive(Debug, Serialize)]
struct End {
    weighings: usize,
    camera_events: usize,
}

impl End {
    fn tell(&self, json: bool, out: &mut dyn Write) -> Result<(), Failure> {
        let Self { weighings, camera_events } = self;
        if json {
            serde_json::to_writer(&mut *out, self)?;
            return Ok(writeln!(out)?);
        }
        Ok(writeln!(
            out,
            "{weighings} vehicles weighed and acknowledged, {camera_events} camera events delivered"
        )?)
    }
}

fn configure(args: &SimulateArgs, dir: &Path) -> Result<Config, Failure> {
    let mut config = plan::config(dir, &args.broker, args.speed_up);
    config.camera_door.listen = SocketAddr::from((Ipv4Addr::LOCALHOST, args.camera_port));
    if !config.store.key_file.exists() {
        Signer::generate()?.save(&config.store.key_file)?;
    }
    file::write(&dir.join("wimd.toml"), toml::to_string(&config)?)?;
    Ok(config)
}

fn port(config: &Config) -> SimPort {
    SimPort::Pty(PathBuf::from(&config.scale[0].port))
}

fn play(
    args: &SimulateArgs,
    config: &Config,
    clock: Clock,
    options: SimControllerOptions,
) -> Result<SimSite, Failure> {
    let boot_id = options.boot_id.wrapping_add(1);
    let start = clock.now() + Micros::from_secs(HEAD_START_S * i64::from(args.speed_up));
    let vehicles = usize::try_from(args.vehicles).unwrap_or(usize::MAX);
    let mut traffic = invent_traffic(args.seed, vehicles, start);
    if args.reference {
        let end = traffic.iter().map(Crossing::ended_at).max().unwrap_or(start);
        traffic.extend(reference_runs(traffic.len(), end));
    }
    let options = SimControllerOptions { boot_id, ..options };
    Ok(SimSite::start(traffic, clock, port(config), options)?)
}

/// Waits until the daemon has spoken to the controller and opened its camera door.
async fn until_door(controller: &SimController, door: SocketAddr) {
    let mut journal = controller.journal();
    // The journal lives as long as the controller.
    let _ = journal.wait_for(|journal| journal.frames_heard > 0).await;
    while TcpStream::connect(door).await.is_err() {
        tokio::time::sleep(RETRY).await;
    }
}

async fn finish(site: &mut SimSite) -> End {
    let weighings = site.truth.weighings().len();
    let mut journal = site.controller.journal();
    // The journal lives as long as the site.
    let _ = journal.wait_for(|journal| journal.acknowledged() >= weighings).await;
    End { weighings, camera_events: site.until_delivered().await }
}

/// One weighing as it must come out.
#[derive(Serialize)]
struct TruthLine<'a> {
    record: String,
    crossing: usize,
    lane: u8,
    began_at: String,
    split: &'a str,
    gross_kg: u32,
    limit_kg: u32,
    excess_kg: u32,
    plate: &'a str,
    rear_plate: &'a str,
    incident: String,
}

fn write_truth(site: &SimSite, file: &Path) -> Result<(), Failure> {
    let mut out = file::writer(file)?;
    for (source, weighing) in site.truth.sources() {
        let crossing = &site.truth.crossings()[weighing.crossing];
        let truck = &crossing.truck;
        let line = TruthLine {
            record: format!(
                "{SITE}-{}-{:08x}-{}",
                source.controller, source.boot_id, source.vehicle
            ),
            crossing: weighing.crossing,
            lane: weighing.lane.0,
            began_at: crossing.began_at.to_string(),
            split: truck.archetype.split,
            gross_kg: truck.gross().0,
            limit_kg: truck.archetype.limit_kg,
            excess_kg: truck.excess().0,
            plate: &truck.plate,
            rear_plate: &truck.rear_plate,
            incident: format!("{:?}", crossing.incident).to_lowercase(),
        };
        serde_json::to_writer(&mut out, &line)?;
        writeln!(out)?;
    }
    Ok(out.flush()?)
}
