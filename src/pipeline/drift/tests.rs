//! Charts over invented loads with the figures of scales.md section 3: 5.44 t, coefficient of
//! variation 0.2. The tests draw from a fixed generator; nothing outside them draws.

use super::chart::Chart;
use super::{DriftState, DriftStatus, DriftWatch, KnownDrift, SHARE};
use proptest::prelude::*;

/// Mean of the public data set, kilograms.
const MEAN: i64 = 5_440;

/// Bell-shaped numbers of mean 0 and spread 1 000, from the sum of twelve even ones.
struct Bell(u64);

impl Bell {
    fn next(&mut self) -> i64 {
        let mut sum = 0;
        for _ in 0..12 {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            sum += i64::try_from(self.0 >> 33).expect("31 bits") % 1_000;
        }
        sum - 12 * 999 / 2
    }

    /// A steering axle with a coefficient of variation of 0.2, on a scale that is off by `per_mille`.
    fn load(&mut self, per_mille: i64) -> u64 {
        let load = MEAN + MEAN * self.next() / 5_000;
        u64::try_from(load.max(100) * (1_000 + per_mille) / 1_000).expect("positive")
    }
}

/// A chart whose baseline is known, and the loads after it.
fn after_calibration(seed: u64) -> (Chart, Bell) {
    let (mut chart, mut bell) = (Chart::default(), Bell(seed));
    while chart.is_learning() {
        chart.take(bell.load(0));
    }
    (chart, bell)
}

/// Tractors until the chart tells, at most `most`.
fn until(
    chart: &mut Chart,
    most: usize,
    mut load: impl FnMut() -> u64,
    told: impl Fn(&Chart) -> bool,
) -> Option<usize> {
    (1..=most).find(|_| {
        chart.take(load());
        told(chart)
    })
}

#[test]
fn steady_tractors_raise_no_alarm() {
    for seed in 0..10 {
        let (mut chart, mut bell) = after_calibration(seed);
        let told =
            until(&mut chart, 50_000, || bell.load(0), |chart| chart.is_off() || chart.is_far());
        assert_eq!(told, None, "seed {seed}");
    }
}

#[test]
fn a_shift_of_three_per_cent_is_noticed_within_4_000_tractors() {
    let mut needed: Vec<usize> = Vec::new();
    for seed in 0..40 {
        for shift in [30, -30] {
            let (mut chart, mut bell) = after_calibration(seed);
            let told = until(&mut chart, 4_000, || bell.load(shift), Chart::is_off);
            needed.push(told.unwrap_or_else(|| panic!("seed {seed}, shift {shift}")));
        }
    }
    needed.sort_unstable();
    let half = needed[needed.len() / 2];
    assert!((900..1_600).contains(&half), "half of them within {half}: {needed:?}");
}

#[test]
fn a_shift_of_five_per_cent_lowers_the_lane_within_1_200_tractors() {
    for seed in 0..40 {
        let (mut chart, mut bell) = after_calibration(seed);
        let told = until(&mut chart, 1_200, || bell.load(50), Chart::is_far);
        assert!(told.is_some(), "seed {seed}");
    }
}

#[test]
fn a_warning_ends_when_the_traffic_is_as_it_was() {
    let (mut chart, mut bell) = after_calibration(4);
    assert!(until(&mut chart, 3_000, || bell.load(35), Chart::is_off).is_some());
    let over = until(&mut chart, 4_000, || bell.load(0), |chart| !chart.is_off());
    assert!(over.is_some_and(|tractors| tractors > 500), "{over:?}");
}

#[test]
fn wheels_that_share_the_axle_otherwise_are_noticed_sooner_than_the_load() {
    // one side 6 % light: the share moves by 1.5 points, which is 3 % of a half
    let (mut chart, mut bell) = (Chart::default(), Bell(9));
    let mut share = |points: i64| {
        let share = 50_000 + points + bell.next() * 3 / 2;
        u64::try_from(share).expect("positive").min(SHARE)
    };
    while chart.is_learning() {
        chart.take(share(0));
    }
    let told = until(&mut chart, 400, || share(-1_500), Chart::is_off);
    assert!(told.is_some(), "{told:?}");
}

#[test]
fn a_calibration_ends_what_lowered_the_lane() {
    let known = KnownDrift { lowered: true, tractors: 9_000, ..KnownDrift::default() };
    let mut watch = DriftWatch::default();
    watch.recall(known);
    assert_eq!(watch.state(), DriftState::Statistics);
    watch.begin_anew();
    assert_eq!(watch.status(), DriftStatus::default());
    assert_eq!(watch.take_known(), Some(KnownDrift::default()));
    assert_eq!(watch.take_known(), None);
}

proptest! {
    /// No figure that fits the type overflows anything, and what is shown stays within reason.
    #[test]
    fn any_values_are_taken(
        baseline in prop::collection::vec(0..=u64::from(u32::MAX), 400..500),
        later in prop::collection::vec(0..=u64::from(u32::MAX), 0..500),
    ) {
        let mut chart = Chart::default();
        for value in baseline.into_iter().cycle().take(7_000).chain(later) {
            chart.take(value);
        }
        let shown = chart.status().deviation_ppm.expect("learnt");
        prop_assert!(shown.0.abs() <= 1_500_000, "{shown}");
    }
}
