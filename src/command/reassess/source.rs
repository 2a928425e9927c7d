//! Where sealed records come from: a copy of the ledger, or lines of text.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::ReassessArgs;
use super::law::Law;
use crate::command::file::cannot;
use crate::command::refusal::tell_of_damage;
use crate::command::{Exit, Failure};
use crate::io::store::{LedgerCopy, StoreError, chain};

/// Folder of the store inside the one of `wimd demo --state`.
const DEMO_STORE: &str = "state";

/// The database's folder, by which a store is known.
const DATABASE: &str = "sled";

/// One record as it was sealed.
pub(super) struct Sealed {
    /// Sequence, or the line where there is none.
    pub(super) place: String,
    /// Canonical JSON; what is wrong where there is none.
    pub(super) json: Result<Vec<u8>, String>,
    /// Empty in exports.
    pub(super) raw: Vec<u8>,
}

/// Hands every record over, in order.
pub(super) fn each(
    args: &ReassessArgs,
    law: &Law,
    mut take: impl FnMut(Sealed) -> Result<(), Failure>,
) -> Result<(), Failure> {
    if args.files.is_empty() {
        return ledger(args, law, take);
    }
    for path in &args.files {
        let named = |source| cannot("read", path)(source);
        let reader: Box<dyn BufRead> = if path == Path::new("-") {
            Box::new(BufReader::new(io::stdin()))
        } else {
            Box::new(BufReader::new(File::open(path).map_err(named)?))
        };
        for (index, text) in reader.split(b'\n').enumerate() {
            let text = text.map_err(named)?;
            if text.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            take(exported(&text, &format!("{}:{}", path.display(), index + 1)))?;
        }
    }
    Ok(())
}

/// A published payload, or a record alone.
fn exported(text: &[u8], line: &str) -> Sealed {
    let broken = |what: String| Sealed { place: line.to_owned(), json: Err(what), raw: Vec::new() };
    let value: Value = match serde_json::from_slice(text) {
        Ok(value) => value,
        Err(error) => return broken(error.to_string()),
    };
    let sequence = value["proof"]["seq"].as_u64();
    let record = if value["record"].is_object() { &value["record"] } else { &value };
    match chain::canonical(record) {
        Ok(json) => Sealed {
            place: sequence.map_or_else(|| line.to_owned(), |seq| seq.to_string()),
            json: Ok(json),
            raw: Vec::new(),
        },
        Err(error) => broken(error.to_string()),
    }
}

fn ledger(
    args: &ReassessArgs,
    law: &Law,
    mut take: impl FnMut(Sealed) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let dir = store(args, law)?;
    tell_of_damage();
    let copy = LedgerCopy::of(&dir).map_err(|error| match &error {
        StoreError::Held { .. } => Failure::from(error)
            .advice("stop the daemon, or give this command the records as they were published"),
        _ => Failure::from(error),
    })?;
    for entry in copy.range(args.from, args.to.unwrap_or(u64::MAX)) {
        let sealed = match entry {
            Ok(sealed) => Sealed {
                place: sealed.seq.to_string(),
                json: Ok(sealed.record_json.to_vec()),
                raw: sealed.raw.to_vec(),
            },
            Err(error) if error.is_damage() => {
                Sealed { place: "?".to_owned(), json: Err(error.to_string()), raw: Vec::new() }
            }
            Err(error) => return Err(error.into()),
        };
        take(sealed)?;
    }
    Ok(())
}

fn store(args: &ReassessArgs, law: &Law) -> Result<PathBuf, Failure> {
    let given = args.state.clone().or_else(|| law.store.clone()).unwrap_or_default();
    let candidates = [given.clone(), given.join(DEMO_STORE)];
    let found = candidates.into_iter().find(|dir| dir.join(DATABASE).is_dir());
    found.ok_or_else(|| {
        Failure::new(Exit::Failed, format!("there is no store in {}", given.display()))
            .advice("name the folder with --state (store.dir of the configuration)")
    })
}
