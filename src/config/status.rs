//! `[status]`: the local control socket.

use std::net::SocketAddr;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[status]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StatusConfig {
    /// Path of the Unix socket, mode 0660. Default: `/run/wimd/status.sock`.
    pub socket: PathBuf,
    /// Clients at the same time; more are closed at once. Default: 8.
    #[schemars(range(min = 1, max = 64))]
    pub max_clients: u32,
    /// How long a client may take to read one snapshot, milliseconds of real time. Default: 500.
    #[schemars(range(min = 10, max = 60_000))]
    pub timeout_ms: u32,
    /// Address and port of loopback on which Prometheus metrics are served at `/metrics`.
    /// Absent: they are not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "loopback-address"))]
    pub metrics: Option<SocketAddr>,
}

impl Default for StatusConfig {
    fn default() -> Self {
        Self {
            socket: PathBuf::from(DEFAULT_SOCKET),
            max_clients: 8,
            timeout_ms: 500,
            metrics: None,
        }
    }
}

/// Where the socket is unless the configuration says otherwise.
pub const DEFAULT_SOCKET: &str = "/run/wimd/status.sock";
