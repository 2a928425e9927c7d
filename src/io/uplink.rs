//! (door)

pub mod backoff;
pub mod options;
pub mod payload;
pub mod receipt;
pub mod session;
pub mod status;
pub mod tls;
pub mod topics;
