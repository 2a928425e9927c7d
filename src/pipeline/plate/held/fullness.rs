//! How much an event tells, to know whether another of the same vehicle adds to it.

use crate::pipeline::plate::{PlateRead, PlateState};

/// Whether it is whole, how well its plate was read and which signs it has, and its pictures. Stored with
/// bincode.
pub(super) type Fullness = (bool, u8, usize);

/// Every character of its plate was read.
const READ: u8 = 2;
const PARTIAL: u8 = 1;
/// It tells an offence, or that the plate is covered: beside how well that was read.
const OFFENCE: u8 = 0x80;
const COVERED: u8 = 0x40;
const SIGNS: u8 = OFFENCE | COVERED;

pub(super) fn fullness(read: &PlateRead) -> Fullness {
    let state = match read.plate.state {
        PlateState::Read => READ,
        PlateState::Partial => PARTIAL,
        PlateState::Covered => COVERED,
        PlateState::Absent | PlateState::Unread => 0,
    };
    let offence = if read.offence_code.is_some() { OFFENCE } else { 0 };
    (!read.more_follows, state | offence, read.pictures.len())
}

/// Whether the first has a sign that the other has not.
pub(super) fn adds_signs((_, one, _): Fullness, (_, other, _): Fullness) -> bool {
    one & SIGNS & !other != 0
}

/// Whether the first tells more: compared from left to right, or by a sign.
pub(super) fn is_fuller(one: Fullness, other: Fullness) -> bool {
    rank(one) > rank(other) || adds_signs(one, other)
}

/// Whether every character of the plate was read.
pub(super) fn is_read(one: Fullness) -> bool {
    rank(one).1 == READ
}

/// What both tell together.
pub(super) fn both(one: Fullness, other: Fullness) -> Fullness {
    let (whole, state, pictures) = rank(one).max(rank(other));
    (whole, state | (one.1 | other.1) & SIGNS, pictures)
}

fn rank((whole, state, pictures): Fullness) -> Fullness {
    (whole, state & !SIGNS, pictures)
}
