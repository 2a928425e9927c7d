//! One sealed record judged again.

use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::law::Law;
use super::source::Sealed;
use crate::io::scale::rebuild;
use crate::io::store::chain::canonical;
use crate::pipeline::assess::{Step, certificate_obstacle};
use crate::pipeline::limits::Day;
use crate::pipeline::passage::Passage;
use crate::pipeline::record::{
    Body, PassageRecord, Provenance, RECORD_VERSION, Record, Unenforceable, judge_again,
};

/// What came of a record.
pub(super) enum Found {
    /// It is about no weighed vehicle; its bytes read back as they are.
    NoVehicle,
    /// The same to the byte.
    Same {
        /// Whether the measurement was rebuilt from raw frames.
        from_frames: bool,
    },
    /// Another version of the record's shape: nothing here can write it again to the byte.
    OtherVersion(Made),
    /// It does not come out as it was sealed, under the law that made it.
    Different(String),
    /// Another law makes something else of it.
    Changed(Box<Change>),
}

/// Who made a record, which every version of its shape tells.
#[derive(Debug, Deserialize)]
pub(super) struct Made {
    pub(super) version: u16,
    pub(super) provenance: Provenance,
}

/// What another law changes.
pub(super) struct Change {
    pub(super) id: String,
    pub(super) before: PassageRecord,
    pub(super) after: PassageRecord,
    /// Whether verdict, basis or enforceability change, and not only figures.
    pub(super) of_verdict: bool,
    /// Why, in order.
    pub(super) why: Vec<String>,
}

pub(super) fn again(sealed: &Sealed, law: &Law) -> Found {
    judge(sealed, law).unwrap_or_else(Found::Different)
}

fn judge(sealed: &Sealed, law: &Law) -> Result<Found, String> {
    let json = sealed.json.as_ref().map_err(String::clone)?;
    let made = made_by(json)?;
    if made.version != RECORD_VERSION {
        return Ok(Found::OtherVersion(made));
    }
    let record: Record = serde_json::from_slice(json)
        .map_err(|error| format!("this version cannot read the record: {error}"))?;
    let Body::Passage(before) = &record.body else {
        return same(json, &record).map(|()| Found::NoVehicle);
    };
    let measured = measured(&sealed.raw, &before.passage)?;
    let mut passage = measured.clone();
    if let Some(noon) = law.day.and_then(Day::noon) {
        passage.began_at = noon;
    }
    let lane = law.lane(passage.lane);
    let mut after = judge_again(before, passage, &law.profile, lane);
    after.passage = measured;
    certify(&mut after);
    if !law.is_other() {
        let body = Body::Passage(Box::new(after));
        same(json, &Record { body, ..record })?;
        return Ok(Found::Same { from_frames: !sealed.raw.is_empty() });
    }
    if after == **before {
        return Ok(Found::Same { from_frames: !sealed.raw.is_empty() });
    }
    let before = (**before).clone();
    Ok(Found::Changed(Box::new(change(record.id, before, after))))
}

/// The law is that of another day perhaps, the certificate is that of the measurement.
fn certify(record: &mut PassageRecord) {
    let is_other = |reason: &Unenforceable| {
        !matches!(reason, Unenforceable::NoCertificate | Unenforceable::CertificateExpired)
    };
    record.unenforceable.retain(is_other);
    record.unenforceable.extend(certificate_obstacle(&record.passage, &record.assessment));
    record.unenforceable.sort_unstable();
    record.enforceable = record.unenforceable.is_empty();
}

fn made_by(json: &[u8]) -> Result<Made, String> {
    serde_json::from_slice(json).map_err(|error| format!("this is no record: {error}"))
}

/// The measurement that the raw frames hold, which must be the sealed one; where no frames are
/// kept, the sealed one.
fn measured(raw: &[u8], known: &Passage) -> Result<Passage, String> {
    if raw.is_empty() {
        return Ok(known.clone());
    }
    let digest = hex::encode(Sha256::digest(raw));
    if digest != known.raw_sha256 {
        return Err(format!("the raw frames have the digest {digest}, not {}", known.raw_sha256));
    }
    let rebuilt = rebuild(raw, known).map_err(|error| error.to_string())?;
    if rebuilt == *known {
        return Ok(rebuilt);
    }
    let of = |passage: &Passage| serde_json::to_value(passage).unwrap_or_default();
    let what = first_difference("/passage", &of(known), &of(&rebuilt)).unwrap_or_default();
    Err(format!("the raw frames say otherwise: {what}"))
}

