//! Passwords of cameras: from the configured file, else from systemd's credential.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::config::camera::CameraConfig;

/// Why a camera's password cannot be had.
#[derive(Debug, Error)]
pub enum SecretError {
    /// The file cannot be read.
    #[error("cannot read the password of camera {camera} in {path}")]
    Read {
        /// Whose.
        camera: String,
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A camera that registers, or whose stream is pulled, needs one.
    #[error(
        "camera {camera} registers or is pulled and has no password: password_file, or the credential camera-{camera}-password"
    )]
    Missing {
        /// Whose.
        camera: String,
    },
    /// Others may read it.
    #[error(
        "others may read the password of camera {camera} in {path} (mode {mode:o}, wanted 600)"
    )]
    Exposed {
        /// Whose.
        camera: String,
        /// Where.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
}

/// The password of a camera; empty when none is configured and none is needed. The credential is
/// called `camera-{name}-password`.
pub(super) fn password(config: &CameraConfig) -> Result<String, SecretError> {
    let credentials = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
    let credential = credentials.as_deref().map(|dir| dir.join(credential_name(config)));
    let path = match (&config.password_file, credential) {
        (Some(path), _) => path.clone(),
        (None, Some(path)) if path.exists() => path,
        (None, _) if config.device_id.is_some() || config.pull.is_some() => {
            return Err(SecretError::Missing { camera: config.name.clone() });
        }
        (None, _) => return Ok(String::new()),
    };
    let camera = || config.name.clone();
    let failed = |source| SecretError::Read { camera: camera(), path: path.clone(), source };
    let mode = std::fs::metadata(&path).map_err(failed)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 && !is_credential(&path, credentials.as_deref()) {
        return Err(SecretError::Exposed { camera: camera(), path, mode });
    }
    let text = std::fs::read_to_string(&path).map_err(failed)?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

fn credential_name(config: &CameraConfig) -> String {
    format!("camera-{}-password", config.name)
}

/// systemd guards its own directory.
fn is_credential(path: &Path, credentials: Option<&Path>) -> bool {
    credentials.is_some_and(|dir| path.starts_with(dir))
}
