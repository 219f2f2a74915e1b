//! The page of the control plane: what it asks the mock for, and each of its parts in a browser.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "a skipped test says so")]
#![allow(dead_code, reason = "other tests use more of the browser")]

#[path = "../support/mod.rs"]
mod support;

mod actions;
mod axe;
#[path = "../support/browser.rs"]
mod browser;
mod bundle;
mod calls;
mod later;
mod requests;
mod spec;
mod state;
mod steer;
mod visit;

/// A shop that takes orders, with a key, mails and a setting.
const SPEC: &str = include_str!("shop.yaml");
