use super::*;
use crate::pipeline::assess::example::vehicle;

fn grouping(spacings: &[u32]) -> Grouping {
    let loads = vec![5_000; spacings.len() + 1];
    Grouping::of(&vehicle(&loads, spacings), &Thresholds::default()).unwrap()
}

fn readings(spacings: &[u32]) -> (String, String) {
    let grouping = grouping(spacings);
    (grouping.widest().to_string(), grouping.tightest().to_string())
}

#[test]
fn axles_up_to_two_metres_apart_are_one_group() {
    let sure = |split: &str| (split.to_owned(), split.to_owned());
    assert_eq!(readings(&[3_600, 2_000]), sure("1+2"));
    assert_eq!(readings(&[3_600, 2_501]), sure("1+1+1"));
    assert_eq!(readings(&[1_900, 4_000, 1_350]), sure("2+2"));
}

#[test]
fn a_spacing_in_the_valley_gives_both_readings() {
    for spacing in [2_001, 2_500] {
        assert_eq!(readings(&[3_600, spacing]), ("1+1+1".to_owned(), "1+2".to_owned()));
    }
}

#[test]
fn a_spacing_that_was_not_measured_gives_both_readings() {
    let mut passage = vehicle(&[5_000, 5_000, 5_000], &[3_600, 1_300]);
    passage.axles[2].spacing_mm = None;
    let grouping = Grouping::of(&passage, &Thresholds::default()).unwrap();
    assert_eq!(grouping.uncertain_gaps(), 0b10);
    assert!(grouping.admits(&"1+2".parse().unwrap()));
    assert!(grouping.admits(&"1+1+1".parse().unwrap()));
    assert!(!grouping.admits(&"2+1".parse().unwrap()));
}

#[test]
fn device_codes_are_read_by_their_scheme_only() {
    use CodeScheme::{OneToNine, OneToSeven};
    use DeviceAgreement::{Agrees, Disagrees, NotCompared};
    let six = grouping(&[3_300, 1_350, 6_500, 1_310, 1_310]);
    assert_eq!(OneToSeven.compare(&[1, 5, 7], &six), Agrees);
    assert_eq!(OneToNine.compare(&[1, 5, 9], &six), Agrees);
    assert_eq!(OneToSeven.compare(&[1, 5, 9], &six), Disagrees);
    assert_eq!(OneToSeven.compare(&[1, 2, 5, 5], &six), Disagrees);
    assert_eq!(OneToSeven.compare(&[1, 5, 0], &six), NotCompared);
    assert_eq!(OneToSeven.compare(&[], &six), NotCompared);
}

#[test]
fn a_leading_one_one_stands_for_a_twin_steer_pair() {
    let four = grouping(&[1_900, 4_000, 1_350]);
    assert_eq!(CodeScheme::OneToSeven.compare(&[1, 1, 5], &four), DeviceAgreement::Agrees);
    assert_eq!(CodeScheme::OneToSeven.compare(&[1, 2, 5], &four), DeviceAgreement::Disagrees);
}
