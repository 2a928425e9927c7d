//! What the platform says it has: parsed, checked and remembered.
//!
//! In: the payload of a message on the receipt topic. Out: whether a sequence is confirmed. A
//! receipt speaks of records only; pictures are settled by the broker's acknowledgement, and the
//! platform asks for a missing one by the digest in the record.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

/// Most sequences and ranges in one receipt: 1 000 of each fit a packet of 64 KiB.
pub const MAX_ITEMS: usize = 1_000;

/// Most single sequences that are remembered beyond the cumulative one. A forgotten one costs a
/// repetition, never a loss.
const MAX_REMEMBERED: usize = 65_536;

/// Why a receipt is not believed; each is a counter in `status`.
#[derive(Debug, Error)]
pub enum ReceiptError {
    /// Not the documented JSON.
    #[error("the receipt is not the documented JSON")]
    Malformed(#[source] serde_json::Error),
    /// It confirms nothing.
    #[error("the receipt names no sequence")]
    Empty,
    /// More than [`MAX_ITEMS`] sequences or ranges.
    #[error("the receipt has {0} items")]
    TooLong(usize),
    /// First beyond last.
    #[error("the receipt's range {0} to {1} is backwards")]
    Backwards(u64, u64),
    /// It confirms what was never sealed, so it speaks of another ledger.
    #[error("the receipt confirms {confirmed}, but the ledger ends at {head}")]
    Beyond {
        /// Highest sequence of the receipt.
        confirmed: u64,
        /// Highest sequence that was ever sealed here.
        head: u64,
    },
}

/// `wim/v1/{site}/receipt`: the records that the platform holds durably, by ledger sequence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// Every record up to and including this sequence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to: Option<u64>,
    /// These records.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1_000))]
    pub seqs: Vec<u64>,
    /// These ranges of records, first and last included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1_000))]
    pub ranges: Vec<(u64, u64)>,
}

impl Receipt {
    /// Parses one.
    ///
    /// # Errors
    /// [`ReceiptError`] when it is not JSON of this shape, empty, too long or backwards.
    pub fn parse(payload: &[u8]) -> Result<Self, ReceiptError> {
        // An object first: a bare array would otherwise be read as the fields in order.
        let receipt: Self = serde_json::from_slice(payload)
            .and_then(|fields| serde_json::from_value(Value::Object(fields)))
            .map_err(ReceiptError::Malformed)?;
        let items = receipt.seqs.len() + receipt.ranges.len();
        if items > MAX_ITEMS {
            return Err(ReceiptError::TooLong(items));
        }
        if receipt.highest().is_none() {
            return Err(ReceiptError::Empty);
        }
        match receipt.ranges.iter().find(|(first, last)| first > last) {
            Some((first, last)) => Err(ReceiptError::Backwards(*first, *last)),
            None => Ok(receipt),
        }
    }

    /// Refuses a receipt for records that the ledger has never had: after the store was replaced,
    /// a platform may still confirm sequences of the old one.
    ///
    /// # Errors
    /// [`ReceiptError::Beyond`].
    pub fn within(self, head: u64) -> Result<Self, ReceiptError> {
        match self.highest() {
            Some(confirmed) if confirmed > head => Err(ReceiptError::Beyond { confirmed, head }),
            _ => Ok(self),
        }
    }

    fn highest(&self) -> Option<u64> {
        let lasts = self.ranges.iter().map(|(_, last)| *last);
        let seqs = self.seqs.iter().copied();
        seqs.chain(lasts).chain(self.up_to).max()
    }

    /// Whether it confirms `seq`.
    pub fn covers(&self, seq: u64) -> bool {
        self.up_to.is_some_and(|last| seq <= last)
            || self.seqs.contains(&seq)
            || self.ranges.iter().any(|(first, last)| (*first..=*last).contains(&seq))
    }
}

/// Every confirmation so far, as far as it is still of use.
#[derive(Clone, Debug, Default)]
pub struct ReceiptBook {
    up_to: Option<u64>,
    ranges: Vec<(u64, u64)>,
    seqs: BTreeSet<u64>,
}

impl ReceiptBook {
    /// Remembers one.
    pub fn enter(&mut self, receipt: &Receipt) {
        self.up_to = self.up_to.max(receipt.up_to);
        self.seqs.extend(&receipt.seqs);
        self.ranges.extend(&receipt.ranges);
        if let Some(done) = self.up_to {
            self.seqs = self.seqs.split_off(&done.saturating_add(1));
            self.ranges.retain(|(_, last)| *last > done);
        }
        self.keep_to_the_bound();
    }

