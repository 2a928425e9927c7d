//! What is numbered, kept until it is acknowledged, and sent again when it is lost.

use super::{AuditEvent, Axle, ControllerStatus, Payload, VehicleBegin, VehicleEnd};
use crate::wire::{Reader, Writer};

/// Stands before the fields of every event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventHeader {
    /// Boot id of the controller.
    pub boot_id: u32,
    /// Number of the event since its start, from 1, without gaps.
    pub sequence: u32,
    /// Oldest event that it still holds. Beyond what the host expects next, the events between
    /// are gone and cannot be asked for.
    pub oldest: u32,
}

impl EventHeader {
    /// Bytes on the wire.
    pub const LEN: usize = 12;

    pub(crate) fn write(&self, to: &mut Writer) {
        to.u32(self.boot_id);
        to.u32(self.sequence);
        to.u32(self.oldest);
    }

    pub(crate) fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self { boot_id: from.u32()?, sequence: from.u32()?, oldest: from.u32()? })
    }
}

/// One of the five events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A vehicle has come.
    VehicleBegin(VehicleBegin),
    /// One of its axles.
    Axle(Axle),
    /// It has gone.
    VehicleEnd(VehicleEnd),
    /// How the controller is.
    ControllerStatus(ControllerStatus),
    /// Something for the audit trail.
    AuditEvent(AuditEvent),
}

impl Event {
    pub(crate) const fn kind(&self) -> u8 {
        match self {
            Self::VehicleBegin(_) => VehicleBegin::KIND,
            Self::Axle(_) => Axle::KIND,
            Self::VehicleEnd(_) => VehicleEnd::KIND,
            Self::ControllerStatus(_) => ControllerStatus::KIND,
            Self::AuditEvent(_) => AuditEvent::KIND,
        }
    }

    pub(crate) fn write(&self, to: &mut Writer) {
        match self {
            Self::VehicleBegin(event) => event.write(to),
            Self::Axle(event) => event.write(to),
            Self::VehicleEnd(event) => event.write(to),
            Self::ControllerStatus(event) => event.write(to),
            Self::AuditEvent(event) => event.write(to),
        }
    }
}
