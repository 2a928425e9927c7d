//! `wimd verify`: is this what was sealed, all of it, and nothing else?

mod live;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use clap::Args;

use super::file::cannot;
use super::{Exit, Failure, Outcome};
use crate::io::store::PublicKey;
use crate::io::store::chain::verify::{
    Checked, Keys, NumberedLine, Problem, Report, Verifier, check,
};
use live::{LiveArgs, is_broker};

/// Records that one thread checks at a time; signatures are checked together, and beyond some
/// hundred that gains nothing more.
const CHUNK: usize = 1_024;

/// Chunks that wait for the threads at most: keeps memory small on files of any length.
const WAITING: usize = 4;

/// A record with its proof is some 10 KB. Our choice, so that a file without line ends does not
/// fill the memory.
const MAX_LINE_BYTES: u64 = 16 * 1024 * 1024;

/// Arguments of `wimd verify`.
#[derive(Debug, Default, Args)]
pub struct VerifyArgs {
    /// Files with one published record in each line; `-` is standard input. Or one broker,
    /// mqtt://host:port or mqtts://host:port, with --site: its records as they come.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Public key as printed by `wimd keygen`, at any time by its --show, or a file that holds it.
    /// Keys that came later are followed from the records that introduce them; give several when those are not there.
    #[arg(long = "key", required = true, value_name = "PUB")]
    pub keys: Vec<String>,
    /// Do not complain about identical copies of a record, which are normal in what came from a
    /// broker: on each topic that applies, and once more after a cut of the line.
    #[arg(long)]
    pub allow_duplicates: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
    /// Where to listen, and how long.
    #[command(flatten)]
    pub live: LiveArgs,
}

/// Checks all files as one chain and names everything that is wrong.
///
/// # Errors
/// When a key or a file cannot be read; what is wrong with the records is no error but the
/// answer, with [`Exit::Failed`].
pub fn run(args: &VerifyArgs, out: &mut dyn Write) -> Outcome {
    let keys: Result<Keys, _> = args.keys.iter().map(|key| PublicKey::parse(key)).collect();
    let keys = keys.map_err(|error| {
        Failure::from(error)
            .exit(Exit::Usage)
            .advice("`wimd keygen --show signing.key` prints it at the site; the platform got it at the handing over")
    })?;
    let broker = args.files.iter().filter_map(|file| file.to_str()).find(|file| is_broker(file));
    let report = match broker {
        None => verify(args, &keys)?,
        Some(broker) if args.files.len() == 1 => {
            let mut aside = io::stderr();
            let told: &mut dyn Write = if args.json { &mut aside } else { &mut *out };
            live::verify(&args.live, broker, (&keys, args.allow_duplicates), told)?
        }
        Some(_) => return Err(Failure::new(Exit::Usage, "a broker stands alone, without files")),
    };
    if args.json {
        let report = serde_json::json!({ "good": report.is_good(), "report": report });
        writeln!(out, "{report}")?;
    } else {
        print(&report, broker.is_some(), out)?;
    }
    Ok(if report.is_good() { Exit::Good } else { Exit::Failed })
}

fn verify(args: &VerifyArgs, keys: &Keys) -> Result<Report, Failure> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let (chunks, waiting) = sync_channel::<Vec<NumberedLine>>(WAITING);
    let waiting = Mutex::new(waiting);
    let verifier = Mutex::new(Verifier::new(args.allow_duplicates));
    let read = thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(chunk) = next(&waiting) {
                    absorb(&verifier, check(keys, &chunk));
                }
            });
        }
        // dropped at the end of the reading, which ends the threads
        let chunks = chunks;
        let mut reading = Reading::default();
        for path in &args.files {
            reading.read(
                path,
                |chunk| chunks.send(chunk).is_ok(),
                |part| absorb(&verifier, part),
            )?;
        }
        let _all_gone = chunks.send(reading.chunk);
        Ok::<_, Failure>(())
    });
    read?;
    let verifier = verifier.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(verifier.finish())
}

fn next(waiting: &Mutex<Receiver<Vec<NumberedLine>>>) -> Option<Vec<NumberedLine>> {
    let receiver = waiting.lock().unwrap_or_else(PoisonError::into_inner);
    receiver.recv().ok()
}

