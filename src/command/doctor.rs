//! `wimd doctor`: everything that can be wrong, each a line with ok, warn or fail, the figure and
//! what to do.
//!
//! While the daemon runs it is asked about its doors and its store; what is down is examined
//! directly: the port by asking the controller, the broker step by step. Nothing is changed.

mod broker;
mod bundle;
mod certificate;
mod listening;
mod live;
mod machine;
mod scale;
mod store;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use super::file::cannot;
use super::finding::{Finding, Level, Part, page};
use super::named_files;
use super::{Exit, Failure, Outcome};
use crate::command::value::bytes;
use crate::config::Config;
use crate::config::load::{DEFAULT_PATH, LoadError, Loaded, load};
use crate::daemon::parameters;
use crate::io::free_space::FreeSpace;
use crate::io::status::{ReadError, read};

/// Folder of the raw line inside the store's.
const CAPTURE: &str = "capture";

/// Arguments of `wimd doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Configuration file of the daemon.
    #[arg(long, value_name = "FILE", default_value = DEFAULT_PATH)]
    pub config: PathBuf,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
    /// Also write a tar.zst for the support desk: configuration without secrets, examination,
    /// state, last log lines, the last of the raw line.
    #[arg(long, value_name = "FILE")]
    pub bundle: Option<PathBuf>,
}

/// What was found, and where it came from.
struct Examination {
    findings: Vec<Finding>,
    status: Option<Value>,
    store: Option<PathBuf>,
}

/// Examines and tells.
///
/// # Errors
/// When the output or the bundle cannot be written.
pub fn run(args: &DoctorArgs, out: &mut dyn Write) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let examination = runtime.block_on(examine(&args.config));
    // A name server that hangs keeps a thread of the runtime; nobody waits for it.
    runtime.shutdown_background();
    let findings = &examination.findings;
    let worst = findings.iter().map(|finding| finding.level).max().unwrap_or(Level::Ok);
    let report = json!({
        "worst": worst,
        "daemon_runs": examination.status.is_some(),
        "findings": findings,
    });
    if args.json {
        writeln!(out, "{report}")?;
    } else {
        page::write(findings, out)?;
    }
    if let Some(path) = &args.bundle {
        let size = write_bundle(path, &args.config, &examination, &report)?;
        if !args.json {
            writeln!(out, "bundle for the support desk: {} ({})", path.display(), bytes(size))?;
        }
    }
    Ok(if worst == Level::Fail { Exit::Failed } else { Exit::Good })
}

async fn examine(path: &Path) -> Examination {
    let mut part = Part::new("configuration");
    let loaded = match load(path) {
        Ok(loaded) => loaded,
        Err(error) => return without_configuration(path, &error, part),
    };
    let Loaded { config, warnings, files } = loaded;
    part.ok("file", format!("{} is good", path.display()));
    for warning in warnings.into_iter().chain(named_files::warnings(&files)) {
        part.warn("advice", warning.in_file(path), "");
    }
    if let Err(error) = parameters::profile(&config) {
        let text = Failure::from(error).text().replacen("error: ", "", 1);
        part.fail("limits", text, "put the limit tables right: `wimd check`");
    }
    let mut parts = vec![part];
    let status = daemon(&config, &mut parts);
    let (mut doors, broker) =
        tokio::join!(doors(&config, status.as_ref()), broker(&config, status.as_ref()));
    parts.append(&mut doors);
    parts.extend([machine::clock(), machine::disk(&config.store), broker, machine::service()]);
    let findings = parts.into_iter().flat_map(|part| part.findings).collect();
    Examination { findings, status, store: Some(config.store.dir) }
}

async fn broker(config: &Config, status: Option<&Value>) -> Part {
    broker::examine(&config.uplink, &config.site.id, status).await
}

/// Without a configuration only the box itself can be examined.
fn without_configuration(path: &Path, error: &LoadError, mut part: Part) -> Examination {
    match error {
        LoadError::Read { source, .. } => {
            let figure = format!("{}: {source}", path.display());
            part.fail("file", figure, advice_to_read(source));
        }
        LoadError::Mistakes(problems) => {
            for problem in &problems.list {
                part.fail("file", problem.in_file(path), "put it right, then `wimd check`");
            }
        }
    }
    let parts = [part, machine::clock(), machine::service()];
    let findings = parts.into_iter().flat_map(|part| part.findings).collect();
    Examination { findings, status: None, store: None }
}

