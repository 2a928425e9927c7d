//! Which scale measured the events that are being received.
//!
//! In: what the controller says it is by now, what its audit events say of changes, and how far
//! events have come. Out: the identity of the next event, or none where it cannot be told: a
//! vehicle without certificate is better than one with that of another day.

use firmware_protocol::{AuditEvent, AuditKind};

use crate::io::intake::{ChangeCounts, KnownScale};
use crate::pipeline::passage::ScaleIdentity;

/// What the controller has become while events of before may be still to come.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Coming {
    identity: ScaleIdentity,
    /// Its newest event at that time or soon after; behind it nothing is of before.
    until: Option<u32>,
}

/// What an answer to the question for the identity was worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Learnt {
    /// It measures the next event.
    Present,
    /// Events of before may be still to come; it must be asked how many.
    Coming,
    /// It was given before a change that is known: it must be asked for again.
    Outdated,
}

/// What is known of the scale behind a link.
#[derive(Debug, Default)]
pub(super) struct Identities {
    known: KnownScale,
    coming: Option<Coming>,
}

impl Identities {
    /// Continues with what was known of it at the last event that is stored.
    pub(super) fn new(known: KnownScale) -> Self {
        Self { known, coming: None }
    }

    /// The scale of the next event, when it can be told.
    pub(super) fn present(&self) -> Option<&ScaleIdentity> {
        match &self.known {
            KnownScale::Present(identity) => Some(identity),
            KnownScale::Never | KnownScale::BeforeRestart(_) | KnownScale::Changed(_) => None,
        }
    }

    /// What is to be known of it after a restart of ours.
    pub(super) fn known(&self) -> &KnownScale {
        &self.known
    }

    /// What the controller last said it is.
    pub(super) fn newest(&self) -> Option<&ScaleIdentity> {
        self.coming.as_ref().map(|coming| &coming.identity).or(self.present())
    }

    /// It says that it is `identity` by now.
    pub(super) fn learn(&mut self, identity: ScaleIdentity) -> Learnt {
        if self.least_counts().is_some_and(|least| falls_short(counts_of(&identity), least)) {
            return Learnt::Outdated;
        }
        let is_present = match &self.known {
            KnownScale::Never => true,
            KnownScale::Present(known) | KnownScale::BeforeRestart(known) => *known == identity,
            KnownScale::Changed(counts) => may_be_of(*counts, &identity),
        };
        if is_present {
            *self = Self { known: KnownScale::Present(identity), coming: None };
            return Learnt::Present;
        }
        self.coming = Some(Coming { identity, until: None });
        Learnt::Coming
    }

    /// What it has counted since its start at least.
    fn least_counts(&self) -> Option<ChangeCounts> {
        let coming = self.coming.as_ref().map(|coming| counts_of(&coming.identity));
        coming.or(match &self.known {
            KnownScale::Present(known) => Some(counts_of(known)),
            KnownScale::Changed(counts) => Some(*counts),
            KnownScale::Never | KnownScale::BeforeRestart(_) => None,
        })
    }

    /// The next event is `audit`. Returns whether the identity must be asked for before the events
    /// behind it.
    pub(super) fn audited(&mut self, audit: &AuditEvent) -> bool {
        let counts = ChangeCounts {
            calibration: audit.calibration_count,
            configuration: audit.configuration_count,
        };
        let changes = matches!(
            audit.kind,
            AuditKind::ConfigurationChanged
                | AuditKind::CalibrationChanged
                | AuditKind::SoftwareChanged
        );
        let explains = |coming: &Coming| match audit.kind {
            AuditKind::Started => are_of(counts, &coming.identity),
            _ => changes && may_be_of(counts, &coming.identity),
        };
        if self.coming.as_ref().is_some_and(explains) {
            self.come();
        } else if changes {
            self.known = KnownScale::Changed(counts);
        }
        changes
    }

    /// Its newest event is `newest`; everything up to `received` has been received.
    pub(super) fn reach(&mut self, received: u32, newest: u32) {
        if let Some(coming) = &mut self.coming {
            coming.until.get_or_insert(newest);
        }
        self.advance(received);
    }

    /// Everything up to `received` has been received.
    pub(super) fn advance(&mut self, received: u32) {
        let until = self.coming.as_ref().and_then(|coming| coming.until);
        if until.is_some_and(|until| received >= until) {
            self.come();
        }
    }

    /// The controller has started anew. Returns the scale until then.
    pub(super) fn restart(&mut self) -> Option<ScaleIdentity> {
        let last = self.present().cloned();
        self.coming = None;
        self.known = match std::mem::take(&mut self.known) {
            KnownScale::Present(identity) => KnownScale::BeforeRestart(identity),
            known => known,
        };
        last
    }

    fn come(&mut self) {
        if let Some(Coming { identity, .. }) = self.coming.take() {
            self.known = KnownScale::Present(identity);
        }
    }
}

fn counts_of(identity: &ScaleIdentity) -> ChangeCounts {
    ChangeCounts {
        calibration: identity.calibration_count,
        configuration: identity.configuration_count,
    }
}

/// Whether nothing speaks against these being the counts of `identity`.
fn may_be_of(counts: ChangeCounts, identity: &ScaleIdentity) -> bool {
    let differ = |ours: Option<u64>, theirs: Option<u64>| matches!((ours, theirs), (Some(ours), Some(theirs)) if ours != theirs);
    !differ(counts.calibration, identity.calibration_count)
        && !differ(counts.configuration, identity.configuration_count)
}

/// Whether these are known to be the counts of `identity`.
fn are_of(counts: ChangeCounts, identity: &ScaleIdentity) -> bool {
    let told = counts.calibration.is_some() && counts.configuration.is_some();
    told && counts == counts_of(identity)
}

/// Whether `counts` were true only before there were `least`: nobody can set them back.
fn falls_short(counts: ChangeCounts, least: ChangeCounts) -> bool {
    let short = |count: Option<u64>, least: Option<u64>| matches!((count, least), (Some(count), Some(least)) if count < least);
    short(counts.calibration, least.calibration) || short(counts.configuration, least.configuration)
}
