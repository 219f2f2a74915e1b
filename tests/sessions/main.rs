//! Sessions: many requests at once, and back to before one.
#![cfg(test)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod identity;
mod later;
mod rewind;
mod sent_again;
mod side_by_side;
#[path = "../support/mod.rs"]
mod support;
mod webhooks;
