//! Makes records from settled inputs. Ids come from the inputs alone.

use super::{
    Body, ClipSource, PassageRecord, Provenance, RECORD_VERSION, Record, Site, Supplement,
    SupplementReason, Unenforceable, pictures, reasons, strangers,
};
use crate::clock::Timestamp;
use crate::pipeline::InputId;
use crate::pipeline::assess;
use crate::pipeline::evasion::{EvasionKind, EvasionSign, around::Around, signs};
use crate::pipeline::pairing::slot::Slot;
use crate::pipeline::pairing::{Pairing, PairingOutcome, RolePairing};
use crate::pipeline::parameters::LaneParameters;
use crate::pipeline::passage::{Passage, PassageSource, QualityFlag};
use crate::pipeline::plate::{CameraRole, PlateRead, PlateState, TRAILER};
use crate::pipeline::referent::Referent;
use std::fmt::Write as _;

/// Makes records of one site.
#[derive(Clone, Debug)]
pub(in crate::pipeline) struct Sealer {
    pub(in crate::pipeline) site: Site,
    pub(in crate::pipeline) provenance: Provenance,
    pub(in crate::pipeline) assessment: assess::Profile,
    pub(in crate::pipeline) clips: Vec<ClipSource>,
}

/// A passage with every answer of its cameras.
pub(in crate::pipeline) struct Settled<'a> {
    pub(in crate::pipeline) id: String,
    pub(in crate::pipeline) passage: Passage,
    pub(in crate::pipeline) slots: Vec<Slot>,
    pub(in crate::pipeline) around: &'a Around,
    /// Whether the scale of the lane has drifted too far.
    pub(in crate::pipeline) drifted: bool,
    pub(in crate::pipeline) lane: Option<&'a LaneParameters>,
}

impl Sealer {
    /// By what a passage is assessed.
    pub(in crate::pipeline) fn assessment(&self) -> &assess::Profile {
        &self.assessment
    }

    /// `{site}-{controller}-{boot id}-{vehicle}`.
    pub(in crate::pipeline) fn passage_id(&self, source: PassageSource) -> String {
        let mut id = String::with_capacity(self.site.id.len() + 28);
        id.push_str(&self.site.id);
        // writing to a string cannot fail
        let _ = write!(id, "-{}-{:08x}-{}", source.controller, source.boot_id, source.vehicle);
        id
    }

    /// `{site}-{kind}-{input}`.
    pub(in crate::pipeline) fn other_id(&self, kind: &str, input: InputId) -> String {
        format!("{}-{kind}-{}", self.site.id, input.0)
    }

    /// Wraps a body.
    pub(in crate::pipeline) fn record(&self, id: String, at: Timestamp, body: Body) -> Record {
        Record {
            version: RECORD_VERSION,
            id,
            site: self.site.clone(),
            occurred_at: at,
            body,
            provenance: self.provenance.clone(),
        }
    }

    /// The record of a camera event without passage.
    pub(in crate::pipeline) fn supplement(
        &self,
        input: InputId,
        mut plate_read: PlateRead,
        reason: SupplementReason,
        refers_to: Option<Referent>,
    ) -> Record {
        pictures::make_names_distinct(std::iter::once(&mut plate_read));
        let at = plate_read.received_at;
        let evasion = signs::of_read(&plate_read);
        let (refers_to, refers_to_seq) =
            refers_to.map(|record| (record.id.to_string(), record.seq)).unzip();
        let body = Body::Supplement(Box::new(Supplement {
            plate_read,
            reason,
            refers_to,
            refers_to_seq: refers_to_seq.flatten(),
            evasion,
        }));
        self.record(self.other_id("supplement", input), at, body)
    }

    /// The record of a weighed vehicle.
    pub(in crate::pipeline) fn passage(&self, settled: Settled<'_>) -> Record {
        let Settled { id, passage, slots, around, drifted, lane } = settled;
        let mut decided = slots.iter().filter_map(|slot| slot.decided.as_deref());
        let all_trusted = decided.all(|slot| slot.trusted || slot.pairing.chosen.is_none());
        let mut roles = Vec::with_capacity(slots.len());
        roles.extend(slots.into_iter().filter_map(|slot| Some(slot.decided?.pairing)));
        let pairing = pairing(roles);
        let at = passage.began_at;
        let clips = self.clips.iter().filter_map(|source| source.clip(&passage)).collect();
        let weighed = Weighed { passage, pairing, around, all_trusted, drifted };
        let record = PassageRecord { clips, ..judged(weighed, &self.assessment, lane) };
        let body = Body::Passage(Box::new(record));
        self.record(id, at, body)
    }
}

/// A passage with its plates, before any judgement.
pub(super) struct Weighed<'a> {
    pub(super) passage: Passage,
    pub(super) pairing: Pairing,
    pub(super) around: &'a Around,
    /// Whether the clocks of the cameras that took part are known.
    pub(super) all_trusted: bool,
    /// Whether the scale of the lane has drifted too far.
    pub(super) drifted: bool,
}

