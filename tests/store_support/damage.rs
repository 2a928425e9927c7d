//! Damage to the file of a database that is closed.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use wimd::io::store::Head;

use super::{audit_record, filled, open, seal};

/// The file of the database of the store in `dir`.
pub(crate) fn database(dir: &Path) -> PathBuf {
    dir.join("sled/db")
}

/// The file of the last commits of the store in `dir`.
pub(crate) fn journal(dir: &Path) -> PathBuf {
    dir.join("sled/journal")
}

#[derive(Clone, Debug)]
pub(crate) enum Damage {
    Truncate,
    Flip { bytes: u16 },
    Zero { bytes: u16 },
}

pub(crate) fn damage(path: &Path, kind: &Damage, place: prop::sample::Index) {
    damage_where(path, kind, |written| place.index(written));
}

/// At a place that is chosen by the number of bytes that were written.
pub(crate) fn damage_where(path: &Path, kind: &Damage, place: impl FnOnce(usize) -> usize) {
    let file = File::options().write(true).read(true).open(path).expect("opened");
    let bytes = fs::read(path).expect("read");
    // beyond the last written byte sled preallocates: damage there would mean nothing
    let written = bytes.iter().rposition(|&b| b != 0).map_or(1, |last| last + 1);
    let at = place(written);
    let end = |bytes: u16| (at + usize::from(bytes)).min(written);
    match *kind {
        Damage::Truncate => file.set_len(at as u64).expect("truncated"),
        Damage::Flip { bytes: n } => {
            let flipped: Vec<u8> = bytes[at..end(n)].iter().map(|b| !b).collect();
            file.write_all_at(&flipped, at as u64).expect("flipped");
        }
        Damage::Zero { bytes: n } => {
            let zeros = vec![0; end(n) - at];
            file.write_all_at(&zeros, at as u64).expect("zeroed");
        }
    }
}

pub(crate) fn kinds() -> impl Strategy<Value = Damage> {
    prop_oneof![
        Just(Damage::Truncate),
        (1..64_u16).prop_map(|bytes| Damage::Flip { bytes }),
        (1..8_192_u16).prop_map(|bytes| Damage::Zero { bytes }),
    ]
}

/// All files below a folder into another.
pub(crate) fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("listed") {
        let path = entry.expect("listed").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            fs::create_dir(&target).expect("made");
            copy(&path, &target);
        } else {
            fs::copy(&path, target).expect("copied");
        }
    }
}

/// A closed store of which the database alone is put back to what it was before the last record.
pub(crate) async fn put_back(dir: &Path) -> Head {
    filled(dir).await;
    let copy = fs::read(database(dir)).expect("read");
    let (store, _) = open(dir);
    let proofs = store.commit(vec![seal(audit_record(11), &[])]).await.expect("committed");
    store.close().await.expect("closed");
    for entry in fs::read_dir(dir.join("sled")).expect("listed") {
        let path = entry.expect("listed").path();
        if path.file_name().is_some_and(|n| n.to_string_lossy().starts_with("snap")) {
            fs::remove_file(path).expect("removed");
        }
    }
    fs::write(database(dir), copy).expect("put back");
    proofs[0].head()
}
