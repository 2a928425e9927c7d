//! What a process did to the files below one folder, recorded by `strace`: each deed with the
//! moments at which it began and returned, in the order of the kernel.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Deeds of a process, and what it said on standard error meanwhile.
#[derive(Debug, Default)]
pub(crate) struct Recording {
    pub(crate) deeds: Vec<Deed>,
    /// Moment and text of each line.
    pub(crate) said: Vec<(usize, String)>,
    /// One after the last moment.
    pub(crate) end: usize,
}

/// One call that changed or synced something. Moments are lines of the recording.
#[derive(Clone, Debug)]
pub(crate) struct Deed {
    pub(crate) began: usize,
    pub(crate) returned: usize,
    pub(crate) what: What,
}

#[derive(Clone, Debug)]
pub(crate) enum What {
    MakeFolder(PathBuf),
    /// Opened for the first time, or opened and emptied.
    Create {
        path: PathBuf,
        empties: bool,
    },
    Resize {
        path: PathBuf,
        length: usize,
    },
    Rename {
        from: PathBuf,
        to: PathBuf,
    },
    /// Both names change places.
    Exchange {
        one: PathBuf,
        other: PathBuf,
    },
    Remove(PathBuf),
    Write {
        path: PathBuf,
        offset: usize,
        bytes: Vec<u8>,
    },
    /// `fsync` or `fdatasync` of a file or a folder.
    Sync(PathBuf),
}

const CALLS: &str = "trace=?open,openat,?creat,pwrite64,write,writev,pwritev,ftruncate,fallocate,\
                     ?rename,renameat,renameat2,?unlink,unlinkat,?rmdir,?mkdir,mkdirat,fsync,\
                     fdatasync,?sync_file_range,?link,linkat,copy_file_range,sendfile";

/// Whether `strace` is there and allowed; CI does not allow that it is not.
pub(crate) fn can_record() -> bool {
    let tried = Command::new("strace").args(["-o", "/dev/null", "true"]).output();
    let works = tried.as_ref().is_ok_and(|output| output.status.success());
    assert!(works || std::env::var_os("CI").is_none(), "strace does not work: {tried:?}");
    if !works {
        eprintln!("skipped: strace is not installed or not allowed");
    }
    works
}

/// Runs `command` to its end and records what it does below `root`.
pub(crate) fn record(root: &Path, command: &Command) -> Recording {
    let log = tempfile::NamedTempFile::new().expect("a file");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-y", "-xx", "-s", "33554432", "-e", CALLS, "-o"]).arg(log.path());
    strace.arg(command.get_program()).args(command.get_args());
    strace.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let status = strace.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("strace runs");
    assert!(status.success(), "the recorded process failed: {status}");
    recorded(root, &std::fs::read_to_string(log.path()).expect("a log"))
}

/// What a log of strace tells of a folder.
fn recorded(root: &Path, log: &str) -> Recording {
    let mut reader = Reader { root, positions: HashMap::new(), recording: Recording::default() };
    calls(log).iter().for_each(|call| reader.note(call));
    reader.recording.end = log.lines().count();
    reader.recording
}

/// A line of the log, or two when another thread came in between.
#[derive(Debug)]
struct Call {
    began: usize,
    returned: usize,
    name: String,
    arguments: Vec<String>,
    result: String,
}

fn calls(text: &str) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    let mut unfinished: HashMap<&str, usize> = HashMap::new();
    for (moment, line) in text.lines().enumerate() {
        let (thread, rest) = line.split_once(' ').expect("a thread");
        let rest = rest.trim_start();
        if rest.starts_with("+++") || rest.starts_with("---") {
            continue;
        }
        if let Some(resumed) = rest.strip_prefix("<... ") {
            let call = &mut calls[unfinished.remove(thread).expect("begun")];
            call.returned = moment;
            call.result = resumed.rsplit_once(" = ").map_or("?", |(_, result)| result).to_owned();
            continue;
        }
        let (name, rest) = rest.split_once('(').expect("a call");
        let (arguments, result) = match rest.strip_suffix("<unfinished ...>") {
            Some(arguments) => {
                unfinished.insert(thread, calls.len());
                (arguments.trim_end(), "?")
            }
            None => rest.rsplit_once(" = ").expect("a result"),
        };
        let arguments = arguments.trim_end().trim_end_matches(')').split(", ");
        calls.push(Call {
            began: moment,
            returned: if result == "?" { usize::MAX } else { moment },
            name: name.to_owned(),
            arguments: arguments.map(str::to_owned).collect(),
            result: result.to_owned(),
        });
    }
    calls
}

struct Reader<'a> {
    root: &'a Path,
    /// Where the next `write` of each open file goes.
    positions: HashMap<String, usize>,
    recording: Recording,
}

