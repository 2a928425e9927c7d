//! What leaves the box.
//!
//! A record's JSON is canonicalised, chained, signed and kept by the store; nothing may be added
//! to it afterwards. Its id is made from its inputs alone, so that a crash and a second run give
//! the same record under the same id.

mod again;
pub(super) mod calibrated;
mod channels;
mod clip;
mod eviction;
pub(super) mod joint;
mod pictures;
pub(super) mod reasons;
pub mod reconciliation;
pub(super) mod sealing;
mod strangers;

pub use again::judge_again;
pub use calibrated::Calibrated;
pub use clip::{ClipReference, ClipSource, PLACES, Written};
pub use eviction::{Evicted, EvictedLane, Eviction, EvictionReason, Span};
pub use joint::{Joint, JointAxle};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::assess::Assessment;
use super::evasion::EvasionSign;
use super::name::Name;
use super::pairing::Pairing;
use super::passage::Passage;
use super::plate::PlateRead;
use crate::clock::Timestamp;
use crate::units::Lane;
use reconciliation::Reconciliation;

/// Version of the record's shape; raised when a record would come out with other bytes than before.
/// A ledger keeps what it holds: the chain and the signatures are over bytes, whatever their shape.
pub const RECORD_VERSION: u16 = 4;

/// The point where the vehicle was weighed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Site {
    /// Code of the site, also part of each topic: letters, digits, `-` and `_`.
    pub id: Name,
    /// Name for people, such as road and stake mark.
    pub name: Name,
}

/// Software and parameters that made the record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Provenance {
    /// Version of wimd.
    pub software: Name,
    /// SHA-256 of the running binary, lower-case hex.
    pub software_sha256: Name,
    /// SHA-256 of the legally relevant parameters, lower-case hex.
    pub parameters_sha256: Name,
}

/// Why a record cannot support a case.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Unenforceable {
    /// The verdict is not `overload`, and no axle group is over either.
    NotOverload,
    /// Over on an axle group only, and not by so much that the site lets it support a case.
    AxleGroupOnly,
    /// No plate belongs to the passage.
    NoPlate,
    /// A plate was paired but could not be read whole.
    PlateNotRead,
    /// More than one pairing is plausible.
    AmbiguousPairing,
    /// Over the profile's limit, but not over the most favourable reading's.
    LimitAmbiguous,
    /// The grouping is uncertain or disagrees with the device's.
    GroupingUncertain,
    /// Speed outside the approved range.
    SpeedOutOfRange,
    /// Braking, accelerating, stop-and-go, S-driving, straddling or tailgating.
    Manoeuvre,
    /// The measurement is inconsistent.
    MeasurementInconsistent,
    /// A sensor of the lane was faulty.
    SensorFault,
    /// The scale has told no verification certificate.
    NoCertificate,
    /// The certificate had expired.
    CertificateExpired,
    /// The system clock was not synchronised.
    ClockUnsynchronised,
    /// The camera's clock has not been learnt yet.
    CameraClockUnknown,
    /// The controller's time could not be mapped.
    ScaleTimeUnknown,
    /// A required picture is missing.
    EvidenceIncomplete,
    /// Driven against the direction of the lane.
    WrongWay,
    /// The controller makes a remark that this version does not know.
    UnknownRemark,
    /// The lane is none of the configured ones.
    LaneUnmapped,
    /// One camera alone read the plate, and not every character of it for certain.
    PlateUnconfirmed,
    /// The controller made several passages of one vehicle.
    PartOfVehicle,
    /// The scale has drifted since its calibration: good for statistics only.
    ScaleDrift,
    /// A camera says that it is a bus: the gross limits are those of goods vehicles.
    NotGoodsVehicle,
}

impl Unenforceable {
    /// Whether it stands against the measurement itself; the others concern its use in a case.
    pub fn concerns_measurement(self) -> bool {
        matches!(
            self,
            Self::GroupingUncertain
                | Self::SpeedOutOfRange
                | Self::Manoeuvre
                | Self::MeasurementInconsistent
                | Self::SensorFault
                | Self::WrongWay
                | Self::UnknownRemark
                | Self::LaneUnmapped
                | Self::PartOfVehicle
        )
    }
}

