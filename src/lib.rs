//! wimd: axle frames and plate events in, signed violation records out.
//!
//! ```text
//! scale controller ─► io::scale ──┐
//!                                 ├─► intake ─► store (inbox) ─► pipeline ─► store (ledger, outbox) ─► io::uplink ─► platform
//! cameras ─────────► io::camera ──┘
//! ```
//!
//! Data goes right; only acknowledgements come back, and each door acknowledges only what is
//! durable behind it.

pub mod cli;
pub mod clock;
pub mod command;
pub mod config;
pub mod daemon;
pub mod io;
pub mod language;
pub mod logging;
pub mod pipeline;
pub mod sim;
pub mod units;
