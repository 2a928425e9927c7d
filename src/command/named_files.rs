//! The files that the configuration names, looked at: without them the daemon does not start, or
//! never reaches its broker.

use std::error::Error;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::command::Failure;
use crate::config::files::{Holds, NamedFile};
use crate::config::problem::Problem;
use crate::io::pem;
use crate::io::store::Signer;

/// Where systemd lays its credentials, and only while the service runs: outside of it nobody can
/// say whether they are there.
const CREDENTIALS: &str = "/run/credentials";

/// A warning for each file that cannot be used.
pub(in crate::command) fn warnings(files: &[NamedFile]) -> Vec<Problem> {
    let examined = files.iter().filter(|file| !file.path.starts_with(CREDENTIALS));
    let troubles = examined.filter_map(|file| Some((file, trouble(&file.path, file.holds)?)));
    troubles.map(|(file, what)| Problem::new(file.line, &file.key, what)).collect()
}

fn trouble(path: &Path, holds: Holds) -> Option<String> {
    let shown = path.display();
    let mode = match File::open(path).and_then(|file| file.metadata()) {
        Ok(metadata) => metadata.mode() & 0o7777,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Some(format!("there is no {shown}: {}", how_to_get(holds)));
        }
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            return Some(format!(
                "this user may not read {shown}: `sudo -u wimd wimd check` sees what the \
                 daemon sees"
            ));
        }
        Err(error) => return Some(format!("cannot look at {shown}: {error}")),
    };
    let secret = !matches!(holds, Holds::Authorities | Holds::Certificate);
    if secret && mode & 0o077 != 0 {
        return Some(format!("{shown} has mode {mode:04o}: others may read it: chmod 600 {shown}"));
    }
    match holds {
        Holds::SigningKey | Holds::NextKey => Signer::load(path).err().map(told),
        Holds::Authorities => pem::authorities(path).err().map(told),
        Holds::Certificate => pem::certificates(path).err().map(told),
        Holds::CertificateKey => pem::private_key(path).err().map(told),
        Holds::Password => None,
    }
}

fn how_to_get(holds: Holds) -> &'static str {
    match holds {
        Holds::SigningKey => {
            "make it with `wimd keygen --out`, and give it to the user of the daemon"
        }
        Holds::NextKey => "make it with `wimd keygen --rotate`",
        Holds::Password => "write the password into it, readable for the user of the daemon only",
        Holds::Authorities => "get it from whoever runs the other end, as PEM",
        Holds::Certificate => "get it from the platform, as PEM",
        Holds::CertificateKey => "it belongs to the certificate, as PEM with mode 0600",
    }
}

/// The chain of causes in one line.
fn told(error: impl Error + Send + Sync + 'static) -> String {
    Failure::from(error).text().replacen("error: ", "", 1)
}
