//! A configured site in a folder of its own, and what can be wrong with it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use assert_cmd::Command;
use tempfile::TempDir;

pub(crate) struct Site {
    folder: TempDir,
}

impl Site {
    /// The shipped example with every path in this folder, a key, and a broker on loopback.
    pub(crate) fn new() -> Self {
        let site = Self { folder: TempDir::new().expect("a folder") };
        let example = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/wimd.toml");
        let text = fs::read_to_string(example).expect("the example");
        let here = site.folder.path().display().to_string();
        let text = text
            .replace("/var/lib/wimd", &format!("{here}/store"))
            .replace("/run/wimd/status.sock", &format!("{here}/status.sock"))
            .replace("mqtts://platform.example.org:8883", "mqtt://127.0.0.1:1883")
            .replace("ca_file = \"platform-ca.pem\"\n", "")
            .replace("/dev/ttyS0", &format!("{here}/port"))
            .replace("0.0.0.0:8080", "127.0.0.1:0");
        site.write("wimd.toml", &text);
        let (told, exit) = site.wimd("keygen --out {}/signing.key", "en");
        assert_eq!(exit, 0, "{told}");
        site
    }

    /// What the command tells on standard error, with `{}` for this folder, and how it ends.
    pub(crate) fn wimd(&self, line: &str, language: &str) -> (String, i32) {
        let here = self.folder.path().display().to_string();
        let line = line.replace("{}", &here);
        let output = Command::new(env!("CARGO_BIN_EXE_wimd"))
            .args(line.split(' '))
            .args(["--lang", language])
            .env("WIMD_LOG", "off")
            // a refusal comes at once; what has not ended then has not refused
            .timeout(Duration::from_secs(60))
            .output()
            .expect("the program runs");
        let text = String::from_utf8(output.stderr).expect("UTF-8");
        (text.replace(&here, "{}"), output.status.code().unwrap_or(-1))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("writable");
    }

    fn change(&self, from: &str, to: &str) {
        let text = fs::read_to_string(self.path("wimd.toml")).expect("the configuration");
        assert!(text.contains(from), "{from}");
        self.write("wimd.toml", &text.replacen(from, to, 1));
    }

    pub(crate) fn unknown_key(&self) {
        self.change("[store]\n", "[store]\ndirectory = \"x\"\n");
    }

    pub(crate) fn no_toml(&self) {
        self.write("wimd.toml", "[site\nid = 1\n");
    }

    pub(crate) fn no_key(&self) {
        fs::remove_file(self.path("signing.key")).expect("there was one");
    }

    pub(crate) fn open_key(&self) {
        let open = fs::Permissions::from_mode(0o644);
        fs::set_permissions(self.path("signing.key"), open).expect("ours");
    }

    pub(crate) fn lost_table(&self) {
        self.change("tables = []", "tables = [\"none.toml\"]");
    }

    pub(crate) fn no_camera(&self) {
        let text = fs::read_to_string(self.path("wimd.toml")).expect("the configuration");
        let end = text.find("\n[[camera]]").expect("a camera");
        self.write("wimd.toml", &text[..=end]);
    }

    pub(crate) fn empty_file(&self) {
        self.write("empty.jsonl", "");
    }

    pub(crate) fn damaged_file(&self) {
        self.write("damaged.jsonl", "no record\n");
    }

    pub(crate) fn plain_file(&self) {
        self.write("plain", "");
    }
}
