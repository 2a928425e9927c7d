//! The committed inputs of a target, and how long it goes on with them.

use std::path::Path;
use std::time::{Duration, Instant};

use proptest::test_runner::{Config, TestError, TestRunner};

use crate::mutation::{Recipe, apply, recipe};

/// Seconds of each target; without it one short round is played.
const SECONDS: &str = "WIMD_FUZZ_SECONDS";
/// Cases of the short round.
const FEW: u32 = 120;
/// Cases of each round of a long run.
const MANY: u32 = 2_000;

/// The inputs of a target with their names, in order.
pub(crate) fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/camera/corpus").join(target);
    let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.collect();
    files.sort();
    assert!(!files.is_empty(), "no seed in {}", folder.display());
    let named = files.into_iter().map(|file| {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        (name, std::fs::read(file).unwrap())
    });
    named.collect()
}

/// Plays rounds of mutated seeds until the time is over; what fails is written down whole.
pub(crate) fn play<P: Property>(target: &str, seeds: &[Vec<u8>], mut property: impl FnMut() -> P) {
    let seconds = std::env::var(SECONDS).ok().map(|text| text.parse().expect("whole seconds"));
    let started = Instant::now();
    let mut cases = 0;
    loop {
        let count = if seconds.is_some() { MANY } else { FEW };
        let config = Config { cases: count, failure_persistence: None, ..Config::default() };
        let property = property();
        let run = TestRunner::new(config)
            .run(&recipe(), |recipe: Recipe| property.holds(&apply(seeds, &recipe), &recipe));
        if let Err(TestError::Fail(reason, recipe)) = run {
            let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{target}.finding"));
            std::fs::write(&file, apply(seeds, &recipe)).unwrap();
            panic!("{target}: {reason}\n{recipe:?}\nthe input is in {}", file.display());
        }
        run.unwrap();
        cases += count;
        if started.elapsed() >= Duration::from_secs(seconds.unwrap_or(0)) {
            println!("{target}: {cases} cases in {:?}, {}", started.elapsed(), property.told());
            return;
        }
    }
}

/// What must be true of every input.
pub(crate) trait Property {
    /// Whether it is; the recipe lends its random numbers.
    fn holds(
        &self,
        body: &[u8],
        recipe: &Recipe,
    ) -> Result<(), proptest::test_runner::TestCaseError>;

    /// What became of the inputs, so that a run shows what it was worth.
    fn told(&self) -> String;
}
