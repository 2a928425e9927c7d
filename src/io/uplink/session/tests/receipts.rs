//! Entries that the platform itself has to confirm.

use super::*;

#[test]
fn with_receipts_an_entry_stays_until_the_platform_has_it() {
    let mut scene = unlimited(16, Confirm::Receipt);
    scene.store(&[(0, 1), (1, 2), (1, 3)]);
    scene.fill();
    for id in 1..=3 {
        assert_eq!(scene.ack(id, true), Outcome::AwaitReceipt);
    }
    assert_eq!(scene.session.unreceipted(), 3);
    assert_eq!(scene.receipt(r#"{"up_to":2}"#), [(0, 1), (1, 2)]);
    assert_eq!(scene.left(), [(1, 3)]);
    scene.now += UNRECEIPTED;
    assert_eq!(scene.fill(), [(1, 3)]);
    let _ = scene.ack(4, true);
    assert_eq!(scene.receipt(r#"{"seqs":[3]}"#), [(1, 3)]);
}

#[test]
fn a_receipt_that_overtakes_the_acknowledgement_settles_with_it() {
    let mut scene = unlimited(16, Confirm::Receipt);
    scene.store(&[(0, 1)]);
    scene.fill();
    assert_eq!(scene.receipt(r#"{"seqs":[1]}"#), []);
    assert_eq!(scene.ack(1, true), Outcome::Remove((0, 1)));
}

#[test]
fn a_record_that_is_asked_for_again_needs_a_new_receipt() {
    let mut scene = unlimited(16, Confirm::Receipt);
    assert_eq!(scene.receipt(r#"{"up_to":9}"#), []);
    scene.session.asked_again((4, 6));
    scene.store(&[(1, 3), (1, 5)]);
    scene.fill();
    assert_eq!(scene.ack(1, true), Outcome::Remove((1, 3)));
    assert_eq!(scene.ack(2, true), Outcome::AwaitReceipt);
    assert_eq!(scene.receipt(r#"{"up_to":9}"#), [(1, 5)]);
}

#[test]
fn a_picture_needs_no_receipt() {
    let mut scene = unlimited(16, Confirm::Receipt);
    scene.store(&[(2, 1)]);
    scene.fill();
    assert_eq!(scene.ack(1, true), Outcome::Remove((2, 1)));
}
