//! Expected trees, and the matchers in them.

use std::cmp::Ordering;
use std::time::Duration;

use super::Reader;
use super::records;
use crate::check::special::{MATCHERS, is_special, member_name};
use crate::diagnostic::Diagnostic;
use crate::expression::holds_expression;
use crate::model::{Format, Tree, Type};
use crate::scenario::{Expected, ExpectedKind, Matcher};
use crate::source::Located;
use crate::syntax::{Node, NodeKind, ReadNode};
use crate::value::Value;

/// What can be done about a name that has to be worked out.
const EXPECTED_HELP: &str = "a path of `jsonPath` or `xpath` may hold one, and an expression can \
                             give the whole mapping: `${ {name: value} }`";

/// What an expected tree stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Around {
    /// Nothing: it is the whole.
    Tree,
    /// The same of an answer, which may have no body.
    Body,
    /// A map, or something else that may have no such member.
    Member,
    /// A list, each item of which is there.
    Item,
    /// A header or a text, which has no members; numbers are taken as they are written.
    Scalar,
}

impl<'n> Reader<'n, '_> {
    /// An expected tree; mistakes leave holes, so that there always is one.
    pub(super) fn expected(&mut self, node: &'n Node, around: Around) -> Expected {
        if let Some(named) = self.named_expectation(node, around) {
            return named;
        }
        if around != Around::Tree {
            self.warn_of_lost_matcher(node);
        }
        let kind = match &node.kind {
            NodeKind::List(nodes) if around != Around::Scalar => {
                ExpectedKind::List(self.list(nodes, Around::Item))
            }
            NodeKind::Map(entries) if !self.trees.names_are_fixed(entries, EXPECTED_HELP) => {
                ExpectedKind::Value(Tree::Constant(Value::Null))
            }
            NodeKind::Map(entries) if entries.iter().any(|(key, _)| is_special(&key.value)) => {
                match self.matcher_of(entries, around) {
                    Some(matcher) => ExpectedKind::Matcher(Box::new(matcher)),
                    None => ExpectedKind::Value(Tree::Constant(Value::Null)),
                }
            }
            NodeKind::Map(entries) if around != Around::Scalar => ExpectedKind::Map(
                entries
                    .iter()
                    .map(|(key, node)| {
                        self.check_prefix(key);
                        (member_name(&key.value).into(), self.expected(node, Around::Member))
                    })
                    .collect(),
            ),
            NodeKind::List(_) | NodeKind::Map(_) => {
                self.wrong_type(node, "a string, or a matcher");
                ExpectedKind::Value(Tree::Constant(Value::Null))
            }
            NodeKind::Integer(_) | NodeKind::Number(_) | NodeKind::Bool(_)
                if around == Around::Scalar =>
            {
                ExpectedKind::Value(Tree::Constant(Value::text(node.span.text())))
            }
            NodeKind::Null if around == Around::Scalar => {
                self.wrong_type(node, "a string, or a matcher");
                ExpectedKind::Value(Tree::Constant(Value::Null))
            }
            _ => ExpectedKind::Value(self.trees.tree(node, &self.scope)),
        };
        Expected { kind, span: node.span.clone() }
    }

    fn list(&mut self, nodes: &'n [Node], around: Around) -> Vec<Expected> {
        nodes.iter().map(|node| self.expected(node, around)).collect()
    }

    /// A prefix that no namespace is given for, where some are given.
    fn check_prefix(&mut self, key: &Located<String>) {
        let Some((prefix, _)) = key.value.trim_start_matches('@').split_once(':') else { return };
        let bound = crate::wire::xml::BOUND_PREFIXES.iter().any(|(known, _)| *known == prefix);
        let declared = self.namespaces.iter().any(|(known, _)| **known == *prefix);
        if self.namespaces.is_empty() || bound || declared {
            return;
        }
        let known: Vec<_> = self.namespaces.iter().map(|(known, _)| known.clone()).collect();
        let known = known.iter().map(|known| &**known);
        self.unknown("unknown-prefix", "prefix", prefix, &key.span.narrow(prefix), known);
    }

    fn matcher_of(
        &mut self,
        entries: &'n [(Located<String>, Node)],
        around: Around,
    ) -> Option<Matcher> {
        let mut unknown = false;
        for (key, _) in entries {
            if is_special(&key.value) && !MATCHERS.contains(&key.value.as_str()) {
                let message = format!("no matcher is called `{}`", key.value);
                let mut diagnostic =
                    Diagnostic::error("unknown-matcher", message, &key.span, "not known");
                diagnostic = diagnostic.suggest(&key.value, MATCHERS);
                let help = format!("a member of that name is written `${}`", key.value);
                diagnostic = diagnostic.help(help);
                self.report(diagnostic);
                unknown = true;
            }
        }
        let [(key, node)] = entries else {
            if !unknown {
                let matcher = entries.iter().find(|(key, _)| key.value.starts_with('$'));
                let other = entries.iter().rfind(|(key, _)| {
                    matcher.is_none_or(|(matcher, _)| matcher.value != key.value)
                });
                if let (Some((matcher, _)), Some((other, _))) = (matcher, other) {
                    self.beside_matcher(matcher, other);
                }
            }
            return None;
        };
        if unknown { None } else { self.matcher(key, node, around) }
    }

    fn beside_matcher(&mut self, matcher: &Located<String>, other: &Located<String>) {
        let message = format!("`{}` can't be combined with `{}`", matcher.value, other.value);
        let diagnostic = Diagnostic::contradiction(message, &other.span, &matcher.span);
        self.report(match other.value.starts_with('$') {
            true => diagnostic.help("several matchers together are $all: [{...}, {...}]"),
            false => diagnostic.help("a map with more members is {$includes: {...}}"),
        });
    }

    fn matcher(
        &mut self,
        key: &'n Located<String>,
        node: &'n Node,
        around: Around,
    ) -> Option<Matcher> {
        // What surrounds a matcher surrounds what is in it, if it is about the same value.
        let whole = match around {
            Around::Member | Around::Body => Around::Tree,
            Around::Tree | Around::Item | Around::Scalar => around,
        };
        match key.value.as_str() {
            "$any" => self.only_true(node).then_some(Matcher::Any),
            "$nil" => self.only_true(node).then_some(Matcher::Nil),
            "$empty" => self.only_true(node).then_some(Matcher::Empty),
            "$absent" => {
                if matches!(around, Around::Item | Around::Tree) {
                    let message = "what is here is always present";
                    self.error("no-match", message, &key.span, "can never fit");
                }
                self.only_true(node).then_some(Matcher::Absent)
            }
            "$type" => {
                let words: Vec<(Option<Type>, &str)> = Type::ALL
                    .iter()
                    .map(|kind| (Some(*kind), kind.name()))
                    .chain([(None, "null")])
                    .collect();
                self.read_word(node, "$type", &words).map(Matcher::Type)
            }
            "$format" => {
                let found = self.read_word(node, "$format", &Format::ALL)?;
                if matches!(found, Format::Float | Format::Double | Format::Password) {
                    let message = format!("every value has the format `{}`", found.name());
                    self.error("contradiction", message, &node.span, "always holds");
                }
                Some(Matcher::Format(found))
            }
            "$regex" => self.pattern(node).map(Matcher::Regex),
            "$sorted" => self.sorted(node),
            "$unique" => self.unique_items(node),
            "$assert" => self.asserted(node),
            "$schema" => self.expected_schema(node).map(Matcher::Schema),
            "$range" => self.range(node),
            "$time" => self.near(node),
            "$length" => self.length(node),
            "$not" => {
                let inner = self.expected(node, around);
                if matches!(&inner.kind, ExpectedKind::Matcher(m) if matches!(**m, Matcher::Any)) {
                    let message = "whatever is there is something";
                    self.error("no-match", message, &node.span, "nothing can fit");
                }
                Some(Matcher::Not(inner))
            }
            "$contains" => Some(Matcher::Contains(self.expected(node, Around::Item))),
            "$each" => Some(Matcher::Each(self.expected(node, Around::Item))),
            "$includes" => self.map_of(node).map(Matcher::Includes),
            "$exactly" => self.map_of(node).map(Matcher::Exactly),
            "$unordered" => {
                let nodes = self.read_items(node);
                node.as_list().map(|_| Matcher::Unordered(self.list(nodes, Around::Item)))
            }
            "$oneOf" => self.alternatives(node, around).map(Matcher::OneOf),
            "$all" => {
                let all = self.alternatives(node, whole)?;
                self.check_together(&all);
                Some(Matcher::All(all))
            }
            _ => None,
        }
    }

    /// At least one expected tree.
    fn alternatives(&mut self, node: &'n Node, around: Around) -> Option<Vec<Expected>> {
        let nodes = self.read_items(node);
        if let (Some(_), []) = (node.as_list(), nodes) {
            let message = "there is nothing in this list";
            self.error("no-match", message, &node.span, "is empty");
        }
        (!nodes.is_empty()).then(|| self.list(nodes, around))
    }

    fn map_of(&mut self, node: &'n Node) -> Option<Expected> {
        let fits = match &node.kind {
            NodeKind::Map(_) => true,
            NodeKind::Text(text) => holds_expression(text),
            _ => false,
        };
        if !fits {
            self.wrong_type(node, "a mapping of members");
            return None;
        }
        Some(self.expected(node, Around::Tree))
    }

    fn range(&mut self, node: &'n Node) -> Option<Matcher> {
        let [low_node, high_node] = self.read_items(node) else {
            if node.as_list().is_some() {
                let message = "a range has two ends, either of which may be null";
                self.error("wrong-type", message, &node.span, "not two");
            }
            return None;
        };
        let (low, high) = (self.bound(low_node)?, self.bound(high_node)?);
        if let (Some(Tree::Constant(low)), Some(Tree::Constant(high))) = (&low, &high)
            && low.compare_numbers(high) == Some(Ordering::Greater)
        {
            let message = format!("no number is from {low} to {high}");
            self.error("no-match", message, &node.span, "nothing can fit");
        }
        Some(Matcher::Range(low, high))
    }

    /// An end of a range, `Some(None)` for an open one.
    #[expect(clippy::option_option, reason = "a mistake, an open end, and an end are three things")]
    fn bound(&mut self, node: &'n Node) -> Option<Option<Tree>> {
        match self.trees.tree(node, &self.scope) {
            Tree::Constant(Value::Null) => Some(None),
            Tree::Constant(value) if !value.is_number() => {
                self.wrong_type(node, "a number, or null");
                None
            }
            tree => Some(Some(tree)),
        }
    }

    pub(super) fn length(&mut self, node: &'n Node) -> Option<Matcher> {
        let length = match node.kind {
            NodeKind::Integer(_) | NodeKind::Number(_) => Some(self.read_integer(node)?),
            NodeKind::Map(_) => None,
            NodeKind::Text(ref text) if holds_expression(text) => None,
            _ => {
                self.wrong_type(node, "a whole number, or a matcher");
                return None;
            }
        };
        if length.is_some_and(|length| length < 0) {
            let message = "a length is not negative";
            self.error("no-match", message, &node.span, "nothing can fit");
        }
        Some(Matcher::Length(self.expected(node, Around::Item)))
    }

    /// `true`, or `{near, within}`.
    fn near(&mut self, node: &'n Node) -> Option<Matcher> {
        if let NodeKind::Bool(_) = node.kind {
            let any = Matcher::Time { near: None, within: Duration::ZERO };
            return self.only_true(node).then_some(any);
        }
        let mut mapping = self.open(node, records::EXPECTED_TIME.called("`$time`"))?;
        let near = mapping.require("near");
        let within = mapping.require("within");
        mapping.finish();
        let within = within.and_then(|node| self.duration(node));
        let near = near.and_then(|node| match self.trees.tree(node, &self.scope) {
            Tree::Constant(_) => self.time(node).map(|_| Tree::Constant(node.to_value())),
            tree => Some(tree),
        });
        Some(Matcher::Time { near: Some(near?), within: within? })
    }

    /// Reports what cannot all be so of one value.
    fn check_together(&mut self, all: &[Expected]) {
        let constants: Vec<(&Value, &Expected)> = all
            .iter()
            .filter_map(|expected| match &expected.kind {
                ExpectedKind::Value(Tree::Constant(value)) => Some((value, expected)),
                _ => None,
            })
            .collect();
        let types: Vec<Type> = all
            .iter()
            .filter_map(|expected| match &expected.kind {
                ExpectedKind::Matcher(matcher) => match **matcher {
                    Matcher::Type(Some(kind)) => Some(kind),
                    _ => None,
                },
                _ => None,
            })
            .collect();
        for (value, expected) in &constants {
            if let Some(kind) = types.iter().find(|kind| !spells(value, **kind)) {
                let message = format!("`{value}` is not of type {}", kind.name());
                self.error("no-match", message, &expected.span, "nothing can fit both");
            }
        }
        if let [(first, _), rest @ ..] = constants.as_slice()
            && let Some((other, expected)) = rest.iter().find(|(other, _)| other != first)
        {
            let message = format!("no value is both `{first}` and `{other}`");
            self.error("no-match", message, &expected.span, "nothing can fit both");
        }
    }
}

/// Whether a value is of a type, or in forms and XML spells one that is.
fn spells(value: &Value, kind: Type) -> bool {
    let text = value.as_str();
    let spelled = text.and_then(Value::spelled);
    match kind {
        Type::String => text.is_some(),
        Type::Integer => value.is_integer() || spelled.is_some_and(|value| value.is_integer()),
        Type::Number => value.is_number() || spelled.is_some(),
        Type::Boolean => {
            matches!(value, Value::Bool(_)) || matches!(text, Some("true" | "false" | "1" | "0"))
        }
        Type::Object => value.members().is_some(),
        Type::Array => value.as_list().is_some(),
    }
}
