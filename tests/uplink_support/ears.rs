//! The platform's side of a test.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use wimd::sim::platform::{Access, Platform, Received};

use super::{LIMIT, SITE};

pub async fn platform(url: &str) -> Platform {
    Platform::connect(url, SITE).await.unwrap()
}

pub async fn confirming_platform(url: &str) -> Platform {
    Platform::connect_with(Access {
        url: url.into(),
        site: SITE.into(),
        login: None,
        filter: None,
        receipts: true,
    })
    .await
    .unwrap()
}

/// What is in a record's payload.
pub fn id_of(message: &Received) -> Option<String> {
    let value: serde_json::Value = serde_json::from_slice(&message.payload).ok()?;
    Some(value["record"]["id"].as_str()?.to_owned())
}

/// The next message, or `None` when `end` comes first. The site's state comes again and again: a
/// limit between two messages would never end.
pub async fn next_before(platform: &mut Platform, end: Instant) -> Option<Received> {
    platform.next(end.saturating_duration_since(Instant::now())).await
}

/// Listens until every id has come at least once; how often each has come.
pub async fn hear_all(platform: &mut Platform, ids: &[String]) -> BTreeMap<String, usize> {
    let mut missing: BTreeSet<String> = ids.iter().cloned().collect();
    let mut heard = BTreeMap::new();
    let end = Instant::now() + LIMIT;
    while !missing.is_empty() {
        let Some(message) = next_before(platform, end).await else {
            panic!("{} never came, such as {:?}", missing.len(), missing.first());
        };
        if let Some(id) = id_of(&message) {
            missing.remove(&id);
            *heard.entry(id).or_default() += 1;
        }
    }
    heard
}

/// Listens for the next message on this leaf.
pub async fn hear(platform: &mut Platform, leaf: &str) -> Received {
    let topic = format!("wim/v1/{SITE}/{leaf}");
    let end = Instant::now() + LIMIT;
    loop {
        let message = next_before(platform, end).await;
        let message = message.unwrap_or_else(|| panic!("nothing on {topic}"));
        if message.topic == topic {
            return message;
        }
    }
}

pub fn set(ids: &[String]) -> BTreeSet<String> {
    ids.iter().cloned().collect()
}
