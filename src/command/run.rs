//! `wimd run`: the daemon, until SIGTERM or SIGINT.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::fast_clock::FastClock;
use super::refusal::{READ_ONLY, io_kind, refusal, tables};
use super::{Exit, Failure, Outcome};
use crate::config::load::{DEFAULT_PATH, Loaded, load};
use crate::daemon::watchdog::{self, Watchdog};
use crate::daemon::{self, Parts, StartError};
use crate::io::camera::CameraDoorError;
use crate::io::status::StatusError;
use crate::io::store::KeyError;
use crate::logging;

/// Arguments of `wimd run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Configuration file. Without one the daemon refuses to start.
    #[arg(long, value_name = "FILE", default_value = DEFAULT_PATH)]
    pub config: PathBuf,
    /// Clock of a simulated site.
    #[command(flatten)]
    pub(super) clock: FastClock,
}

/// Runs the daemon.
///
/// # Errors
/// A configuration that is missing or wrong, a part that cannot start, a task that ended.
pub fn run(args: &RunArgs, _: &mut dyn Write) -> Outcome {
    logging::start();
    let Loaded { config, warnings, .. } = load(&args.config).map_err(refusal)?;
    for warning in &warnings {
        tracing::warn!("{}", warning.in_file(&args.config));
    }
    let clock = args.clock.clock();
    let parts = Parts { config, clock, watchdog: Watchdog::from_environment() };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(serve(parts))
}

async fn serve(parts: Parts) -> Outcome {
    let stop = CancellationToken::new();
    let (mut terminate, mut interrupt) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let ordered = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
        ordered.cancel();
    });
    let running = daemon::start(parts, stop).await.map_err(explain)?;
    tracing::info!(cameras = %running.camera_address(), "doors open");
    watchdog::ready("doors open");
    running.ended().await?;
    tracing::info!("stopped");
    Ok(Exit::Good)
}

/// A key that is there and cannot be read must not be made anew.
fn key_advice(path: &Path, error: &io::Error) -> String {
    let path = path.display();
    if error.kind() == io::ErrorKind::NotFound {
        format!("make a key with: wimd keygen --out {path}")
    } else {
        format!("it must belong to the user of the daemon: sudo chown wimd: {path}")
    }
}

fn camera_advice(error: &CameraDoorError) -> &'static str {
    let CameraDoorError::Listen { source, .. } = error else {
        return "a file of mode 600 that belongs to the user of the daemon: password_file of its \
                [[camera]] names it; or LoadCredential= by `systemctl edit wimd`";
    };
    match source.kind() {
        io::ErrorKind::AddrInUse => "another program listens there: ss -ltnp tells which",
        io::ErrorKind::PermissionDenied => "the service may not use a port below 1024",
        io::ErrorKind::AddrNotAvailable => {
            "this machine has no such address: ip addr lists its own"
        }
        _ => "camera_door.listen of the configuration names it",
    }
}

/// The failure of a start, with advice where there is any.
fn explain(error: StartError) -> Failure {
    let exit = if error.is_configuration() { Exit::Configuration } else { Exit::Failed };
    let advice = match &error {
        StartError::Key(KeyError::Read { path, source }) => Some(key_advice(path, source)),
        StartError::Key(KeyError::TooOpen { path, .. }) => {
            let path = path.display();
            Some(format!("let only its owner read it: chmod 600 {path}"))
        }
        StartError::Parameters(_) => return tables(error.into()),
        StartError::Camera(error) => Some(camera_advice(error).to_owned()),
        // 1 and not 78: the other one may end, and then a restart is right
        StartError::Status(StatusError::InUse { .. }) => {
            Some("only one daemon can run; `wimd status` shows the other one".to_owned())
        }
        StartError::Status(StatusError::Bind { .. }) => Some(
            "status.socket of the configuration names it; its folder has to be there and the \
             daemon's own: the service makes /run/wimd by itself"
                .to_owned(),
        ),
        StartError::Store(error) if io_kind(error) == Some(io::ErrorKind::ReadOnlyFilesystem) => {
            Some(READ_ONLY.to_owned())
        }
        _ => None,
    };
    let failure = Failure::from(error).exit(exit);
    match advice {
        Some(advice) => failure.advice(advice),
        None => failure,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::io::store::StoreError;

    #[test]
    fn a_read_only_disk_is_told_with_what_to_do() {
        let refused = |kind: io::ErrorKind| {
            let source = Arc::new(kind.into());
            let error = StoreError::Directory { deed: "open", path: "lock".into(), source };
            explain(error.into()).text()
        };
        let is_told = |kind| refused(kind).contains(READ_ONLY);
        let kinds = [io::ErrorKind::ReadOnlyFilesystem, io::ErrorKind::PermissionDenied];
        assert_eq!(kinds.map(is_told), [true, false]);
    }

    #[test]
    fn only_a_key_that_is_not_there_is_to_be_made() {
        let advice = |kind: io::ErrorKind| key_advice(Path::new("k"), &kind.into());
        assert_eq!(advice(io::ErrorKind::NotFound), "make a key with: wimd keygen --out k");
        assert!(!advice(io::ErrorKind::PermissionDenied).contains("keygen"));
    }
}
