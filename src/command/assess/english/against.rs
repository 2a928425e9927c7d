//! What stands against a case, in English.

use crate::pipeline::record::Unenforceable;

/// One reason as a sentence.
pub(in crate::command::assess) fn against(reason: Unenforceable) -> String {
    let why = match reason {
        Unenforceable::NotOverload => "the gross mass is not certainly over its limit",
        Unenforceable::AxleGroupOnly => {
            "it is over on an axle group only, and not by so much that it may count"
        }
        Unenforceable::NoPlate => "no plate belongs to the passage",
        Unenforceable::PlateNotRead => "the plate could not be read whole",
        Unenforceable::AmbiguousPairing => "more than one vehicle fits the plate",
        Unenforceable::LimitAmbiguous => {
            "the mass is not certainly over the limit of a reading that cannot be excluded"
        }
        Unenforceable::GroupingUncertain => {
            "the axle groups are uncertain or contradict the ones that the scale reports"
        }
        Unenforceable::SpeedOutOfRange => "the speed is not within the approved range",
        Unenforceable::Manoeuvre => "the vehicle did not drive over the scale as is approved",
        Unenforceable::MeasurementInconsistent => "the measurement contradicts itself",
        Unenforceable::SensorFault => "a sensor of the lane was faulty",
        Unenforceable::UnknownRemark => "the scale remarked something that is not known here",
        Unenforceable::LaneUnmapped => "the lane of the scale is no lane of the site",
        Unenforceable::NoCertificate => "no verification certificate with its last day is known",
        Unenforceable::CertificateExpired => "the verification certificate had expired",
        Unenforceable::ClockUnsynchronised => "the system clock was not synchronised",
        Unenforceable::CameraClockUnknown => "the camera's clock is not known",
        Unenforceable::ScaleTimeUnknown => "the time of the scale is not known",
        Unenforceable::EvidenceIncomplete => "a required picture is missing",
        Unenforceable::WrongWay => "the vehicle drove against the traffic",
        Unenforceable::PlateUnconfirmed => {
            "one camera alone read the plate, and not every character for certain"
        }
        Unenforceable::ScaleDrift => "the scale has drifted since its calibration",
        Unenforceable::NotGoodsVehicle => {
            "a camera says that it is a bus, and the limits are those of goods vehicles"
        }
        Unenforceable::PartOfVehicle => "the scale made several passages of one vehicle",
    };
    format!("It supports no case: {why}.")
}