fn same(sealed: &[u8], record: &Record) -> Result<(), String> {
    let bytes = canonical(record).map_err(|error| error.to_string())?;
    if bytes == sealed {
        return Ok(());
    }
    let value = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap_or_default();
    let what = first_difference("", &value(sealed), &value(&bytes));
    Err(what.unwrap_or_else(|| "the sealed bytes are not canonical JSON".to_owned()))
}

/// JSON pointer and both values of the first place where two texts differ.
fn first_difference(at: &str, sealed: &Value, again: &Value) -> Option<String> {
    match (sealed, again) {
        (Value::Object(left), Value::Object(right)) => {
            let keys = left.keys().chain(right.keys().filter(|key| !left.contains_key(*key)));
            let null = Value::Null;
            let mut places = keys.map(|key| {
                let (left, right) = (left.get(key), right.get(key));
                let at = format!("{at}/{key}");
                first_difference(&at, left.unwrap_or(&null), right.unwrap_or(&null))
            });
            places.find_map(|found| found)
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            let mut places = left.iter().zip(right).enumerate();
            places.find_map(|(index, (l, r))| first_difference(&format!("{at}/{index}"), l, r))
        }
        _ if sealed == again => None,
        _ => Some(format!("{at} is sealed as {sealed}, and comes out as {again}")),
    }
}

fn change(id: String, before: PassageRecord, after: PassageRecord) -> Change {
    let (old, new) = (&before.assessment, &after.assessment);
    let of_verdict = old.verdict != new.verdict
        || old.basis != new.basis
        || before.enforceable != after.enforceable;
    let mut why = Vec::new();
    if old.table != new.table || old.table_sha256 != new.table_sha256 {
        let name = |table: &str, digest: &str| match (table, digest.get(..8)) {
            ("", _) | (_, None) => "no table".to_owned(),
            (table, Some(digest)) => format!("table {table} ({digest})"),
        };
        let (was, is) = (name(&old.table, &old.table_sha256), name(&new.table, &new.table_sha256));
        why.push(format!("{is} is in force in place of {was}"));
    }
    if (old.limit_kg, &old.limit_id) != (new.limit_kg, &new.limit_id) {
        why.push(format!("the limit is {}, was {}", limit(&after), limit(&before)));
    }
    if old.most_favourable_kg != new.most_favourable_kg {
        let text = |mass: Option<_>| {
            mass.map_or("none".to_owned(), |m: crate::units::Kilograms| m.to_string())
        };
        why.push(format!(
            "the most favourable reading allows {}, was {}",
            text(new.most_favourable_kg),
            text(old.most_favourable_kg)
        ));
    }
    if old.axle_overload != new.axle_overload {
        let what = if new.axle_overload { "an axle group is" } else { "no axle group is" };
        why.push(format!("{what} over its limit now"));
    }
    if before.unenforceable != after.unenforceable {
        let list = |record: &PassageRecord| {
            let names = record.unenforceable.iter().map(name);
            let names: Vec<String> = names.collect();
            if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
        };
        why.push(format!("against a case stands {}, was {}", list(&after), list(&before)));
    }
    if new.not_assessable != old.not_assessable {
        let names: Vec<String> = new.not_assessable.iter().map(name).collect();
        why.push(format!("no verdict is possible: {}", names.join(", ")));
    }
    if why.is_empty() {
        why.extend(first_step(&old.derivation, &new.derivation));
    }
    Change { id, before, after, of_verdict, why }
}

fn limit(record: &PassageRecord) -> String {
    match (record.assessment.limit_kg, &record.assessment.limit_id) {
        (Some(limit), Some(id)) => format!("{limit} ({id})"),
        _ => "none".to_owned(),
    }
}

/// The first step of the derivation that is another one.
fn first_step(old: &[Step], new: &[Step]) -> Option<String> {
    let differing = new.iter().find(|step| !old.contains(step))?;
    let text = serde_json::to_string(differing).ok()?;
    Some(format!("the derivation now has the step {text}"))
}

/// A name as the record writes it.
pub(super) fn name<T: serde::Serialize>(value: &T) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}
