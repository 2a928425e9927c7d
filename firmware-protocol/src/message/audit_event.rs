//! Event: something that touches the trust in the scale.

use super::Payload;
use crate::code::codes;
use crate::wire::{Reader, Writer};

codes! {
    /// What happened.
    AuditKind {
        /// The controller has started; always its first event.
        Started = 1,
        /// A parameter was changed; `subject` is its number.
        ConfigurationChanged = 2,
        /// A calibration value was changed; `subject` is the sensor or channel.
        CalibrationChanged = 3,
        /// The software was changed.
        SoftwareChanged = 4,
        /// The housing was opened.
        HousingOpened = 5,
        /// The housing was closed.
        HousingClosed = 6,
        /// The zero of a channel was set; `subject` is the channel.
        ZeroSet = 7,
        /// The supply failed or came back; `before` and `after` in mV.
        Supply = 8,
        /// Someone logged in at the device.
        Access = 9,
    }
}

/// An entry for the audit trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditEvent {
    /// When, in microseconds since the start of the controller.
    pub at_us: u64,
    /// What happened.
    pub kind: AuditKind,
    /// What it happened to; depends on the kind.
    pub subject: Option<u16>,
    /// Value before it.
    pub before: Option<i32>,
    /// Value after it.
    pub after: Option<i32>,
    /// Non-resettable count of calibrations after it.
    pub calibration_count: Option<u64>,
    /// Non-resettable count of changes of the configuration after it.
    pub configuration_count: Option<u64>,
}

impl Payload for AuditEvent {
    const KIND: u8 = 0xA5;
    const LEN: usize = 35;

    fn write(&self, to: &mut Writer) {
        to.u64(self.at_us);
        to.u8(self.kind.code());
        to.measured_u16("subject", self.subject);
        to.measured_i32("before", self.before);
        to.measured_i32("after", self.after);
        to.measured_u64("calibration_count", self.calibration_count);
        to.measured_u64("configuration_count", self.configuration_count);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            at_us: from.u64()?,
            kind: AuditKind::from_code(from.u8()?),
            subject: from.measured_u16()?,
            before: from.measured_i32()?,
            after: from.measured_i32()?,
            calibration_count: from.measured_u64()?,
            configuration_count: from.measured_u64()?,
        })
    }
}
