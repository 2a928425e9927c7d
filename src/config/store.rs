//! `[store]`: where records and pictures are kept, and how much of them.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whose pictures go to the platform by themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SendPictures {
    /// Those of violations and evasions.
    #[default]
    Violations,
    /// Those of every record.
    All,
    /// None; the platform asks for them.
    OnRequest,
}

/// `[store]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StoreConfig {
    /// Folder of the database and the pictures. Default: `/var/lib/wimd`.
    pub dir: PathBuf,
    /// The Ed25519 key that signs the ledger, mode 0600, made by `wimd keygen`. Default:
    /// `signing.key`, relative to this configuration file unless absolute.
    pub key_file: PathBuf,
    /// The key that follows it, made by `wimd keygen --rotate`: at the next start the old key
    /// introduces it in the ledger, and it signs from then on. Absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_key_file: Option<PathBuf>,
    /// Most inputs that wait for the pipeline; beyond it the doors stop acknowledging.
    /// Default: 100000.
    #[schemars(range(min = 100, max = 10_000_000))]
    pub max_inbox: u64,
    /// Most bytes of them. Default: 536870912 (512 MiB).
    #[schemars(range(min = 1_048_576))]
    pub max_inbox_bytes: u64,
    /// Most entries that wait for the platform. Default: 2000000 (a busy site's quarter).
    #[schemars(range(min = 1_000, max = 100_000_000))]
    pub max_outbox: u64,
    /// Most bytes of them. Default: 536870912 (512 MiB).
    #[schemars(range(min = 1_048_576))]
    pub max_outbox_bytes: u64,
    /// Most days that compliant traffic waits for the platform; then it is not sent any more and
    /// stays in the ledger. Absent: as long as there is room. Nothing goes by its age, here and below,
    /// while the system clock is not synchronised.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 36_500))]
    pub max_outbox_days: Option<u32>,
    /// Most records kept in the ledger. Default: 20000000.
    #[schemars(range(min = 1_000, max = 1_000_000_000))]
    pub max_ledger: u64,
    /// Most bytes of records. Default: 68719476736 (64 GiB).
    #[schemars(range(min = 1_048_576))]
    pub max_ledger_bytes: u64,
    /// Most days that a delivered record is kept. Absent: as long as there is room.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 36_500))]
    pub max_ledger_days: Option<u32>,
    /// Most bytes of pictures. Default: 107374182400 (100 GiB).
    #[schemars(range(min = 1_048_576))]
    pub max_picture_bytes: u64,
    /// Most days that a picture of a delivered record is kept. Absent: as long as there is room;
    /// from 90 % of the bytes on, pictures that no record and nothing that waits names go first, then
    /// those of compliant passages. Unclaimed ones go by the age of their files.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 36_500))]
    pub max_picture_days: Option<u32>,
    /// Free bytes of the file system below which nothing new is taken; where it runs out of files
    /// (inodes) first, each that is left counts 16 KiB. Below twice that pictures go, below half as much
    /// again the ledger grows no more: delivered compliant records go first. Default: 268435456.
    pub min_free_bytes: u64,
    /// Most bytes of what is recorded of the lines and of the pipeline's input for `wimd replay`
    /// and the support desk; 0 switches it off. Default: 67108864 (64 MiB: a line with a vehicle a
    /// second that is polled every 100 ms fills about 22 MiB an hour).
    pub capture_bytes: u64,
    /// Vehicles a day, from which `wimd check` computes how long the site can be offline.
    /// Default: 15000 (a busy site).
    #[schemars(range(min = 1, max = 1_000_000))]
    pub vehicles_per_day: u32,
    /// Whose pictures are sent. Default: `violations`.
    pub send_pictures: SendPictures,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self {
            dir: PathBuf::from("/var/lib/wimd"),
            key_file: PathBuf::from("signing.key"),
            next_key_file: None,
            max_inbox: 100_000,
            max_inbox_bytes: 512 << 20,
            max_outbox: 2_000_000,
            max_outbox_bytes: 512 << 20,
            max_outbox_days: None,
            max_ledger: 20_000_000,
            max_ledger_bytes: 64 << 30,
            max_ledger_days: None,
            max_picture_bytes: 100 << 30,
            max_picture_days: None,
            min_free_bytes: 256 << 20,
            capture_bytes: 64 << 20,
            vehicles_per_day: 15_000,
            send_pictures: SendPictures::default(),
        }
    }
}
