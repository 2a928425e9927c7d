//! A measurement that cannot be one gets no verdict, and `wimd assess` names the field.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;

use assert_cmd::Command;
use tempfile::TempDir;
use wimd::config::limits::standard_profile;
use wimd::pipeline::assess::{NotAssessable, Verdict, assess};
use wimd::pipeline::limits::Day;
use wimd::pipeline::passage::{Axle, Passage, PassageSource};
use wimd::units::{Kilograms, Lane, Millimetres};

/// A two-axle truck of 18 t that nothing is wrong with.
fn truck() -> Passage {
    let at = "2026-11-23".parse::<Day>().unwrap().noon().unwrap();
    let axle = |spacing: Option<u32>| Axle {
        load_kg: Some(Kilograms(9_000)),
        spacing_mm: spacing.map(Millimetres),
        ..Axle::unmeasured(at)
    };
    let source = PassageSource { controller: 1, boot_id: 1, vehicle: 1 };
    let axles = vec![axle(None), axle(Some(4_500))];
    Passage { axles, ..Passage::unmeasured(source, Lane(1), at) }
}

fn reasons(change: impl Fn(&mut Passage)) -> Vec<NotAssessable> {
    let mut passage = truck();
    change(&mut passage);
    let assessment = assess(&passage, &standard_profile());
    let refused = assessment.verdict == Verdict::NotAssessable;
    assert_eq!(refused, !assessment.not_assessable.is_empty());
    assert_eq!(refused, assessment.limit_kg.is_none());
    assessment.not_assessable
}

#[test]
fn each_impossible_measurement_is_not_assessable_with_its_reason() {
    let load =
        |load: Option<u32>| reasons(move |passage| passage.axles[1].load_kg = load.map(Kilograms));
    let sides = |left: u32, right: u32| {
        reasons(move |passage| {
            passage.axles[1].left_kg = Some(Kilograms(left));
            passage.axles[1].right_kg = Some(Kilograms(right));
        })
    };
    let length =
        |length: u32| reasons(move |passage| passage.length_mm = Some(Millimetres(length)));
    let axles = |count: usize| {
        reasons(move |passage| {
            let last = passage.axles[1].clone();
            passage.axles.resize(count, last);
        })
    };
    assert_eq!(reasons(|_| {}), []);
    assert_eq!(load(None), [NotAssessable::LoadMissing]);
    assert_eq!(load(Some(0)), [NotAssessable::LoadZero]);
    assert_eq!(
        [load(Some(40_000)), load(Some(40_001))],
        [vec![], vec![NotAssessable::LoadImplausible]]
    );
    assert_eq!(
        [sides(2_250, 6_750), sides(2_250, 6_751), sides(6_751, 2_250), sides(0, 9_000)],
        [
            vec![],
            vec![NotAssessable::SidesImplausible],
            vec![NotAssessable::SidesImplausible],
            vec![NotAssessable::SidesImplausible],
        ]
    );
    assert_eq!([length(4_500), length(4_499)], [vec![], vec![NotAssessable::SpacingsExceedLength]]);
    assert_eq!(
        [axles(0), axles(1), axles(2), axles(20), axles(21)],
        [
            vec![NotAssessable::TooFewAxles],
            vec![NotAssessable::TooFewAxles],
            vec![],
            vec![],
            vec![NotAssessable::TooManyAxles],
        ]
    );
    assert_eq!(
        reasons(|passage| passage.axles[1].spacing_mm = Some(Millimetres(0))),
        [NotAssessable::SpacingZero]
    );
    assert_eq!(
        reasons(|passage| {
            passage.axles[0].load_kg = None;
            passage.axles[1].load_kg = Some(Kilograms(0));
            passage.length_mm = Some(Millimetres(1));
        }),
        [NotAssessable::LoadMissing, NotAssessable::LoadZero, NotAssessable::SpacingsExceedLength]
    );
}

