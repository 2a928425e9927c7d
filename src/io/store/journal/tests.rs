use std::path::Path;

use proptest::prelude::*;
use tempfile::TempDir;

use super::entry::{commits, scattered};
use super::*;
use crate::io::store::trees::TreeName;

/// What the store's commits leave, by number: each is told apart.
fn left(number: u64) -> Left {
    match number {
        0 => Left::default(),
        number => Left::by(number, &stored(number)),
    }
}

fn stored(number: u64) -> Vec<u8> {
    let state = state::State { commits: number, ..state::State::default() };
    super::super::codec::encode(&state).expect("encoded")
}

/// One entry comes, the one before goes.
fn writes(number: u64) -> Vec<Write> {
    vec![
        Write::put(TreeName::Inbox, &number.to_be_bytes(), vec![7; number as usize % 900]),
        Write::remove(TreeName::Inbox, &(number - 1).to_be_bytes()),
        Write::put(TreeName::Meta, state::STATE_KEY, stored(number)),
    ]
}

fn same(writes: &[Write]) -> Vec<(TreeName, Vec<u8>, Option<Vec<u8>>)> {
    let plain = |write: &Write| {
        let value = write.value.as_ref().map(|value| value.to_vec());
        (write.tree, write.key.to_vec(), value)
    };
    writes.iter().map(plain).collect()
}

fn bytes(numbers: std::ops::RangeInclusive<u64>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for number in numbers {
        append(&mut bytes, (left(number - 1), left(number)), &writes(number)).expect("fits");
    }
    bytes
}

fn numbers(bytes: &[u8]) -> Vec<u64> {
    commits(bytes).0.iter().map(|commit| commit.after.number).collect()
}

fn open(dir: &Path) -> Trees {
    if dir.join("db").exists() {
        recovery::wait_until_closed(dir).expect("closed");
    }
    Trees::open(dir).expect("opened")
}

/// A database in which those commits were made, and its journal.
fn made(dir: &Path, numbers: std::ops::RangeInclusive<u64>) -> (Trees, Journal) {
    let trees = open(dir);
    let mut journal = Journal::begin(dir, &trees).expect("begun");
    for number in numbers {
        journal.write(left(number), &writes(number)).expect("written");
        trees.apply(&writes(number)).expect("applied");
    }
    (trees, journal)
}

/// The only input, and the last commit.
fn holds(trees: &Trees) -> (Vec<u64>, u64) {
    let inputs = trees.get(TreeName::Inbox).iter().map(|entry| entry.expect("readable").0);
    let inputs = inputs.map(|key| u64::from_be_bytes(key.as_ref().try_into().expect("a number")));
    (inputs.collect(), state::left(trees).expect("readable").number)
}

/// The journal of one database beside another, which is opened.
fn opened_with_journal_of(from: &Path, dir: &Path) -> Trees {
    fs::copy(from.join(FILE_NAME), dir.join(FILE_NAME)).expect("copied");
    open(dir)
}

#[test]
fn commits_are_read_as_they_were_written() {
    let bytes = bytes(1..=20);
    let (read, rest) = commits(&bytes);
    assert_eq!(rest, [0_u8; 0]);
    let expected: Vec<_> = (1..=20).map(|n| (left(n - 1), left(n), same(&writes(n)))).collect();
    let read: Vec<_> = read.iter().map(|it| (it.before, it.after, same(&it.writes))).collect();
    assert_eq!(read, expected);
}

#[test]
fn a_torn_commit_ends_the_journal_and_those_before_it_stay() {
    let whole = bytes(1..=6);
    let ends: Vec<usize> = (1..=6).map(|last| bytes(1..=last).len()).collect();
    for end in 0..=whole.len() {
        let complete = ends.iter().filter(|&&at| at <= end).count() as u64;
        let expected: Vec<u64> = (1..=complete).collect();
        assert_eq!(numbers(&whole[..end]), expected);
        let torn = [&whole[..end], &vec![0; whole.len() - end]].concat();
        assert_eq!(numbers(&torn)[..complete as usize], expected);
    }
}

#[test]
fn what_is_left_of_older_commits_does_not_follow() {
    let mut file = bytes(1..=9);
    let newer = bytes(10..=12);
    file[..newer.len()].copy_from_slice(&newer);
    assert_eq!(numbers(&file), [10, 11, 12]);
    // an old one that begins just where the newest ends
    assert_eq!(numbers(&[bytes(10..=12), bytes(5..=6)].concat()), [10, 11, 12]);
    assert_eq!(numbers(&[bytes(10..=12), bytes(12..=13)].concat()), [10, 11, 12]);
}

#[test]
fn commits_that_the_database_does_not_know_are_applied() {
    let (one, other) = (TempDir::new().expect("made"), TempDir::new().expect("made"));
    drop(made(one.path(), 1..=9));
    let (trees, _) = made(other.path(), 1..=4);
    drop(trees);
    assert_eq!(holds(&opened_with_journal_of(one.path(), other.path())), (vec![9], 9));
}

#[test]
fn what_a_database_lacks_of_the_commits_that_it_says_it_has_is_applied() {
    let dir = TempDir::new().expect("made");
    let (trees, _) = made(dir.path(), 1..=9);
    trees.apply(&[Write::remove(TreeName::Inbox, &9_u64.to_be_bytes())]).expect("removed");
    assert_eq!(holds(&trees), (vec![], 9));
    drop(trees);
    assert_eq!(holds(&open(dir.path())), (vec![9], 9));
    assert!(!dir.path().join(UNUSED_NAME).exists());
}

