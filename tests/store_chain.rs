//! The chain as a stranger verifies it: what is altered, missing, doubled or foreign is named.

mod store_support;

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use store_support::*;
use tempfile::TempDir;
use wimd::command::verify::{VerifyArgs, run};
use wimd::command::{Exit, keygen};
use wimd::io::store::chain::verify::{Keys, Problem, Report, Verifier, check};
use wimd::io::store::{Head, Hex, PublicKey, Signer, Store};

/// Six sealed records as they are published, one a line.
async fn lines(dir: &Path) -> Vec<String> {
    let (store, _) = open(dir);
    let records = (1..=6).map(|n| seal(audit_record(n), &[])).collect();
    store.commit(records).await.expect("committed");
    export(&store)
}

fn export(store: &Store) -> Vec<String> {
    let records = store.export(1, u64::MAX).expect("open");
    let payloads = records.map(|record| record.expect("readable").payload());
    payloads.map(|payload| String::from_utf8(payload.to_vec()).expect("JSON")).collect()
}

async fn six() -> Vec<String> {
    let dir = TempDir::new().expect("a directory");
    lines(dir.path()).await
}

fn verify(lines: &[String], keys: &[PublicKey]) -> Report {
    let numbered: Vec<_> =
        (1..).zip(lines).map(|(n, line)| (n, line.clone().into_bytes())).collect();
    let keys: Keys = keys.iter().copied().collect();
    let mut verifier = Verifier::new(false);
    for chunk in numbered.chunks(4) {
        verifier.absorb(check(&keys, chunk));
    }
    verifier.finish()
}

fn problems(lines: &[String]) -> Vec<Problem> {
    verify(lines, &[signer().public_key()]).problems
}

#[tokio::test]
async fn an_untouched_export_is_good_in_any_order_and_any_spacing() {
    let mut lines = six().await;
    let good = verify(&lines, &[signer().public_key()]);
    assert!(good.is_good(), "{good:?}");
    assert_eq!((good.lines, good.records, good.after), (6, 6, Some(Head::default())));

    lines.reverse();
    lines[2] = lines[2].replace(":", ": ").replace("12: ", "12:");
    let spaced = lines[2].replace("T08: 00: ", "T08:00:").replace("+08: 00", "+08:00");
    lines[2] = spaced;
    assert_eq!(verify(&lines, &[signer().public_key()]), good);
}

