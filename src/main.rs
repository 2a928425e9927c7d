//! wimd: parse, run, exit code.

use std::env;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use clap::CommandFactory;
use wimd::cli::Cli;
use wimd::language::fold::{self, FoldingWriter};
use wimd::language::{Language, Translator, help, writer};

fn main() -> ExitCode {
    let language = Language::wanted(env::args_os(), |name| env::var(name).ok());
    match parse(language) {
        Ok(cli) => run(&cli),
        Err(refused) => tell(&refused, language),
    }
}

fn parse(language: Language) -> Result<Cli, clap::Error> {
    let command = match language {
        Language::En => Cli::command(),
        Language::Zh => help::chinese(&Translator::default(), Cli::command()),
    };
    Cli::of(&command.try_get_matches()?, language)
}

fn run(cli: &Cli) -> ExitCode {
    let stdout = BufWriter::new(anstream::AutoStream::auto(io::stdout()));
    let stdout: Box<dyn Write> = match fold::columns(io::stdout()) {
        Some(columns) if !cli.is_data() => Box::new(FoldingWriter::new(stdout, columns)),
        _ => Box::new(stdout),
    };
    let mut out: Box<dyn Write> = match cli.spoken() {
        Language::En => stdout,
        Language::Zh => Box::new(writer::ChineseWriter::new(stdout)),
    };
    wimd::command::run(cli, &mut out).into()
}

/// Help, version or what is wrong with the command line.
fn tell(refused: &clap::Error, language: Language) -> ExitCode {
    let wrong = refused.use_stderr();
    let text = match language {
        Language::En => refused.render().ansi().to_string(),
        // the styles of an error stand within its sentences
        Language::Zh if wrong => chinese(&refused.render().to_string()),
        Language::Zh => chinese(&refused.render().ansi().to_string()),
    };
    if wrong {
        anstream::eprint!("{}", fold::on_stderr(text));
    } else {
        let columns = fold::columns(io::stdout()).unwrap_or(usize::MAX);
        anstream::print!("{}", fold::folded(&text, columns));
    }
    u8::try_from(refused.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
}

fn chinese(text: &str) -> String {
    writer::chinese(&Translator::default(), text)
}
