//! A controller that is not as PROTOCOL.md wants it.

use std::collections::BTreeSet;

use super::*;

/// The second event is an axle of the first vehicle.
#[test]
fn an_event_that_cannot_be_read_is_a_gap_and_holds_up_nothing() {
    for mode in [LinkMode::Poll, LinkMode::Push] {
        let mut world = World::new(mode, &[1], Faults::NONE, 8);
        world.drive(10);
        world.spoil(&[2]);
        world.run();
        assert_eq!(world.gaps(), [(2, Some(2))].map(|(first, last)| (1, first, last)), "{mode:?}");
        assert_eq!(world.passages().len(), 10, "{mode:?}");
        let flagged = world.passages().iter().filter(|it| !it.flags.is_empty()).count();
        assert_eq!(flagged, 1, "{mode:?}");
    }
}

/// The host may be killed between the two starts.
#[test]
fn vehicles_of_two_starts_with_one_boot_id_are_different_vehicles() {
    for is_killed in [false, true] {
        let mut world = World::new(LinkMode::Poll, &[1], Faults::NONE, 9);
        world.drive(20);
        world.run();
        world.restart_controllers();
        if is_killed {
            world.resurrect_host();
        }
        world.drive(5);
        world.go_on();
        let sources: BTreeSet<_> = world.passages().iter().map(|passage| passage.source).collect();
        assert_eq!((sources.len(), world.passages().len()), (25, 25), "{is_killed}");
    }
}
