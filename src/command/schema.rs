//! `wimd schema`: the contracts with the platform and with bridges of cameras, as JSON Schemas and
//! an AsyncAPI document.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use schemars::generate::SchemaSettings;

use super::file::cannot;
use super::{Exit, Outcome};
use crate::io::camera::neutral::NeutralEvent;
use crate::io::uplink::schema::{self, Document};

/// Path of the schema of [`NeutralEvent`].
const NEUTRAL_PLATE: &str = "schema/neutral-plate.json";

/// Arguments of `wimd schema`.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Document to print; without it and without --out, all of them as one JSON object by path.
    #[arg(conflicts_with = "out")]
    pub document: Option<DocumentName>,
    /// Write all documents below this directory instead.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// One document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DocumentName {
    /// JSON Schema of a record's payload.
    Record,
    /// JSON Schema of the retained state.
    Status,
    /// JSON Schema of the platform's receipts.
    Receipt,
    /// JSON Schema of the platform's requests.
    Request,
    /// JSON Schema of the answers to them.
    Response,
    /// JSON Schema of the neutral plate message that bridges send.
    NeutralPlate,
    /// AsyncAPI 3 document over all topics.
    Asyncapi,
}

impl DocumentName {
    fn path(self) -> &'static str {
        match self {
            Self::Record => "schema/record.json",
            Self::Status => "schema/status.json",
            Self::Receipt => "schema/receipt.json",
            Self::Request => "schema/request.json",
            Self::Response => "schema/response.json",
            Self::NeutralPlate => NEUTRAL_PLATE,
            Self::Asyncapi => "asyncapi.json",
        }
    }
}

/// Every document: what the platform and what bridges are promised.
pub fn documents() -> Vec<Document> {
    let mut documents = schema::documents();
    let generator = SchemaSettings::draft07().into_generator();
    let json = generator.into_root_schema_for::<NeutralEvent>().to_value();
    documents.push(Document { path: NEUTRAL_PLATE, json });
    documents
}

/// Prints or writes them.
///
/// # Errors
/// When a file or the output cannot be written.
pub fn run(args: &SchemaArgs, out: &mut dyn Write) -> Outcome {
    let documents = documents();
    if let Some(dir) = &args.out {
        for document in &documents {
            let path = dir.join(document.path);
            write(&path, document).map_err(cannot("write", &path))?;
            writeln!(out, "{}", path.display())?;
        }
        return Ok(Exit::Good);
    }
    match args.document {
        Some(name) => {
            let wanted = documents.iter().filter(|document| document.path == name.path());
            for document in wanted {
                out.write_all(document.text().as_bytes())?;
            }
        }
        None => {
            let all = documents.into_iter().map(|d| (d.path.to_owned(), d.json));
            let all: serde_json::Map<_, _> = all.collect();
            writeln!(out, "{}", serde_json::to_string_pretty(&all)?)?;
        }
    }
    Ok(Exit::Good)
}

fn write(path: &Path, document: &Document) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(path, document.text())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_document_can_be_asked_for_by_its_name() {
        let named: BTreeSet<_> = DocumentName::value_variants().iter().map(|n| n.path()).collect();
        let made: BTreeSet<_> = documents().into_iter().map(|document| document.path).collect();
        assert_eq!(named, made);
    }
}
