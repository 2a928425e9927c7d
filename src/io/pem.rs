//! Certificates and keys in PEM files, for every door that speaks TLS.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use thiserror::Error;

/// Why a file gives no certificate or key.
#[derive(Debug, Error)]
pub enum PemError {
    /// The file cannot be read as PEM.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A certificate of the file is none of an authority.
    #[error("{} is refused", path.display())]
    Refused {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: rustls::Error,
    },
    /// The file has no certificate or key in it.
    #[error("{} holds no {what}", path.display())]
    Nothing {
        /// Which file.
        path: PathBuf,
        /// What it should hold.
        what: &'static str,
    },
}

/// Every certificate of a file, one at least.
///
/// # Errors
/// [`PemError`] with the file.
pub fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, PemError> {
    let found = rustls_pemfile::certs(&mut open(path)?)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|source| read_error(path, source))?;
    if found.is_empty() {
        return Err(PemError::Nothing { path: path.to_owned(), what: "certificate" });
    }
    Ok(found)
}

/// The authorities of a file, one at least.
///
/// # Errors
/// [`PemError`] with the file.
pub fn authorities(path: &Path) -> Result<RootCertStore, PemError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots
            .add(certificate)
            .map_err(|source| PemError::Refused { path: path.to_owned(), source })?;
    }
    Ok(roots)
}

/// The first private key of a file.
///
/// # Errors
/// [`PemError`] with the file.
pub fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, PemError> {
    rustls_pemfile::private_key(&mut open(path)?)
        .map_err(|source| read_error(path, source))?
        .ok_or_else(|| PemError::Nothing { path: path.to_owned(), what: "private key" })
}

fn open(path: &Path) -> Result<BufReader<File>, PemError> {
    let file = File::open(path).map_err(|source| read_error(path, source))?;
    Ok(BufReader::new(file))
}

fn read_error(path: &Path, source: io::Error) -> PemError {
    PemError::Read { path: path.to_owned(), source }
}
