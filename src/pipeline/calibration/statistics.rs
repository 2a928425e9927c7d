//! Mean, spread and interval of errors, in whole parts per million.

/// Two-sided 95 % quantiles of Student's distribution, thousandths, for 1 to 30 degrees of
/// freedom (any table of it); beyond, the last stands, which is a little wide.
const STUDENT: [u32; 30] = [
    12_706, 4_303, 3_182, 2_776, 2_571, 2_447, 2_365, 2_306, 2_262, 2_228, 2_201, 2_179, 2_160,
    2_145, 2_131, 2_120, 2_110, 2_101, 2_093, 2_086, 2_080, 2_074, 2_069, 2_064, 2_060, 2_056,
    2_052, 2_048, 2_045, 2_042,
];

/// The mean, rounded to the nearest, halves away from zero; `None` of nothing.
pub(super) fn mean(values: &[i64]) -> Option<i64> {
    let count = i64::try_from(values.len()).ok().filter(|count| *count > 0)?;
    let sum: i64 = values.iter().sum();
    Some((sum + count / 2 * sum.signum()) / count)
}

/// Sum of the squares of the distances to the mean, times the count.
fn squares(values: &[i64]) -> u128 {
    let count = values.len() as u128;
    let sum = values.iter().sum::<i64>().unsigned_abs();
    let of_each = |value: &i64| u128::from(value.unsigned_abs()).pow(2);
    count * values.iter().map(of_each).sum::<u128>() - u128::from(sum).pow(2)
}

/// The standard deviation of a sample, rounded down; `None` of less than two.
pub(super) fn deviation(values: &[i64]) -> Option<i64> {
    let count = values.len() as u128;
    let variance = squares(values).checked_div(count * count.checked_sub(1)?)?;
    i64::try_from(variance.isqrt()).ok()
}

/// Half the width of the 95 % interval of the mean, rounded up; `None` of less than two.
pub(super) fn half_width(values: &[i64]) -> Option<i64> {
    let count = values.len() as u128;
    let freedom = values.len().checked_sub(2)?;
    let student = u128::from(*STUDENT.get(freedom).unwrap_or(&STUDENT[STUDENT.len() - 1]));
    let square = squares(values) * student.pow(2) / (count * count * (count - 1) * 1_000_000);
    i64::try_from(square.isqrt() + 1).ok()
}

/// The middle value, the lower of two; `None` of nothing.
pub(super) fn median(values: impl IntoIterator<Item = i64>) -> Option<i64> {
    let mut sorted: Vec<i64> = values.into_iter().collect();
    sorted.sort_unstable();
    sorted.get(sorted.len().checked_sub(1)? / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_figures_of_a_small_sample_are_those_of_the_textbook() {
        // 2, 4, 4, 4, 5, 5, 7, 9: mean 5, sum of squares 32, s = sqrt(32 / 7) = 2.138
        let sample = [2_000, 4_000, 4_000, 4_000, 5_000, 5_000, 7_000, 9_000];
        assert_eq!(mean(&sample), Some(5_000));
        assert_eq!(deviation(&sample), Some(2_138));
        // 2.365 * 2.138 / sqrt(8) = 1.788
        assert_eq!(half_width(&sample), Some(1_788));
        assert_eq!(median(sample), Some(4_000));
    }

    #[test]
    fn nothing_has_no_mean_and_one_value_no_spread() {
        assert_eq!(
            (mean(&[]), deviation(&[]), half_width(&[]), median([])),
            (None, None, None, None)
        );
        assert_eq!((mean(&[-3]), deviation(&[-3]), half_width(&[-3])), (Some(-3), None, None));
    }

    proptest! {
        #[test]
        fn a_shift_moves_the_mean_and_leaves_the_spread(
            values in prop::collection::vec(-1_000_000_i64..1_000_000, 2..40),
            shift in -1_000_000_i64..1_000_000,
        ) {
            let moved: Vec<i64> = values.iter().map(|value| value + shift).collect();
            prop_assert_eq!(deviation(&moved), deviation(&values));
            prop_assert_eq!(half_width(&moved), half_width(&values));
            let off = mean(&moved).expect("a mean") - mean(&values).expect("a mean") - shift;
            prop_assert!(off.abs() <= 1, "only rounding may differ: {}", off);
        }
    }
}
