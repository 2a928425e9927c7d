//! Which entries wait, as one number for each queue. Where sled falls back on an older page, as it
//! does when the middle of its log is damaged, what had gone is there again in the place of what had
//! come: as many as before, and yet others.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::trees::TreeName;

/// The sum, bit by bit, of the digests of all keys of a queue: each entry that comes or goes changes it,
/// and the order does not matter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Roll {
    pub(super) inbox: u64,
    pub(super) outbox: u64,
}

impl Roll {
    /// An entry has come or gone.
    pub(super) fn note(&mut self, tree: TreeName, key: &[u8]) {
        match tree {
            TreeName::Inbox => self.inbox ^= digest(key),
            TreeName::Outbox => self.outbox ^= digest(key),
            TreeName::Ledger | TreeName::Meta | TreeName::Quarantine => {}
        }
    }
}

/// Of a digest whose sums do not cancel each other out as those of a checksum do.
fn digest(key: &[u8]) -> u64 {
    let digest: [u8; 32] = Sha256::digest(key).into();
    let [a, b, c, d, e, f, g, h, ..] = digest;
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(keys: &[u64]) -> Roll {
        let mut roll = Roll::default();
        for key in keys {
            roll.note(TreeName::Inbox, &key.to_be_bytes());
            roll.note(TreeName::Ledger, &key.to_be_bytes());
        }
        roll
    }

    #[test]
    fn the_same_entries_have_the_same_roll_however_they_came_and_others_have_another() {
        assert_eq!(of(&[1, 2, 3]), of(&[3, 7, 1, 7, 2]));
        assert_eq!(of(&[5, 5]), Roll::default());
        // 1 ^ 4 = 2 ^ 7
        assert_ne!(of(&[1, 4]), of(&[2, 7]));
        assert_ne!(of(&[700]), of(&[701]));
    }

    /// Old bytes are sacred.
    #[test]
    fn the_roll_of_a_key_is_this_number() {
        // SHA-256 of eight zeros begins with af5570f5a1810b7a
        let mut roll = Roll::default();
        roll.note(TreeName::Outbox, &[0; 8]);
        assert_eq!(roll, Roll { inbox: 0, outbox: 0xaf55_70f5_a181_0b7a });
    }
}
