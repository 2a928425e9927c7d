//! `[uplink]`: the broker of the city platform.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::pipeline::plate::ColourSystem;

/// When an entry of the outbox is settled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Confirm {
    /// When the broker has acknowledged it with a success reason.
    #[default]
    Puback,
    /// When the platform itself has confirmed it on the receipt topic.
    Receipt,
}

/// `[uplink]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UplinkConfig {
    /// `mqtts://host:port`, or `mqtt://host:port` for a broker on loopback.
    #[schemars(extend("format" = "broker"))]
    pub broker: String,
    /// MQTT client id. Absent: `wimd-` and the site's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64))]
    pub client_id: Option<String>,
    /// User name. Absent: none is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 256))]
    pub username: Option<String>,
    /// File that holds the password, mode 0600, or a systemd credential
    /// (`/run/credentials/wimd.service/broker-password`). Absent: none is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_file: Option<PathBuf>,
    /// PEM file of the certificate authorities that may sign the broker's certificate. Required
    /// with `mqtts`: we trust no one else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// PEM file of our own certificate chain. Absent: none is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_cert_file: Option<PathBuf>,
    /// PEM file of its key, mode 0600.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_key_file: Option<PathBuf>,
    /// MQTT keep-alive, seconds of real time. Default: 20 (a dead line is noticed after 1.6 times
    /// as long, measured).
    #[serde(default = "default_keep_alive_s")]
    #[schemars(range(min = 5, max = 600))]
    pub keep_alive_s: u16,
    /// Most publishes in flight; never more than the broker's Receive Maximum less one.
    /// Default: 19 (mosquitto's Receive Maximum is 20).
    #[serde(default = "default_window")]
    #[schemars(range(min = 1, max = 1_000))]
    pub window: u16,
    /// Share of the time in which other records and pictures may use the link, per cent; the rest
    /// stays free for violations and alarms, and for others on the same line. Default: 80.
    #[serde(default = "default_catch_up_percent")]
    #[schemars(range(min = 5, max = 100))]
    pub catch_up_percent: u8,
    /// What settles an entry. Default: `puback`.
    #[serde(default)]
    pub confirm: Confirm,
    /// The code system in which the colour of the plate goes beside each record, as the user
    /// properties `plate_colour_system` and `plate_colour`. Absent: only our own word in the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plate_colours: Option<ColourSystem>,
    /// Allows `mqtt://` to a broker that is not on loopback: everybody on the way can read and
    /// change what is sent. Default: false.
    #[serde(default)]
    pub plain_text_allowed: bool,
    /// Pause between two health messages on the status topic, seconds of real time. Default: 30.
    #[serde(default = "default_health_interval_s")]
    #[schemars(range(min = 1, max = 3_600))]
    pub health_interval_s: u32,
}

impl UplinkConfig {
    /// This broker, with every other key at its default.
    pub fn new(broker: impl Into<String>) -> Self {
        Self {
            broker: broker.into(),
            client_id: None,
            username: None,
            password_file: None,
            ca_file: None,
            client_cert_file: None,
            client_key_file: None,
            keep_alive_s: default_keep_alive_s(),
            window: default_window(),
            catch_up_percent: default_catch_up_percent(),
            confirm: Confirm::default(),
            plate_colours: None,
            plain_text_allowed: false,
            health_interval_s: default_health_interval_s(),
        }
    }
}

fn default_keep_alive_s() -> u16 {
    20
}

fn default_window() -> u16 {
    19
}

fn default_catch_up_percent() -> u8 {
    80
}

fn default_health_interval_s() -> u32 {
    30
}
