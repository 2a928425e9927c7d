//! Answers that are owed. One of each kind: a repeated question replaces the one before.

/// The rest of the answer to a poll, or the answer to a rewind when `left` is 0 from the start.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer {
    pub(super) exchange: u8,
    pub(super) next: u32,
    pub(super) left: u8,
    pub(super) sent: u8,
}

/// What is owed, with the exchange of each question.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Replies {
    /// And the version agreed on.
    pub(super) welcome: Option<(u8, u8)>,
    pub(super) identity: Option<u8>,
    /// And the host's request number, and when it arrived.
    pub(super) time: Option<(u8, u32, u64)>,
    pub(super) answer: Option<Answer>,
}
