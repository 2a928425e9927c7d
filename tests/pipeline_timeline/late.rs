//! Events that come long after their vehicle: matched against the sealed records, never against
//! live traffic.

use crate::vocabulary::*;
use wimd::clock::Continuity;
use wimd::pipeline::record::SupplementReason;
use wimd::pipeline::{Arrival, Pipeline};
use wimd::units::Micros;

const HOUR: i64 = 3_600_000;
/// From one vehicle to the next.
const APART: i64 = 4_000;

fn plate_of(vehicle: u32) -> String {
    format!("赣H{vehicle:05}")
}

fn record_of(vehicle: u32) -> Option<String> {
    Some(format!("s1-1-00000007-{vehicle}"))
}

/// Twenty vehicles of which the front camera's events come as they happen, except for that one's.
fn traffic(unseen: u32, adjust: impl Fn(Event) -> Event) -> (Timeline, Event) {
    let mut timeline = Timeline::taught(1, false, &adjust);
    let mut kept = None;
    for (place, vehicle) in (0..).zip(1_001..1_021) {
        let one = truck(vehicle).at(place * APART);
        let event = adjust(plate(&plate_of(vehicle)).of(&one));
        timeline.add_truck(one);
        if vehicle == unseen { kept = Some(event) } else { timeline.add_event(event) }
    }
    (timeline, kept.expect("one of them").late().received(HOUR))
}

/// Why the last camera event stands alone, and the record that it names.
fn supplement(outcome: &Outcome) -> (SupplementReason, Option<String>) {
    let supplements = outcome.supplements();
    let last = supplements.last().expect("a supplement");
    (last.reason, last.refers_to.clone())
}

#[test]
fn an_event_that_comes_an_hour_late_names_the_record_of_its_vehicle() {
    for off in [0, 37_000] {
        let (timeline, late) = traffic(1_008, |event| event.clock_off(off));
        let live = truck(2_001).at(HOUR - 2_000);
        let outcome = timeline.truck(&live).event(late).run(site(1, false));
        assert_eq!(supplement(&outcome), (SupplementReason::Late, record_of(1_008)), "off {off}");
        assert_eq!(
            (outcome.seen()[&1_008].clone(), outcome.seen()[&2_001].clone()),
            (UNPAIRED, UNPAIRED)
        );
    }
}

#[test]
fn a_late_event_of_a_vehicle_beside_the_scale_names_no_weighed_one() {
    let (timeline, late) = traffic(1_008, |event| event);
    let outcome = timeline.event(late.offence("17")).run(site(1, false));
    assert_eq!(supplement(&outcome), (SupplementReason::Late, None));
}

/// After half an hour the clock is a guess, so only a plate that another camera read tells.
#[test]
fn a_late_event_names_its_record_after_a_restart() {
    let mut timeline = Timeline::taught(1, true, |event| event);
    let one = truck(1_001).at(0);
    let read = |text: &str| plate(text).of(&one).late().received(HOUR);
    timeline.add_truck(one.clone());
    timeline.add_event(plate("赣H12345").rear_of(&one));
    for (text, record) in [("赣H12345", record_of(1_001)), ("赣H54321", None)] {
        let timeline = timeline.clone().event(read(text));
        let outcome = timeline.run_with_restarts(site(1, true), &[(HOUR / 2, 60_000)]);
        assert_eq!(supplement(&outcome), (SupplementReason::Late, record));
    }
}

/// Where the vehicles were in the new time is known from the difference, and after a new start of
/// the machine nobody knows it.
#[test]
fn a_late_event_names_its_record_when_our_clock_was_set_and_none_when_the_time_was_lost() {
    let mut timeline = Timeline::taught(1, true, |event| event);
    let one = truck(1_001).at(0);
    let late = plate("赣H12345").of(&one).late().received(HOUR);
    timeline.add_truck(one.clone());
    timeline.add_event(plate("赣H12345").rear_of(&one));
    let timeline = timeline.event(late);
    for step in [-1_200_000, 5_000] {
        let resumed = |told: fn(Micros) -> Continuity| {
            supplement(&timeline.run_with_a_step(site(1, true), (HOUR / 2, 60_000), step, told))
        };
        let moved = resumed(Continuity::Moved);
        assert_eq!(moved, (SupplementReason::Late, record_of(1_001)), "step {step}");
        assert_eq!(resumed(|_| Continuity::Lost), (SupplementReason::Late, None), "step {step}");
    }
}

