//! `[pairing]`: how plates find their passages.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[pairing]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PairingConfig {
    /// How long a passage waits for its plates, counted from its arrival or from the instant at
    /// which its last camera expects it, milliseconds. Default: 5000.
    #[schemars(range(min = 100, max = 120_000))]
    pub window_ms: u32,
    /// How long a camera event waits for its passage, milliseconds. Default: 20000 (a vehicle at
    /// walking pace needs 18 s from a camera 25 m before the scale).
    #[schemars(range(min = 100, max = 600_000))]
    pub event_window_ms: u32,
    /// How long a passage that looks like half a vehicle waits for its other half, milliseconds.
    /// Default: 1500.
    #[schemars(range(min = 100, max = 60_000))]
    pub half_window_ms: u32,
}

impl Default for PairingConfig {
    fn default() -> Self {
        Self { window_ms: 5_000, event_window_ms: 20_000, half_window_ms: 1_500 }
    }
}