    /// Forgets what was confirmed from the first to the last of these: whoever asks for it again does not
    /// have it.
    pub fn forget(&mut self, asked: (u64, u64)) {
        let ranges = std::mem::take(&mut self.ranges).into_iter();
        self.ranges = ranges.flat_map(|range| without(range, asked)).collect();
        for (first, last) in
            self.up_to.take().into_iter().flat_map(|last| without((0, last), asked))
        {
            match first {
                0 => self.up_to = Some(last),
                _ => self.ranges.push((first, last)),
            }
        }
        self.seqs.retain(|seq| !(asked.0..=asked.1).contains(seq));
        self.keep_to_the_bound();
    }

    fn keep_to_the_bound(&mut self) {
        while self.seqs.len() > MAX_REMEMBERED {
            self.seqs.pop_first();
        }
        if self.ranges.len() > MAX_ITEMS {
            self.ranges.drain(..self.ranges.len() - MAX_ITEMS);
        }
    }

    /// Whether `seq` is confirmed.
    pub fn has(&self, seq: u64) -> bool {
        self.up_to.is_some_and(|last| seq <= last)
            || self.seqs.contains(&seq)
            || self.ranges.iter().any(|(first, last)| (*first..=*last).contains(&seq))
    }
}

/// What is left of a range without another.
fn without((first, last): (u64, u64), (from, to): (u64, u64)) -> impl Iterator<Item = (u64, u64)> {
    let before = from.checked_sub(1).map(|end| (first, last.min(end)));
    let after = to.checked_add(1).map(|begin| (first.max(begin), last));
    before.into_iter().chain(after).filter(|(first, last)| first <= last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Receipt, ReceiptError> {
        Receipt::parse(text.as_bytes())
    }

    #[test]
    fn a_receipt_confirms_up_to_single_and_ranges() {
        let receipt = parse(r#"{"up_to":3,"seqs":[5],"ranges":[[7,8]]}"#).unwrap();
        let confirmed: Vec<u64> = (0..10).filter(|seq| receipt.covers(*seq)).collect();
        assert_eq!(confirmed, [0, 1, 2, 3, 5, 7, 8]);
    }

    #[test]
    fn what_is_not_a_receipt_confirms_nothing() {
        assert!(matches!(parse("{}"), Err(ReceiptError::Empty)));
        for text in ["up to 4", "[4]", r#"{"up_to":-1}"#, r#"{"upto":4}"#, "4", "null"] {
            assert!(matches!(parse(text), Err(ReceiptError::Malformed(_))), "{text}");
        }
        assert!(matches!(parse(r#"{"ranges":[[4,3]]}"#), Err(ReceiptError::Backwards(4, 3))));
        let long = Receipt { seqs: vec![1; MAX_ITEMS + 1], ..Receipt::default() };
        assert!(matches!(
            parse(&serde_json::to_string(&long).unwrap()),
            Err(ReceiptError::TooLong(1_001))
        ));
    }

    #[test]
    fn a_receipt_beyond_the_ledger_speaks_of_another_one() {
        let receipt = parse(r#"{"up_to":12}"#).unwrap();
        assert!(receipt.clone().within(12).is_ok());
        assert!(matches!(
            receipt.within(11),
            Err(ReceiptError::Beyond { confirmed: 12, head: 11 })
        ));
    }

    #[test]
    fn the_book_remembers_until_the_cumulative_receipt_overtakes() {
        let mut book = ReceiptBook::default();
        book.enter(&parse(r#"{"seqs":[4,9],"ranges":[[5,6]]}"#).unwrap());
        assert!(book.has(4) && book.has(6) && book.has(9) && !book.has(7));
        book.enter(&parse(r#"{"up_to":7}"#).unwrap());
        assert!(book.has(7) && book.has(9) && !book.has(8));
        assert_eq!((book.seqs.len(), book.ranges.len()), (1, 0));
    }

    #[test]
    fn what_is_asked_for_again_is_not_confirmed_any_more_and_everything_else_is() {
        let told = [
            r#"{"up_to":9}"#,
            r#"{"up_to":2,"seqs":[5,9],"ranges":[[4,6],[7,7]]}"#,
            r#"{"seqs":[1,2,3,4,5,6,7,8,9]}"#,
            r#"{"ranges":[[1,9],[3,4]]}"#,
        ];
        for (text, asked) in told
            .into_iter()
            .flat_map(|text| [(0, 3), (1, 1), (4, 6), (5, 20), (30, 40)].map(|asked| (text, asked)))
        {
            let mut book = ReceiptBook::default();
            book.enter(&parse(text).unwrap());
            let before: Vec<u64> = (0..20).filter(|seq| book.has(*seq)).collect();
            book.forget(asked);
            let after: Vec<u64> = (0..20).filter(|seq| book.has(*seq)).collect();
            let stays = |seq: &u64| *seq < asked.0 || *seq > asked.1;
            let expected: Vec<u64> = before.into_iter().filter(stays).collect();
            assert_eq!(after, expected, "{text} without {asked:?}");
        }
    }
}
