//! `wimd verify` hears a site's records from its broker and names what is wrong with them, each
//! with its sequence.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod store_support;
mod uplink_support;

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use store_support::{audit_record, seal, signer};
use uplink_support::{AnyBroker, SITE, embedded, platform, real};
use wimd::clock::Clock;
use wimd::io::store::{Signer, Store, StoreOptions};

on_both_brokers! {
    good_records_on_several_topics_are_good,
    a_record_on_any_topic_of_records_is_heard_and_leaves_no_gap,
    whatever_is_wrong_is_named,
}

/// A verifier that listens, until it has heard so many records.
struct Verifying(Child);

impl Verifying {
    fn start(broker: &AnyBroker, records: u64) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wimd"));
        command.args(["verify", &broker.url(), "--site", SITE]);
        // one that does not hear enough ends all the same
        command.args(["--records", &records.to_string(), "--for", "60"]);
        command.args(["--key", &signer().public_key().bytes().to_string()]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut told = String::new();
        BufReader::new(child.stderr.as_mut().unwrap()).read_line(&mut told).unwrap();
        assert!(told.starts_with("listening at "), "{told}");
        Self(child)
    }

    /// Exit code and words.
    fn end(mut self) -> (Option<i32>, String) {
        let mut text = String::new();
        self.0.stdout.as_mut().unwrap().read_to_string(&mut text).unwrap();
        (self.0.wait().unwrap().code(), text)
    }
}

/// Six records as they are published.
async fn six(key: Signer) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = Store::open(&StoreOptions::at(dir.path()), key, Clock::system()).unwrap();
    store.commit((1..=6).map(|n| seal(audit_record(n), &[])).collect()).await.unwrap();
    let records = store.export(1, 6).unwrap();
    records.map(|record| String::from_utf8(record.unwrap().payload().to_vec()).unwrap()).collect()
}

/// Publishes and answers what the verifier says in the end.
async fn verdict(
    broker: &AnyBroker,
    verifying: Verifying,
    messages: &[(&str, &str)],
) -> (Option<i32>, String) {
    let platform = platform(&broker.url()).await;
    for (leaf, payload) in messages {
        platform.send(leaf, (*payload).to_owned()).await.unwrap();
    }
    tokio::task::spawn_blocking(|| verifying.end()).await.unwrap()
}

async fn good_records_on_several_topics_are_good(broker: AnyBroker) {
    let verifying = Verifying::start(&broker, 6);
    let records = six(signer()).await;
    let mut messages: Vec<_> = records.iter().map(|record| ("passage", &**record)).collect();
    messages.insert(1, ("violation", &records[0]));
    messages.insert(2, ("evasion", &records[0]));
    let (code, text) = verdict(&broker, verifying, &messages).await;
    assert!(text.starts_with("6 records, sequence 1 to 6: all good"), "{text}");
    assert_eq!(code, Some(0));
}

/// What an hour or a day came to stands on a topic of its own, and nowhere else.
async fn a_record_on_any_topic_of_records_is_heard_and_leaves_no_gap(broker: AnyBroker) {
    let verifying = Verifying::start(&broker, 6);
    let records = six(signer()).await;
    let topics = ["violation", "evasion", "alarm", "passage", "reconciliation", "passage"];
    let messages: Vec<_> = topics.into_iter().zip(records.iter().map(|one| &**one)).collect();
    let (code, text) = verdict(&broker, verifying, &messages).await;
    assert!(text.starts_with("6 records, sequence 1 to 6: all good"), "{text}");
    assert_eq!(code, Some(0));
}

async fn whatever_is_wrong_is_named(broker: AnyBroker) {
    let verifying = Verifying::start(&broker, 5);
    let records = six(signer()).await;
    let altered = records[1].replacen("event 2", "event 7", 1);
    let foreign = six(Signer::from_seed(&[8; 32])).await;
    let messages = [
        ("passage", &*records[0]),
        ("passage", &altered),
        ("passage", &records[2]),
        ("passage", &records[2]),
        ("passage", &foreign[3]),
        ("passage", &records[5]),
    ];
    let (code, text) = verdict(&broker, verifying, &messages).await;
    assert_eq!(code, Some(1), "{text}");
    for words in [
        "sequence 2 (line 2): altered",
        "sequence 3 (line 4): duplicate",
        "sequence 4 (line 5): signed with key",
        "sequence 5: missing",
    ] {
        assert_eq!(text.matches(words).count(), 1, "{words} not once in {text}");
    }
}