#[tokio::test]
async fn the_published_hash_can_be_recomputed_with_a_plain_sha256() {
    use sha2::{Digest, Sha256};
    let lines = six().await;
    let value: serde_json::Value = serde_json::from_str(&lines[0]).expect("JSON");
    let record = lines[0].split_once(r#""record":"#).expect("a record").1;
    let record = record.strip_suffix('}').expect("one object");
    let seq = 1_u64.to_be_bytes();
    let digest = Sha256::new().chain_update([0; 32]).chain_update(seq).chain_update(record);
    let digest = digest.finalize();
    assert_eq!(value["proof"]["hash"], hex::encode(digest));
    assert_eq!(value["proof"]["seq"], 1);
}

#[tokio::test]
async fn an_altered_record_is_named() {
    let mut lines = six().await;
    lines[3] = lines[3].replace("event 4", "event 5");
    assert_eq!(problems(&lines), [Problem::Altered { seq: 4, line: 4 }]);
}

#[tokio::test]
async fn an_altered_record_with_a_new_hash_has_a_bad_signature_and_breaks_the_chain() {
    use wimd::io::store::chain;
    let mut lines = six().await;
    let value: serde_json::Value = serde_json::from_str(&lines[2]).expect("JSON");
    let mut proof: wimd::io::store::Proof =
        serde_json::from_value(value["proof"].clone()).expect("a proof");
    let record = chain::canonical(&audit_record(33)).expect("canonical");
    proof.hash = chain::hash(&proof.prev, proof.seq, &record);
    lines[2] = String::from_utf8(chain::payload(&record, &proof).to_vec()).expect("JSON");
    assert_eq!(
        problems(&lines),
        [Problem::BadSignature { seq: 3, line: 3 }, Problem::BrokenLink { seq: 4 },]
    );
}

#[tokio::test]
async fn missing_and_doubled_records_are_named_with_their_sequences() {
    let mut lines = six().await;
    lines[1] = lines[5].clone();
    lines.remove(2);
    assert_eq!(
        problems(&lines),
        [Problem::Duplicate { seq: 6, line: 5 }, Problem::Gap { first: 2, last: 3 },]
    );
}

#[tokio::test]
async fn two_records_with_one_sequence_are_a_conflict() {
    let mut lines = six().await;
    let dir = TempDir::new().expect("a directory");
    let (store, _) = open(dir.path());
    store.commit(vec![seal(alarm_record(1), &[])]).await.expect("committed");
    lines.extend(export(&store));
    assert_eq!(problems(&lines), [Problem::Conflict { seq: 1, line: 7 }]);
}

#[tokio::test]
async fn a_foreign_key_is_named_and_two_keys_may_share_a_chain() {
    let dir = TempDir::new().expect("a directory");
    lines(dir.path()).await;
    let next = Signer::from_seed(&[8; 32]);
    let clock = wimd::clock::Clock::system();
    let options = wimd::io::store::StoreOptions::at(dir.path());
    let (store, _) = wait_until_free(|| Store::open(&options, next.clone(), clock));
    store.commit(vec![seal(audit_record(7), &[])]).await.expect("committed");
    let lines = export(&store);

    let key = next.key_id();
    assert_eq!(problems(&lines), [Problem::UnknownKey { seq: 7, line: 7, key }]);
    assert!(verify(&lines, &[signer().public_key(), next.public_key()]).is_good());
}

#[tokio::test]
async fn lines_that_are_no_records_are_named_by_line() {
    let mut lines = six().await;
    lines.insert(1, "{\"record\":1".to_owned());
    lines.insert(3, String::new());
    let found = problems(&lines);
    assert!(matches!(&found[..], [Problem::Malformed { line: 2, .. }]), "{found:?}");
}

fn args(files: Vec<PathBuf>, keys: &[String]) -> VerifyArgs {
    VerifyArgs { files, keys: keys.to_vec(), ..VerifyArgs::default() }
}

fn printed(args: &VerifyArgs) -> (Exit, String) {
    let mut out = Vec::new();
    let exit = run(args, &mut out).expect("readable");
    (exit, String::from_utf8(out).expect("text"))
}

#[tokio::test]
async fn the_command_takes_files_as_one_chain_and_answers_by_exit_code() {
    let dir = TempDir::new().expect("a directory");
    let lines = lines(&dir.path().join("store")).await;
    let file = |name: &str, lines: &[String]| {
        let path = dir.path().join(name);
        std::fs::write(&path, lines.join("\n")).expect("written");
        path
    };
    let (first, second) = (file("a.jsonl", &lines[..2]), file("b.jsonl", &lines[2..]));
    let key = signer().public_key().bytes().to_string();

    let (exit, text) = printed(&args(vec![first.clone(), second], std::slice::from_ref(&key)));
    assert_eq!(exit, Exit::Good);
    assert!(text.starts_with("6 records, sequence 1 to 6: all good\n"), "{text}");

    let rest = file("c.jsonl", &lines[3..]);
    let (exit, text) = printed(&args(vec![first, rest], &[key]));
    assert_eq!(exit, Exit::Failed);
    assert!(text.starts_with("sequence 3: missing\n"), "{text}");
}

#[test]
fn an_empty_file_proves_nothing() {
    let dir = TempDir::new().expect("a directory");
    let empty = dir.path().join("empty");
    std::fs::write(&empty, "").expect("written");
    let key = signer().public_key().bytes().to_string();
    assert_eq!(printed(&args(vec![empty], &[key])), (Exit::Failed, "no records\n".to_owned()));
}

#[test]
fn a_new_key_is_private_is_never_overwritten_and_signs_what_its_public_half_verifies() {
    use std::os::unix::fs::PermissionsExt;
    let dir = TempDir::new().expect("a directory");
    let out = dir.path().join("signing.key");
    let args = keygen::KeygenArgs { out: Some(out.clone()), rotate: None, show: None, json: true };
    let mut text = Vec::new();
    assert_eq!(keygen::run(&args, &mut text).expect("made"), Exit::Good);
    let report: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
    let mode = std::fs::metadata(&out).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let signer = Signer::load(&out).expect("readable");
    let public = report["public_key"].as_str().expect("text");
    assert_eq!(PublicKey::parse(public).expect("a key"), signer.public_key());
    assert!(keygen::run(&args, &mut text).is_err(), "overwritten");
    let show = keygen::KeygenArgs { out: None, rotate: None, show: Some(out), json: false };
    let mut shown = Vec::new();
    assert_eq!(keygen::run(&show, &mut shown).expect("shown"), Exit::Good);
    assert_eq!(String::from_utf8(shown).expect("text"), format!("{public}\n"));
}

#[test]
fn a_key_that_others_can_read_is_refused_by_name_and_mode() {
    use std::os::unix::fs::PermissionsExt;
    let dir = TempDir::new().expect("a directory");
    let path = dir.path().join("key");
    signer().save(&path).expect("saved");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).expect("set");
    let refused = Signer::load(&path).expect_err("too open").to_string();
    assert!(refused.contains("key has mode 0640"), "{refused}");
}

