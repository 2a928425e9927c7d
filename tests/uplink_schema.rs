//! The committed contract is the one of the types, and what is published keeps it.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod uplink_support;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant;

use jsonschema::Validator;
use serde_json::{Value, json};
use uplink_support::*;
use wimd::command::schema::documents;
use wimd::io::uplink::receipt::Receipt;
use wimd::io::uplink::schema::Document;
use wimd::pipeline::Action;
use wimd::pipeline::record::Gap;
use wimd::units::Kilograms;

fn document(path: &str) -> Document {
    let mut documents = documents().into_iter();
    documents.find(|document| document.path == path).unwrap()
}

fn validator(path: &str) -> Validator {
    jsonschema::validator_for(&document(path).json).unwrap()
}

fn assert_keeps(validator: &Validator, value: &Value) {
    let errors: Vec<String> = validator
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}\n{value:#}");
}

#[test]
fn the_committed_documents_are_those_of_the_types() {
    let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy");
    for document in documents() {
        let committed = std::fs::read_to_string(deploy.join(document.path)).unwrap_or_default();
        assert_eq!(
            committed,
            document.text(),
            "{} is not current: `cargo run -- schema --out deploy`",
            document.path
        );
    }
}

#[test]
fn every_schema_is_a_valid_schema() {
    for name in ["record", "status", "receipt", "request", "response", "neutral-plate"] {
        let document = document(&format!("schema/{name}.json"));
        assert!(jsonschema::meta::is_valid(&document.json), "{name}");
    }
}

fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str));
            fields.values().for_each(|inner| references(inner, found));
        }
        Value::Array(items) => items.iter().for_each(|inner| references(inner, found)),
        _ => {}
    }
}

#[test]
fn every_reference_of_the_asyncapi_document_leads_somewhere() {
    let asyncapi = document("asyncapi.json").json;
    let mut found = Vec::new();
    references(&asyncapi, &mut found);
    assert!(found.len() > 10);
    for reference in found {
        match reference.strip_prefix('#') {
            Some(pointer) => assert!(asyncapi.pointer(pointer).is_some(), "{reference}"),
            None => drop(document(reference)),
        }
    }
}

/// Every `const` below the key `kind`: what a body may be.
fn kinds<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(fields) => {
            let kind = fields.get("kind").and_then(|kind| kind["const"].as_str());
            found.extend(kind);
            fields.values().for_each(|inner| kinds(inner, found));
        }
        Value::Array(items) => items.iter().for_each(|inner| kinds(inner, found)),
        _ => {}
    }
}

#[test]
fn the_readme_names_every_topic_and_every_kind_of_record() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let (asyncapi, record) = (document("asyncapi.json").json, document("schema/record.json").json);
    let channels = asyncapi["channels"].as_object().unwrap().values();
    let topics = channels.map(|channel| channel["address"].as_str().unwrap());
    let mut bodies = Vec::new();
    kinds(&record["definitions"]["Body"], &mut bodies);
    assert_eq!(bodies.len(), 10, "{bodies:?}");
    let missing: Vec<&str> =
        topics.chain(bodies).filter(|name| !readme.contains(&format!("\n| `{name}` | "))).collect();
    assert_eq!(missing, Vec::<&str>::new());
}

/// Names of alarms in a readme, from the first cells of its table.
fn alarms_of(readme: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(readme)).unwrap();
    let starts = ["| Alarm |", "| 报警 |"];
    let table = text.lines().skip_while(|line| !starts.iter().any(|it| line.starts_with(it)));
    let rows = table.skip(2).take_while(|line| line.starts_with('|'));
    let cells = rows.filter_map(|row| row.split('|').nth(1));
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

/// Names that the sources give to alarms: of the store, the scale, cameras and what is set aside.
fn alarms_of_the_sources() -> BTreeSet<String> {
    let files = [
        "io/store/found.rs",
        "io/store/prepare.rs",
        "io/store/inspection/judgement.rs",
        "io/store/writer/full.rs",
        "io/store/writer/reconcile.rs",
        "io/uplink/connection/asides.rs",
        "io/camera/supervision.rs",
        "pipeline/watch.rs",
    ];
    let subjects = ["store_", "ledger_", "record_", "outbox_", "camera_", "scale_"];
    let is_name = |text: &&str| {
        let plain = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        plain && subjects.iter().any(|subject| text.starts_with(subject))
    };
    let read = |file| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file);
        std::fs::read_to_string(path).unwrap()
    };
    let names = |text: String| -> Vec<String> {
        text.split('"').skip(1).step_by(2).filter(is_name).map(str::to_owned).collect()
    };
    files.into_iter().map(read).flat_map(names).collect()
}

