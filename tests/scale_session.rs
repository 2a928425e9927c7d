//! The host's line against the controller's session in virtual time, over a line that loses,
//! repeats, reorders and corrupts frames, with a host that dies.

#[path = "scale_session/faulty.rs"]
mod faulty;
#[path = "scale_session/slow.rs"]
mod slow;
#[path = "scale_session/world.rs"]
mod world;

use std::collections::HashMap;
use std::time::Duration;

use firmware_protocol::{AnswerEnd, Frame, MAX_ENCODED, Message, encode, timing};
use proptest::prelude::*;
use wimd::clock::Timestamp;
use wimd::config::{LinkMode, ScaleConfig};
use wimd::io::scale::line::{Action, Line};
use wimd::io::scale::moment::Moment;
use wimd::pipeline::passage::QualityFlag;
use wimd::sim::controller::Faults;
use world::World;

const BAD: Faults = Faults { drop: 10, duplicate: 10, reorder: 10, corrupt: 0 };

const WORSE: Faults = Faults { corrupt: 5, ..BAD };

fn modes() -> impl Strategy<Value = LinkMode> {
    prop_oneof![Just(LinkMode::Poll), Just(LinkMode::Push)]
}

fn faults() -> impl Strategy<Value = Faults> {
    prop_oneof![Just(BAD), Just(WORSE)]
}

/// Thirty vehicles, while the host dies at these milliseconds.
fn expect_each_vehicle_once(mode: LinkMode, faults: Faults, seed: u64, deaths: &[u64]) {
    let mut world = World::new(mode, &[1], faults, seed);
    world.drive(30);
    world.kill_host_at(deaths);
    world.run();
    world.assert_everything_arrived_once_and_in_order();
}

#[test]
fn on_a_good_line_nothing_is_sent_twice() {
    for mode in [LinkMode::Poll, LinkMode::Push] {
        let mut world = World::new(mode, &[1], Faults::NONE, 1);
        world.drive(20);
        world.run();
        world.assert_everything_arrived_once_and_in_order();
        let report = &world.reports()[0];
        let again =
            (report.link.duplicate_events, report.link.out_of_order_events, report.link.timeouts);
        assert_eq!(again, (0, 0, 0), "{mode:?}");
    }
}

#[test]
fn three_controllers_share_a_polled_line() {
    let mut world = World::new(LinkMode::Poll, &[1, 7, 247], WORSE, 3);
    world.drive(10);
    world.run();
    world.assert_everything_arrived_once_and_in_order();
}

#[test]
fn a_silent_controller_does_not_take_the_line_from_the_others() {
    let mut world = World::new(LinkMode::Poll, &[1, 7], Faults::NONE, 4);
    world.silence(7);
    world.drive(10);
    world.run();
    world.assert_everything_arrived_once_and_in_order();
}

#[test]
fn what_a_full_controller_dropped_is_one_gap() {
    let mut world = World::new(LinkMode::Poll, &[1], Faults::NONE, 5);
    world.forget_before_the_first_greeting(600);
    world.drive(3);
    world.run();
    let gaps = world.gaps();
    assert_eq!(gaps, [(1, 1, Some(600 - world::EVENTS_KEPT))]);
    assert_eq!(world.passages().len(), 3);
}

#[test]
fn a_flow_that_a_late_greeting_has_ended_is_asked_for_again() {
    let mut world = World::new(LinkMode::Push, &[1], Faults::NONE, 6);
    world.drive(20);
    world.greet_late(10_500);
    world.run();
    world.assert_everything_arrived_once_and_in_order();
}

#[test]
fn a_vehicle_is_not_held_up_by_what_waits_for_it() {
    for mode in [LinkMode::Poll, LinkMode::Push] {
        for deaths in [vec![], vec![1_700]] {
            let mut world = World::new(mode, &[1], Faults::NONE, 7);
            world.drive(1);
            world.audit_all_at_once(1_560, 400);
            world.kill_host_at(&deaths);
            world.run();
            world.assert_everything_arrived_once_and_in_order();
        }
    }
}

#[test]
fn a_sensor_that_was_bad_before_the_host_died_is_bad_after_it() {
    for mode in [LinkMode::Poll, LinkMode::Push] {
        let mut world = World::new(mode, &[1], Faults::NONE, 8);
        world.let_a_sensor_drift(500);
        world.drive(6);
        world.kill_host_at(&[900, 3_700]);
        world.run();
        let flags: Vec<_> =
            world.passages().iter().map(|passage| passage.flags.as_slice()).collect();
        assert_eq!(flags, [[QualityFlag::SensorFault]; 6], "{mode:?}");
    }
}

/// Vehicles end 1.4 s after they began, one begins each second: four have ended at 5.5 s.
#[test]
fn a_vehicle_has_the_certificate_of_its_time_even_where_the_host_was_dead_at_a_calibration() {
    for mode in [LinkMode::Poll, LinkMode::Push] {
        for deaths in [vec![], vec![(2_600, 8_000)], vec![(5_501, 7_000)]] {
            let mut world = World::new(mode, &[1], Faults::NONE, 9);
            world.drive(9);
            world.calibrate(5_500);
            for (at, until) in &deaths {
                world.kill_host_for(*at, *until);
            }
            world.run();
            let expected: Vec<_> =
                (1..=9).map(|vehicle| (vehicle, Some(if vehicle <= 4 { 1 } else { 2 }))).collect();
            assert_eq!(world.calibrations(), expected, "{mode:?}, dead {deaths:?}");
        }
    }
}

