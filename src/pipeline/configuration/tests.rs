use super::*;
use crate::config::limits::standard;
use crate::pipeline::assess::example::vehicle;
use crate::pipeline::grouping::Thresholds;
use crate::pipeline::limits::LengthRow;
use crate::pipeline::passage::Tyres;
use crate::units::Millimetres;

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

/// Kinds that are left of a pattern when it measures `length` mm, of which 1 000 mm may be error.
fn left(spacings: &[u32], length: Option<u32>, front_tyres: [Tyres; 2]) -> Vec<Body> {
    let loads = vec![5_000; spacings.len() + 1];
    let grouping = Grouping::of(&vehicle(&loads, spacings), &Thresholds::default()).unwrap();
    let seen =
        Seen { length: length.map(Millimetres), length_error: Millimetres(1_000), front_tyres };
    let tables = standard();
    let day = "2026-11-23".parse().unwrap();
    let rows: Vec<&LengthRow> = tables.get("gb1589-2016").unwrap().lengths(day).collect();
    let longest = |body| {
        let rows = rows.iter().copied().filter(|row| row.vehicle.covers(body));
        rows.max_by_key(|row| row.most)
    };
    let mut kinds = admissible(&grouping);
    let found = exclusions(&kinds, &seen, longest);
    kinds.retain(|one| !found.iter().any(|exclusion| exclusion.excludes(one)));
    kinds.into_iter().map(|one| one.body).collect()
}

#[test]
fn a_length_beyond_the_maximum_and_the_error_excludes_the_kind() {
    use Body::{Articulated, CentreAxle, FullTrailer, Rigid};
    let unknown = [Tyres::Unknown; 2];
    let unclear = |length| left(&[3_600, 2_200], length, unknown);
    assert_eq!(unclear(None), [Articulated, CentreAxle, Rigid]);
    assert_eq!(unclear(Some(13_000)), [Articulated, CentreAxle, Rigid]);
    assert_eq!(unclear(Some(13_001)), [Articulated, CentreAxle]);
    assert_eq!(unclear(Some(19_101)), [CentreAxle]);
    let four = |length| left(&[3_600, 4_000, 4_000], Some(length), unknown);
    assert_eq!(four(19_100), [Articulated, FullTrailer]);
    assert_eq!(four(19_101), [FullTrailer]);
}

#[test]
fn a_length_that_no_kind_may_have_excludes_none() {
    use Body::{Articulated, CentreAxle, Rigid};
    let unknown = [Tyres::Unknown; 2];
    assert_eq!(left(&[3_600, 2_200], Some(23_000), unknown), [CentreAxle]);
    assert_eq!(left(&[3_600, 2_200], Some(23_001), unknown), [Articulated, CentreAxle, Rigid]);
    assert_eq!(left(&[4_500], Some(25_000), unknown), [Rigid]);
}

#[test]
fn dual_tyres_on_one_of_the_first_two_axles_exclude_twin_steering() {
    use Body::{Articulated, CentreAxle, TwinSteerRigid};
    use Tyres::{Dual, Single, Unknown};
    let unclear = |tyres| left(&[2_200, 4_500], None, tyres);
    assert_eq!(unclear([Unknown, Dual]), [Articulated, CentreAxle]);
    for tyres in [[Single, Single], [Single, Unknown], [Unknown, Unknown]] {
        assert_eq!(unclear(tyres), [Articulated, CentreAxle, TwinSteerRigid]);
    }
    // where the spacing leaves nothing else, the tyres are what is in doubt
    assert_eq!(left(&[1_800, 4_500], None, [Unknown, Dual]), [TwinSteerRigid]);
}
