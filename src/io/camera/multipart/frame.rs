//! The reader's steps outside of a part's content: preamble, delimiter lines, header lines, end.

use super::delimiter::{Delimiter, Judgement, is_blank, line};
use super::{MultipartError, PartHead, Reader, State, Step};

impl Reader {
    pub(super) fn preamble(&mut self) -> Result<Step, MultipartError> {
        let Some(delimiter) = &self.delimiter else {
            return self.learn_delimiter();
        };
        let rest = &self.buffer[self.start..];
        let (found, length) = (delimiter.find(rest, 0, self.ended), delimiter.len());
        let skip = match found {
            Some((at, _)) => at,
            None => rest.len().saturating_sub(length),
        };
        self.skip_preamble(skip)?;
        match found {
            Some((_, Judgement::Yes)) => {
                self.start += length;
                self.state = State::AfterDelimiter;
                Ok(Step::On)
            }
            None if self.ended => Err(MultipartError::NoDelimiter),
            _ => Ok(Step::Wait),
        }
    }

    fn learn_delimiter(&mut self) -> Result<Step, MultipartError> {
        let Some((length, gap)) = line(self.rest(), self.ended) else {
            let waiting = self.rest().len();
            return if self.ended || waiting > self.bounds.preamble_bytes {
                Err(MultipartError::NoDelimiter)
            } else {
                Ok(Step::Wait)
            };
        };
        self.delimiter = Delimiter::from_line(&self.rest()[..length]);
        if self.delimiter.is_none() {
            self.skip_preamble(length + gap)?;
        }
        Ok(Step::On)
    }

    fn skip_preamble(&mut self, count: usize) -> Result<(), MultipartError> {
        let skipped = &self.rest()[..count];
        self.quirks.preamble_bytes +=
            skipped.iter().filter(|byte| !is_blank(**byte)).count() as u64;
        self.start += count;
        self.head_bytes += count;
        if self.head_bytes > self.bounds.preamble_bytes {
            return Err(MultipartError::NoDelimiter);
        }
        Ok(())
    }

    pub(super) fn after_delimiter(&mut self) -> Result<Step, MultipartError> {
        let rest = self.rest();
        if rest.starts_with(b"--") {
            self.start += 2;
            self.head_bytes = 0;
            self.state = if self.endless { State::Between } else { State::Epilogue };
            return Ok(Step::On);
        }
        if rest.len() < 2 && !self.ended {
            return Ok(Step::Wait);
        }
        let found = line(rest, self.ended);
        self.head_bytes = 0;
        let Some((length, gap)) = found else {
            return self.wait_for_line();
        };
        self.start += length + gap;
        self.head = PartHead::default();
        self.parts += 1;
        self.state = State::Head;
        if self.parts > self.bounds.parts {
            return Err(MultipartError::TooManyParts(self.bounds.parts));
        }
        Ok(Step::On)
    }

    /// A line is not whole: it may come, or be too long, or never come.
    fn wait_for_line(&mut self) -> Result<Step, MultipartError> {
        if self.head_bytes + self.rest().len() > self.bounds.head_bytes {
            return Err(MultipartError::HeadTooLong(self.bounds.head_bytes));
        }
        if !self.ended {
            return Ok(Step::Wait);
        }
        if self.state == State::Head && self.head_bytes > 0 {
            // a part was begun, so something is missing, unlike after a delimiter alone
            self.state = State::Sized(1);
            return Ok(Step::Part(std::mem::take(&mut self.head)));
        }
        self.state = State::Unclosed;
        Ok(Step::On)
    }

    pub(super) fn head(&mut self) -> Result<Step, MultipartError> {
        let Some((length, gap)) = line(self.rest(), self.ended) else {
            return self.wait_for_line();
        };
        let text = &self.buffer[self.start..self.start + length];
        if let Some(doubled) = self.delimiter.as_ref().filter(|known| known.begins(text)) {
            self.start += doubled.len();
            self.parts = self.parts.saturating_sub(1);
            self.quirks.doubled_delimiters += 1;
            self.state = State::AfterDelimiter;
            return Ok(Step::On);
        }
        let blank = text.iter().all(|byte| is_blank(*byte));
        if blank && self.head_bytes == 0 {
            match begins_header(&self.rest()[length + gap..], self.ended) {
                Judgement::Open => return Ok(Step::Wait),
                Judgement::Yes => {
                    self.start += length + gap;
                    return Ok(Step::On);
                }
                Judgement::No => {}
            }
        }
        self.head.line(text);
        self.start += length + gap;
        self.head_bytes += length + gap;
        if self.head_bytes > self.bounds.head_bytes {
            return Err(MultipartError::HeadTooLong(self.bounds.head_bytes));
        }
        if !blank {
            return Ok(Step::On);
        }
        self.content_bytes = 0;
        self.state = match self.head.length {
            Some(length) => State::Sized(length),
            None => State::Scan,
        };
        Ok(Step::Part(std::mem::take(&mut self.head)))
    }

    pub(super) fn unclosed(&mut self) -> Step {
        self.quirks.unclosed += 1;
        self.state = State::Finished;
        Step::End
    }

    pub(super) fn epilogue(&mut self) -> Step {
        let dropped = self.rest().iter().filter(|byte| !is_blank(**byte)).count();
        self.quirks.epilogue_bytes += dropped as u64;
        self.start = self.buffer.len();
        if !self.ended {
            return Step::Wait;
        }
        self.state = State::Finished;
        Step::End
    }
}

/// Whether a header line follows an empty line that came too early.
fn begins_header(bytes: &[u8], ended: bool) -> Judgement {
    const HEADER: &[u8] = b"content-";
    let common = bytes.len().min(HEADER.len());
    if !bytes[..common].eq_ignore_ascii_case(&HEADER[..common]) {
        Judgement::No
    } else if common == HEADER.len() {
        Judgement::Yes
    } else if ended {
        Judgement::No
    } else {
        Judgement::Open
    }
}
