//! What leaves the box proves itself to two verifiers that know nothing of each other: `wimd
//! verify` and `deploy/verify.py`. Good files pass; every alteration is named with its sequence.

#[path = "ledger_proof/altered.rs"]
mod altered;
mod store_support;

use std::path::{Path, PathBuf};
use std::process::Command;

use store_support::*;
use tempfile::TempDir;
use wimd::clock::{Clock, Timestamp};
use wimd::io::store::{Bounds, Origin, Signer, Store, StoreOptions};

const BINARY: &str = env!("CARGO_BIN_EXE_wimd");

/// A store of twelve records and its export.
struct Exported {
    dir: TempDir,
    lines: Vec<String>,
}

async fn sealed(dir: &Path, key: Signer, numbers: std::ops::RangeInclusive<u64>) {
    let opened = || Store::open(&StoreOptions::at(dir), key.clone(), Clock::system());
    let (store, _) = wait_until_free(opened);
    store.commit(numbers.map(|n| seal(audit_record(n), &[])).collect()).await.expect("committed");
    store.close().await.expect("closed");
}

async fn twelve_records() -> Exported {
    let dir = TempDir::new().expect("a directory");
    sealed(dir.path(), signer(), 1..=12).await;
    let text = export(dir.path(), &[]);
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 12);
    Exported { dir, lines }
}

fn export(state: &Path, more: &[&str]) -> String {
    let mut command = Command::new(BINARY);
    command.args(["ledger", "export", "--state"]).arg(state).args(more);
    let output = command.output().expect("runs");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && told.starts_with("from the files in "), "{told}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn public(signer: &Signer) -> String {
    signer.public_key().bytes().to_string()
}

/// Exit code and words of a verifier.
type Verdict = (Option<i32>, String);

fn verdict(command: &mut Command) -> Verdict {
    let output = command.output().expect("runs");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&text).into_owned())
}

fn ours(file: &Path, keys: &[String], more: &[&str]) -> Verdict {
    let mut command = Command::new(BINARY);
    command.arg("verify").arg(file).args(more);
    verdict(command.args(keys.iter().flat_map(|key| ["--key", key])))
}

/// `None` with a notice where Python or its library is not installed; CI insists on both.
fn theirs(file: &Path, keys: &[String], more: &[&str]) -> Option<Verdict> {
    let usable = Command::new("python3").args(["-c", "import cryptography"]).output();
    if !usable.is_ok_and(|output| output.status.success()) {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "CI needs python3-cryptography");
        eprintln!("skipped: python3-cryptography is not installed");
        return None;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/verify.py");
    Some(verdict(Command::new("python3").arg(script).args(more).arg(file).args(keys)))
}

impl Exported {
    fn file(&self, lines: &[String]) -> PathBuf {
        let path = self.dir.path().join("F.jsonl");
        std::fs::write(&path, lines.join("\n") + "\n").expect("written");
        path
    }

    fn assert_good(&self, lines: &[String], keys: &[String]) {
        self.assert_good_with(lines, keys, &[]);
    }

    fn assert_good_with(&self, lines: &[String], keys: &[String], more: &[&str]) {
        for (code, text) in self.verdicts(lines, keys, more) {
            assert_eq!(code, Some(0), "{text}");
        }
    }

    /// What each of them says.
    fn verdicts(&self, lines: &[String], keys: &[String], more: &[&str]) -> Vec<Verdict> {
        let file = self.file(lines);
        let verdicts = [Some(ours(&file, keys, more)), theirs(&file, keys, more)];
        verdicts.into_iter().flatten().collect()
    }

    /// Both say exit 1 and these words.
    fn assert_bad(&self, lines: &[String], words: &str) {
        self.assert_bad_with(lines, &[], words);
    }

    fn assert_bad_with(&self, lines: &[String], more: &[&str], words: &str) {
        for (code, text) in self.verdicts(lines, &[public(&signer())], more) {
            assert_eq!(code, Some(1), "{text}");
            assert!(text.contains(words), "{words} not in {text}");
        }
    }
}

