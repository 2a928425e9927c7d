//! A plate event of one camera, in the form every dialect is turned into.
//! Made by `io/camera`, durable in the inbox, consumed by the pipeline.

pub(super) mod confusion;
mod fuller;
pub(super) mod held;
mod outward;
mod size;
mod untold;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use outward::ColourSystem;

use super::passage::Direction;
use crate::clock::Timestamp;
use crate::units::{DeciKmh, Lane};

/// Ending of a trailer's plate (law.md 8): it names another vehicle than the tractor's.
pub(super) const TRAILER: char = '挂';

/// Where a camera looks at the vehicle.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CameraRole {
    /// The head of the vehicle.
    Front,
    /// The tail.
    Rear,
    /// The side.
    Side,
}

/// Whether the camera could read a plate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlateState {
    /// Every character.
    Read,
    /// Some characters are missing.
    Partial,
    /// The camera says that the vehicle carries no plate.
    Absent,
    /// There is a plate, not readable.
    Unread,
    /// The camera says that the plate is covered.
    Covered,
}

/// Our own colours; the colliding code systems of cameras are mapped into them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlateColour {
    /// 蓝
    Blue,
    /// 黄
    Yellow,
    /// 黑
    Black,
    /// 白
    White,
    /// 绿, small new energy
    Green,
    /// 黄绿, large new energy
    YellowGreen,
    /// A colour that has no place here.
    Other,
    /// Not told or not read.
    #[default]
    Unknown,
}

/// The Chinese plate formats (law.md section 8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlateFormat {
    /// Seven characters.
    Civil,
    /// Ends with 挂.
    Trailer,
    /// Ends with 学.
    School,
    /// Ends with 警.
    Police,
    /// Ends with 港 or 澳.
    HongKongMacao,
    /// Eight characters, D or F (or a newer letter) third.
    NewEnergySmall,
    /// Eight characters, D or F last.
    NewEnergyLarge,
    /// 使
    Embassy,
    /// 领
    Consulate,
    /// WJ
    ArmedPolice,
    /// Two letters and five digits.
    Military,
    /// Ends with 超, 试, 临 or 外.
    Special,
    /// Read whole, and of no Chinese format: misread, foreign or false.
    Unusual,
}

/// A plate as read.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Plate {
    /// Whether it could be read.
    pub state: PlateState,
    /// Normalised text without colour character and spaces; `None` unless read or partial.
    pub text: Option<String>,
    /// Format of the text; `None` unless every character was read.
    pub format: Option<PlateFormat>,
    /// Exactly what the camera sent.
    pub raw: String,
    /// Our colour.
    pub colour: PlateColour,
    /// The camera's own word or code for the colour, with the system it belongs to.
    pub colour_raw: String,
    /// The camera's own words and codes for the kind of plate, each with its system in front, such
    /// as `isapi:yellowTwoLine` or `gat1400:15`; empty when not told.
    #[serde(default)]
    pub kinds_raw: Vec<String>,
    /// 0 to 100; `None` when not given.
    pub confidence: Option<u8>,
    /// One per character, 0 to 100; empty when not given.
    pub character_confidence: Vec<u8>,
}

/// How exactly the camera stamps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StampPrecision {
    /// Milliseconds or finer.
    Millisecond,
    /// Whole seconds.
    Second,
}

/// Whether the camera's zone can be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ZoneBasis {
    /// The stamp carries an offset that agrees with the time of arrival.
    Explicit,
    /// The stamp has none; China time was assumed.
    Assumed,
    /// Off by whole or half hours from the time of arrival.
    Suspect,
}

/// The camera's own stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct CameraStamp {
    /// As the camera's clock says.
    pub at: Timestamp,
    /// How exactly.
    pub precision: StampPrecision,
    /// How far its zone is believed.
    pub zone: ZoneBasis,
}

/// Why an event is not about the vehicle now on the scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LateReason {
    /// The camera marks it as sent again after an outage.
    Retransmitted,
    /// The camera marks it as history.
    Historical,
    /// Its stamp is far older than its arrival.
    Old,
    /// It is a picture that came apart from its vehicle and names none that is known.
    PictureAlone,
}

/// What a picture shows.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum PictureKind {
    /// The whole scene.
    Scene,
    /// The plate alone.
    PlateCrop,
    /// The vehicle alone.
    Vehicle,
    /// Several pictures in one.
    Composite,
    /// Anything else.
    Other,
}

/// A picture that is already durable on disk under its digest.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct PictureRef {
    /// What it shows.
    pub kind: PictureKind,
    /// Name that the camera gave it; made distinct when the record is sealed.
    pub name: String,
    /// SHA-256 of the bytes, lower-case hex; also its file name.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
}

/// One event of one camera.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct PlateRead {
    /// The camera's name in our configuration.
    pub camera: String,
    /// Where it looks.
    pub role: CameraRole,
    /// Lane, mapped to ours; `None` when the camera does not tell and serves several.
    pub lane: Option<Lane>,
    /// The camera's id of the event (UUID and the like).
    pub source_id: Option<String>,
    /// The camera's own stamp.
    pub stamp: Option<CameraStamp>,
    /// When the whole event had been received here.
    pub received_at: Timestamp,
    /// Set when it is not live.
    pub late: Option<LateReason>,
    /// The plate.
    pub plate: Plate,
    /// Plates that the camera read beside it, such as the trailer's: evidence, never the plate
    /// that names the vehicle.
    pub further_plates: Vec<Plate>,
    /// Direction, mapped by the camera's configuration.
    pub direction: Direction,
    /// Speed that the camera measured; zero is "not measured" on these devices and never stored.
    pub speed_dkmh: Option<DeciKmh>,
    /// The camera's word for the vehicle.
    pub vehicle_class: Option<String>,
    /// The camera's own words and codes for the vehicle's colour, each with its system in front;
    /// empty when not told.
    #[serde(default)]
    pub vehicle_colours_raw: Vec<String>,
    /// Code of a traffic offence that the camera saw itself, such as 1301 for wrong way.
    pub offence_code: Option<String>,
    /// Echo of the controller's trigger.
    pub trigger_id: Option<u32>,
    /// Pictures, already durable.
    pub pictures: Vec<PictureRef>,
    /// True when the camera announced that a fuller event with the same id follows.
    pub more_follows: bool,
}
