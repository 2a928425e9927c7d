//! `wimd status`: how the running daemon is, as a technician reads it at night.
//!
//! It works on the JSON of the control socket and not on the daemon's types, so that it can also
//! read a daemon of another version.

mod page;

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use serde_json::Value;

use super::refusal::unreachable;
use super::{Exit, Outcome, place};
use crate::io::status::read;

/// Arguments of `wimd status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Print the daemon's JSON object as it is.
    #[arg(long)]
    pub json: bool,
    /// Control socket of the daemon; that of the configuration, else /run/wimd/status.sock.
    #[arg(long, value_name = "PATH")]
    pub socket: Option<PathBuf>,
    /// Configuration file of the daemon, which names it [default: /etc/wimd/wimd.toml].
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Shows the state.
///
/// # Errors
/// When the daemon is down or does not answer.
pub fn run(args: &StatusArgs, out: &mut dyn Write) -> Outcome {
    let socket = place::socket(args.socket.as_deref(), args.config.as_deref())?;
    let bytes = read(&socket).map_err(unreachable)?;
    let snapshot: Value = serde_json::from_slice(&bytes)?;
    if args.json {
        writeln!(out, "{snapshot}")?;
    } else {
        page::write(&snapshot, out)?;
    }
    Ok(Exit::Good)
}
