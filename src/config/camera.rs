//! `[camera_door]`: where cameras deliver. `[[camera]]`: one camera.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::pipeline::plate::CameraRole;
use crate::units::Lane;

/// Schema of an address or network such as `192.168.1.0/24`.
#[derive(JsonSchema)]
#[schemars(inline, extend("format" = "network"))]
#[expect(dead_code, reason = "stands for the schema only")]
struct NetworkText(String);

/// A camera's own lane number and ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LaneMapping {
    /// Lane number as the camera sends it.
    pub device: u8,
    /// `number` of a `[[lane]]`.
    #[schemars(range(min = 1, max = 32))]
    pub site: u8,
}

/// `[camera_door]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CameraDoorConfig {
    /// Address and port to listen on. Default: `0.0.0.0:8080`, the cameras' network.
    #[schemars(with = "String", extend("format" = "socket-address"))]
    pub listen: SocketAddr,
    /// Networks that may connect at all. Default: empty, every address.
    #[schemars(with = "Vec<NetworkText>")]
    pub allow: Vec<IpNet>,
    /// Connections at the same time; more are closed at once and counted. Default: 64.
    #[schemars(range(min = 1, max = 4_096))]
    pub max_connections: u32,
    /// Longest body of a request, bytes. Default: 16777216 (16 MiB: two pictures of 9 MP).
    #[schemars(range(min = 65_536, max = 268_435_456))]
    pub max_body_bytes: u64,
    /// Most parts of a multipart body. Default: 16.
    #[schemars(range(min = 1, max = 256))]
    pub max_parts: u32,
    /// Longest silence within a request, milliseconds of real time. Default: 10000.
    #[schemars(range(min = 100, max = 120_000))]
    pub read_timeout_ms: u32,
    /// Our id towards devices and platforms of GA/T 1400, 20 digits where they insist. Default:
    /// `wimd`.
    #[schemars(extend("format" = "code"))]
    pub viid_id: String,
    /// Requests per second of one camera; more are answered with 429 and counted. Default: 50.
    #[schemars(range(min = 1, max = 10_000))]
    pub max_requests_per_s: u32,
}

impl Default for CameraDoorConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::UNSPECIFIED, 8080)),
            allow: Vec::new(),
            max_connections: 64,
            max_body_bytes: 16 * 1024 * 1024,
            max_parts: 16,
            read_timeout_ms: 10_000,
            viid_id: "wimd".to_owned(),
            max_requests_per_s: 50,
        }
    }
}

/// The language a camera speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// Hikvision ISAPI "HTTP listening".
    #[default]
    Isapi,
    /// Dahua ITSAPI push.
    Dahua,
    /// GA/T 1400 (VIID): the camera registers with its device id.
    Gat1400,
    /// The neutral JSON of `deploy/neutral-plate.md`.
    Neutral,
}

/// How the answers to data of GA/T 1400 call their list of statuses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum StatusList {
    /// The name of the standard, which most devices want.
    #[default]
    ResponseStatusListObject,
    /// The name that some devices want (cameras.md section 4.4).
    ResponseStatusList,
}

impl StatusList {
    /// The name.
    pub fn name(self) -> &'static str {
        match self {
            Self::ResponseStatusListObject => "ResponseStatusListObject",
            Self::ResponseStatusList => "ResponseStatusList",
        }
    }
}

/// How a Hikvision camera is asked for its events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PullBy {
    /// GET `/ISAPI/Event/notification/alertStream`.
    #[default]
    AlertStream,
    /// POST `/ISAPI/Event/notification/subscribeEvent`, which arms the camera.
    SubscribeEvent,
}

/// A camera's word for a direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CameraDirection {
    /// The camera says "forward".
    #[default]
    Forward,
    /// The camera says "reverse".
    Reverse,
}

