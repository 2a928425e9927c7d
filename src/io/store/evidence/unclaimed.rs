//! Pictures that nothing claims: their records have left the ledger, or they were brought for an event that
//! never came into one. They go before all others, and only where every claim is known: what cannot be
//! read, and what was lost since they were brought, may name any of them.

use std::collections::HashMap;
use std::ops::{ControlFlow, RangeInclusive};
use std::sync::Arc;

use crate::clock::{Clock, Timestamp};
use crate::io::pictures::Brought;
use crate::pipeline::Action;
use crate::pipeline::record::{Eviction, Record};
use crate::units::Micros;

use super::super::{Digest, Inspection, StoreError};
use super::kept::Kept;
use super::{Due, Evicted, Evidence};

/// Pictures that are looked for together, so many at most where their digests begin evenly. Our choice:
/// some megabytes of memory; the ledger is read once for each such group.
const GROUP: u64 = 65_536;

/// What was known when the search began: the claims of what waits, and up to which record the ledger has to be
/// looked through. An input that is sealed meanwhile is found here or there.
#[derive(Debug)]
struct Search {
    kept: Kept,
    /// Last record that was sealed by then.
    head: u64,
    /// A picture is known not to be claimed if it was brought later than that,
    known_since: Timestamp,
    /// and not since.
    before: Timestamp,
}

/// Pictures that may go, with their bytes.
type Unclaimed = HashMap<Digest, u64>;

impl Evidence {
    /// Removes unclaimed pictures until there is room, and those that are too old when their age is looked
    /// at. None go, or no more, once something could not be read.
    pub(super) async fn sweep_unclaimed(&self, mut due: Due) -> Result<Evicted, StoreError> {
        let mut evicted = Evicted::default();
        if !due.is_anything() {
            return Ok(evicted);
        }
        let search = self.beside(Self::begin).await?;
        let Some(search) = search.map(Arc::new) else { return Ok(evicted) };
        for group in groups(self.pictures.counts().files) {
            if !due.is_anything() {
                break;
            }
            let begun = Arc::clone(&search);
            let found = self.beside(move |it| it.unclaimed(&begun, group, due)).await?;
            let Some(found) = found else { break };
            if found.is_empty() {
                continue;
            }
            // what the database has lost without an error has no place in it where it could be met
            let inspected = self.store.inspect(&self.origin, self.clock.now()).await?;
            if !matches!(inspected, Inspection::Whole(_)) {
                break;
            }
            let told = self.told_of_unclaimed(&found, due);
            self.store.commit(vec![told]).await?;
            let head = search.head;
            let removed = self.beside(move |it| it.remove_unclaimed(found, head)).await?;
            due = due.after(removed.bytes);
            evicted = evicted.and(removed);
        }
        Ok(evicted)
    }

    /// `None` where a claim may be unknown.
    fn begin(&self) -> Result<Option<Search>, StoreError> {
        let (before, kept) = (self.settled_before(), self.kept()?);
        let known_since = self.store.shared.claims_known_since();
        let head = self.store.last_seq();
        let is_whole = kept.is_whole;
        Ok(is_whole.then_some(Search { kept, head, known_since, before }))
    }

    /// Pictures of a group that nothing claims, as many as have to go, the oldest first; `None` where a
    /// claim may be unknown.
    fn unclaimed(
        &self,
        search: &Search,
        group: RangeInclusive<u8>,
        mut due: Due,
    ) -> Result<Option<Unclaimed>, StoreError> {
        let mut brought = HashMap::new();
        for (digest, it) in self.pictures.brought(group) {
            let Ok(digest) = digest.parse::<Digest>() else { continue };
            let has_to_go = due.has_to_go(|| self.is_file_too_old(it.last));
            if has_to_go && search.may_go(&it) && !search.kept.has(&digest) {
                brought.insert(digest, it);
            }
        }
        if !brought.is_empty() && !self.strike_claimed((1, search.head), &mut brought)? {
            return Ok(None);
        }
        let mut oldest_first: Vec<_> = brought.into_iter().collect();
        oldest_first.sort_unstable_by_key(|(_, it)| it.last);
        let mut unclaimed = Unclaimed::new();
        for (digest, it) in oldest_first {
            if due.has_to_go(|| self.is_file_too_old(it.last)) {
                due = due.after(it.bytes);
                unclaimed.insert(digest, it.bytes);
            }
        }
        Ok(Some(unclaimed))
    }

