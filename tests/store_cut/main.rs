//! The power fails. A process works with its store and is recorded; then the disk is cut at every
//! moment of it, and at random ones, and loses, tears and reorders what was not synced. Whatever
//! is left opens by itself and holds what was acknowledged, and nothing by halves.
//!
//! `WIMD_CUTS=2000 cargo test --release --test store_cut -- --nocapture` tries more and prints
//! the table.

mod disk;
#[path = "../fault_table/mod.rs"]
mod fault_table;
mod names;
mod recording;
#[path = "../store_support/mod.rs"]
mod store_support;
mod story;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use disk::{Disk, Fate};
use fault_table::{FaultTable, Toll};
use rand::{Rng, SeedableRng};
use recording::{can_record, record};
use store_support::{audit_record, open, seal};
use story::{Model, Step, Story, live};
use tempfile::TempDir;
use wimd::io::store::{Head, Proof, Store};

/// Set for the process that is recorded: the directory of its store.
const RECORDED_DIR: &str = "WIMD_TEST_RECORDED_DIR";

/// Set for it: the name of the story.
const RECORDED_STORY: &str = "WIMD_TEST_RECORDED_STORY";

/// So short that every cut can be tried.
const CUT_EVERYWHERE: Story = Story::EveryStep { rounds: 6 };

const CUT_AT_RANDOM: Story = Story::EveryStep { rounds: 60 };

const LONG_DAY: Story = Story::LongDay { rounds: 150 };

/// What sled takes and gives back in one piece, bytes.
const SEGMENT: usize = 512 * 1024;

/// Random cuts, unless the environment asks for more.
const CUTS: u64 = 300;

/// So many of them for each cut of the long day.
const CUTS_PER_LONG: u64 = 6;

/// Not a test of its own: the process that is recorded.
#[test]
fn recorded() {
    let Some(dir) = std::env::var_os(RECORDED_DIR) else {
        return;
    };
    let story = Story::named(&std::env::var(RECORDED_STORY).expect("set"));
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(live(Path::new(&dir), story));
    // no destructor: the end of the recording is a cut like any other
    std::process::exit(0);
}

/// A recorded story and what must be there after each of its steps.
struct Trial {
    disk: Disk,
    said: Vec<(usize, String)>,
    /// One after the last.
    moments: usize,
    models: Vec<Model>,
}

impl Trial {
    fn of(story: Story) -> Self {
        let root = TempDir::new().expect("a directory");
        let mut command = Command::new(std::env::current_exe().expect("our path"));
        command.args(["recorded", "--exact", "--nocapture", "--test-threads=1"]);
        command.env(RECORDED_DIR, root.path().join("state"));
        command.env(RECORDED_STORY, story.name());
        let recording = record(root.path(), &command);
        let after = |models: &mut Vec<Model>, step: Step| {
            models.push(models[models.len() - 1].clone().after(step));
        };
        let mut models = vec![Model::default()];
        story.steps().into_iter().for_each(|step| after(&mut models, step));
        let trial = Self {
            disk: Disk::of(&recording),
            said: recording.said,
            moments: recording.end,
            models,
        };
        assert_eq!(trial.said_before(usize::MAX, "done"), trial.models.len() - 1);
        trial
    }

    fn said_before(&self, moment: usize, text: &str) -> usize {
        self.said.iter().filter(|(at, line)| *at < moment && line == text).count()
    }

    /// Cuts at that moment, opens what is left, and compares it with the model: all steps that
    /// were acknowledged, and the one that had begun wholly or not at all.
    async fn cut(&self, moment: usize, fate: Fate) -> Toll {
        let root = TempDir::new().expect("a directory");
        self.disk.cut(moment, fate, root.path());
        let before = Instant::now();
        let (store, recovery) = open(&root.path().join("state"));
        let mut toll = Toll { times: 1, worst_reopen: Some(before.elapsed()), ..Toll::default() };
        if self.said_before(moment, "opened") == 0 {
            // a store that nobody had yet: half of one may be moved aside
            return Toll { opened: 1, ..toll };
        }
        let (done, begun) = (self.said_before(moment, "done"), self.said_before(moment, "begins"));
        let possible = &self.models[done..=begun];
        toll.acknowledged = possible[0].given();
        let place = format!("cut at {moment} of {}, {fate:?}, in step {begun}", self.moments);
        if (&recovery.moved_aside, recovery.lost) != (&None, None) {
            println!("{place}: {recovery:?}\nat risk: {:#?}", self.disk.at_risk(moment));
            return toll;
        }
        toll.opened = 1;
        let found = Model::of(&store, possible[0].given());
        let there = found.inputs();
        let different: BTreeSet<u64> = there.iter().copied().collect();
        toll.arrived = (1..=toll.acknowledged).filter(|n| different.contains(n)).count() as u64;
        toll.duplicated = (there.len() - different.len()) as u64;
        let is_there = |model: &Model| Model::of(&store, model.given()) == *model;
        assert!(possible.iter().any(is_there), "{place}: {recovery:?}, {found:#?}");
        toll.gaps = goes_on(store).await;
        toll
    }
}

/// Seals one record more and answers how often the chain is broken.
async fn goes_on(store: Store) -> u64 {
    store.commit(vec![seal(audit_record(1_000_000), &[])]).await.expect("committed");
    let records = store.export(1, u64::MAX).expect("open");
    let proofs: Vec<_> = records.map(|record| record.expect("readable").proof).collect();
    let heads = std::iter::once(Head::default()).chain(proofs.iter().map(Proof::head));
    let follows =
        |(head, proof): (Head, &Proof)| (proof.seq, proof.prev) == (head.seq + 1, head.hash);
    let gaps = heads.zip(&proofs).filter(|&link| !follows(link)).count();
    store.close().await.expect("closed");
    gaps as u64
}

#[tokio::test]
async fn a_cut_at_any_moment_leaves_each_step_wholly_or_not_at_all() {
    if !can_record() {
        return;
    }
    let trial = Trial::of(CUT_EVERYWHERE);
    let mut table = FaultTable::default();
    for moment in trial.disk.moments() {
        for fate in [Fate::Lost, Fate::Torn, Fate::Reordered] {
            let toll = trial.cut(moment, fate).await;
            table.add(&format!("every cut, {fate:?}").to_lowercase(), &toll);
        }
    }
    table.expect_no_loss();
}

#[tokio::test]
async fn hundreds_of_random_power_cuts_lose_nothing() {
    if !can_record() {
        return;
    }
    cut_at_random("power cut, random", &Trial::of(CUT_AT_RANDOM), cuts()).await;
}

#[tokio::test]
async fn power_cuts_while_sled_writes_over_old_segments_lose_nothing() {
    if !can_record() {
        return;
    }
    let trial = Trial::of(LONG_DAY);
    let written_over = trial.disk.written_over();
    assert!(written_over > 2 * SEGMENT, "only {written_over} bytes were written over");
    cut_at_random("power cut in a long day", &trial, cuts() / CUTS_PER_LONG).await;
}

fn cuts() -> u64 {
    std::env::var("WIMD_CUTS").map_or(CUTS, |cuts| cuts.parse().expect("a number"))
}

async fn cut_at_random(kind: &str, trial: &Trial, cuts: u64) {
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(5);
    let mut table = FaultTable::default();
    for seed in 0..cuts {
        let moment = random.random_range(0..=trial.moments);
        table.add(kind, &trial.cut(moment, Fate::Random(seed)).await);
    }
    table.expect_no_loss();
}
