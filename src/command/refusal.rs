//! What every command says that needs a configuration and has none.

use super::{Exit, Failure};
use crate::config::load::LoadError;

/// The failure, with how to get a configuration when there is no file at all.
pub(super) fn refusal(error: LoadError) -> Failure {
    let absent = matches!(&error, LoadError::Read { source, .. }
        if source.kind() == std::io::ErrorKind::NotFound);
    let failure = Failure::from(error).exit(Exit::Configuration);
    if absent {
        failure.advice(
            "copy the commented example to /etc/wimd/wimd.toml (deploy/wimd.toml, installed as \
             /usr/share/doc/wimd/wimd.toml), adapt it, and run `wimd check`",
        )
    } else {
        failure
    }
}
