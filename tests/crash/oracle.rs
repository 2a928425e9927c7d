//! Who has what: ids that the simulator issued, ids that were acknowledged to scale and camera,
//! ids that the platform has. Everything is compared as sets.

mod levels;

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;
use wimd::io::store::chain::verify::{Keys, Report, Verifier, check};
use wimd::io::store::{Proof, PublicKey};
use wimd::pipeline::pairing::PairingOutcome;
use wimd::pipeline::passage::PassageSource;
use wimd::pipeline::plate::PlateRead;
use wimd::pipeline::record::{Body, Gap, PassageRecord, Record};
use wimd::sim::platform::Received;
use wimd::sim::site::SimSite;
use wimd::sim::truth::channel_of;

use crate::fault_table::Toll;

pub(crate) use levels::Levels;

/// A vehicle of the scale or an event of a camera.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Id {
    Vehicle { boot_id: u32, number: u32 },
    Event(String),
}

impl Id {
    pub(crate) fn is_vehicle(&self) -> bool {
        matches!(self, Self::Vehicle { .. })
    }
}

/// A published payload.
#[derive(Deserialize)]
struct Published {
    record: Record,
    proof: Proof,
}

/// What the platform has.
#[derive(Debug, Default)]
pub(crate) struct Platform {
    /// Each record as it came first, by sequence.
    payloads: BTreeMap<u64, Bytes>,
    /// Records that name an id.
    of: BTreeMap<Id, BTreeSet<String>>,
    /// Sequence of each record.
    sequences: BTreeMap<String, u64>,
    /// The plates of each vehicle, as they are in truth.
    plates: BTreeMap<Id, [String; 2]>,
    /// Texts of the alarms, by name.
    pub(crate) alarms: BTreeMap<String, Vec<String>>,
    /// Values that are in force by audit events.
    pub(crate) audits: BTreeSet<String>,
    /// Hours and days that were reconciled.
    reconciliations: u64,
    /// Events of the controller that are told to be missing.
    pub(crate) gaps: Vec<Gap>,
    /// Records that came a second time under another sequence, as after damage.
    pub(crate) sealed_again: Vec<String>,
    /// Vehicles that were given the plate of another: at the speed of the simulated site a pause of
    /// the daemon is twenty times as long, and so is every error of the time exchange.
    pub(crate) wrong_plates: Vec<String>,
    /// Records that refer to another, by id and by sequence.
    referring: Vec<(String, String, Option<u64>)>,
    /// What contradicts another message or the truth.
    contradictions: Vec<String>,
}

impl Platform {
    /// One that knows what is true of that site, and has nothing yet.
    pub(crate) fn of(site: &SimSite) -> Self {
        let crossings = site.truth.crossings();
        let plates = site.truth.sources().iter().map(|(source, weighing)| {
            let truck = &crossings[weighing.crossing].truck;
            (vehicle(*source), [truck.plate.clone(), truck.rear_plate.clone()])
        });
        Self { plates: plates.collect(), ..Self::default() }
    }

    pub(crate) fn take(&mut self, message: &Received) {
        // reconciliations have a place in the chain like every other record
        if channel_of(&message.topic).is_none() && !message.topic.ends_with("/reconciliation") {
            return;
        }
        let Published { record, proof } =
            serde_json::from_slice(&message.payload).expect("a published record");
        let seq = proof.seq;
        match self.payloads.get(&seq) {
            Some(first) if *first == message.payload => return,
            Some(_) => return self.contradictions.push(format!("two records have sequence {seq}")),
            None => self.payloads.insert(seq, message.payload.clone()),
        };
        if let Some(other) = self.sequences.insert(record.id.clone(), seq) {
            self.sealed_again.push(format!("{} is {other} and {seq}", record.id));
        }
        for id in named(&record.body) {
            self.of.entry(id).or_default().insert(record.id.clone());
        }
        match record.body {
            Body::Alarm(alarm) => self.alarms.entry(alarm.name).or_default().push(alarm.text),
            Body::Audit(audit) => drop(self.audits.insert(audit.after)),
            Body::Gap(gap) => self.gaps.push(gap),
            Body::Reconciliation(_) => self.reconciliations += 1,
            Body::Passage(passage) => self.look_at_plates(&record.id, &passage),
            Body::Supplement(supplement) => self
                .referring
                .extend(supplement.refers_to.map(|id| (record.id, id, supplement.refers_to_seq))),
            _ => {}
        }
    }

    /// Whatever has happened, no vehicle is given the plate of another as its own.
    fn look_at_plates(&mut self, record: &str, passage: &PassageRecord) {
        let Some(own) = self.plates.get(&vehicle(passage.passage.source)) else {
            return;
        };
        let clear = passage.pairing.roles.iter().filter(|it| it.outcome == PairingOutcome::Paired);
        let chosen = clear.filter_map(|role| role.chosen.as_ref());
        for text in chosen.filter_map(|chosen| chosen.plate_read.plate.text.as_ref()) {
            if !own.contains(text) {
                let roles = &passage.pairing.roles;
                self.wrong_plates.push(format!("{record}: {text}, not {own:?}: {roles:?}"));
                let case = if passage.enforceable { ", and it is enforceable" } else { "" };
                self.contradictions
                    .push(format!("{record} has the plate {text}, not {own:?}{case}"));
            }
        }
    }

