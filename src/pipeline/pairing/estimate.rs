//! Medians and densest windows of integer samples: robust, exact, without floats.

/// Lower median and the spread that a normal distribution of the same median deviation has.
/// Sorts `values`; `None` when there are none.
pub(super) fn median_and_spread(values: &mut [i64]) -> Option<(i64, i64)> {
    values.sort_unstable();
    let middle = values.len().checked_sub(1)? / 2;
    let median = values[middle];
    let deviation = deviation_of_rank(values, middle);
    // 1.4826 median deviations are one standard deviation of a normal distribution
    Some((median, deviation.saturating_mul(14_826) / 10_000))
}

/// Lower median; changes the order of `values`. `None` when there are none.
pub(super) fn median(values: &mut [i64]) -> Option<i64> {
    let middle = values.len().checked_sub(1)? / 2;
    Some(*values.select_nth_unstable(middle).1)
}

/// The deviation from the lower median that `rank` deviations of a sorted list do not exceed: they
/// grow to both sides of it.
fn deviation_of_rank(sorted: &[i64], rank: usize) -> i64 {
    let (below, from_median) = sorted.split_at(rank);
    let Some((median, above)) = from_median.split_first() else {
        return 0;
    };
    let deviation = |value: &i64| value.saturating_sub(*median).saturating_abs();
    let (mut below, mut above) = (below.iter().rev().map(deviation), above.iter().map(deviation));
    let (mut low, mut high) = (below.next(), above.next());
    let mut last = 0;
    for _ in 0..rank {
        let from_below = low.is_some_and(|low| high.is_none_or(|high| low <= high));
        let side = if from_below { (&mut low, below.next()) } else { (&mut high, above.next()) };
        last = std::mem::replace(side.0, side.1).unwrap_or(last);
    }
    last
}

/// The densest window of a sorted list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cluster {
    /// Lowest value in it.
    pub(super) low: i64,
    /// Highest value in it.
    pub(super) high: i64,
    /// Values in it.
    pub(super) count: usize,
    /// Values in the densest window that shares none with it.
    pub(super) rival: usize,
}

/// The window of `width` that holds most of the `sorted` values, and its strongest rival.
pub(super) fn densest(sorted: &[i64], width: i64) -> Option<Cluster> {
    let (start, count) = densest_run(sorted, width)?;
    let rival = [&sorted[..start], &sorted[start + count..]]
        .into_iter()
        .filter_map(|rest| densest_run(rest, width))
        .map(|(_, count)| count)
        .max()
        .unwrap_or(0);
    Some(Cluster { low: sorted[start], high: sorted[start + count - 1], count, rival })
}

fn densest_run(sorted: &[i64], width: i64) -> Option<(usize, usize)> {
    let mut start = 0;
    let mut best: Option<(usize, usize)> = None;
    for (end, value) in sorted.iter().enumerate() {
        while value.saturating_sub(sorted[start]) > width {
            start += 1;
        }
        let count = end + 1 - start;
        if best.is_none_or(|(_, most)| count > most) {
            best = Some((start, count));
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{median as median_alone, *};

    proptest! {
        #[test]
        fn the_spread_is_the_lower_median_of_all_deviations(
            mut values in prop::collection::vec(-50_i64..50, 1..40)
        ) {
            let quick = median_alone(&mut values.clone());
            let (median, spread) = median_and_spread(&mut values).expect("there are values");
            prop_assert_eq!(quick, Some(median));
            let mut deviations: Vec<i64> = values.iter().map(|v| (v - median).abs()).collect();
            deviations.sort_unstable();
            let middle = (values.len() - 1) / 2;
            prop_assert_eq!((median, spread), (values[middle], deviations[middle] * 14_826 / 10_000));
        }
    }

    #[test]
    fn one_wild_value_moves_neither_median_nor_spread_much() {
        let mut values = [10, 12, 11, 13, 1_000_000];
        assert_eq!(median_and_spread(&mut values), Some((12, 1)));
    }

    #[test]
    fn the_densest_window_names_its_strongest_rival() {
        let sorted = [0, 100, 110, 120, 130, 900, 905];
        assert_eq!(densest(&sorted, 50), Some(Cluster { low: 100, high: 130, count: 4, rival: 2 }));
    }

    #[test]
    fn nothing_has_no_median() {
        assert_eq!(median_and_spread(&mut []), None);
        assert_eq!(densest(&[], 5), None);
    }
}