#[test]
fn a_late_event_of_a_vehicle_that_has_its_plate_already_names_nobody_else() {
    let (timeline, late) = traffic(1_008, |event| event);
    // by its instant it is the vehicle before, which the camera has seen
    let stray = late.clock_off(-APART);
    let outcome = timeline.event(stray).run(site(1, false));
    assert_eq!(supplement(&outcome), (SupplementReason::Late, None));
}

#[test]
fn a_late_event_between_two_vehicles_without_plates_names_neither() {
    let mut timeline = Timeline::taught(1, false, |event| event);
    let (one, other) = (truck(1_001).at(0), truck(1_002).at(800));
    let between = plate("赣H12345").at((one.at_front() + other.at_front()) / 2);
    timeline.add_truck(one);
    timeline.add_truck(other);
    let outcome = timeline.event(between.late().received(HOUR)).run(site(1, false));
    assert_eq!(supplement(&outcome), (SupplementReason::Late, None));
}

#[test]
fn a_late_event_of_a_camera_whose_clock_is_not_known_names_nobody() {
    let one = truck(1_001).at(0);
    let late = plate("赣H12345").of(&one).late().received(HOUR);
    let outcome = Timeline::new().truck(&one).event(late).run(site(1, false));
    assert_eq!(supplement(&outcome), (SupplementReason::Late, None));
}

#[test]
fn a_live_event_is_no_repeat_of_a_late_one_of_the_same_vehicle() {
    let one = truck(1_001).at(0);
    let live = plate("赣H12345").of(&one).source("live");
    let late = live.clone().source("late").late();
    let outcome = Timeline::taught(1, false, |event| event)
        .truck(&one)
        .event(late)
        .event(live)
        .run(site(1, false));
    assert_eq!(outcome.seen()[&1_001], paired("赣H12345"));
    assert_eq!(supplement(&outcome).0, SupplementReason::Late);
}

/// Who hands it over all the same before the commit gets a record that names the id alone.
#[test]
fn an_event_whose_record_is_not_sealed_yet_asks_for_its_commit_first() {
    let one = truck(1_001).at(0);
    let fuller = plate("赣H12345").of(&one).source("uuid-1");
    let mut player = Player::new(site(1, false));
    let taught = Timeline::taught(1, false, |event| event);
    taught.truck(&one).event(fuller.clone().more_follows()).play(&mut player);
    let now = at(12_000);
    let awaits = |pipeline: &Pipeline, event: &Event| {
        let input = event.clone().into();
        pipeline.awaits_sealing(&Arrival { received_at: now, input, raw: Vec::new() })
    };
    assert!(!awaits(&player.pipeline, &fuller), "its vehicle is still open");
    let actions = player.pipeline.tick(now);
    let repeats = fuller.clone().received(12_000);
    let late = plate("赣H54321").of(&one).late().received(12_000);
    let late_and_fuller = repeats.clone().late();
    let late_and_known = late_and_fuller.clone().more_follows();
    let events = [&repeats, &late_and_fuller, &late, &late_and_known];
    let asking = |pipeline: &Pipeline| events.map(|event| awaits(pipeline, event));
    assert_eq!(asking(&player.pipeline), [true, true, false, false]);
    player.take(now, actions);
    assert_eq!(asking(&player.pipeline), [false; 4]);
    player.arrive(now, repeats.into());
    let outcome = player.finish();
    assert_eq!(supplement(&outcome), (SupplementReason::Repeated, record_of(1_001)));
}
