//! Names of the codes on the wire, for records and `status`.

use firmware_protocol::{AuditKind, SensorHealth, SensorKind};

pub(super) fn audit_kind(kind: AuditKind) -> String {
    let name = match kind {
        AuditKind::Started => "started",
        AuditKind::ConfigurationChanged => "configuration_changed",
        AuditKind::CalibrationChanged => "calibration_changed",
        AuditKind::SoftwareChanged => "software_changed",
        AuditKind::HousingOpened => "housing_opened",
        AuditKind::HousingClosed => "housing_closed",
        AuditKind::ZeroSet => "zero_set",
        AuditKind::Supply => "supply",
        AuditKind::Access => "access",
        AuditKind::Other(code) => return format!("unknown_{code}"),
    };
    name.to_owned()
}

pub(super) fn sensor_kind(kind: SensorKind) -> String {
    let name = match kind {
        SensorKind::Load => "load",
        SensorKind::Loop => "loop",
        SensorKind::Separator => "separator",
        SensorKind::Tyre => "tyre",
        SensorKind::Temperature => "temperature",
        SensorKind::Other(code) => return format!("unknown_{code}"),
    };
    name.to_owned()
}

pub(super) fn sensor_health(health: SensorHealth) -> String {
    let name = match health {
        SensorHealth::Good => "good",
        SensorHealth::Drifted => "drifted",
        SensorHealth::Faulty => "faulty",
        SensorHealth::Blocked => "blocked",
        SensorHealth::NotMeasured => "not_measured",
        SensorHealth::Other(code) => return format!("unknown_{code}"),
    };
    name.to_owned()
}
