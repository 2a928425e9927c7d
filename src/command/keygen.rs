//! `wimd keygen`: a new key that signs the ledger, the first or the next; and the public key of one
//! that is there.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};

use clap::Args;

use super::file::cannot;
use super::{Exit, Failure, Outcome};
use crate::io::store::{KeyError, Signer};

/// Arguments of `wimd keygen`.
#[derive(Debug, Args)]
pub struct KeygenArgs {
    /// File for the private key; it must not exist yet and gets mode 0600.
    #[arg(long, value_name = "FILE", required_unless_present = "show")]
    pub out: Option<PathBuf>,
    /// Key that signs now; the new one is to follow it. Its file is only looked at.
    #[arg(long, value_name = "OLD")]
    pub rotate: Option<PathBuf>,
    /// Print the public key of this private one, 64 hexadecimal digits, and make none.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["out", "rotate"])]
    pub show: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// Writes the private key and prints the public one, or that of a key that is there.
///
/// # Errors
/// When the file exists or cannot be written, or holds no key to show.
pub fn run(args: &KeygenArgs, out: &mut dyn Write) -> Outcome {
    match (&args.show, &args.out) {
        (Some(path), _) => show(path, args.json, out),
        (None, Some(path)) => make(path, args, out),
        // the command line insists on one of them
        (None, None) => Err(Failure::new(Exit::Usage, "--out or --show is missing")),
    }
}

fn show(path: &Path, json: bool, out: &mut dyn Write) -> Outcome {
    let signer = Signer::load(path).map_err(|error| {
        let denied = matches!(&error, KeyError::Read { source, .. }
            if source.kind() == std::io::ErrorKind::PermissionDenied);
        let advice =
            if denied { "sudo: only its owner may read it" } else { "name the private key" };
        Failure::from(error).advice(advice)
    })?;
    let public = signer.public_key().bytes();
    if json {
        let file = path.display().to_string();
        let key = signer.key_id();
        writeln!(out, "{}", serde_json::json!({ "file": file, "public_key": public, "key": key }))?;
    } else {
        writeln!(out, "{public}")?;
    }
    Ok(Exit::Good)
}

fn make(path: &Path, args: &KeygenArgs, out: &mut dyn Write) -> Outcome {
    let old = args.rotate.as_deref().map(Signer::load).transpose()?;
    let signer = Signer::generate()?;
    signer.save(path).map_err(refusal)?;
    if let Some(rotated) = &args.rotate {
        give_to_the_owner_of(rotated, path)?;
    }
    let (public, id) = (signer.public_key().bytes(), signer.key_id());
    // a relative name in the configuration would be taken from its own folder
    let file = std::path::absolute(path)?.display().to_string();
    if args.json {
        let mut report = serde_json::json!({ "file": file, "public_key": public, "key": id });
        if let Some(old) = &old {
            report["follows"] = serde_json::to_value(old.key_id())?;
        }
        writeln!(out, "{report}")?;
    } else {
        writeln!(out, "private key: {file} (mode 0600; one copy belongs in a safe)")?;
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

/// The daemon reads the new key as it reads the old one.
fn give_to_the_owner_of(old: &Path, new: &Path) -> Result<(), Failure> {
    let (wanted, made) = (fs::metadata(old)?, fs::metadata(new)?);
    if (wanted.uid(), wanted.gid()) == (made.uid(), made.gid()) {
        return Ok(());
    }
    chown(new, Some(wanted.uid()), Some(wanted.gid())).map_err(|source| {
        let advice = format!(
            "the daemon could not read it: sudo chown --reference={} {}",
            old.display(),
            new.display(),
        );
        cannot("give the owner of the old key", new)(source).advice(advice)
    })
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