/// A file that is there and cannot be read must not be copied over.
fn advice_to_read(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => {
            "copy /usr/share/doc/wimd/wimd.toml there, adapt it, run `wimd check`"
        }
        io::ErrorKind::PermissionDenied => "read it as the user of the daemon, or with sudo",
        io::ErrorKind::InvalidData => super::refusal::SAVE_AS_UTF_8,
        _ => "`ls -ld` tells what is there",
    }
}

/// The snapshot of a daemon that runs.
fn daemon(config: &Config, parts: &mut Vec<Part>) -> Option<Value> {
    let mut part = Part::new("daemon");
    let answer = read(&config.status.socket);
    let status = match answer {
        Ok(bytes) => serde_json::from_slice(&bytes).ok(),
        Err(ReadError::Down { .. }) => {
            let advice = "sudo systemctl start wimd; why it stopped: journalctl -u wimd -n 50";
            part.warn("running", "does not run; ports are examined directly", advice);
            None
        }
        Err(error) => {
            let advice = "sudo, or the group wimd: sudo usermod -aG wimd $USER, then log in again";
            part.fail("running", error.to_string(), advice);
            None
        }
    };
    if let Some(status) = &status {
        let whole = super::value::Part::whole(status);
        let version = whole.text("/provenance/software");
        part.ok("running", format!("wimd {version}, up {}", whole.age("/started_at")));
        if version != env!("CARGO_PKG_VERSION") {
            let advice = "restart it after the upgrade: sudo systemctl restart wimd";
            part.warn("version", format!("the daemon is {version}, this is another"), advice);
        }
    }
    parts.push(part);
    status
}

/// Scales, cameras and store: from the daemon, or directly.
async fn doors(config: &Config, status: Option<&Value>) -> Vec<Part> {
    if let Some(status) = status {
        return live::examine(status, FreeSpace::under(&config.store.dir).map(FreeSpace::usable));
    }
    let mut parts = Vec::new();
    for section in &config.scale {
        parts.push(scale::examine(section).await);
    }
    parts.push(listening::examine(Part::new("camera door"), config.camera_door.listen));
    let metrics = config.status.metrics;
    parts.extend(metrics.map(|address| listening::examine(Part::new("metrics"), address)));
    let mut part = Part::new("store");
    let dir = config.store.dir.display();
    match moved_aside(&config.store.dir) {
        Ok(aside) if aside.is_empty() => part.ok(
            "health",
            format!("{dir}: nothing moved aside; the daemon checks it when it opens it"),
        ),
        Ok(aside) => {
            let advice = "the disk or a power cut damaged it; records in it can still be read: keep \
                          a copy, then `wimd verify`";
            part.warn("health", format!("damaged and moved aside: {}", aside.join(", ")), advice);
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            part.ok("health", format!("{dir}: the daemon makes it at its first start"));
        }
        Err(error) => {
            let advice = "nobody has looked at it: run this as its user, sudo -u wimd wimd doctor";
            part.warn("health", format!("{dir}: {error}"), advice);
        }
    }
    parts.push(part);
    parts
}

/// Names of databases that were moved aside.
fn moved_aside(dir: &Path) -> io::Result<Vec<String>> {
    let names =
        fs::read_dir(dir)?.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| name.contains(".aside-")).collect();
    names.sort();
    Ok(names)
}

fn write_bundle(
    path: &Path,
    config: &Path,
    examination: &Examination,
    report: &Value,
) -> Result<u64, Failure> {
    let text = fs::read_to_string(config).unwrap_or_default();
    let contents = bundle::Contents {
        config: &text,
        doctor: report,
        status: examination.status.as_ref(),
        capture: examination.store.as_ref().map(|dir| dir.join(CAPTURE)),
    };
    bundle::write(path, &contents).map_err(|error| {
        cannot("write", path)(error)
            .advice("choose a folder that you may write: --bundle /tmp/wimd.tar.zst")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_configuration_that_is_not_there_is_to_be_copied_there() {
        let advice = |kind: io::ErrorKind| advice_to_read(&kind.into());
        assert!(advice(io::ErrorKind::NotFound).starts_with("copy "));
        for kind in [io::ErrorKind::PermissionDenied, io::ErrorKind::IsADirectory] {
            assert!(!advice(kind).contains("copy"), "{kind:?}");
        }
    }
}
