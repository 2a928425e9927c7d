//! `wimd status`: how the running daemon is, as a technician reads it at night.
//!
//! It works on the JSON of the control socket and not on the daemon's types, so that it can also
//! read a daemon of another version.

mod page;
mod troubles;

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use serde_json::Value;

use super::{Exit, Failure, Outcome};
use crate::config::status::DEFAULT_SOCKET;
use crate::io::status::{ReadError, read};

/// Arguments of `wimd status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Print the daemon's JSON object as it is.
    #[arg(long)]
    pub json: bool,
    /// Control socket of the daemon.
    #[arg(long, value_name = "PATH", default_value = DEFAULT_SOCKET)]
    pub socket: PathBuf,
}

/// Shows the state.
///
/// # Errors
/// When the daemon is down or does not answer.
pub fn run(args: &StatusArgs, out: &mut dyn Write) -> Outcome {
    let bytes = read(&args.socket).map_err(advise)?;
    let snapshot: Value = serde_json::from_slice(&bytes)?;
    if args.json {
        writeln!(out, "{snapshot}")?;
    } else {
        page::write(&snapshot, out)?;
    }
    Ok(Exit::Good)
}

fn advise(error: ReadError) -> Failure {
    let advice = match &error {
        ReadError::Down { .. } => {
            "the daemon is down. Start it: sudo systemctl start wimd. Why it stopped: \
             journalctl -u wimd -n 50. Is the configuration good: wimd check"
        }
        ReadError::Forbidden { .. } => {
            "join the group of the socket (sudo usermod -aG wimd $USER, then log in again), or \
             use sudo"
        }
        ReadError::Silent { .. } => {
            "the daemon hangs; the service manager restarts it within 30 s. \
             journalctl -u wimd -n 50 tells more"
        }
        ReadError::Busy { .. } => "try again; the number of clients is status.max_clients",
    };
    Failure::from(error).advice(advice)
}
