//! The files that a configuration names, each with the place that names it. Whether they are there
//! is for others to find out: nothing is opened here.

use std::path::{Path, PathBuf};

use super::Config;
use super::document::{Lines, Node};

/// What a file has to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// The private key that signs the ledger.
    SigningKey,
    /// The private key that follows it.
    NextKey,
    /// A password.
    Password,
    /// Certificates of authorities, PEM.
    Authorities,
    /// Our own certificate chain, PEM.
    Certificate,
    /// The private key of that certificate, PEM.
    CertificateKey,
}

/// A file and the key that names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFile {
    /// Line of the configuration, from 1.
    pub line: usize,
    /// Full key, such as `uplink.ca_file`.
    pub key: String,
    /// Absolute, as far as the path of the configuration allows.
    pub path: PathBuf,
    /// What it has to hold.
    pub holds: Holds,
}

const OF_STORE: [(&str, Holds); 2] =
    [("key_file", Holds::SigningKey), ("next_key_file", Holds::NextKey)];

const OF_UPLINK: [(&str, Holds); 4] = [
    ("password_file", Holds::Password),
    ("ca_file", Holds::Authorities),
    ("client_cert_file", Holds::Certificate),
    ("client_key_file", Holds::CertificateKey),
];

const OF_CAMERA: [(&str, Holds); 2] =
    [("password_file", Holds::Password), ("ca_file", Holds::Authorities)];

/// Every file that is named in `root`, the file of the configuration in `folder`; the signing key
/// also where its key is left out.
pub(super) fn named(
    config: &Config,
    root: &Node<'_>,
    lines: &Lines,
    folder: &Path,
) -> Vec<NamedFile> {
    let store = root.table("store");
    let mut found = Vec::new();
    if store.as_ref().is_none_or(|store| store.text("key_file").is_none()) {
        found.push(NamedFile {
            line: store.as_ref().map_or(1, |store| lines.at(store.span.start)),
            key: "store.key_file".to_owned(),
            path: folder.join(&config.store.key_file),
            holds: Holds::SigningKey,
        });
    }
    let tables = [(store, &OF_STORE[..]), (root.table("uplink"), &OF_UPLINK)];
    let cameras = root.tables("camera").into_iter().map(|camera| (Some(camera), &OF_CAMERA[..]));
    for (table, keys) in tables.into_iter().chain(cameras) {
        for (name, holds) in keys {
            let text = table.as_ref().and_then(|table| table.text(name));
            found.extend(text.map(|text| NamedFile {
                line: lines.at(text.offset),
                key: text.key,
                path: folder.join(text.value),
                holds: *holds,
            }));
        }
    }
    found
}
