//! An entry of the outbox in words: the topic that it leaves for, which is not what it tells. Audits
//! and gaps leave for the topic `passage`, as everything does that is no violation and no alarm.

use crate::io::store::EntryListing;
use crate::language::proper;

/// The last word of the topic; of a picture also the beginning of its digest.
pub(super) fn topic(entry: &EntryListing) -> String {
    if entry.bytes.is_some() {
        let digest = entry.what.get(..8).unwrap_or_default();
        return format!("picture {}", proper(digest));
    }
    proper(&entry.what)
}
