//! Camera door: HTTP requests of cameras in, durable plate reads out.
//!
//! A camera is known by the token in its path, never by what its body says. It gets its 200 after
//! its pictures and its event are durable, and 503 when the store is full, so that it keeps the
//! event. Everything it sends is bounded, and nothing of it reaches a path or a log unescaped.

pub mod colour;
mod directory;
pub mod document;
mod door;
mod handover;
mod interpret;
pub mod isapi;
pub mod json_filter;
mod limits;
pub mod message;
pub mod multipart;
pub mod neutral;
mod picture;
pub mod plate_text;
mod reception;
pub mod refused;
mod request;
mod shared;
pub mod stamp;
pub mod status;

pub use door::{CameraDoor, CameraDoorError};
pub use status::CameraDoorStatus;
