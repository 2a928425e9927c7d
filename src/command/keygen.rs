//! `wimd keygen`: a new key that signs the ledger.

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
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// Writes the private key and prints the public one.
///
/// # Errors
/// When the file exists or cannot be written.
pub fn run(args: &KeygenArgs, out: &mut dyn Write) -> Outcome {
    let signer = Signer::generate()?;
    signer.save(&args.out).map_err(refusal)?;
    let (public, id) = (signer.public_key().bytes(), signer.key_id());
    let file = args.out.display().to_string();
    if args.json {
        let report = serde_json::json!({ "file": file, "public_key": public, "key": id });
        writeln!(out, "{report}")?;
    } else {
        writeln!(out, "private key: {file} (mode 0600; never leaves this box)")?;
        writeln!(out, "public key:  {public}")?;
        writeln!(out, "key id:      {id} (stands in each proof)")?;
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
