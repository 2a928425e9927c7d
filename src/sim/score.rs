//! How many vehicles have their own plate: records compared with the truth of the simulator.
//!
//! In: groups of vehicles as they truly were, and records. Out: figures. It asks the simulator
//! alone what is true, never the pipeline. A group is one vehicle, or two that drive nose to tail
//! and were weighed as one.
//!
//! A group is *pairable* when the scale reported it and a camera sent an event of it live. It is
//! *wrong* when one of its records has a clear pairing with an event of somebody else; else
//! *correct* when one of them is clearly paired, *ambiguous* when one is, and otherwise
//! *unpaired*.

mod baseline;
mod figures;
mod play;
mod truth;

pub use figures::{Figures, Rate};
pub use play::{Played, play};
pub use truth::Group;

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::Timestamp;
use crate::pipeline::evasion::EvasionKind;
use crate::pipeline::pairing::{PairingOutcome, RolePairing};
use crate::pipeline::passage::PassageSource;
use crate::pipeline::record::{Body, PassageRecord, Record, SupplementReason};
use crate::units::Micros;

/// Everything about a vehicle has been said so long after it came: the longest window, the longest
/// wait at the scale and an hour's worth of nothing else.
const SETTLED_AFTER: Micros = Micros::from_secs(180);

/// What the records have said of one group so far.
#[derive(Clone, Debug)]
struct Open {
    group: Group,
    seen: BTreeSet<PassageSource>,
    foreign: bool,
    outcomes: BTreeSet<u8>,
    signs: BTreeSet<EvasionKind>,
}

/// Compares as records come; holds only groups that are still talked about.
#[derive(Clone, Debug, Default)]
pub struct Score {
    open: BTreeMap<u64, Open>,
    whose: BTreeMap<PassageSource, u64>,
    figures: Figures,
    remarks: Vec<String>,
}

impl Score {
    /// These vehicles come.
    pub fn expect(&mut self, group: Group) {
        self.figures.vehicles += u64::try_from(group.plates.len()).unwrap_or(1);
        self.whose.extend(group.passages.iter().map(|source| (*source, group.number)));
        let open = Open {
            seen: BTreeSet::new(),
            foreign: false,
            outcomes: BTreeSet::new(),
            signs: BTreeSet::new(),
            group,
        };
        self.open.insert(open.group.number, open);
    }

    /// A record was sealed.
    pub fn record(&mut self, record: &Record) {
        match &record.body {
            Body::Passage(passage) => self.passage(passage),
            Body::Supplement(supplement) => {
                let event = supplement.plate_read.source_id.as_deref();
                let open = event.and_then(group_of).and_then(|group| self.open.get_mut(&group));
                if let Some(open) = open {
                    open.signs.extend(supplement.evasion.iter().map(|sign| sign.kind));
                    if supplement.reason == SupplementReason::Late
                        && !open.group.passages.is_empty()
                    {
                        self.figures
                            .note_late(open.group.has_record(supplement.refers_to.as_deref()));
                    }
                }
            }
            Body::Joint(_)
            | Body::Gap(_)
            | Body::CameraGap(_)
            | Body::Alarm(_)
            | Body::Audit(_)
            | Body::Calibration(_)
            | Body::Reconciliation(_)
            | Body::Eviction(_) => {}
        }
    }

    fn passage(&mut self, record: &PassageRecord) {
        let source = record.passage.source;
        let group = self.whose.get(&source).copied();
        let Some(open) = group.and_then(|group| self.open.get_mut(&group)) else {
            self.figures.unknown += 1;
            return;
        };
        if !open.seen.insert(source) {
            self.figures.unknown += 1;
            return;
        }
        let own = open.group.number;
        let strangers = record.pairing.roles.iter().filter(|role| is_strangers(role, own));
        let strange = strangers.count();
        if strange > 0 {
            open.foreign = true;
        }
        open.outcomes.insert(rank(record.pairing.outcome));
        open.signs.extend(record.evasion.iter().map(|sign| sign.kind));
        if record.enforceable {
            let plate = record.pairing.plate.as_deref();
            let right = plate.is_some_and(|plate| open.group.is_plate(plate));
            self.figures.enforceable += 1;
            self.figures.enforceable_wrong_plate += u64::from(!right || strange > 0);
            self.figures.enforceable_misread += u64::from(!right && strange == 0);
            self.figures.enforceable_not_whole += u64::from(!open.group.whole);
        }
        let left_open = record.pairing.outcome == PairingOutcome::Ambiguous;
        if strange > 0 || left_open || record.enforceable && !open.group.whole {
            self.remarks.push(remark(&open.group, record));
        }
    }

    /// Nothing more will be said of what came long before.
    pub fn pass(&mut self, now: Timestamp) {
        while let Some(first) = self.open.first_entry() {
            if first.get().group.began_at + SETTLED_AFTER > now {
                return;
            }
            let open = first.remove();
            self.settle(&open);
        }
    }

    /// Nothing more will be said at all.
    pub fn finish(mut self) -> (Figures, Vec<String>) {
        while let Some((_, open)) = self.open.pop_first() {
            self.settle(&open);
        }
        (self.figures, self.remarks)
    }

    fn settle(&mut self, open: &Open) {
        for source in &open.group.passages {
            self.whose.remove(source);
        }
        let lost = open.group.passages.len() - open.seen.len();
        self.figures.lost += u64::try_from(lost).unwrap_or(1);
        self.figures.note_signs(&open.group.evasion, &open.signs);
        if open.group.evasion != open.signs {
            self.remarks.push(format!(
                "group {} ({}): signs {:?} instead of {:?}",
                open.group.number, open.group.incident, open.signs, open.group.evasion
            ));
        }
        let pairable = open.group.live_events > 0 && !open.group.passages.is_empty();
        self.figures.pairable += u64::from(pairable);
        if open.foreign {
            self.figures.wrong += 1;
        } else if pairable {
            let best = open.outcomes.last().copied();
            if best == Some(rank(PairingOutcome::Paired)) {
                self.figures.correct += 1;
            } else if best == Some(rank(PairingOutcome::Ambiguous)) {
                self.figures.ambiguous += 1;
            } else {
                self.figures.unpaired += 1;
            }
        }
    }
}

fn rank(outcome: PairingOutcome) -> u8 {
    match outcome {
        PairingOutcome::Unpaired => 0,
        PairingOutcome::Ambiguous => 1,
        PairingOutcome::Paired => 2,
    }
}

/// A clear pairing with an event that somebody else caused.
fn is_strangers(role: &RolePairing, own: u64) -> bool {
    role.outcome == PairingOutcome::Paired
        && role.chosen.as_ref().is_some_and(|chosen| {
            chosen.plate_read.source_id.as_deref().and_then(group_of) != Some(own)
        })
}

/// The simulated cameras write the group into the id of each event.
fn group_of(event: &str) -> Option<u64> {
    event.strip_prefix('g')?.split('-').next()?.parse().ok()
}

fn remark(group: &Group, record: &PassageRecord) -> String {
    let roles = record.pairing.roles.iter().map(|role| {
        let chosen = role.chosen.as_ref().map(|chosen| {
            (chosen.plate_read.source_id.clone(), chosen.cost, chosen.residual_us, chosen.margin)
        });
        format!("{:?} {:?} {:?} {chosen:?}", role.role, role.outcome, role.reasons)
    });
    format!(
        "group {} ({}) lane {} at {}, enforceable {}: {}",
        group.number,
        group.incident,
        record.passage.lane.0,
        record.passage.began_at,
        record.enforceable,
        roles.collect::<Vec<_>>().join("; ")
    )
}
