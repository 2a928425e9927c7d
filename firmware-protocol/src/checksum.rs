//! CRC-32C (Castagnoli), the only checksum of the protocol.

use crc::{CRC_32_ISCSI, Crc, Digest};

/// The host has memory to spare for sixteen tables, the firmware has not.
#[cfg(feature = "host")]
pub(crate) type Width = crc::Table<16>;
#[cfg(not(feature = "host"))]
pub(crate) type Width = crc::Table<1>;

pub(crate) static CRC: Crc<u32, Width> = Crc::<u32, Width>::new(&CRC_32_ISCSI);

/// A checksum in progress.
pub(crate) type Running = Digest<'static, u32, Width>;

/// CRC-32C of `bytes`; `crc32c(b"123456789")` is `0xE306_9283`.
pub fn crc32c(bytes: &[u8]) -> u32 {
    CRC.checksum(bytes)
}
