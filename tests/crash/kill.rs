//! SIGKILL at any moment, while scale, cameras and broker go on.
//!
//! `WIMD_KILLS=5000 WIMD_SEED=2 cargo test --test crash kill -- --nocapture` tries more, and others,
//! and prints the tables.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use wimd::pipeline::record::Gap;
use wimd::sim::controller::Journal;

use crate::oracle::{self, Id, Platform};
use crate::site::Site;

/// Kills, unless the environment asks for more.
const KILLS: u64 = 500;

/// Which traffic and which moments, unless the environment asks for others.
const SEED: u64 = 16;

/// How much faster than real time everything runs.
const FAST: u32 = 30;

/// Vehicles for each kill: so many pass, and some more, while a daemon lives.
const VEHICLES_A_KILL: usize = 4;

/// What a daemon reads and writes in a few seconds of work, bytes.
const WORK: u64 = 4 << 20;

/// Vehicles that may wait in the controller before a daemon is left alive until they are stored:
/// the controller keeps the events of some 250.
const MOST_WAITING: usize = 100;

/// Vehicles that pass a controller that keeps some 250 of them.
const FORGOTTEN: usize = 400;

/// As fast as the simulated site goes.
const FASTEST: u32 = 60;

/// How far a daemon had come when it was killed, each time at any byte that it reads or writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// Before it had hashed its own binary, which is all that it does at first.
    Hashing,
    /// Until its store was open.
    Opening,
    /// Afterwards: what the one before had left is fed again, then new vehicles come.
    Working,
}

impl Moment {
    fn any(random: &mut ChaCha8Rng) -> Self {
        match random.random_range(0..10) {
            0 => Self::Hashing,
            1..4 => Self::Opening,
            _ => Self::Working,
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Self::Hashing => "kill while it hashes",
            Self::Opening => "kill while it opens",
            Self::Working => "kill while it works",
        }
    }
}

/// What the life of a daemon is measured by, bytes that it reads and writes.
struct Life {
    /// Its binary.
    binary: u64,
    /// Until its store is open, as the last one did that came so far.
    opened: u64,
}

/// Lets a daemon live until any moment and kills it.
async fn strike(site: &mut Site, life: &mut Life, random: &mut ChaCha8Rng) {
    let moment = Moment::any(random);
    site.start_daemon();
    let bytes = match moment {
        Moment::Hashing => random.random_range(0..life.binary),
        Moment::Opening => random.random_range(life.binary..life.opened),
        Moment::Working => {
            site.until_store_opened().await;
            life.opened = site.bytes_moved();
            let served = |played: &Journal| played.waiting() < MOST_WAITING;
            site.until_journal("vehicles that wait", served).await;
            // more of them soon after the start, when everything begins anew
            let length = random.random_range(0..1_000) * random.random_range(0..1_000);
            site.bytes_moved() + WORK * length / 1_000_000
        }
    };
    site.until_bytes_moved(bytes).await;
    let said = site.kill_daemon();
    site.was_killed(moment.kind(), &said);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_kills_at_any_moment_lose_nothing() {
    let wanted =
        |name, usual| std::env::var(name).map_or(usual, |it| it.parse().expect("a number"));
    let (kills, seed) = (wanted("WIMD_KILLS", KILLS), wanted("WIMD_SEED", SEED));
    let vehicles = usize::try_from(kills).expect("few") * VEHICLES_A_KILL;
    let Some(mut site) = Site::new((vehicles, seed), FAST, |_| {}).await else {
        return;
    };
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let binary = site.binary_size();
    let mut life = Life { binary, opened: binary + (1 << 20) };
    for _ in 0..kills {
        strike(&mut site, &mut life, &mut random).await;
    }
    let passed = site.sim.controller.journal().borrow().vehicles.len();
    println!("{passed} of {vehicles} vehicles had passed after the last kill");
    site.expect_no_loss(&["store_new"]).await;
}

/// Events of a vehicle at most: begin, seven axles, end.
const MOST_EVENTS: u64 = 9;

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
    let journal = site.sim.controller.journal().borrow().clone();
    let forgotten = journal.lost_events;
    let length = |gap: &Gap| u64::from(gap.last_sequence.expect("known") - gap.first_sequence + 1);
    let missing: u64 = site.platform.gaps.iter().map(length).sum();
    // what the daemon had made durable and could not acknowledge any more is both forgotten and there,
    // and so is what was overwritten while it was asked for
    let vehicle = |(number, boot_id)| Id::Vehicle { boot_id, number };
    let unheard = journal.vehicles.iter().filter(|(_, played)| !played.acknowledged);
    let unheard = unheard.filter_map(|(number, played)| Some((*number, played.boot_id?)));
    let stored = unheard.filter(|it| site.platform.has(&vehicle(*it))).count() as u64;
    let spare = forgotten.checked_sub(missing);
    let explained = spare.is_some_and(|spare| spare < 5 + stored * MOST_EVENTS);
    assert!(explained, "{forgotten}, {stored} stored, told {:?}", site.platform.gaps);
}
