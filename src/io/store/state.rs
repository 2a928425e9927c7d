//! The store's own figures, written with every commit, and where they come from on start.

use serde::{Deserialize, Serialize};

use super::chain::Head;
use super::claims::Claims;
use super::codec;
use super::error::StoreError;
use super::journal::Left;
use super::ledger::Stored;
use super::outbox::OutboxKey;
use super::roll::Roll;
use super::status::Usage;
use super::trees::{TreeName, Trees, Write, key_number};

pub(super) const STATE_KEY: &[u8] = b"state";

/// Apart from the state, whose stored form is older.
const ROLL_KEY: &[u8] = b"roll";

/// What the next commit builds on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct State {
    /// Commits so far.
    pub(super) commits: u64,
    /// Number of the next input.
    pub(super) next_input: u64,
    /// Last sealed record.
    pub(super) head: Head,
    /// Last record that is in the ledger: the head, unless a damaged database was older.
    pub(super) last: Head,
    /// Last record removed by retention.
    pub(super) anchor: Head,
    pub(super) inbox: Usage,
    pub(super) ledger: Usage,
    /// By lane.
    pub(super) outbox: [Usage; 3],
    /// Which entries wait; `None` while it is not known, as of a long queue of an older program.
    #[serde(skip)]
    pub(super) roll: Option<Roll>,
    /// Since when all claims to pictures are known.
    #[serde(skip)]
    pub(super) claims: Claims,
}

impl State {
    /// Starts after `head` with inputs from `next_input`.
    pub(super) fn starting(next_input: u64, head: Head) -> Self {
        let roll = Some(Roll::default());
        Self { next_input: next_input.max(1), head, anchor: head, roll, ..Self::default() }
    }

    /// The state of the last commit; `None` in an empty database.
    pub(super) fn load(trees: &Trees) -> Result<Option<Self>, StoreError> {
        let Some((state, _)) = stored(trees)? else {
            return Ok(None);
        };
        let roll = trees.get(TreeName::Meta).get(ROLL_KEY);
        let roll = roll.map_err(StoreError::read(TreeName::Meta))?;
        // a program that does not know it leaves it behind
        let (commits, roll): (u64, Option<Roll>) =
            roll.and_then(|value| codec::decode(&value).ok()).unwrap_or_default();
        let roll = roll.filter(|_| commits == state.commits);
        let claims = Claims::load(trees, state.commits)?;
        Ok(Some(Self { roll, claims, ..state }))
    }

    /// The same, after a commit that leaves this state.
    pub(super) fn left(&self) -> Result<Left, StoreError> {
        let value = codec::encode(self).map_err(StoreError::encode(TreeName::Meta))?;
        Ok(Left::by(self.commits, &value))
    }

    pub(super) fn writes(&self) -> Result<[Write; 3], StoreError> {
        let state = codec::encode(self).map_err(StoreError::encode(TreeName::Meta))?;
        let roll = codec::encode(&(self.commits, self.roll));
        let roll = roll.map_err(StoreError::encode(TreeName::Meta))?;
        let put = |key: &[u8], value| Write::put(TreeName::Meta, key, value);
        let claims = self.claims.write(self.commits)?;
        Ok([put(STATE_KEY, state), put(ROLL_KEY, roll), claims])
    }

    /// An entry has come into a queue or gone from it.
    pub(super) fn note(&mut self, tree: TreeName, key: &[u8]) {
        if let Some(roll) = &mut self.roll {
            roll.note(tree, key);
        }
    }

    pub(super) fn outbox_entries(&self) -> u64 {
        self.outbox_usage().entries
    }

    /// Of all lanes.
    pub(super) fn outbox_usage(&self) -> Usage {
        let sum = |part: fn(&Usage) -> u64| self.outbox.iter().map(part).sum();
        Usage { entries: sum(|lane| lane.entries), bytes: sum(|lane| lane.bytes) }
    }

    /// Counts everything anew, keeping head and anchor. Reads every entry, so that damage shows.
    pub(super) fn recount(&self, trees: &Trees) -> Result<Self, StoreError> {
        let state = Self { ledger: Usage::default(), ..*self }.recount_queues(trees)?;
        state.with(trees, [TreeName::Ledger, TreeName::Meta, TreeName::Quarantine])
    }

    /// The same of what waits for the pipeline and for the platform.
    pub(super) fn recount_queues(&self, trees: &Trees) -> Result<Self, StoreError> {
        let (inbox, outbox) = (Usage::default(), [Usage::default(); 3]);
        Self { inbox, outbox, roll: Some(Roll::default()), ..*self }
            .with(trees, [TreeName::Inbox, TreeName::Outbox])
    }

    /// With every entry of these trees counted.
    fn with<const N: usize>(
        mut self,
        trees: &Trees,
        names: [TreeName; N],
    ) -> Result<Self, StoreError> {
        for name in names {
            for entry in trees.get(name).iter() {
                let (key, value) = entry.map_err(StoreError::read(name))?;
                self.count(name, &key, key.len() + value.len());
            }
        }
        Ok(self)
    }

    fn count(&mut self, name: TreeName, key: &[u8], bytes: usize) {
        self.note(name, key);
        match name {
            TreeName::Inbox => {
                self.inbox.add(bytes);
                let next = key_number(key).unwrap_or(0).saturating_add(1);
                self.next_input = self.next_input.max(next);
            }
            TreeName::Ledger => self.ledger.add(bytes),
            TreeName::Outbox => {
                if let Some(key) = OutboxKey::parse(key) {
                    self.outbox[key.lane as usize].add(bytes);
                }
            }
            TreeName::Meta | TreeName::Quarantine => {}
        }
    }
}

/// What the last commit in the database has left.
pub(super) fn left(trees: &Trees) -> Result<Left, StoreError> {
    let stored = stored(trees)?;
    Ok(stored.map_or_else(Left::default, |(state, value)| Left::by(state.commits, &value)))
}

/// The state without its roll, and as it is stored.
fn stored(trees: &Trees) -> Result<Option<(State, sled::IVec)>, StoreError> {
    let stored = trees.get(TreeName::Meta).get(STATE_KEY);
    let Some(value) = stored.map_err(StoreError::read(TreeName::Meta))? else {
        return Ok(None);
    };
    let decoded = codec::decode::<State>(&value);
    let state = decoded.map_err(StoreError::decode(TreeName::Meta, STATE_KEY))?;
    Ok(Some((state, value)))
}

/// The state that a commit leaves by these writes.
pub(super) fn written(writes: &[Write]) -> Option<State> {
    let is_state = |write: &&Write| write.tree == TreeName::Meta && write.key == STATE_KEY;
    codec::decode(writes.iter().rfind(is_state)?.value.as_ref()?).ok()
}

/// The last record of the ledger.
pub(super) fn last_record(trees: &Trees) -> Result<Option<Head>, StoreError> {
    let last = trees.get(TreeName::Ledger).last();
    let Some((key, value)) = last.map_err(StoreError::read(TreeName::Ledger))? else {
        return Ok(None);
    };
    Ok(Some(Stored::decode(&key, &value)?.proof.head()))
}
