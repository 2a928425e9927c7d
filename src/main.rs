//! wimd: parse, run, exit code.

use std::env;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use clap::CommandFactory;
use clap::builder::StyledStr;
use clap::error::ErrorKind;
use wimd::cli::Cli;
use wimd::language::{self, Door, Language, Screen, Translator, fold};

/// Columns of the help where the terminal has more, or there is none: longer lines are hard to
/// read.
const HELP_COLUMNS: usize = 100;

fn main() -> ExitCode {
    let language = Language::wanted(env::args_os(), |name| env::var(name).ok());
    match parse(language) {
        Ok(cli) => run(&cli),
        Err(refused) => tell(&refused, language),
    }
}

fn parse(language: Language) -> Result<Cli, clap::Error> {
    // decides whether an argument's help stands beside it; without its feature `wrap_help` clap
    // breaks no line itself, so that only the door does
    let command = Cli::command().term_width(help_columns());
    let command = match language {
        Language::En => command,
        Language::Zh => language::help::chinese(&Translator::default(), command),
    };
    Cli::of(&command.try_get_matches()?, language)
}

fn run(cli: &Cli) -> ExitCode {
    let stdout = BufWriter::new(anstream::AutoStream::auto(io::stdout()));
    let mut out: Box<dyn Write> = if cli.is_data() {
        Box::new(stdout)
    } else {
        Box::new(Door::new(stdout, Screen::new(cli.language, fold::columns(io::stdout()))))
    };
    wimd::command::run(cli, &mut out).into()
}

fn help_columns() -> usize {
    fold::columns(io::stdout()).unwrap_or(HELP_COLUMNS).min(HELP_COLUMNS)
}

/// Help, version or what is wrong with the command line.
fn tell(refused: &clap::Error, language: Language) -> ExitCode {
    let text = refused.render();
    let told = if refused.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        write!(anstream::stderr(), "{}", help(&text, language))
    } else if refused.use_stderr() {
        // the styles of an error stand within its sentences
        let text = match language {
            Language::En => text.ansi().to_string(),
            Language::Zh => text.to_string(),
        };
        write!(anstream::stderr(), "{}", Screen::of_stderr(language).text(&text))
    } else {
        write!(anstream::stdout(), "{}", help(&text, language))
    };
    if told.is_err_and(|error| error.kind() != io::ErrorKind::BrokenPipe) {
        return ExitCode::FAILURE;
    }
    u8::try_from(refused.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
}

/// Help, in which the names of commands and options stay what has to be typed.
fn help(text: &StyledStr, language: Language) -> String {
    let screen = Screen::new(language, Some(help_columns()));
    let literal = *Cli::command().get_styles().get_literal();
    screen.text(&language::help::marked(&text.ansi().to_string(), literal)).to_string()
}
