//! From one signing key to the next: the old key signs a record that introduces the new one, and
//! the new one signs the record after it. Whoever has the old public key follows the chain to the
//! new one; records of both keys verify from then on.

use crate::clock::Timestamp;
use crate::pipeline::record::{Audit, Body, Record};

use super::chain::Proof;
use super::error::StoreError;
use super::origin::Origin;
use super::prepare;
use super::signer::{PublicKey, Signer};
use super::writer::Request;
use super::{Hex, Store};

/// Event of the record that introduces a key: the old public key before, the new one after.
pub const KEY_INTRODUCED: &str = "key_introduced";

/// Event of the first record of the new key, with the same values.
pub const KEY_IN_USE: &str = "key_in_use";

/// The public key that a record introduces, if it is such a record.
pub(super) fn introduced(record: &Record) -> Option<PublicKey> {
    match &record.body {
        Body::Audit(audit) if audit.event == KEY_INTRODUCED => {
            PublicKey::of_bytes(&audit.after.parse::<Hex<32>>().ok()?)
        }
        _ => None,
    }
}

impl Store {
    /// The key that verifies what is sealed now.
    pub fn public_key(&self) -> PublicKey {
        self.shared.public_key()
    }

    /// Signs with `next` from now on. Unless the last record is already signed with it, the key
    /// that the store was opened with introduces it first; the proofs of that record and of the
    /// first one of the new key.
    ///
    /// # Errors
    /// [`StoreError::Full`] when the disk is, [`StoreError::Write`] when it fails: the old key
    /// stays.
    pub async fn change_key(
        &self,
        next: Signer,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<Vec<Proof>, StoreError> {
        let old = self.public_key();
        let told = |event: &str| {
            let audit = Audit {
                source: "wimd".to_owned(),
                event: event.to_owned(),
                before: old.bytes().to_string(),
                after: next.public_key().bytes().to_string(),
            };
            let subject = format!("{}-{}-{}", origin.site.id, next.key_id(), now.0);
            prepare::own(origin.audit(&subject, now, audit))
        };
        let records = [told(KEY_INTRODUCED)?, told(KEY_IN_USE)?];
        self.ask(|reply| Request::ChangeKey { next, records, reply }).await
    }
}
