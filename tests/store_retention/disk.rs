//! A disk that fills up for good: what was delivered makes room, and the doors stay open.

use super::*;
use wimd::io::free_space::FreeSpace;
use wimd::pipeline::record::Alarm;

/// A record of a mebibyte.
fn large(n: u64) -> Record {
    let text = "x".repeat(1 << 20);
    record(n, Body::Alarm(Alarm { name: "test".to_owned(), lane: None, text }))
}

/// Mebibytes that are left of thirty delivered records of one each, on a disk of which so many bytes are
/// to stay free.
async fn left(min_free_bytes: u64, dir: &Path) -> u64 {
    let (store, _) = open_with(&bounded(dir, Bounds { min_free_bytes, ..Bounds::default() }));
    for n in 1..=30 {
        store.commit(vec![seal(large(n), &[])]).await.expect("committed");
        deliver(&store, 99).await;
        store.accept(vec![input(n)], vec![]).await.expect("the doors are open");
    }
    assert_proves_itself(&store);
    store.status().ledger.bytes >> 20
}

#[tokio::test]
async fn on_a_disk_that_is_short_delivered_records_go_before_the_doors_have_to_wait() {
    let (short, roomy) = (TempDir::new().expect("a directory"), TempDir::new().expect("one"));
    let free = FreeSpace::under(short.path()).expect("a file system").usable();
    assert_eq!(left(free / 3, roomy.path()).await, 30);
    // a third more than must stay free: no picture would be left
    assert_eq!(left(free / 4 * 3, short.path()).await, 15);
}
