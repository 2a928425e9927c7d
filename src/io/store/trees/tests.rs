//! Packed trees beside a plain map.

use std::collections::BTreeMap;
use std::ops::Bound;

use proptest::prelude::*;
use sled::IVec;
use tempfile::TempDir;

use super::{TreeName, Trees, Write, number_key, pack};

/// A value as the store writes them: with a version, of that many bytes.
fn value(length: usize, n: u64) -> Vec<u8> {
    let mut value = vec![1];
    value.extend(n.to_be_bytes().iter().cycle().take(length));
    value
}

fn put(n: u64, value: Vec<u8>) -> Write {
    Write::put(TreeName::Outbox, &number_key(n), value)
}

fn remove(n: u64) -> Write {
    Write::remove(TreeName::Outbox, &number_key(n))
}

fn opened(dir: &TempDir) -> Trees {
    Trees::open(dir.path()).expect("opened")
}

type Map = BTreeMap<Vec<u8>, Vec<u8>>;

fn all(entries: impl Iterator<Item = sled::Result<(IVec, IVec)>>) -> Map {
    let entry = |entry: sled::Result<(IVec, IVec)>| {
        let (key, value) = entry.expect("readable");
        (key.to_vec(), value.to_vec())
    };
    entries.map(entry).collect()
}

/// Keys of the database itself.
fn packs(trees: &Trees) -> usize {
    trees.get(TreeName::Outbox).tree.len()
}

#[derive(Clone, Debug)]
enum Step {
    /// As the versions before wrote: an entry by itself.
    Old(u64, usize),
    Commit(Vec<(u64, Option<usize>)>),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let key = || 0..60_u64;
    let length = || prop_oneof![8 => 0..40_usize, 6 => 200..1_500_usize, 1 => 4_000..9_000_usize];
    let write = (key(), prop::option::weighted(0.7, length()));
    let step = prop_oneof![
        1 => (key(), length()).prop_map(|(n, length)| Step::Old(n, length)),
        6 => prop::collection::vec(write, 1..12).prop_map(Step::Commit),
    ];
    prop::collection::vec(step, 1..25)
}

fn apply(trees: &Trees, model: &mut Map, n: usize, step: Step) {
    match step {
        Step::Old(key, length) => {
            let packs = trees.get(TreeName::Outbox);
            // an old store has no packs: only where none is in the way
            let place = packs.place(&number_key(key)).expect("readable");
            if place.is_none_or(|(_, stored)| !pack::is_pack(&stored)) {
                let value = value(length, n as u64);
                packs.tree.insert(number_key(key), &value[..]).expect("inserted");
                model.insert(number_key(key).to_vec(), value);
            }
        }
        Step::Commit(writes) => {
            let mut commit = Vec::new();
            for (key, length) in writes {
                let value = length.map(|length| value(length, n as u64));
                commit.push(match &value {
                    Some(value) => put(key, value.clone()),
                    None => remove(key),
                });
                match value {
                    Some(value) => drop(model.insert(number_key(key).to_vec(), value)),
                    None => drop(model.remove(&number_key(key)[..])),
                }
            }
            trees.apply(&commit).expect("applied");
        }
    }
}

