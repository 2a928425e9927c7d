//! Raw frames give the passage again, and nothing else does.

use proptest::prelude::*;

use super::*;
use crate::io::scale::assembler::rebuild::{RebuildError, rebuild};

/// Whole, without an end, without a begin, and with a begin in another lane.
fn told() -> Vec<Closed> {
    let mut story = Story::new();
    story.real_frames = true;
    story.vehicle(1, 1, 0).vehicle(2, 2, 300);
    story.begin(3, 1, 600).axle(3, 1, 650).vehicle(4, 1, 120_000);
    story.axle(5, 1, 120_500).end(5, 1, 120_600, &[axle(5, 1, 120_500)]);
    story.begin(6, 2, 121_000).axle(6, 1, 121_010).end(6, 1, 121_100, &[axle(6, 1, 121_010)]);
    let closed = std::mem::take(&mut story.closed);
    assert_eq!(closed.len(), 6);
    closed
}

#[test]
fn every_passage_comes_out_of_its_raw_frames() {
    for closed in told() {
        assert_eq!(rebuild(&closed.raw, &closed.passage).as_ref(), Ok(&closed.passage));
    }
}

#[test]
fn what_was_measured_comes_from_the_frames_and_not_from_the_record() {
    let closed = told().remove(0);
    let mut claimed = closed.passage.clone();
    claimed.axles[1].load_kg = Some(Kilograms(9_999));
    claimed.source.vehicle = 8;
    claimed.flags = vec![QualityFlag::Braking];
    assert_eq!(rebuild(&closed.raw, &claimed).as_ref(), Ok(&closed.passage));
}

#[test]
fn bytes_that_are_not_the_frames_of_one_vehicle_are_refused_by_place() {
    let (first, second) = (told().remove(0), told().remove(1));
    let again = |raw: &[u8]| rebuild(raw, &first.passage);
    assert_eq!(again(&[]), Err(RebuildError::Empty));
    assert_eq!(again(&first.raw[..first.raw.len() - 1]), Err(RebuildError::Short { frame: 4 }));
    let mixed = [&first.raw[..], &second.raw[..]].concat();
    assert_eq!(again(&mixed), Err(RebuildError::Foreign { frame: 5 }));
    let mut altered = first.raw.clone();
    altered[20] ^= 1;
    assert_eq!(again(&altered), Err(RebuildError::NoFrame { frame: 1 }));
}

proptest! {
    #[test]
    fn any_bytes_are_refused_without_a_panic(raw in prop::collection::vec(any::<u8>(), 0..200)) {
        let known = told().remove(0).passage;
        prop_assert!(rebuild(&raw, &known).is_err());
    }
}
