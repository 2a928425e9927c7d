//! What the package is made of is there, and is what the service manager takes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn assets() -> Vec<String> {
    let text = std::fs::read_to_string(root().join("Cargo.toml")).expect("in the tree");
    let manifest: toml::Table = text.parse().expect("TOML");
    let assets = manifest["package"]["metadata"]["deb"]["assets"].as_array().expect("a list");
    assets.iter().map(|asset| asset[0].as_str().expect("a path").to_owned()).collect()
}

/// Whether a path, or something that its star stands for, is a file.
fn is_there(folder: &Path, pattern: &str) -> bool {
    let path = folder.join(pattern);
    let (Some(parent), Some(name)) = (path.parent(), path.file_name().and_then(|n| n.to_str()))
    else {
        return false;
    };
    let Some((beginning, end)) = name.split_once('*') else {
        return path.is_file();
    };
    let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
    let mut names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.any(|name| name.starts_with(beginning) && name.ends_with(end))
}

#[test]
fn every_file_of_the_package_is_in_the_tree_or_made_by_wimd_man() {
    let made = tempfile::tempdir().expect("a folder");
    let written = Command::new(env!("CARGO_BIN_EXE_wimd"))
        .args(["man", "--dir"])
        .arg(made.path())
        .output()
        .expect("the binary runs");
    assert!(written.status.success());
    let missing: Vec<String> = assets()
        .into_iter()
        .filter(|asset| match asset.strip_prefix("target/package/") {
            Some(name) => !is_there(made.path(), name),
            None => asset != "target/release/wimd" && !is_there(&root(), asset),
        })
        .collect();
    assert_eq!(missing, Vec::<String>::new());
    let page = std::fs::read_to_string(made.path().join("wimd-doctor.1")).expect("a page");
    assert!(page.contains(".SH NAME") && page.contains("bundle"), "{page}");
}

#[test]
fn the_unit_is_exposed_by_at_most_two() {
    let unit = root().join("systemd/wimd.service");
    let asked = Command::new("systemd-analyze")
        .args(["security", "--offline=true", "--threshold=20", "--no-pager"])
        .arg(&unit)
        .output();
    match asked {
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(output.status.success(), "{text}");
        }
        Err(_) => eprintln!("skipped: systemd-analyze is not installed"),
    }
}

/// What the daemon reads below /proc/sys, and which device classes exist, shows only on a site.
#[test]
fn the_unit_hides_nothing_that_the_daemon_needs() {
    let unit = std::fs::read_to_string(root().join("systemd/wimd.service")).expect("the unit");
    let lines: BTreeSet<&str> = unit.lines().collect();
    let hides_boot_id = |line: &&&str| line.starts_with("ProcSubset=");
    assert_eq!(lines.iter().find(hides_boot_id), None, "the kernel's boot id is there");
    for (class, module) in [("ttyUSB", "usbserial"), ("ttyACM", "cdc_acm")] {
        assert!(lines.contains(&*format!("DeviceAllow=char-{class} rw")), "{class}");
        for order in ["Wants", "After"] {
            let needed = format!("{order}=");
            let loads = |line: &&&str| line.starts_with(&needed) && line.contains(module);
            assert!(lines.iter().any(|line| loads(&line)), "{order} {module}");
        }
    }
}
