//! The runner's command line, with real processes.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test fails by panicking, and has no users"
)]

mod ends;
#[path = "../support/mod.rs"]
mod support;
mod trials;
mod usage;
mod watch;
