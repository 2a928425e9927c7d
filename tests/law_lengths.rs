//! Maximum lengths in a limit table: each kind of mistake has its own message and line.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use wimd::config::limits::read;

/// A table with one row and one maximum length that has nothing wrong.
const GOOD: &str = r#"id = "local-2027"
title = "Local limits"
document = "Notice 1"
effective_from = 2027-07-01

[[row]]
id = "two"
kind = "gross"
axles = 2
or_more = true
vehicle = "any"
limit_kg = 18000
article = "table"
confidence = "secondary"

[[length]]
id = "long"
vehicle = "rigid"
length_max_mm = 12000
article = "lengths"
confidence = "verified"
"#;

/// The first thing that is wrong with the good table after one change.
fn after(old: &str, new: &str) -> String {
    assert!(GOOD.contains(old), "{old}");
    read("local.toml", &GOOD.replacen(old, new, 1)).unwrap_err().0[0].to_string()
}

#[test]
fn the_good_table_holds_its_maximum_length_on_its_days() {
    let table = read("local.toml", GOOD).unwrap();
    let lengths = table.lengths("2027-07-01".parse().unwrap());
    let lengths: Vec<_> = lengths.map(|row| (row.id.to_string(), row.most.0)).collect();
    assert_eq!(lengths, [("long".to_owned(), 12_000)]);
    let days = "confidence = \"verified\"\neffective_to = 2027-12-31";
    let text = GOOD.replacen("confidence = \"verified\"", days, 1);
    let table = read("local.toml", &text).unwrap();
    assert_eq!(table.lengths("2028-01-01".parse().unwrap()).count(), 0);
}

#[test]
fn each_slip_has_its_message_and_line() {
    let again = "rigid\"\nlength_max_mm = 9000\narticle = \"1\"\nconfidence = \"verified\"\n\
                 [[length]]\nid = \"again\"\nvehicle = \"rigid";
    let days = "confidence = \"verified\"\neffective_from = 2027-07-02\neffective_to = 2027-07-01";
    assert_eq!(
        [
            after("12000", "1999"),
            after("12000", "60001"),
            after("12000", "-1"),
            after("12000", "12.0"),
            after("\"long\"", "\"two\""),
            after("\"long\"", "\"\""),
            after("\"lengths\"", "\"\""),
            after("rigid", again),
            after("length_max_mm = 12000\n", ""),
            after("confidence = \"verified\"", days),
        ],
        [
            "local.toml:19: long: length_max_mm: 1999 is not from 2000 to 60000",
            "local.toml:19: long: length_max_mm: 60001 is not from 2000 to 60000",
            "local.toml:19: long: length_max_mm: -1 is not from 2000 to 60000",
            "local.toml:19: invalid type: floating point `12.0`, expected i64",
            "local.toml:17: two: this id comes twice",
            "local.toml:17: id: must not be empty",
            "local.toml:20: article: must not be empty",
            "local.toml:22: again: holds for the same as long",
            "local.toml:16: missing field `length_max_mm`",
            "local.toml:23: effective_to: 2027-07-01 is before effective_from 2027-07-02",
        ]
    );
    let (row, _) = GOOD.split_once("\n[[length]]").unwrap();
    let text = row.replacen("\n[[row]]", "length = 7\n[[row]]", 1);
    let told = read("local.toml", &text).unwrap_err().to_string();
    assert_eq!(told, "local.toml:5: length: must be written [[length]]");
    let word = after("rigid", "lorry");
    assert!(word.starts_with("local.toml:18: unknown variant `lorry`, expected one of"), "{word}");
    let key = after("article = \"lengths\"", "artikel = \"lengths\"");
    assert!(key.starts_with("local.toml:20: unknown field `artikel`"), "{key}");
}
