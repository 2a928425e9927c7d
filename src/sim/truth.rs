//! What is true of the invented traffic, and how far the platform's records agree with it.
//!
//! The truth decides, never the daemon's own output: each record is compared with the vehicle
//! that the simulated controller says it played under that number.

mod expected;

pub use expected::weighings;

use expected::{expected, expected_verdict, found, plate_mistakes, unsure};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

use super::traffic::Crossing;
use crate::io::uplink::topics::channel_name;
use crate::pipeline::assess::{Basis, Verdict};
use crate::pipeline::passage::PassageSource;
use crate::pipeline::record::{Body, Channel, PassageRecord, Record};
use crate::units::Lane;

/// The part of a published payload that the truth looks at.
#[derive(Debug, Deserialize)]
struct Payload {
    record: Record,
}

/// One vehicle as one lane of the scale weighs it: a straddler is two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Weighing {
    /// Number of the crossing.
    pub crossing: usize,
    /// The lane.
    pub lane: Lane,
}

/// The figures at the end of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Score {
    /// Vehicles that were played.
    pub vehicles: usize,
    /// Different passage records that arrived.
    pub records: usize,
    /// Weighings that are over their limit in truth.
    pub violations_expected: usize,
    /// Different records that arrived as violations.
    pub violations_received: usize,
    /// Messages that repeat another on the same topic.
    pub duplicates: usize,
    /// Weighings without a record.
    pub lost: usize,
    /// Records that say anything untrue, and records of vehicles that never were.
    pub wrong: usize,
}

impl Score {
    /// Nothing lost, nothing wrong, every violation there.
    pub fn is_perfect(&self) -> bool {
        self.lost == 0 && self.wrong == 0 && self.violations_expected == self.violations_received
    }
}

/// Compares what arrives with what is true.
#[derive(Debug)]
pub struct Truth {
    crossings: Vec<Crossing>,
    played: BTreeMap<PassageSource, Weighing>,
    seen: BTreeSet<(Channel, String)>,
    settled: BTreeMap<Weighing, String>,
    violations: BTreeSet<String>,
    duplicates: usize,
    mistakes: BTreeMap<String, Vec<String>>,
    unsure: usize,
}

/// The channel of a topic such as `wim/v1/SITE/violation`; `None` for other topics.
pub fn channel_of(topic: &str) -> Option<Channel> {
    let leaf = topic.rsplit('/').next()?;
    [Channel::Violation, Channel::Evasion, Channel::Alarm, Channel::Passage]
        .into_iter()
        .find(|channel| channel_name(*channel) == leaf)
}

/// What a message turned out to be.
#[derive(Debug)]
pub enum Arrived {
    /// The first message of this passage record.
    New(Weighing, Box<Record>),
    /// The same record on a topic, again or on another topic.
    Known,
    /// A record without a weighed vehicle.
    Other,
}

impl Truth {
    /// Nothing has been played or received yet.
    pub fn of(crossings: Vec<Crossing>) -> Self {
        Self {
            crossings,
            played: BTreeMap::new(),
            seen: BTreeSet::new(),
            settled: BTreeMap::new(),
            violations: BTreeSet::new(),
            duplicates: 0,
            mistakes: BTreeMap::new(),
            unsure: 0,
        }
    }

    /// The crossings it knows.
    pub fn crossings(&self) -> &[Crossing] {
        &self.crossings
    }

    /// The controller has played this weighing under that number.
    pub fn played(&mut self, source: PassageSource, weighing: Weighing) {
        self.played.insert(source, weighing);
    }

    /// Every weighing by the number under which it was played.
    pub fn sources(&self) -> &BTreeMap<PassageSource, Weighing> {
        &self.played
    }

    /// Every weighing that must come to be known.
    pub fn weighings(&self) -> BTreeSet<Weighing> {
        self.crossings.iter().flat_map(weighings).collect()
    }

    /// Whether each weighing has a record and each violation has arrived.
    pub fn is_complete(&self) -> bool {
        let expected = self.weighings();
        self.settled.len() >= expected.len()
            && self.violations.len() >= self.expected_violations().len()
    }

    /// Takes one message of the platform's subscriber.
    pub fn received(&mut self, channel: Channel, payload: &[u8]) -> Arrived {
        let record = match serde_json::from_slice::<Payload>(payload) {
            Ok(payload) => payload.record,
            Err(error) => {
                self.mistake("(unreadable)", error.to_string());
                return Arrived::Other;
            }
        };
        if !self.seen.insert((channel, record.id.clone())) {
            self.duplicates += 1;
            return Arrived::Known;
        }
        if channel == Channel::Violation && is_over_on_gross_mass(&record.body) {
            self.violations.insert(record.id.clone());
        }
        let Body::Passage(body) = &record.body else {
            return Arrived::Other;
        };
        let Some(weighing) = self.played.get(&body.passage.source).copied() else {
            self.mistake(&record.id, "no such vehicle was played".into());
            return Arrived::Other;
        };
        if let Some(known) = self.settled.get(&weighing) {
            if *known != record.id {
                self.mistake(&record.id, format!("second record of a vehicle, after {known}"));
            }
            return Arrived::Known;
        }
        self.settled.insert(weighing, record.id.clone());
        self.unsure += usize::from(unsure(body));
        for mistake in self.compare(weighing, body) {
            self.mistake(&record.id, mistake);
        }
        Arrived::New(weighing, Box::new(record))
    }

    /// The figures so far.
    pub fn score(&self) -> Score {
        let expected = self.weighings();
        let settled: BTreeSet<_> = self.settled.keys().copied().collect();
        Score {
            vehicles: self.crossings.len(),
            records: self.settled.len(),
            violations_expected: self.expected_violations().len(),
            violations_received: self.violations.len(),
            duplicates: self.duplicates,
            lost: expected.difference(&settled).count(),
            wrong: self.mistakes.len(),
        }
    }

    /// What was wrong, by record id.
    pub fn mistakes(&self) -> &BTreeMap<String, Vec<String>> {
        &self.mistakes
    }

    /// Records of which the pairing was left open because a camera's clock was not learnt.
    pub fn unsure(&self) -> usize {
        self.unsure
    }

    fn mistake(&mut self, id: &str, what: String) {
        self.mistakes.entry(id.to_owned()).or_default().push(what);
    }

    fn expected_violations(&self) -> BTreeSet<Weighing> {
        let over = |crossing: &&Crossing| expected_verdict(crossing) == Verdict::Overload;
        self.crossings.iter().filter(over).flat_map(weighings).collect()
    }

    fn compare(&self, weighing: Weighing, body: &PassageRecord) -> Vec<String> {
        let Some(crossing) = self.crossings.get(weighing.crossing) else {
            return Vec::new();
        };
        let mut mistakes = Vec::new();
        if body.passage.lane != weighing.lane {
            mistakes.push(format!("lane {} instead of {}", body.passage.lane, weighing.lane));
        }
        let (got, want) = (found(body), expected(crossing, weighing.lane));
        if got != want {
            mistakes.push(format!("weighed as {got:?} instead of {want:?}"));
        }
        mistakes.extend(plate_mistakes(crossing, weighing, body));
        mistakes
    }
}

/// Overloads are counted by their gross mass; a violation of an axle group only is none of them.
fn is_over_on_gross_mass(body: &Body) -> bool {
    matches!(body, Body::Passage(record) if record.assessment.basis == Some(Basis::GrossMass))
}
