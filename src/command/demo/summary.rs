//! What `wimd demo` says before and after its table.

use std::io::{self, Write};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::DemoArgs;
use crate::language::row;
use crate::sim::truth::{Score, Truth};

/// A span as milliseconds with three decimals, exact: a number in JSON.
fn milliseconds(span: Duration) -> serde_json::Number {
    let micros = span.as_micros();
    let text = format!("{}.{:03}", micros / 1_000, micros % 1_000);
    text.parse().unwrap_or_else(|_| serde_json::Number::from(0))
}

/// Latency from the last sign of a vehicle to the subscriber.
#[derive(Debug, Serialize)]
pub(super) struct Latency {
    /// Half of the records took no longer.
    pub p50: Option<serde_json::Number>,
    /// Ninety-nine of a hundred took no longer.
    pub p99: Option<serde_json::Number>,
}

/// The last line.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    /// Agreement with the truth.
    #[serde(flatten)]
    pub score: Score,
    /// In milliseconds.
    pub latency_ms: Latency,
}

impl Summary {
    /// From the truth and the latencies in ascending order.
    pub(super) fn of(truth: &Truth, latencies: &[Duration]) -> Self {
        let percentile = |hundredths: usize| {
            let rank = (latencies.len() * hundredths).div_ceil(100).max(1);
            latencies.get(rank - 1).copied().map(milliseconds)
        };
        let latency_ms = Latency { p50: percentile(50), p99: percentile(99) };
        Self { score: truth.score(), latency_ms }
    }

    /// The same for people.
    ///
    /// # Errors
    /// What the output says.
    pub(super) fn write(&self, truth: &Truth, out: &mut dyn Write) -> io::Result<()> {
        let score = &self.score;
        let number = |number: &Option<serde_json::Number>| {
            number.as_ref().map_or_else(|| "-".into(), ToString::to_string)
        };
        writeln!(out)?;
        let lines = [
            ("vehicles", score.vehicles.to_string(), String::new()),
            ("records", score.records.to_string(), "(a straddler is weighed twice)".to_owned()),
            (
                "violations",
                score.violations_received.to_string(),
                format!("of {} in truth", score.violations_expected),
            ),
            ("duplicates", score.duplicates.to_string(), String::new()),
            ("lost", score.lost.to_string(), String::new()),
            ("wrong", score.wrong.to_string(), String::new()),
            (
                "unsure",
                truth.unsure().to_string(),
                "plates left open while the cameras' clocks were learnt".to_owned(),
            ),
            ("latency p50", number(&self.latency_ms.p50), "ms".to_owned()),
            ("latency p99", number(&self.latency_ms.p99), "ms".to_owned()),
        ];
        for (name, figure, remark) in &lines {
            writeln!(out, "{}", row([*name, &format!("{figure:>8}"), remark]))?;
        }
        for (record, mistakes) in truth.mistakes() {
            writeln!(out, "wrong {record}: {}", mistakes.join("; "))?;
        }
        let (colour, verdict) = if score.is_perfect() {
            (AnsiColor::Green, "nothing lost, nothing wrong")
        } else {
            (AnsiColor::Red, "NOT what the simulator played")
        };
        let style = Style::new().bold().fg_color(Some(colour.into()));
        writeln!(out, "\n{style}{verdict}{style:#}")
    }
}

/// What is about to be seen.
///
/// # Errors
/// What the output says.
pub(super) fn introduce(args: &DemoArgs, out: &mut dyn Write) -> io::Result<()> {
    let broker = args.broker.as_deref().unwrap_or("an embedded broker");
    writeln!(
        out,
        "{} invented vehicles (seed {}) at {} times real speed: controller on a pty, cameras over \
         HTTP, the daemon, {broker}, and a subscriber in the role of the platform.\n",
        args.vehicles, args.seed, args.speed_up
    )
}
