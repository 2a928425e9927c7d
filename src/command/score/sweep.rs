//! One window or price at several values, everything else as it is: where its value comes from.

use std::io::Write;
use std::str::FromStr;

use serde::Serialize;

use super::table::millionths;
use crate::command::table::table;
use crate::command::{Exit, Outcome};
use crate::pipeline::pairing::Parameters;
use crate::sim::scenario::Scenario;
use crate::sim::score::{Figures, play};
use crate::units::Micros;

type Set = fn(&mut Parameters, u32);

/// What can be swept, and how a value is set.
const NAMES: [(&str, Set); 12] = [
    ("window_ms", |parameters, n| parameters.window = Micros::from_millis(n.into())),
    ("event_window_ms", |parameters, n| parameters.event_window = Micros::from_millis(n.into())),
    ("half_window_ms", |parameters, n| parameters.half_window = Micros::from_millis(n.into())),
    ("no_plate_price", |parameters, n| parameters.no_plate_price = n),
    ("no_passage_price", |parameters, n| parameters.no_passage_price = n),
    ("margin", |parameters, n| parameters.margin = n),
    ("direction_price", |parameters, n| parameters.direction_price = n),
    ("speed_price", |parameters, n| parameters.speed_price = n),
    ("size_price", |parameters, n| parameters.size_price = n),
    ("least_headway_ms", |parameters, n| parameters.least_headway = Micros::from_millis(n.into())),
    ("crossing_price", |parameters, n| parameters.crossing_price = n),
    ("clock_set_price", |parameters, n| parameters.clock_set_price = n),
];

/// The names for the help.
pub(super) fn help() -> String {
    format!(
        "Play all of it with each of these values of one window or price, such as \
         margin=2000,4000,8000, and show the worst seed of each. NAME is one of {}; prices and \
         margins are in thousandths of a nat",
        NAMES.map(|(name, _)| name).join(", ")
    )
}

/// A name and the values to be tried.
#[derive(Clone, Debug)]
pub(super) struct Sweep {
    name: &'static str,
    set: Set,
    values: Vec<u32>,
}

impl FromStr for Sweep {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, values) = text.split_once('=').ok_or("it is NAME=N,N")?;
        let known = NAMES.into_iter().find(|(known, _)| *known == name);
        let (name, set) = known.ok_or_else(|| {
            format!("{name:?} is none of {}", NAMES.map(|(name, _)| name).join(", "))
        })?;
        let value = |text: &str| text.parse().map_err(|_| format!("{text:?} is no whole number"));
        let values = values.split(',').map(value).collect::<Result<_, _>>()?;
        Ok(Self { name, set, values })
    }
}

/// One value in one scenario and seed.
#[derive(Serialize)]
struct Line<'a> {
    scenario: &'a str,
    seed: u64,
    parameter: &'static str,
    value: u32,
    #[serde(flatten)]
    figures: &'a Figures,
}

/// Plays every scenario and seed with each value.
pub(super) fn run(
    sweep: &Sweep,
    (scenarios, vehicles, seeds): (&[(String, Scenario)], u64, &[u64]),
    json: bool,
    out: &mut dyn Write,
) -> Outcome {
    let headings =
        ["scenario", sweep.name, "correct", "wrong", "ambiguous", "unpaired", "wrong plate"];
    let mut worst = table(headings);
    for (name, scenario) in scenarios {
        for value in &sweep.values {
            let mut parameters = Parameters::default();
            (sweep.set)(&mut parameters, *value);
            let mut all = Vec::new();
            for seed in seeds {
                let figures = play(scenario, vehicles, *seed, parameters).figures;
                if json {
                    let (seed, value, figures) = (*seed, *value, &figures);
                    let line = Line { scenario: name, seed, parameter: sweep.name, value, figures };
                    serde_json::to_writer(&mut *out, &line)?;
                    writeln!(out)?;
                }
                all.push(figures);
            }
            worst.add_row(row(name, *value, &all));
        }
    }
    if !json {
        writeln!(out, "{worst}")?;
    }
    Ok(Exit::Good)
}

/// The worst of all seeds in each column.
fn row(name: &str, value: u32, all: &[Figures]) -> [String; 7] {
    let most = |part: fn(&Figures) -> u64| {
        millionths(all.iter().map(|figures| figures.share(part(figures))).max().unwrap_or(0))
    };
    let least = all.iter().map(|figures| figures.share(figures.correct)).min().unwrap_or(0);
    let plates = all.iter().map(|figures| figures.enforceable_wrong_plate).max().unwrap_or(0);
    [
        name.to_owned(),
        value.to_string(),
        millionths(least),
        most(|figures| figures.wrong),
        most(|figures| figures.ambiguous),
        most(|figures| figures.unpaired),
        plates.to_string(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweep_sets_the_one_value_that_it_names() {
        let default = Parameters::default();
        for (name, set) in NAMES {
            let sweep: Sweep = format!("{name}=7,900").parse().expect("a sweep");
            assert_eq!((sweep.name, &*sweep.values), (name, &[7, 900][..]));
            let (mut once, mut twice) = (default, default);
            set(&mut once, 7);
            (sweep.set)(&mut twice, 7);
            assert_eq!(once, twice);
            assert_ne!(once, default, "{name}");
        }
    }

    #[test]
    fn a_sweep_of_nothing_known_is_refused() {
        for text in ["margin", "margins=4", "margin=", "margin=4,x", "margin=-1"] {
            assert!(text.parse::<Sweep>().is_err(), "{text}");
        }
    }
}
