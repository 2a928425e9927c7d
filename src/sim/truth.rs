//! What is true of the invented traffic, and how far the platform's records agree with it.
//!
//! The truth decides, never the daemon's own output: each record is compared with the vehicle
//! that the simulated controller says it played under that number.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

use super::traffic::{Crossing, Incident, Sight};
use crate::io::uplink::topics::channel_name;
use crate::pipeline::assess::Verdict;
use crate::pipeline::evasion::EvasionKind;
use crate::pipeline::pairing::PairingOutcome;
use crate::pipeline::passage::{Direction, PassageSource};
use crate::pipeline::record::{Body, Channel, PassageRecord, Record};
use crate::units::{Kilograms, Lane, Millimetres};

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

/// What must be in the record of a weighing.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Expected {
    loads: Vec<Option<Kilograms>>,
    spacings: Vec<Option<Millimetres>>,
    direction: Direction,
    verdict: Verdict,
    excess: Option<Kilograms>,
    evasion: BTreeSet<EvasionKind>,
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
}

/// The channel of a topic such as `wim/v1/SITE/violation`; `None` for other topics.
pub fn channel_of(topic: &str) -> Option<Channel> {
    let leaf = topic.rsplit('/').next()?;
    [
        Channel::Violation,
        Channel::Evasion,
        Channel::Alarm,
        Channel::Passage,
    ]
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
        if channel == Channel::Violation {
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
                self.mistake(
                    &record.id,
                    format!("second record of a vehicle, after {known}"),
                );
            }
            return Arrived::Known;
        }
        self.settled.insert(weighing, record.id.clone());
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

    fn mistake(&mut self, id: &str, what: String) {
        self.mistakes.entry(id.to_owned()).or_default().push(what);
    }

    fn expected_violations(&self) -> BTreeSet<Weighing> {
        let over = |crossing: &&Crossing| expected_verdict(crossing) == Verdict::Overload;
        self.crossings
            .iter()
            .filter(over)
            .flat_map(weighings)
            .collect()
    }

    fn compare(&self, weighing: Weighing, body: &PassageRecord) -> Vec<String> {
        let Some(crossing) = self.crossings.get(weighing.crossing) else {
            return Vec::new();
        };
        let mut mistakes = Vec::new();
        if body.passage.lane != weighing.lane {
            mistakes.push(format!(
                "lane {} instead of {}",
                body.passage.lane, weighing.lane
            ));
        }
        let (got, want) = (found(body), expected(crossing, weighing.lane));
        if got != want {
            mistakes.push(format!("weighed as {got:?} instead of {want:?}"));
        }
        mistakes.extend(plate_mistakes(crossing, weighing, body));
        mistakes
    }
}

/// The weighings of one crossing.
pub fn weighings(crossing: &Crossing) -> Vec<Weighing> {
    let weighing = |lane| Weighing {
        crossing: crossing.number,
        lane,
    };
    match crossing.incident {
        Incident::Straddling => super::traffic::LANES.map(weighing).to_vec(),
        Incident::None | Incident::WrongWay => vec![weighing(crossing.lane)],
    }
}

fn expected_verdict(crossing: &Crossing) -> Verdict {
    match crossing.incident {
        Incident::Straddling => Verdict::NotAssessable,
        _ if crossing.truck.excess() > Kilograms(0) => Verdict::Overload,
        _ => Verdict::Compliant,
    }
}

fn expected(crossing: &Crossing, lane: Lane) -> Expected {
    let truck = &crossing.truck;
    let straddling = crossing.incident == Incident::Straddling;
    let load = |axle: &super::truck::TruckAxle| match (straddling, lane == crossing.lane) {
        (false, _) => axle.load(),
        (true, true) => axle.left,
        (true, false) => axle.right,
    };
    let mut evasion = BTreeSet::new();
    match crossing.incident {
        Incident::Straddling => evasion.insert(EvasionKind::Straddling),
        Incident::WrongWay => evasion.insert(EvasionKind::WrongWay),
        Incident::None => false,
    };
    if crossing
        .views
        .iter()
        .any(|view| view.sight == Sight::NoPlate)
    {
        evasion.insert(EvasionKind::AbsentPlate);
    }
    Expected {
        loads: truck.axles.iter().map(|axle| Some(load(axle))).collect(),
        spacings: truck.spacings.iter().copied().map(Some).collect(),
        direction: match crossing.incident {
            Incident::WrongWay => Direction::AgainstTraffic,
            Incident::None | Incident::Straddling => Direction::WithTraffic,
        },
        verdict: expected_verdict(crossing),
        excess: (!straddling).then(|| truck.excess()),
        evasion,
    }
}

fn found(body: &PassageRecord) -> Expected {
    let verdict = body.assessment.verdict;
    let judged = verdict != Verdict::NotAssessable;
    Expected {
        loads: body.passage.axles.iter().map(|axle| axle.load_kg).collect(),
        spacings: body
            .passage
            .axles
            .iter()
            .skip(1)
            .map(|axle| axle.spacing_mm)
            .collect(),
        direction: body.passage.direction,
        verdict,
        excess: if judged {
            body.assessment.excess_kg
        } else {
            None
        },
        evasion: body.evasion.iter().map(|sign| sign.kind).collect(),
    }
}

/// A plate of another vehicle is always wrong. A missing one is wrong when a camera sent the
/// event live and nothing unusual happened: of straddlers and wrong-way drivers it may be missing.
fn plate_mistakes(crossing: &Crossing, weighing: Weighing, body: &PassageRecord) -> Vec<String> {
    let truck = &crossing.truck;
    let own = [truck.plate.as_str(), truck.rear_plate.as_str()];
    let mut mistakes = Vec::new();
    for role in &body.pairing.roles {
        let text = role
            .chosen
            .as_ref()
            .and_then(|chosen| chosen.plate_read.plate.text.as_deref());
        match text {
            Some(text) if !own.contains(&text) => {
                mistakes.push(format!("plate {text} of another vehicle, own {own:?}"));
            }
            _ => {}
        }
    }
    let live = |sight| matches!(sight, Sight::Read | Sight::NoPlate);
    let due = crossing.incident == Incident::None
        && weighing.lane == crossing.lane
        && crossing.views.iter().any(|view| live(view.sight));
    if due && body.pairing.outcome != PairingOutcome::Paired {
        mistakes.push(format!(
            "{:?} although a camera sent its plate",
            body.pairing.outcome
        ));
    }
    mistakes
}
