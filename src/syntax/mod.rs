//! YAML as a tree that knows where everything stands, and the tools to read it.
//!
//! Nothing here knows what a spec is. [`parse`] gives a [`Node`]; [`Mapping`] reads one so that
//! every mistake is found in one go, and puts them into [`Problems`].

mod culprit;
pub mod mapping;
mod node;
mod problems;
mod repair;
mod scalar;
mod yaml;

pub use mapping::{Entry, Mapping};
pub use node::{Node, NodeKind};
pub use problems::Problems;
pub use repair::Repair;
pub use yaml::parse;
