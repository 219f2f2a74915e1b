//! YAML as a tree that knows where everything stands, and the tools to read it.
//!
//! Nothing here knows what a spec is. [`parse`] gives a [`Node`]; [`Mapping`] reads one so that
//! every mistake is found in one go, and puts them into [`Problems`].

mod culprit;
mod json;
mod mapping;
mod members;
mod node;
mod problems;
mod read_node;
mod record;
mod repair;
mod scalar;
mod yaml;

pub use mapping::{Entry, Mapping};
pub use node::{Node, NodeKind};
pub use problems::Problems;
pub use read_node::ReadNode;
pub use record::{Keys, Record};
pub use repair::Repair;
pub use yaml::{NODES, parse, tree};

use std::sync::Arc;

use crate::room::with_room;
use crate::source::Source;

/// Reads a document that others wrote, in JSON or YAML, which may be larger than what people write
/// by hand.
pub fn parse_foreign(source: &Arc<Source>, problems: &Problems) -> Option<Node> {
    let json = source.path().extension().is_some_and(|end| end.eq_ignore_ascii_case("json"));
    if json || source.text.trim_start().starts_with(['{', '[']) {
        let work = || {
            let found = Problems::default();
            (json::parse(source, &found), found.into_sorted())
        };
        let (node, found) = with_room(work).unwrap_or_default();
        // A mapping of YAML can begin with a bracket too.
        if node.is_some() || json {
            problems.extend(found);
            return node;
        }
    }
    yaml::parse_up_to(source, FOREIGN, problems)
}

/// How many keys and values a document of others may have.
const FOREIGN: usize = 5_000_000;
