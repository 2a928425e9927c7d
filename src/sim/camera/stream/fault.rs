//! What can be wrong with a stream as a whole, each by its name.

use std::fmt;
use std::str::FromStr;

/// A deviation of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StreamFault {
    /// The connection ends after each event.
    Dies,
    /// The connection ends in the middle of the last picture of the first event.
    DiesInside,
    /// Not a byte after the head of the answer.
    Silent,
    /// Connections are closed without an answer.
    HangsUp,
    /// All streams are taken: 503.
    Taken,
    /// No such stream: 404.
    NoStream,
    /// The user may not be notified: 403.
    Forbidden,
    /// A page instead of a stream.
    Page,
    /// Every answer to a challenge is called stale.
    AsksAgain,
    /// Basic authentication only.
    BasicOnly,
}

impl StreamFault {
    /// All of them with their names.
    pub const ALL: [(&'static str, Self); 10] = [
        ("stream-dies", Self::Dies),
        ("stream-dies-inside", Self::DiesInside),
        ("stream-silent", Self::Silent),
        ("hangs-up", Self::HangsUp),
        ("streams-taken", Self::Taken),
        ("no-stream", Self::NoStream),
        ("forbidden", Self::Forbidden),
        ("page", Self::Page),
        ("asks-again", Self::AsksAgain),
        ("basic-only", Self::BasicOnly),
    ];
}

impl fmt::Display for StreamFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::ALL.iter().find(|(_, fault)| fault == self);
        f.write_str(name.map_or("", |(name, _)| name))
    }
}

impl FromStr for StreamFault {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|(name, _)| *name == text);
        found.map(|(_, fault)| *fault).ok_or_else(|| format!("no quirk is called {text:?}"))
    }
}