#[test]
fn of_two_calibrations_while_the_host_was_dead_nobody_knows_the_first() {
    for mode in [LinkMode::Poll, LinkMode::Push] {
        let mut world = World::new(mode, &[1], Faults::NONE, 10);
        world.drive(9);
        world.calibrate(4_450);
        world.calibrate(6_450);
        world.kill_host_for(2_600, 8_000);
        world.run();
        let expected = [Some(1), Some(1), Some(1), None, None, Some(3), Some(3), Some(3), Some(3)];
        let expected: Vec<_> = (1..).zip(expected).collect();
        assert_eq!(world.calibrations(), expected, "{mode:?}");
    }
}

#[test]
fn on_a_polled_line_a_late_answer_meets_no_question() {
    let mut config = ScaleConfig::new("scale-1", "/dev/virtual");
    config.mode = LinkMode::Poll;
    let mut line = Line::new(&config, 1, &HashMap::new());
    let at = |real| Moment { real, steady: Timestamp(0) };
    line.opened(at(Duration::ZERO));
    let extra = Duration::from_millis(config.answer_timeout_ms.into());
    let timeout = Duration::from_micros(timing::answer_timeout_us(config.baud)) + extra;
    for _ in 0..2 {
        assert!(matches!(line.next_action(), Some(Action::Send(_))));
        let given_up = line.wake_at();
        line.tick(at(given_up));
        assert_eq!(line.next_action(), None, "the answer may come still");
        let silent_until = line.wake_at();
        assert_eq!(silent_until - given_up, timeout);
        line.tick(at(silent_until));
    }
}

/// Somebody else asks the same controllers on and on, against the rules.
#[test]
fn another_host_on_a_polled_line_does_not_silence_ours() {
    let mut config = ScaleConfig::new("scale-1", "/dev/virtual");
    config.mode = LinkMode::Poll;
    let mut line = Line::new(&config, 1, &HashMap::new());
    let at = |real| Moment { real, steady: Timestamp(0) };
    let answer = AnswerEnd { boot_id: 7, oldest: 1, newest: 0, overflowed: 0, sent: 0 };
    let strange = Frame { address: 1, exchange: 99, message: Message::AnswerEnd(answer) };
    let mut bytes = [0; MAX_ENCODED];
    let length = encode(&strange, &mut bytes).expect("encodable");
    line.opened(at(Duration::ZERO));
    let mut asked = 0;
    for ms in (0..10_000).step_by(50) {
        line.received(at(Duration::from_millis(ms)), &bytes[..length]);
        while line.next_action().is_some() {
            asked += 1;
        }
    }
    assert!(line.counts().late_answers > 100 && asked > 5, "{asked}");
}

/// The rewind of the host that died arrived after the greeting of the next one, and let a vehicle
/// end before anyone had asked for the controller's clock.
#[test]
fn a_late_rewind_of_a_dead_host_brings_no_vehicle_before_the_clock_is_known() {
    expect_each_vehicle_once(
        LinkMode::Push,
        WORSE,
        4_659_380_295_319_484_195,
        &[9_396, 9_214, 1_002],
    );
}

/// Exchanges begin anew with each host: the clock that the dead one had asked for came as the
/// answer to the next one's question for the identity, and nobody asked for the clock again.
#[test]
fn a_late_answer_to_a_dead_host_is_no_answer_to_another_question() {
    expect_each_vehicle_once(
        LinkMode::Push,
        BAD,
        9_232_064_071_793_550_471,
        &[8_861, 3_550, 8_682],
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn on_a_bad_line_each_event_arrives_once_and_in_order(
        seed: u64,
        mode in modes(),
        faults in faults(),
    ) {
        let mut world = World::new(mode, &[1], faults, seed);
        world.drive(30);
        world.run();
        world.assert_everything_arrived_once_and_in_order();
    }

    #[test]
    fn a_host_that_dies_stores_each_vehicle_once(
        seed: u64,
        mode in modes(),
        faults in faults(),
        deaths in prop::collection::vec(0_u64..40_000, 1..6),
    ) {
        expect_each_vehicle_once(mode, faults, seed, &deaths);
    }
    /// The host knows the scale before the first of them.
    #[test]
    fn no_vehicle_has_the_certificate_of_another_time(
        seed: u64,
        mode in modes(),
        faults in faults(),
        deaths in prop::collection::vec((10_000_u64..30_000, 0_u64..15_000), 0..4),
        calibrations in prop::collection::btree_set(10_000_u64..40_000, 0..4),
    ) {
        let calibrations: Vec<u64> = calibrations.iter().map(|at_ms| at_ms / 10 * 10 + 5).collect();
        let mut world = World::new(mode, &[1], faults, seed);
        world.drive(38);
        for (at_ms, missing_ms) in deaths {
            world.kill_host_for(at_ms, at_ms + missing_ms);
        }
        calibrations.iter().for_each(|at_ms| world.calibrate(*at_ms));
        world.run();
        for (vehicle, count) in world.calibrations() {
            let ended_ms = u64::from(vehicle) * 1_000 + 1_400;
            let before = calibrations.iter().filter(|at_ms| **at_ms < ended_ms).count() as u64;
            prop_assert!(count.is_none_or(|count| count == 1 + before), "{vehicle}: {count:?}");
        }
    }
}
