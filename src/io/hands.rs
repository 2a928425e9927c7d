//! Work that is done on several threads at once, and on fewer where the system gives no more.

use std::thread::{self, Builder};

/// `work` on each item, with the results in their order: the first on this thread, each of the others
/// on one of its own. An item for which the system starts no thread, as at the unit's `TasksMax`, waits
/// for this one.
pub fn side_by_side<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    on_threads(items, work, Builder::new)
}

/// An item, or what became of it.
enum Piece<T, R> {
    Waits(Option<T>),
    Done(R),
}

impl<T, R> Piece<T, R> {
    fn work(&mut self, work: impl Fn(T) -> R) {
        if let Self::Waits(item) = self
            && let Some(item) = item.take()
        {
            *self = Self::Done(work(item));
        }
    }

    fn done(self) -> Option<R> {
        match self {
            Self::Done(result) => Some(result),
            Self::Waits(_) => None,
        }
    }
}

fn on_threads<T: Send, R: Send>(
    items: Vec<T>,
    work: impl Fn(T) -> R + Sync,
    thread: fn() -> Builder,
) -> Vec<R> {
    let work = &work;
    let mut pieces: Vec<Piece<T, R>> =
        items.into_iter().map(|item| Piece::Waits(Some(item))).collect();
    if let Some((own, others)) = pieces.split_first_mut() {
        thread::scope(|scope| {
            for other in others {
                let _started = thread().spawn_scoped(scope, || other.work(work));
            }
            own.work(work);
        });
    }
    pieces.iter_mut().for_each(|piece| piece.work(work));
    pieces.into_iter().filter_map(Piece::done).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A thread that no system starts: its stack is larger than the address space.
    fn refused() -> Builder {
        Builder::new().stack_size(1 << 60)
    }

    #[test]
    fn every_result_comes_in_order_on_many_threads_and_where_none_is_started() {
        for count in [0, 1, 2, 7] {
            let items: Vec<u32> = (0..count).collect();
            let expected: Vec<u32> = items.iter().map(|n| n * n).collect();
            assert_eq!(side_by_side(items.clone(), |n| n * n), expected);
            assert_eq!(on_threads(items, |n| n * n, refused), expected);
        }
    }
}
