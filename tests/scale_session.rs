//! The host's line against the controller's session in virtual time, over a line that loses,
//! repeats, reorders and corrupts frames, with a host that dies.

#[path = "scale_session/world.rs"]
mod world;

use proptest::prelude::*;
use wimd::config::LinkMode;
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

/// The rewind of the host that died arrived after the greeting of the next one, and let a vehicle
/// end before anyone had asked for the controller's clock.
#[test]
fn a_late_rewind_of_a_dead_host_brings_no_vehicle_before_the_clock_is_known() {
    let mut world = World::new(LinkMode::Push, &[1], WORSE, 4_659_380_295_319_484_195);
    world.drive(30);
    world.kill_host_at(&[9_396, 9_214, 1_002]);
    world.run();
    world.assert_everything_arrived_once_and_in_order();
}

/// Exchanges begin anew with each host: the clock that the dead one had asked for came as the
/// answer to the next one's question for the identity, and nobody asked for the clock again.
#[test]
fn a_late_answer_to_a_dead_host_is_no_answer_to_another_question() {
    let mut world = World::new(LinkMode::Push, &[1], BAD, 9_232_064_071_793_550_471);
    world.drive(30);
    world.kill_host_at(&[8_861, 3_550, 8_682]);
    world.run();
    world.assert_everything_arrived_once_and_in_order();
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
        let mut world = World::new(mode, &[1], faults, seed);
        world.drive(30);
        world.kill_host_at(&deaths);
        world.run();
        world.assert_everything_arrived_once_and_in_order();
    }
}
