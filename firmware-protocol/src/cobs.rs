//! Consistent Overhead Byte Stuffing for bodies of at most 253 bytes.
//!
//! At that length no block is ever full, so the stuffed form is the body behind one code byte,
//! with each zero replaced by the distance to the next one.

/// Stuffs `body` into `out`, which is one byte longer.
pub(crate) fn stuff(body: &[u8], out: &mut [u8]) {
    debug_assert!(out.len() == body.len() + 1 && body.len() <= crate::MAX_BODY);
    let mut next_zero = out.len();
    for (index, slot) in out.iter_mut().enumerate().rev() {
        let byte = index.checked_sub(1).map_or(0, |before| body[before]);
        if byte == 0 {
            *slot = (next_zero - index) as u8;
            next_zero = index;
        } else {
            *slot = byte;
        }
    }
}

/// Puts the zeros back into `stuffed`, whose body then starts at index 1; false when the codes
/// do not end exactly at the end, which no encoder produces.
pub(crate) fn unstuff(stuffed: &mut [u8]) -> bool {
    let mut at = 0;
    while let Some(slot) = stuffed.get_mut(at) {
        at += usize::from(core::mem::take(slot));
    }
    at == stuffed.len()
}
