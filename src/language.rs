//! The language that a person reads. The program speaks English; at the door to the terminal each
//! line is put into Chinese, phrase by phrase, by the one catalogue of `language/zh/`. The door
//! also gives tables their columns and folds what is wider than the terminal.
//!
//! Commands thus know no languages, and a screen has no second version that could say something
//! else. What is translated are fixed words; a name from the configuration is marked by whoever
//! prints it ([`proper`]), or stands in a phrase as a value that the catalogue calls a name. What
//! is to be typed, such as a key, a value or a command, stands in quotation marks or is called so
//! by the catalogue, and stays as well. `tests/language.rs` reads the sources and the help and
//! fails when a phrase is missing in the catalogue. JSON, CSV and logs are for programs and for
//! support, and stay as they are.

mod catalogue;
mod cells;
mod door;
pub mod fold;
pub mod help;
mod layout;
mod letters;
mod phrase;
mod proper;
mod quoted;
mod rows;
mod several;
mod template;

pub use catalogue::{Catalogue, phrases};
pub use door::{Door, Screen};
pub use layout::Run;
pub use phrase::Translator;
pub use proper::{proper, unmarked};
pub use rows::row;
pub use template::{Piece, Template};

use std::ffi::OsString;
use std::fmt;

/// A language that the program speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// 中文.
    Zh,
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::En => "en",
            Self::Zh => "zh",
        })
    }
}

/// Variables of the environment that name the language, the strongest first (POSIX, section 8.2).
const VARIABLES: [&str; 3] = ["LC_ALL", "LC_MESSAGES", "LANG"];

impl Language {
    /// What `--lang` says on this command line, otherwise what the environment asks for. It is
    /// asked before the command line is read, since the help itself depends on it.
    pub fn wanted(
        arguments: impl IntoIterator<Item = OsString>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Self {
        let said =
            said(arguments).and_then(|said| <Self as clap::ValueEnum>::from_str(&said, false).ok());
        said.unwrap_or_else(|| Self::of_environment(variable))
    }

    fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = VARIABLES.into_iter().filter_map(variable).find(|value| !value.is_empty());
        let locale = set.unwrap_or_default().to_lowercase();
        let (name, charset) = locale.split_once('.').unwrap_or((&locale, "utf-8"));
        // Everything is written in UTF-8, which a terminal of another character set garbles.
        let readable = charset.starts_with("utf");
        if name.starts_with("zh") && readable { Self::Zh } else { Self::En }
    }
}

fn said(arguments: impl IntoIterator<Item = OsString>) -> Option<String> {
    let mut arguments = arguments.into_iter().filter_map(|argument| argument.into_string().ok());
    while let Some(argument) = arguments.next() {
        match argument.strip_prefix("--lang") {
            Some("") => return arguments.next(),
            Some(value) if value.starts_with('=') => return Some(value[1..].to_owned()),
            _ if argument == "--" => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(line: &str, environment: &[(&str, &str)]) -> Language {
        let arguments = line.split(' ').map(OsString::from);
        Language::wanted(arguments, |name| {
            let found = environment.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_command_line_counts_before_the_environment() {
        let chinese: &[(&str, &str)] = &[("LANG", "zh_CN.UTF-8")];
        assert_eq!(wanted("wimd status --lang en", chinese), Language::En);
        assert_eq!(wanted("wimd status --lang=zh", &[]), Language::Zh);
        assert_eq!(wanted("wimd status", chinese), Language::Zh);
        assert_eq!(wanted("wimd status", &[("LANG", "de_DE.UTF-8")]), Language::En);
    }

    #[test]
    fn the_strongest_variable_that_is_set_counts() {
        let mixed: &[(&str, &str)] = &[("LC_ALL", "C"), ("LANG", "zh_CN.UTF-8")];
        assert_eq!(wanted("wimd", mixed), Language::En);
        let empty: &[(&str, &str)] = &[("LC_ALL", ""), ("LANG", "zh_CN")];
        assert_eq!(wanted("wimd", empty), Language::Zh);
    }

    #[test]
    fn a_terminal_that_cannot_show_it_gets_english() {
        assert_eq!(wanted("wimd", &[("LANG", "zh_CN.GB18030")]), Language::En);
    }
}
