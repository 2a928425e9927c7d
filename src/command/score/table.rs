//! The figures as a person reads them.

use std::io::Write;

use crate::command::Failure;
use crate::command::table::table;
use crate::command::value;
use crate::sim::score::Figures;

/// One row a scenario and seed, then one row a kind of evasion.
pub(super) fn write(
    lines: &[(String, Option<u64>, Figures)],
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let mut pairs = table([
        "scenario",
        "seed",
        "vehicles",
        "pairable",
        "correct",
        "wrong",
        "ambiguous",
        "unpaired",
        "enforceable",
        "wrong plate",
        "baseline",
        "baseline wrong",
    ]);
    let word_of = |seed: &Option<u64>| seed.map_or("-".to_owned(), |seed| seed.to_string());
    for (name, seed, figures) in lines {
        pairs.add_row([
            name.clone(),
            word_of(seed),
            figures.vehicles.to_string(),
            figures.pairable.to_string(),
            share(figures, figures.correct),
            share(figures, figures.wrong),
            share(figures, figures.ambiguous),
            share(figures, figures.unpaired),
            figures.enforceable.to_string(),
            figures.enforceable_wrong_plate.to_string(),
            figures.baseline_correct.map_or("-".to_owned(), |part| share(figures, part)),
            figures.baseline_wrong.map_or("-".to_owned(), |part| share(figures, part)),
        ]);
    }
    writeln!(out, "{pairs}")?;
    let mut signs = table(["scenario", "seed", "evasion", "true", "precision", "recall"]);
    for (name, seed, figures) in lines {
        for (kind, rate) in &figures.evasion {
            signs.add_row([
                name.clone(),
                word_of(seed),
                value::name(kind),
                (rate.found + rate.missed).to_string(),
                rate.precision().map_or("-".to_owned(), per_cent),
                rate.recall().map_or("-".to_owned(), per_cent),
            ]);
        }
    }
    if signs.row_count() > 0 {
        writeln!(out, "\n{signs}")?;
    }
    Ok(())
}

fn share(figures: &Figures, part: u64) -> String {
    millionths(figures.share(part))
}

/// Millionths as per cent.
pub(super) fn millionths(share: u64) -> String {
    format!("{}.{:03} %", share / 10_000, share % 10_000 / 10)
}

fn per_cent(share: u64) -> String {
    format!("{}.{:02} %", share / 100, share % 100)
}
