//! The help of every command.

use clap::{Command, CommandFactory};
use wimd::cli::Cli;
use wimd::language::Translator;

#[test]
fn every_help_text_is_in_the_catalogue() {
    let translator = Translator::default();
    let mut missing = Vec::new();
    texts(&Cli::command(), &mut |text| {
        for line in text.lines().map(str::trim) {
            if line.contains(|c: char| c.is_ascii_lowercase())
                && translator.phrase(line).is_none()
                && !line.starts_with("wimd ")
            {
                missing.push(line.to_owned());
            }
        }
    });
    missing.sort();
    missing.dedup();
    assert!(missing.is_empty(), "{} missing:\n{}", missing.len(), missing.join("\n"));
}

fn texts(command: &Command, take: &mut dyn FnMut(&str)) {
    let of = [command.get_about(), command.get_long_about(), command.get_after_help()];
    for text in of.into_iter().flatten() {
        take(&text.to_string());
    }
    for argument in command.get_arguments() {
        for text in [argument.get_help(), argument.get_long_help()].into_iter().flatten() {
            take(&text.to_string());
        }
    }
    for sub in command.get_subcommands() {
        texts(sub, take);
    }
}