#[test]
fn both_readmes_tell_what_each_alarm_means() {
    let named = alarms_of_the_sources();
    assert!(named.len() >= 15, "{named:?}");
    assert_eq!((alarms_of("README.md"), alarms_of("README.zh-CN.md")), (named.clone(), named));
}

#[tokio::test]
async fn every_published_record_and_state_keeps_its_schema() {
    let broker = embedded().unwrap();
    let mut platform = platform(&broker.url()).await;
    let mut rig = Rig::new(&broker.url());
    let gap = wimd::pipeline::record::Body::Gap(Gap {
        controller: 1,
        boot_id: 7,
        first_sequence: 3,
        last_sequence: None,
        reason: "the controller restarted".into(),
    });
    let picture = rig.picture("a.jpg", b"jpeg");
    let mut ids = rig.seal(vec![alarm("a"), ordinary("b"), gap, sighting(vec![picture])]).await;
    let seals = judged(six_axles(Kilograms(12_000)));
    ids.extend(seals.iter().map(|seal| seal.record.id.clone()));
    assert_eq!(ids.len(), 5);
    let actions = seals.into_iter().map(|seal| Action::Seal(Box::new(seal)));
    rig.store.commit(actions.collect()).await.unwrap();
    rig.start();

    let (records, states) = (validator("schema/record.json"), validator("schema/status.json"));
    let mut topics = Vec::new();
    let mut missing = set(&ids);
    let end = Instant::now() + LIMIT;
    while !missing.is_empty() {
        let message = next_before(&mut platform, end).await.unwrap();
        let Ok(value) = serde_json::from_slice(&message.payload) else {
            continue;
        };
        match id_of(&message) {
            Some(id) => {
                assert_keeps(&records, &value);
                missing.remove(&id);
                topics.push(message.topic);
            }
            None => assert_keeps(&states, &value),
        }
    }
    assert!(topics.contains(&format!("wim/v1/{SITE}/violation")));
    rig.until_drained().await;
    rig.stop().await;
    let stopped = hear(&mut platform, "status").await;
    assert_keeps(&states, &serde_json::from_slice(&stopped.payload).unwrap());
}

#[tokio::test]
async fn a_changed_record_does_not_keep_the_schema() {
    let broker = embedded().unwrap();
    let mut platform = platform(&broker.url()).await;
    let mut rig = Rig::new(&broker.url());
    rig.seal(vec![alarm("a")]).await;
    rig.start();
    let message = hear(&mut platform, "alarm").await;
    let good: Value = serde_json::from_slice(&message.payload).unwrap();
    let records = validator("schema/record.json");
    assert_keeps(&records, &good);
    for (pointer, wrong) in [
        ("/proof/seq", json!("1")),
        ("/proof/sig", json!("00")),
        ("/record/id", json!(7)),
        ("/record/body/kind", json!("other")),
        ("/record/body/text", Value::Null),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = wrong;
        assert!(!records.is_valid(&bad), "{pointer}");
    }
}

#[test]
fn the_schema_of_receipts_takes_what_the_site_takes() {
    let receipts = validator("schema/receipt.json");
    for text in [r#"{"up_to":3}"#, r#"{"seqs":[1,2]}"#, r#"{"ranges":[[1,2]],"up_to":0}"#] {
        assert!(Receipt::parse(text.as_bytes()).is_ok(), "{text}");
        assert_keeps(&receipts, &serde_json::from_str(text).unwrap());
    }
    for text in [r#"{"up_to":-1}"#, "[4]", r#"{"upto":4}"#, r#"{"ranges":[[1]]}"#] {
        assert!(Receipt::parse(text.as_bytes()).is_err(), "{text}");
        assert!(!receipts.is_valid(&serde_json::from_str(text).unwrap()), "{text}");
    }
}
