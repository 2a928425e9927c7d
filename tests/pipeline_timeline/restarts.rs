//! The daemon is killed and comes back: what it had learnt, it still knows.

use crate::vocabulary::*;
use proptest::prelude::*;
use std::collections::BTreeMap;
use wimd::clock::Continuity;
use wimd::pipeline::DropReason;
use wimd::pipeline::pairing::PairingOutcome;
use wimd::units::Micros;

/// Trucks 0.9 to 4 s apart, each with its plate.
fn busy(timeline: Timeline, first: i64, adjust: impl Fn(Event) -> Event) -> Timeline {
    busy_with(1_001, timeline, first, adjust)
}

/// The same with vehicles from that number on.
fn busy_with(
    number: u32,
    timeline: Timeline,
    first: i64,
    adjust: impl Fn(Event) -> Event,
) -> Timeline {
    let gaps = [0, 1_600, 900, 3_100, 1_200, 2_300, 950, 4_000, 1_750, 1_050, 2_800, 1_400];
    let mut began = first;
    gaps.into_iter().zip(number..).fold(timeline, |timeline, (gap, vehicle)| {
        began += gap;
        let one = truck(vehicle).at(began);
        let event = adjust(plate(&format!("赣H{vehicle:05}")).of(&one));
        timeline.truck(&one).event(event)
    })
}

/// Vehicles whose clear pairing is not their own plate.
fn strangers(outcome: &Outcome) -> Vec<u32> {
    let wrong = |(vehicle, (outcome, text)): &(u32, Seen)| {
        let own = format!("赣H{vehicle:05}");
        *outcome == PairingOutcome::Paired && text.as_ref().is_some_and(|text| *text != own)
    };
    outcome.seen().into_iter().filter(wrong).map(|(vehicle, _)| vehicle).collect()
}

fn unpaired(outcome: &Outcome) -> Vec<u32> {
    let open = |(_, (outcome, _)): &(u32, Seen)| *outcome != PairingOutcome::Paired;
    outcome.seen().into_iter().filter(open).map(|(vehicle, _)| vehicle).collect()
}

#[test]
fn a_restart_in_mid_traffic_mispairs_nobody_and_leaves_nobody_open() {
    for off in [0, 37_000, -3_600_000] {
        let adjust = |event: Event| event.clock_off(off);
        let timeline = busy(Timeline::taught(1, false, adjust), 0, adjust);
        for killed in (0..22_000).step_by(700) {
            for down in [50, 2_000, 11_000] {
                let outcome = timeline.run_with_restarts(site(1, false), &[(killed, down)]);
                let found = (outcome.seen().len(), strangers(&outcome), unpaired(&outcome));
                assert_eq!(found, (12, vec![], vec![]), "off {off}, killed {killed}, {down}");
            }
        }
    }
}

#[test]
fn a_restart_between_two_cameras_loses_neither_event() {
    let one = truck(1_001).at(0);
    let timeline = Timeline::taught(1, true, |event| event)
        .truck(&one)
        .event(plate("赣H12345").of(&one))
        .event(plate("赣H9876挂").rear_of(&one).received(3_000));
    // another record takes what was learnt into the store
    let other = truck(1_002).lane(2).at(1_000);
    let timeline = timeline.truck(&other);
    let outcome = timeline.run_with_restarts(site(1, true), &[(2_500, 100)]);
    assert_eq!(outcome.seen()[&1_001], paired("赣H12345"));
    let roles = &outcome.vehicle(1_001).pairing.roles;
    assert!(roles.iter().all(|role| role.outcome == PairingOutcome::Paired));
    assert_eq!(outcome.dropped, vec![]);
}