fn assert_same(trees: &Trees, model: &Map) {
    let packs = trees.get(TreeName::Outbox);
    let differ = |found: &Map, expected: &Map| -> Vec<u8> {
        let keys = found.keys().chain(expected.keys());
        keys.filter(|key| found.get(*key) != expected.get(*key)).map(|key| key[7]).collect()
    };
    assert_eq!(differ(&all(packs.iter()), model), [0; 0]);
    let last = packs.last().expect("readable").map(|(key, _)| key.to_vec());
    assert_eq!(last.as_ref(), model.keys().next_back());
    for n in (0..62).step_by(3) {
        let key = number_key(n);
        let got = packs.get(key).expect("readable").map(|value| value.to_vec());
        assert_eq!(got.as_ref(), model.get(&key[..]));
        let part = (Bound::Excluded(key.to_vec()), Bound::Included(number_key(n + 9).to_vec()));
        let expected: Map =
            model.range(part.clone()).map(|(k, v)| (k.clone(), v.clone())).collect();
        assert_eq!(differ(&all(packs.range(part)), &expected), [0; 0]);
        let last = packs.last_up_to(Bound::Excluded(&key)).expect("readable");
        let expected = model.range(..key.to_vec()).next_back();
        assert_eq!(
            last.map(|(k, v)| (k.to_vec(), v.to_vec())).as_ref().map(|(k, v)| (k, v)),
            expected
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_packed_tree_is_a_map_also_with_what_older_versions_left_in_it(steps in steps()) {
        let dir = TempDir::new().expect("a directory");
        let trees = opened(&dir);
        let mut model = Map::new();
        for (n, step) in steps.into_iter().enumerate() {
            apply(&trees, &mut model, n, step);
            assert_same(&trees, &model);
        }
    }

    #[test]
    fn any_bytes_in_place_of_a_pack_are_an_entry_or_entries_in_order(mut bytes in any::<Vec<u8>>()) {
        bytes.insert(0, 0x80);
        let key = IVec::from(&number_key(7));
        let entries = pack::entries(&key, &IVec::from(bytes.clone()));
        prop_assert!(entries.is_sorted_by(|(one, _), (next, _)| one < next));
        if let [(_, value)] = &entries[..] && pack::is_pack(value) {
            prop_assert_eq!(entries, vec![(key, IVec::from(bytes))]);
        }
    }
}

#[test]
fn small_neighbours_share_a_pack_and_large_ones_have_none() {
    let dir = TempDir::new().expect("a directory");
    let trees = opened(&dir);
    for n in 0..300 {
        trees.apply(&[put(n, value(100, n))]).expect("applied");
    }
    assert_eq!(packs(&trees), 38);
    for n in 300..310 {
        trees.apply(&[put(n, value(5_000, n))]).expect("applied");
    }
    assert_eq!(packs(&trees), 48);
    let all: Vec<_> = (0..310).map(remove).collect();
    trees.apply(&all).expect("applied");
    assert_eq!(packs(&trees), 0);
}

#[test]
fn a_damaged_pack_is_one_entry_that_nobody_joins_and_that_can_be_taken_away() {
    let dir = TempDir::new().expect("a directory");
    let trees = opened(&dir);
    let outbox = trees.get(TreeName::Outbox);
    let damaged = [0x80, 8, 0, 0];
    outbox.tree.insert(number_key(5), &damaged).expect("inserted");
    trees.apply(&[put(6, value(3, 6)), put(7, value(3, 7))]).expect("applied");
    let expected: Map = [(5, damaged.to_vec()), (6, value(3, 6)), (7, value(3, 7))]
        .map(|(n, value)| (number_key(n).to_vec(), value))
        .into();
    assert_eq!(all(outbox.iter()), expected);
    trees.apply(&[remove(5)]).expect("applied");
    assert_eq!(all(outbox.iter()), expected.into_iter().skip(1).collect());
}

/// Old bytes are sacred: another form needs another tag.
#[test]
fn a_pack_is_these_bytes() {
    let dir = TempDir::new().expect("a directory");
    let trees = opened(&dir);
    trees.apply(&[put(1, vec![1, 0xA1]), put(2, vec![1])]).expect("applied");
    let stored = trees.get(TreeName::Outbox).tree.get(number_key(1)).expect("readable");
    let expected = "80 08 0000000000000001 00000002 01a1 08 0000000000000002 00000001 01";
    assert_eq!(stored.map(hex::encode), Some(expected.replace(' ', "")));
    trees.apply(&[remove(2)]).expect("applied");
    let stored = trees.get(TreeName::Outbox).tree.get(number_key(1)).expect("readable");
    assert_eq!(stored.map(hex::encode), Some("01a1".to_owned()));
}
