//! The group codes that a scale sends, read by the scheme that its lane is set to.
//!
//! They are compared with the spacings and give nothing else: what a code says of tyres is no
//! measurement of an axle, and takes nothing off a limit.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Grouping;

/// Meaning of a device's group codes (scales.md section 5). The digits contradict each other
/// between devices, so that no scheme is ever assumed.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CodeScheme {
    /// 1 to 7, where 7 is a three-axle group with dual tyres.
    OneToSeven,
    /// 1 to 9, where 7 is a three-axle group with one dual and two single, 9 with dual tyres.
    OneToNine,
}

/// What the cross-check with the device's codes gave.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum DeviceAgreement {
    /// The device sent none, the lane has no scheme, or a code says "other" (0).
    NotCompared,
    /// The device's groups are one of our readings.
    Agrees,
    /// They are none of our readings, or a code is not in the scheme.
    Disagrees,
}

impl CodeScheme {
    /// Axles in the group of `code`: `None` when the scheme has no such code.
    pub const fn axles(self, code: u8) -> Option<u8> {
        match (self, code) {
            (_, 1 | 2) => Some(1),
            (_, 3..=5) => Some(2),
            (_, 6 | 7) | (Self::OneToNine, 8 | 9) => Some(3),
            _ => None,
        }
    }

    /// Compares the device's codes with our grouping.
    ///
    /// A twin-steer pair is written as two single-tyred axles in the common shape codes (115 is a
    /// 2+2 truck, law.md section 10), so that a leading `1, 1` also stands for a pair.
    pub fn compare(self, codes: &[u8], grouping: &Grouping) -> DeviceAgreement {
        if codes.is_empty() || codes.contains(&0) {
            return DeviceAgreement::NotCompared;
        }
        let Some(joined) = self.joined(codes, grouping.axles()) else {
            return DeviceAgreement::Disagrees;
        };
        let as_pair = matches!(codes, [1, 1, ..]) && grouping.admits_gaps(joined | 1);
        if grouping.admits_gaps(joined) || as_pair {
            DeviceAgreement::Agrees
        } else {
            DeviceAgreement::Disagrees
        }
    }

    fn joined(self, codes: &[u8], axles: usize) -> Option<u32> {
        let mut joined = 0_u32;
        let mut counted = 0_usize;
        for code in codes {
            let size = usize::from(self.axles(*code)?);
            if counted + size > axles {
                return None;
            }
            for gap in counted..counted + size - 1 {
                joined |= 1 << gap;
            }
            counted += size;
        }
        (counted == axles).then_some(joined)
    }
}
