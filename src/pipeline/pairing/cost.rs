//! What it costs to believe that an event belongs to a passage, in milli-nats.

use crate::pipeline::passage::Direction;
use crate::pipeline::passage::size::Size;
use crate::units::{DeciKmh, Micros};

/// Ceiling of a single cost: far beyond every price, small enough to add hundreds of them.
const CEILING: i64 = 1_000_000;

/// A residual of z spreads: z²/2 to three spreads, then 3z − 4.5.
pub(super) fn of_residual(residual: Micros, spread: Micros) -> u32 {
    let z = residual
        .0
        .saturating_abs()
        .saturating_mul(1_000)
        .checked_div(spread.0.max(1))
        .unwrap_or(i64::MAX);
    let cost = if z <= 3_000 { z * z / 2_000 } else { z.saturating_mul(3).saturating_sub(4_500) };
    u32::try_from(cost.clamp(0, CEILING)).unwrap_or(0)
}

/// Of knowing less: ln of how many times wider the whole spread is than the camera's own. Without
/// it a vehicle whose travel is hardly known would cheaply take the events of everybody.
pub(super) fn of_slack(spread: Micros, slack: Micros) -> u32 {
    let spread = spread.0.max(1);
    let wider = slack.0.clamp(0, 1 << 40).saturating_mul(1_000) / spread + 1_000;
    let cost = i64::try_from(ln_of_thousandths(wider.unsigned_abs())).unwrap_or(CEILING);
    u32::try_from(cost.clamp(0, CEILING)).unwrap_or(0)
}

/// Natural logarithm of so many thousandths, milli-nats; zero for less than one. Off by 20 at most.
pub(super) fn ln_of_thousandths(thousandths: u64) -> u64 {
    let Some(halvings) = (thousandths / 1_000).checked_ilog2() else {
        return 0;
    };
    // a thousand times a power of two times a rest of 1 to 2
    let fraction = (thousandths >> halvings).saturating_sub(1_000);
    u64::from(halvings) * 693 + fraction * (1_000 - 307 * fraction / 1_000) / 1_000
}

/// Directions that contradict each other, at that price.
pub(super) fn of_direction(scale: Direction, camera: Direction, price: u32) -> u32 {
    match (scale, camera) {
        (Direction::WithTraffic, Direction::AgainstTraffic)
        | (Direction::AgainstTraffic, Direction::WithTraffic) => price,
        _ => 0,
    }
}

/// Speeds that differ: one spread is an eighth of the scale's speed plus 2 km/h; `price` at most,
/// because a camera's speed is a cross-check only.
pub(super) fn of_speed(scale: Option<DeciKmh>, camera: Option<DeciKmh>, price: u32) -> u32 {
    let (Some(scale), Some(camera)) = (scale, camera) else {
        return 0;
    };
    let (scale, camera) = (i64::from(scale.0), i64::from(camera.0));
    let z = (scale - camera).abs() * 1_000 / (scale / 8 + 20);
    u32::try_from((z * z / 2_000).min(price.into())).unwrap_or(0)
}

/// A car where the camera saw a lorry, or a lorry where it saw a car, at that price.
pub(super) fn of_size(scale: Option<Size>, camera: Option<Size>, price: u32) -> u32 {
    match (scale, camera) {
        (Some(scale), Some(camera)) if scale != camera => price,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_residual_costs_half_its_square_then_three_times_itself() {
        let cost = |spreads: i64| of_residual(Micros(spreads * 40_000), Micros(40_000));
        assert_eq!([0, 1, 2, 3, 4, 5].map(cost), [0, 500, 2_000, 4_500, 7_500, 10_500]);
        assert_eq!(cost(-2), cost(2));
    }

    #[test]
    fn slack_costs_the_logarithm_of_the_widening() {
        let cost = |slack: i64| of_slack(Micros(100_000), Micros(slack * 100_000));
        // ln 1, 2, 4, 8, 20
        let near = [0, 693, 1_386, 2_079, 2_996];
        for (slack, ln) in [0, 1, 3, 7, 19].into_iter().zip(near) {
            assert!(cost(slack).abs_diff(ln) <= 12, "{slack}: {} is not {ln}", cost(slack));
        }
        assert_eq!(of_slack(Micros(0), Micros(-5)), 0);
        assert!(of_slack(Micros(1), Micros(i64::MAX)) > 20_000);
    }

    #[test]
    fn the_ends_of_the_range_stay_payable_by_the_type() {
        assert_eq!(of_residual(Micros(i64::MIN), Micros(0)), 1_000_000);
        assert_eq!(of_residual(Micros(i64::MAX), Micros(i64::MAX)), 0);
    }

    #[test]
    fn speeds_that_were_not_measured_cost_nothing() {
        let cost = |scale, camera| of_speed(scale, camera, 2_500);
        assert_eq!(cost(None, Some(DeciKmh(600))), 0);
        assert_eq!(cost(Some(DeciKmh(600)), Some(DeciKmh(600))), 0);
        assert_eq!(cost(Some(DeciKmh(600)), Some(DeciKmh(300))), 2_500);
    }

    #[test]
    fn sizes_that_are_not_known_cost_nothing() {
        let cost = |scale, camera| of_size(scale, camera, 2_000);
        assert_eq!(cost(Some(Size::Small), Some(Size::Large)), 2_000);
        assert_eq!(cost(Some(Size::Large), Some(Size::Large)), 0);
        assert_eq!([cost(None, Some(Size::Large)), cost(Some(Size::Small), None)], [0, 0]);
    }
}
