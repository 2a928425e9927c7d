//! Which scale measured what: its certificate and counts before and after each change.

use super::super::identity::Learnt;
use super::*;

/// The scale after `calibrations`.
fn scale(calibrations: u64) -> ScaleIdentity {
    ScaleIdentity {
        certificate: format!("after {calibrations}"),
        calibration_count: Some(calibrations),
        configuration_count: Some(1),
        ..ScaleIdentity::default()
    }
}

fn without_counts(identity: ScaleIdentity) -> ScaleIdentity {
    ScaleIdentity { calibration_count: None, configuration_count: None, ..identity }
}

fn started(calibrations: u64) -> AuditEvent {
    AuditEvent { kind: AuditKind::Started, ..calibrated(calibrations) }
}

#[test]
fn the_first_answer_of_an_unknown_scale_is_believed() {
    let mut identities = Identities::default();
    assert_eq!(identities.learn(scale(1)), Learnt::Present);
    assert_eq!(identities.present(), Some(&scale(1)));
}

#[test]
fn what_was_weighed_before_a_calibration_keeps_the_certificate_of_before() {
    let mut identities = Identities::new(KnownScale::Present(scale(1)));
    assert_eq!(identities.learn(scale(2)), Learnt::Coming);
    identities.reach(10, 20);
    identities.advance(14);
    assert_eq!(identities.present(), Some(&scale(1)));
    assert_eq!(identities.newest(), Some(&scale(2)), "what a technician is shown");
    assert!(identities.audited(&calibrated(2)));
    assert_eq!(identities.present(), Some(&scale(2)));
}

#[test]
fn between_two_calibrations_nobody_knows_the_certificate() {
    let mut identities = Identities::new(KnownScale::Present(scale(1)));
    identities.learn(scale(3));
    identities.audited(&calibrated(2));
    assert_eq!(identities.present(), None);
    let mut identities = Identities::new(identities.known().clone());
    assert_eq!(
        identities.learn(scale(3)),
        Learnt::Coming,
        "asked once more, after a restart of ours, it is the same"
    );
    assert_eq!(identities.present(), None);
    identities.audited(&calibrated(3));
    assert_eq!(identities.present(), Some(&scale(3)));
}

#[test]
fn a_change_that_no_event_explains_counts_from_the_newest_event_of_then() {
    let renewed = ScaleIdentity { certificate: "renewed".to_owned(), ..scale(1) };
    let mut identities = Identities::new(KnownScale::Present(scale(1)));
    identities.learn(renewed.clone());
    identities.advance(50);
    assert_eq!(identities.present(), Some(&scale(1)), "nobody has told the newest yet");
    identities.reach(50, 60);
    identities.reach(55, 90);
    identities.advance(59);
    assert_eq!(identities.present(), Some(&scale(1)));
    identities.advance(60);
    assert_eq!(identities.present(), Some(&renewed));
}

#[test]
fn a_calibration_that_is_heard_first_is_followed_by_its_identity() {
    for identity in [scale(2), without_counts(scale(2))] {
        let mut identities = Identities::new(KnownScale::Present(scale(1)));
        assert!(identities.audited(&calibrated(2)));
        assert_eq!(identities.present(), None, "the old certificate is over");
        assert_eq!(identities.learn(identity.clone()), Learnt::Present);
        assert_eq!(identities.present(), Some(&identity));
    }
}

#[test]
fn an_opened_housing_changes_no_certificate() {
    let mut identities = Identities::new(KnownScale::Present(scale(1)));
    let opened = AuditEvent { kind: AuditKind::HousingOpened, ..calibrated(1) };
    assert!(!identities.audited(&opened));
    assert_eq!(identities.present(), Some(&scale(1)));
}

/// Of a scale that was another one before the controller started anew and is the second by now.
fn after_a_restart() -> Identities {
    let mut identities = Identities::new(KnownScale::Present(scale(1)));
    assert_eq!(identities.restart(), Some(scale(1)));
    assert_eq!(identities.present(), None);
    let mut identities = Identities::new(identities.known().clone());
    assert_eq!(identities.learn(scale(2)), Learnt::Coming);
    identities
}

#[test]
fn the_first_event_of_a_start_tells_that_nothing_has_changed_since() {
    let mut identities = after_a_restart();
    assert!(!identities.audited(&started(2)));
    assert_eq!(identities.present(), Some(&scale(2)));
}

#[test]
fn a_scale_that_was_calibrated_since_its_start_is_unknown_until_then() {
    let mut identities = after_a_restart();
    identities.audited(&started(1));
    assert_eq!(identities.present(), None);
    identities.audited(&calibrated(2));
    assert_eq!(identities.present(), Some(&scale(2)));
}

#[test]
fn after_a_restart_as_the_same_scale_it_is_known_at_once() {
    let mut identities = Identities::new(KnownScale::Present(scale(1)));
    identities.restart();
    assert_eq!(identities.restart(), None, "of the start between nothing was learnt");
    assert_eq!(identities.learn(scale(1)), Learnt::Present);
    assert_eq!(identities.present(), Some(&scale(1)));
}

#[test]
fn an_answer_that_was_given_before_a_change_is_left() {
    let mut heard_of_it = Identities::new(KnownScale::Present(scale(1)));
    heard_of_it.audited(&calibrated(2));
    let mut told_so = Identities::new(KnownScale::Present(scale(1)));
    told_so.learn(scale(2));
    let knows_it = Identities::new(KnownScale::Present(scale(2)));
    for mut identities in [heard_of_it, told_so, knows_it] {
        assert_eq!(identities.learn(scale(1)), Learnt::Outdated);
        identities.learn(scale(2));
        identities.audited(&calibrated(2));
        identities.learn(scale(2));
        assert_eq!(identities.present(), Some(&scale(2)));
    }
}
