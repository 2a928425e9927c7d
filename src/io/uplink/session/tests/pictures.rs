//! Pictures in pieces: resumed, bounded, behind everything else.

use super::*;

/// Acknowledges what was published until nothing is left to send.
fn drain(scene: &mut Scene) {
    loop {
        let first = scene.next_id;
        if scene.fill().is_empty() {
            return;
        }
        for id in first..scene.next_id {
            let _ = scene.ack(id, true);
        }
    }
}

/// What each picture's pieces cover, one after the other, without a gap.
fn covered(scene: &Scene, seq: u64) -> u64 {
    let mut covered = 0;
    for (_, offset, length) in scene.pieces.iter().filter(|piece| piece.0 == seq) {
        assert!(*offset <= covered, "a gap at {covered}");
        covered = covered.max(offset + length);
    }
    covered
}

#[test]
fn a_picture_goes_in_pieces_and_is_removed_with_the_last() {
    let mut scene = unlimited(16, Confirm::Puback);
    scene.outbox.insert((2, 1), 300_000);
    drain(&mut scene);
    assert_eq!((scene.left(), covered(&scene, 1)), (vec![], 300_000));
    assert!(scene.pieces.len() > 4);
    assert!(scene.pieces.iter().all(|(_, _, length)| *length <= pace::LARGEST_PIECE as u64));
}

#[test]
fn one_picture_comes_after_the_other() {
    let mut scene = unlimited(16, Confirm::Puback);
    for seq in 1..=3 {
        scene.outbox.insert((2, seq), 100_000);
    }
    drain(&mut scene);
    let mut order: Vec<u64> = scene.pieces.iter().map(|piece| piece.0).collect();
    order.dedup();
    assert_eq!((order, scene.left()), (vec![1, 2, 3], vec![]));
}

#[test]
fn a_violation_goes_between_two_pieces() {
    let mut scene = unlimited(16, Confirm::Puback);
    scene.outbox.insert((2, 1), 300_000);
    assert_eq!(scene.fill(), [(2, 1), (2, 1)]);
    scene.store(&[(0, 2)]);
    assert_eq!(scene.fill(), [(0, 2)]);
}

#[test]
fn after_a_cut_a_picture_goes_on_where_it_was() {
    let mut scene = unlimited(16, Confirm::Puback);
    scene.outbox.insert((2, 1), 300_000);
    scene.fill();
    assert_eq!(scene.ack(1, true), Outcome::Piece((2, 1)));
    let arrived = scene.pieces[0].2;
    scene.session.connected(Limits::default());
    scene.pieces.clear();
    scene.fill();
    assert_eq!(scene.pieces[0].1, arrived);
    for id in 3..scene.next_id {
        let _ = scene.ack(id, true);
    }
    drain(&mut scene);
    assert_eq!(scene.left(), []);
}

#[test]
fn a_refused_piece_comes_again_after_the_pause_and_the_picture_is_whole() {
    let mut scene = unlimited(16, Confirm::Puback);
    scene.outbox.insert((2, 1), 300_000);
    scene.fill();
    assert_eq!(scene.ack(1, false), Outcome::Refused);
    assert_eq!(scene.ack(2, true), Outcome::Piece((2, 1)));
    assert_eq!(scene.fill(), []);
    scene.now += REFUSED;
    scene.pieces.clear();
    drain(&mut scene);
    assert_eq!((scene.left(), covered(&scene, 1)), (vec![], 300_000));
}

#[test]
fn pieces_acknowledged_out_of_order_leave_no_picture_behind() {
    let mut scene = unlimited(16, Confirm::Puback);
    scene.outbox.insert((2, 1), 12_000);
    assert_eq!(scene.fill().len(), 2);
    assert_eq!(scene.ack(2, true), Outcome::Piece((2, 1)));
    assert_eq!(scene.ack(1, true), Outcome::Piece((2, 1)));
    drain(&mut scene);
    assert_eq!(scene.left(), []);
}

#[test]
fn a_picture_that_vanishes_half_way_stops_no_other() {
    let mut scene = unlimited(16, Confirm::Puback);
    scene.outbox.insert((2, 1), 300_000);
    scene.outbox.insert((2, 2), 1_000);
    scene.fill();
    scene.outbox.remove(&(2, 1));
    for id in 1..scene.next_id {
        let _ = scene.ack(id, true);
    }
    drain(&mut scene);
    assert_eq!(scene.left(), []);
}

#[test]
fn while_it_is_others_turn_passages_and_pictures_wait_and_a_violation_does_not() {
    let mut scene = unlimited(16, Confirm::Puback);
    scene.session = Session::new(Settings { catch_up_percent: 50, ..scene.session.settings });
    scene.session.connected(Limits::default());
    scene.store(&[(1, 1), (1, 2)]);
    assert_eq!(scene.fill(), [(1, 1), (1, 2)]);
    scene.now += Duration::from_secs(1);
    scene.store(&[(1, 3)]);
    assert_eq!(scene.fill(), [], "the turn is over");
    let _ = (scene.ack(1, true), scene.ack(2, true));
    assert_eq!(scene.fill(), []);
    assert_eq!(scene.session.wake_at(), Some(scene.now + Duration::from_secs(1)));
    scene.store(&[(0, 4)]);
    assert_eq!(scene.fill(), [(0, 4)]);
    scene.now += Duration::from_secs(1);
    assert_eq!(scene.fill(), [(1, 3)]);
    assert_eq!(scene.session.wake_at(), None);
}
