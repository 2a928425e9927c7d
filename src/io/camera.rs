//! Camera door: HTTP requests of cameras in, durable plate reads out.

pub mod colour;
pub mod document;
pub mod isapi;
pub mod json_filter;
pub mod message;
pub mod multipart;
pub mod neutral;
pub mod plate_text;
pub mod stamp;
