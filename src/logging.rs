//! Logs, filtered by `WIMD_LOG` (default `info`): to the journal with each fact as a field of its
//! own where standard error goes there, else to standard error as text.

use std::io::{self, IsTerminal};
use std::os::fd::AsFd;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// The variable that holds the filter, such as `debug` or `wimd::io::scale=trace,info`.
pub const FILTER: &str = "WIMD_LOG";

/// systemd sets it to device and inode of the standard error that it has given us.
const JOURNAL: &str = "JOURNAL_STREAM";

/// Begins the name of each field in the journal: `journalctl WIMD_LANE=1`.
const PREFIX: &str = "WIMD";

/// Starts logging for this process. A second call changes nothing.
pub fn start() {
    // sled and the MQTT client tell every step at their own info level.
    let default = "info,sled=warn,rumqttc=warn,rumqttd=warn";
    let filter = EnvFilter::try_from_env(FILTER).unwrap_or_else(|_| EnvFilter::new(default));
    let journal = goes_to_journal().then(tracing_journald::layer).and_then(Result::ok);
    let started = match journal {
        Some(journal) => {
            let journal = journal.with_field_prefix(Some(PREFIX.to_owned()));
            tracing_subscriber::registry().with(filter).with(journal).try_init().is_ok()
        }
        None => tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(io::stderr)
            .with_ansi(io::stderr().is_terminal())
            // Told on standard error, the loss of standard error would end the program.
            .log_internal_errors(false)
            .try_init()
            .is_ok(),
    };
    // The only failure is that a subscriber is there already.
    let _already = !started;
}

/// Whether standard error is the stream that the journal has given us, and not something to which
/// it was sent since.
fn goes_to_journal() -> bool {
    let told = std::env::var(JOURNAL).unwrap_or_default();
    let Ok(found) = rustix::fs::fstat(io::stderr().as_fd()) else {
        return false;
    };
    told == format!("{}:{}", found.st_dev, found.st_ino)
}
