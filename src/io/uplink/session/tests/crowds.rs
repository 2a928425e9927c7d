//! Thousands of entries that nobody takes, and a store that cannot be read.

use super::*;

fn keys(lane: usize, seqs: std::ops::RangeInclusive<u64>) -> Vec<Key> {
    seqs.map(|seq| (lane, seq)).collect()
}

#[test]
fn a_lane_that_nobody_takes_remembers_no_more_than_its_bound_and_stops_no_other() {
    let mut scene = unlimited(16, Confirm::Puback);
    scene.store(&keys(1, 1..=5_000));
    scene.answer_everything(false);
    assert!(scene.session.refused() < MAX_WAITING + 16);
    scene.store(&[(0, 5_001)]);
    assert_eq!(scene.fill(), [(0, 5_001)]);
}

#[test]
fn thousands_of_refused_violations_do_not_hold_up_a_fresh_one() {
    let mut scene = unlimited(16, Confirm::Puback);
    scene.store(&keys(0, 1..=5_000));
    scene.answer_everything(false);
    scene.store(&[(0, 5_001)]);
    assert_eq!(scene.fill(), [(0, 5_001)]);
    for fresh in 5_002..=15_000 {
        let id = scene.next_id - 1;
        assert_eq!(scene.ack(id, false), Outcome::Refused);
        scene.store(&[(0, fresh)]);
        assert_eq!(scene.fill(), [(0, fresh)]);
    }
    assert!(scene.session.refused() <= 2 * MAX_WAITING);
}

#[test]
fn what_was_left_out_while_thousands_waited_is_delivered_when_they_are_taken() {
    let mut scene = unlimited(16, Confirm::Puback);
    scene.store(&keys(0, 1..=20_000));
    scene.answer_everything(false);
    for fresh in 20_001..=30_000 {
        scene.store(&[(0, fresh)]);
        scene.answer_everything(false);
    }
    scene.published.clear();
    scene.now += REFUSED;
    scene.answer_everything(true);
    assert_eq!(scene.left(), []);
    scene.published.sort_unstable();
    assert_eq!(scene.published, keys(0, 1..=30_000), "each once");
}

#[test]
fn a_lane_that_could_not_be_read_is_read_again_without_a_change_of_the_outbox() {
    let mut scene = unlimited(16, Confirm::Puback);
    scene.unreadable = true;
    scene.store(&[(0, 1), (1, 2)]);
    assert_eq!(scene.fill(), []);
    assert_eq!(scene.session.wake_at(), Some(scene.now + lane::READ_AGAIN));
    scene.unreadable = false;
    assert_eq!(scene.fill(), [], "not in a circle");
    scene.now += lane::READ_AGAIN;
    assert_eq!(scene.fill(), [(0, 1), (1, 2)]);
    assert_eq!(scene.session.wake_at(), None);
}
