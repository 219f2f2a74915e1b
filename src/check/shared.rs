//! `before` and `after`: steps that the operations of a vendor share without naming them.

use std::cell::Cell;
use std::sync::Arc;

use http::Method;

use super::Checker;
use super::records;
use super::verb::StepContext;
use crate::diagnostic::Diagnostic;
use crate::model::verb::{After, Group};
use crate::model::{Concerned, Fitting, RuleId, RuleKind, Step, Steps, Verb};
use crate::source::Span;
use crate::syntax::{Mapping, Node, ReadNode};

/// When shared steps are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    /// Before the steps of the operation.
    Before,
    /// Once the operation has an answer that is not an error.
    After,
}

/// Shared steps, and the operations that they belong to.
pub(super) struct SharedSteps<'n> {
    when: When,
    /// Such as `before[0]`.
    name: String,
    of: Concerned,
    steps: Option<&'n Node>,
    rule: RuleId,
    span: &'n Span,
    /// Whether an operation has them.
    used: Cell<bool>,
}

/// The tags that operations have.
pub(super) fn known_tags(root: &Node) -> Vec<&str> {
    let operations = root.get("operations").and_then(Node::as_list).unwrap_or_default();
    let tags = operations.iter().filter_map(|node| node.get("tags")?.as_list()).flatten();
    tags.filter_map(Node::as_text).collect()
}

impl<'n> Checker<'n> {
    /// `before` and `after` of a vendor; their steps are read with each operation.
    pub(super) fn shared_steps(
        &mut self,
        spec: &mut Mapping<'n>,
        root: &'n Node,
    ) -> Vec<SharedSteps<'n>> {
        let tags = known_tags(root);
        let mut found = Vec::new();
        for (when, key) in [(When::Before, "before"), (When::After, "after")] {
            for (at, node) in spec.items(key).iter().enumerate() {
                found.extend(self.shared_steps_of(node, when, format!("{key}[{at}]"), &tags));
            }
        }
        found
    }

    fn shared_steps_of(
        &mut self,
        node: &'n Node,
        when: When,
        name: String,
        known: &[&str],
    ) -> Option<SharedSteps<'n>> {
        let what = match when {
            When::Before => "an entry of `before`",
            When::After => "an entry of `after`",
        };
        let mut mapping = self.open(node, records::SHARED_STEPS.called(what))?;
        let rule = self.rule(RuleKind::Step, "shared", &name, &mut mapping);
        let of = self.concerned(&mut mapping, known);
        let steps = mapping.require("steps");
        mapping.finish();
        let (span, used) = (&node.span, Cell::new(false));
        Some(SharedSteps { when, name, of, steps, rule, span, used })
    }

    /// `methods`, `tags` and `except` of what concerns some operations.
    pub(super) fn concerned(&mut self, mapping: &mut Mapping<'n>, known: &[&str]) -> Concerned {
        let methods = self.chosen_methods(mapping);
        let tags = mapping.take("tags").map(|node| {
            let nodes = self.read_items(node).iter();
            nodes.filter_map(|node| self.known_tag(node, known)).collect()
        });
        let operations = mapping.take("operations").map(|node| {
            let nodes = self.read_items(node);
            self.operations_named(nodes)
        });
        Concerned { methods, tags, operations, except: self.excepted(mapping) }
    }

    /// `methods` of it: those with one of these; all without it.
    pub(super) fn chosen_methods(&mut self, mapping: &mut Mapping<'n>) -> Option<Vec<Method>> {
        let nodes = self.read_items(mapping.take("methods")?).iter();
        Some(nodes.filter_map(|node| self.method(node)).collect())
    }

    /// `except` of it: the operations that it does not concern.
    pub(super) fn excepted(&mut self, mapping: &mut Mapping<'n>) -> Vec<Arc<str>> {
        let nodes = mapping.items("except");
        self.operations_named(nodes)
    }

    fn operations_named(&mut self, nodes: &'n [Node]) -> Vec<Arc<str>> {
        let named = nodes.iter().filter_map(|node| {
            let at = self.names.operations.resolve(node)?;
            Some(self.names.operations.name(at))
        });
        named.collect()
    }

    fn known_tag(&mut self, node: &Node, known: &[&str]) -> Option<Arc<str>> {
        let tag = self.read_text(node)?;
        if !known.contains(&&*tag.value) {
            let known = known.iter().copied();
            self.unknown("unknown-tag", "tag", &tag.value, &tag.span, known);
        }
        Some(tag.value)
    }

    /// What an operation does before its own steps, which see what is named there. What is done
    /// after them sees no more than that.
    pub(super) fn steps_around(
        &mut self,
        shared: &[SharedSteps<'n>],
        operation: &Fitting<'_>,
        context: &mut StepContext,
    ) -> Vec<Step> {
        let mut all = Vec::new();
        for shared in shared.iter().filter(|shared| shared.of.has(*operation)) {
            shared.used.set(true);
            let Some(node) = shared.steps else { continue };
            let before = self.reported();
            let (steps, ends) = match shared.when {
                When::Before => self.steps(node, &shared.name, context),
                When::After => {
                    let mark = context.scope.mark();
                    let read = self.steps(node, &shared.name, context);
                    context.scope.reset(mark);
                    read
                }
            };
            let verb = match shared.when {
                // What could not be read may be what ends them.
                When::Before if ends && self.reported() == before => {
                    self.no_way_past(node);
                    continue;
                }
                When::Before => Verb::Group(Group { steps }),
                When::After => {
                    self.no_answer_in(&steps);
                    Verb::After(After { steps })
                }
            };
            all.push(Step { verb, when: None, rule: shared.rule });
        }
        all
    }

    /// Steps of which one always answers leave nothing to do for the operations.
    fn no_way_past(&mut self, steps: &Node) {
        let last = steps.as_list().and_then(<[Node]>::last).unwrap_or(steps);
        let message = "the steps of the operations are never done";
        self.report(
            Diagnostic::error("unreachable-step", message, &last.span, "always ends the steps")
                .help("give it a `when`"),
        );
    }

    fn no_answer_in(&mut self, steps: &Steps) {
        for step in steps.all() {
            if let Verb::Respond(_) = step.verb
                && let Some(rule) = self.rules.list.get(step.rule.0 as usize)
            {
                let message = "the operation has given its answer already";
                let said = "`respond` in `after`";
                let told = Diagnostic::error("unreachable-step", message, &rule.span, said)
                    .help("only a `reject` can still take its place");
                self.report(told);
            }
        }
    }

    /// Reports shared steps that belong to no operation.
    pub(super) fn unused_shared_steps(&mut self, shared: &[SharedSteps<'n>]) {
        for shared in shared.iter().filter(|shared| !shared.used.get()) {
            let message = "no operation has these steps";
            self.report(
                Diagnostic::error("unused-component", message, shared.span, "not used").warning(),
            );
        }
    }
}
