//! Faults that a roadside box meets, for real, while scale, cameras and broker go on: what was
//! acknowledged is at the platform afterwards. Each harness prints its table with `--nocapture`;
//! they follow each other.

mod autopsy;
mod disk;
#[path = "../fault_table/mod.rs"]
mod fault_table;
mod gone;
mod inject;
mod key;
mod kill;
mod oracle;
mod outcome;
#[path = "../uplink_support/proxy.rs"]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#[allow(dead_code, unreachable_pub, reason = "shared with tests that use all of it")]
mod proxy;
mod site;
mod soak;
mod volume;
#[path = "../whole_site/mod.rs"]
mod whole_site;
