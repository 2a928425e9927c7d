//! What the verification of the scale says, as it is stamped on each record. In: the passage and
//! the profile. Out: certificate, accuracy and approved range of the lane's scale.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Accuracy, Certificate, Profile};
use crate::pipeline::limits::Day;
use crate::pipeline::passage::{Passage, ScaleIdentity};
use crate::units::{DeciKmh, MillimetresPerSecond2, PerMyriad};

/// The scale as verified. Nobody sends these with a record (law.md 7.2), and without them a
/// measurement proves nothing: so they stand in each one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Metrology {
    /// The certificate that counts: the lane's by configuration, else the one that the scale
    /// tells; `None` when neither names one.
    pub certificate: Option<Certificate>,
    /// Accuracy by the certificate; `None` when it is not configured.
    pub accuracy: Option<Accuracy>,
    /// Lowest approved speed; `None` when no range is configured.
    pub speed_from_dkmh: Option<DeciKmh>,
    /// Highest approved speed; `None` when no range is configured.
    pub speed_to_dkmh: Option<DeciKmh>,
    /// Greatest approved acceleration or braking; `None` when it is not configured.
    pub acceleration_max_mmps2: Option<MillimetresPerSecond2>,
    /// Calibration factor set in the scale and applied by it; `None` when it is not configured.
    pub calibration_factor_permyriad: Option<PerMyriad>,
}

impl Metrology {
    /// Of the scale that measured `passage`.
    pub(super) fn of(passage: &Passage, profile: &Profile) -> Self {
        let Some(lane) = profile.lane(passage.lane) else {
            let certificate = passage.scale.as_ref().and_then(told);
            return Self { certificate, ..Self::default() };
        };
        let configured = lane.certificate.clone();
        Self {
            certificate: configured.or_else(|| passage.scale.as_ref().and_then(told)),
            accuracy: lane.accuracy,
            speed_from_dkmh: lane.speed.map(|(least, _)| least),
            speed_to_dkmh: lane.speed.map(|(_, most)| most),
            acceleration_max_mmps2: lane.acceleration_max,
            calibration_factor_permyriad: lane.calibration_factor,
        }
    }
}

fn told(scale: &ScaleIdentity) -> Option<Certificate> {
    (!scale.certificate.is_empty()).then(|| Certificate {
        number: scale.certificate.as_str().into(),
        institution: Default::default(),
        expiry: scale.certificate_expiry.and_then(Day::from_yyyymmdd),
    })
}