fn absorb(verifier: &Mutex<Verifier>, part: Checked) {
    let mut verifier = verifier.lock().unwrap_or_else(PoisonError::into_inner);
    verifier.absorb(part);
}

#[derive(Default)]
struct Reading {
    line: u64,
    chunk: Vec<NumberedLine>,
}

impl Reading {
    fn read(
        &mut self,
        path: &Path,
        send: impl Fn(Vec<NumberedLine>) -> bool,
        report: impl Fn(Checked),
    ) -> Result<(), Failure> {
        let named = |source| cannot("read", path)(source);
        let mut reader: Box<dyn BufRead> = if path == Path::new("-") {
            Box::new(BufReader::new(io::stdin()))
        } else {
            Box::new(BufReader::new(File::open(path).map_err(named)?))
        };
        while let Some(line) = next_line(&mut *reader).map_err(named)? {
            self.line += 1;
            match line {
                Line::Whole(text) => self.chunk.push((self.line, text)),
                Line::TooLong => report(Checked::malformed(self.line, "the line is too long")),
            }
            if self.chunk.len() == CHUNK && !send(std::mem::take(&mut self.chunk)) {
                break;
            }
        }
        Ok(())
    }
}

enum Line {
    Whole(Vec<u8>),
    TooLong,
}

fn next_line(reader: &mut dyn BufRead) -> io::Result<Option<Line>> {
    let mut text = Vec::new();
    let limited = |reader: &mut dyn BufRead, text: &mut Vec<u8>| {
        io::Read::take(reader, MAX_LINE_BYTES).read_until(b'\n', text)
    };
    if limited(reader, &mut text)? == 0 {
        return Ok(None);
    }
    if text.len() as u64 != MAX_LINE_BYTES || text.ends_with(b"\n") {
        return Ok(Some(Line::Whole(text)));
    }
    while !text.ends_with(b"\n") {
        text.clear();
        if limited(reader, &mut text)? == 0 {
            break;
        }
    }
    Ok(Some(Line::TooLong))
}

/// `heard`: what is wrong with single records has been told when they came.
fn print(report: &Report, heard: bool, out: &mut dyn Write) -> io::Result<()> {
    let told = |problem: &&Problem| !heard || !live::is_told_at_once(problem);
    for problem in report.problems.iter().filter(told) {
        writeln!(out, "{}", sentence(problem))?;
    }
    let Some((after, head)) = report.after.zip(report.head) else {
        return writeln!(out, "no records");
    };
    let verdict = match report.problems.len() {
        0 => "all good".to_owned(),
        1 => "1 problem".to_owned(),
        several => format!("{several} problems"),
    };
    let (records, first, last) = (report.records, after.seq + 1, head.seq);
    writeln!(out, "{records} records, sequence {first} to {last}: {verdict}")?;
    let copies = |problem: &Problem| matches!(problem, Problem::Duplicate { .. });
    if !report.problems.is_empty() && report.problems.iter().all(copies) {
        writeln!(out, "copies are normal in what came from a broker: --allow-duplicates")?;
    }
    if report.evicted > 0 {
        writeln!(out, "{} more had to go, as records among these tell", report.evicted)?;
    }
    for key in &report.introduced {
        writeln!(out, "key {key} was introduced by a record among these")?;
    }
    writeln!(out, "chain head {}", head.hash)
}

fn sentence(problem: &Problem) -> String {
    match problem {
        Problem::Malformed { line, reason } => {
            format!("line {line}: no published record: {reason}")
        }
        Problem::Altered { seq, line } => format!("sequence {seq} (line {line}): altered"),
        Problem::UnknownKey { seq, line, key } => {
            format!("sequence {seq} (line {line}): signed with key {key}, which was not given")
        }
        Problem::BadSignature { seq, line } => {
            format!("sequence {seq} (line {line}): bad signature")
        }
        Problem::Duplicate { seq, line } => format!("sequence {seq} (line {line}): duplicate"),
        Problem::Conflict { seq, line } => {
            format!("sequence {seq} (line {line}): another record with the same sequence")
        }
        Problem::Gap { first, last } if first == last => format!("sequence {first}: missing"),
        Problem::Gap { first, last } => format!("sequence {first} to {last}: missing"),
        Problem::BrokenLink { seq } => {
            format!("sequence {seq}: does not follow the record before it")
        }
    }
}
