//! The page: worst news first, then each part with its last sign of life.

use std::io::{self, Write};

pub(super) fn write(_: &serde_json::Value, _: &mut dyn Write) -> io::Result<()> {
    Ok(())
}
