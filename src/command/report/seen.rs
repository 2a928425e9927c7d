//! Which records the figures come from, and how many of their time are not there.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::command::ledger_source::Sealed;
use crate::command::{Exit, Failure};
use crate::language::proper;

/// The records of one site that were read.
#[derive(Debug, Default)]
pub(super) struct Seen {
    site: Option<String>,
    /// By sequence, how the record lies to the month.
    records: BTreeMap<u64, Ordering>,
}

impl Seen {
    /// Notes a record that lies so to the month; false when it was read before: what came from a broker
    /// holds a copy from each topic.
    ///
    /// # Errors
    /// When it is of another site.
    pub(super) fn note(&mut self, sealed: &Sealed, lies: Ordering) -> Result<bool, Failure> {
        let own = &*sealed.record.site.id;
        let site = self.site.get_or_insert_with(|| own.to_owned());
        if site != own {
            let (one, other) = (proper(site), proper(own));
            let text = format!("these are records of two sites, {one} and {other}");
            return Err(Failure::new(Exit::Failed, text).advice("report each site by itself"));
        }
        Ok(self.records.insert(sealed.proof.seq, lies).is_none())
    }

    /// How many records are not there that may be of the month: they had to go, or cannot be read. A
    /// ledger begins with 1, a file where it begins.
    pub(super) fn absent(&self, is_whole: bool) -> u64 {
        let first = self.records.keys().next().copied().unwrap_or(1);
        let mut before = (if is_whole { 0 } else { first.saturating_sub(1) }, Ordering::Less);
        let mut absent = 0;
        for (&seq, &lies) in &self.records {
            if before.1 != Ordering::Greater && lies != Ordering::Less {
                absent += seq.saturating_sub(before.0 + 1);
            }
            before = (seq, lies);
        }
        absent
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Ordering::{Equal, Greater, Less};

    fn absent(records: &[(u64, Ordering)], is_whole: bool) -> u64 {
        Seen { site: None, records: records.iter().copied().collect() }.absent(is_whole)
    }

    #[test]
    fn what_is_not_there_counts_where_it_may_be_of_the_month() {
        assert_eq!(absent(&[(1, Less), (2, Equal), (3, Greater)], true), 0);
        assert_eq!(
            absent(&[(1, Less), (5, Less), (6, Equal), (9, Greater), (20, Greater)], true),
            2
        );
        assert_eq!(absent(&[(1, Less), (4, Greater)], true), 2, "all of the month");
        assert_eq!(absent(&[(5, Equal), (7, Equal)], true), 5);
        assert_eq!(absent(&[(5, Equal), (7, Equal)], false), 1, "a file begins where it begins");
        assert_eq!(absent(&[], true), 0);
    }
}
