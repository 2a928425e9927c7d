//! The key that signs the ledger: an Ed25519 key in a file that only its owner can read.
//!
//! Secret bytes stay in here: nothing prints, logs or serialises them.

use std::fmt;
use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey};
use ed25519_dalek::{SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::hex::{Digest, Hex};

/// A key file is a few hundred bytes; more is not a key.
const MAX_KEY_FILE: u64 = 16 * 1024;

/// Why there is no key.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The file cannot be read.
    #[error("cannot read the key file {path}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file cannot be written.
    #[error("cannot write the key file {path}")]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Others than its owner can read the private key.
    #[error("the key file {path} has mode {mode:04o}, which lets others than its owner read it")]
    TooOpen {
        /// Which.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The text is neither PEM nor 32 bytes in base64 or hexadecimal.
    #[error("{origin} holds no Ed25519 {kind} key (PEM, base64 or hexadecimal)")]
    Malformed {
        /// File name, or what stood in its place.
        origin: String,
        /// `private` or `public`.
        kind: &'static str,
    },
    /// The system gives no random bytes.
    #[error("the system gives no random bytes for a new key")]
    Random(#[source] getrandom::Error),
}

/// A private key that signs.
#[derive(Clone)]
pub struct Signer {
    key: SigningKey,
    id: Hex<8>,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.id)
    }
}

impl Signer {
    /// A new key from the system's random numbers.
    ///
    /// # Errors
    /// [`KeyError::Random`].
    pub fn generate() -> Result<Self, KeyError> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(KeyError::Random)?;
        Ok(Self::from_seed(&seed))
    }

    /// The key that belongs to a seed; for tests and simulations with a fixed key.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let key = SigningKey::from_bytes(seed);
        let id = key_id(&key.verifying_key());
        Self { key, id }
    }

    /// Reads a PKCS#8 PEM file, or 32 bytes in base64 or hexadecimal.
    ///
    /// The file may be readable by its owner alone. Below `$CREDENTIALS_DIRECTORY` the group bit
    /// is allowed: there systemd grants access by a list whose mask shows as 0440.
    ///
    /// # Errors
    /// [`KeyError`] with the file's name.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let unreadable = |source| KeyError::Read { path: path.to_owned(), source };
        let file = File::open(path).map_err(unreadable)?;
        let mode = file.metadata().map_err(unreadable)?.mode() & 0o7777;
        let credential = std::env::var_os("CREDENTIALS_DIRECTORY")
            .is_some_and(|dir| !dir.is_empty() && path.starts_with(dir));
        let forbidden = if credential { 0o037 } else { 0o077 };
        if mode & forbidden != 0 {
            let path = path.to_owned();
            return Err(KeyError::TooOpen { path, mode });
        }
        let mut text = String::new();
        file.take(MAX_KEY_FILE).read_to_string(&mut text).map_err(unreadable)?;
        let key = SigningKey::from_pkcs8_pem(text.trim_start())
            .ok()
            .or_else(|| thirty_two_bytes(&text).map(|seed| SigningKey::from_bytes(&seed)));
        let key = key.ok_or_else(|| KeyError::Malformed {
            origin: path.display().to_string(),
            kind: "private",
        })?;
        let id = key_id(&key.verifying_key());
        Ok(Self { key, id })
    }

    /// Writes the key as PKCS#8 PEM into a new file with mode 0600 and syncs it.
    ///
    /// # Errors
    /// [`KeyError::Write`]; an existing file is never overwritten.
    pub fn save(&self, path: &Path) -> Result<(), KeyError> {
        let unwritable = |source| KeyError::Write { path: path.to_owned(), source };
        let pem = self
            .key
            .to_pkcs8_pem(LineEnding::LF)
            .map_err(|error| unwritable(std::io::Error::other(error)))?;
        let mut options = File::options();
        options.write(true).create_new(true).mode(0o600);
        let mut file = options.open(path).map_err(unwritable)?;
        file.write_all(pem.as_bytes()).map_err(unwritable)?;
        file.sync_all().map_err(unwritable)
    }

    /// The key that verifies.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(self.key.verifying_key())
    }

    /// Names the key in each proof.
    pub fn key_id(&self) -> Hex<8> {
        self.id
    }

    pub(super) fn sign(&self, hash: &Digest) -> Hex<64> {
        use ed25519_dalek::Signer as _;
        Hex(self.key.sign(&hash.0).to_bytes())
    }
}

/// A key that verifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey(pub(super) VerifyingKey);

impl PublicKey {
    /// Reads a key from a file, or, when there is no such file, from the argument itself:
    /// hexadecimal, base64 or PEM.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn parse(argument: &str) -> Result<Self, KeyError> {
        let path = Path::new(argument);
        let text = if path.is_file() {
            std::fs::read_to_string(path)
                .map_err(|source| KeyError::Read { path: path.to_owned(), source })?
        } else {
            argument.to_owned()
        };
        let from_pem = VerifyingKey::from_public_key_pem(text.trim_start()).ok();
        let key = from_pem.or_else(|| {
            thirty_two_bytes(&text).and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok())
        });
        key.map(Self)
            .ok_or_else(|| KeyError::Malformed { origin: format!("`{argument}`"), kind: "public" })
    }

    /// The key of 32 bytes; `None` when they are none.
    pub(super) fn of_bytes(bytes: &Hex<32>) -> Option<Self> {
        VerifyingKey::from_bytes(&bytes.0).ok().map(Self)
    }

    /// Its 32 bytes.
    pub fn bytes(&self) -> Hex<32> {
        Hex(self.0.to_bytes())
    }

    /// As it stands in each proof.
    pub fn key_id(&self) -> Hex<8> {
        key_id(&self.0)
    }
}

fn key_id(key: &VerifyingKey) -> Hex<8> {
    let digest: [u8; 32] = Sha256::digest(key.as_bytes()).into();
    let mut id = [0; 8];
    id.copy_from_slice(&digest[..8]);
    Hex(id)
}

fn thirty_two_bytes(text: &str) -> Option<[u8; 32]> {
    let text = text.trim();
    if let Ok(bytes) = text.to_ascii_lowercase().parse::<Hex<32>>() {
        return Some(bytes.0);
    }
    BASE64_STANDARD.decode(text).ok()?.try_into().ok()
}
