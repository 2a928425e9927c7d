//! Limit tables as a technician writes them: each kind of mistake has its own message and line.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use wimd::config::limits::{STANDARD, read};

/// A table that covers 2 to 6 axles and has nothing wrong.
const GOOD: &str = r#"id = "local-2027"
title = "Local limits"
document = "Notice 1"
effective_from = 2027-07-01

[[row]]
id = "two"
kind = "gross"
axles = 2
split = ["1+1"]
vehicle = "rigid"
limit_kg = 18000
article = "table"
confidence = "secondary"

[[row]]
id = "more"
kind = "gross"
axles = 3
or_more = true
vehicle = "any"
limit_kg = 27000
article = "table"
confidence = "secondary"

[[row]]
id = "pair"
kind = "axle_group"
axles = 2
vehicle = "any"
spacing_min_mm = 1300
spacing_max_mm = 1799
limit_kg = 18000
article = "axles"
confidence = "secondary"
"#;

/// Everything that is wrong with the good table after one change.
fn after(old: &str, new: &str) -> Vec<String> {
    assert!(GOOD.contains(old), "{old}");
    let problems = read("local.toml", &GOOD.replacen(old, new, 1)).unwrap_err();
    problems.0.iter().map(ToString::to_string).collect()
}

#[test]
fn the_good_table_is_read_and_its_text_is_hashed() {
    let table = read("local.toml", GOOD).unwrap();
    assert_eq!(
        (
            table.head().id.as_str(),
            table.gross().len(),
            table.axle().len(),
            table.head().sha256.len()
        ),
        ("local-2027", 2, 1, 64)
    );
    let other = read("local.toml", &format!("{GOOD}\n")).unwrap();
    assert_ne!(other.head().sha256, table.head().sha256);
}

/// A piece of the good table, what stands in its place, and the first message about it.
const SLIPS: &[(&str, &str, &str)] = &[
    (
        "limit_kg = 18000",
        "limit_kg = ",
        "local.toml:12: string values must be quoted, expected literal string",
    ),
    (
        "limit_kg = 18000",
        "limit_kg = 180",
        "local.toml:12: two: limit_kg: 180 is not from 1000 to 200000",
    ),
    (
        "limit_kg = 18000",
        "limit_kg = -18000",
        "local.toml:12: two: limit_kg: -18000 is not from 1000 to 200000",
    ),
    (
        "limit_kg = 18000",
        "limit_kg = 18.0",
        "local.toml:12: invalid type: floating point `18.0`, expected i64",
    ),
    ("axles = 2", "axles = 21", "local.toml:9: two: axles: 21 is not from 1 to 20"),
    ("axles = 2\n", "", "local.toml:6: two: axles: missing"),
    ("\"1+1\"", "\"1+2\"", "local.toml:10: two: split: 1+2 has 3 axles"),
    (
        "\"1+1\"",
        "\"1-1\"",
        "local.toml:10: two: split: \"1-1\" is no split such as 1+2+3 of at most 20 axles",
    ),
    (
        "effective_from = 2027-07-01",
        "effective_from = 2027-07-01T00:00:00",
        "local.toml:4: 2027-07-01T00:00:00 is no day written yyyy-mm-dd",
    ),
    (
        "effective_from = 2027-07-01",
        "effective_from = 2027-07-01\neffective_to = 2027-06-30",
        "local.toml:5: effective_to: 2027-06-30 is before effective_from 2027-07-01",
    ),
    (
        "spacing_max_mm = 1799",
        "spacing_max_mm = 1299",
        "local.toml:32: pair: spacing_max_mm: is below spacing_min_mm",
    ),
    (
        "spacing_max_mm = 1799",
        "spacing_max_mm = 99999",
        "local.toml:32: pair: spacing_max_mm: 99999 is not from 1 to 20000",
    ),
    (
        "spacing_max_mm = 1799",
        "drive = \"single\"",
        "local.toml:32: pair: drive: is for gross rows only",
    ),
    (
        "split = [\"1+1\"]",
        "driven = true",
        "local.toml:10: two: driven: is for axle_group rows only",
    ),
    ("title = \"Local limits\"", "title = \"\"", "local.toml:2: title: must not be empty"),
    ("id = \"more\"", "id = \"two\"", "local.toml:17: two: this id comes twice"),
    ("id = \"local-2027\"", "id = \" \"", "local.toml:1: id: must not be empty"),
    ("\"Notice 1\"", "\"\"", "local.toml:3: document: must not be empty"),
    (
        "document = \"Notice 1\"",
        "document = \"Notice 1\"\ndocument_zh = \"\"",
        "local.toml:4: document_zh: must not be empty",
    ),
    ("id = \"two\"", "id = \"\"", "local.toml:7: id: must not be empty"),
    ("article = \"table\"", "article = \"\"", "local.toml:13: article: must not be empty"),
    (
        "article = \"table\"",
        "article = \"table\"\narticle_zh = \"\"",
        "local.toml:14: article_zh: must not be empty",
    ),
    ("effective_from = 2027-07-01\n", "", "local.toml:1: missing field `effective_from`"),
    ("limit_kg = 18000\n", "", "local.toml:6: missing field `limit_kg`"),
    (
        "effective_from = 2027-07-01\n",
        "effective_from = 2027-07-01\n[single_tyre]\nrule = \"adj\"\ndeduct_kg = 0\n",
        "local.toml:7: single_tyre.deduct_kg: 0 is not from 1000 to 200000",
    ),
    (
        "spacing_min_mm = 1300",
        "spacing_min_mm = 0",
        "local.toml:31: pair: spacing_min_mm: 0 is not from 1 to 20000",
    ),
    (
        "spacing_min_mm = 1300",
        "tyre_width_min_mm = -1",
        "local.toml:31: pair: tyre_width_min_mm: -1 is not from 1 to 20000",
    ),
    (
        "axles = 2\nvehicle = \"any\"\n",
        "vehicle = \"any\"\n",
        "local.toml:26: pair: axles: missing",
    ),
    (
        "or_more = true",
        "trailer_spacing_min_mm = 20001",
        "local.toml:20: more: trailer_spacing_min_mm: 20001 is not from 1 to 20000",
    ),
    ("or_more = true", "or_more = false", "local.toml:1: no gross row is for 4 axles"),
];

