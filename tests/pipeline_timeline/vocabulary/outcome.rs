//! What came out, in the words of the tests.

use super::START;
use std::collections::BTreeMap;
use wimd::clock::Timestamp;
use wimd::pipeline::pairing::PairingOutcome;
use wimd::pipeline::record::{Body, Channel, Joint, PassageRecord, Record, Supplement};
use wimd::pipeline::{Counts, DropReason, PipelineStatus};

/// Vehicles up to this number belong to the teaching and are left out of the outcome.
pub(super) const TAUGHT: u32 = 1_000;

/// Records of the site's ledger before those of a timeline.
const SEALED_BEFORE: u64 = 40;

/// What came out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) sealed: Vec<(Timestamp, Record)>,
    pub(crate) dropped: Vec<DropReason>,
    pub(crate) counts: Counts,
    pub(crate) status: PipelineStatus,
}

/// How a vehicle's pairing ended, for comparison.
pub(crate) type Seen = (PairingOutcome, Option<String>);

pub(crate) fn paired(text: &str) -> Seen {
    (PairingOutcome::Paired, Some(text.to_owned()))
}

pub(crate) const UNPAIRED: Seen = (PairingOutcome::Unpaired, None);

impl Outcome {
    fn passages(&self) -> impl Iterator<Item = (Timestamp, &PassageRecord)> {
        self.sealed.iter().filter_map(|(now, record)| match &record.body {
            Body::Passage(passage) => Some((*now, passage.as_ref())),
            _ => None,
        })
    }

    /// Every vehicle of the timeline proper with how it ended.
    pub(crate) fn seen(&self) -> BTreeMap<u32, Seen> {
        self.passages()
            .filter(|(_, record)| record.passage.source.vehicle > TAUGHT)
            .map(|(_, record)| {
                let pairing = &record.pairing;
                (record.passage.source.vehicle, (pairing.outcome, pairing.plate.clone()))
            })
            .collect()
    }

    pub(crate) fn vehicle(&self, vehicle: u32) -> &PassageRecord {
        self.passages()
            .find(|(_, record)| record.passage.source.vehicle == vehicle)
            .map(|(_, record)| record)
            .expect("the vehicle has a record")
    }

    /// When the vehicle's record was sealed, milliseconds.
    pub(crate) fn sealed_at(&self, vehicle: u32) -> i64 {
        self.passages()
            .find(|(_, record)| record.passage.source.vehicle == vehicle)
            .map(|(now, _)| now.since(START).0 / 1_000)
            .expect("the vehicle has a record")
    }

    pub(crate) fn supplements(&self) -> Vec<&Supplement> {
        self.sealed
            .iter()
            .filter_map(|(_, record)| match &record.body {
                Body::Supplement(supplement) => Some(supplement.as_ref()),
                _ => None,
            })
            .collect()
    }

    /// The sequence under which the record was sealed: the site has sealed others before.
    pub(crate) fn sequence(&self, id: &str) -> Option<u64> {
        let place = self.sealed.iter().position(|(_, record)| record.id == id)?;
        Some(SEALED_BEFORE + 1 + place as u64)
    }

    /// Joint records with their ids and channels.
    pub(crate) fn joints(&self) -> Vec<(&str, Vec<Channel>, &Joint)> {
        self.sealed
            .iter()
            .filter_map(|(_, record)| match &record.body {
                Body::Joint(joint) => Some((&*record.id, record.channels(), joint.as_ref())),
                _ => None,
            })
            .collect()
    }
}
