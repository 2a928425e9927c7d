//! A run through the real doors, compared with what the simulator wrote of it.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use crate::command::file::cannot;
use crate::command::ledger_source::{Source, Unreadable};
use crate::command::{Exit, Failure};
use crate::sim::score::{Figures, Group, Score};

/// The figures of the records against the truth, and what is remarkable about whom.
pub(super) fn compare(truth: &Path, records: &Path) -> Result<(Figures, Vec<String>), Failure> {
    let mut score = Score::default();
    for (number, line) in BufReader::new(open(truth)?).lines().enumerate() {
        let group: Group = serde_json::from_str(&line?).map_err(|error| {
            let text = format!("{}, line {}: {error}", truth.display(), number + 1);
            Failure::new(Exit::Failed, text).advice("`wimd simulate site --truth` writes it")
        })?;
        score.expect(group);
    }
    // the file is named, so no configuration is looked for
    let source = Source::open(Some(records), Path::new(""))?;
    source.all(|line| {
        let sealed = line.map_err(|Unreadable(text)| {
            let text = format!("{}: {text}", records.display());
            Failure::new(Exit::Failed, text).advice("`wimd records --json` prints them")
        })?;
        score.record(&sealed.record);
        Ok(())
    })?;
    Ok(score.finish())
}

fn open(path: &Path) -> Result<File, Failure> {
    File::open(path).map_err(cannot("read", path))
}
