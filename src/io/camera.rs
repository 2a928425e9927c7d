//! Camera door: requests and streams of cameras in, durable plate reads out.
//!
//! A camera is known by the token in its path, never by what its body says. It gets its 200 after
//! its pictures and its event are durable, and 503 when the store is full, so that it keeps the
//! event. Everything it sends is bounded, and nothing of it reaches a path or a log unescaped.

pub mod colour;
mod dahua;
pub mod digest;
mod directory;
pub mod document;
mod door;
mod gat1400;
mod gathering;
mod handover;
mod interpret;
pub mod isapi;
mod joining;
pub mod json_filter;
mod limits;
mod mapping;
pub mod message;
pub mod multipart;
pub mod neutral;
mod peers;
mod picture;
pub mod plate_text;
mod presence;
mod pull;
mod read_body;
mod reception;
pub mod refused;
mod reply;
mod request;
mod secret;
mod shared;
pub mod stamp;
pub mod status;
mod subscribing;
mod supervision;
mod viid;

pub use door::{CameraDoor, CameraDoorError};
pub use pull::PullError;
pub use secret::SecretError;
pub use status::CameraDoorStatus;
