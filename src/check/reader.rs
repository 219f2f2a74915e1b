//! What reads expressions and trees, in specs as in scenarios.

use std::collections::HashMap;
use std::sync::Arc;

use super::names::Table;
use super::shape::Members;
use super::watch::Watch;
use crate::diagnostic::Diagnostic;
use crate::expression::Parsed;
use crate::source::Span;
use crate::syntax::{Node, Problems, ReadNode};

/// Through how many others a reference may lead.
const DEPTH: usize = 64;

/// How deep schemas, trees and steps may stand in each other, references followed.
const NESTED: usize = 128;

/// How many references are followed in one spec, each time they are followed.
const FOLLOWED: usize = 20_000;

/// Reads expressions and trees, and what is made of them alone: texts, headers, durations. The
/// checkers of specs and of scenarios each have one.
pub(super) struct TreeReader<'n> {
    pub(super) problems: &'n Problems,
    /// The shared trees; a scenario has none.
    pub(super) trees: Table<'n>,
    /// The fields of each collection's rows, where names hold rows.
    rows: Arc<[Arc<Members>]>,
    /// Expressions by their text; the same ones stand in many places.
    pub(super) parsed: HashMap<String, Arc<Parsed>>,
    /// The shared trees that are being read.
    pub(super) inside_trees: Vec<usize>,
    /// The shared steps that are being read.
    pub(super) inside_steps: Vec<usize>,
    /// How deep what is read stands in other things, references followed.
    depth: usize,
    /// How many references were followed.
    pub(super) followed: usize,
    /// The operation that is being read.
    pub(super) operation: Option<Span>,
    /// The names that `with` gives to errors.
    pub(super) with_names: Vec<Arc<str>>,
    /// Whether expressions see a request as it was sent.
    pub(super) as_sent: bool,
    /// The media types by their names, each as it goes out.
    pub(super) content_types: Vec<(Arc<str>, Arc<str>)>,
    /// In scenarios: what expressions look at.
    pub(super) watch: Option<Watch>,
}

impl<'n> ReadNode<'n> for TreeReader<'n> {
    fn problems(&self) -> &'n Problems {
        self.problems
    }
}

impl<'n> TreeReader<'n> {
    /// For a spec, whose rows have these fields.
    pub(super) fn of_spec(
        root: &'n Node,
        rows: Arc<[Arc<Members>]>,
        problems: &'n Problems,
    ) -> Self {
        Self { trees: Table::of_trees(root, problems), rows, ..Self::of_scenario(problems, None) }
    }

    /// For a scenario, which has neither shared trees nor names that hold rows.
    pub(super) fn of_scenario(problems: &'n Problems, watch: Option<Watch>) -> Self {
        Self {
            problems,
            trees: Table::of_no_trees(problems),
            rows: Arc::default(),
            parsed: HashMap::new(),
            content_types: Vec::new(),
            inside_trees: Vec::new(),
            inside_steps: Vec::new(),
            depth: 0,
            followed: 0,
            operation: None,
            as_sent: false,
            with_names: Vec::new(),
            watch,
        }
    }

    /// The fields of a collection's rows.
    pub(super) fn row(&self, collection: usize) -> Option<&Arc<Members>> {
        self.rows.get(collection)
    }

    /// Goes into something that may hold more of its kind, until [`Self::leave`]; `false`, and a
    /// mistake, when it stands too deep.
    pub(super) fn enter(&mut self, node: &Span) -> bool {
        if self.depth >= NESTED {
            let message =
                format!("with all references, this is nested more than {NESTED} levels deep");
            self.error("too-deep", message, node, "too deep");
            return false;
        }
        self.depth += 1;
        true
    }

    /// Comes out of it.
    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Whether one more reference may be followed; what is referred to is copied to each place, so
    /// that few lines could otherwise become more than any memory holds.
    pub(super) fn may_follow(&mut self, depth: usize, target: &Node) -> bool {
        self.followed += 1;
        let message = if depth >= DEPTH {
            format!("references lead through more than {DEPTH} others")
        } else if self.followed > FOLLOWED {
            format!("there are more than {FOLLOWED} references, with all that they lead to")
        } else {
            return true;
        };
        // Once there are too many, each further one is.
        if self.followed <= FOLLOWED + 1 {
            self.error("too-many-references", message, &target.span, "leads too far");
        }
        false
    }

    /// Reports that a `$ref` is no reference of the kind that belongs there.
    pub(super) fn bad_reference(&mut self, target: &Node, kind: &str) {
        self.report(
            Diagnostic::error(
                "bad-reference",
                "this `$ref` does not lead to what belongs here",
                &target.span,
                "not a place in this spec",
            )
            .help(match kind {
                "schemas" => {
                    "write #/components/schemas/NAME, or #/$defs/NAME for one of the schema's own"
                        .to_owned()
                }
                kind => format!("write #/components/{kind}/NAME"),
            }),
        );
    }
}
