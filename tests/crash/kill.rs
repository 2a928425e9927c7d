//! SIGKILL at any moment, while scale, cameras and broker go on.
//!
//! `WIMD_CRASH=1 WIMD_KILLS=5000 cargo test --test crash kill -- --nocapture` tries more and prints the tables.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use wimd::pipeline::record::Gap;
use wimd::sim::controller::Journal;

use crate::oracle::{self, Platform};
use crate::site::{self, Site};

/// Kills, unless the environment asks for more.
const KILLS: usize = 500;

/// How much faster than real time everything runs.
const FAST: u32 = 20;

/// Vehicles for each kill: so many pass while a daemon lives.
const VEHICLES_A_KILL: usize = 2;

/// What a daemon of a test build reads and writes until it is at work, bytes, and some more.
const START: u64 = 2 << 20;

/// What it reads and writes about one vehicle with its pictures, bytes.
const VEHICLE: u64 = 64 << 10;

/// Vehicles that may wait in the controller before a daemon is left alive until they are stored:
/// the controller keeps the events of some 250.
const MOST_WAITING: usize = 100;

/// Vehicles that pass a controller that keeps some 250 of them.
const FORGOTTEN: usize = 400;

/// As fast as the simulated site goes.
const FASTEST: u32 = 60;

/// What a daemon was at when it was killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// When it had read and written so many bytes.
    Starting(u64),
    /// When it had said so much to the controller, and then read and written so many bytes.
    Working(u64, u64),
}

impl Moment {
    fn any(random: &mut ChaCha8Rng) -> Self {
        if random.random_ratio(1, 4) {
            return Self::Starting(random.random_range(0..START));
        }
        Self::Working(random.random_range(1..60), random.random_range(0..VEHICLE))
    }

    fn kind(self) -> &'static str {
        match self {
            Self::Starting(_) => "kill while it starts",
            Self::Working(..) => "kill while it works",
        }
    }
}

/// Lets a daemon live until that moment and kills it.
async fn strike(site: &mut Site, moment: Moment) {
    let heard = site.sim.controller.journal().borrow().frames_heard;
    site.start_daemon();
    let bytes = match moment {
        Moment::Starting(bytes) => bytes,
        Moment::Working(frames, bytes) => {
            let enough = |played: &Journal| {
                played.frames_heard >= heard + frames && played.waiting() < MOST_WAITING
            };
            site.until_journal("a sign of life", enough).await;
            site.bytes_moved() + bytes
        }
    };
    site.until_bytes_moved(bytes).await;
    let said = site.kill_daemon();
    site.was_killed(moment.kind(), &said);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_kills_at_any_moment_lose_nothing() {
    if !site::long_ones_are_wanted() {
        return;
    }
    let kills = std::env::var("WIMD_KILLS").map_or(KILLS, |kills| kills.parse().expect("a number"));
    let Some(mut site) = Site::new((kills * VEHICLES_A_KILL, 16), FAST, |_| {}).await else {
        return;
    };
    let mut random = ChaCha8Rng::seed_from_u64(16);
    for _ in 0..kills {
        let moment = Moment::any(&mut random);
        strike(&mut site, moment).await;
    }
    site.expect_no_loss(&["store_new"]).await;
}

/// A controller keeps some 250 vehicles. When nobody has listened for longer, nobody has those
/// before them, and nobody may believe that there were none.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn vehicles_that_the_controller_had_to_forget_are_told_as_a_gap() {
    let Some(mut site) = Site::new((FORGOTTEN, 17), FASTEST, |_| {}).await else {
        return;
    };
    site.start_daemon();
    site.until_journal("a first vehicle", |played| played.acknowledged() > 0).await;
    site.kill_daemon();
    let all = site.sim.truth.sources().len();
    site.until_journal("all vehicles", |played| played.vehicles.len() >= all).await;
    site.start_daemon();
    let last = u32::try_from(all).expect("few");
    site.until_journal("the last vehicle", |played| {
        played.vehicles.get(&last).is_some_and(|played| played.acknowledged)
    })
    .await;
    let kept = oracle::acknowledged(&mut site.sim);
    let has =
        |platform: &Platform| kept.iter().filter(|id| id.is_vehicle()).all(|id| platform.has(id));
    assert!(site.until_platform(has).await, "acknowledged and lost");
    assert!(site.until_platform(|it| !it.gaps.is_empty()).await, "no gap was told");
    let forgotten = site.sim.controller.journal().borrow().lost_events;
    let length = |gap: &Gap| u64::from(gap.last_sequence.expect("known") - gap.first_sequence + 1);
    let missing: u64 = site.platform.gaps.iter().map(length).sum();
    // one that was overwritten while the daemon asked for it is both forgotten and there
    let spare = forgotten.checked_sub(missing);
    assert!(spare.is_some_and(|spare| spare < 5), "{forgotten}, told {:?}", site.platform.gaps);
}
