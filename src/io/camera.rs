//! Camera door: HTTP requests of cameras in, durable plate reads out.

pub mod colour;
pub mod document;
pub mod multipart;
pub mod plate_text;
pub mod stamp;
