//! `wimd monitor`: the site live, for a terminal of 80 columns and more over a slow line.
//!
//! It asks the control socket once a second for the state and for the records that are new, or
//! listens at the ports of the scales while no daemon runs, and draws only what changed. Without a
//! terminal, or with `--plain`, it prints a line a record.

mod health;
mod lane;
mod port;
mod screen;
mod site;
#[cfg(test)]
mod tests;
mod translated;

use std::io::{self, ErrorKind, IsTerminal, Write, stdout};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use thiserror::Error;

use super::demo::table::{heading, row};
use super::fast_clock::FastClock;
use super::refusal::{note, refusal, unreachable};
use super::{Exit, Failure, Outcome};
use crate::config::load::{DEFAULT_PATH, LoadError, Loaded, load};
use crate::config::status::DEFAULT_SOCKET;
use crate::io::status::{ReadError, read};
use crate::language::{Language, Translator};
use crate::pipeline::record::Body;
use port::Port;
use screen::View;
use site::{NewRecords, Site};

/// What it shows, for the end of the help.
const SOURCES: &str = "\
While the daemon runs, it tells what it knows. When it does not run at the start, the ports of the \
scales are listened to themselves: vehicles are weighed and judged for the eye only, without \
plates, nothing is kept and nothing acknowledged, so the controllers hold every vehicle for the \
daemon. When the daemon starts, the ports are let go and it is asked; when it stops later, start \
this command again.";

/// Arguments of `wimd monitor`.
#[derive(Debug, Args)]
#[command(after_help = SOURCES)]
pub struct MonitorArgs {
    /// Control socket of the daemon; that of the configuration, else /run/wimd/status.sock.
    #[arg(long, value_name = "PATH")]
    pub socket: Option<PathBuf>,
    /// Configuration file of the daemon; names the ports when it does not run.
    #[arg(long, value_name = "FILE", default_value = DEFAULT_PATH)]
    pub config: PathBuf,
    /// Print a line for each new vehicle instead of a screen; so it is also without a terminal.
    #[arg(long)]
    pub plain: bool,
    /// No colour; so it is also with NO_COLOR in the environment.
    #[arg(long)]
    pub no_color: bool,
    /// Language of the screen: what the whole program speaks.
    #[arg(skip)]
    pub language: Language,
    /// Pause between two looks at the daemon, milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(100..=60_000))]
    pub interval: u64,
    /// Clock of a simulated site.
    #[command(flatten)]
    pub(super) clock: FastClock,
}

/// Shows the site until the technician has seen enough.
///
/// # Errors
/// When the daemon hangs or may not be asked, when without it there is no configuration that
/// names the ports, and when the terminal cannot be used.
pub fn run(args: &MonitorArgs, out: &mut dyn Write) -> Outcome {
    let mut site = open(args)?;
    let pause = Duration::from_millis(args.interval);
    if args.plain || !stdout().is_terminal() {
        return print(&mut site, pause, out);
    }
    let terminal = ratatui::try_init()?;
    let shown = show(terminal, &mut site, args);
    ratatui::try_restore()?;
    shown
}

/// Neither a daemon nor its ports.
#[derive(Debug, Error)]
#[error(
    "no daemon listens on {}, and the configuration {}, which names the ports, cannot be read",
    socket.display(),
    path.display()
)]
struct NothingToSee {
    socket: PathBuf,
    path: PathBuf,
    source: io::Error,
}

/// The daemon, or the ports while there is none.
fn open(args: &MonitorArgs) -> Result<Site, Failure> {
    let loaded = load(&args.config);
    let configured = loaded.as_ref().ok().map(|loaded| loaded.config.status.socket.clone());
    let socket = args.socket.clone().or(configured).unwrap_or_else(|| DEFAULT_SOCKET.into());
    match read(&socket) {
        Ok(_) => return Ok(Site::new(socket)),
        Err(ReadError::Down { .. }) => {}
        Err(error) => return Err(unreachable(error)),
    }
    match loaded {
        Ok(Loaded { config, .. }) => {
            let port = Port::open(&config, socket.clone(), args.clock.clock())?;
            Ok(Site::at_port(socket, port))
        }
        Err(LoadError::Read { path, source }) if source.kind() == ErrorKind::NotFound => {
            Err(Failure::from(NothingToSee { socket, path, source }).advice(
                "the daemon is down. Start it: sudo systemctl start wimd. Why it stopped: \
                 journalctl -u wimd -n 50. To see the port itself without it: --config FILE",
            ))
        }
        Err(error) => Err(refusal(error)),
    }
}

/// Lines until the daemon goes away or the reader does.
fn print(site: &mut Site, pause: Duration, out: &mut dyn Write) -> Outcome {
    let mut told = None;
    writeln!(out, "{}", heading())?;
    loop {
        let NewRecords { records, skipped } = site.look().map_err(self::told)?;
        let news = site.without_daemon();
        if news != told {
            note(news.as_deref().unwrap_or("the daemon runs: the ports are its own again"));
            told = news;
        }
        if skipped > 0 {
            writeln!(out, "… {skipped} records in between: `wimd records`")?;
        }
        for record in records {
            if let Body::Passage(passage) = &record.body {
                writeln!(out, "{}", row(&record, passage))?;
            }
        }
        out.flush()?;
        std::thread::sleep(pause);
    }
}

fn told(error: site::LookError) -> Failure {
    match error {
        site::LookError::Daemon(error) => unreachable(error),
        other => other.into(),
    }
}

fn show(mut terminal: ratatui::DefaultTerminal, site: &mut Site, args: &MonitorArgs) -> Outcome {
    let no_color = args.no_color || std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
    let translator = (args.language == Language::Zh).then(Translator::default);
    let mut view = View { colour: !no_color, translator, ..View::default() };
    let pause = Duration::from_millis(args.interval);
    let mut next = Instant::now();
    loop {
        if Instant::now() >= next {
            next = Instant::now() + pause;
            if !view.paused {
                // Kept by the site and shown at the top: a daemon that restarts comes back.
                let _shown = site.look().is_ok();
            }
        }
        terminal.draw(|frame| screen::draw(frame, site, &view))?;
        let rest = next.saturating_duration_since(Instant::now());
        if event::poll(rest)? && !obey(&event::read()?, site, &mut view) {
            return Ok(Exit::Good);
        }
    }
}

/// What a key does; false when it ends the view.
fn obey(event: &Event, site: &Site, view: &mut View) -> bool {
    let Event::Key(KeyEvent { code, modifiers, kind: KeyEventKind::Press, .. }) = event else {
        return true;
    };
    let last = site.lanes().count().saturating_sub(1);
    match code {
        KeyCode::Char('c') if modifiers.contains(KeyModifiers::CONTROL) => return false,
        KeyCode::Char('q') | KeyCode::Esc if !view.help => return false,
        KeyCode::Char(' ') => view.paused = !view.paused,
        KeyCode::Down | KeyCode::Char('j') => view.first_lane = (view.first_lane + 1).min(last),
        KeyCode::Up | KeyCode::Char('k') => view.first_lane = view.first_lane.saturating_sub(1),
        KeyCode::Char('?' | 'h') => view.help = !view.help,
        _ => view.help = false,
    }
    true
}

impl From<ReadError> for site::LookError {
    fn from(error: ReadError) -> Self {
        Self::Daemon(error)
    }
}
