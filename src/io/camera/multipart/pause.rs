//! A stream whose sender is silent: what is held back for a delimiter that comes with the next
//! part only, seconds later.

use super::delimiter::{break_before, is_blank};
use super::{MultipartError, PartEnd, Quirks, Reader, State, Step};

impl Reader {
    /// The last bytes of the present part if nothing more of it came, and whether its stated
    /// length says so. `None` where there is no part, or bytes of it are missing.
    pub fn held(&self) -> Option<(&[u8], bool)> {
        let rest = self.rest();
        let blank = |bytes: &[u8]| bytes.iter().all(|byte| is_blank(*byte));
        match self.state {
            State::Sized(left) | State::Proven(left) => {
                let (content, after) = rest.split_at_checked(usize::try_from(left).ok()?)?;
                blank(after).then_some((content, true))
            }
            State::AtLength => blank(rest).then_some((&[], true)),
            State::Scan => Some((&rest[..rest.len() - break_before(rest)], false)),
            _ => None,
        }
    }

    /// Ends the present part with what [`Self::held`] gives; pull its last events then.
    pub fn end_part(&mut self) {
        if let Some((bytes, _)) = self.held() {
            self.state = State::Held(bytes.len());
        }
    }

    /// Forgets how many parts came, and gives what was put up with since the last time: a stream
    /// has no end at which this could be asked.
    pub fn renew(&mut self) -> Quirks {
        self.parts = 0;
        std::mem::take(&mut self.quirks)
    }

    pub(super) fn held_back(&mut self, left: usize) -> Step {
        if left > 0 {
            self.state = State::Held(0);
            return Step::Data(left);
        }
        self.head_bytes = 0;
        self.state = State::Between;
        Step::PartEnd(PartEnd::Delimited)
    }

    pub(super) fn between(&mut self) -> Result<Step, MultipartError> {
        if self.ended && self.rest().iter().all(|byte| is_blank(*byte)) {
            self.state = State::Unclosed;
            return Ok(Step::On);
        }
        self.preamble()
    }
}
