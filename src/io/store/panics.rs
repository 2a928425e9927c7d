//! Remembers across a crash that the database library panicked on the store's files.
//!
//! The release build aborts on a panic, so a damaged file would end the process at every start.
//! The hook leaves a note in the store's directory before that happens; the next start reads it
//! and moves the files aside. Where panics unwind, [`guarded`] catches them at once.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once};

const FILE_NAME: &str = "panicked";

/// Name of the thread in which the files of a store are opened.
pub const OPENER: &str = "store-open";

/// What was going on when it panicked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Note {
    /// The files could not be opened or read.
    WhileOpening(String),
    /// The store had been opened well; its files are to be read whole before they are used again.
    WhileRunning(String),
}

static RUNNING: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
static HOOK: Once = Once::new();

thread_local! {
    static OPENING: RefCell<Option<PathBuf>> = const { RefCell::new(None) };
}

/// The note of an earlier process.
pub(super) fn note(dir: &Path) -> Option<Note> {
    let text = fs::read_to_string(dir.join(FILE_NAME)).ok()?;
    match text.split_once(": ") {
        Some(("running", message)) => Some(Note::WhileRunning(message.trim().to_owned())),
        Some((_, message)) => Some(Note::WhileOpening(message.trim().to_owned())),
        None => Some(Note::WhileOpening(text)),
    }
}

/// Forgets the note, after it has been acted on.
pub(super) fn forget(dir: &Path) {
    // a note that cannot be removed is acted on once more, which does no harm
    let _absent = fs::remove_file(dir.join(FILE_NAME)).err();
}

/// Leaves a note when the library panics while the store in `dir` is open.
pub(super) fn watch(dir: &Path) {
    install_hook();
    if let Ok(mut running) = RUNNING.lock() {
        running.push(dir.to_owned());
    }
}

/// Ends [`watch`].
pub(super) fn unwatch(dir: &Path) {
    if let Ok(mut running) = RUNNING.lock() {
        running.retain(|watched| watched != dir);
    }
}

/// Runs `work` on the files of the store in `dir` in a thread of its own; a panic is an error
/// with its message, or, where panics abort, a note for the next start.
pub(super) fn guarded<T: Send>(dir: &Path, work: impl FnOnce() -> T + Send) -> Result<T, String> {
    install_hook();
    std::thread::scope(|scope| {
        let opener = std::thread::Builder::new().name(OPENER.to_owned());
        let thread = opener.spawn_scoped(scope, || {
            OPENING.set(Some(dir.to_owned()));
            work()
        });
        match thread {
            Ok(thread) => thread.join().map_err(|panic| message(panic.as_ref())),
            Err(error) => Err(format!("no thread: {error}")),
        }
    })
}

fn install_hook() {
    HOOK.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            leave_note(info);
            previous(info);
        }));
    });
}

fn leave_note(info: &std::panic::PanicHookInfo<'_>) {
    let message = message(info.payload()).replace('\n', " ");
    if let Some(dir) = OPENING.with_borrow(Clone::clone) {
        let _unwritten = fs::write(dir.join(FILE_NAME), format!("opening: {message}\n")).err();
        return;
    }
    let in_library = info.location().is_some_and(|location| location.file().contains("sled"));
    if let (true, Ok(running)) = (in_library, RUNNING.lock()) {
        for dir in running.iter() {
            let _unwritten = fs::write(dir.join(FILE_NAME), format!("running: {message}\n")).err();
        }
    }
}

/// What a panic said.
pub(super) fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a message".to_owned())
}
