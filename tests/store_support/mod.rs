//! Vocabulary of the store's tests.
#![allow(dead_code, reason = "each test binary uses its own part")]

pub(crate) mod damage;

use std::path::Path;

use wimd::clock::{Clock, Timestamp};
use wimd::io::store::chain::verify::{Keys, Report, Verifier, check};
use wimd::io::store::{Head, Origin, Recovery, SealedRecord, Signer, Store, StoreOptions};
use wimd::pipeline::record::{Alarm, Audit, Body, RECORD_VERSION, Record, Site};
use wimd::pipeline::{Action, Arrival, DropReason, Input, InputId, Seal};

/// The key of every test.
pub(crate) fn signer() -> Signer {
    Signer::from_seed(&[7; 32])
}

pub(crate) fn open(dir: &Path) -> (Store, Recovery) {
    open_with(&StoreOptions::at(dir))
}

pub(crate) fn try_open(dir: &Path) -> Result<(Store, Recovery), wimd::io::store::StoreError> {
    Store::open(&StoreOptions::at(dir), signer(), Clock::system())
}

pub(crate) fn open_with(options: &StoreOptions) -> (Store, Recovery) {
    Store::open(options, signer(), Clock::system()).expect("the store opens")
}

/// An input that is told apart by `n`.
pub(crate) fn input(n: u64) -> Arrival {
    Arrival {
        received_at: Timestamp(1_000_000 + n as i64),
        input: Input::Audit(Audit {
            source: "controller 1".to_owned(),
            event: format!("event {n}"),
            before: String::new(),
            after: n.to_string(),
        }),
        raw: n.to_be_bytes().to_vec(),
    }
}

/// The number that [`input`] was given.
pub(crate) fn number(arrival: &Arrival) -> u64 {
    match &arrival.input {
        Input::Audit(audit) => audit.after.parse().expect("an input of these tests"),
        other => panic!("not an input of these tests: {other:?}"),
    }
}

pub(crate) fn record(n: u64, body: Body) -> Record {
    Record {
        version: RECORD_VERSION,
        id: format!("site-{n}"),
        site: Site { id: "site".into(), name: "G65 K12+300".into() },
        occurred_at: Timestamp(1_000_000 + n as i64),
        body,
        provenance: Default::default(),
    }
}

/// Goes to the second lane.
pub(crate) fn audit_record(n: u64) -> Record {
    let Input::Audit(audit) = input(n).input else {
        unreachable!("inputs of these tests are audits")
    };
    record(n, Body::Audit(audit))
}

/// Goes to the first lane.
pub(crate) fn alarm_record(n: u64) -> Record {
    record(
        n,
        Body::Alarm(Alarm { name: "test".to_owned(), lane: None, text: format!("alarm {n}") }),
    )
}

pub(crate) fn seal(record: Record, consumes: &[InputId]) -> Action {
    Action::Seal(Box::new(Seal { record, raw: vec![0xAB; 16], consumes: consumes.to_vec() }))
}

pub(crate) fn discard(input: InputId) -> Action {
    Action::Drop { input, reason: DropReason::DuplicatePassage }
}

/// What a verifier with the key of every test says of these records.
pub(crate) fn verified(records: &[SealedRecord]) -> Report {
    let payloads = records.iter().map(|record| record.payload().to_vec());
    let lines: Vec<_> = (1..).zip(payloads).collect();
    let keys: Keys = [signer().public_key()].into_iter().collect();
    let mut verifier = Verifier::new(false);
    verifier.absorb(check(&keys, &lines));
    verifier.finish()
}

/// Every record of the ledger.
pub(crate) fn all(store: &Store) -> Vec<SealedRecord> {
    let records = store.export(1, u64::MAX).expect("open");
    records.map(|record| record.expect("readable")).collect()
}

/// Waits until the last handle of a store in the same process has let go.
pub(crate) fn wait_until_free(
    open: impl Fn() -> Result<(Store, Recovery), wimd::io::store::StoreError>,
) -> (Store, Recovery) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    loop {
        match open() {
            Ok(opened) => return opened,
            Err(error) if std::time::Instant::now() > deadline => panic!("{error}"),
            Err(_) => std::thread::yield_now(),
        }
    }
}

/// A closed store with ten sealed records and two inputs that wait.
pub(crate) async fn filled(dir: &Path) -> Head {
    let (store, _) = open(dir);
    let records = (1..=10).map(|n| seal(audit_record(n), &[])).collect();
    let proofs = store.commit(records).await.expect("committed");
    let inputs = vec![input(1), input(2)];
    store.accept(inputs, vec![]).await.expect("accepted");
    store.close().await.expect("closed");
    proofs[9].head()
}

/// A closed store with so many records, in hundreds: 4 000 fill eight of sled's segments.
pub(crate) async fn filled_with(records: u64, dir: &Path) -> Head {
    let (store, _) = open(dir);
    let mut head = Head::default();
    for first in (1..=records).step_by(100) {
        let part = (first..first + 100).map(|n| seal(audit_record(n), &[]));
        let proofs = store.commit(part.collect()).await.expect("committed");
        head = proofs[99].head();
    }
    store.close().await.expect("closed");
    head
}

/// Names of the alarms that wait for the pipeline.
pub(crate) fn alarms(store: &Store) -> Vec<String> {
    let pending = store.pending().expect("readable");
    let alarm = |input: &Input| match input {
        Input::Alarm(alarm) => Some(alarm.name.clone()),
        _ => None,
    };
    pending.iter().filter_map(|(_, arrival)| alarm(&arrival.input)).collect()
}

/// Who seals what an inspection tells.
pub(crate) fn inspector() -> Origin {
    Origin { site: Site { id: "site".into(), name: "G65".into() }, ..Origin::default() }
}

/// The next record follows `head`, whatever happened to the files.
pub(crate) async fn assert_goes_on_after(store: &Store, head: Head) {
    let proofs = store.commit(vec![seal(alarm_record(11), &[])]).await.expect("committed");
    assert_eq!((proofs[0].seq, proofs[0].prev), (head.seq + 1, head.hash));
}

/// Offers an input until it is taken, as a sender does.
pub(crate) async fn until_accepted(store: &Store, n: u64) -> Vec<InputId> {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    loop {
        match store.accept(vec![input(n)], vec![]).await {
            Ok(ids) => return ids,
            Err(error) => assert!(std::time::Instant::now() < deadline, "{error}"),
        }
        tokio::task::yield_now().await;
    }
}
