//! `wimd capture`: keeps the raw line, to take it home.
//!
//! While the daemon runs, what it has recorded is copied. While it does not, the port itself is
//! listened to and asked as the daemon would ask it; nothing is acknowledged, so the controller
//! keeps every vehicle for the daemon.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::fast_clock::FastClock;
use super::file::cannot;
use super::refusal::refusal;
use super::tap::Tap;
use super::{Exit, Failure, Outcome};
use crate::command::value::bytes;
use crate::config::Config;
use crate::config::load::{DEFAULT_PATH, load};
use crate::daemon::journal::FOLDER;
use crate::io::recorder::Recording;
use crate::io::scale::ScaleStatus;
use crate::io::status;

/// Most bytes of a capture of one line without the daemon.
const BOUND: u64 = 256 << 20;

/// Arguments of `wimd capture`.
#[derive(Debug, Args)]
pub struct CaptureArgs {
    /// Folder to write to; made when absent.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Configuration file of the daemon.
    #[arg(long, value_name = "FILE", default_value = DEFAULT_PATH)]
    pub config: PathBuf,
    /// How long to listen when the daemon does not run.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub seconds: u32,
    /// Clock of a simulated site.
    #[command(flatten)]
    pub(super) clock: FastClock,
    /// Print one JSON object at the end.
    #[arg(long)]
    pub json: bool,
}

/// Captures.
///
/// # Errors
/// A configuration with mistakes, a folder that cannot be written, a port that could not be opened all
/// the time.
pub fn run(args: &CaptureArgs, out: &mut dyn Write) -> Outcome {
    let config = load(&args.config).map_err(refusal)?.config;
    fs::create_dir_all(&args.out).map_err(cannot("make the folder", &args.out))?;
    if status::read(&config.status.socket).is_ok() {
        let size = copy(args, &config)?;
        told(args, out, (size, true))?;
        return Ok(Exit::Good);
    }
    let lines = listen(args, &config)?;
    told(args, out, (lines.iter().map(|line| line.counts.bytes_in).sum(), false))?;
    match lines.iter().find(|line| line.counts.opened == 0) {
        None => Ok(Exit::Good),
        Some(line) => Err(never_open(line)),
    }
}

/// Tells what was kept, and whether a daemon had recorded it.
fn told(
    args: &CaptureArgs,
    out: &mut dyn Write,
    (size, from_daemon): (u64, bool),
) -> Result<(), Failure> {
    let dir = args.out.display();
    if args.json {
        let dir = dir.to_string();
        let end = serde_json::json!({ "dir": dir, "bytes": size, "from_daemon": from_daemon });
        writeln!(out, "{end}")?;
        return Ok(());
    }
    let size = bytes(size);
    if from_daemon {
        writeln!(out, "{size} copied from the daemon into {dir}; see it with:")?;
    } else {
        writeln!(out, "{size} heard on the port, kept in {dir}; see it with:")?;
    }
    writeln!(out, "  wimd replay --frames {dir}")?;
    Ok(())
}

fn never_open(line: &ScaleStatus) -> Failure {
    let why = line.last_error.as_deref().unwrap_or("not open");
    Failure::new(Exit::Failed, format!("scale {}: nothing could be heard: {why}", line.name))
        .advice("`wimd ports` lists the ports, `wimd doctor` tells who holds one")
}

fn copy(args: &CaptureArgs, config: &Config) -> Result<u64, Failure> {
    let mut size = 0;
    let from = config.store.dir.join(FOLDER);
    let entries = fs::read_dir(&from).map_err(|error| {
        Failure::from(error).advice(
            "the daemon records nothing when store.capture_bytes is 0; its folder is for the \
             group wimd: sudo",
        )
    })?;
    for entry in entries {
        let entry = entry?;
        let to = args.out.join(entry.file_name());
        size += fs::copy(entry.path(), &to).map_err(cannot("write", &to))?;
    }
    Ok(size)
}

/// How each line was in the end.
fn listen(args: &CaptureArgs, config: &Config) -> Result<Vec<ScaleStatus>, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let recording = Recording::new(args.out.clone(), BOUND, config.scale.len())
            .ok_or_else(|| Failure::new(Exit::Failed, "nothing may be recorded"))?;
        let mut tap = Tap::open(config, args.clock.clock(), Some(&recording))?;
        let seconds = Duration::from_secs(args.seconds.into());
        let whole = async { while tap.next().await.is_some() {} };
        let _end = tokio::time::timeout(seconds, whole).await;
        let lines = tap.scales().iter().map(|line| line.borrow().clone()).collect();
        tap.close().await;
        Ok(lines)
    })
}
