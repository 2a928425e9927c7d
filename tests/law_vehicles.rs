//! Every vehicle of fixtures/vehicles.csv gets exactly the outcome that stands beside it.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use csv::{ReaderBuilder, StringRecord};
use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use wimd::command::assess::Vehicle;
use wimd::config::limits::{STANDARD_REGIME, standard, standard_profile};
use wimd::pipeline::assess::{Assessment, Facts, assess_with};
use wimd::pipeline::passage::Tyres;
use wimd::units::Kilograms;

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
    let kg = |mass: Option<Kilograms>| mass.map(|mass| mass.0.to_string()).unwrap_or_default();
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

/// A vehicle of the fixture as it was judged, with where its gross mass lies to each reading.
struct Judged {
    vehicle: Vehicle,
    assessment: Assessment,
}

impl Judged {
    /// Gross mass beyond `limit`, kg.
    fn beyond(&self, limit: u32) -> Option<i64> {
        self.assessment.gross_kg.map(|gross| i64::from(gross.0) - i64::from(limit))
    }

    /// Nobody knows more of it than a scale tells.
    fn is_only_measured(&self) -> bool {
        self.vehicle.facts == Facts::default()
            && self.vehicle.passage.axles.iter().all(|axle| axle.tyres == Tyres::Unknown)
    }
}

fn judged() -> Vec<Judged> {
    let (headers, vehicles) = vehicles();
    let profile = standard_profile();
    let judge = |record: &StringRecord| {
        let vehicle = Vehicle::from_csv(&headers, record).unwrap();
        let assessment = assess_with(&vehicle.passage, &vehicle.facts, &profile);
        Judged { vehicle, assessment }
    };
    vehicles.iter().map(judge).collect()
}

#[test]
fn every_row_of_the_regime_decides_some_vehicle_below_at_and_above_its_limit() {
    let mut edges = BTreeSet::new();
    for one in judged() {
        for reading in &one.assessment.readings {
            if let Some(offset @ -1..=1) = one.beyond(reading.limit_kg.0) {
                edges.insert((reading.limit_id.to_string(), offset));
            }
        }
    }
    let table = standard();
    let rows = table.get(STANDARD_REGIME).unwrap().gross();
    let wanted = rows.iter().flat_map(|row| [-1, 0, 1].map(|offset| (row.id.to_string(), offset)));
    let missing: Vec<_> = wanted.filter(|edge| !edges.contains(edge)).collect();
    assert_eq!(missing, []);
}

#[test]
fn every_adjustment_stands_at_the_edge_of_some_vehicle() {
    let mut edges = BTreeSet::new();
    for one in judged() {
        for reading in &one.assessment.readings {
            if let Some(offset @ 0..=1) = one.beyond(reading.limit_kg.0) {
                edges.extend(reading.adjustments.iter().map(|each| (each.id(), offset)));
            }
        }
    }
    // adj-axle-sum needs a profile of its own, see law_configuration; adj-exempt is for people
    let known = [
        "adj-air",
        "adj-single-tyre-62",
        "adj-single-tyre-124",
        "adj-wide-tyre",
        "adj-registered-mass",
        "adj-2axle-reg",
        "adj-wheelbase",
    ];
    let wanted = known.into_iter().flat_map(|id| [(id, 0), (id, 1)]);
    let missing: Vec<_> = wanted.filter(|edge| !edges.contains(edge)).collect();
    assert_eq!(missing, []);
}

/// How an ambiguous vehicle was measured, and the limit it must exceed (law.md section 6): axles,
/// groups (`?` when the spacings leave two readings open), spacing of the last axle, limit.
const AMBIGUITIES: &[(usize, &str, RangeInclusive<u32>, u32)] = &[
    (2, "1+1", ANY, 18_000),
    (3, "?", ANY, 27_000),
    (3, "1+2", ANY, 26_000),
    (3, "2+1", ANY, 26_000),
    (3, "1+1+1", ANY, 27_000),
    (4, "?", WIDE, 37_000),
    (4, "?", NARROW, 36_000),
    (4, "2+2", ANY, 32_000),
    (4, "1+1+2", WIDE, 37_000),
    (4, "1+1+2", NARROW, 36_000),
    (4, "1+1+1+1", WIDE, 37_000),
    (4, "1+2+1", ANY, 36_000),
    (5, "1+1+3", ANY, 43_000),
    (5, "1+2+2", ANY, 43_000),
    (5, "2+1+2", ANY, 43_000),
    (5, "1+2+1+1", ANY, 43_000),
    (5, "2+1+1+1", ANY, 43_000),
    (6, "1+2+3", ANY, 49_000),
    (6, "2+2+2", ANY, 49_000),
    (6, "2+2+1+1", ANY, 49_000),
    (6, "2+1+3", ANY, 46_000),
];

/// Spacings of the last axle: for note 4 of 124号 the trailer's axles are 1 800 mm apart or more.
const ANY: RangeInclusive<u32> = 0..=u32::MAX;
const WIDE: RangeInclusive<u32> = 1_800..=u32::MAX;
const NARROW: RangeInclusive<u32> = 0..=1_799;

#[test]
fn every_ambiguity_has_a_vehicle_at_its_limit_and_one_beyond() {
    let judged = judged();
    let measured = |one: &&Judged, (axles, groups, last, _): &(usize, &str, _, u32)| {
        let found = &one.assessment;
        let split = found.split.map(|split| split.to_string());
        let split = if found.or_split.is_some() { Some("?".to_owned()) } else { split };
        let spacing = one.vehicle.passage.axles.last().and_then(|axle| axle.spacing_mm);
        // a spacing that was not measured may be as wide as the vehicle likes
        let spacing = spacing.map_or(u32::MAX, |spacing| spacing.0);
        one.is_only_measured()
            && one.vehicle.passage.axles.len() == *axles
            && split.as_deref() == Some(groups)
            && RangeInclusive::contains(last, &spacing)
    };
    let mut wrong = Vec::new();
    for row in AMBIGUITIES {
        let held = judged.iter().filter(|one| one.assessment.limit_kg.is_some());
        let outcomes: BTreeSet<_> = held
            .filter(|one| measured(one, row))
            .filter_map(|one| {
                let offset = one.beyond(row.3).filter(|offset| (0..=1).contains(offset))?;
                let found = &one.assessment;
                Some((offset, found.most_favourable_kg, found.over_every_reading))
            })
            .collect();
        let limit = Some(Kilograms(row.3));
        if outcomes != BTreeSet::from([(0, limit, false), (1, limit, true)]) {
            wrong.push((row, outcomes));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_eight_ratio_vectors_are_in_it() {
    // limit, gross, over in kg, rate in per-myriad (law.md section 3)
    let vectors = [
        (18_000, 18_000, 0, 0),
        (18_000, 18_001, 1, 1),
        (25_000, 32_500, 7_500, 3_000),
        (31_000, 62_000, 31_000, 10_000),
        (42_000, 43_000, 1_000, 238),
        (49_000, 58_000, 9_000, 1_837),
        (46_000, 58_000, 12_000, 2_609),
        (49_000, 100_000, 51_000, 10_408),
    ];
    let found: BTreeSet<_> = judged()
        .iter()
        .filter_map(|one| {
            let found = &one.assessment;
            let (limit, gross) = (found.limit_kg?.0, found.gross_kg?.0);
            Some((limit, gross, found.excess_kg?.0, found.rate_permyriad?.0))
        })
        .collect();
    let missing: Vec<_> = vectors.into_iter().filter(|vector| !found.contains(vector)).collect();
    assert_eq!(missing, []);
}
