//! What nothing uses: a mistake where something was promised, worth knowing elsewhere.

use std::collections::HashSet;
use std::sync::Arc;

use super::Checker;
use super::names::Table;
use super::reading::Around;
use super::scope::Scope;
use crate::diagnostic::Diagnostic;
use crate::model::{Operation, Schema};
use crate::syntax::{Node, ReadNode};

impl<'n> Checker<'n> {
    /// Reports what nothing refers to.
    pub(super) fn unused(&mut self, root: &'n Node, operations: &[Operation]) {
        self.unused_names(
            |checker| &checker.names.errors,
            |name| {
                Diagnostic::error(
                    "unused-error",
                    format!("nothing gives the error `{}`", name.name),
                    name.span,
                    "never given",
                )
                .warning()
            },
        );
        self.unused_components();
        if root.get("operations").is_some() {
            self.unreachable_operations(operations);
        }
    }

    /// The statements that nothing names which something uses.
    pub(super) fn unnamed_statements(&self) -> Vec<usize> {
        let all = self.names.statements.list.iter().enumerate();
        all.filter(|(_, name)| !name.used).map(|(at, _)| at).collect()
    }

    /// A statement is implemented by the rules that it is of; what names it and states nothing is
    /// none.
    pub(super) fn unused_statements(&mut self, unnamed: &[usize]) {
        let rules = self.rules.list.iter();
        let implemented: HashSet<usize> =
            rules.flat_map(|rule| rule.statements.iter().copied()).collect();
        let mut found = Vec::new();
        for (at, name) in self.names.statements.list.iter().enumerate() {
            let help = match unnamed.contains(&at) {
                true => "name it in the `implements` of the rule that it is about",
                false if !implemented.contains(&at) => {
                    "what names it in `implements` states nothing that could be left out"
                }
                false => continue,
            };
            let message = format!("nothing implements the statement `{}`", name.name);
            let found_here =
                Diagnostic::error("unused-statement", message, name.span, "not implemented");
            found.push(found_here.warning().help(help));
        }
        self.report_all(found);
    }

    fn unused_names(
        &mut self,
        table: impl Fn(&Self) -> &Table<'n>,
        say: impl Fn(&super::names::Named<'n>) -> Diagnostic,
    ) {
        let found: Vec<Diagnostic> =
            table(self).list.iter().filter(|named| !named.used).map(say).collect();
        self.report_all(found);
    }

    fn unused_components(&mut self) {
        let unused = |table: &Table<'n>| -> Vec<_> {
            let list = table.list.iter().filter(|named| !named.used);
            list.map(|named| (named.name.clone(), named.span, named.node)).collect()
        };
        let lenient = Scope::lenient();
        let schemas = unused(&self.names.schemas);
        let parameters = unused(&self.names.parameters);
        let (trees, steps) = (unused(&self.trees), unused(&self.names.steps));
        for (name, _, node) in &schemas {
            self.schema(node, name, &Around::scope(&lenient));
        }
        for (_, _, node) in &parameters {
            self.unused_parameter(node, &lenient);
        }
        for (_, _, node) in &trees {
            self.tree(node, &lenient);
        }
        let all = [
            ("schema", schemas),
            ("shared parameter", parameters),
            ("shared tree", trees),
            ("shared steps", steps),
        ];
        for (what, list) in all {
            for (name, span, _) in list {
                let message = format!("nothing uses the {what} `{name}`");
                let diagnostic = Diagnostic::error("unused-component", message, span, "not used");
                self.report(diagnostic.warning());
            }
        }
    }

    /// The shared schemas, as they are by themselves. What is wrong with them was told where they
    /// are used.
    pub(super) fn shared_schemas(&mut self) -> Vec<(Arc<str>, Arc<Schema>)> {
        if self.problems.has_errors() {
            return Vec::new();
        }
        let told = self.reported();
        let (followed, rules) = (self.followed, self.rules.list.len());
        self.followed = 0;
        let named = self.names.schemas.list.iter();
        let named: Vec<_> = named.map(|named| (named.name.clone(), named.node)).collect();
        let lenient = Scope::lenient();
        let read = |(name, node): (Arc<str>, &'n Node)| {
            let schema = self.schema(node, &name, &Around::scope(&lenient));
            (name, Arc::new(schema))
        };
        let schemas = named.into_iter().map(read).collect();
        self.rules.truncate(rules);
        self.problems.keep(told);
        self.followed = followed;
        schemas
    }

    fn unreachable_operations(&mut self, operations: &[Operation]) {
        for operation in operations.iter().filter(|operation| operation.bindings.is_empty()) {
            let at = self.names.operations.position(&operation.id);
            let linked = at.is_some_and(|at| self.linked.contains(&at));
            // A binding that could not be read is told already.
            let tried = at.and_then(|at| self.names.operations.node(at)).is_none_or(|node| {
                ["method", "path", "match", "bindings"].iter().any(|key| node.get(key).is_some())
            });
            if !linked && !tried {
                let message = format!("nothing leads to the operation `{}`", operation.id);
                self.report(
                    Diagnostic::error(
                        "unreachable-operation",
                        message,
                        &operation.span,
                        "no way in",
                    )
                    .help("give it `method` and `path`, `bindings`, or a link of a `send` step"),
                );
            }
        }
    }
}
