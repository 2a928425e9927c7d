//! Every vehicle of fixtures/vehicles.csv gets exactly the outcome that stands beside it.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use csv::{ReaderBuilder, StringRecord};
use std::collections::BTreeSet;
use wimd::command::assess::Vehicle;
use wimd::config::limits::{STANDARD_REGIME, standard, standard_profile};
use wimd::pipeline::assess::{Assessment, assess_with};

const FIXTURE: &str = include_str!("../fixtures/vehicles.csv");

/// Columns of the outcome, in the fixture's order.
const OUTCOME: [&str; 9] = [
    "split",
    "gross_kg",
    "limit_kg",
    "limit_id",
    "excess_kg",
    "rate_permyriad",
    "verdict",
    "most_favourable_kg",
    "over_every_reading",
];

fn vehicles() -> (StringRecord, Vec<StringRecord>) {
    let mut reader = ReaderBuilder::new().comment(Some(b'#')).from_reader(FIXTURE.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let vehicles = reader.records().map(Result::unwrap).collect();
    (headers, vehicles)
}

fn outcome(assessment: &Assessment) -> [String; 9] {
    let kg = |mass: Option<wimd::units::Kilograms>| {
        mass.map(|mass| mass.0.to_string()).unwrap_or_default()
    };
    let verdict = serde_json::to_value(assessment.verdict).unwrap();
    [
        assessment.split.map(|split| split.to_string()).unwrap_or_default(),
        kg(assessment.gross_kg),
        kg(assessment.limit_kg),
        assessment.limit_id.as_deref().unwrap_or_default().to_owned(),
        kg(assessment.excess_kg),
        assessment.rate_permyriad.map(|rate| rate.0.to_string()).unwrap_or_default(),
        verdict.as_str().unwrap().to_owned(),
        kg(assessment.most_favourable_kg),
        assessment.over_every_reading.to_string(),
    ]
}

#[test]
fn every_vehicle_has_the_outcome_beside_it() {
    let (headers, vehicles) = vehicles();
    let profile = standard_profile();
    let place = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let wanted = OUTCOME.map(place);
    let mut wrong = Vec::new();
    for record in &vehicles {
        let vehicle = Vehicle::from_csv(&headers, record).unwrap();
        let assessment = assess_with(&vehicle.passage, &vehicle.facts, &profile);
        let expected = wanted.map(|place| record[place].to_owned());
        let found = outcome(&assessment);
        if found != expected {
            wrong.push(format!("{}\n  expected {expected:?}\n  found    {found:?}", &record[0]));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_fixture_is_large_and_names_no_vehicle_twice() {
    let (_, vehicles) = vehicles();
    let ids: BTreeSet<&str> = vehicles.iter().map(|record| &record[0]).collect();
    assert_eq!(ids.len(), vehicles.len());
    assert!(ids.len() >= 200, "{}", ids.len());
}

#[test]
fn every_row_of_the_regime_is_a_reading_of_some_vehicle_at_its_edge() {
    let (headers, vehicles) = vehicles();
    let profile = standard_profile();
    let mut edges = BTreeSet::new();
    for record in &vehicles {
        let vehicle = Vehicle::from_csv(&headers, record).unwrap();
        let assessment = assess_with(&vehicle.passage, &vehicle.facts, &profile);
        let Some(gross) = assessment.gross_kg else {
            continue;
        };
        for reading in &assessment.readings {
            let offset = i64::from(gross.0) - i64::from(reading.limit_kg.0);
            if offset.abs() <= 1 {
                edges.insert((reading.limit_id.to_string(), offset));
            }
        }
    }
    let table = standard();
    for row in table.get(STANDARD_REGIME).unwrap().gross() {
        for offset in [-1, 0, 1] {
            let edge = (row.id.to_string(), offset);
            assert!(edges.contains(&edge), "no vehicle is at {edge:?}");
        }
    }
}
