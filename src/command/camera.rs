//! `wimd camera test`: commissioning. Listens as the daemon would, waits for one event of each
//! configured camera and tells what arrived, what is missing and what to do about it.
//!
//! Nothing is taken: the cameras are told to send again, so that no event ends in a test.

mod examine;
mod listening;

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::json;

use super::finding::{Level, page};
use super::{Exit, Failure, Outcome};
use crate::config::Config;
use crate::config::load::{DEFAULT_PATH, LoadError, load};
use crate::io::camera::CameraDoorError;
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
    /// must name another port.
    Test(TestArgs),
}

#[derive(Debug, Args)]
struct TestArgs {
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
    let config = configuration(args)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let heard = runtime.block_on(listen(args, &config, out))?;
    let findings = examine::all(&config.camera, &heard);
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

/// The configuration with the cameras that are waited for and the address that is listened on.
fn configuration(args: &TestArgs) -> Result<Config, Failure> {
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
    Ok(config)
}

fn unreadable(error: LoadError) -> Failure {
    Failure::from(error).exit(Exit::Configuration).advice("`wimd check` tells every mistake")
}

async fn listen(args: &TestArgs, config: &Config, out: &mut dyn Write) -> Result<Heard, Failure> {
    let mut listening = Listening::open(config).await.map_err(occupied)?;
    if !args.json {
        let (address, wait) = (listening.address(), args.wait);
        writeln!(
            out,
            "listening on {address}, {wait} s at most, Ctrl-C ends it; let a vehicle pass"
        )?;
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
            writeln!(out, "{}  {}: {plate}", read.received_at, read.camera)?;
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
