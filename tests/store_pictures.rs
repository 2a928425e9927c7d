//! The picture folder: whole pictures under their digest, or nothing.

use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};
use tempfile::TempDir;
use wimd::io::pictures::{PictureError, PictureFolder, StoredPicture};

const ROOM: u64 = 1 << 20;

fn open(dir: &Path) -> PictureFolder {
    PictureFolder::open(dir, ROOM).expect("opened")
}

async fn store(folder: &PictureFolder, chunks: &[&[u8]]) -> Result<StoredPicture, PictureError> {
    let mut writer = folder.begin()?;
    for chunk in chunks {
        writer.write(chunk)?;
    }
    writer.finish().await
}

#[tokio::test]
async fn a_picture_in_chunks_is_kept_under_the_digest_of_the_whole() {
    let dir = TempDir::new().expect("a directory");
    let folder = open(dir.path());
    let stored = store(&folder, &[b"ab", b"", b"c"]).await.expect("stored");
    let sha256 = hex::encode(Sha256::digest(b"abc"));
    assert_eq!(stored, StoredPicture { sha256: sha256.clone(), bytes: 3 });
    assert_eq!(folder.read(&sha256).expect("read"), b"abc");
    let place = dir.path().join(&sha256[..2]).join(format!("{sha256}.jpg"));
    assert_eq!(folder.path(&sha256).expect("a digest"), place);
}

#[tokio::test]
async fn the_same_picture_twice_takes_room_once() {
    let dir = TempDir::new().expect("a directory");
    let folder = open(dir.path());
    let once = store(&folder, &[b"abc"]).await.expect("stored");
    let twice = store(&folder, &[b"abc"]).await.expect("stored");
    assert_eq!(once, twice);
    let counts = folder.counts();
    assert_eq!((counts.files, counts.bytes, counts.stored, counts.already_there), (1, 3, 1, 1));
}

#[tokio::test]
async fn a_folder_that_is_removed_while_it_is_used_is_made_again() {
    let parent = TempDir::new().expect("a directory");
    let folder = open(&parent.path().join("evidence"));
    let first = store(&folder, &[b"abc"]).await.expect("stored");
    fs::remove_dir_all(parent.path().join("evidence")).expect("removed");
    let again = store(&folder, &[b"abc"]).await.expect("stored");
    assert_eq!(first, again);
    assert_eq!(folder.read(&again.sha256).expect("read"), b"abc");
}

#[tokio::test]
async fn a_picture_that_is_given_up_leaves_nothing() {
    let dir = TempDir::new().expect("a directory");
    let folder = open(dir.path());
    let mut writer = folder.begin().expect("begun");
    writer.write(b"half").expect("written");
    drop(writer);
    let counts = folder.counts();
    assert_eq!((counts.files, counts.abandoned), (0, 1));
    assert_eq!(fs::read_dir(dir.path().join("incoming")).expect("listed").count(), 0);
}

#[tokio::test]
async fn what_a_crash_left_is_removed_and_what_is_whole_is_counted() {
    let dir = TempDir::new().expect("a directory");
    store(&open(dir.path()), &[b"abc"]).await.expect("stored");
    fs::write(dir.path().join("incoming/half"), "half").expect("written");
    fs::create_dir_all(dir.path().join("ab")).expect("made");
    fs::write(dir.path().join("ab/notes.txt"), "not ours").expect("written");
    let counts = open(dir.path()).counts();
    assert_eq!(
        (counts.files, counts.bytes, counts.leftovers_removed, counts.foreign_files),
        (1, 3, 1, 1)
    );
    assert!(dir.path().join("ab/notes.txt").exists());
}

#[tokio::test]
async fn at_the_bound_a_picture_is_refused_until_one_is_removed() {
    let dir = TempDir::new().expect("a directory");
    let folder = PictureFolder::open(dir.path(), 10).expect("opened");
    let first = store(&folder, &[b"123456"]).await.expect("stored");
    let refused = store(&folder, &[b"7890"]).await;
    assert!(matches!(refused, Err(PictureError::Full { limit: 10, .. })));
    assert!(folder.remove(&first.sha256).expect("removed"));
    assert!(!folder.remove(&first.sha256).expect("already gone"));
    store(&folder, &[b"7890"]).await.expect("stored");
    let counts = folder.counts();
    assert_eq!((counts.files, counts.bytes, counts.refused_full, counts.removed), (1, 4, 1, 1));
}

#[test]
fn a_name_that_is_no_digest_opens_nothing() {
    let dir = TempDir::new().expect("a directory");
    let folder = open(dir.path());
    for name in ["", "../../etc/passwd", &"A".repeat(64), &"é".repeat(32)] {
        assert!(matches!(folder.read(name), Err(PictureError::Digest(n)) if n == name));
    }
}

#[test]
fn folders_are_made_when_they_are_needed_and_found_again() {
    let dir = TempDir::new().expect("a directory");
    let names = |dir: &std::path::Path| -> std::collections::BTreeSet<String> {
        let entries = std::fs::read_dir(dir).expect("readable").map(|e| e.expect("an entry"));
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    };
    let folder = PictureFolder::open(dir.path(), ROOM).expect("opened");
    assert_eq!(names(dir.path()), ["incoming".to_owned()].into());
    let mut writer = folder.begin().expect("begun");
    writer.write(b"hello").expect("written");
    let stored = writer.finish_blocking().expect("stored");
    let made = stored.sha256[..2].to_owned();
    assert_eq!(names(dir.path()), ["incoming".to_owned(), made].into());
    drop(folder);

    let folder = PictureFolder::open(dir.path(), ROOM).expect("opened");
    assert_eq!((folder.counts().files, folder.counts().bytes), (1, 5));
    assert_eq!(folder.read(&stored.sha256).expect("readable"), b"hello");
}
