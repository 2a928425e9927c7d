//! `[[recorder]]`: a video recorder whose film of a passage is referred to in its record.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[[recorder]]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecorderConfig {
    /// Unique name: letters, digits, `-`, `_`.
    #[schemars(extend("format" = "name"))]
    pub name: String,
    /// `number` of each `[[lane]]` that it films.
    #[schemars(length(min = 1, max = 32))]
    pub lanes: Vec<u8>,
    /// URL of a film, `rtsp://`, `http://` or `https://`, without user and password, with one of
    /// `{start_utc}`, `{start_local}`, `{start_underscored}`, `{start_epoch}` and the same of `end`.
    #[schemars(extend("format" = "clip-url"))]
    pub url: String,
    /// Film before the first axle, seconds. Default: 5.
    #[serde(default = "five")]
    #[schemars(range(min = 0, max = 600))]
    pub before_s: u32,
    /// Film behind the last axle, seconds. Default: 5, ten in all (cameras.md section 10).
    #[serde(default = "five")]
    #[schemars(range(min = 0, max = 600))]
    pub after_s: u32,
}

fn five() -> u32 {
    5
}