#[test]
fn a_key_may_be_base64_or_hexadecimal_text() {
    use base64::Engine as _;
    use std::os::unix::fs::PermissionsExt;
    let dir = TempDir::new().expect("a directory");
    let texts = [Hex([7; 32]).to_string(), base64::prelude::BASE64_STANDARD.encode([7; 32]) + "\n"];
    for text in texts {
        let path = dir.path().join("key");
        std::fs::write(&path, text).expect("written");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("set");
        let loaded = Signer::load(&path).expect("a key");
        assert_eq!(loaded.public_key(), signer().public_key());
    }
}

#[test]
fn a_signer_does_not_show_its_secret() {
    let shown = format!("{:?}", signer());
    assert_eq!(shown, format!("Signer({})", signer().key_id()));
}

proptest! {
    #[test]
    fn any_bytes_are_answered_and_never_good(lines in prop::collection::vec(any::<Vec<u8>>(), 0..8)) {
        let keys: Keys = [signer().public_key()].into_iter().collect();
        let numbered: Vec<_> = (1..).zip(lines).collect();
        let mut verifier = Verifier::new(false);
        verifier.absorb(check(&keys, &numbered));
        prop_assert!(!verifier.finish().is_good());
    }

    #[test]
    fn a_flipped_bit_in_a_record_is_never_good(at in 0..6_usize, bit in 0..8_u8, place in any::<prop::sample::Index>()) {
        static LINES: std::sync::LazyLock<Vec<String>> = std::sync::LazyLock::new(|| {
            let runtime = tokio::runtime::Runtime::new().expect("a runtime");
            runtime.block_on(six())
        });
        let keys: Keys = [signer().public_key()].into_iter().collect();
        let mut numbered: Vec<_> = (1..).zip(LINES.iter().map(|line| line.clone().into_bytes())).collect();
        let text = &mut numbered[at].1;
        let place = place.index(text.len());
        text[place] ^= 1 << bit;
        let mut verifier = Verifier::new(false);
        verifier.absorb(check(&keys, &numbered));
        let report = verifier.finish();
        prop_assert!(!report.is_good(), "{report:?}");
    }
}