/// A weighed vehicle, judged.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct PassageRecord {
    /// The measurement.
    pub passage: Passage,
    /// The figures and the verdict.
    pub assessment: Assessment,
    /// Whose vehicle it was.
    pub pairing: Pairing,
    /// Signs of evasion, each evidence of its own.
    pub evasion: Vec<EvasionSign>,
    /// Whether it can support a case.
    pub enforceable: bool,
    /// Why not; sorted, empty when enforceable.
    pub unenforceable: Vec<Unenforceable>,
    /// Whether every required picture is there.
    pub evidence_complete: bool,
    /// Films of it that recorders keep; references only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clips: Vec<ClipReference>,
}

/// What a record is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Body {
    /// One weighed vehicle.
    Passage(Box<PassageRecord>),
    /// A camera event that belongs to no weighed vehicle, or came after its record was sealed.
    Supplement(Box<Supplement>),
    /// Both halves of a vehicle astride two lanes, beside their own records.
    Joint(Box<Joint>),
    /// Something that is known to be missing.
    Gap(Gap),
    /// Something a person must act on.
    Alarm(Alarm),
    /// Something that was done to the site.
    Audit(Audit),
    /// A time in which nothing could come from a camera.
    CameraGap(CameraGap),
    /// What runs of a reference vehicle said of the scale.
    Calibration(Box<Calibrated>),
    /// What was sealed in an hour or a day, in figures.
    Reconciliation(Box<Reconciliation>),
    /// What had to go to make room.
    Eviction(Eviction),
}

/// A camera event without a passage of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Supplement {
    /// The event.
    pub plate_read: PlateRead,
    /// Why it stands alone.
    pub reason: SupplementReason,
    /// Record that it belongs to, when that is known.
    pub refers_to: Option<String>,
    /// Sequence of that record in the site's ledger. `None` where `refers_to` is, and where it was not
    /// known yet: because the disk took nothing then, or because the vehicle of that record still waited
    /// for other events when its camera told this one again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refers_to_seq: Option<u64>,
    /// Signs of evasion that the camera saw by itself.
    pub evasion: Vec<EvasionSign>,
}

/// Why a camera event stands alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SupplementReason {
    /// No passage matched it within the window.
    NoPassage,
    /// It came late and was not matched against live traffic.
    Late,
    /// It repeats an event that a record has already, and tells more or something else.
    Repeated,
}

/// A span of controller events that cannot be had any more.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// Address of the controller.
    pub controller: u8,
    /// Its boot id.
    pub boot_id: u32,
    /// First missing event sequence.
    pub first_sequence: u32,
    /// Last missing event sequence; `None` when unknown (the controller restarted).
    pub last_sequence: Option<u32>,
    /// Why.
    pub reason: String,
}

/// A time in which a pulled camera's stream was away: what it saw then is not had any more.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct CameraGap {
    /// The camera's name in our configuration.
    pub camera: String,
    /// When the last of it had come; `None` when nothing had come since the daemon started.
    pub from: Option<Timestamp>,
    /// When it came again.
    pub to: Timestamp,
    /// Why it was away.
    pub reason: String,
}

/// Something a person must act on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Alarm {
    /// Name of the alarm, such as `store_moved_aside`.
    pub name: String,
    /// Lane, when it concerns one.
    pub lane: Option<Lane>,
    /// One sentence.
    pub text: String,
}

/// Something that was done to the site, as the controller or the daemon tells it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Audit {
    /// Who tells it, such as `controller 1`.
    pub source: String,
    /// Name of the event, such as `calibration_changed`.
    pub event: String,
    /// Value before, as text.
    pub before: String,
    /// Value after, as text.
    pub after: String,
}

/// One record, before the store gives it sequence, hash and signature.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Record {
    /// [`RECORD_VERSION`].
    pub version: u16,
    /// Unique id made from the inputs: site, source and number; letters, digits, `-` and `_`.
    pub id: String,
    /// Where.
    pub site: Site,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// What.
    pub body: Body,
    /// By which software and parameters.
    pub provenance: Provenance,
}

/// Topics a record goes to.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Verdict overload, or over on an axle group only.
    Violation,
    /// Signs of evasion.
    Evasion,
    /// A person must act.
    Alarm,
    /// Everything else.
    Passage,
    /// Hourly and daily figures.
    Reconciliation,
}
