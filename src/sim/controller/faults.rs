//! A bad line: frames are lost, repeated, exchanged with the next one, or corrupted.

use rand::Rng;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// How bad, each in per cent of the frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Faults {
    /// Lost.
    pub drop: u8,
    /// Sent twice.
    pub duplicate: u8,
    /// Sent after the next one.
    pub reorder: u8,
    /// One bit turned over.
    pub corrupt: u8,
}

impl Faults {
    /// A good line.
    pub const NONE: Self = Self { drop: 0, duplicate: 0, reorder: 0, corrupt: 0 };
}

/// One direction of such a line, for frames as bytes.
#[derive(Debug)]
pub struct FaultyLine {
    faults: Faults,
    rng: ChaCha8Rng,
    held: Option<Vec<u8>>,
}

impl FaultyLine {
    /// A line whose faults follow from `seed`.
    pub fn new(faults: Faults, seed: u64) -> Self {
        Self { faults, rng: ChaCha8Rng::seed_from_u64(seed), held: None }
    }

    /// What comes out at the other end when `frame` is put in.
    pub fn pass(&mut self, mut frame: Vec<u8>) -> Vec<Vec<u8>> {
        let held = self.held.take();
        if self.strikes(self.faults.drop) {
            return held.into_iter().collect();
        }
        if self.strikes(self.faults.corrupt) {
            let position = self.rng.random_range(0..frame.len().max(1));
            let bit = self.rng.random_range(0..8);
            if let Some(byte) = frame.get_mut(position) {
                *byte ^= 1 << bit;
            }
        }
        let mut out = vec![frame.clone()];
        if self.strikes(self.faults.duplicate) {
            out.push(frame.clone());
        }
        if held.is_none() && self.strikes(self.faults.reorder) {
            self.held = out.pop();
        }
        out.extend(held);
        out
    }

    fn strikes(&mut self, percent: u8) -> bool {
        percent > 0 && self.rng.random_range(0..100) < percent
    }
}
