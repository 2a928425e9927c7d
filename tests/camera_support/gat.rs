//! A device of GA/T 1400 and the door where it registers.

use tempfile::TempDir;
use wimd::sim::camera::{Oddity, SimDialect, SimTrial};

use super::{DEVICE_ID, PASSWORD, Site, every_dialect};

/// A door for every dialect; the folder holds the password of the device.
pub(crate) async fn site() -> (TempDir, Site) {
    let dir = tempfile::tempdir().unwrap();
    let (door, cameras) = every_dialect(&dir);
    let site = Site::open_with(door, cameras).await;
    (dir, site)
}

/// The device that may register there.
pub(crate) fn device(site: &Site, oddities: &[Oddity]) -> SimTrial {
    let mut trial = SimTrial::new(site.address, "", SimDialect::Gat1400);
    trial.account = Some((DEVICE_ID.into(), PASSWORD.into()));
    trial.oddities = oddities.to_vec();
    trial
}
