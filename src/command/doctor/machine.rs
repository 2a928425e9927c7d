//! What the box itself gives: clock, disk, service manager.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::clock::Clock;
use crate::command::finding::Part;
use crate::command::refusal::READ_ONLY;
use crate::command::value::bytes;
use crate::config::StoreConfig;
use crate::io::free_space::FreeSpace;

/// Syncs that are measured.
const SYNCS: usize = 16;

/// Bytes before each, about what a record takes.
const BLOCK: [u8; 4_096] = [0; 4_096];

/// A middling sync that takes longer is told (our choice: two lanes of a busy road bring five
/// inputs a second, each of which waits for one).
const SLOW_SYNC: Duration = Duration::from_millis(100);

/// What the kernel says of the clock.
pub(super) fn clock() -> Part {
    let mut part = Part::new("clock");
    let state = Clock::system().system_state();
    let advice = "nothing can be enforced without: timedatectl, chronyc sources; a time server \
                  must be reachable (UDP 123)";
    match (state.synchronised, state.max_error_us) {
        (Some(true), error) => {
            let error = error.map_or_else(String::new, |us| format!(", error at most {us} us"));
            part.ok("synchronisation", format!("synchronised{error}"));
        }
        (Some(false), _) => part.fail("synchronisation", "not synchronised", advice),
        (None, _) => part.fail("synchronisation", "the kernel cannot be asked", advice),
    }
    part
}

/// Space and speed of the disk under the store.
pub(super) fn disk(config: &StoreConfig) -> Part {
    let mut part = Part::new("disk");
    let dir = &config.dir;
    let Some(free) = FreeSpace::under(dir) else {
        let advice = "make the folder (the package does) and let the user wimd write into it";
        part.fail("space", format!("{} is not there", dir.display()), advice);
        return part;
    };
    space(&mut part, config, free);
    match syncs(dir) {
        Ok((middle, longest)) => {
            let figure =
                format!("fdatasync: middle {:.1?}, longest {:.1?} of {SYNCS}", middle, longest);
            if middle > SLOW_SYNC {
                let advice = "the disk is too slow or about to fail: smartctl -a, dmesg | tail";
                part.warn("sync", figure, advice);
            } else {
                part.ok("sync", figure);
            }
        }
        Err(error) if error.kind() == io::ErrorKind::ReadOnlyFilesystem => {
            part.fail("sync", format!("{} is read-only", dir.display()), READ_ONLY);
        }
        Err(error) => {
            let advice = "run as the user of the daemon: sudo -u wimd wimd doctor";
            part.warn("sync", format!("not measured: {}: {error}", dir.display()), advice);
        }
    }
    part
}

fn space(part: &mut Part, config: &StoreConfig, space: FreeSpace) {
    let (floor, free) = (config.min_free_bytes, space.usable());
    let mount = mount_point(&config.dir);
    let mount = mount.display();
    let (figure, advice) = match space.files {
        Some(files) if space.is_short_of_files() => (
            format!(
                "{} free, but only {files} more files, which count {}; nothing new is taken below {}",
                bytes(space.bytes),
                bytes(free),
                bytes(floor),
            ),
            format!(
                "delete what does not belong there: du -x --inodes --max-depth=2 {mount} | sort -n | tail"
            ),
        ),
        _ => (
            format!("{} free, nothing new is taken below {}", bytes(free), bytes(floor)),
            format!(
                "delete what does not belong there: du -xh --max-depth=2 {mount} | sort -h | tail"
            ),
        ),
    };
    if free < floor {
        part.fail("space", figure, &advice);
    } else if free < floor.saturating_mul(4) {
        part.warn("space", figure, &advice);
    } else {
        part.ok("space", figure);
    }
}

/// The folder under which the file system of this one begins, where `du -x` sees all of it.
fn mount_point(dir: &Path) -> PathBuf {
    let dir = std::fs::canonicalize(dir).unwrap_or_else(|_| dir.to_owned());
    let device = |dir: &Path| std::fs::metadata(dir).map(|found| found.dev()).ok();
    let own = device(&dir);
    let above = dir.ancestors().take_while(|above| device(above) == own).last();
    above.unwrap_or(&dir).to_owned()
}

/// The middle and the longest time of a sync of a few bytes, in a file that nobody else sees.
fn syncs(dir: &Path) -> io::Result<(Duration, Duration)> {
    let mut file: File = tempfile::tempfile_in(dir)?;
    let mut times = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        file.write_all(&BLOCK)?;
        let began = Instant::now();
        rustix::fs::fdatasync(&file)?;
        times.push(began.elapsed());
    }
    times.sort_unstable();
    let longest = times.last().copied().unwrap_or_default();
    Ok((times[SYNCS / 2], longest))
}

/// What the service manager says of the daemon.
pub(super) fn service() -> Part {
    let mut part = Part::new("service");
    let asked = Command::new("systemctl")
        .args(["show", "wimd", "--property=ActiveState,WatchdogUSec,NRestarts,UnitFileState"])
        .output();
    let advice = "sudo systemctl enable --now wimd; journalctl -u wimd -n 50";
    let text = match asked {
        Ok(output) if output.status.success() => {
            String::from_utf8_lossy(&output.stdout).into_owned()
        }
        _ => {
            part.warn("unit", "not known: the service manager cannot be asked", advice);
            return part;
        }
    };
    let value = |key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        line.unwrap_or("").to_owned()
    };
    let (active, enabled) = (value("ActiveState"), value("UnitFileState"));
    let figure = format!("{active}, at boot {enabled}, {} restarts", value("NRestarts"));
    if active == "active" && enabled == "enabled" {
        part.ok("unit", figure);
    } else {
        part.warn("unit", figure, advice);
    }
    let watchdog = value("WatchdogUSec");
    if watchdog.is_empty() || watchdog == "0" || watchdog == "infinity" {
        let advice = "a daemon that hangs is not restarted: set WatchdogSec=30 as the unit of the \
                      package does";
        part.warn("watchdog", "off", advice);
    } else {
        part.ok("watchdog", watchdog);
    }
    part
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mount_point_is_where_the_file_system_of_a_folder_begins() {
        for (dir, begins) in [("/", "/"), ("/proc/sys/kernel", "/proc"), ("/proc", "/proc")] {
            assert_eq!(mount_point(Path::new(dir)), Path::new(begins), "{dir}");
        }
    }
}
