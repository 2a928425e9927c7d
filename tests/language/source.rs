//! Phrases in the sources: the texts of `format!`, `writeln!`, `#[error(…)]` and their like.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Parts of the program that speak to a person. Logs, and what the assessment says in both
/// languages by itself, are not among them.
const SPEAKING: [&str; 6] =
    ["src/command", "src/config", "src/daemon", "src/io", "src/pipeline", "src/sim"];

/// What has its own Chinese beside it, or speaks only to programs.
const SILENT: [&str; 3] =
    ["src/command/assess/chinese", "src/command/assess/english", "src/command/report/chart.rs"];

/// Every phrase with the file that says it.
pub(crate) fn phrases() -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for root in SPEAKING {
        for file in rust_files(Path::new(root)) {
            let name = file.display().to_string();
            if SILENT.iter().any(|silent| name.starts_with(silent)) || is_test(&name) {
                continue;
            }
            let text = fs::read_to_string(&file).expect("a source file");
            let text =
                text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
            for phrase in Source::new(&text).phrases(root == "src/command" || root == "src/config")
            {
                found.insert((phrase, name.clone()));
            }
        }
    }
    found
}

/// What stands before a heading of a table, or before the label of a finding or of its part.
const LABELLING: [&str; 7] =
    ["table([", "table(&[", ".ok(", ".warn(", ".fail(", "Part::new(", "Part::of("];

/// Single words that label something on a screen: headings of tables, what a finding looked at.
pub(crate) fn labels() -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for file in rust_files(Path::new("src/command")) {
        let name = file.display().to_string();
        let text = fs::read_to_string(&file).expect("a source file");
        for labelling in LABELLING {
            for (at, _) in text.match_indices(labelling) {
                let list = labelling.ends_with('[');
                let words = literals(&text[at + labelling.len()..], list);
                found.extend(words.into_iter().map(|word| (word, name.clone())));
            }
        }
    }
    found
}

/// The literal with which a text begins, or all of a list that is nothing but literals.
fn literals(text: &str, list: bool) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while rest.starts_with('"') {
        let word = literal(rest);
        words.push(unescaped(word));
        rest = rest[word.len() + 2..].trim_start_matches(|c: char| c == ',' || c.is_whitespace());
        if !list {
            break;
        }
    }
    words.retain(|word| word.contains(|c: char| c.is_ascii_alphabetic()));
    words
}

fn is_test(name: &str) -> bool {
    name.contains("/tests/") || name.ends_with("/tests.rs")
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

struct Source<'a> {
    text: &'a str,
}

impl<'a> Source<'a> {
    fn new(text: &'a str) -> Self {
        Self { text }
    }

    /// The texts that a person may read, one for each line of them. Outside of the commands only
    /// errors speak to a person.
    fn phrases(&self, every: bool) -> Vec<String> {
        let mut found = Vec::new();
        let mut rest = self.text;
        while let Some(start) = rest.find(['"', '/', '\'']) {
            let before = &rest[..start];
            let tail = &rest[start..];
            let length = match &tail[..1] {
                "/" if tail.starts_with("//") => tail.find('\n').unwrap_or(tail.len()),
                "\"" => {
                    let literal = literal(tail);
                    if every && !is_mute(before) || is_error(before) {
                        found.extend(lines_of(literal));
                    }
                    literal.len() + 2
                }
                // a quotation mark as a character is no text
                "'" if tail.starts_with("'\"'") => 3,
                _ => 1,
            };
            rest = &tail[length.min(tail.len())..];
        }
        found
    }
}

/// The inside of the text that begins at this quotation mark.
fn literal(tail: &str) -> &str {
    let mut escaped = false;
    for (place, c) in tail.char_indices().skip(1) {
        match c {
            '"' if !escaped => return &tail[1..place],
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    &tail[1..]
}

fn is_error(before: &str) -> bool {
    before.trim_end().ends_with("#[error(")
}

/// Attributes of clap and serde, log lines, and what an expectation says.
fn is_mute(before: &str) -> bool {
    let line_start = before.rfind(['\n', ';', '{', '}']).map_or(0, |at| at + 1);
    let statement = &before[line_start..];
    let attribute = before.rfind("#[").is_some_and(|at| {
        let inside = &before[at..];
        inside.matches('[').count() > inside.matches(']').count() && !inside.starts_with("#[error")
    });
    let logging = ["trace!(", "debug!(", "info!(", "warn!(", "error!(", "expect("];
    attribute || logging.iter().any(|log| statement.contains(log))
}

/// The phrases of one text, as the catalogue writes them: values by name or place, one for each
/// line and for each style.
fn lines_of(literal: &str) -> Vec<String> {
    let text = unescaped(literal);
    text.lines()
        .flat_map(|line| named(line).split('\u{1}').map(str::to_owned).collect::<Vec<_>>())
        .map(|phrase| phrase.trim().to_owned())
        .filter(|phrase| is_sentence(phrase) || is_heading(phrase))
        .collect()
}

/// Names of values in the help, which are the same in every language.
const VALUES: [&str; 3] = ["FILE", "PUB", "SECONDS"];

/// Whether it stands above a column or before a line: `OVER %`.
fn is_heading(phrase: &str) -> bool {
    let letters = phrase.chars().filter(char::is_ascii_uppercase).count();
    letters > 2
        && !VALUES.contains(&phrase)
        && phrase.chars().all(|c| c.is_ascii_uppercase() || " %/".contains(c))
}

fn unescaped(literal: &str) -> String {
    let mut text = String::new();
    let mut rest = literal.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        match rest.next() {
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some('\n') => while rest.next_if(|c| c.is_whitespace()).is_some() {},
            Some(other) => text.push(other),
            None => {}
        }
    }
    text
}

/// Names every value, without how it is to be printed; a style becomes a border.
fn named(line: &str) -> String {
    let mut text = String::new();
    let mut place = 0;
    let doubled = line.replace("{{", "\u{2}").replace("}}", "\u{3}");
    let mut rest = doubled.as_str();
    while let Some(start) = rest.find('{') {
        let Some(length) = rest[start..].find('}') else { break };
        text.push_str(&rest[..start]);
        let inside = &rest[start + 1..start + length];
        let name = inside.split(':').next().unwrap_or_default();
        let style = name.starts_with(|c: char| c.is_ascii_uppercase()) && !name.contains('_')
            || inside.ends_with(":#")
            || name == "style";
        if style {
            text.push('\u{1}');
        } else if name.is_empty() {
            text.push_str(&format!("{{{place}}}"));
            place += 1;
        } else {
            text.push_str(&format!("{{{name}}}"));
        }
        rest = &rest[start + length + 1..];
    }
    text.push_str(rest);
    text.replace(['\u{2}'], "{").replace('\u{3}', "}")
}

/// Whether somebody reads it: two words of English that stand apart.
fn is_sentence(phrase: &str) -> bool {
    let outside: String = {
        let mut depth = 0;
        phrase
            .chars()
            .filter(|c| {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    _ => return depth == 0,
                }
                false
            })
            .collect()
    };
    let words = outside
        .split(' ')
        .filter(|word| {
            word.len() > 1
                && word.chars().all(|c| c.is_ascii_alphabetic() || ".,:;!?'()`".contains(c))
        })
        .filter(|word| word.chars().any(|c| c.is_ascii_lowercase()))
        .count();
    words >= 1 && (outside.trim().contains(' ') || phrase.contains('{'))
}
