//! The configured cameras: found by token, each with what is remembered of it.

use std::collections::VecDeque;
use std::mem::Discriminant;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ipnet::IpNet;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use tokio::time::Instant;

use super::limits::Bucket;
use super::refused::Refused;
use super::stamp::ZoneMemory;
use crate::config::camera::CameraConfig;

/// Events that are remembered to know a duplicate; our choice: a camera repeats an unanswered
/// event before it goes on, so the last few would do.
const REMEMBERED: usize = 256;

/// What is remembered of a camera between its requests.
#[derive(Debug)]
pub(super) struct Memory {
    pub(super) zone: ZoneMemory,
    pub(super) bucket: Bucket,
    recent: VecDeque<[u8; 32]>,
    /// The cause that was logged last, so that a repetition is not logged again.
    pub(super) complaint: Option<Discriminant<Refused>>,
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
    pub(super) fn new(cameras: Vec<CameraConfig>, requests_per_second: u32) -> Self {
        let now = Instant::now();
        let cameras = cameras.into_iter().map(|config| Camera {
            token: Sha256::digest(&config.token).into(),
            memory: Mutex::new(Memory {
                zone: ZoneMemory::default(),
                bucket: Bucket::for_camera(requests_per_second, now),
                recent: VecDeque::new(),
                complaint: None,
            }),
            config,
        });
        Self(cameras.collect())
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|camera| camera.config.name.as_str())
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
