//! Controller to host: which scale it is, as its verification certificate names it.

use super::Payload;
use crate::Text;
use crate::wire::{Reader, Writer};

/// Answer to [`super::IdentityRequest`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Boot id of the controller.
    pub boot_id: u32,
    /// Non-resettable count of calibrations; `None` when the controller keeps none.
    pub calibration_count: Option<u64>,
    /// Non-resettable count of changes of the configuration; `None` when it keeps none.
    pub configuration_count: Option<u64>,
    /// Last day of the verification certificate as `yyyymmdd`; `None` when not known.
    pub certificate_expiry: Option<u32>,
    /// Lanes that the controller weighs; `None` when not known.
    pub lanes: Option<u8>,
    /// Maker's model.
    pub model: Text<32>,
    /// Serial number.
    pub serial: Text<32>,
    /// Identification of the legally relevant software, such as version and checksum.
    pub software: Text<32>,
    /// Verification certificate number; empty when it holds none.
    pub certificate: Text<48>,
}

impl Payload for Identity {
    const KIND: u8 = 0x82;
    const LEN: usize = 29;

    fn fits(payload: &[u8]) -> bool {
        Self::read(&mut Reader(payload)).is_some()
    }

    fn write(&self, to: &mut Writer) {
        to.u32(self.boot_id);
        to.measured_u64("calibration_count", self.calibration_count);
        to.measured_u64("configuration_count", self.configuration_count);
        to.measured_u32("certificate_expiry", self.certificate_expiry);
        to.measured_u8("lanes", self.lanes);
        to.text(&self.model);
        to.text(&self.serial);
        to.text(&self.software);
        to.text(&self.certificate);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            boot_id: from.u32()?,
            calibration_count: from.measured_u64()?,
            configuration_count: from.measured_u64()?,
            certificate_expiry: from.measured_u32()?,
            lanes: from.measured_u8()?,
            model: from.text()?,
            serial: from.text()?,
            software: from.text()?,
            certificate: from.text()?,
        })
    }
}
