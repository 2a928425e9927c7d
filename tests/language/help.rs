//! The help of every command.

use clap::{Arg, Command, CommandFactory};
use wimd::cli::Cli;
use wimd::language::Translator;

use super::screens::chinese;

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

/// The words of every command that takes arguments, with each of these.
fn arguments(command: &Command, words: &[&str], take: &mut dyn FnMut(&[&str], &Arg)) {
    for argument in command.get_arguments() {
        take(words, argument);
    }
    for sub in command.get_subcommands() {
        arguments(sub, &[words, &[sub.get_name()]].concat(), take);
    }
}

fn values(argument: &Arg) -> Vec<String> {
    let values = argument.get_possible_values();
    values.iter().map(|value| value.get_name().to_owned()).collect()
}

#[test]
fn a_value_that_is_to_be_typed_stands_in_the_chinese_help_as_it_is_typed() {
    let mut seen = 0;
    arguments(&Cli::command(), &[], &mut |words, argument| {
        if argument.get_action().takes_values() && !argument.is_hide_possible_values_set() {
            let help = chinese(&[words, &["--help"]].concat());
            for value in values(argument) {
                let listed = help.contains(&format!("- {value}")) || is_in_brackets(&help, &value);
                assert!(listed, "{value} of {argument} in\n{help}");
                seen += 1;
            }
        }
    });
    assert!(seen > 10, "{seen} values");
}

/// Whether a help lists it among the values: `[可选值：compliant, overload]`.
fn is_in_brackets(help: &str, value: &str) -> bool {
    let lists = help.split("[可选值：").skip(1).filter_map(|rest| rest.split(']').next());
    lists.flat_map(|list| list.split(',')).any(|one| one.trim() == value)
}

#[test]
fn a_wrong_value_is_told_with_the_ones_that_can_be_typed() {
    let expected = "\
错误：'--verdict <VERDICT>' 的值 '超限' 无效
  [可选值：compliant, overload, uncertain, not_assessable]

详细用法见 '--help'。
";
    assert_eq!(chinese(&["records", "--verdict", "超限"]), expected);
    let expected = "\
错误：不认识的参数 '--json3'

  提示：有相近的参数：'--json'

用法：wimd records --json [RECORD]

详细用法见 '--help'。
";
    assert_eq!(chinese(&["records", "--json3"]), expected);
}
