//! counterpart: a declarative, YAML-driven protocol test harness and stateful mock.
//!
//! A spec goes one way, and each arrow is one public function:
//!
//! ```text
//! text ──syntax::parse──▶ Node ──check::load──▶ Service ──plan::compile──▶ Plan ──Mock::new──▶ Mock
//! request ──serve──▶ control ──Mock::answer──▶ answer        Diagnostic ──report::snippet──▶ text
//! ```
//!
//! | module | what it is |
//! |---|---|
//! | `files`, [`source`], [`diagnostic`] | files, places in them, and what is wrong there |
//! | [`value`] | the one tree that all wire formats are read into and written from |
//! | [`clock`], [`random`] | time that can be moved, and generated values that can be repeated |
//! | [`coding`], [`digest`], [`visible`] | content codings of bodies, digests of them, and characters that cannot be seen |
//! | [`exchange`] | a request and an answer without sockets |
//! | [`syntax`] | YAML with the place of everything |
//! | [`expression`] | `${...}` |
//! | [`wire`] | JSON, forms, XML and SOAP as bytes |
//! | [`state`] | collections with keys, unique constraints and indexes, in transactions |
//! | [`selector`] | JSONPath and XPath on trees |
//! | [`check`], [`model`] | finding all mistakes of a spec, and what a spec without any means |
//! | [`scenario`] | what a scenario without mistakes means |
//! | [`plan`] | a spec compiled for serving |
//! | [`ledger`] | what sessions remember, in a file |
//! | [`mock`] | plans, sessions and requests: the engine |
//! | [`control`] | sessions and the control plane in front of the engine |
//! | [`serve`] | HTTP on sockets |
//! | [`run`] | a scenario against a target: requests, expectations, differences |
//! | [`report`] | drawing for people, and documents for other programs |
//! | [`harness`] | specs, scenarios and a mock put together, as trials |
//! | [`mod@write`] | YAML as a person would write it |
//! | [`export`] | specs as documents of other formats |
//! | [`import`] | documents of other formats as specs |
//! | [`load`], [`server`], [`cli`] | wiring: files to plans, a mock in a test, the command line |
//!
//! A test starts a mock in-process with [`MockServer`].

pub mod check;
pub mod cli;
pub mod clock;
pub mod coding;
pub mod control;
pub mod diagnostic;
pub mod digest;
pub mod exchange;
pub mod export;
pub mod expression;
mod files;
pub mod harness;
pub mod import;
pub mod ledger;
pub mod load;
pub mod mock;
pub mod model;
mod parallel;
pub mod plan;
pub mod random;
pub mod report;
mod room;
pub mod run;
pub mod scenario;
pub mod selector;
pub mod serve;
pub mod server;
pub mod source;
pub mod state;
pub mod syntax;
pub mod value;
pub mod visible;
pub mod wire;
mod worker;
pub mod write;

pub use server::{MockServer, MockServerBuilder, MockSession, StartError};
