//! Plays a recorded line again: the same passages, byte for byte, without port and without time.
//!
//! In: the text that [`super::recorded`] wrote. Out: the inputs that the store had accepted, in
//! order. What stands before the first start of the line is passed over and counted, and so is what
//! stands between a gap and the next start: a link in the middle of its session cannot be followed.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use firmware_protocol::{Decoder, Frame};
use thiserror::Error;

use super::controller::ToStore;
use super::line::{Action, Line};
use super::moment::Moment;
use super::recorded::Start;
use crate::clock::{SystemClockState, Timestamp};
use crate::config::ScaleConfig;
use crate::io::recorder::is_gap;
use crate::pipeline::{Arrival, Input};

/// A recording that cannot be followed.
#[derive(Debug, Error)]
#[error("line {line} of the recording makes no sense: {text:?}")]
pub struct ReplayError {
    /// Line, from 1.
    pub line: usize,
    /// Its beginning.
    pub text: String,
}

/// What a recording gave.
#[derive(Debug, Default)]
pub struct Replayed {
    /// Accepted inputs in order.
    pub arrivals: Vec<Arrival>,
    /// Lines passed over before the first start, or after a gap and before the next start.
    pub skipped: usize,
    /// Lines played.
    pub played: usize,
}

/// A frame that was heard.
#[derive(Debug)]
pub struct HeardFrame {
    /// When.
    pub at: Timestamp,
    /// What.
    pub frame: Frame,
}

/// Plays it.
///
/// # Errors
/// [`ReplayError`] at the first line that is none of ours; a last line without its end is the
/// usual end of a recording that was cut off.
pub fn replay(text: &str, config: &ScaleConfig) -> Result<Replayed, ReplayError> {
    let mut player: Option<Player> = None;
    let mut replayed = Replayed::default();
    for (number, line) in whole_lines(text).enumerate() {
        if is_gap(line) {
            player = None;
            replayed.skipped += 1;
            continue;
        }
        let bad = || ReplayError { line: number + 1, text: line.chars().take(60).collect() };
        let (kind, rest) = line.split_at_checked(1).ok_or_else(bad)?;
        if kind == "S" {
            let start: Start = serde_json::from_str(rest).map_err(|_| bad())?;
            let line = start.line(config);
            player = Some(Player { line, leaving: VecDeque::new(), offered: HashMap::new() });
        } else if let Some(player) = &mut player {
            let accepted = player.play(kind, rest.trim_start()).ok_or_else(bad)?;
            replayed.arrivals.extend(accepted);
        } else {
            replayed.skipped += 1;
            continue;
        }
        replayed.played += 1;
    }
    Ok(replayed)
}

/// Every good frame that a controller sent, also before the first start.
///
/// # Errors
/// [`ReplayError`] at the first line that is none of ours.
pub fn frames(text: &str) -> Result<Vec<HeardFrame>, ReplayError> {
    let mut decoder = Decoder::new();
    let mut found = Vec::new();
    for (number, line) in whole_lines(text).enumerate() {
        let Some(rest) = line.strip_prefix("I ").filter(|rest| !is_gap(rest)) else { continue };
        let bad = || ReplayError { line: number + 1, text: line.chars().take(60).collect() };
        let (now, bytes) = input(rest).ok_or_else(bad)?;
        let frames = decoder.push(&bytes);
        found.extend(frames.map(|frame| HeardFrame { at: now.steady, frame }));
    }
    Ok(found)
}

/// Lines with their end.
fn whole_lines(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'))
}

struct Player {
    line: Line,
    /// Offers that the line has made and the driver has not stamped yet.
    leaving: VecDeque<(usize, ToStore)>,
    /// Offers under way to the store, by controller.
    offered: HashMap<usize, Vec<Arrival>>,
}

impl Player {
    /// Plays one line; what the store has accepted by it. `None` when it makes no sense.
    fn play(&mut self, kind: &str, rest: &str) -> Option<Vec<Arrival>> {
        let mut accepted = Vec::new();
        match kind {
            "O" => self.line.opened(moment(rest)?.0),
            "C" => self.line.closed(),
            "T" => self.line.tick(moment(rest)?.0),
            "I" => {
                let (now, bytes) = input(rest)?;
                self.line.received(now, &bytes);
            }
            "A" => {
                let (now, controller) = moment(rest)?;
                let controller = controller.parse().ok()?;
                accepted = self.offered.remove(&controller)?;
                self.line.accepted(now, controller);
            }
            "R" => self.line.refused(rest.parse().ok()?),
            "G" => self.line.offer_again(rest.parse().ok()?),
            "Y" => {
                let system: SystemClockState = serde_json::from_str(rest).ok()?;
                let (controller, offer) = self.leaving.pop_front()?;
                self.offered.insert(controller, stamped(offer, system));
            }
            _ => return None,
        }
        while let Some(action) = self.line.next_action() {
            if let Action::Store { controller, offer } = action {
                self.leaving.push_back((controller, *offer));
            }
        }
        Some(accepted)
    }
}

fn stamped(offer: ToStore, system: SystemClockState) -> Vec<Arrival> {
    let mut arrivals = offer.arrivals;
    for arrival in &mut arrivals {
        if let Input::Passage(passage) = &mut arrival.input {
            passage.time.system = system;
        }
    }
    arrivals
}

/// Both times, and what follows them.
fn moment(text: &str) -> Option<(Moment, &str)> {
    let (real, rest) = text.split_once(' ')?;
    let (steady, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let real = Duration::from_nanos(real.parse().ok()?);
    Some((Moment { real, steady: Timestamp(steady.parse().ok()?) }, rest))
}

fn input(text: &str) -> Option<(Moment, Vec<u8>)> {
    let (now, bytes) = moment(text)?;
    Some((now, hex::decode(bytes).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn config() -> ScaleConfig {
        ScaleConfig::new("s", "/dev/ttyS0")
    }

    #[test]
    fn what_stands_before_the_first_start_is_passed_over_and_counted() {
        let text = "T 5 6\nI 7 8 00\nS {\"speed_up\":1,\"cursors\":{}}\nO 9 10\nT 11 1";
        let replayed = replay(text, &config()).expect("a recording");
        assert_eq!((replayed.skipped, replayed.played), (2, 2), "the cut line is not played");
    }

    #[test]
    fn after_a_gap_the_line_is_followed_again_from_its_next_start() {
        let start = "S {\"speed_up\":1,\"cursors\":{}}\n";
        let text = format!("{start}T 5 6\nI 7 8 00[lines are missing]\nI 7 9 01\n{start}T 8 9\n");
        let replayed = replay(&text, &config()).expect("a recording");
        assert_eq!((replayed.skipped, replayed.played), (2, 4));
        assert!(frames(&text).expect("a recording").is_empty(), "a gap is no frame");
    }

    #[test]
    fn a_line_that_is_none_of_ours_is_named() {
        let text = "S {\"speed_up\":1,\"cursors\":{}}\nQ 1 2\n";
        let error = replay(text, &config()).expect_err("no such letter");
        assert_eq!(error.to_string(), "line 2 of the recording makes no sense: \"Q 1 2\"");
    }

    proptest! {
        #[test]
        fn any_text_is_a_recording_or_an_error(text in "([SOCTIARGY] [0-9a-f {}]{0,20}\n){0,8}.*") {
            let start = "S {\"speed_up\":1,\"cursors\":{}}\n";
            let _either = replay(&format!("{start}{text}"), &config());
            let _either = frames(&text);
        }
    }
}
