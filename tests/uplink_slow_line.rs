//! A new violation overtakes a backlog on a line of 256 kbit/s: within 2 s at the 99th percentile,
//! while passages drain and while pictures drain.
//!
//! The long form of the issue, with a table:
//! `WIMD_LINE=full cargo test --release --test uplink_slow_line -- --nocapture`

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod uplink_support;

use std::time::{Duration, Instant};

use uplink_support::proxy::Proxy;
use uplink_support::*;
use wimd::pipeline::record::{Body, Supplement};
use wimd::sim::platform::Platform;
use wimd::units::Kilograms;

/// The line of the issue.
const BITS: u64 = 256_000;

/// Bytes of a picture in the issue.
const PICTURE: usize = 300_000;

/// Records sealed in one commit.
const BATCH: usize = 1_000;

/// What waits, and how long new violations are sent beside it.
#[derive(Clone, Copy)]
struct Form {
    passages: usize,
    pictures: usize,
    violations: usize,
    every: Duration,
}

/// Bounded to less than a minute, or as in the issue.
fn form() -> Form {
    if std::env::var("WIMD_LINE").as_deref() == Ok("full") {
        let every = Duration::from_secs(3);
        return Form { passages: 200_000, pictures: 2_000, violations: 200, every };
    }
    Form { passages: 2_000, pictures: 20, violations: 20, every: Duration::from_millis(700) }
}

struct Measured {
    name: &'static str,
    waiting: (u64, u64),
    left: (u64, u64),
    latencies: Vec<Duration>,
    /// Of what the line could have carried meanwhile, per cent.
    used: u64,
}

impl Measured {
    fn at(&self, percent: usize) -> Duration {
        self.latencies[(self.latencies.len() * percent).div_ceil(100).max(1) - 1]
    }

    fn row(&self) -> String {
        let [half, most, worst] = [50, 99, 100].map(|percent| self.at(percent).as_millis());
        format!(
            "{:<9} {:>8} {:>8} {:>9} {:>8} {:>6} {:>7} {:>7} {:>7} {:>8}",
            self.name,
            self.waiting.0,
            self.left.0,
            self.waiting.1,
            self.left.1,
            self.used,
            self.latencies.len(),
            half,
            most,
            worst,
        )
    }
}

/// A vehicle's record with a picture and without signs of evasion.
fn with_picture(rig: &Rig, number: usize) -> Body {
    let bytes: Vec<u8> = number.to_be_bytes().into_iter().cycle().take(PICTURE).collect();
    let Body::Supplement(supplement) = sighting(vec![rig.picture("scene.jpg", &bytes)]) else {
        unreachable!("a sighting is a supplement");
    };
    Body::Supplement(Box::new(Supplement { evasion: Vec::new(), ..*supplement }))
}

async fn fill(rig: &mut Rig, passages: usize, pictures: usize) {
    let compliant = weighed(Kilograms(6_000));
    for first in (0..passages).step_by(BATCH) {
        rig.seal(vec![compliant.clone(); BATCH.min(passages - first)]).await;
    }
    for first in (0..pictures).step_by(BATCH) {
        let numbers = first..(first + BATCH).min(pictures);
        let bodies = numbers.map(|number| with_picture(rig, number)).collect();
        rig.seal(bodies).await;
    }
}

fn waiting(rig: &Rig) -> (u64, u64) {
    let status = rig.store.status();
    (status.outbox_second.entries, status.outbox_pictures.entries)
}

/// Seals violations one after the other and waits for each.
async fn measure(
    name: &'static str,
    rig: &mut Rig,
    platform: &mut Platform,
    (form, line): (Form, &Proxy),
) -> Measured {
    let violation = weighed(Kilograms(12_000));
    let (before, carried, begun) = (waiting(rig), line.carried(), Instant::now());
    let mut ticks = tokio::time::interval(form.every);
    let mut latencies = Vec::new();
    for _ in 0..form.violations {
        ticks.tick().await;
        let sealed = Instant::now();
        let id = rig.seal(vec![violation.clone()]).await.remove(0);
        let end = Instant::now() + LIMIT;
        let at = loop {
            let message = next_before(platform, end).await.expect("the violation");
            if id_of(&message).as_ref() == Some(&id) {
                break message.at;
            }
        };
        latencies.push(at - sealed);
    }
    let could = begun.elapsed().as_millis() as u64 * BITS / 8 / 1_000;
    let used = (line.carried() - carried) * 100 / could;
    latencies.sort_unstable();
    Measured { name, waiting: before, left: waiting(rig), latencies, used }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_violation_overtakes_any_backlog_on_a_slow_line() {
    let Some(AnyBroker::Mosquitto(broker)) = real() else {
        return;
    };
    let form = form();
    let line = Proxy::narrow(&broker.url, BITS).await;
    let mut measured = Vec::new();
    for (name, passages) in [("passages", form.passages), ("pictures", 0)] {
        let mut platform = platform(&broker.url).await;
        let mut rig = Rig::new(&line.url);
        fill(&mut rig, passages, form.pictures).await;
        rig.start();
        rig.until("under way", |status| status.acknowledged > 5).await;
        if passages == 0 {
            let store = rig.store.clone();
            let pieces = move |_: &_| store.status().outbox_second.entries == 0;
            rig.until_within(4 * LIMIT, "at the pictures", pieces).await;
        }
        measured.push(measure(name, &mut rig, &mut platform, (form, &line)).await);
        rig.stop().await;
    }
    println!(
        "draining  passages     left  pictures     left  use %  violat  p50 ms  p99 ms  max ms"
    );
    for phase in &measured {
        println!("{}", phase.row());
    }
    for phase in &measured {
        assert!(phase.at(99) <= Duration::from_secs(2), "{}", phase.row());
        assert!(phase.left.0 + phase.left.1 > 0, "the backlog was over: {}", phase.row());
        assert!(phase.used >= 50, "the line stood idle: {}", phase.row());
    }
}
