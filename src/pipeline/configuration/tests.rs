use super::*;
use crate::pipeline::assess::example::vehicle;
use crate::pipeline::grouping::Thresholds;

fn bodies(spacings: &[u32]) -> Vec<(Body, u8, bool)> {
    let loads = vec![5_000; spacings.len() + 1];
    let grouping = Grouping::of(&vehicle(&loads, spacings), &Thresholds::default()).unwrap();
    let mut found: Vec<_> = admissible(&grouping)
        .into_iter()
        .map(|one| (one.body, one.motor_axles, one.double_drive_possible))
        .collect();
    found.sort_unstable();
    found
}

#[test]
fn each_pattern_admits_its_kinds_and_no_other() {
    use Body::{Articulated, CentreAxle, FullTrailer, Rigid, TwinSteerRigid};
    assert_eq!(bodies(&[4_500]), [(Rigid, 2, false)]);
    assert_eq!(bodies(&[3_600, 1_350]), [(Rigid, 3, true)]);
    assert_eq!(bodies(&[1_800, 4_500]), [(TwinSteerRigid, 3, false)]);
    assert_eq!(bodies(&[1_800, 3_500, 1_350]), [(TwinSteerRigid, 4, true)]);
    assert_eq!(bodies(&[3_600, 6_000]), [(Articulated, 2, false), (CentreAxle, 2, false)]);
    assert_eq!(bodies(&[3_600, 6_000, 1_350]), [(Articulated, 2, false), (CentreAxle, 2, false)]);
    assert_eq!(bodies(&[3_600, 4_000, 4_000]), [(Articulated, 2, false), (FullTrailer, 2, false)]);
    assert_eq!(
        bodies(&[3_300, 1_350, 6_500, 1_310, 1_310]),
        [(Articulated, 3, true), (CentreAxle, 3, true)]
    );
}

#[test]
fn an_uncertain_spacing_admits_the_kinds_of_both_readings() {
    use Body::{Articulated, CentreAxle, Rigid};
    assert_eq!(
        bodies(&[3_600, 2_200]),
        [(Rigid, 3, true), (Articulated, 2, false), (CentreAxle, 2, false)]
    );
}

#[test]
fn a_group_that_no_known_layout_has_admits_nothing() {
    assert_eq!(bodies(&[3_600, 1_300, 1_300]), []);
}