/// The judged record of a weighed vehicle, without films: no law decides about them.
pub(super) fn judged(
    weighed: Weighed<'_>,
    profile: &assess::Profile,
    lane: Option<&LaneParameters>,
) -> PassageRecord {
    let Weighed { mut passage, pairing, around, all_trusted, drifted } = weighed;
    let judge = |passage: &Passage| {
        let assessment = assess::assess(passage, profile);
        let found = assess::obstacles(passage, &assessment, profile);
        (assessment, found)
    };
    let (assessment, mut unenforceable) =
        if around.halves.is_empty() { judge(&passage) } else { as_half(&mut passage, judge) };
    let evasion = signs::of_passage(&passage, &assessment, &pairing, around);
    reasons::of_pairing(&pairing, all_trusted, &mut unenforceable);
    let has = |kind| evasion.iter().any(|sign: &EvasionSign| sign.kind == kind);
    let straddled = has(EvasionKind::Straddling);
    if drifted {
        unenforceable.push(Unenforceable::ScaleDrift);
    }
    if around.is_part {
        unenforceable.push(Unenforceable::PartOfVehicle);
    }
    // a scale is verified for steady driving and one vehicle at a time
    if has(EvasionKind::Tailgating) || has(EvasionKind::SpeedGames) {
        unenforceable.push(Unenforceable::Manoeuvre);
    }
    let wrong_way = has(EvasionKind::WrongWay);
    reasons::of_driving(&passage, straddled, wrong_way, lane, &mut unenforceable);
    let required = lane.map_or(&[][..], |lane| &lane.required_pictures);
    let evidence_complete = reasons::evidence_complete(&pairing, required);
    if !evidence_complete {
        unenforceable.push(Unenforceable::EvidenceIncomplete);
    }
    unenforceable.sort_unstable();
    unenforceable.dedup();
    PassageRecord {
        passage,
        assessment,
        pairing,
        evasion,
        enforceable: unenforceable.is_empty(),
        unenforceable,
        evidence_complete,
        clips: Vec::new(),
    }
}

/// Half a vehicle weighs half: it is judged as if the controller had flagged it, and neither its
/// compliance nor its overload means anything. The record keeps the controller's own flags.
fn as_half<T>(passage: &mut Passage, judge: impl FnOnce(&Passage) -> T) -> T {
    if passage.flags.contains(&QualityFlag::Straddling) {
        return judge(passage);
    }
    passage.flags.push(QualityFlag::Straddling);
    let judged = judge(passage);
    passage.flags.pop();
    judged
}

fn pairing(mut roles: Vec<RolePairing>) -> Pairing {
    strangers::open_contradictions(&mut roles);
    strangers::close_agreements(&mut roles);
    let any = |outcome| roles.iter().any(|role| role.outcome == outcome);
    let outcome = if any(PairingOutcome::Ambiguous) {
        PairingOutcome::Ambiguous
    } else if any(PairingOutcome::Paired) {
        PairingOutcome::Paired
    } else {
        PairingOutcome::Unpaired
    };
    let plate = name(&roles);
    cross_check(&mut roles);
    let chosen = roles.iter_mut().filter_map(|role| role.chosen.as_mut());
    pictures::make_names_distinct(chosen.map(|chosen| &mut chosen.plate_read));
    Pairing { outcome, plate, roles }
}

/// The plate that names the vehicle: read whole, of a clear pairing where there is one, on the
/// head before the side before the tail, because a tail may be a trailer's. One that says so names
/// the trailer and nothing else.
fn name(roles: &[RolePairing]) -> Option<String> {
    let rank = |(role, _): &(&RolePairing, &str)| {
        let order = match role.role {
            CameraRole::Front => 0,
            CameraRole::Side => 1,
            CameraRole::Rear => 2,
        };
        (role.outcome == PairingOutcome::Ambiguous, order)
    };
    let read = roles.iter().filter_map(|role| Some((role, plate_read_whole(role)?)));
    let read = read.filter(|(_, plate)| !plate.ends_with(TRAILER));
    read.min_by_key(rank).map(|(_, plate)| plate.to_owned())
}

/// Notes on each role with a plate whether the others read the same one.
fn cross_check(roles: &mut [RolePairing]) {
    let texts: Vec<Option<&str>> = roles.iter().map(plate_read_whole).collect();
    let agreement = |place: usize| {
        let ours = texts[place]?;
        let others = texts.iter().enumerate().filter(|(other, _)| *other != place);
        let mut others = others.filter_map(|(_, text)| *text).peekable();
        others.peek()?;
        Some(others.all(|other| other == ours))
    };
    let found: Vec<Option<bool>> = (0..texts.len()).map(agreement).collect();
    for (role, agree) in roles.iter_mut().zip(found) {
        if let Some(agree) = agree {
            let reason = if agree { "other_role_agrees" } else { "other_role_differs" };
            role.reasons.push(reason.to_owned());
        }
    }
}

fn plate_read_whole(role: &RolePairing) -> Option<&str> {
    let plate = &role.chosen.as_ref()?.plate_read.plate;
    plate.text.as_deref().filter(|_| plate.state == PlateState::Read)
}
