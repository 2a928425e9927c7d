//! How much it says that votes agree, when each of them may do so by accident.
//!
//! A camera that is behind by more than a vehicle's window sends every event while another vehicle
//! passes, so that all votes are wrong; some of them agree. The denser the traffic, the more of
//! them. In: how many events could vote, how many agree, how many votes an event has. Out: how
//! unlikely it is that so many agree anywhere by accident, milli-nats.

use super::super::cost::ln_of_thousandths;

/// Natural logarithm of `numerator / denominator`, milli-nats; zero where it would be negative.
fn ln_of_ratio(numerator: u64, denominator: u64) -> u64 {
    ln_of_thousandths(numerator.saturating_mul(1_000) / denominator.max(1))
}

/// What was found among the votes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    /// Events that have a vote.
    pub(super) events: u64,
    /// Events of which a vote agrees.
    pub(super) agreeing: u64,
    /// Votes of all events.
    pub(super) votes: u64,
    /// Width of the agreement, microseconds.
    pub(super) width: u64,
    /// Width of everything that votes may say, microseconds.
    pub(super) span: u64,
    /// Whether the place of the agreement was known before.
    pub(super) foretold: bool,
}

impl Found {
    /// By how much it is no accident, milli-nats: of the events each agrees by accident in the share
    /// that its votes cover of the span; which ones agree does not matter, and where they do only
    /// when that was foretold.
    pub(super) fn evidence(self) -> u64 {
        let Self { events, agreeing, votes, width, span, .. } = self;
        let covered = votes.saturating_mul(width);
        let each = ln_of_ratio(span.saturating_mul(events), covered);
        let ways: u64 = (1..=events.saturating_sub(agreeing))
            .map(|other| ln_of_ratio(agreeing + other, other))
            .sum();
        let places = if self.foretold { 0 } else { ln_of_ratio(span, width) };
        each.saturating_mul(agreeing).saturating_sub(ways).saturating_sub(places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_of_ratios_are_right_to_a_fiftieth_of_a_nat() {
        let right =
            [(1, 1, 0), (3, 2, 405), (2, 1, 693), (10, 1, 2_303), (60, 1, 4_094), (1, 2, 0)];
        for (numerator, denominator, ln) in right {
            let found = ln_of_ratio(numerator, denominator);
            assert!(found.abs_diff(ln) <= 20, "{numerator}/{denominator}: {found} is not {ln}");
        }
    }

    fn found(events: u64, agreeing: u64, votes: u64) -> u64 {
        let (width, span) = (100_000, 6_000_000);
        Found { events, agreeing, votes, width, span, foretold: false }.evidence()
    }

    #[test]
    fn four_lonely_vehicles_say_as_much_as_five_that_have_neighbours() {
        // ln 60 for each, less ln 60 for the place
        assert!(found(4, 4, 4).abs_diff(12_283) <= 250, "{}", found(4, 4, 4));
        assert!(found(4, 4, 12) < found(4, 4, 4));
        assert!(found(5, 5, 12) > 11_000);
    }

    #[test]
    fn events_that_do_not_agree_make_it_less() {
        assert!(found(8, 4, 8) < found(5, 4, 5));
        assert!(found(64, 12, 180) < 11_000);
    }

    #[test]
    fn where_every_event_agrees_with_everything_nothing_is_said() {
        let found = Found {
            events: 10,
            agreeing: 10,
            votes: 50,
            width: 1_400_000,
            span: 6_000_000,
            foretold: true,
        };
        assert_eq!(found.evidence(), 0);
    }
}
