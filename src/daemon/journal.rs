//! What went into the pipeline and when, written down; and played again.
//!
//! The pipeline is pure: the same inputs at the same instants give the same records, byte for
//! byte. Each call is one line of text: a letter, the instant, and what went in.

use thiserror::Error;

use crate::clock::{Continuity, Timestamp};
use crate::config::Config;
use crate::io::recorder::{Recorder, Recording, is_gap};
use crate::pipeline::{Action, Arrival, InputId, Known, Parameters, Pipeline};

/// Folder of what is recorded, inside the store's.
pub const FOLDER: &str = "capture";

/// Name of the pipeline's input among the recordings.
pub const INPUTS: &str = "inputs";

/// Name of a line's recording.
pub fn line_name(scale: &str) -> String {
    format!("line-{scale}")
}

/// Where this daemon records; `None` when it is switched off.
pub fn recording(config: &Config) -> Option<Recording> {
    let bytes = config.store.capture_bytes;
    Recording::new(config.store.dir.join(FOLDER), bytes, config.scale.len() + 1)
}

/// Writes down what goes in; by default nothing.
#[derive(Debug, Default)]
pub struct Journal(Option<Recorder>);

impl Journal {
    /// One that begins with an empty pipeline.
    pub fn new(recording: Option<&Recording>) -> Self {
        let mut recorder = recording.map(|recording| recording.recorder(INPUTS));
        if let Some(recorder) = &mut recorder {
            recorder.line(format_args!("S"));
        }
        Self(recorder)
    }

    /// What an earlier run had learnt is taken up.
    pub fn known(&mut self, now: Timestamp, known: &[Known]) {
        if let Some(recorder) = &mut self.0
            && !known.is_empty()
        {
            let known = serde_json::to_string(known).unwrap_or_default();
            recorder.line(format_args!("K {} {known}", now.0));
        }
    }

    /// What the run before left is finished: the time is another from now on.
    pub fn change_time(&mut self, continuity: Continuity) {
        if let Some(recorder) = &mut self.0 {
            let continuity = serde_json::to_string(&continuity).unwrap_or_default();
            recorder.line(format_args!("C {continuity}"));
        }
    }

    /// An input is handed over.
    pub fn input(&mut self, now: Timestamp, id: InputId, arrival: &Arrival) {
        if let Some(recorder) = &mut self.0 {
            let arrival = serde_json::to_string(arrival).unwrap_or_default();
            recorder.line(format_args!("H {} {} {arrival}", now.0, id.0));
        }
    }

    /// The store has sealed a record.
    pub fn sealed(&mut self, id: &str, seq: u64) {
        if let Some(recorder) = &mut self.0 {
            recorder.line(format_args!("Q {seq} {id}"));
        }
    }

    /// Time passes.
    pub fn tick(&mut self, now: Timestamp) {
        if let Some(recorder) = &mut self.0 {
            recorder.line(format_args!("T {}", now.0));
        }
    }
}

/// A journal that cannot be followed.
#[derive(Debug, Error)]
#[error("line {line} of the recorded input makes no sense: {text:?}")]
pub struct JournalError {
    /// Line, from 1.
    pub line: usize,
    /// Its beginning.
    pub text: String,
}

/// What a journal gave.
#[derive(Debug, Default)]
pub struct Replayed {
    /// What the pipeline wanted done, in order.
    pub actions: Vec<Action>,
    /// Inputs handed over.
    pub inputs: usize,
    /// Lines before the first start, or after a gap and before the next start, passed over.
    pub skipped: usize,
}

/// Plays a journal through a fresh pipeline; `exchange` may put another input in the place of
/// the recorded one. After a gap the pipeline that was recorded knows what this one does not: it is
/// followed again from its next start.
///
/// # Errors
/// [`JournalError`] at the first line that is none of ours; a last line without its end is the
/// usual end of a recording that was cut off.
pub fn replay(
    text: &str,
    parameters: &Parameters,
    mut exchange: impl FnMut(Arrival) -> Arrival,
) -> Result<Replayed, JournalError> {
    let mut pipeline: Option<Pipeline> = None;
    let mut replayed = Replayed::default();
    let lines = text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
    for (number, line) in lines.enumerate() {
        let bad = || JournalError { line: number + 1, text: line.chars().take(60).collect() };
        if line == "S" {
            pipeline = Some(Pipeline::new(parameters.clone()));
            continue;
        }
        if is_gap(line) {
            pipeline = None;
        }
        let Some(pipeline) = &mut pipeline else {
            replayed.skipped += 1;
            continue;
        };
        let actions = match parse(line).ok_or_else(bad)? {
            Entry::Tick(now) => pipeline.tick(now),
            Entry::Known(now, known) => {
                pipeline.recall(now, known);
                continue;
            }
            Entry::Time(continuity) => pipeline.change_time(continuity),
            Entry::Sealed(seq, id) => {
                pipeline.sealed(id, seq);
                continue;
            }
            Entry::Input(now, id, arrival) => {
                replayed.inputs += 1;
                pipeline.handle(now, id, exchange(*arrival))
            }
        };
        replayed.actions.extend(actions);
    }
    Ok(replayed)
}

/// Plays inputs of which only the instant of receipt is known, and lets every window close.
pub fn replay_inputs(arrivals: Vec<Arrival>, parameters: &Parameters) -> Replayed {
    let mut pipeline = Pipeline::new(parameters.clone());
    let mut replayed = Replayed { inputs: arrivals.len(), ..Replayed::default() };
    for (number, arrival) in (1..).zip(arrivals) {
        let now = arrival.received_at;
        while let Some(wake) = pipeline.wake_at().filter(|wake| *wake < now) {
            replayed.actions.extend(pipeline.tick(wake));
        }
        replayed.actions.extend(pipeline.handle(now, InputId(number), arrival));
    }
    while let Some(wake) = pipeline.wake_at() {
        replayed.actions.extend(pipeline.tick(wake));
    }
    replayed
}

enum Entry<'a> {
    Tick(Timestamp),
    Known(Timestamp, Vec<Known>),
    Time(Continuity),
    Sealed(u64, &'a str),
    Input(Timestamp, InputId, Box<Arrival>),
}

fn parse(line: &str) -> Option<Entry<'_>> {
    let (kind, rest) = line.split_once(' ')?;
    match kind {
        "T" => Some(Entry::Tick(Timestamp(rest.parse().ok()?))),
        "K" => {
            let (now, known) = rest.split_once(' ')?;
            Some(Entry::Known(Timestamp(now.parse().ok()?), serde_json::from_str(known).ok()?))
        }
        "Q" => {
            let (seq, id) = rest.split_once(' ')?;
            Some(Entry::Sealed(seq.parse().ok()?, id))
        }
        "C" => Some(Entry::Time(serde_json::from_str(rest).ok()?)),
        "H" => {
            let mut parts = rest.splitn(3, ' ');
            let now = Timestamp(parts.next()?.parse().ok()?);
            let id = InputId(parts.next()?.parse().ok()?);
            Some(Entry::Input(now, id, serde_json::from_str(parts.next()?).ok()?))
        }
        _ => None,
    }
}
