//! A camera that is pulled, and the door that pulls it.

use std::net::SocketAddr;

use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use wimd::config::camera::{CameraConfig, Dialect};
use wimd::io::camera::status::{CameraStatus, PullStatus};
use wimd::pipeline::plate::CameraRole;
use wimd::sim::camera::{SimStream, StreamHandle, StreamSettings};

use super::{PASSWORD, Site, configuration, password_file};

/// The user whose account the simulated camera has.
pub(crate) const USER: &str = "wimd";
/// The camera's name in the configuration.
pub(crate) const NAME: &str = "pulled-1";

/// Both.
pub(crate) struct Pulled {
    pub(crate) site: Site,
    pub(crate) camera: StreamHandle,
    stop: CancellationToken,
    _dir: TempDir,
}

impl Pulled {
    /// The door pulls a camera of these settings; `change` is made to its configuration.
    pub(crate) async fn open(
        settings: StreamSettings,
        change: impl FnOnce(&mut CameraConfig),
    ) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let scheme = if settings.tls.is_some() { "https" } else { "http" };
        let stream = SimStream::bind(listen, settings).await.unwrap();
        let (address, camera) = (stream.address().unwrap(), stream.handle());
        let stop = CancellationToken::new();
        tokio::spawn(stream.run(stop.clone()));
        let mut config = CameraConfig {
            pull: Some(format!("{scheme}://{address}")),
            pull_heartbeat_s: 60,
            username: Some(USER.into()),
            password_file: Some(password_file(&dir, PASSWORD)),
            ..CameraConfig::new(NAME, "pulled-1-token", Dialect::Isapi, CameraRole::Front)
        };
        change(&mut config);
        let site = Site::open_with(configuration().0, vec![config]).await;
        Self { site, camera, stop, _dir: dir }
    }

    pub(crate) fn status(&self) -> CameraStatus {
        self.site.status().cameras[NAME].clone()
    }

    pub(crate) fn pull(&self) -> PullStatus {
        self.status().pull.unwrap()
    }

    /// Waits until the status of the stream is as wanted.
    pub(crate) async fn until(&self, wanted: impl Fn(&PullStatus) -> bool) {
        let pull = |status: &CameraStatus| status.pull.as_ref().is_some_and(&wanted);
        self.site.until(|status| pull(&status.cameras[NAME])).await;
    }
}

impl Drop for Pulled {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
