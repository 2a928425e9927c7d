//! The ledger record by record, in stretches, each of which asks for the database anew: a store that
//! closes, or opens its database again, is not held up until the last record is read.

use std::ops::ControlFlow;

use super::{SealedRecord, Store, StoreError};

/// Sequences that are read between two looks at whether the store is still open.
const STRETCH: usize = 4_096;

impl Store {
    /// Shows the records from the first to the last, both included, as far as they are there, and ends
    /// with whatever `look` breaks off with. A record that cannot be read is an error in its place.
    ///
    /// # Errors
    /// [`StoreError::Closed`], once the store is.
    pub(super) fn each_sealed<T>(
        &self,
        (first, last): (u64, u64),
        mut look: impl FnMut(Result<SealedRecord, StoreError>) -> ControlFlow<T>,
    ) -> Result<Option<T>, StoreError> {
        let first = first.max(self.status().anchor.seq + 1);
        for from in (first..=last).step_by(STRETCH) {
            let to = last.min(from + STRETCH as u64 - 1);
            for sealed in self.export(from, to)? {
                if let ControlFlow::Break(end) = look(sealed) {
                    return Ok(Some(end));
                }
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, Timestamp};
    use crate::io::store::{Origin, Signer, StoreOptions};
    use crate::pipeline::record::{Evicted, Eviction, EvictionReason};
    use crate::pipeline::{Action, Seal};

    /// A store with the records of two stretches, and of one more.
    async fn store(dir: &tempfile::TempDir) -> Store {
        let options = StoreOptions::at(dir.path());
        let signer = Signer::generate().expect("random bytes");
        let (store, _) = Store::open(&options, signer, Clock::system()).expect("opened");
        let seal = |number| {
            let eviction = Eviction::new(Evicted::Pictures, EvictionReason::Age);
            let record = Origin::default().eviction(Timestamp(number), eviction);
            Action::Seal(Box::new(Seal { record, raw: Vec::new(), consumes: Vec::new() }))
        };
        store.commit((0..2 * STRETCH as i64 + 1).map(seal).collect()).await.expect("sealed");
        store
    }

    #[tokio::test]
    async fn each_record_is_shown_once_from_the_first_to_the_last() {
        let dir = tempfile::tempdir().expect("a folder");
        let store = store(&dir).await;
        for span in [(1, 9_000), (4_096, 4_097), (4_097, 8_192), (8_193, 8_193), (5, 4)] {
            let mut shown = Vec::new();
            let ended = store.each_sealed::<()>(span, |sealed| {
                shown.push(sealed.expect("readable").seq);
                ControlFlow::Continue(())
            });
            assert_eq!(ended.expect("open"), None);
            assert_eq!(shown, (span.0..=span.1.min(8_193)).collect::<Vec<_>>());
        }
        let mut shown = 0;
        let ended = store.each_sealed((1, 9_000), |_| {
            shown += 1;
            if shown == 5_000 { ControlFlow::Break("enough") } else { ControlFlow::Continue(()) }
        });
        assert_eq!((ended.expect("open"), shown), (Some("enough"), 5_000));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_store_that_closes_waits_for_no_more_than_the_stretch_that_is_read() {
        let dir = tempfile::tempdir().expect("a folder");
        let store = store(&dir).await;
        let (reader, runtime) = (store.clone(), tokio::runtime::Handle::current());
        let mut closing = Some(store);
        let read = tokio::task::spawn_blocking(move || {
            let mut shown = 0;
            let ended = reader.each_sealed::<()>((1, 9_000), |_| {
                shown += 1;
                if let Some(store) = closing.take() {
                    runtime.block_on(store.close()).expect("closed");
                }
                ControlFlow::Continue(())
            });
            (ended, shown)
        });
        let (ended, shown) = read.await.expect("no panic");
        assert!(matches!(ended, Err(StoreError::Closed)), "{ended:?}");
        assert_eq!(shown, STRETCH);
    }
}
