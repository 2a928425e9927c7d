//! The configured cameras: found by token, each with what is remembered of it.

use std::collections::VecDeque;
use std::mem::Discriminant;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ipnet::IpNet;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use tokio::time::Instant;

use super::joining::Joining;
use super::limits::Bucket;
use super::refused::Refused;
use super::secret::{SecretError, password};
use super::stamp::ZoneMemory;
use crate::config::camera::{CameraConfig, Dialect};

/// Events that are remembered to know a duplicate; our choice: a camera repeats an unanswered
/// event before it goes on, so the last few would do.
const REMEMBERED: usize = 256;

/// A registration without a sign of life for so long is over, and the device registers again. Our
/// choice: six heartbeats of 30 s, three retries of 60 s (cameras.md section 4.1).
const REGISTERED_FOR: Duration = Duration::from_secs(180);
/// Lines that a camera may cause in the log at once, and how long it then waits for each further
/// one: a camera that is refused and taken in turn would fill a disk. Our choice.
const LINES: u32 = 20;
const LINE_EVERY: Duration = Duration::from_secs(60);
/// A jump of the upload number beyond this is a new count, not a loss; our choice.
const MOST_SKIPPED: u32 = 100_000;
/// A fall of the upload number below this is a repetition, beyond it a new count; our choice.
const MOST_REPEATED: u32 = 1_000;

/// A registration of GA/T 1400: for one address, until it falls silent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Registration {
    pub(super) address: IpAddr,
    pub(super) seen: Instant,
}

impl Registration {
    /// Whether a request of this address and instant belongs to it.
    pub(super) fn covers(&self, address: IpAddr, now: Instant) -> bool {
        self.address == address && now.saturating_duration_since(self.seen) < REGISTERED_FOR
    }
}

/// The last number of a camera that counts its uploads.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Uploads(Option<u32>);

impl Uploads {
    /// How many numbers are missing before this one. A lower number is a repetition or a new
    /// count, and no loss.
    pub(super) fn skipped(&mut self, number: u32) -> u64 {
        let last = self.0.unwrap_or(number);
        if number <= last && last - number < MOST_REPEATED {
            self.0 = Some(last);
            return 0;
        }
        self.0 = Some(number);
        let ahead = number.saturating_sub(last);
        if ahead > MOST_SKIPPED { 0 } else { u64::from(ahead.saturating_sub(1)) }
    }
}

/// What is remembered of a camera between its requests.
#[derive(Debug)]
pub(super) struct Memory {
    pub(super) zone: ZoneMemory,
    pub(super) bucket: Bucket,
    recent: VecDeque<[u8; 32]>,
    pub(super) uploads: Uploads,
    pub(super) joining: Joining,
    pub(super) registration: Option<Registration>,
    /// The cause that was logged last, so that a repetition is not logged again.
    pub(super) complaint: Option<Discriminant<Refused>>,
    /// Lines that it may still cause in the log.
    pub(super) lines: Bucket,
}

impl Memory {
    /// Whether an event of this fingerprint is durable.
    pub(super) fn knows(&self, fingerprint: &[u8; 32]) -> bool {
        self.recent.contains(fingerprint)
    }

    /// Notes that an event is durable.
    pub(super) fn remember(&mut self, fingerprint: [u8; 32]) {
        if self.recent.len() == REMEMBERED {
            self.recent.pop_front();
        }
        self.recent.push_back(fingerprint);
    }
}

/// A camera.
#[derive(Debug)]
pub(super) struct Camera {
    pub(super) config: CameraConfig,
    token: [u8; 32],
    /// Password of its digest; empty when there is none.
    pub(super) password: String,
    memory: Mutex<Memory>,
}

impl Camera {
    pub(super) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it may connect from there; an empty list leaves the decision to the door.
    pub(super) fn allows(&self, address: IpAddr) -> bool {
        allowed(&self.config.allow, address)
    }
}

/// All of them.
#[derive(Debug)]
pub(super) struct Directory(Vec<Camera>);

impl Directory {
    /// # Errors
    /// A [`SecretError`] when a password cannot be had.
    pub(super) fn new(
        cameras: Vec<CameraConfig>,
        requests_per_second: u32,
    ) -> Result<Self, SecretError> {
        let now = Instant::now();
        let camera = |config: CameraConfig| {
            Ok(Camera {
                password: password(&config)?,
                token: Sha256::digest(&config.token).into(),
                memory: Mutex::new(Memory {
                    zone: ZoneMemory::default(),
                    bucket: Bucket::for_camera(requests_per_second, now),
                    recent: VecDeque::new(),
                    uploads: Uploads::default(),
                    joining: Joining::default(),
                    registration: None,
                    complaint: None,
                    lines: Bucket::new(LINES, LINE_EVERY, now),
                }),
                config,
            })
        };
        Ok(Self(cameras.into_iter().map(camera).collect::<Result<_, _>>()?))
    }

    /// The index of the camera that registers with this id.
    pub(super) fn device(&self, id: &str) -> Option<usize> {
        self.0.iter().position(|camera| {
            let registers = camera.config.dialect == Dialect::Gat1400;
            registers && camera.config.device_id.as_deref() == Some(id)
        })
    }

    pub(super) fn configs(&self) -> impl Iterator<Item = &CameraConfig> {
        self.0.iter().map(|camera| &camera.config)
    }

    pub(super) fn indexes(&self) -> impl Iterator<Item = usize> + use<> {
        0..self.0.len()
    }

    pub(super) fn get(&self, index: usize) -> Option<&Camera> {
        self.0.get(index)
    }

    /// The index of the camera with this token. The time it takes does not depend on how much of
    /// a token is right, nor on which camera has it.
    pub(super) fn find(&self, token: &str) -> Option<usize> {
        let digest: [u8; 32] = Sha256::digest(token).into();
        let (mut index, mut found) = (0_u64, Choice::from(0));
        for (number, camera) in (0_u64..).zip(&self.0) {
            let same = camera.token.ct_eq(&digest);
            index.conditional_assign(&number, same);
            found |= same;
        }
        bool::from(found).then(|| usize::try_from(index).ok()).flatten()
    }
}

/// Whether an address is in one of the networks; no network at all allows every address. An IPv4
/// address that comes mapped into IPv6 is taken as what it is.
pub(super) fn allowed(networks: &[IpNet], address: IpAddr) -> bool {
    let address = address.to_canonical();
    networks.is_empty() || networks.iter().any(|network| network.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_upload_numbers_are_counted_and_repetitions_are_not() {
        let mut uploads = Uploads::default();
        let skipped = [10, 11, 14, 11, 14, 15, 3_000, 1, 2].map(|number| uploads.skipped(number));
        assert_eq!(skipped, [0, 0, 2, 0, 0, 0, 2_984, 0, 0]);
    }
}
