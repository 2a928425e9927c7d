//! `wimd outbox` on the files of a site whose daemon is down.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod store_support;

use std::path::Path;
use std::process::Command;

use store_support::*;
use tempfile::TempDir;
use wimd::clock::Timestamp;
use wimd::io::store::{Aside, AsideReason, Lane, Origin, OutboxItem, OutboxKey, OutboxListing};
use wimd::pipeline::record::Channel;

fn outbox(dir: &Path, more: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wimd"));
    let output = command.args(["outbox", "--state"]).arg(dir).args(more).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Three alarms, of which one is set aside, and two ordinary records.
async fn site() -> TempDir {
    let dir = TempDir::new().unwrap();
    let (store, _) = open(dir.path());
    let alarms = (1..=3).map(|n| seal(alarm_record(n), &[]));
    store
        .commit(alarms.chain((4..=5).map(|n| seal(audit_record(n), &[]))).collect())
        .await
        .unwrap();
    let key = OutboxKey { lane: Lane::First, seq: 2, item: 0 };
    let what = OutboxItem::Record { seq: 2, channel: Channel::Alarm };
    let aside = Aside { what, reason: AsideReason::Oversize, packet_bytes: 9, at: Timestamp(5) };
    let told = Origin::default().alarm("s", Timestamp(5), "told", "aside".to_owned());
    store.outbox_set_aside(key, aside, Some(told)).await.unwrap();
    store.close().await.unwrap();
    dir
}

#[tokio::test]
async fn it_lists_what_waits_by_lane_with_its_age_and_what_is_set_aside() {
    let dir = site().await;
    let text = outbox(dir.path(), &["--limit", "2", "--json"]);
    let listing: OutboxListing = serde_json::from_str(&text).unwrap();
    let lanes: Vec<(&str, u64, usize)> =
        listing.lanes.iter().map(|l| (l.lane.as_str(), l.entries, l.next.len())).collect();
    assert_eq!(lanes, [("first", 3, 2), ("second", 2, 2), ("pictures", 0, 0)]);
    assert!(listing.lanes[0].oldest.is_some() && listing.lanes[2].oldest.is_none());
    let seqs: Vec<u64> = listing.lanes[0].next.iter().map(|entry| entry.seq).collect();
    assert_eq!(seqs, [1, 3]);
    assert_eq!(listing.aside.len(), 1);
    assert_eq!((listing.aside[0].entry.seq, listing.aside[0].reason), (2, AsideReason::Oversize));
}

#[tokio::test]
async fn a_person_reads_the_same_in_tables() {
    let dir = site().await;
    let text = outbox(dir.path(), &[]);
    let words =
        ["QUEUE", "TOPIC", "first", "The next to leave:", "site-3", "Set aside", "oversize"];
    for words in words {
        assert!(text.contains(words), "{words}\n{text}");
    }
}

#[tokio::test]
async fn a_damaged_store_is_left_as_it_is_by_every_command_that_reads() {
    let dir = site().await;
    let place = dir.path().display();
    let example = std::fs::read_to_string("deploy/wimd.toml").unwrap();
    let config = example
        .replace("\"/var/lib/wimd\"", &format!("\"{place}\""))
        .replace("\"/run/wimd/status.sock\"", &format!("\"{place}/nobody.sock\""));
    std::fs::write(dir.path().join("wimd.toml"), config).unwrap();
    std::fs::write(dir.path().join("sled/conf"), [0xA5; 64]).unwrap();
    let commands: [&[&str]; 5] = [
        &["records"],
        &["report", "--month", "2026-11"],
        &["outbox"],
        &["ledger", "list"],
        &["ledger", "export"],
    ];
    for arguments in commands {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wimd"));
        command.args(arguments).arg("--config").arg(dir.path().join("wimd.toml"));
        let output = command.output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {told}");
        assert!(told.contains("help: it is damaged: keep a copy"), "{arguments:?}: {told}");
    }
    let files = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let aside: Vec<_> = files.filter(|name| name.to_string_lossy().contains("aside")).collect();
    assert!(aside.is_empty(), "{aside:?}");
}
