//! What goes into the pipeline and what comes out of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::calibration::Calibration;
use super::passage::Passage;
use super::plate::PlateRead;
use super::record::{Alarm, Audit, CameraGap, Gap, Record};
use crate::clock::Timestamp;

/// Number of an input in the inbox: given once, never reused by the same store.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct InputId(pub u64);

/// What the doors bring in. Stored with bincode: externally tagged.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Input {
    /// A vehicle over the scale.
    Passage(Box<Passage>),
    /// A camera event.
    PlateRead(Box<PlateRead>),
    /// Events that cannot be had any more.
    Gap(Gap),
    /// Something that was done to the site.
    Audit(Audit),
    /// Something a person must act on.
    Alarm(Alarm),
    /// A time in which a pulled camera's stream was away.
    CameraGap(CameraGap),
    /// A calibration that a person has applied.
    Calibration(Box<Calibration>),
}

/// An input with the bytes it was made from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Arrival {
    /// When it was received.
    pub received_at: Timestamp,
    /// What.
    pub input: Input,
    /// The raw frames of a passage, kept beside the sealed record; empty for others.
    pub raw: Vec<u8>,
}

/// Why an input makes no record; each is a counter in `status`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum DropReason {
    /// The same camera event again.
    DuplicatePlateRead,
    /// Replaced by a fuller event with the same id.
    SupersededPlateRead,
    /// The same vehicle again.
    DuplicatePassage,
}

/// What the pipeline wants done. The order matters; the caller does all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Action {
    /// Seal this record and remove the inputs in the same transaction.
    Seal(Box<Seal>),
    /// Remove the input and count it.
    Drop {
        /// Which.
        input: InputId,
        /// Under which name.
        reason: DropReason,
    },
}

/// A record to seal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// The record.
    pub record: Record,
    /// Raw frames that belong to it.
    pub raw: Vec<u8>,
    /// Inputs that are settled by it.
    pub consumes: Vec<InputId>,
}
