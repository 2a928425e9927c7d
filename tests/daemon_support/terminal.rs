//! A command on a terminal.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};

use nix::pty::{Winsize, openpty};

use super::Leash;

pub(crate) struct Terminal {
    child: Child,
    master: File,
    /// The command ends with the test.
    _leash: Leash,
}

impl Terminal {
    /// Starts the command on a terminal of 80 x 24.
    pub(crate) fn start(command: Command) -> Self {
        Self::of_size(command, (80, 24))
    }

    /// Starts the command on a terminal of so many columns and lines.
    pub(crate) fn of_size(mut command: Command, (columns, lines): (u16, u16)) -> Self {
        let size = Winsize { ws_row: lines, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        let terminal = openpty(Some(&size), None).expect("a terminal");
        let side = || Stdio::from(terminal.slave.try_clone().expect("a descriptor"));
        command.env("TERM", "xterm").stdin(side()).stdout(side()).stderr(side());
        let child = command.spawn().expect("it starts");
        // the command holds ends of the terminal itself
        drop((command, terminal.slave));
        let leash = Leash::of(&child);
        Self { child, master: File::from(terminal.master), _leash: leash }
    }

    /// What the terminal shows next; `None` at the end of the command, which is its own.
    pub(crate) fn next(&mut self) -> Option<Vec<u8>> {
        let mut piece = vec![0; 4_096];
        let length = self.master.read(&mut piece).ok().filter(|length| *length > 0)?;
        piece.truncate(length);
        Some(piece)
    }

    /// Presses a key.
    pub(crate) fn press(&mut self, key: &str) {
        self.master.write_all(key.as_bytes()).expect("a key");
    }

    /// All that it shows to its end, and the exit code of the command.
    pub(crate) fn rest(mut self) -> (String, Option<i32>) {
        let mut shown = Vec::new();
        while let Some(piece) = self.next() {
            shown.extend(piece);
        }
        let code = self.child.wait().expect("it ends").code();
        (String::from_utf8(shown).expect("UTF-8"), code)
    }

    /// What it shows until every word was there; then q is pressed. And the exit code.
    pub(crate) fn until(mut self, words: &[&str]) -> (String, Option<i32>) {
        let mut shown = Vec::new();
        while let Some(piece) = self.next() {
            shown.extend(piece);
            let text = String::from_utf8_lossy(&shown);
            if words.iter().all(|word| text.contains(word)) {
                self.press("q");
                break;
            }
        }
        let (rest, code) = self.rest();
        (String::from_utf8_lossy(&shown).into_owned() + &rest, code)
    }
}
