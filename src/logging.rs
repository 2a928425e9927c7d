//! Logs to standard error, filtered by `WIMD_LOG` (default `info`), without colour and without
//! time stamps of our own when the journal takes them.

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;

/// The variable that holds the filter, such as `debug` or `wimd::io::scale=trace,info`.
pub const FILTER: &str = "WIMD_LOG";

/// systemd sets it when standard error goes to the journal.
const JOURNAL: &str = "JOURNAL_STREAM";

/// Starts logging for this process. A second call changes nothing.
pub fn start() {
    // sled and the MQTT client tell every step at their own info level.
    let default = "info,sled=warn,rumqttc=warn,rumqttd=warn";
    let filter = EnvFilter::try_from_env(FILTER).unwrap_or_else(|_| EnvFilter::new(default));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        // Told on standard error, the loss of standard error would end the program.
        .log_internal_errors(false);
    let started = if std::env::var_os(JOURNAL).is_some() {
        builder.without_time().try_init()
    } else {
        builder.try_init()
    };
    // The only failure is that a subscriber is there already.
    let _already = started.is_err();
}
