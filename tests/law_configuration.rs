//! From the keys of the configuration to the figures of a record.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use wimd::config::{Config, load};
use wimd::daemon::parameters;
use wimd::pipeline::assess::{Assessment, Profile, assess, obstacles};
use wimd::pipeline::limits::Day;
use wimd::pipeline::passage::{Axle, DeviceGroups, Passage, PassageSource};
use wimd::units::{Kilograms, Lane, Millimetres};

/// A site of one lane; `limits` stands among the sections, `lane` and `scale` in their tables.
fn site(limits: &str, scale: &str, lane: &str) -> Config {
    let text = format!(
        "site = {{ id = \"a\" }}\nuplink = {{ broker = \"mqtt://127.0.0.1:1883\" }}\n{limits}\n\
         [[scale]]\nname = \"s\"\nport = \"/dev/ttyS0\"\n{scale}\n\
         [[lane]]\nnumber = 1\nscale = \"s\"\n{lane}\n"
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/config/wimd.toml");
    load::parse(&text, &path).unwrap().config
}

fn profile(limits: &str, scale: &str, lane: &str) -> Profile {
    parameters::profile(&site(limits, scale, lane)).unwrap()
}

/// A six-axle articulated vehicle with its weight spread evenly.
fn six(gross: u32) -> Passage {
    let spacings = [None, Some(3_300), Some(1_350), Some(6_500), Some(1_310), Some(1_310)];
    passage(gross, &spacings, "2026-11-23")
}

fn passage(gross: u32, spacings: &[Option<u32>], day: &str) -> Passage {
    let at = day.parse::<Day>().unwrap().noon().unwrap();
    let count = u32::try_from(spacings.len()).unwrap();
    let axle = |(index, spacing): (u32, &Option<u32>)| Axle {
        load_kg: Some(Kilograms(gross / count + u32::from(index < gross % count))),
        spacing_mm: spacing.map(Millimetres),
        ..Axle::unmeasured(at)
    };
    let source = PassageSource { controller: 1, boot_id: 7, vehicle: 1 };
    let axles = (0..).zip(spacings).map(axle).collect();
    Passage { axles, ..Passage::unmeasured(source, Lane(1), at) }
}

fn field(assessment: &Assessment, names: &[&str]) -> Value {
    let all = serde_json::to_value(assessment).unwrap();
    names.iter().map(|name| all[name].clone()).collect()
}

fn reasons(passage: &Passage, profile: &Profile) -> Value {
    let assessment = assess(passage, profile);
    serde_json::to_value(obstacles(passage, &assessment, profile)).unwrap()
}

#[test]
fn a_lane_s_verification_stands_in_the_record_and_makes_the_guard_band() {
    let profile = profile(
        "",
        "",
        "min_speed_kmh = 5\nmax_speed_kmh = 80\nmax_acceleration_mmps2 = 900\n\
         accuracy_class = \"5\"\naccuracy_stage = \"initial\"\nscale_interval_kg = 50\n\
         certificate_number = \"JX-1\"\ncertificate_institution = \"院\"\n\
         certificate_expiry = \"2027-05-31\"\ncalibration_factor_permyriad = 10120",
    );
    // 49 000 kg and 2.5 % of it
    let over = |gross| field(&assess(&six(gross), &profile), &["verdict", "guard_kg"]);
    assert_eq!(over(50_225), json!(["uncertain", 1_225]));
    assert_eq!(over(50_226), json!(["overload", 1_225]));
    assert_eq!(
        field(&assess(&six(50_226), &profile), &["metrology"]),
        json!([{
            "accuracy": { "class": "5", "interval_kg": 50, "stage": "initial" },
            "acceleration_max_mmps2": 900,
            "calibration_factor_permyriad": 10_120,
            "certificate": { "expiry": "2027-05-31", "institution": "院", "number": "JX-1" },
            "speed_from_dkmh": 50,
            "speed_to_dkmh": 800,
        }])
    );
}

#[test]
fn a_certificate_that_has_ended_or_was_never_named_makes_statistics() {
    let until = |day: &str| {
        let lane = format!("certificate_number = \"JX-1\"\ncertificate_expiry = \"{day}\"");
        reasons(&six(60_000), &profile("", "", &lane))
    };
    assert_eq!(until("2026-11-23"), json!([]));
    assert_eq!(until("2026-11-22"), json!(["certificate_expired"]));
    assert_eq!(reasons(&six(60_000), &profile("", "", "")), json!(["no_certificate"]));
}

#[test]
fn in_service_is_the_default_and_twice_the_error_at_verification() {
    let profile = profile("", "", "accuracy_class = \"5\"");
    assert_eq!(assess(&six(60_000), &profile).guard_kg, Some(Kilograms(2_450)));
}

#[test]
fn a_deduction_and_a_limit_factor_are_named_in_the_record() {
    let names = ["tolerance_profile", "corrected_gross_kg", "judged_limit_kg", "rate_permyriad"];
    let with = |limits: &str| field(&assess(&six(58_000), &profile(limits, "", "")), &names);
    assert_eq!(with(""), json!(["none", 58_000, 49_000, 1_837]));
    assert_eq!(
        with("limits = { deduction_permyriad = 500 }"),
        json!(["deduct-500", 55_100, 49_000, 1_245])
    );
    assert_eq!(
        with("limits = { limit_factor_permyriad = 10300, tolerance = \"zj\" }"),
        json!(["zj", 58_000, 50_470, 1_492])
    );
}

#[test]
fn the_limit_factor_ends_at_a_hundred_tonnes_and_both_alarms_are_fixed() {
    let limits = "limits = { limit_factor_permyriad = 12000, tiers_permyriad = [500] }";
    let profile = profile(limits, "", "");
    let figures =
        |gross| field(&assess(&six(gross), &profile), &["judged_limit_kg", "alarms", "tier"]);
    let open = json!({ "from_permyriad": 500, "to_permyriad": null });
    assert_eq!(figures(99_999), json!([58_800, [], open]));
    assert_eq!(figures(100_000), json!([49_000, ["hundred_tonnes", "hundred_percent"], open]));
    // 97 998 kg is 99.996 % over 49 000 kg: the rate counts as it is shown, with two decimals
    let standard = self::profile("", "", "");
    let alarms = |gross| field(&assess(&six(gross), &standard), &["alarms"]);
    assert_eq!([alarms(97_997), alarms(97_998)], [json!([[]]), json!([["hundred_percent"]])]);
}

#[test]
fn unknown_suspension_is_read_as_the_site_s_profile_says() {
    let truck = passage(25_500, &[None, Some(3_600), Some(1_350)], "2026-11-23");
    let with =
        |limits: &str| field(&assess(&truck, &profile(limits, "", "")), &["limit_kg", "verdict"]);
    assert_eq!(with(""), json!([25_000, "overload"]));
    assert_eq!(with("limits = { suspension = \"unknown_is_air\" }"), json!([26_000, "compliant"]));
}

#[test]
fn the_axle_sum_bounds_the_limit_only_where_the_site_asks_for_it() {
    let truck = passage(17_000, &[None, Some(900)], "2026-11-23");
    let with = |limits: &str| assess(&truck, &profile(limits, "", "")).limit_kg;
    assert_eq!(with(""), Some(Kilograms(18_000)));
    assert_eq!(with("limits = { apply_axle_sum = true }"), Some(Kilograms(11_500)));
}

#[test]
fn an_axle_group_supports_a_case_only_where_the_site_says_from_where() {
    let lane = "certificate_number = \"JX-1\"\ncertificate_expiry = \"2027-05-31\"";
    // 16 600 kg on a pair of 16 000 kg: 3.75 % over; 24 900 kg on a limit of 25 000 kg
    let truck = passage(24_900, &[None, Some(6_500), Some(1_200)], "2026-11-23");
    let with = |limits: &str| reasons(&truck, &profile(limits, "", lane));
    assert_eq!(with(""), json!(["axle_group_only"]));
    assert_eq!(with("limits = { axle_group_case_beyond_permyriad = 374 }"), json!([]));
    assert_eq!(
        with("limits = { axle_group_case_beyond_permyriad = 375 }"),
        json!(["axle_group_only"])
    );
}

#[test]
fn grouping_thresholds_are_the_site_s() {
    let truck = passage(24_000, &[None, Some(3_600), Some(1_900)], "2026-11-23");
    let with =
        |limits: &str| field(&assess(&truck, &profile(limits, "", "")), &["split", "or_split"]);
    assert_eq!(with(""), json!(["1+2", null]));
    assert_eq!(with("grouping = { same_group_mm = 1800 }"), json!(["1+1+1", "1+2"]));
}

#[test]
fn group_codes_are_read_by_the_scheme_of_their_device() {
    let mut truck = six(60_000);
    truck.device_groups = Some(DeviceGroups { codes: vec![1, 5, 9] });
    let with = |scale: &str| {
        let lane = "certificate_number = \"JX-1\"\ncertificate_expiry = \"2027-05-31\"";
        let profile = profile("", scale, lane);
        let agreement = field(&assess(&truck, &profile), &["device_groups"]);
        (agreement, reasons(&truck, &profile))
    };
    assert_eq!(with(""), (json!(["not_compared"]), json!([])));
    assert_eq!(with("group_codes = \"one_to_nine\""), (json!(["agrees"]), json!([])));
    assert_eq!(
        with("group_codes = \"one_to_seven\""),
        (json!(["disagrees"]), json!(["grouping_uncertain"]))
    );
}

const SUCCESSOR: &str = r#"
[limits]
tables = ["tables/gb1589-2026.toml"]
comparison = []
[[limits.schedule]]
from = "2016-09-21"
table = "mot124-2016"
[[limits.schedule]]
from = "2027-07-01"
table = "gb1589-2026"
[[limits.axle_schedule]]
from = "2016-07-26"
table = "gb1589-2016"
[[limits.axle_schedule]]
from = "2027-07-01"
table = "gb1589-2026"
"#;

#[test]
fn a_successor_of_gb_1589_is_a_file_and_no_new_build() {
    let profile = profile(SUCCESSOR, "", "");
    let text = std::fs::read(
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/config/tables/gb1589-2026.toml"),
    )
    .unwrap();
    let digest = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(text));
    let on = |day: &str| {
        let truck = passage(18_500, &[None, Some(4_500)], day);
        let assessment = assess(&truck, &profile);
        let group = assessment.groups[0].limit_id.clone();
        (field(&assessment, &["limit_kg", "limit_id", "verdict", "table"]), group)
    };
    let (before, axle_before) = on("2027-06-30");
    assert_eq!(before, json!([18_000, "mot124-2rigid", "overload", "mot124-2016"]));
    assert_eq!(axle_before.unwrap().as_str(), "gb16-ax1-single-w425");
    let (after, axle_after) = on("2027-07-01");
    assert_eq!(after, json!([19_000, "gb26-2any", "compliant", "gb1589-2026"]));
    assert_eq!(axle_after.unwrap().as_str(), "gb26-ax1");
    let truck = passage(18_500, &[None, Some(4_500)], "2027-07-01");
    assert_eq!(assess(&truck, &profile).table_sha256.as_str(), digest);
}

#[test]
fn a_file_replaces_the_comparison_and_the_axle_table_too() {
    let folder = tempfile::tempdir().unwrap();
    let replaced = |name: &str, from: &str, to: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/limits").join(name);
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.contains(from));
        let file = folder.path().join(name);
        std::fs::write(&file, text.replace(from, to)).unwrap();
        file.display().to_string()
    };
    let order = replaced("mot62-2016.toml", "limit_kg = 43000", "limit_kg = 44000");
    let axles = replaced("gb1589-2016.toml", "limit_kg = 24000", "limit_kg = 23000");
    let limits = format!("limits = {{ tables = [{order:?}, {axles:?}] }}");
    let truck =
        passage(43_500, &[None, Some(3_300), Some(6_500), Some(1_310), Some(1_310)], "2026-11-23");
    let assessment = assess(&truck, &profile(&limits, "", ""));
    assert_eq!(assessment.most_favourable_kg, Some(Kilograms(44_000)));
    assert_eq!(assessment.groups[2].limit_kg, Some(Kilograms(23_000)));
}
