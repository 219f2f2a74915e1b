//! What a mock does while it serves: for people on a terminal, and as JSON for programs.

pub mod json;
pub mod text;
