//! `https` to a device: its certificate is signed by an authority of a file, or is the one whose
//! fingerprint is configured. There is no third way, and no falling back to plain text.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{VerifierBuilderError, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, OtherError, SignatureScheme};
use sha2::{Digest, Sha256};
use thiserror::Error;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::failure::PullError;
use crate::config::camera::CameraConfig;
use crate::config::formats::fingerprint;
use crate::io::pem::{self, PemError};

/// Which certificate of a device is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::io::camera) enum Trust {
    /// One that an authority of this file has signed for its host.
    Authorities(PathBuf),
    /// The one with this SHA-256, whatever its name and its dates: cameras make their own.
    Fingerprint([u8; 32]),
    /// None: nothing that vouches for the device is configured.
    Nobody,
}

impl Trust {
    pub(in crate::io::camera) fn of(config: &CameraConfig) -> Self {
        let own = config.certificate_sha256.as_deref().and_then(fingerprint);
        let authorities = config.ca_file.clone().map(Self::Authorities);
        own.map(Self::Fingerprint).or(authorities).unwrap_or(Self::Nobody)
    }
}

/// What we have for `https` cannot be used.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// The file of authorities cannot be read.
    #[error(transparent)]
    File(#[from] PemError),
    /// Nothing can be checked by the authorities of the file.
    #[error("{} is refused", path.display())]
    Authorities {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: VerifierBuilderError,
    },
    /// The host is no name and no address that a certificate can have.
    #[error("no certificate can be for the host {0:?}")]
    Host(String),
    /// The library refuses its own settings.
    #[error("TLS cannot be set up")]
    Library(#[from] rustls::Error),
}

/// Why a device's certificate is not taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Distrust {
    /// Nothing is configured.
    #[error("neither ca_file nor certificate_sha256 is given")]
    Nobody,
    /// Another fingerprint.
    #[error("certificate_sha256 is another")]
    Fingerprint,
    /// Nobody known signed it.
    #[error("no authority of ca_file has signed it")]
    Issuer,
    /// Not valid any more.
    #[error("it has expired")]
    Expired,
    /// Not valid yet.
    #[error("it is not valid yet")]
    NotYet,
    /// Issued for another host.
    #[error("it was issued for another host")]
    Host,
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl From<rustls::Error> for Distrust {
    fn from(error: rustls::Error) -> Self {
        use CertificateError as E;
        let rustls::Error::InvalidCertificate(certificate) = &error else {
            return Self::Other(error.to_string());
        };
        match certificate {
            E::UnknownIssuer => Self::Issuer,
            E::Expired | E::ExpiredContext { .. } => Self::Expired,
            E::NotValidYet | E::NotValidYetContext { .. } => Self::NotYet,
            E::NotValidForName | E::NotValidForNameContext { .. } => Self::Host,
            other => Self::Other(other.to_string()),
        }
    }
}

/// A certificate that was shown and not taken.
#[derive(Clone, Debug, Error)]
#[error("{sha256}")]
struct Shown {
    sha256: String,
    why: Distrust,
}

/// Shakes hands over a connection.
///
/// # Errors
/// [`PullError`].
pub(super) async fn over(
    stream: TcpStream,
    host: &str,
    trust: &Trust,
) -> Result<TlsStream<TcpStream>, PullError> {
    let name = ServerName::try_from(host.to_owned());
    let name = name.map_err(|_| PullError::Settings(SettingsError::Host(host.to_owned())))?;
    let settings = settings(trust).map_err(PullError::Settings)?;
    let connector = TlsConnector::from(Arc::new(settings));
    connector.connect(name, stream).await.map_err(failure)
}

/// Made for each connection, so that a file that was renewed is used at once.
fn settings(trust: &Trust) -> Result<ClientConfig, SettingsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let check = match trust {
        Trust::Authorities(path) => {
            let roots = Arc::new(pem::authorities(path)?);
            let provider = Arc::clone(&provider);
            let built = WebPkiServerVerifier::builder_with_provider(roots, provider).build();
            let refused = |source| SettingsError::Authorities { path: path.clone(), source };
            Check::Signed(built.map_err(refused)?)
        }
        Trust::Fingerprint(sha256) => Check::Is(*sha256),
        Trust::Nobody => Check::Nothing,
    };
    let verifier = Verifier { check, provider: Arc::clone(&provider) };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    Ok(builder.with_no_client_auth())
}

#[derive(Debug)]
enum Check {
    Signed(Arc<WebPkiServerVerifier>),
    Is([u8; 32]),
    Nothing,
}

/// Tells the fingerprint of every certificate that is not taken, so that a technician can compare
/// it with the device's own page.
#[derive(Debug)]
struct Verifier {
    check: Check,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let sha256: [u8; 32] = Sha256::digest(own).into();
        let checked = match &self.check {
            Check::Signed(authorities) => authorities
                .verify_server_cert(own, others, name, ocsp, now)
                .map(|_| ())
                .map_err(Distrust::from),
            Check::Is(expected) if *expected == sha256 => Ok(()),
            Check::Is(_) => Err(Distrust::Fingerprint),
            Check::Nothing => Err(Distrust::Nobody),
        };
        checked.map(|()| ServerCertVerified::assertion()).map_err(|why| {
            let shown = Shown { sha256: hex::encode(sha256), why };
            CertificateError::Other(OtherError(Arc::new(shown))).into()
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        own: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, own, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        own: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, own, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

fn failure(error: io::Error) -> PullError {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match tls {
        Some(rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(other)))) => {
            match other.downcast_ref::<Shown>().cloned() {
                Some(Shown { sha256, why }) => PullError::Certificate { sha256, why },
                None => PullError::Handshake(error),
            }
        }
        _ => PullError::Handshake(error),
    }
}
