//! A disk that answers with an error: `strace` lets the daemon's calls on its database fail.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::site::PATIENCE;

/// The fault lasts as long as this lives.
pub(crate) struct Injection(Child);

impl Injection {
    /// From now on these calls of the process on that file fail with that error; it answers when
    /// they do. `None` where strace is not installed, which CI does not allow.
    pub(crate) fn start(pid: u32, file: &Path, calls: &str, error: &str) -> Option<Self> {
        let inject = format!("inject={calls}:error={error}");
        let child = Command::new("strace")
            .args(["-f", "-qq", "-p", &pid.to_string(), "-P", &file.to_string_lossy()])
            .args(["-e", &format!("trace={calls}"), "-e", &inject, "-o", "/dev/null"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let child = match child {
            Ok(child) => Self(child),
            Err(error) if std::env::var_os("CI").is_none() => {
                eprintln!("skipped: strace: {error}");
                return None;
            }
            Err(error) => panic!("strace: {error}"),
        };
        let deadline = Instant::now() + PATIENCE;
        while !all_threads_are_traced(pid, child.0.id()) {
            assert!(Instant::now() < deadline, "strace has not taken hold of every thread");
            std::thread::yield_now();
        }
        Some(child)
    }
}

impl Drop for Injection {
    fn drop(&mut self) {
        // at SIGTERM strace lets the process go on without it
        let pid = Pid::from_raw(i32::try_from(self.0.id()).expect("a pid"));
        kill(pid, Signal::SIGTERM).expect("told to end");
        self.0.wait().expect("ended");
    }
}

fn all_threads_are_traced(pid: u32, tracer: u32) -> bool {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).expect("the process lives");
    let traced = format!("TracerPid:\t{tracer}");
    threads.filter_map(Result::ok).all(|thread| {
        let status = fs::read_to_string(thread.path().join("status")).unwrap_or_default();
        status.lines().any(|line| line == traced)
    })
}
