//! Who has a device open, from `/proc`. Another user's processes are visible to root only.

use std::fs;
use std::path::Path;

/// `name (pid)` of each process that has `device` open.
pub(super) fn of(device: &Path) -> Vec<String> {
    let Ok(device) = fs::canonicalize(device) else {
        return Vec::new();
    };
    let mut holders: Vec<(u32, String)> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path())))
        .filter(|(_, process)| has_open(process, &device))
        .map(|(pid, process)| (pid, name(&process)))
        .collect();
    holders.sort();
    let texts = holders.iter().map(|(pid, name)| format!("{name} ({pid})"));
    texts.collect()
}

fn has_open(process: &Path, device: &Path) -> bool {
    let files = fs::read_dir(process.join("fd")).into_iter().flatten();
    let mut targets = files.flatten().filter_map(|file| fs::read_link(file.path()).ok());
    targets.any(|target| target == device)
}

fn name(process: &Path) -> String {
    let text = fs::read_to_string(process.join("comm")).unwrap_or_default();
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_process_that_has_the_file_open_is_named_with_its_number() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let holders = super::of(file.path());
        let own = format!("({})", std::process::id());
        assert!(holders.len() == 1 && holders[0].ends_with(&own), "{holders:?}");
    }
}
