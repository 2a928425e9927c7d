//! Host to controller: which scale are you.

use super::Payload;
use crate::wire::{Reader, Writer};

/// Asks for an [`super::Identity`]; has no fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct IdentityRequest;

impl Payload for IdentityRequest {
    const KIND: u8 = 0x02;
    const LEN: usize = 0;

    fn write(&self, _to: &mut Writer) {}

    fn read(_from: &mut Reader<'_>) -> Option<Self> {
        Some(Self)
    }
}
