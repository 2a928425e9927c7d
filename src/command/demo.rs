//! `wimd demo`: the whole way from axle to platform, with invented traffic, on this machine.
//!
//! Real parts only: the daemon, a pty, HTTP, a broker and a subscriber. Whether it went well is
//! decided by the simulator's truth, never by the daemon's own output.

mod summary;
pub(in crate::command) mod table;

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use tempfile::TempDir;

use super::file::folder;
use super::{Exit, Failure, Outcome};
use crate::clock::Clock;
use crate::config::Config;
use crate::daemon;
use crate::io::store::Signer;
use crate::pipeline::record::{Body, Record};
use crate::sim::broker::Broker;
use crate::sim::controller::SimControllerOptions;
use crate::sim::plan::{self, MAX_SPEED_UP, SITE};
use crate::sim::platform::{Platform, Received};
use crate::sim::site::{SimPort, SimSite};
use crate::sim::traffic::invent_traffic;
use crate::sim::truth::{Arrived, Weighing, channel_of};
use crate::units::Micros;

/// Real time given to the daemon for opening its doors before the first vehicle comes.
const HEAD_START: Duration = Duration::from_secs(1);

/// Real time after which a run that has not come to its end is broken off: no vehicle is still
/// on its way then, and no window open.
const PATIENCE: Duration = Duration::from_secs(30);

/// Real time that duplicates are waited for after the last record.
const QUIET: Duration = Duration::from_millis(300);

/// Arguments of `wimd demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Vehicles that cross the scale.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    vehicles: u32,
    /// Seed of the traffic: the same seed is the same traffic.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many times faster than real time simulator and daemon run.
    #[arg(long, value_name = "X", default_value_t = 5,
          value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_SPEED_UP)))]
    speed_up: u32,
    /// Keep the daemon's state in this folder instead of a temporary one.
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Use this broker, such as mqtt://127.0.0.1:1883, instead of the embedded one.
    #[arg(long, value_name = "URL")]
    broker: Option<String>,
    /// Print one JSON object a record, and the summary as the last line.
    #[arg(long)]
    json: bool,
}

/// Runs the demonstration; [`Exit::Good`] only when nothing was lost or wrong.
///
/// # Errors
/// [`Failure`] when one of its parts cannot be started.
pub fn run(args: &DemoArgs, out: &mut dyn Write) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(demonstrate(args, out))
}

async fn demonstrate(args: &DemoArgs, out: &mut dyn Write) -> Outcome {
    let folder = Folder::of(args.state.as_ref())?;
    let embedded = if args.broker.is_none() { Some(Broker::start()?) } else { None };
    let broker = match (&args.broker, &embedded) {
        (Some(url), _) => url.clone(),
        (None, Some(broker)) => broker.url.clone(),
        (None, None) => return Err(Failure::new(Exit::Failed, "no broker")),
    };
    let platform = Platform::connect(&broker, SITE).await?;
    let clock = Clock::scaled(Clock::wall(), args.speed_up);
    let config = plan::config(folder.path(), &broker, args.speed_up);
    let mut show = Show::begin(args, out)?;
    let site = set_out(args, &config, clock)?;
    let daemon = daemon::start_unwatched(config, clock).await?;
    site.connect_cameras(daemon.camera_address());
    let site = show.watch(site, platform).await?;
    site.stop();
    daemon.stop().await?;
    show.end(&site)
}

/// The controller with all vehicles on the road, the first one a head start away.
fn set_out(args: &DemoArgs, config: &Config, clock: Clock) -> Result<SimSite, Failure> {
    let key = &config.store.key_file;
    if !key.exists() {
        Signer::generate()?.save(key)?;
    }
    let boot_id = u32::try_from(clock.now().0.rem_euclid(1 << 32)).unwrap_or_default();
    let head_start = i64::try_from(HEAD_START.as_micros()).unwrap_or(i64::MAX);
    let start = clock.now() + Micros(head_start.saturating_mul(i64::from(args.speed_up)));
    let vehicles = usize::try_from(args.vehicles).unwrap_or(usize::MAX);
    let traffic = invent_traffic(args.seed, vehicles, start);
    let port = SimPort::Pty(PathBuf::from(&config.scale[0].port));
    Ok(SimSite::start(traffic, clock, port, SimControllerOptions::new(boot_id))?)
}

/// Where the daemon keeps its state; a temporary one vanishes at the end.
enum Folder {
    Temporary(TempDir),
    Kept(PathBuf),
}

impl Folder {
    fn of(kept: Option<&PathBuf>) -> Result<Self, Failure> {
        match kept {
            Some(dir) => Ok(Self::Kept(folder(dir)?)),
            None => Ok(Self::Temporary(TempDir::with_prefix("wimd-demo-")?)),
        }
    }

    fn path(&self) -> &std::path::Path {
        match self {
            Self::Temporary(dir) => dir.path(),
            Self::Kept(dir) => dir,
        }
    }
}

/// Prints what arrives and remembers how long it took.
struct Show<'a> {
    out: &'a mut dyn Write,
    json: bool,
    latencies: Vec<Duration>,
}

impl<'a> Show<'a> {
    fn begin(args: &DemoArgs, out: &'a mut dyn Write) -> Result<Self, Failure> {
        if !args.json {
            summary::introduce(args, out)?;
            writeln!(out, "{}", table::heading())?;
            out.flush()?;
        }
        Ok(Self { out, json: args.json, latencies: Vec::new() })
    }

    /// Until everything that must come has come, or patience has ended.
    async fn watch(
        &mut self,
        mut site: SimSite,
        mut platform: Platform,
    ) -> Result<SimSite, Failure> {
        let mut arrived = Vec::new();
        let deadline = site.real_duration() + PATIENCE;
        let all = async {
            while !site.truth.is_complete() {
                let Some(message) = platform.received.recv().await else {
                    break;
                };
                arrived.extend(self.take(&mut site, message)?);
            }
            Ok::<(), Failure>(())
        };
        if let Ok(result) = tokio::time::timeout(deadline, all).await {
            result?;
        }
        while let Ok(Some(message)) = tokio::time::timeout(QUIET, platform.received.recv()).await {
            arrived.extend(self.take(&mut site, message)?);
        }
        for (weighing, at) in arrived {
            self.latencies.extend(site.latency(weighing, at));
        }
        Ok(site)
    }

    fn take(
        &mut self,
        site: &mut SimSite,
        message: Received,
    ) -> Result<Option<(Weighing, std::time::Instant)>, Failure> {
        let Some(channel) = channel_of(&message.topic) else {
            return Ok(None);
        };
        let Arrived::New(weighing, record) = site.truth.received(channel, &message.payload) else {
            return Ok(None);
        };
        self.print(&record)?;
        Ok(Some((weighing, message.at)))
    }

    fn print(&mut self, record: &Record) -> Result<(), Failure> {
        if self.json {
            serde_json::to_writer(&mut *self.out, record)?;
            writeln!(self.out)?;
        } else if let Body::Passage(passage) = &record.body {
            writeln!(self.out, "{}", table::row(record, passage))?;
        }
        Ok(self.out.flush()?)
    }

    fn end(mut self, site: &SimSite) -> Outcome {
        self.latencies.sort_unstable();
        let summary = summary::Summary::of(&site.truth, &self.latencies);
        if self.json {
            serde_json::to_writer(&mut *self.out, &summary)?;
            writeln!(self.out)?;
        } else {
            summary.write(&site.truth, self.out)?;
        }
        Ok(if summary.score.is_perfect() { Exit::Good } else { Exit::Failed })
    }
}