/// `[[camera]]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CameraConfig {
    /// Unique name: letters, digits, `-`, `_`.
    #[schemars(extend("format" = "name"))]
    pub name: String,
    /// Identity of the camera, the last part of the path `/camera/{token}` that it posts to:
    /// 8 to 128 letters, digits, `-`, `_`.
    #[schemars(extend("format" = "token"))]
    pub token: String,
    /// Default: `isapi`.
    #[serde(default)]
    pub dialect: Dialect,
    /// Which side of the vehicle it sees.
    pub role: CameraRole,
    /// The one lane it serves; exclusive with `lanes`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 32))]
    pub lane: Option<u8>,
    /// The camera's own lane or line numbers to ours, for a camera of several lanes.
    #[serde(default)]
    pub lanes: Vec<LaneMapping>,
    /// What it calls a vehicle that drives with the traffic. Default: `forward`.
    #[serde(default)]
    pub with_traffic_direction: CameraDirection,
    /// Whether Hikvision's `targetID` echoes the scale controller's trigger; only a controller
    /// that fires the camera itself makes it so. Default: false.
    #[serde(default)]
    pub target_is_trigger: bool,
    /// Where a vehicle is photographed, millimetres along the road from the scale: positive is
    /// beyond it (the vehicle gets there later), negative before it.
    #[schemars(range(min = -200_000, max = 200_000))]
    pub distance_mm: i32,
    /// GA/T 1400 only: the id that the camera registers with and sends as `User-Identify`; any 1
    /// to 64 characters, because real cameras send such as `001`. Without it the camera can only
    /// post below `/camera/{token}/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64))]
    pub device_id: Option<String>,
    /// `isapi` only: the camera's own address, `http://host` or `https://host`, with `:port` where
    /// it is another, from which its events are pulled where it cannot push. Default: none, the
    /// camera pushes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "http-address"))]
    pub pull: Option<String>,
    /// How it is asked. Default: `alert_stream`.
    #[serde(default)]
    pub pull_by: PullBy,
    /// Pause between two signs of life on a pulled stream, seconds; three of them without a byte,
    /// and the stream is dead. Default: 10, what cameras do by themselves.
    #[serde(default = "default_heartbeat")]
    #[schemars(range(min = 1, max = 180))]
    pub pull_heartbeat_s: u32,
    /// Silence of the camera, neither event nor heartbeat, after which an alarm is raised,
    /// seconds. Default: none, no alarm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 86_400))]
    pub silent_after_s: Option<u32>,
    /// `gat1400` only: address of the lower platform that registers here, `http://host:port` or
    /// `https://host:port`, at which vehicles are subscribed. Default: none, it uploads by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "http-address"))]
    pub subscribe: Option<String>,
    /// `gat1400` only: how the list in an answer to its data is called; a device that knows another
    /// name sends everything again. Default: `ResponseStatusListObject`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_list: Option<StatusList>,
    /// `https` in `pull` or `subscribe` only: PEM file of the authorities, one of which must have
    /// signed the certificate for that host. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// `https` only, instead of `ca_file`: SHA-256 of the device's certificate, 64 hexadecimal
    /// digits. Only this certificate is then taken, whatever its name and dates: cameras sign
    /// their own. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "sha256"))]
    pub certificate_sha256: Option<String>,
    /// User name of the digest authentication; with `pull` the camera's own. Default: `device_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64))]
    pub username: Option<String>,
    /// File with the password of the digest authentication, mode 0600; never in this file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_file: Option<PathBuf>,
    /// GA/T 1400 only: its code for the direction of the traffic, 1 to 8; the opposite code is
    /// then against it. Default: none, the direction stays unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 8))]
    pub compass_with_traffic: Option<u8>,
    /// Networks it may connect from. Default: empty, those of `[camera_door]`.
    #[serde(default)]
    #[schemars(with = "Vec<NetworkText>")]
    pub allow: Vec<IpNet>,
}

impl CameraConfig {
    /// A camera of one lane, right at the scale, with every optional key at its default.
    pub fn new(
        name: impl Into<String>,
        token: impl Into<String>,
        dialect: Dialect,
        role: CameraRole,
    ) -> Self {
        Self {
            name: name.into(),
            token: token.into(),
            dialect,
            role,
            lane: Some(1),
            lanes: Vec::new(),
            with_traffic_direction: CameraDirection::Forward,
            target_is_trigger: false,
            distance_mm: 0,
            device_id: None,
            pull: None,
            pull_by: PullBy::default(),
            pull_heartbeat_s: default_heartbeat(),
            silent_after_s: None,
            subscribe: None,
            status_list: None,
            ca_file: None,
            certificate_sha256: None,
            username: None,
            password_file: None,
            compass_with_traffic: None,
            allow: Vec::new(),
        }
    }

    /// Our lane for the lane that the camera told (or did not tell).
    pub fn site_lane(&self, device: Option<u8>) -> Option<Lane> {
        match (self.lane, device) {
            (Some(lane), _) => Some(Lane(lane)),
            (None, Some(device)) => {
                let mapping = self.lanes.iter().find(|mapping| mapping.device == device)?;
                Some(Lane(mapping.site))
            }
            (None, None) => None,
        }
    }

    /// Every lane of ours that it serves.
    pub fn served_lanes(&self) -> Vec<Lane> {
        let single = self.lane.into_iter();
        let mapped = self.lanes.iter().map(|mapping| mapping.site);
        single.chain(mapped).map(Lane).collect()
    }
}

/// A camera's stream tells about every ten seconds that it lives (cameras.md section 2.2).
fn default_heartbeat() -> u32 {
    10
}