#[test]
fn a_clock_that_is_being_learnt_is_learnt_over_restarts() {
    let adjust = |event: Event| event.clock_off(37_000);
    let timeline = busy(busy_teachers(adjust), 60_000, adjust);
    let restarts: Vec<_> = (0..10).map(|number| (number * 6_000, 300)).collect();
    let outcome = timeline.run_with_restarts(site(1, false), &restarts);
    assert_eq!((strangers(&outcome), unpaired(&outcome)), (vec![], vec![]));
}

/// Eight lonely vehicles in the first minute.
fn busy_teachers(adjust: impl Fn(Event) -> Event) -> Timeline {
    let gaps = [6_100, 7_700, 5_300, 8_100, 6_600, 7_200, 5_900, 8_800];
    let mut began = 0;
    let mut timeline = Timeline::new();
    for (vehicle, gap) in (1..).zip(gaps) {
        began += gap;
        let one = truck(vehicle).at(began);
        timeline.add_event(adjust(plate(&format!("赣A{vehicle:05}")).of(&one)));
        timeline.add_truck(one);
    }
    timeline
}

#[test]
fn a_cold_start_with_a_camera_37_s_off_mispairs_nobody() {
    for whole_seconds in [false, true] {
        let adjust = |event: Event| {
            let event = event.clock_off(37_000);
            if whole_seconds { event.whole_seconds() } else { event }
        };
        let outcome = busy(Timeline::new(), 0, adjust).run(site(1, false));
        assert_eq!(strangers(&outcome), Vec::<u32>::new());
        assert!(outcome.status.lanes[0].cameras[0].learnt);
    }
}

#[test]
fn what_was_learnt_hours_ago_is_a_guess_until_two_vehicles_agree() {
    let lonely = truck(2_001).at(7_200_000);
    let timeline = busy(Timeline::taught(1, false, |event| event), 7_230_000, |event| event)
        .truck(&lonely)
        .event(plate("赣H02001").of(&lonely));
    let outcome = timeline.run_with_restarts(site(1, false), &[(0, 7_000_000)]);
    assert_eq!((strangers(&outcome), unpaired(&outcome)), (vec![], vec![2_001]));
}

#[test]
fn a_clock_that_was_set_while_the_daemon_was_down_mispairs_nobody() {
    for step in [-60_000, -3_000, -1_600, 900, 1_600, 3_000, 3_600_000] {
        for down in [5_000, 3_600_000] {
            let set = |event: Event| event.clock_off(step);
            let first = down + 10_000;
            let timeline = busy(Timeline::taught(1, false, |event| event), first, set);
            let outcome = timeline.run_with_restarts(site(1, false), &[(0, down)]);
            assert_eq!(strangers(&outcome), Vec::<u32>::new(), "step {step}, down {down}");
        }
    }
}

/// The clock of the machine was set meanwhile, or the machine was started anew with another.
#[test]
fn our_own_clock_that_was_set_mispairs_nobody_and_holds_nothing_back() {
    let told: [fn(Micros) -> Continuity; 2] = [Continuity::Moved, |_| Continuity::Lost];
    for told in told {
        for step in [-3_600_000, -31_000, -2_300, -950, 900, 1_600, 4_000, 300_000, 3_600_000] {
            for (killed, down) in [(-5_000, 2_000), (3_300, 50), (9_000, 2_000)] {
                let timeline = Timeline::taught(1, false, |event| event);
                let timeline = busy(timeline, 0, |event| event);
                let timeline = busy_with(1_101, timeline, 40_000, |event| event);
                let outcome = timeline.run_with_a_step(site(1, false), (killed, down), step, told);
                let context = format!("step {step}, killed {killed}, {:?}", told(Micros(0)));
                assert_eq!(strangers(&outcome), Vec::<u32>::new(), "{context}");
                assert_eq!(outcome.seen().len(), 24, "{context}");
            }
        }
    }
}

#[test]
fn a_clock_of_a_camera_is_known_again_after_two_vehicles_when_ours_was_set() {
    let timeline = busy(Timeline::taught(1, false, |event| event), 10_000, |event| event);
    let outcome = timeline.run_with_a_step(site(1, false), (0, 2_000), -2_300, Continuity::Moved);
    assert_eq!((strangers(&outcome), unpaired(&outcome)), (vec![], vec![]));
}

