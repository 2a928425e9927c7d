//! `wimd assess` as a technician or an officer uses it.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use serde_json::{Value, json};
use wimd::command::assess::{AssessArgs, AssessError, Language, run};
use wimd::units::Lane;

/// A vehicle of 2026, when every table is in force.
fn vehicle(loads: &str, spacings: &str) -> AssessArgs {
    AssessArgs {
        loads: Some(loads.to_owned()),
        spacings: Some(spacings.to_owned()),
        date: Some("2026-11-23".to_owned()),
        ..AssessArgs::default()
    }
}

fn printed(args: &AssessArgs) -> String {
    let mut out = Vec::new();
    run(args, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn json_of(mut args: AssessArgs) -> Value {
    args.json = true;
    serde_json::from_str(&printed(&args)).unwrap()
}

/// The figures that decide a case.
fn figures(loads: &str, spacings: &str) -> Value {
    let all = json_of(vehicle(loads, spacings));
    let mut other: Vec<u64> = all["readings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|reading| reading["in_regime"] == false)
        .map(|reading| reading["limit_kg"].as_u64().unwrap())
        .collect();
    other.sort_unstable();
    other.dedup();
    json!([
        all["gross_kg"],
        all["limit_kg"],
        all["limit_id"],
        all["excess_kg"],
        all["rate_permyriad"],
        all["verdict"],
        other
    ])
}

#[test]
fn six_axles_have_49_t_and_46_t_beside_it() {
    assert_eq!(
        figures("7000,11500,11500,9000,9000,9000", "3300,1350,6500,1310,1310"),
        json!([57_000, 49_000, "mot124-6ca-123", 8_000, 1_633, "overload", [46_000]])
    );
}

#[test]
fn five_axles_1_1_3_have_42_t_and_43_t_of_order_62_beside_it() {
    assert_eq!(
        figures("7000,11500,8000,8000,8500", "3300,6500,1310,1310"),
        json!([43_000, 42_000, "mot124-5artic-113", 1_000, 238, "overload", [43_000]])
    );
}

#[test]
fn four_axles_2_2_have_31_t_and_32_t_with_air_suspension_beside_it() {
    assert_eq!(
        figures("7000,7000,8500,8500", "1800,3500,1350"),
        json!([31_000, 31_000, "mot124-4rigid-22", 0, 0, "compliant", [32_000]])
    );
}

#[test]
fn one_kilogram_over_is_an_overload_of_one_per_myriad() {
    assert_eq!(
        figures("7000,11000", "4500"),
        json!([18_000, 18_000, "mot124-2rigid", 0, 0, "compliant", []])
    );
    assert_eq!(
        figures("7000,11001", "4500"),
        json!([18_001, 18_000, "mot124-2rigid", 1, 1, "overload", []])
    );
}

#[test]
fn fifty_eight_on_forty_nine_is_18_37_percent_in_both_languages() {
    let mut args = vehicle("7000,11500,11500,9000,9000,10000", "3300,1350,6500,1310,1310");
    args.explain = true;
    let english = printed(&args);
    assert!(
        english.contains("58 000 kg exceeds 49 000 kg by 9 000 kg, which is 18.37 %."),
        "{english}"
    );
    args.lang = Language::Zh;
    let chinese = printed(&args);
    assert!(
        chinese.contains("总质量58 000 kg超过限值49 000 kg，超限9 000 kg，超限率18.37 %。"),
        "{chinese}"
    );
}

#[test]
fn the_json_has_every_promised_field() {
    let all = json_of(vehicle("7000,9500,9500", "3600,1350"));
    for field in [
        "gross_kg",
        "limit_kg",
        "limit_id",
        "excess_kg",
        "rate_permyriad",
        "verdict",
        "readings",
        "groups",
        "derivation",
    ] {
        assert!(!all[field].is_null(), "{field}");
    }
}

fn refusal(change: impl FnOnce(&mut AssessArgs)) -> String {
    let mut args = vehicle("7000,9500,9500", "3600,1350");
    change(&mut args);
    let error: AssessError = run(&args, &mut Vec::new()).unwrap_err();
    assert!(error.is_usage());
    error.to_string()
}

#[test]
fn each_wrong_argument_is_named() {
    let text = |value: &str| Some(value.to_owned());
    let many = vec!["1000"; 21].join(",");
    assert_eq!(
        [
            refusal(|args| args.loads = None),
            refusal(|args| args.loads = text("7000")),
            refusal(|args| args.loads = text(&many)),
            refusal(|args| args.loads = text("7000,-5,9500")),
            refusal(|args| args.loads = text("7000,0,9500")),
            refusal(|args| args.loads = text("7000,?,9500")),
            refusal(|args| args.loads = text("7000,40001,9500")),
            refusal(|args| args.loads = text("7000,4294967296,9500")),
            refusal(|args| args.spacings = text("3600")),
            refusal(|args| args.spacings = text("3600,0")),
            refusal(|args| args.spacings = text("3600,1.35")),
            refusal(|args| args.length = text("4949")),
            refusal(|args| {
                args.left = text("3500,2375,4750");
                args.right = text("3500,7126,4750");
            }),
            refusal(|args| args.tyres = text("s,x,d")),
            refusal(|args| args.speed = text("fast")),
            refusal(|args| args.date = text("2026-02-30")),
            refusal(|args| args.date = text("2016-09-20")),
            refusal(|args| args.regime = text("mot125")),
        ],
        [
            "--loads: missing",
            "--loads: a vehicle has at least two axles",
            "--loads: more than 20 axles",
            "--loads: axle 2: \"-5\" is not a whole number of kilograms",
            "--loads: an axle load must be more than 0 kg",
            "--loads: the load of each axle is needed",
            "--loads: an axle load is beyond 40 000 kg",
            "--loads: axle 2: \"4294967296\" is not a whole number of kilograms",
            "--spacings: 1 values, but 3 axles need 2",
            "--spacings: a spacing must be more than 0 mm",
            "--spacings: axle 3: \"1.35\" is not a whole number of millimetres",
            "--length: the axles are further apart than the vehicle is long",
            "--left/--right: one side of an axle carries more than 3 times the other",
            "--tyres: axle 2: \"x\" is not s, d or ?",
            "--speed: \"fast\" is not a speed in km/h with at most one decimal",
            "--date: \"2026-02-30\" is not a day written yyyy-mm-dd",
            "--date: no limit table is in force on that day",
            "--regime: \"mot125\" is no limit table; known: mot124-2016, mot62-2016, \
             mot109-2016, gb1589-2016",
        ]
    );
}

#[test]
fn a_list_gets_one_line_for_each_vehicle_and_a_bad_one_says_why() {
    let list = "\
id,loads_kg,spacings_mm,date
one,7000 11001,4500,2026-11-23
two,7000 x,4500,2026-11-23
\"three, of 2015\",7000 11000,4500,2015-11-23
four,7000 0,4500,2026-11-23
";
    let mut out = Vec::new();
    let profile = wimd::config::limits::standard_profile();
    let summary =
        wimd::command::assess::assess_csv(list.as_bytes(), (&profile, Lane(1)), &mut out).unwrap();
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "\
id,gross_kg,limit_kg,limit_id,excess_kg,rate_permyriad,verdict,most_favourable_kg,over_every_reading,axle_overload,reason
one,18001,18000,mot124-2rigid,1,1,overload,18000,true,false,
two,,,,,,not_assessable,,false,false,\"loads_kg: axle 2: \"\"x\"\" is not a whole number of kilograms\"
\"three, of 2015\",18000,,,,,not_assessable,,false,false,date: no limit table is in force on that day
four,7000,,,,,not_assessable,,false,false,loads_kg: an axle load must be more than 0 kg
"
    );
    let first = "loads_kg: axle 2: \"x\" is not a whole number of kilograms".to_owned();
    assert_eq!(
        (summary.vehicles, summary.judged, summary.first_unjudged),
        (4, 1, Some((3, first)))
    );
}
