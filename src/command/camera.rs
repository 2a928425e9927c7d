//! `wimd camera test`: commissioning. Listens and pulls as the daemon would, waits for one event of
//! each camera and tells what arrived, what is missing and what to do about it.
//!
//! Nothing is taken: the cameras are told to send again, so that no event ends in a test.

mod examine;
mod jpeg;
mod listening;
mod silence;
mod url;

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::json;

use super::finding::{Level, page};
use super::{Exit, Failure, Outcome};
use crate::config::load::{DEFAULT_PATH, LoadError, load};
use crate::config::{CameraConfig, CameraDoorConfig};
use crate::io::camera::CameraDoorError;
use crate::language::proper;
use listening::{Heard, Listening, ListeningError};

/// Arguments of `wimd camera`.
#[derive(Debug, Args)]
pub struct CameraArgs {
    /// What to do.
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Wait for one event of each camera and examine it. The daemon must be stopped, or --listen
    /// must name another port. With a URL, pull one Hikvision camera, also of no configuration.
    Test(TestArgs),
}

#[derive(Debug, Args)]
struct TestArgs {
    /// A Hikvision camera that is pulled, http://host or https://host, with :port where it is
    /// another; nothing is listened on then, and no configuration is read.
    #[arg(value_name = "URL", conflicts_with_all = ["config", "listen", "camera"], requires = "username")]
    url: Option<String>,
    /// The user of its account.
    #[arg(long, value_name = "NAME", requires_all = ["url", "password_file"])]
    username: Option<String>,
    /// File with the password, mode 0600.
    #[arg(long, value_name = "FILE", requires = "url")]
    password_file: Option<PathBuf>,
    /// With https: PEM file of the authorities, one of which has signed its certificate.
    #[arg(long, value_name = "FILE", requires = "url", conflicts_with = "certificate_sha256")]
    ca_file: Option<PathBuf>,
    /// With https: SHA-256 of its certificate, which the test shows when it is not given.
    #[arg(long, value_name = "HEX", requires = "url")]
    certificate_sha256: Option<String>,
    /// Arm it by subscribeEvent instead of reading alertStream.
    #[arg(long, requires = "url")]
    subscribe: bool,
    /// Configuration file with the cameras.
    #[arg(long, value_name = "FILE", default_value = DEFAULT_PATH)]
    config: PathBuf,
    /// Listen here instead of the address of [camera_door].
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<SocketAddr>,
    /// Only this camera; may be given several times. All of them without it.
    #[arg(long, value_name = "NAME")]
    camera: Vec<String>,
    /// Longest wait, seconds; Ctrl-C ends it sooner and tells what came until then.
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    wait: u32,
    /// Print one JSON object at the end, and nothing before.
    #[arg(long)]
    json: bool,
}

/// Listens and tells.
///
/// # Errors
/// [`Failure`] when the configuration is wrong or the address cannot be listened on.
pub fn run(args: &CameraArgs, out: &mut dyn Write) -> Outcome {
    let Action::Test(args) = &args.action;
    let tested = match &args.url {
        Some(address) => url::tested(address, args)?,
        None => configuration(args)?,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let heard = runtime.block_on(listen(args, &tested, out))?;
    let findings = examine::all(&tested.cameras, &heard);
    let worst = findings.iter().map(|finding| finding.level).max().unwrap_or(Level::Ok);
    if args.json {
        let reads: Vec<_> = heard.reads.values().collect();
        let report = json!({ "worst": worst, "findings": findings, "events": reads });
        writeln!(out, "{report}")?;
    } else {
        writeln!(out)?;
        page::write(&findings, out)?;
    }
    Ok(if worst == Level::Fail { Exit::Failed } else { Exit::Good })
}

/// The cameras that are waited for, and the door for them.
struct Tested {
    door: CameraDoorConfig,
    cameras: Vec<CameraConfig>,
}

/// The configured cameras that are waited for and the address that is listened on.
fn configuration(args: &TestArgs) -> Result<Tested, Failure> {
    let mut config = load(&args.config).map_err(unreadable)?.config;
    for name in &args.camera {
        if !config.camera.iter().any(|camera| camera.name == *name) {
            let names: Vec<&str> =
                config.camera.iter().map(|camera| camera.name.as_str()).collect();
            let text = format!("no [[camera]] is called {name:?}");
            let advice = format!("{} has: {}", args.config.display(), names.join(", "));
            return Err(Failure::new(Exit::Usage, text).advice(advice));
        }
    }
    if !args.camera.is_empty() {
        config.camera.retain(|camera| args.camera.contains(&camera.name));
    }
    if config.camera.is_empty() {
        let text = format!("{} has no [[camera]]", args.config.display());
        return Err(Failure::new(Exit::Configuration, text).advice("add one, then `wimd check`"));
    }
    config.camera_door.listen = args.listen.unwrap_or(config.camera_door.listen);
    Ok(Tested { door: config.camera_door, cameras: config.camera })
}

fn unreadable(error: LoadError) -> Failure {
    Failure::from(error).exit(Exit::Configuration).advice("`wimd check` tells every mistake")
}

async fn listen(args: &TestArgs, tested: &Tested, out: &mut dyn Write) -> Result<Heard, Failure> {
    let mut listening = Listening::open(tested).await.map_err(occupied)?;
    if !args.json {
        let (address, wait) = (listening.address(), args.wait);
        match &args.url {
            Some(url) => writeln!(
                out,
                "pulling {url}, {wait} s at most, Ctrl-C ends it; let a vehicle pass"
            )?,
            None => writeln!(
                out,
                "listening on {address}, {wait} s at most, Ctrl-C ends it; let a vehicle pass"
            )?,
        }
        writeln!(out, "events are looked at and not taken: cameras are told to send them again")?;
        out.flush()?;
    }
    let until = tokio::time::Instant::now() + Duration::from_secs(args.wait.into());
    loop {
        let read = tokio::select! {
            read = listening.next(until) => read,
            _ = tokio::signal::ctrl_c() => None,
        };
        let Some(read) = read else { break };
        if !args.json {
            let plate = examine::plate(&read.plate);
            writeln!(out, "{}  {}: {plate}", read.received_at, proper(&read.camera))?;
            out.flush()?;
        }
    }
    Ok(listening.close().await)
}

fn occupied(error: ListeningError) -> Failure {
    let in_use = match &error {
        ListeningError::Door(CameraDoorError::Listen { source, .. }) => {
            source.kind() == std::io::ErrorKind::AddrInUse
        }
        _ => false,
    };
    let failure = Failure::from(error);
    if in_use {
        failure.advice("the daemon holds the port: sudo systemctl stop wimd, or --listen another")
    } else {
        failure
    }
}