impl Reader<'_> {
    fn note(&mut self, call: &Call) {
        if call.result.starts_with('-') {
            return;
        }
        if call.name == "write" && call.arguments[0].starts_with("2<") {
            let text = String::from_utf8(quoted(&call.arguments[1])).expect("text");
            let lines = text.lines().map(|line| (call.began, line.to_owned()));
            return self.recording.said.extend(lines);
        }
        if call.name == "openat"
            && let Some((number, _)) = call.result.split_once('<')
        {
            self.positions.insert(number.to_owned(), 0);
        }
        let Some(what) = self.what(call) else {
            return;
        };
        let Call { began, returned, .. } = *call;
        self.recording.deeds.push(Deed { began, returned, what });
    }

    fn what(&mut self, call: &Call) -> Option<What> {
        let path = |n: usize| self.inside(&quoted(call.arguments.get(n)?));
        let opened = || self.inside(&unhex(call.arguments[0].split_once('<')?.1));
        let number = |n: usize| call.arguments[n].parse::<usize>().expect("a number");
        Some(match call.name.as_str() {
            "openat" => {
                let flags = &call.arguments[2];
                let written = flags.contains("O_CREAT") || flags.contains("O_TRUNC");
                let empties = flags.contains("O_TRUNC");
                What::Create { path: path(1).filter(|_| written)?, empties }
            }
            "mkdir" => What::MakeFolder(path(0)?),
            "mkdirat" => What::MakeFolder(path(1)?),
            "unlink" | "rmdir" => What::Remove(path(0)?),
            "unlinkat" => What::Remove(beside(opened(), path(1), call)?),
            "rename" => What::Rename { from: path(0)?, to: path(1)? },
            "renameat" => What::Rename { from: path(1)?, to: path(3)? },
            "renameat2" if call.arguments[4].contains("EXCHANGE") => {
                What::Exchange { one: path(1)?, other: path(3)? }
            }
            "renameat2" => What::Rename { from: path(1)?, to: path(3)? },
            "ftruncate" => What::Resize { path: opened()?, length: number(1) },
            "fsync" | "fdatasync" => What::Sync(opened()?),
            "pwrite64" => {
                let bytes = quoted(&call.arguments[1]);
                What::Write { path: opened()?, offset: number(3), bytes }
            }
            "write" => {
                let path = opened()?;
                let bytes = quoted(&call.arguments[1]);
                let descriptor = call.arguments[0].split('<').next().expect("a number");
                let position = self.positions.entry(descriptor.to_owned()).or_default();
                let offset = *position;
                *position += bytes.len();
                What::Write { path, offset, bytes }
            }
            // cut off by the end of the process before it was refused: it promises nothing
            "sync_file_range" if call.result == "?" => return None,
            // whoever writes or syncs in another way must be understood before cuts mean anything
            other => match opened().or_else(|| path(0)) {
                Some(path) => panic!("{other} of {} is not understood", path.display()),
                None => return None,
            },
        })
    }

    /// The path below the root; `None` for others and for files without a name.
    fn inside(&self, path: &[u8]) -> Option<PathBuf> {
        let path = Path::new(std::str::from_utf8(path).ok()?);
        let below = path.strip_prefix(self.root).ok()?;
        (!below.to_string_lossy().ends_with("(deleted)")).then(|| below.to_owned())
    }
}

/// `unlinkat` names a file beside an open folder.
fn beside(folder: Option<PathBuf>, path: Option<PathBuf>, call: &Call) -> Option<PathBuf> {
    let name = String::from_utf8(quoted(&call.arguments[1])).ok()?;
    path.or_else(|| Some(folder?.join(name)))
}

/// The bytes of `"\x41\x42"`.
fn quoted(text: &str) -> Vec<u8> {
    unhex(text.trim_matches('"'))
}

fn unhex(text: &str) -> Vec<u8> {
    assert!(!text.ends_with("..."), "strace cut a string short");
    let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect();
    hex::decode(digits).expect("hex")
}

/// The end of the process came between a call and its refusal.
#[test]
fn a_range_sync_that_was_cut_off_promises_nothing() {
    let file = format!("5<{}>", hex::encode("/site/db"));
    let refused = format!("7 sync_file_range({file}, 0, 64, 7) = -1 ENOSYS (not implemented)\n");
    let cut_off = format!("8 sync_file_range({file}, 0, 64, 7 <unfinished ...>\n");
    let log = format!("{refused}{cut_off}8 +++ exited with 0 +++\n");
    assert_eq!(recorded(Path::new("/site"), &log).deeds.len(), 0);
}

#[test]
#[should_panic(expected = "sync_file_range of db is not understood")]
fn a_range_sync_that_nobody_refused_is_not_passed_over() {
    let file = format!("5<{}>", hex::encode("/site/db"));
    recorded(Path::new("/site"), &format!("7 sync_file_range({file}, 0, 64, 7) = 0\n"));
}
