//! How the pipeline's task goes on where the run before was killed.
//!
//! In: what that run had learnt, the inputs that it had not settled, and how its time relates to
//! ours. Out: the pipeline as it was, or, when the time does not go on, everything old settled in its
//! own time and carried over.

use super::pipeline_task::{BATCH, PipelineTask};
use crate::clock::{BootTime, Continuity, Timestamp};
use crate::pipeline::{Arrival, InputId, Known};

/// What the run before left in the store.
#[derive(Clone, Debug, Default)]
pub struct LeftBehind {
    /// What its pipeline had learnt.
    pub known: Vec<Known>,
    /// Inputs that it had not settled, in the order of arrival.
    pub pending: Vec<(InputId, Arrival)>,
    /// How the time of this run relates to the machine's; `None` when the kernel does not tell.
    pub boot: Option<BootTime>,
}

impl LeftBehind {
    /// What has become of the time since the run before. Where nothing was, nothing has.
    fn continuity(&self) -> Continuity {
        let earlier = self.known.iter().find_map(Known::as_time);
        match &self.boot {
            _ if self.known.is_empty() && self.pending.is_empty() => Continuity::Unbroken,
            Some(boot) => boot.since(earlier),
            None => Continuity::Lost,
        }
    }
}

impl PipelineTask {
    /// Goes on where the run before was killed. When its time does not go on, what it left is
    /// finished in that, before anything new is taken.
    pub(super) async fn resume(&mut self, left: LeftBehind) {
        let continuity = left.continuity();
        let LeftBehind { known, pending, boot } = left;
        if continuity == Continuity::Unbroken {
            self.go_on(known, pending).await;
        } else {
            tracing::warn!(?continuity, "this run has another time than the one before");
            self.finish(known, pending).await;
            self.journal.change_time(continuity);
            let actions = self.pipeline.change_time(continuity);
            self.unsettled.extend(actions);
            self.learnt.extend(self.pipeline.take_known());
        }
        self.learnt.extend(boot.map(Known::time));
        // what was fed again is told no later than what has become of it
        self.show();
        self.turn(Vec::new()).await;
    }

    async fn go_on(&mut self, known: Vec<Known>, pending: Vec<(InputId, Arrival)>) {
        self.recall(self.clock.now(), known);
        for (id, arrival) in pending {
            self.feed_again(self.clock.now(), id, arrival).await;
        }
    }

    /// Each input at its own instant, in the time of the run that took it in.
    async fn finish(&mut self, known: Vec<Known>, pending: Vec<(InputId, Arrival)>) {
        let last = pending.last().map(|(_, arrival)| arrival.received_at);
        self.recall(last.unwrap_or_else(|| self.clock.now()), known);
        for (id, arrival) in pending {
            let then = arrival.received_at;
            self.pass_time(then);
            self.feed_again(then, id, arrival).await;
        }
    }

    fn recall(&mut self, now: Timestamp, known: Vec<Known>) {
        self.journal.known(now, &known);
        self.pipeline.recall(now, known);
    }

    async fn feed_again(&mut self, now: Timestamp, id: InputId, arrival: Arrival) {
        self.handle(now, id, arrival).await;
        self.counts.fed_again += 1;
        if self.unsettled.len() >= BATCH {
            self.settle().await;
        }
        self.watchdog.feed();
    }

    /// Lets the windows close whose time was over before that.
    fn pass_time(&mut self, now: Timestamp) {
        while let Some(wake) = self.pipeline.wake_at().filter(|wake| *wake < now) {
            self.journal.tick(wake);
            let actions = self.pipeline.tick(wake);
            self.unsettled.extend(actions);
        }
    }
}
