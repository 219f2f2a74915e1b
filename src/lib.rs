//! counterpart: a declarative, YAML-driven protocol test harness and stateful mock.
//!
//! Vendors and scenarios are written in YAML, and two programs serve and run them. For tests in
//! Rust there are two things more:
//!
//! - [`MockServer`] is a mock inside the process of a test.
//! - [`harness::Run`] makes a trial of libtest-mimic of each scenario, so that `cargo test` and
//!   nextest run them as they run any test.
//!
//! Both tell mistakes in YAML as [`Diagnostic`]s: what is wrong, where, and what would be right.
//!
//! How it is made inside is in `ARCHITECTURE.md`.
#![cfg_attr(
    not(feature = "postgres"),
    allow(dead_code, reason = "replicas alone use some of what is there")
)]

mod bless;
#[cfg(feature = "tls")]
mod certificate;
mod check;
mod cli;
mod clock;
mod coding;
mod control;
mod diagnostic;
mod digest;
mod editor;
mod exchange;
mod export;
mod expression;
mod files;
mod generate;
pub mod harness;
mod import;
mod ledger;
mod load;
mod merge;
mod mock;
mod model;
mod parallel;
#[cfg(feature = "tls")]
mod pem;
mod plan;
mod proxy;
mod random;
#[cfg(feature = "postgres")]
mod replicas;
mod report;
mod room;
mod run;
mod scenario;
mod selector;
mod serve;
mod server;
#[cfg(feature = "tls")]
mod signing;
mod source;
mod state;
mod syntax;
#[doc(hidden)]
pub mod unstable;
mod value;
mod visible;
mod wire;
mod worker;
mod write;

pub use diagnostic::{Diagnostic, Label, Severity};
pub use server::{MockServer, MockServerBuilder, MockSession, StartError};
pub use source::{Source, Span};
