//! What a client may ask: one line of text.

use std::fmt;

/// Longest question in bytes; two numbers of twenty digits and a word fit.
pub const LONGEST_REQUEST: usize = 64;

/// A question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// `status`: the snapshot, one line. An empty line means the same.
    Status,
    /// `records FROM TO`: sealed records with their proofs from sequence `FROM` to `TO`, both
    /// included, as far as they are there; one line each.
    Records {
        /// First sequence.
        from: u64,
        /// Last sequence.
        to: u64,
    },
    /// `outbox MOST`: what waits for the platform, of each lane so many entries; one line.
    Outbox {
        /// Most entries of a lane.
        most: usize,
    },
    /// `delivery SEQ`: what of this record has not reached the platform; one line.
    Delivery {
        /// Its sequence.
        seq: u64,
    },
}

impl Request {
    /// Reads a question; `None` when it makes no sense.
    pub fn parse(line: &[u8]) -> Option<Self> {
        if line.len() > LONGEST_REQUEST {
            return None;
        }
        let text = std::str::from_utf8(line).ok()?;
        let mut words = text.split_ascii_whitespace();
        let request = match words.next() {
            None | Some("status") => Self::Status,
            Some("records") => {
                Self::Records { from: words.next()?.parse().ok()?, to: words.next()?.parse().ok()? }
            }
            Some("outbox") => Self::Outbox { most: words.next()?.parse().ok()? },
            Some("delivery") => Self::Delivery { seq: words.next()?.parse().ok()? },
            Some(_) => return None,
        };
        words.next().is_none().then_some(request)
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status => f.write_str("status"),
            Self::Records { from, to } => write!(f, "records {from} {to}"),
            Self::Outbox { most } => write!(f, "outbox {most}"),
            Self::Delivery { seq } => write!(f, "delivery {seq}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_we_ask_is_what_is_understood() {
        let records = Request::Records { from: 1, to: u64::MAX };
        let delivery = Request::Delivery { seq: u64::MAX };
        for request in [Request::Status, records, Request::Outbox { most: 20 }, delivery] {
            assert_eq!(Request::parse(format!("{request}\n").as_bytes()), Some(request));
        }
        assert_eq!(Request::parse(b""), Some(Request::Status));
    }

    #[test]
    fn a_question_that_makes_no_sense_is_none() {
        for line in ["stop", "records", "records 1", "records 1 x", "records 1 2 3", "status now"] {
            assert_eq!(Request::parse(line.as_bytes()), None, "{line}");
        }
        assert_eq!(Request::parse(&[b' '; LONGEST_REQUEST + 1]), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_question_or_none(line in prop::collection::vec(any::<u8>(), 0..100)) {
            let _either = Request::parse(&line);
        }
    }
}