/// The record with this sequence, changed.
fn changed(lines: &[String], seq: usize, from: &str, to: &str) -> Vec<String> {
    let mut lines = lines.to_vec();
    assert!(lines[seq - 1].contains(from), "{}", lines[seq - 1]);
    lines[seq - 1] = lines[seq - 1].replacen(from, to, 1);
    lines
}

/// The value of a member of the proof of this sequence.
fn member(lines: &[String], seq: usize, name: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(&lines[seq - 1]).expect("JSON");
    value["proof"][name].as_str().expect("a text").to_owned()
}

#[tokio::test]
async fn an_export_is_good_whole_in_part_and_in_any_order() {
    let good = twelve_records().await;
    let keys = [public(&signer())];
    good.assert_good(&good.lines, &keys);
    let mut turned = good.lines.clone();
    turned.reverse();
    good.assert_good(&turned, &keys);
    let part = export(good.dir.path(), &["--from", "4", "--to", "9"]);
    let part: Vec<String> = part.lines().map(str::to_owned).collect();
    assert_eq!(part, good.lines[3..9]);
    good.assert_good(&part, &keys);
}

#[tokio::test]
async fn identical_copies_are_a_fault_of_an_export_and_none_of_what_was_heard() {
    let (good, allowed) = (twelve_records().await, &["--allow-duplicates"]);
    let again = [good.lines[1].clone(), good.lines[11].clone()];
    let mut heard = [&again[..], &good.lines, &again].concat();
    good.assert_bad(&heard, "duplicate");
    let (_, told) = ours(&good.file(&heard), &[public(&signer())], &[]);
    assert!(told.contains("--allow-duplicates"), "{told}");
    good.assert_good_with(&heard, &[public(&signer())], allowed);
    heard.push(changed(&good.lines, 5, "event 5", "event 6")[4].clone());
    good.assert_bad_with(&heard, allowed, "altered");
}

#[tokio::test]
async fn what_cannot_be_read_is_said_in_a_line_and_is_no_answer_about_records() {
    let good = twelve_records().await;
    let (file, absent) = (good.file(&good.lines), good.dir.path().join("none.jsonl"));
    let key = public(&signer());
    for (file, key, words) in [(absent, &*key, "none.jsonl"), (file, "nonsense", "nonsense")] {
        let Some((code, text)) = theirs(&file, &[key.to_owned()], &[]) else { return };
        assert_eq!((code, text.lines().count()), (Some(2), 1), "{text}");
        assert!(text.contains(words), "{text}");
    }
}

#[tokio::test]
async fn a_record_of_a_foreign_key_is_named_and_verifies_with_both() {
    let good = twelve_records().await;
    let next = Signer::from_seed(&[8; 32]);
    sealed(good.dir.path(), next.clone(), 13..=15).await;
    let text = export(good.dir.path(), &[]);
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    good.assert_good(&lines, &[public(&signer()), public(&next)]);
    let foreign = format!("sequence 13 (line 13): signed with key {}", next.key_id());
    good.assert_bad(&lines, &foreign);
}

/// Twelve records of the first key, its introduction of the next one, and records of that one.
async fn after_a_change_of_keys() -> (Exported, Signer) {
    let good = twelve_records().await;
    let (dir, next) = (good.dir.path(), Signer::from_seed(&[8; 32]));
    let origin = Origin { site: audit_record(1).site, ..Origin::default() };
    for n in 13..=14 {
        let opened = || Store::open(&StoreOptions::at(dir), signer(), Clock::system());
        let (store, _) = wait_until_free(opened);
        let told = store.change_key(next.clone(), &origin, Timestamp(n)).await.expect("changed");
        assert_eq!(told.len(), if n == 13 { 2 } else { 0 }, "introduced once");
        assert_eq!(store.public_key(), next.public_key());
        store.commit(vec![seal(audit_record(n as u64), &[])]).await.expect("committed");
        store.close().await.expect("closed");
    }
    let text = export(dir, &[]);
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 16);
    (Exported { lines, ..good }, next)
}

#[tokio::test]
async fn a_new_key_is_followed_from_the_record_with_which_the_old_one_introduces_it() {
    let (good, next) = after_a_change_of_keys().await;
    let old = [public(&signer())];
    good.assert_good(&good.lines, &old);
    good.assert_good(&good.lines, &[public(&signer()), public(&next)]);
    let mut turned = good.lines.clone();
    turned.reverse();
    good.assert_good(&turned, &old);
    let (_, text) = ours(&good.file(&good.lines), &old, &[]);
    assert!(text.contains(&format!("key {} was introduced", next.key_id())), "{text}");
    good.assert_good(&good.lines[13..], &[public(&next)]);
}