    /// Records that refer to another by an id and a sequence which are not of one record.
    fn astray(&self) -> Vec<&(String, String, Option<u64>)> {
        let is_of = |id: &str, seq: &u64| {
            let payload = self.payloads.get(seq);
            let whole = payload.map(|it| serde_json::from_slice::<Published>(it).expect("as came"));
            whole.is_some_and(|published| published.record.id == id)
        };
        let right = |seq: &Option<u64>, id: &str| seq.as_ref().is_some_and(|seq| is_of(id, seq));
        self.referring.iter().filter(|(_, id, seq)| !right(seq, id)).collect()
    }

    pub(crate) fn has(&self, id: &Id) -> bool {
        self.of.contains_key(id)
    }

    pub(crate) fn has_sequence(&self, seq: u64) -> bool {
        self.payloads.contains_key(&seq)
    }

    /// Ids of the records.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &String> {
        self.sequences.keys()
    }

    pub(crate) fn records(&self) -> u64 {
        self.payloads.len() as u64
    }

    /// Sequences up to that one of which there is no record.
    pub(crate) fn missing(&self, head: u64) -> Vec<u64> {
        (1..=head).filter(|seq| !self.has_sequence(*seq)).collect()
    }

    /// Ids of which more than one record tells, and those records.
    fn doubled(&self) -> impl Iterator<Item = String> {
        let doubled = self.of.iter().filter(|(_, records)| records.len() > 1);
        doubled.map(|(id, records)| {
            let records: Vec<_> = records.iter().map(|record| self.describe(record)).collect();
            format!("{id:?}: {}", records.join("; "))
        })
    }

    /// Sequence and kind of a record.
    fn describe(&self, record: &str) -> String {
        let seq = self.sequences[record];
        let whole: Value = serde_json::from_slice(&self.payloads[&seq]).expect("a record");
        let body = &whole["record"]["body"];
        let [kind, reason, refers_to] = ["kind", "reason", "refers_to"].map(|name| &body[name]);
        let at = &whole["record"]["occurred_at"];
        format!("{record} is {seq}, {kind} {reason} {refers_to}, occurred {at}")
    }

    /// Whether an id that was acknowledged is there, and whether it came back as new in the record
    /// of another id.
    pub(crate) fn toll(&self, id: &Id) -> Toll {
        let records = self.of.get(id).map_or(0, BTreeSet::len) as u64;
        Toll {
            acknowledged: 1,
            arrived: records.min(1),
            duplicated: records.saturating_sub(1),
            ..Toll::default()
        }
    }

    /// The chain as the platform can prove it.
    pub(crate) fn verify(&self, key: PublicKey) -> Report {
        let lines: Vec<_> = (1..).zip(self.payloads.values().map(|bytes| bytes.to_vec())).collect();
        let mut verifier = Verifier::new(false);
        verifier.absorb(check(&Keys::from_iter([key]), &lines));
        verifier.finish()
    }

    /// Id of the key that sealed the newest record.
    pub(crate) fn last_key(&self) -> Option<String> {
        let newest: Value = serde_json::from_slice(self.payloads.values().next_back()?).ok()?;
        newest["proof"]["key"].as_str().map(str::to_owned)
    }

    fn last_sequence(&self) -> u64 {
        self.payloads.keys().next_back().copied().unwrap_or_default()
    }
}

fn vehicle(source: PassageSource) -> Id {
    Id::Vehicle { boot_id: source.boot_id, number: source.vehicle }
}

/// Vehicle and camera events that a record stands for.
fn named(body: &Body) -> Vec<Id> {
    let event = |read: &PlateRead| read.source_id.clone().map(Id::Event);
    match body {
        Body::Passage(record) => {
            let chosen = record.pairing.roles.iter().filter_map(|role| role.chosen.as_ref());
            let events = chosen.filter_map(|chosen| event(&chosen.plate_read));
            std::iter::once(vehicle(record.passage.source)).chain(events).collect()
        }
        Body::Supplement(supplement) => event(&supplement.plate_read).into_iter().collect(),
        Body::Joint(_)
        | Body::Gap(_)
        | Body::CameraGap(_)
        | Body::Alarm(_)
        | Body::Audit(_)
        | Body::Calibration(_)
        | Body::Reconciliation(_)
        | Body::Eviction(_) => Vec::new(),
    }
}

/// What the invented site will send in all.
pub(crate) fn issued(site: &SimSite) -> BTreeSet<Id> {
    let vehicles = site.truth.sources().keys().map(|source| vehicle(*source));
    vehicles.chain(site.issued_events().into_iter().map(Id::Event)).collect()
}

/// What has been acknowledged to scale and cameras.
pub(crate) fn acknowledged(site: &mut SimSite) -> BTreeSet<Id> {
    let journal = site.controller.journal();
    let journal = journal.borrow();
    let done = journal.vehicles.iter().filter(|(_, played)| played.acknowledged);
    let vehicles = done.filter_map(|(number, played)| {
        played.boot_id.map(|boot_id| Id::Vehicle { boot_id, number: *number })
    });
    let vehicles: Vec<Id> = vehicles.collect();
    vehicles.into_iter().chain(site.acknowledged_events().into_iter().map(Id::Event)).collect()
}
