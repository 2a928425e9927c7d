//! `wimd simulate site`: a scenario that drives the real doors of a running daemon, and what is
//! true of it.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use clap::Args;

use super::{End, HEAD_START_S, tell_start, until_door};
use crate::clock::Clock;
use crate::command::file::{self, folder};
use crate::command::{Exit, Failure, Outcome};
use crate::config::Config;
use crate::io::store::Signer;
use crate::sim::controller::{SimController, SimControllerOptions};
use crate::sim::plan::MAX_SPEED_UP;
use crate::sim::scenario::Scenario;
use crate::sim::stage::{self, Stage};
use crate::units::Micros;

/// Arguments of `wimd simulate site`.
#[derive(Debug, Args)]
pub(super) struct SiteArgs {
    /// Site and traffic, such as fixtures/scenarios/busy.toml.
    #[arg(long, value_name = "FILE")]
    scenario: PathBuf,
    /// Write what is true to this file, one JSON object for each vehicle, or for two that are
    /// weighed as one; `wimd score --truth` reads it.
    #[arg(long, value_name = "FILE")]
    truth: PathBuf,
    /// Folder for the configuration, the key, the scale's port and the daemon's state.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Vehicles that drive.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    vehicles: u64,
    /// Seed of the traffic: the same seed is the same traffic.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many times faster than real time simulator and daemon run.
    #[arg(long, value_name = "X", default_value_t = 1,
          value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_SPEED_UP)))]
    speed_up: u32,
    /// Broker that the configuration names.
    #[arg(long, value_name = "URL", default_value = "mqtt://127.0.0.1:1883")]
    broker: String,
    /// Port of the camera door on loopback.
    #[arg(long, value_name = "PORT", default_value_t = 18_080)]
    camera_port: u16,
    /// Print the end as one JSON object.
    #[arg(long)]
    json: bool,
}

/// Plays the scenario against the daemon.
pub(super) async fn simulate(args: &SiteArgs, out: &mut dyn Write) -> Outcome {
    let scenario = Scenario::load(&args.scenario)
        .map_err(|error| Failure::from(error).advice("see fixtures/scenarios for examples"))?;
    let dir = folder(&args.dir)?;
    let config = configure(args, &scenario, &dir)?;
    let anchor = Clock::wall();
    let clock = Clock::scaled(anchor, args.speed_up);
    let boot_id = u32::try_from(anchor.0.rem_euclid(1 << 32)).unwrap_or_default();
    let port = PathBuf::from(&config.scale[0].port);
    let options = SimControllerOptions::new(boot_id);
    let mut controller = SimController::spawn_pty(options, clock, port)?;
    if !args.json {
        tell_start((&dir, args.speed_up, anchor), out)?;
    }
    until_door(&controller, config.camera_door.listen).await;
    let start = clock.now() + Micros::from_secs(HEAD_START_S * i64::from(args.speed_up));
    let mut stage = Stage::draw(&scenario, (args.vehicles, args.seed), (clock, start));
    stage.weigh(&mut controller, boot_id);
    write_truth(&stage, &args.truth)?;
    let camera_events = stage.post(config.camera_door.listen).await;
    let weighings = stage.weighings();
    let mut journal = controller.journal();
    // The journal lives as long as the controller.
    let _ = journal.wait_for(|journal| journal.acknowledged() >= weighings).await;
    End { weighings, camera_events }.tell(args.json, out)?;
    Ok(Exit::Good)
}

fn configure(args: &SiteArgs, scenario: &Scenario, dir: &Path) -> Result<Config, Failure> {
    let mut config = stage::config(scenario, dir, &args.broker, args.speed_up);
    config.camera_door.listen = SocketAddr::from((Ipv4Addr::LOCALHOST, args.camera_port));
    if !config.store.key_file.exists() {
        Signer::generate()?.save(&config.store.key_file)?;
    }
    file::write(&dir.join("wimd.toml"), toml::to_string(&config)?)?;
    Ok(config)
}

fn write_truth(stage: &Stage, file: &Path) -> Result<(), Failure> {
    let mut out = file::writer(file)?;
    for group in stage.groups() {
        serde_json::to_writer(&mut out, group)?;
        writeln!(out)?;
    }
    Ok(out.flush()?)
}
