//! Times on the wire, in microseconds, for both sides. `PROTOCOL.md` section 8 tables them.

use crate::MAX_ENCODED;

/// Earliest start of an answer after the last byte of the question: the host's driver may need
/// so long to release a two-wire line (our choice: one scheduler tick of a Linux PC).
pub const TURN_AROUND_MIN_US: u64 = 1_000;
/// Latest start of an answer, and longest pause between two frames of one answer (our choice:
/// ample for a controller that measures at the same time).
pub const TURN_AROUND_MAX_US: u64 = 20_000;
/// What adapters and the operating system may add at the host: twice the 16 ms latency timer
/// that common USB serial adapters start with.
pub const HOST_LATENCY_US: u64 = 32_000;

/// Time for `bytes` at `baud` bits per second with one start and one stop bit, rounded up; the
/// highest value for a `baud` of 0.
pub const fn wire_time_us(bytes: usize, baud: u32) -> u64 {
    if baud == 0 {
        return u64::MAX;
    }
    (bytes as u64).saturating_mul(10_000_000).div_ceil(baud as u64)
}

/// How long the host waits for each frame of an answer, counted from the end of its question or
/// of the frame before.
pub const fn answer_timeout_us(baud: u32) -> u64 {
    wire_time_us(MAX_ENCODED, baud).saturating_add(TURN_AROUND_MAX_US + HOST_LATENCY_US)
}
