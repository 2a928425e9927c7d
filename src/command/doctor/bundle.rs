//! What the support desk needs, in one file: configuration without secrets, examination, state,
//! last log lines, the last of the raw line.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::clock::Clock;

/// Log lines that are taken.
const LOG_LINES: &str = "2000";

/// Bytes of raw line that are taken of each scale: at 115 200 bit/s more than a minute, as text.
const CAPTURE_BYTES: u64 = 4 << 20;

/// Keys whose value is a secret, wherever they stand.
const SECRETS: [&str; 3] = ["token", "password", "username"];

/// What stands in the place of a secret.
const REMOVED: &str = "removed";

/// What goes in.
pub(super) struct Contents<'a> {
    /// Text of the configuration file.
    pub(super) config: &'a str,
    /// The examination as JSON.
    pub(super) doctor: &'a Value,
    /// The daemon's snapshot, when it runs.
    pub(super) status: Option<&'a Value>,
    /// Folder of the raw line, when it is known.
    pub(super) capture: Option<PathBuf>,
}

/// Writes the archive beside `path` and moves it there when it is whole.
///
/// # Errors
/// When a file cannot be read or written.
pub(super) fn write(path: &Path, contents: &Contents<'_>) -> io::Result<u64> {
    let mut archive = tar::Builder::new(Vec::new());
    let mut add = |name: &str, bytes: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        header.set_mtime(u64::try_from(Clock::wall().0 / 1_000_000).unwrap_or(0));
        archive.append_data(&mut header, format!("wimd-bundle/{name}"), bytes)
    };
    add("wimd.toml", without_secrets(contents.config).as_bytes())?;
    add("doctor.json", pretty(contents.doctor).as_bytes())?;
    if let Some(status) = contents.status {
        add("status.json", pretty(status).as_bytes())?;
    }
    add("journal.txt", &log())?;
    for (name, bytes) in contents.capture.iter().flat_map(|dir| line(dir)) {
        add(&format!("capture/{name}"), &bytes)?;
    }
    let plain = archive.into_inner()?;
    let packed = ruzstd::encoding::compress_to_vec(
        plain.as_slice(),
        ruzstd::encoding::CompressionLevel::Fastest,
    );
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(&packed)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(packed.len() as u64)
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// The file as it is written, with every secret's value replaced. A line that is not understood
/// is kept only when it names no secret.
fn without_secrets(text: &str) -> String {
    let Ok(mut table) = text.parse::<toml::Table>() else {
        let harmless = |line: &&str| !SECRETS.iter().any(|secret| line.contains(secret));
        return text.lines().filter(harmless).flat_map(|line| [line, "\n"]).collect();
    };
    table.iter_mut().for_each(|(key, value)| remove(key, value));
    toml::to_string(&table).unwrap_or_default()
}

fn remove(key: &str, value: &mut toml::Value) {
    match value {
        toml::Value::Table(table) => table.iter_mut().for_each(|(key, value)| remove(key, value)),
        toml::Value::Array(items) => items.iter_mut().for_each(|item| remove(key, item)),
        toml::Value::String(text) if SECRETS.contains(&key) => REMOVED.clone_into(text),
        _ => {}
    }
}

fn log() -> Vec<u8> {
    let asked = Command::new("journalctl")
        .args(["-u", "wimd", "-n", LOG_LINES, "--no-pager", "-o", "short-iso"])
        .output();
    match asked {
        Ok(output) => output.stdout,
        Err(error) => format!("journalctl: {error}\n").into_bytes(),
    }
}

/// The end of each file of the raw line.
fn line(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let end_of = |path: PathBuf| {
        let name = path.file_name()?.to_str()?.to_owned();
        Some((name, end(&path).ok()?))
    };
    entries.filter_map(|entry| end_of(entry.path())).collect()
}

fn end(path: &Path) -> io::Result<Vec<u8>> {
    use std::io::{Read, Seek, SeekFrom};
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(CAPTURE_BYTES)))?;
    let mut bytes = Vec::new();
    file.take(CAPTURE_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_stays_in_the_configuration() {
        let text = "[uplink]\nusername = \"u-secret\"\nbroker = \"mqtts://b:1\"\n\
                    [[camera]]\nname = \"c\"\ntoken = \"t-secret\"\n";
        let clean = without_secrets(text);
        assert!(!clean.contains("secret"), "{clean}");
        assert!(clean.contains("mqtts://b:1") && clean.contains("\"c\""), "{clean}");
    }

    #[test]
    fn a_file_with_mistakes_loses_its_lines_with_secrets() {
        let clean = without_secrets("token = \"t-secret\nbaud = = 1\n");
        assert_eq!(clean, "baud = = 1\n");
    }
}