#[test]
fn a_vehicle_that_waits_when_our_clock_is_set_back_is_sealed_at_once() {
    let one = truck(1_001).at(0);
    let timeline = Timeline::taught(1, false, |event| event).truck(&one);
    let outcome =
        timeline.run_with_a_step(site(1, false), (1_500, 200), -3_600_000, Continuity::Moved);
    assert_eq!(outcome.seen(), BTreeMap::from([(1_001, UNPAIRED)]));
}

#[test]
fn a_repeat_after_a_restart_is_no_supplement() {
    let one = truck(1_001).at(0);
    let event = plate("赣H12345").of(&one).source("uuid-1");
    let again = event.clone().source("uuid-2");
    let outcome = Timeline::taught(1, false, |event| event)
        .truck(&one)
        .event(event.clone())
        .event(event.received(9_000))
        .event(again.received(9_500))
        .run_with_restarts(site(1, false), &[(4_000, 200)]);
    assert_eq!(outcome.seen(), BTreeMap::from([(1_001, paired("赣H12345"))]));
    assert_eq!(outcome.supplements().len(), 0);
    assert_eq!(outcome.dropped, [DropReason::DuplicatePlateRead; 2]);
}

/// The daemon was killed before the camera had its answer.
#[test]
fn a_late_event_that_is_sent_again_after_a_restart_is_no_second_supplement() {
    let event = plate("赣H12345").at(0).late().received(10_000);
    for event in [event.clone().source("uuid-1"), event] {
        let outcome = Timeline::taught(1, false, |event| event)
            .event(event.clone())
            .event(event.received(12_000))
            .run_with_restarts(site(1, false), &[(11_000, 200)]);
        assert_eq!(outcome.supplements().len(), 1);
        assert_eq!(outcome.dropped, [DropReason::DuplicatePlateRead]);
    }
}

#[test]
fn an_event_that_waits_in_the_inbox_is_no_repeat_of_itself() {
    let one = truck(1_001).at(0).received(3_000);
    let event = plate("赣H12345").of(&one).source("uuid-1");
    let outcome = Timeline::taught(1, false, |event| event)
        .truck(&one)
        .event(event)
        .run_with_restarts(site(1, false), &[(2_000, 200)]);
    assert_eq!(outcome.seen(), BTreeMap::from([(1_001, paired("赣H12345"))]));
    assert_eq!(outcome.dropped, vec![]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// From a cold start, killed whenever, with whatever clock.
    #[test]
    fn nobody_is_given_a_strangers_plate_over_restarts(
        gaps in prop::collection::vec(900_i64..4_500, 10..30),
        jitter in prop::collection::vec(-80_i64..80, 30),
        off in prop_oneof![Just(0_i64), Just(37_000), -5_000_i64..5_000],
        restarts in prop::collection::vec((0_i64..60_000, 20_i64..9_000), 0..5),
    ) {
        let mut began = 0;
        let mut timeline = Timeline::new();
        for ((vehicle, gap), jitter) in (1_001..).zip(&gaps).zip(jitter) {
            began += gap;
            let one = truck(vehicle).at(began);
            let event = plate(&format!("赣H{vehicle:05}")).at(one.at_front() + jitter);
            timeline = timeline.truck(&one).event(event.clock_off(off));
        }
        let mut restarts = restarts;
        restarts.sort_unstable();
        let mut free = 0;
        for (killed, down) in &mut restarts {
            *killed = (*killed).max(free);
            free = *killed + *down;
        }
        let outcome = timeline.run_with_restarts(site(1, false), &restarts);
        prop_assert_eq!(outcome.seen().len(), gaps.len());
        prop_assert_eq!(strangers(&outcome), Vec::<u32>::new());
    }
}
