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

/// CRC-32C of anything with its own little-endian CRC-32C behind it: the residue of the
/// polynomial. Checking so is faster than comparing, because an axle frame of 48 bytes then
/// fills whole blocks of sixteen.
pub(crate) const WITH_OWN_CHECKSUM: u32 = 0x4867_4BC7;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_of_the_catalogue_holds() {
        assert_eq!(crc32c(b"123456789"), 0xE306_9283);
    }

    #[test]
    fn anything_with_its_own_checksum_behind_it_has_the_same_checksum() {
        for bytes in [&b"\x01"[..], b"123456789", &[0; 40]] {
            let mut whole = [0; 44];
            let end = bytes.len() + 4;
            whole[..bytes.len()].copy_from_slice(bytes);
            whole[bytes.len()..end].copy_from_slice(&crc32c(bytes).to_le_bytes());
            assert_eq!(crc32c(&whole[..end]), WITH_OWN_CHECKSUM);
        }
    }
}
