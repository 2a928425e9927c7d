//! The reader's steps inside a part's content: by stated length, at its end, by search.

use super::delimiter::{AtLength, Judgement, break_before};
use super::{PartEnd, Reader, State, Step};

/// Bytes of the longest line break, which may turn out to belong to a delimiter.
const BREAK: usize = 2;

impl Reader {
    /// Content of stated length, as long as nothing proves the statement: it may be too large.
    pub(super) fn sized(&mut self, left: u64) -> Step {
        let Some(delimiter) = &self.delimiter else {
            return self.begin_scan();
        };
        let rest = &self.buffer[self.start..];
        let left_here = usize::try_from(left).unwrap_or(usize::MAX);
        let found = delimiter.find_strong(rest, 0, self.ended);
        let inside = found.filter(|(at, _)| *at < left_here);
        if let Some((at, verdict)) = inside {
            let before = at.saturating_sub(BREAK);
            if before > 0 {
                return self.sized_data(before, left);
            }
            return match verdict {
                Judgement::Yes => self.doubt(left_here, left),
                _ => Step::Wait,
            };
        }
        let safe = if self.ended || found.is_some() {
            rest.len()
        } else {
            rest.len().saturating_sub(delimiter.reach())
        };
        let take = safe.min(left_here);
        if left == 0 {
            self.state = State::AtLength;
            Step::On
        } else if take > 0 {
            self.sized_data(take, left)
        } else if self.ended {
            self.state = State::Unclosed;
            Step::PartEnd(PartEnd::Truncated)
        } else {
            Step::Wait
        }
    }

    /// A delimiter stands before the stated end: it is believed unless another one stands there.
    fn doubt(&mut self, left_here: usize, left: u64) -> Step {
        let Some(delimiter) = &self.delimiter else {
            return self.begin_scan();
        };
        let rest = &self.buffer[self.start..];
        let needed = left_here.saturating_add(delimiter.reach());
        if needed <= Self::HOLD && rest.len() < needed && !self.ended {
            return Step::Wait;
        }
        let after = rest.get(left_here..).filter(|_| needed <= Self::HOLD);
        let end = after.map(|after| delimiter.at_length(after, self.ended));
        if matches!(end, Some(AtLength::Delimiter { .. })) {
            self.state = State::Proven(left);
            return Step::On;
        }
        self.quirks.wrong_lengths += 1;
        self.begin_scan()
    }

    fn begin_scan(&mut self) -> Step {
        self.state = State::Scan;
        Step::On
    }

    fn sized_data(&mut self, take: usize, left: u64) -> Step {
        self.state = State::Sized(left - take as u64);
        Step::Data(take)
    }

    pub(super) fn proven(&mut self, left: u64) -> Step {
        let here = self.rest().len();
        let take = usize::try_from(left).map_or(here, |left| left.min(here));
        if left == 0 {
            self.state = State::AtLength;
            Step::On
        } else if take == 0 {
            Step::Wait
        } else {
            self.state = State::Proven(left - take as u64);
            Step::Data(take)
        }
    }

    pub(super) fn at_length(&mut self) -> Step {
        let Some(delimiter) = &self.delimiter else {
            return self.begin_scan();
        };
        match delimiter.at_length(&self.buffer[self.start..], self.ended) {
            AtLength::Open => Step::Wait,
            AtLength::Delimiter { gap } => {
                let length = delimiter.len();
                self.delimited(gap, gap + length)
            }
            AtLength::EndOfBody => {
                self.start = self.buffer.len();
                self.state = State::Unclosed;
                Step::PartEnd(PartEnd::EndOfBody)
            }
            AtLength::Content => {
                self.quirks.wrong_lengths += 1;
                self.begin_scan()
            }
        }
    }

    fn delimited(&mut self, gap: usize, length: usize) -> Step {
        if gap == 0 && self.content_bytes > 0 {
            self.quirks.missing_breaks += 1;
        }
        self.start += length;
        self.state = State::AfterDelimiter;
        Step::PartEnd(PartEnd::Delimited)
    }

    pub(super) fn scan(&mut self) -> Step {
        let Some(delimiter) = &self.delimiter else {
            return Step::Wait;
        };
        let rest = &self.buffer[self.start..];
        match delimiter.find(rest, 0, self.ended) {
            Some((at, Judgement::Yes)) => {
                let gap = break_before(&rest[..at]);
                if at > gap {
                    return Step::Data(at - gap);
                }
                let length = at + delimiter.len();
                self.delimited(gap, length)
            }
            Some((at, _)) if at > BREAK => Step::Data(at - BREAK),
            Some(_) => Step::Wait,
            None if self.ended => {
                let content = rest.len() - break_before(rest);
                if content > 0 {
                    return Step::Data(content);
                }
                self.start = self.buffer.len();
                self.state = State::Unclosed;
                Step::PartEnd(PartEnd::EndOfBody)
            }
            None => {
                let safe = rest.len().saturating_sub(delimiter.reach());
                if safe > 0 { Step::Data(safe) } else { Step::Wait }
            }
        }
    }
}
