//! A file system of its own below one folder, that can be filled to the last byte and broken.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use nix::fcntl::posix_fallocate;
use rustix::fs::statvfs;
use tempfile::TempDir;

use crate::site::PATIENCE;

/// ext4 on a loop device, or a tmpfs where there is none; unmounted when dropped.
pub(crate) struct Volume {
    /// The image and the mount point.
    dir: TempDir,
    /// The loop device.
    device: Option<String>,
}

impl Volume {
    /// One of so many MiB; `None` where mounting is not permitted. A file for each 4 KiB: what runs
    /// out are the bytes.
    pub(crate) fn new(mebibytes: u64) -> Option<Self> {
        Self::with_files(mebibytes, mebibytes << 8)
    }

    /// One on which so many files can be made.
    pub(crate) fn with_files(mebibytes: u64, files: u64) -> Option<Self> {
        let dir = TempDir::new().expect("a directory");
        let mut volume = Self { dir, device: None };
        fs::create_dir(volume.root()).expect("made");
        let image = File::create(volume.image()).expect("made");
        image.set_len(mebibytes << 20).expect("sized");
        let inodes = files.to_string();
        let made = runs("mkfs.ext4", &["-q", "-F", "-N", &inodes, &text(&volume.image())]);
        if made && volume.mount() {
            return Some(volume);
        }
        let size = format!("size={mebibytes}m,nr_inodes={inodes}");
        let root = text(&volume.root());
        if runs("mount", &["-t", "tmpfs", "-o", &size, "wimd-test", &root]) {
            return Some(volume);
        }
        eprintln!("skipped: nothing can be mounted here");
        None
    }

    /// Where it is mounted.
    pub(crate) fn root(&self) -> PathBuf {
        self.dir.path().join("root")
    }

    fn image(&self) -> PathBuf {
        self.dir.path().join("image")
    }

    fn ballast(&self) -> PathBuf {
        self.root().join("ballast")
    }

    /// Somebody else's file takes every byte but these.
    pub(crate) fn fill(&self, left: u64) {
        let mut file = File::create(self.ballast()).expect("made");
        let stat = statvfs(self.root()).expect("asked");
        let most = (stat.f_bfree * stat.f_frsize).saturating_sub(left);
        let mut taken = 0;
        // pieces from large to small; what is reserved costs no time to write
        for piece in (12..=30).rev().map(|power| 1_u64 << power) {
            while taken + piece <= most && reserve(&file, taken, piece) {
                taken += piece;
            }
        }
        if left == 0 {
            file.seek(SeekFrom::Start(taken)).expect("at the end");
            while file.write_all(b"x").is_ok() {}
        }
    }

    /// Somebody else's files are all that can be made but these.
    pub(crate) fn fill_files(&self, left: u64) {
        fs::create_dir(self.ballast()).expect("made");
        let free = statvfs(self.root()).expect("asked").f_favail;
        for n in left..free {
            File::create(self.ballast().join(n.to_string())).expect("made");
        }
    }

    /// What fills it is removed.
    pub(crate) fn make_room(&self) {
        let ballast = self.ballast();
        if ballast.is_dir() { fs::remove_dir_all(ballast) } else { fs::remove_file(ballast) }
            .expect("removed");
    }

    /// What ext4 does when it finds itself damaged: it goes read-only until it is repaired. False
    /// where that cannot be had.
    pub(crate) fn go_read_only(&self) -> bool {
        let Some(device) = &self.device else {
            eprintln!("skipped: no ext4 on a loop device");
            return false;
        };
        let name = device.trim_start_matches("/dev/");
        let lever = format!("/sys/fs/ext4/{name}/trigger_fs_error");
        fs::write(&lever, "1").is_ok()
    }

    /// What a technician does about it; nobody may have a file open.
    pub(crate) fn repair(&mut self) {
        assert!(runs("umount", &[&text(&self.root())]), "somebody has a file open");
        // a container that was made meanwhile has a copy of the mount, and with it the device
        let device = self.device.take().unwrap_or_default();
        let held = Path::new("/sys/block").join(device.trim_start_matches("/dev/")).join("loop");
        let deadline = Instant::now() + PATIENCE;
        while held.join("backing_file").exists() {
            assert!(Instant::now() < deadline, "another mount namespace holds {device}");
            std::thread::yield_now();
        }
        // it ends with 1 when it has repaired something
        runs("e2fsck", &["-f", "-y", &text(&self.image())]);
        assert!(self.mount(), "mounted again");
    }

    fn mount(&mut self) -> bool {
        let (image, root) = (text(&self.image()), text(&self.root()));
        if !runs("mount", &["-o", "loop,errors=remount-ro", &image, &root]) {
            return false;
        }
        let found = Command::new("findmnt").args(["-no", "SOURCE", &root]).output();
        self.device = found.ok().and_then(|it| String::from_utf8(it.stdout).ok());
        self.device = self.device.take().map(|device| device.trim().to_owned());
        true
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        runs("umount", &["-l", &text(&self.root())]);
    }
}

/// Whether there was room for that piece of the file.
fn reserve(file: &File, from: u64, length: u64) -> bool {
    let [from, length] = [from, length].map(|figure| i64::try_from(figure).expect("a size"));
    posix_fallocate(file, from, length).is_ok()
}

/// Whether that program is there and succeeds.
fn runs(program: &str, arguments: &[&str]) -> bool {
    let places = [program.to_owned(), format!("/usr/sbin/{program}"), format!("/sbin/{program}")];
    let mut command = places.iter().map(|place| {
        let mut command = Command::new(place);
        command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
        command.status()
    });
    command.find_map(Result::ok).is_some_and(|status| status.success())
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
