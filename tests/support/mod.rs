//! What integration tests share. Each test program uses a part of it.
#![allow(dead_code, unreachable_pub, reason = "no test program uses all of it")]
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(missing_docs, reason = "the names say it")]

pub mod canned;
pub mod client;
pub mod conformance;
pub mod folder;
pub mod independent;
pub mod library;
pub mod queue;
pub mod served;
pub mod serving;
