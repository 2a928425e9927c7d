//! Push mode: which event to send next, and when to go back.

use super::Counts;

/// Times without news double the wait up to this many fold (our choice: a host that is down
/// for minutes is not called twice a second, one that is back is served within seconds).
const MAX_PATIENCE: u64 = 16;

/// The flow of pushed events; stands still until it is started.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Flow {
    window: u32,
    resend_us: u64,
    running: Option<Running>,
}

#[derive(Clone, Copy, Debug)]
struct Running {
    /// Next event to send.
    next: u32,
    /// One behind the newest ever sent.
    sent_to: u32,
    /// Newest event that the host has, as far as is known.
    received: u32,
    /// When to go back to the first event that the host has not.
    deadline: Option<u64>,
    patience: u64,
}

impl Flow {
    pub(super) fn new(window: u8, resend_ms: u16) -> Self {
        Self {
            window: u32::from(window.max(1)),
            resend_us: u64::from(resend_ms.max(1)) * 1_000,
            running: None,
        }
    }

    pub(super) fn start(&mut self, next: u32) {
        self.running = Some(Running {
            next,
            sent_to: next,
            received: next.saturating_sub(1),
            deadline: None,
            patience: 1,
        });
    }

    /// The host has everything up to `sequence`. Numbers not sent yet are not believed.
    pub(super) fn received(&mut self, now_us: u64, sequence: u32) {
        let Some(run) = &mut self.running else { return };
        if sequence <= run.received || sequence >= run.sent_to {
            return;
        }
        run.received = sequence;
        run.next = run.next.max(sequence + 1);
        run.patience = 1;
        let open = run.next > sequence + 1;
        run.deadline = open.then(|| now_us.saturating_add(self.resend_us));
    }

    pub(super) const fn deadline(&self) -> Option<u64> {
        match self.running {
            Some(run) => run.deadline,
            None => None,
        }
    }

    /// The event to send at `now_us` of those from `oldest` to `newest`.
    pub(super) fn next(
        &mut self,
        now_us: u64,
        oldest: u32,
        newest: u32,
        counts: &mut Counts,
    ) -> Option<u32> {
        let resend_us = self.resend_us;
        let run = self.running.as_mut()?;
        run.received = run.received.max(oldest - 1);
        run.next = run.next.max(oldest);
        if run.deadline.is_some_and(|deadline| deadline <= now_us) {
            run.go_back();
        }
        if run.next > newest || run.next - run.received > self.window {
            return None;
        }
        let sequence = run.next;
        run.next += 1;
        if sequence < run.sent_to {
            counts.resent = counts.resent.saturating_add(1);
        }
        run.sent_to = run.sent_to.max(run.next);
        if run.deadline.is_none() {
            run.deadline = Some(now_us.saturating_add(resend_us.saturating_mul(run.patience)));
        }
        Some(sequence)
    }
}

impl Running {
    fn go_back(&mut self) {
        self.deadline = None;
        if self.next > self.received + 1 {
            self.next = self.received + 1;
            self.patience = (self.patience * 2).min(MAX_PATIENCE);
        }
    }
}
