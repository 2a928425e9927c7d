//! TLS for the broker: our authorities, optionally our own certificate, nothing else.
//!
//! In: PEM files. Out: a rustls configuration with ring, TLS 1.2 or later, certificate and name
//! always checked. The system's authorities are never asked: a city platform signs its own, and
//! a box that trusts every public authority trusts too many.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ClientConfig;
use thiserror::Error;

use crate::config::UplinkConfig;
use crate::io::pem::{PemError, authorities, certificates, private_key};

/// Why there is no TLS configuration.
#[derive(Debug, Error)]
pub enum TlsError {
    /// `mqtts` without authorities.
    #[error("the broker is to be reached by mqtts, but uplink.ca_file is not set")]
    NoAuthorities,
    /// A client certificate without its key, or the key alone.
    #[error("uplink.client_cert_file and uplink.client_key_file belong together")]
    HalfClientCertificate,
    /// A file gives no certificate or key.
    #[error(transparent)]
    File(#[from] PemError),
    /// rustls refuses a certificate, key or version.
    #[error("{} is refused", path.display())]
    Refused {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: rustls::Error,
    },
}

/// Reads the files and builds the configuration. Done for each connection, so that a renewed
/// certificate is used without a restart.
///
/// # Errors
/// [`TlsError`] with the file.
pub fn client_config(config: &UplinkConfig) -> Result<ClientConfig, TlsError> {
    let ca_file = config.ca_file.as_deref().ok_or(TlsError::NoAuthorities)?;
    let refused = |path: &Path| {
        let path = path.to_owned();
        move |source| TlsError::Refused { path, source }
    };
    let roots = authorities(ca_file)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(refused(ca_file))?
        .with_root_certificates(roots);
    match (&config.client_cert_file, &config.client_key_file) {
        (None, None) => Ok(builder.with_no_client_auth()),
        (Some(chain), Some(key)) => builder
            .with_client_auth_cert(certificates(chain)?, private_key(key)?)
            .map_err(refused(chain)),
        _ => Err(TlsError::HalfClientCertificate),
    }
}
