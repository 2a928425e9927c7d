//! Cameras that fall silent: an alarm when the configured time is over, and the end of it.
//!
//! Any byte of a camera is a sign of life, also one that is refused.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::handover::store;
use super::shared::Shared;
use crate::clock::Timestamp;
use crate::config::camera::CameraConfig;
use crate::pipeline::record::Alarm;
use crate::pipeline::{Arrival, Input};
use crate::units::{Lane, Micros};

/// How often the cameras are looked at, by the clock of the daemon; our choice.
const LOOK: Micros = Micros::from_secs(1);
/// Real time between two looks at least, where the daemon's clock runs fast.
const LEAST_LOOK: Duration = Duration::from_millis(20);

/// What has changed for a camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    /// It has been silent for too long.
    Silent { since: Timestamp },
    /// It is heard again after a silence that was told.
    Heard { since: Timestamp },
}

/// Looks after the cameras until the order to stop; ends at once when none is to be looked after.
pub(super) async fn run(shared: Arc<Shared>, stop: CancellationToken) {
    let limit = |index: usize| {
        let seconds = shared.cameras.get(index)?.config.silent_after_s?;
        Some((index, Micros::from_secs(seconds.into())))
    };
    let watched: Vec<(usize, Micros)> = shared.cameras.indexes().filter_map(limit).collect();
    let begun = shared.clock.now();
    let every = shared.clock.real(LOOK).max(LEAST_LOOK);
    while !watched.is_empty() && stop.run_until_cancelled(tokio::time::sleep(every)).await.is_some()
    {
        for (index, limit) in &watched {
            look(&shared, *index, *limit, begun).await;
        }
    }
}

async fn look(shared: &Shared, index: usize, limit: Micros, begun: Timestamp) {
    let now = shared.clock.now();
    let Some(camera) = shared.cameras.get(index) else {
        return;
    };
    let status = shared.status.borrow().cameras.get(&camera.config.name).cloned();
    let Some(status) = status else {
        return;
    };
    let seen = status.last_seen.unwrap_or(begun);
    let Some(change) = change(now, seen, limit, status.silent_since) else {
        return;
    };
    let input = Input::Alarm(alarm(&camera.config, change, now));
    let arrival = Arrival { received_at: now, input, raw: Vec::new() };
    // what the store does not take is told at the next look
    if store(shared, index, vec![arrival]).await.is_err() {
        return;
    }
    let name = &camera.config.name;
    let silent_since = match change {
        Change::Silent { since } => {
            tracing::warn!(camera = name, %since, "a camera is silent");
            Some(since)
        }
        Change::Heard { .. } => {
            tracing::info!(camera = name, "a camera is heard again");
            None
        }
    };
    shared.note(index, |status| status.silent_since = silent_since);
}

fn change(
    now: Timestamp,
    seen: Timestamp,
    limit: Micros,
    told: Option<Timestamp>,
) -> Option<Change> {
    match (now.since(seen) > limit, told) {
        (true, None) => Some(Change::Silent { since: seen }),
        (false, Some(since)) => Some(Change::Heard { since }),
        _ => None,
    }
}

fn alarm(config: &CameraConfig, change: Change, now: Timestamp) -> Alarm {
    let camera = &config.name;
    let seconds = |since: Timestamp| now.since(since).0 / 1_000_000;
    let (name, text) = match change {
        Change::Silent { since } => (
            "camera_silent",
            format!(
                "camera {camera} has sent neither event nor heartbeat for {} s",
                seconds(since)
            ),
        ),
        Change::Heard { since } => (
            "camera_heard_again",
            format!("camera {camera} is heard again after {} s", seconds(since)),
        ),
    };
    Alarm { name: name.to_owned(), lane: config.lane.map(Lane), text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp(seconds * 1_000_000)
    }

    #[test]
    fn an_hour_of_heartbeats_alone_is_no_silence() {
        let limit = Micros::from_secs(90);
        let looks = (0..3_600).map(|second| change(at(second), at(second / 30 * 30), limit, None));
        assert_eq!(looks.flatten().next(), None);
    }

    #[test]
    fn a_silence_is_told_once_and_so_is_its_end() {
        let (limit, mut told, mut changes) = (Micros::from_secs(90), None, Vec::new());
        for second in 0..400 {
            let seen = if second < 300 { at(10) } else { at(second) };
            if let Some(change) = change(at(second), seen, limit, told) {
                told = match change {
                    Change::Silent { since } => Some(since),
                    Change::Heard { .. } => None,
                };
                changes.push((second, change));
            }
        }
        let since = at(10);
        assert_eq!(changes, [(101, Change::Silent { since }), (300, Change::Heard { since })]);
    }
}
