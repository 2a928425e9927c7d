//! A passage of a scenario as the controller plays it.

use firmware_protocol::{Direction, Flags, Tyres};

use crate::pipeline::passage::{self, Axle, Passage, QualityFlag};
use crate::sim::controller::{SimAxle, SimVehicle};
use crate::units::Micros;

/// The same so much later.
pub(super) fn moved(mut passage: Passage, by: Micros) -> Passage {
    for axle in &mut passage.axles {
        axle.at = axle.at + by;
    }
    passage.began_at = passage.began_at + by;
    passage.ended_at = passage.ended_at + by;
    passage
}

/// What the controller tells of it.
pub(super) fn vehicle(passage: &Passage) -> SimVehicle {
    SimVehicle {
        lane: passage.lane,
        direction: match passage.direction {
            passage::Direction::WithTraffic => Direction::WithTraffic,
            passage::Direction::AgainstTraffic => Direction::AgainstTraffic,
            passage::Direction::Unknown => Direction::NotMeasured,
        },
        began_at: passage.began_at,
        ended_at: passage.ended_at,
        axles: passage.axles.iter().map(axle).collect(),
        gross: passage.reported_gross_kg,
        length: passage.length_mm,
        speed: passage.speed_dkmh,
        acceleration: passage.acceleration_mmps2,
        temperature: passage.temperature_dc,
        flags: passage.flags.iter().fold(Flags::NONE, |flags, flag| flags.union(remark(*flag))),
        trigger_id: passage.trigger_id,
        groups: None,
    }
}

fn axle(axle: &Axle) -> SimAxle {
    SimAxle {
        at: axle.at,
        load: axle.load_kg,
        left: axle.left_kg,
        right: axle.right_kg,
        spacing: axle.spacing_mm,
        speed: axle.speed_dkmh,
        tyres: match axle.tyres {
            passage::Tyres::Single => Tyres::Single,
            passage::Tyres::Dual => Tyres::Dual,
            passage::Tyres::Unknown => Tyres::NotMeasured,
        },
        flags: Flags::NONE,
    }
}

/// The controller's word for it; none for what the daemon finds by itself.
fn remark(flag: QualityFlag) -> Flags {
    match flag {
        QualityFlag::StopAndGo => Flags::STOP_AND_GO,
        QualityFlag::Braking => Flags::BRAKING,
        QualityFlag::Accelerating => Flags::ACCELERATING,
        QualityFlag::SDriving => Flags::S_DRIVING,
        QualityFlag::Straddling => Flags::STRADDLING,
        QualityFlag::OffScale => Flags::OFF_SCALE,
        QualityFlag::Tailgating => Flags::TAILGATING,
        QualityFlag::SensorFault => Flags::SENSOR_FAULT,
        QualityFlag::SpeedOutOfRange => Flags::SPEED_OUT_OF_RANGE,
        _ => Flags::NONE,
    }
}