fn wimd(args: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_wimd")).args(args).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// What is wrong, as columns `loads_kg,spacings_mm,left_kg,right_kg,length_mm`, and what is said of
/// it after the name of the field.
const BAD: &[(&str, &str, &str)] = &[
    ("9000 0,4500,,,", "loads", "an axle load must be more than 0 kg"),
    ("9000 -1,4500,,,", "loads", "axle 2: \"-1\" is not a whole number of kilograms"),
    ("9000 ?,4500,,,", "loads", "the load of each axle is needed"),
    ("9000 40001,4500,,,", "loads", "an axle load is beyond 40 000 kg"),
    ("9000,,,,", "loads", "a vehicle has at least two axles"),
    ("1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1,,,,", "loads", "more than 20 axles"),
    ("9000 9000,4500,,,4499", "length", "the axles are further apart than the vehicle is long"),
    (
        "9000 9000,4500,4500 2249,4500 6751,",
        "sides",
        "one side of an axle carries more than 3 times the other",
    ),
    ("9000 9000,0,,,", "spacings", "a spacing must be more than 0 mm"),
    ("9000 9000,-4500,,,", "spacings", "axle 2: \"-4500\" is not a whole number of millimetres"),
    ("9000 9000,4500 1300,,,", "spacings", "2 values, but 2 axles need 1"),
    ("9000 9000,4500,,,-1", "length", "\"-1\" is not a whole number of millimetres"),
];

fn field(of: &str, argument: bool) -> &'static str {
    match (of, argument) {
        ("loads", true) => "--loads",
        ("spacings", true) => "--spacings",
        ("length", true) => "--length",
        (_, true) => "--left/--right",
        ("loads", false) => "loads_kg",
        ("spacings", false) => "spacings_mm",
        ("length", false) => "length_mm",
        (_, false) => "left_kg/right_kg",
    }
}

#[test]
fn a_described_vehicle_that_cannot_be_is_refused_with_exit_code_2_and_its_argument() {
    for (columns, of, what) in BAD {
        let names = ["--loads", "--spacings", "--left", "--right", "--length"];
        let given = names.iter().zip(columns.split(',')).filter(|(_, value)| !value.is_empty());
        let mut args = vec!["assess".to_owned()];
        args.extend(given.flat_map(|(name, value)| [(*name).to_owned(), value.replace(' ', ",")]));
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let advice = "help: `wimd assess --help` shows how each argument is written\n";
        let expected = format!("error: {}: {what}\n{advice}", field(of, true));
        assert_eq!(wimd(&args), (Some(2), String::new(), expected), "{columns}");
    }
}

#[test]
fn a_list_says_in_each_line_what_is_wrong_goes_on_and_ends_with_exit_code_2() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("list.csv");
    let path = file.to_str().unwrap();
    let header = "loads_kg,spacings_mm,left_kg,right_kg,length_mm\n";
    let good = "9000 9001,4500,,,\n";
    for (columns, of, what) in BAD {
        fs::write(&file, format!("{header}{good}{columns}\n{good}")).unwrap();
        let (code, out, told) = wimd(&["assess", "--csv", path]);
        assert_eq!(code, Some(2), "{columns}");
        let lines: Vec<&str> = out.lines().collect();
        let judged = |line: &str| line.contains(",overload,");
        assert!(judged(lines[1]) && judged(lines[3]), "{out}");
        let column = field(of, false);
        let reason = lines[2].replace("\"\"", "\"");
        assert!(reason.contains("not_assessable,,false,false,"), "{out}");
        assert!(
            reason
                .trim_end_matches('"')
                .contains(&format!("{column}: {}", what.trim_end_matches('"'))),
            "{out}"
        );
        assert_eq!(
            told,
            format!(
                "error: {path}: 1 of 3 vehicles have no verdict, the first in line 3: {column}: \
                 {what}\nhelp: each vehicle without verdict says why in its own line\n"
            )
        );
    }
    fs::write(&file, format!("{header}{good}{good}")).unwrap();
    let (code, _, told) = wimd(&["assess", "--csv", path]);
    assert_eq!((code, told.as_str()), (Some(0), ""));
}

#[test]
fn the_order_of_a_list_changes_no_verdict() {
    let fixture = include_str!("../fixtures/vehicles.csv");
    let mut lines: Vec<&str> = fixture.lines().filter(|line| !line.starts_with('#')).collect();
    let header = lines.remove(0);
    let profile = standard_profile();
    let judged = |lines: &[&str]| {
        let list = format!("{header}\n{}\n", lines.join("\n"));
        let mut out = Vec::new();
        wimd::command::assess::assess_csv(list.as_bytes(), (&profile, Lane(1)), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort_unstable();
        lines
    };
    let straight = judged(&lines);
    lines.reverse();
    assert_eq!(judged(&lines), straight);
    // each line beside every kind of neighbour: a stride that meets all of them
    let count = lines.len();
    let strode: Vec<&str> = (0..count).map(|place| lines[place * 101 % count]).collect();
    let mut distinct = strode.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), count, "the stride shares a factor with the count");
    assert_eq!(judged(&strode), straight);
}
