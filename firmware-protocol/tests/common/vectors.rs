//! The data files under `vectors/`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use firmware_protocol::DropCounts;
use serde::Deserialize;
use serde_json::Value;

/// One file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Vector {
    /// What it shows.
    pub(crate) about: String,
    /// Whether our encoder makes exactly these bytes of the frames.
    pub(crate) encodes: bool,
    /// The bytes on the line.
    pub(crate) hex: Vec<String>,
    /// The good frames in them.
    pub(crate) frames: Vec<Value>,
    /// Bytes dropped by cause.
    pub(crate) drops: BTreeMap<String, u64>,
}

impl Vector {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.hex.iter().flat_map(|line| bytes_of_hex(line)).collect()
    }

    pub(crate) fn drops(&self) -> DropCounts {
        let count = |cause: &str| self.drops.get(cause).copied().unwrap_or(0);
        DropCounts {
            noise: count("noise"),
            bad_crc: count("bad_crc"),
            oversize: count("oversize"),
            unknown_version: count("unknown_version"),
            unknown_message: count("unknown_message"),
            malformed: count("malformed"),
        }
    }
}

pub(crate) fn bytes_of_hex(text: &str) -> Vec<u8> {
    text.split_whitespace()
        .map(|byte| u8::from_str_radix(byte, 16).expect("two hexadecimal digits"))
        .collect()
}

/// All vectors by name.
pub(crate) fn all() -> BTreeMap<String, Vector> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    fs::read_dir(folder)
        .expect("the vectors lie beside the crate")
        .map(|entry| {
            let path = entry.expect("the folder can be listed").path();
            let name = path.file_stem().expect("a file has a name").to_string_lossy();
            let text = fs::read_to_string(&path).expect("a vector is text");
            let vector = serde_json::from_str(&text)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            (name.into_owned(), vector)
        })
        .collect()
}

/// One vector.
pub(crate) fn named(name: &str) -> Vector {
    all().remove(name).unwrap_or_else(|| panic!("no vector is called {name}"))
}
