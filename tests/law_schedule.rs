//! The dated list of limit tables in force.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use wimd::config::limits::{ScheduleEntry, read, schedule, standard};
use wimd::pipeline::limits::Tables;

/// A table that follows the compiled-in ones.
const LATER: &str = r#"id = "local-2027"
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
"#;

fn entry(line: usize, from: Option<&str>, to: Option<&str>, table: &str) -> ScheduleEntry {
    ScheduleEntry {
        line,
        from: from.map(|day| day.parse().unwrap()),
        to: to.map(|day| day.parse().unwrap()),
        table: table.to_owned(),
    }
}

fn refused(tables: &Tables, entries: &[ScheduleEntry]) -> String {
    schedule(tables, "wimd.toml", entries).unwrap_err().to_string()
}

#[test]
fn a_dated_list_has_neither_overlap_nor_hole_nor_unknown_table() {
    let mut tables = standard();
    tables.put(read("local.toml", LATER).unwrap());
    let old = |to| entry(7, None, to, "mot124-2016");
    assert_eq!(
        [
            refused(&tables, &[entry(7, None, None, "notice-124")]),
            refused(&tables, &[]),
            refused(&tables, &[entry(7, Some("2016-09-20"), None, "mot124-2016")]),
            refused(
                &tables,
                &[old(Some("2027-06-29")), entry(9, Some("2027-07-01"), None, "local-2027")]
            ),
            refused(
                &tables,
                &[old(Some("2027-07-01")), entry(9, Some("2027-07-01"), None, "local-2027")]
            ),
            refused(&tables, &[old(None), entry(9, None, None, "local-2027")]),
        ],
        [
            "wimd.toml:7: no limit table has the id \"notice-124\"; known: mot124-2016, \
             mot62-2016, mot109-2016, gb1589-2016, local-2027",
            "wimd.toml:1: no limit table is in force on any day",
            "wimd.toml:7: mot124-2016 is in force from 2016-09-20, but holds from 2016-09-21 only",
            "wimd.toml:9: no table is in force between 2027-06-29, the end of mot124-2016, and \
             2027-07-01",
            "wimd.toml:9: local-2027 begins on 2027-07-01, but mot124-2016 is in force to \
             2027-07-01",
            "wimd.toml:9: local-2027 begins while mot124-2016 is in force for good",
        ]
    );
}

#[test]
fn a_new_table_takes_over_on_its_first_day() {
    let mut tables = standard();
    tables.put(read("local.toml", LATER).unwrap());
    let both = schedule(
        &tables,
        "wimd.toml",
        &[entry(7, None, None, "mot124-2016"), entry(9, Some("2027-07-01"), None, "local-2027")],
    )
    .unwrap();
    let on = |day: &str| both.on(day.parse().unwrap()).map(|term| term.table.head().id.to_string());
    assert_eq!(
        [on("2016-09-20"), on("2016-09-21"), on("2027-06-30"), on("2027-07-01")],
        [
            None,
            Some("mot124-2016".to_owned()),
            Some("mot124-2016".to_owned()),
            Some("local-2027".to_owned())
        ]
    );
}
