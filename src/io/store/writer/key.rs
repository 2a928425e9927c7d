//! The change from one signing key to the next, in one commit.

use super::super::batch::Step;
use super::super::ledger::Stored;
use super::{Bound, Draft, Proof, Signer, StoreError, TreeName, Trees, Writer};

impl Writer {
    /// The old key seals the first of the records and the new one the second, unless the last
    /// record is already the new one's. Signs with the new one from then on.
    pub(super) fn change_key(
        &mut self,
        next: Signer,
        records: [Box<Draft>; 2],
    ) -> Result<Vec<Proof>, StoreError> {
        let trees = self.whole()?;
        let introduced = last_key(&trees)? == Some(next.key_id());
        let proofs = if introduced { Vec::new() } else { self.introduce(&trees, &next, records)? };
        self.shared.signs_with(next.public_key());
        self.sealing.signer = next;
        Ok(proofs)
    }

    fn introduce(
        &mut self,
        trees: &Trees,
        next: &Signer,
        [introduction, first]: [Box<Draft>; 2],
    ) -> Result<Vec<Proof>, StoreError> {
        if self.shared.free_bytes() < self.options.bounds.min_free_bytes / 2 {
            return Err(StoreError::Full { bound: Bound::Disk });
        }
        let mut batch = self.batch(trees);
        batch.counts.commits += 1;
        let old = &self.sealing;
        let new = super::Sealing { signer: next.clone(), send: old.send };
        batch.commit(vec![Step::Seal(introduction)], old, &self.recent)?;
        batch.sign(&old.signer)?;
        batch.commit(vec![Step::Seal(first)], &new, &self.recent)?;
        batch.sign(&new.signer)?;
        let proofs = self.settle(batch)?;
        tracing::info!(key = %next.key_id(), "signing key changed");
        Ok(proofs)
    }
}

/// Names the key of the last record.
fn last_key(trees: &Trees) -> Result<Option<super::super::Hex<8>>, StoreError> {
    let last = trees.get(TreeName::Ledger).last();
    let Some((key, value)) = last.map_err(StoreError::read(TreeName::Ledger))? else {
        return Ok(None);
    };
    Ok(Some(Stored::decode(&key, &value)?.proof.key))
}
