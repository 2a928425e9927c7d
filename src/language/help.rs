//! The help: clap's own words are translated as its definition, before they are wrapped.

use clap::builder::StyledStr;
use clap::builder::styling::Style;
use clap::{Arg, Command};

use super::phrase::Translator;
use super::proper::proper;

/// The help with what is to be typed, such as commands, options and their values, marked as names:
/// clap gives them a style of their own.
pub fn marked(help: &str, literal: Style) -> String {
    let (begin, end) = (literal.render().to_string(), literal.render_reset().to_string());
    let mut marked = String::new();
    let mut rest = help;
    while let Some((before, after)) = rest.split_once(&begin) {
        marked.extend([before, &begin]);
        // a heading begins with the same sequence and goes on with another one
        match after.split_once(&end).filter(|(typed, _)| !typed.starts_with('\u{1b}')) {
            Some((typed, after)) => {
                marked.extend([&proper(typed), &*end]);
                rest = after;
            }
            None => rest = after,
        }
    }
    marked + rest
}

/// The same command, its texts in Chinese.
pub fn chinese(translator: &Translator, command: Command) -> Command {
    let text =
        |text: Option<&StyledStr>| text.map(|text| paragraphs(translator, &text.to_string()));
    let (about, long) = (text(command.get_about()), text(command.get_long_about()));
    let after = text(command.get_after_help());
    let names: Vec<String> =
        command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    let mut command = command.mut_args(|arg| argument(translator, arg));
    if let Some(about) = about {
        command = command.about(about);
    }
    if let Some(long) = long {
        command = command.long_about(long);
    }
    if let Some(after) = after {
        command = command.after_help(after);
    }
    for name in names {
        command = command.mut_subcommand(name, |sub| chinese(translator, sub));
    }
    command
}

fn argument(translator: &Translator, arg: Arg) -> Arg {
    let text =
        |text: Option<&StyledStr>| text.map(|text| paragraphs(translator, &text.to_string()));
    let (help, long) = (text(arg.get_help()), text(arg.get_long_help()));
    let arg = match help {
        Some(help) => arg.help(help),
        None => arg,
    };
    match long {
        Some(long) => arg.long_help(long),
        None => arg,
    }
}

/// Each line by itself; one that the catalogue lacks stays English.
fn paragraphs(translator: &Translator, text: &str) -> String {
    let lines = text.lines().map(|line| {
        let words = line.trim_start();
        let indent = &line[..line.len() - words.len()];
        translator
            .phrase(words)
            .map_or_else(|| line.to_owned(), |chinese| format!("{indent}{chinese}"))
    });
    lines.collect::<Vec<_>>().join("\n")
}
