//! What every command says that needs a configuration, or the daemon, and has none; and notes that
//! several commands make beside their output.

use std::env;
use std::error::Error;
use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::{panic, thread};

use super::{Exit, Failure};
use crate::config::load::LoadError;
use crate::io::status::ReadError;
use crate::io::store::OPENER;
use crate::language::{Language, Screen};

/// What an editor of another system makes of Chinese names.
pub(super) const SAVE_AS_UTF_8: &str =
    "save it as UTF-8; from Windows it comes by: iconv -f GBK -t UTF-8 OLD > NEW";

/// What to do about a disk that takes nothing any more.
pub(in crate::command) const READ_ONLY: &str = "the kernel makes a disk read-only when it fails: dmesg | tail; replace it, or check it (fsck) \
     and restart";

/// The failure, with how to get a configuration when there is no file at all.
pub(super) fn refusal(error: LoadError) -> Failure {
    let advice = match &error {
        LoadError::Mistakes(_) => "put these lines right, then `wimd check`",
        LoadError::Read { source, .. } => match source.kind() {
            ErrorKind::NotFound => {
                "copy the commented example to /etc/wimd/wimd.toml (deploy/wimd.toml, installed as \
                 /usr/share/doc/wimd/wimd.toml), adapt it, and run `wimd check`"
            }
            ErrorKind::InvalidData => SAVE_AS_UTF_8,
            _ => "read it as the user of the daemon, or with sudo",
        },
    };
    Failure::from(error).exit(Exit::Configuration).advice(advice)
}

/// What the system refused: the first of its errors among the causes.
pub(super) fn io_kind(error: &(dyn Error + 'static)) -> Option<ErrorKind> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        let shared = error.downcast_ref::<Arc<io::Error>>().map(Arc::as_ref);
        if let Some(of_system) = error.downcast_ref::<io::Error>().or(shared) {
            return Some(of_system.kind());
        }
        cause = error.source();
    }
    None
}

/// The failure of a limit table that the configuration names, with where it is named.
pub(super) fn tables(failure: Failure) -> Failure {
    failure
        .exit(Exit::Configuration)
        .advice("put the file, or limits.tables of the configuration, right: `wimd check`")
}

/// The failure, with how to get at the daemon.
pub(super) fn unreachable(error: ReadError) -> Failure {
    let advice = match &error {
        ReadError::Down { .. } => {
            "the daemon is down. Start it: sudo systemctl start wimd. Why it stopped: \
             journalctl -u wimd -n 50. Is the configuration good: wimd check"
        }
        ReadError::Forbidden { .. } => {
            "join the group of the socket (sudo usermod -aG wimd $USER, then log in again), or \
             use sudo"
        }
        ReadError::Silent { .. } => {
            "the daemon hangs; the service manager restarts it within 30 s. \
             journalctl -u wimd -n 50 tells more"
        }
        ReadError::Busy { .. } => "try again; the number of clients is status.max_clients",
    };
    Failure::from(error).advice(advice)
}

/// What to do about a store that cannot be read.
pub(in crate::command) const DAMAGED: &str = "it is damaged: keep a copy of its folder; the daemon moves the files aside at its next start and goes \
     on with the chain";

/// From now on a person is told what it means when the database library panics on the files of a store:
/// the release build aborts then.
pub(in crate::command) fn tell_of_damage() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        before(info);
        if thread::current().name() == Some(OPENER) {
            note("error: the store cannot be read");
            note(&format!("help: {DAMAGED}"));
        }
    }));
}

/// A note beside the output, on standard error, in the language of the person.
pub(in crate::command) fn note(text: &str) {
    let language = Language::wanted(env::args_os(), |name| env::var(name).ok());
    anstream::eprintln!("{}", Screen::of_stderr(language).text(text));
}
