//! Cameras whose clocks are wrong, coarse, suspect or suddenly different.

use crate::vocabulary::*;
use std::collections::BTreeMap;
use wimd::pipeline::pairing::PairingOutcome;
use wimd::pipeline::plate::ZoneBasis;
use wimd::pipeline::record::Unenforceable;
use wimd::units::Micros;

/// Eight trucks 1.6 to 2.2 s apart from `first`, with their plates as the camera sends them.
fn platoon(timeline: Timeline, first: i64, adjust: impl Fn(Event) -> Event) -> Timeline {
    let gaps = [0, 1_600, 2_200, 1_700, 2_000, 1_650, 1_900, 2_100];
    let mut began = first;
    gaps.into_iter().zip(1_001..).fold(timeline, |timeline, (gap, vehicle)| {
        began += gap;
        let one = truck(vehicle).at(began);
        let event = adjust(plate(&format!("赣H{vehicle:05}")).of(&one));
        timeline.truck(&one).event(event)
    })
}

fn everyone_paired() -> BTreeMap<u32, Seen> {
    (1_001..1_009).map(|vehicle| (vehicle, paired(&format!("赣H{vehicle:05}")))).collect()
}

/// Rounded, because the timelines place events to the millisecond.
fn millis(span: Option<Micros>) -> Option<i64> {
    span.map(|span| (span.0 + 500).div_euclid(1_000))
}

#[test]
fn a_camera_37_s_off_is_learnt_and_pairs_everyone() {
    let off = |event: Event| event.clock_off(37_000);
    let outcome = platoon(Timeline::taught(1, false, off), 0, off).run(site(1, false));
    assert_eq!(outcome.seen(), everyone_paired());
    let camera = &outcome.status.lanes[0].cameras[0];
    assert!(camera.learnt);
    assert_eq!(millis(camera.offset_us), Some(37_000));
    assert_eq!(millis(camera.latency_us), Some(300));
}

#[test]
fn stamps_of_whole_seconds_pair_everyone() {
    let adjust = |event: Event| event.clock_off(37_250).whole_seconds();
    let outcome = platoon(Timeline::taught(1, false, adjust), 0, adjust).run(site(1, false));
    assert_eq!(outcome.seen(), everyone_paired());
}

#[test]
fn a_suspect_zone_falls_back_to_the_receipt() {
    let adjust = |event: Event| event.clock_off(3_600_000).zone(ZoneBasis::Suspect);
    let outcome = platoon(Timeline::taught(1, false, adjust), 0, adjust).run(site(1, false));
    assert_eq!(outcome.seen(), everyone_paired());
}

#[test]
fn an_unlearnt_clock_leaves_even_a_lonely_vehicle_open() {
    let one = truck(1_001).at(0);
    let outcome = Timeline::new()
        .truck(&one)
        .event(plate("赣H12345").of(&one).clock_off(37_000))
        .run(site(1, false));
    let open = (PairingOutcome::Ambiguous, Some("赣H12345".to_owned()));
    assert_eq!(outcome.seen(), BTreeMap::from([(1_001, open)]));
    let record = outcome.vehicle(1_001);
    assert_eq!(record.pairing.roles[0].reasons, ["camera_clock_not_learnt"]);
    assert!(record.unenforceable.contains(&Unenforceable::CameraClockUnknown));
}

#[test]
fn a_clock_step_in_mid_traffic_mispairs_nobody_and_loses_nothing() {
    let (hour, ten_years) = (3_600_000, 315_360_000_000);
    for step in [-hour, hour, -ten_years, ten_years, -2_500, 2_500] {
        let taught = Timeline::taught(1, false, |event| event);
        let outcome = platoon(taught, 0, |event| {
            let stepped = event.read.received_at > at(5_000);
            event.clock_off(if stepped { step } else { 0 })
        })
        .run(site(1, false));
        let seen = outcome.seen();
        assert_eq!(seen.keys().copied().collect::<Vec<_>>(), Vec::from_iter(1_001..1_009));
        for (vehicle, (_, text)) in seen {
            let own = format!("赣H{vehicle:05}");
            assert!(text.is_none_or(|text| text == own), "step {step}");
        }
        assert_eq!(outcome.counts.clock_restarts, 1, "step {step}");
    }
}

#[test]
fn a_clock_is_learnt_again_after_a_step() {
    let mut timeline = Timeline::taught(1, false, |event| event);
    for (number, vehicle) in (0_i64..).zip(1_001..1_021) {
        let one = truck(vehicle).at(number * 15_000);
        timeline = timeline
            .truck(&one)
            .event(plate(&format!("赣H{vehicle:05}")).of(&one).clock_off(-3_600_000));
    }
    let outcome = timeline.run(site(1, false));
    let camera = &outcome.status.lanes[0].cameras[0];
    assert_eq!(millis(camera.offset_us), Some(-3_600_000));
    let reasons = &outcome.vehicle(1_020).unenforceable;
    assert!(!reasons.contains(&Unenforceable::CameraClockUnknown));
}

#[test]
fn a_drift_is_learnt_and_goes_on_through_a_pause_of_two_hours() {
    let minute = 60_000;
    let fast = |event: Event| {
        let at = event.arrives;
        event.clock_off(2_000 + at / 10_000).received(at)
    };
    let mut timeline = Timeline::taught(1, false, fast);
    for number in 0..60 {
        let one = truck(1_001 + u32::try_from(number).expect("small")).at(number * minute);
        timeline = timeline.truck(&one).event(fast(plate(&format!("赣H{number:05}")).of(&one)));
    }
    let one = truck(1_100).at(180 * minute);
    let outcome = timeline.truck(&one).event(fast(plate("赣H77777").of(&one))).run(site(1, false));
    let drift = outcome.status.lanes[0].cameras[0].drift_ppb.expect("known after an hour");
    assert!((95_000..=105_000).contains(&drift), "{drift}");
    let record = outcome.vehicle(1_100);
    assert_eq!(record.pairing.plate.as_deref(), Some("赣H77777"));
    let chosen = record.pairing.roles[0].chosen.as_ref().expect("an event");
    let residual = millis(chosen.residual_us).expect("not by trigger");
    assert!(residual.abs() < 60, "{residual} ms, of 800 without the drift");
}

/// As after a restart under load, when the first exchange of time took long.
#[test]
fn a_scale_whose_time_is_inexact_pairs_everyone_and_teaches_nothing() {
    for off in [-360, 360] {
        let mut timeline = Timeline::taught(1, false, |event| event);
        for (number, vehicle) in (0_i64..).zip(1_001..1_007) {
            let one = truck(vehicle).at(number * 2_500);
            let event = plate(&format!("赣H{vehicle:05}")).of(&one);
            timeline = timeline.truck(&one.time_off(off)).event(event);
        }
        let outcome = timeline.run(site(1, false));
        for (vehicle, seen) in outcome.seen() {
            assert_eq!(seen, paired(&format!("赣H{vehicle:05}")), "off {off}");
        }
        assert_eq!(millis(outcome.status.lanes[0].cameras[0].offset_us), Some(0));
    }
}