#[tokio::test]
async fn a_key_that_nobody_trusted_introduces_is_no_key() {
    let (good, next) = after_a_change_of_keys().await;
    let foreign = |seq| format!("sequence {seq} (line {seq}): signed with key {}", next.key_id());
    let other = Signer::from_seed(&[9; 32]);
    let renamed = changed(&good.lines, 13, &public(&next), &public(&other));
    good.assert_bad(&renamed, "sequence 13 (line 13): altered");
    good.assert_bad(&renamed, &foreign(14));
    let signature = member(&good.lines, 13, "sig");
    let forged = changed(&good.lines, 13, &signature, &member(&good.lines, 12, "sig"));
    good.assert_bad(&forged, "sequence 13 (line 13): bad signature");
    good.assert_bad(&forged, &foreign(16));
    let mut without = good.lines.clone();
    without.remove(12);
    good.assert_bad(&without, &format!("signed with key {}", next.key_id()));
}

#[tokio::test]
async fn records_that_had_to_go_are_known_from_the_record_that_names_them() {
    let good = twelve_records().await;
    let bounds = Bounds { ledger_entries: 13, ..Bounds::default() };
    let options = StoreOptions { bounds, ..StoreOptions::at(good.dir.path()) };
    let opened = || Store::open(&options, signer(), Clock::system());
    let (store, _) = wait_until_free(opened);
    let entries = store.outbox_next(None, 100).expect("readable");
    let middle = entries.iter().map(|entry| entry.key).filter(|key| (5..=6).contains(&key.seq));
    store.outbox_remove(middle.collect()).await.expect("removed");
    store.commit(vec![seal(audit_record(13), &[])]).await.expect("committed");
    store.accept(vec![input(1)], vec![]).await.expect("room was made");
    store.close().await.expect("closed");
    let lines: Vec<String> = export(good.dir.path(), &[]).lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 12, "thirteen without 5 and 6, and a word about them");
    good.assert_good(&lines, &[public(&signer())]);
    let month = ["report", "--month", "1970-01", "--json", "--file"];
    let report = |lines: &[String]| verdict(Command::new(BINARY).args(month).arg(good.file(lines)));
    // the tombstone of this store is of no site
    let (code, text) = report(&lines[..11]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains(r#""absent":2}"#) && text.contains("2 records of about this"), "{text}");
    let (code, text) = report(&changed(&lines[..11], 1, r#""id":"site""#, r#""id":"other""#));
    assert!(code == Some(1) && text.contains("two sites, other and site"), "{text}");
    let mut fewer = lines.clone();
    fewer.remove(6);
    good.assert_bad(&fewer, "sequence 9: missing");
    let mut before = lines.clone();
    before.remove(3);
    good.assert_bad(&before, "sequence 4: missing");
    good.assert_bad(&lines[..11], "sequence 5 to 6: missing");
}

#[tokio::test]
async fn the_ledger_is_listed_and_shown_without_a_daemon() {
    let good = twelve_records().await;
    let wimd = |words: &[&str]| {
        let mut command = Command::new(BINARY);
        verdict(command.arg("ledger").args(words).arg("--state").arg(good.dir.path()))
    };
    let (code, listed) = wimd(&["list", "--last", "3"]);
    assert_eq!(code, Some(0), "{listed}");
    assert!(listed.contains("SEQ") && listed.contains("event 12") && !listed.contains("event 9"));
    let (_, shown) = wimd(&["show", "5"]);
    assert!(shown.contains("\"event 5\"") && shown.contains("\"seq\": 5"), "{shown}");
    let (code, absent) = wimd(&["show", "13"]);
    assert_eq!(code, Some(1));
    assert!(absent.contains("the ledger has no record 13"), "{absent}");
    let (code, nowhere) = wimd(&["list", "--state", "/nonexistent"]);
    assert_ne!(code, Some(0), "{nowhere}");
}
