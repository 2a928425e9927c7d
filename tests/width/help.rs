//! The help of every command and of every command below it.

use clap::{Command, CommandFactory};
use unicode_width::UnicodeWidthStr;
use wimd::cli::Cli;

use super::{COLUMNS, is_command, narrow};

/// The words of every command, such as `camera test`, with its pages as clap makes them: a
/// paragraph a line.
fn pages(command: &mut Command, words: &str, found: &mut Vec<(String, [String; 2])>) {
    for sub in command.get_subcommands_mut() {
        if sub.get_name() == "help" {
            continue;
        }
        let words = format!("{words} {}", sub.get_name()).trim_start().to_owned();
        let whole = [sub.render_long_help().to_string(), sub.render_help().to_string()];
        pages(sub, &words, found);
        found.push((words, whole));
    }
}

/// The lines of a screen that show this one, taken off: its words, each line as full as it can be.
fn take<'s>(whole: &str, screen: &mut impl Iterator<Item = &'s str>) {
    let mut rest: Vec<&str> = whole.split_whitespace().collect();
    loop {
        let line = screen.next().unwrap_or_else(|| panic!("{whole} is not shown"));
        let words: Vec<&str> = line.split_whitespace().collect();
        assert!(rest.starts_with(&words), "{line}\nis not how this goes on:\n{whole}");
        rest.drain(..words.len());
        let Some(next) = rest.first() else { return };
        let full = line.trim_end().width() + 1 + next.width() > COLUMNS;
        assert!(full && !is_command(line), "{line}\nhas room for {next} of\n{whole}");
    }
}

#[test]
fn the_help_of_every_command_is_broken_once_at_eighty_columns_in_both_languages() {
    let mut program = Cli::command().term_width(COLUMNS);
    program.build();
    let mut all = vec![(
        String::new(),
        [program.render_long_help().to_string(), program.render_help().to_string()],
    )];
    pages(&mut program, "", &mut all);
    let nested = all.iter().filter(|(words, _)| words.contains(' ')).count();
    assert!(all.len() > 24 && nested > 4, "{} pages", all.len());
    for (words, whole) in &all {
        for (option, whole) in ["--help", "-h"].iter().zip(whole) {
            let line = format!("{words} {option}");
            let (screen, code) = narrow(line.trim_start(), "en");
            assert_eq!(code, Some(0), "{screen}");
            let mut lines = screen.lines();
            whole.lines().for_each(|line| take(line, &mut lines));
            assert_eq!(lines.next(), None, "{screen}");
            let (screen, code) = narrow(line.trim_start(), "zh");
            assert!(code == Some(0) && screen.contains("用法"), "{code:?}\n{screen}");
        }
    }
}
