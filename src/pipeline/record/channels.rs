//! Where a record goes and which pictures go with it.

use super::{Body, Channel, PassageRecord, Record};
use crate::pipeline::assess::{Basis, Verdict};
use crate::pipeline::evasion::EvasionSign;
use crate::pipeline::passage::QualityFlag;
use crate::pipeline::plate::{PictureRef, Plate, PlateRead};
use crate::units::Lane;

impl Record {
    /// Every channel the record is published on, never none: an overload with signs of evasion
    /// goes to both, and an alarm of the assessment (百吨王, 100 %) also to the alarms, as does a
    /// passage in a lane that nobody configured: a whole lane may be missing. Over on an axle
    /// group only is a violation too, of that basis.
    pub fn channels(&self) -> Vec<Channel> {
        let mut channels = match &self.body {
            Body::Passage(record) => passage_channels(record),
            Body::Supplement(supplement) if !supplement.evasion.is_empty() => {
                vec![Channel::Evasion]
            }
            Body::Joint(_) => vec![Channel::Evasion],
            Body::Alarm(_) => vec![Channel::Alarm],
            Body::Reconciliation(_) => vec![Channel::Reconciliation],
            Body::Supplement(_)
            | Body::Gap(_)
            | Body::CameraGap(_)
            | Body::Audit(_)
            | Body::Calibration(_)
            | Body::Eviction(_) => Vec::new(),
        };
        if channels.is_empty() {
            channels.push(Channel::Passage);
        }
        channels
    }

    /// Every sign of evasion in it.
    pub fn evasion(&self) -> &[EvasionSign] {
        match &self.body {
            Body::Passage(record) => &record.evasion,
            Body::Supplement(supplement) => &supplement.evasion,
            Body::Joint(joint) => &joint.evasion,
            Body::Gap(_)
            | Body::CameraGap(_)
            | Body::Alarm(_)
            | Body::Audit(_)
            | Body::Calibration(_)
            | Body::Reconciliation(_)
            | Body::Eviction(_) => &[],
        }
    }

    /// The plate that names the vehicle, with its colour.
    pub fn plate(&self) -> Option<&Plate> {
        match &self.body {
            Body::Passage(record) => {
                let named = record.pairing.plate.as_deref()?;
                let chosen = record.pairing.roles.iter().filter_map(|role| role.chosen.as_ref());
                let mut plates = chosen.map(|chosen| &chosen.plate_read.plate);
                plates.find(|plate| plate.text.as_deref() == Some(named))
            }
            Body::Supplement(supplement) => {
                Some(&supplement.plate_read.plate).filter(|plate| plate.text.is_some())
            }
            _ => None,
        }
    }

    /// The lane that the record is about, when it is about one.
    pub fn lane(&self) -> Option<Lane> {
        match &self.body {
            Body::Passage(record) => Some(record.passage.lane),
            Body::Supplement(supplement) => supplement.plate_read.lane,
            Body::Alarm(alarm) => alarm.lane,
            Body::Joint(_)
            | Body::Gap(_)
            | Body::CameraGap(_)
            | Body::Audit(_)
            | Body::Calibration(_)
            | Body::Reconciliation(_)
            | Body::Eviction(_) => None,
        }
    }

    /// Whether it is about a vehicle that nobody has to act on: the first to go where room is
    /// short.
    pub fn is_compliant_traffic(&self) -> bool {
        let of_vehicle = matches!(self.body, Body::Passage(_) | Body::Supplement(_));
        of_vehicle && self.channels() == [Channel::Passage]
    }

    /// Every picture the record refers to.
    pub fn pictures(&self) -> Vec<&PictureRef> {
        let reads: Vec<&PlateRead> = match &self.body {
            Body::Passage(record) => record
                .pairing
                .roles
                .iter()
                .filter_map(|role| role.chosen.as_ref().map(|chosen| &chosen.plate_read))
                .collect(),
            Body::Supplement(supplement) => vec![&supplement.plate_read],
            // the pictures go with the halves
            Body::Joint(_)
            | Body::Gap(_)
            | Body::CameraGap(_)
            | Body::Alarm(_)
            | Body::Audit(_)
            | Body::Calibration(_)
            | Body::Reconciliation(_)
            | Body::Eviction(_) => Vec::new(),
        };
        reads.into_iter().flat_map(|read| &read.pictures).collect()
    }
}

fn passage_channels(record: &PassageRecord) -> Vec<Channel> {
    let mut channels = Vec::new();
    let assessment = &record.assessment;
    let axle_group_only = assessment.basis == Some(Basis::AxleGroup);
    if assessment.verdict == Verdict::Overload || axle_group_only {
        channels.push(Channel::Violation);
    }
    if !record.evasion.is_empty() {
        channels.push(Channel::Evasion);
    }
    let lost_lane = record.passage.flags.contains(&QualityFlag::LaneUnmapped);
    if lost_lane || !record.assessment.alarms.is_empty() {
        channels.push(Channel::Alarm);
    }
    channels
}
