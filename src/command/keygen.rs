//! `wimd keygen`: a new key that signs the ledger, the first or the next.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::{Exit, Failure, Outcome};
use crate::io::store::{KeyError, Signer};

/// Arguments of `wimd keygen`.
#[derive(Debug, Args)]
pub struct KeygenArgs {
    /// File for the private key; it must not exist yet and gets mode 0600.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Key that signs now; the new one is to follow it. Its file is only looked at.
    #[arg(long, value_name = "OLD")]
    pub rotate: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// Writes the private key and prints the public one.
///
/// # Errors
/// When the file exists or cannot be written.
pub fn run(args: &KeygenArgs, out: &mut dyn Write) -> Outcome {
    let old = args.rotate.as_deref().map(Signer::load).transpose()?;
    let signer = Signer::generate()?;
    signer.save(&args.out).map_err(refusal)?;
    let (public, id) = (signer.public_key().bytes(), signer.key_id());
    let file = args.out.display().to_string();
    if args.json {
        let mut report = serde_json::json!({ "file": file, "public_key": public, "key": id });
        if let Some(old) = &old {
            report["follows"] = serde_json::to_value(old.key_id())?;
        }
        writeln!(out, "{report}")?;
    } else {
        writeln!(out, "private key: {file} (mode 0600; never leaves this box)")?;
        writeln!(out, "public key:  {public}")?;
        writeln!(out, "key id:      {id} (stands in each proof)")?;
        if let Some(old) = &old {
            writeln!(out, "follows:     {}", old.key_id())?;
            writeln!(out)?;
            writeln!(out, "1. add to [store] of the configuration: next_key_file = \"{file}\"")?;
            writeln!(
                out,
                "2. restart the daemon: the old key signs a record that introduces the new one"
            )?;
            writeln!(
                out,
                "3. give the platform the new public key; until then the old one leads to it"
            )?;
            writeln!(
                out,
                "4. later: key_file = \"{file}\", remove next_key_file, and shred the old file"
            )?;
        }
    }
    Ok(Exit::Good)
}

fn refusal(error: KeyError) -> Failure {
    let exists = matches!(&error, KeyError::Write { source, .. }
        if source.kind() == std::io::ErrorKind::AlreadyExists);
    let failure = Failure::from(error);
    if exists {
        failure.advice("a key is never overwritten; name another file, or move the old key away")
    } else {
        failure.advice("name a file in a folder that is there and that you may write, or use sudo")
    }
}