#[test]
fn each_slip_has_its_message_and_line() {
    for (old, new, message) in SLIPS {
        assert_eq!(after(old, new)[0], *message, "{old} -> {new}");
    }
}

#[test]
fn an_unknown_word_is_answered_with_the_known_ones() {
    assert_eq!(
        after("vehicle = \"rigid\"", "vehicle = \"lorry\""),
        ["local.toml:11: two: vehicle: unknown variant `lorry`, expected one of `any`, `rigid`, \
          `rigid_or_tractor`, `combination`, `articulated`, `centre_axle`, `full_trailer`, \
          `semi_trailer_alone`, `drawbar_trailer_alone`, `centre_axle_trailer_alone`, \
          `low_speed_goods_vehicle`, `three_wheeler`"]
    );
    assert_eq!(
        after("confidence = \"secondary\"", "confidence = \"high\""),
        ["local.toml:14: unknown variant `high`, expected one of `verified`, `secondary`, \
             `unverified`",]
    );
    assert_eq!(
        after("article = \"table\"", "artikel = \"table\"")[0].split(',').next(),
        Some("local.toml:13: unknown field `artikel`")
    );
}

#[test]
fn rows_out_of_order_and_rows_that_hold_at_once_are_refused() {
    let (head, rows) = GOOD.split_at(GOOD.find("[[row]]").unwrap());
    let mut rows: Vec<&str> = rows.split_inclusive("confidence = \"secondary\"\n").collect();
    rows.swap(0, 1);
    let problems = read("local.toml", &format!("{head}{}", rows.concat())).unwrap_err();
    assert_eq!(
        problems.to_string(),
        "local.toml:16: two: stands after more; rows are sorted gross before axle_group, then by \
         axles"
    );
    let twice = GOOD.replacen("id = \"more\"", "id = \"also\"", 1);
    let twice = format!(
        "{twice}{}",
        rows[2].replacen("id = \"pair\"", "id = \"pair2\"", 1).replacen(
            "spacing_min_mm = 1300",
            "spacing_min_mm = 1799",
            1
        )
    );
    assert_eq!(
        read("local.toml", &twice).unwrap_err().to_string(),
        "local.toml:37: pair2: holds for the same as pair"
    );
}

#[test]
fn rows_that_are_none_too_many_or_twice_are_refused() {
    let (head, rows) = GOOD.split_at(GOOD.find("[[row]]").unwrap());
    let refused =
        |rows: &str| read("local.toml", &format!("{head}{rows}")).unwrap_err().to_string();
    let nothing = "local.toml:1: the table has no row that can be read";
    assert_eq!(refused(""), nothing);
    assert_eq!(
        refused("row = 7"),
        format!("{nothing}\nlocal.toml:6: row: must be written [[row]]")
    );
    let again = "[[row]]\nid = \"again\"\nkind = \"gross\"\naxles = 2\nsplit = [\"1+1\"]\n\
                 vehicle = \"rigid\"\nlimit_kg = 17000\narticle = \"table\"\n\
                 confidence = \"secondary\"\n";
    assert_eq!(
        refused(&format!("{again}{rows}")),
        "local.toml:15: two: holds for the same as again"
    );
    let many: String = (0..1_001).map(|one| again.replace("again", &one.to_string())).collect();
    assert_eq!(refused(&many), "local.toml:1: the table has more than 1000 rows");
}

#[test]
fn every_mistake_of_a_file_is_told_at_once() {
    let text = GOOD
        .replacen("limit_kg = 18000", "limit_kg = 1", 1)
        .replacen("limit_kg = 27000", "limit_kg = 2", 1)
        .replacen("vehicle = \"any\"\nspacing", "vehicle = \"wheel\"\nspacing", 1);
    let lines: Vec<usize> =
        read("local.toml", &text).unwrap_err().0.iter().map(|problem| problem.line).collect();
    assert_eq!(lines, [12, 22, 30]);
}

#[test]
fn every_compiled_in_table_is_good_and_named_after_its_file() {
    for (file, text) in STANDARD {
        let table = read(file, text).unwrap();
        assert_eq!(format!("{}.toml", table.head().id), file);
    }
}
