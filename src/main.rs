//! wimd: parse, run, exit code.

use std::io::{self, BufWriter};
use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = wimd::cli::Cli::parse();
    let mut out = BufWriter::new(anstream::AutoStream::auto(io::stdout()));
    wimd::command::run(&cli, &mut out).into()
}