    /// Strikes out what the records from the first to the last name; whether all of them could be read.
    fn strike_claimed<T>(
        &self,
        span: (u64, u64),
        pictures: &mut HashMap<Digest, T>,
    ) -> Result<bool, StoreError> {
        let unreadable = self.store.each_sealed(span, |sealed| {
            let record = sealed.map(|it| serde_json::from_slice::<Record>(&it.record_json));
            let Ok(Ok(record)) = record else { return ControlFlow::Break(()) };
            for picture in record.pictures() {
                if let Ok(digest) = picture.sha256.parse::<Digest>() {
                    pictures.remove(&digest);
                }
            }
            ControlFlow::Continue(())
        });
        Ok(unreadable?.is_none())
    }

    fn told_of_unclaimed(&self, found: &Unclaimed, due: Due) -> Action {
        let (pictures, bytes) = (found.len() as u64, found.values().sum());
        self.tombstone(Eviction::of_unclaimed(due.reason(), pictures, bytes))
    }

    /// Removes what still nothing claims, and no record after `head`; what was lost meanwhile may have
    /// claimed it.
    fn remove_unclaimed(&self, mut found: Unclaimed, head: u64) -> Result<Evicted, StoreError> {
        let mut evicted = Evicted::default();
        let Some(mut again) = self.begin()? else { return Ok(evicted) };
        if !self.strike_claimed((head + 1, again.head), &mut found)? {
            return Ok(evicted);
        }
        // after all that was read: the database may have been opened again meanwhile
        again.known_since = self.store.shared.claims_known_since();
        for digest in found.into_keys().filter(|digest| !again.kept.has(digest)) {
            match self.pictures.remove_unclaimed(&digest.to_string(), |it| again.may_go(&it)) {
                Ok(bytes) => evicted = evicted.and(Evicted::of_unclaimed(bytes)),
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "a picture stays");
                }
            }
        }
        Ok(evicted)
    }

    /// Files have the system's time, whatever our clock is scaled to.
    fn is_file_too_old(&self, brought: Timestamp) -> bool {
        let most = |days: u32| Micros::from_secs(i64::from(days) * 86_400);
        self.rules.days.is_some_and(|days| Clock::wall() - brought > most(days))
    }
}

impl Search {
    /// Whether all claims to it would be known, and nobody is about to make one.
    fn may_go(&self, picture: &Brought) -> bool {
        picture.first > self.known_since && picture.last <= self.before
    }
}

/// First bytes of the digests of each group, of a folder with so many pictures.
fn groups(files: u64) -> impl Iterator<Item = RangeInclusive<u8>> {
    let groups = files.div_ceil(GROUP).clamp(1, 256).next_power_of_two();
    let width = 256 / groups;
    let byte = |n: u64| u8::try_from(n).unwrap_or(u8::MAX);
    (0..groups).map(move |group| byte(group * width)..=byte((group + 1) * width - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_a_power_of_two_and_leave_no_first_byte_out() {
        for (files, expected) in
            [(0, 1), (65_536, 1), (65_537, 2), (200_000, 4), (740_000, 16), (u64::MAX, 256)]
        {
            let groups: Vec<_> = groups(files).collect();
            assert_eq!(groups.len(), expected, "{files}");
            let all: Vec<u8> = groups.into_iter().flatten().collect();
            assert_eq!(all, (0..=u8::MAX).collect::<Vec<_>>(), "{files}");
        }
    }
}
