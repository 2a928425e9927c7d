//! `wimd simulate camera --dialect isapi-pull`: a camera in a process of its own that waits to be
//! pulled.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The camera, which ends with the test.
pub(crate) struct PulledCamera {
    /// Where it waits, such as `http://127.0.0.1:40001`.
    pub(crate) url: String,
    process: Child,
}

impl PulledCamera {
    /// Starts it with the password of this file and further arguments.
    pub(crate) fn start(username: &str, password: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wimd"));
        command.args(["simulate", "camera", "--dialect", "isapi-pull", "--listen", "127.0.0.1:0"]);
        command.args(["--username", username, "--password-file"]).arg(password).args(arguments);
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut said = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut said).unwrap();
        let url = said.split_whitespace().find(|word| word.starts_with("http"));
        Self { url: url.unwrap().to_owned(), process }
    }
}

impl Drop for PulledCamera {
    fn drop(&mut self) {
        let _ended = self.process.kill();
        let _code = self.process.wait();
    }
}

/// A file with a password that nobody else may read.
pub(crate) fn secret(dir: &Path, name: &str, password: &str) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, password).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    path
}