#[test]
fn a_journal_that_ends_before_the_database_is_left_alone() {
    let (one, other) = (TempDir::new().expect("made"), TempDir::new().expect("made"));
    drop(made(one.path(), 1..=4));
    drop(made(other.path(), 1..=9));
    assert_eq!(holds(&opened_with_journal_of(one.path(), other.path())), (vec![9], 9));
    assert!(!other.path().join(UNUSED_NAME).exists());
}

#[test]
fn a_journal_that_goes_on_later_than_the_database_is_kept_aside() {
    let (one, other) = (TempDir::new().expect("made"), TempDir::new().expect("made"));
    drop(made(one.path(), 1..=9));
    drop(made(one.path(), 10..=12));
    drop(made(other.path(), 1..=4));
    let trees = opened_with_journal_of(one.path(), other.path());
    assert_eq!(holds(&trees), (vec![4], 4));
    assert_eq!(trees.beyond.map(|mark| mark.commits), Some(12));
    assert!(other.path().join(UNUSED_NAME).exists() && !other.path().join(FILE_NAME).exists());
}

#[test]
fn a_damaged_commit_hides_those_behind_it_and_the_last_of_them_is_told() {
    let (one, other) = (TempDir::new().expect("made"), TempDir::new().expect("made"));
    let (trees, journal) = made(one.path(), 1..=9);
    journal.file.write_all_at(&[0xA5], bytes(1..=5).len() as u64 + 40).expect("damaged");
    drop((trees, journal));
    drop(made(other.path(), 1..=2));
    let trees = opened_with_journal_of(one.path(), other.path());
    assert_eq!(holds(&trees), (vec![5], 5));
    assert_eq!(trees.beyond.map(|mark| mark.commits), Some(9));
    assert!(other.path().join(UNUSED_NAME).exists());
}

#[test]
fn what_is_kept_aside_replaces_nothing_that_is_there() {
    let (one, other) = (TempDir::new().expect("made"), TempDir::new().expect("made"));
    drop(made(one.path(), 1..=1));
    drop(made(one.path(), 2..=12));
    drop(open(other.path()));
    fs::write(other.path().join(UNUSED_NAME), "older").expect("written");
    drop(opened_with_journal_of(one.path(), other.path()));
    assert_eq!(fs::read(other.path().join(UNUSED_NAME)).expect("read"), b"older");
    assert!(other.path().join(format!("{UNUSED_NAME}-2")).exists());
}

#[test]
fn an_ended_journal_leaves_nothing_to_apply() {
    let dir = TempDir::new().expect("made");
    let (trees, journal) = made(dir.path(), 1..=9);
    journal.end().expect("ended");
    trees.apply(&[Write::remove(TreeName::Inbox, &9_u64.to_be_bytes())]).expect("applied");
    drop((trees, journal));
    let trees = open(dir.path());
    assert_eq!((holds(&trees), trees.beyond), ((vec![], 9), None));
}

#[test]
fn a_journal_of_another_history_is_kept_aside() {
    let (one, other) = (TempDir::new().expect("made"), TempDir::new().expect("made"));
    drop(made(one.path(), 1..=9));
    let (trees, _) = made(other.path(), 1..=4);
    // a number in the midst of it, another state
    let foreign = state::State { commits: 4, next_input: 99, ..state::State::default() };
    let value = super::super::codec::encode(&foreign).expect("encoded");
    trees.apply(&[Write::put(TreeName::Meta, state::STATE_KEY, value)]).expect("applied");
    drop(trees);
    assert_eq!(holds(&opened_with_journal_of(one.path(), other.path())), (vec![4], 4));
    assert!(other.path().join(UNUSED_NAME).exists());
}

#[test]
fn a_journal_is_written_over_when_the_database_is_synced() {
    let dir = TempDir::new().expect("made");
    let (trees, mut journal) = made(dir.path(), 1..=1);
    let (mut number, mut rounds) = (1, 0);
    while rounds < 3 {
        number += 1;
        if journal.is_full() {
            journal.restart().expect("begun");
            rounds += 1;
        }
        journal.write(left(number), &writes(number)).expect("written");
        trees.apply(&writes(number)).expect("applied");
    }
    let length = fs::metadata(dir.path().join(FILE_NAME)).expect("there").len();
    assert!(length < BYTES + 2_000, "{length}");
    assert_eq!(numbers(&fs::read(dir.path().join(FILE_NAME)).expect("read")), [number]);
}

proptest! {
    #[test]
    fn any_bytes_are_safe(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        prop_assert_eq!(numbers(&bytes), Vec::<u64>::new());
        prop_assert_eq!(scattered(&bytes).count(), 0);
    }

    #[test]
    fn a_changed_byte_hides_its_commit_and_all_after(at: prop::sample::Index, by in 1..=255_u8) {
        let mut damaged = bytes(1..=8);
        let at = at.index(damaged.len());
        damaged[at] ^= by;
        let hidden = (1..=8).find(|last| at < bytes(1..=*last).len()).expect("inside");
        prop_assert_eq!(numbers(&damaged), (1..hidden).collect::<Vec<_>>());
    }
}
