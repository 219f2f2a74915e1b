//! The keywords of schemas that constrain, and `checks`.

use std::cmp::Ordering;
use std::sync::Arc;

use regex_lite::Regex;

use super::Checker;
use super::layer::{Layer, Place, last};
use super::reading::{Around, Reading};
use super::records;
use super::rules::Backing;
use super::scope::Scope;
use crate::diagnostic::Diagnostic;
use crate::model::{
    CollectionId, Constraint, Format, Keyword, Lookup, Operand, Reads, RuleKind, Type, Word,
};
use crate::source::{Located, Span};
use crate::syntax::{Node, NodeKind, ReadNode};
use crate::value::Value;

/// The keywords that a schema itself has and that stand in a key of their own.
fn own_keywords() -> impl Iterator<Item = Word> {
    let is_own = |word: &Word| !word.reads().is_check() && word.reads() != Reads::Elsewhere;
    Word::ALL.iter().copied().filter(is_own)
}

impl<'n> Checker<'n> {
    /// The constraints of a schema's own keywords.
    pub(super) fn keyword_constraints(
        &mut self,
        reading: &Reading<'_, 'n>,
        around: &Around<'_>,
        types: &[Type],
        names: &[Arc<str>],
    ) -> Vec<Constraint> {
        let mut constraints = Vec::new();
        for word in own_keywords() {
            // What says more of the same value adds up; of all else the last one counts.
            let with_key = reading.layers.iter().rev().filter_map(|layer| {
                let (key, node) = layer.entry(word.name())?;
                Some((layer, key, node))
            });
            let all = if word.comes_late() { usize::MAX } else { 1 };
            let written: Vec<_> = with_key.take(all).collect();
            for (layer, key, node) in written.into_iter().rev() {
                let name = format!("{}.{}", layer.name, word.name());
                let place = Place { name: &name, root: layer.root, names };
                // At least so many says it too.
                if word == Word::Contains && layer.entry("minContains").is_some() {
                    continue;
                }
                let Some(keyword) = self.keyword(word, key, node, &place, around, types) else {
                    continue;
                };
                constraints.push(self.own_constraint(keyword, layer, key, reading));
            }
        }
        self.check_bounds(reading.layers, &constraints);
        constraints
    }

    /// A constraint of the schema itself, in that of its layers.
    pub(super) fn own_constraint(
        &mut self,
        keyword: Keyword,
        layer: &Layer<'n>,
        key: &Located<String>,
        reading: &Reading<'_, 'n>,
    ) -> Constraint {
        let kind = if layer.beside { RuleKind::Parameter } else { RuleKind::Schema };
        let word = keyword.word.name();
        let name = format!("{}.{word}", layer.name);
        let rule = self.rules.add(kind, word, &name, reading.backing_at(layer), &key.span);
        let span = key.span.clone();
        Constraint { keyword, when: None, error: None, message: None, rule, span }
    }

    /// One keyword; `None` for `uniqueItems: false` and for mistakes.
    fn keyword(
        &mut self,
        word: Word,
        key: &Located<String>,
        node: &'n Node,
        place: &Place<'_, 'n>,
        around: &Around<'_>,
        types: &[Type],
    ) -> Option<Keyword> {
        self.check_applies(word, key, types);
        let operand = match word.reads() {
            Reads::Values => self.choices(node, around.scope)?,
            Reads::Value => Operand::Value(self.constant(node)),
            Reads::Count => self.count(node, around.scope)?,
            Reads::Number => self.bound(node, around.scope)?,
            Reads::Factor => Operand::Value(self.factor(node)?),
            Reads::Pattern => Operand::Pattern(self.pattern(node)?),
            Reads::Format => {
                let words = Format::ALL;
                Operand::Format(self.read_word(node, "format", &words)?)
            }
            Reads::Flag => self.read_boolean(node)?.then_some(Operand::True)?,
            Reads::Collection => {
                let at = self.names.collections.resolve(node)?;
                Operand::Collection(CollectionId(at))
            }
            Reads::Sibling => Operand::Name(self.sibling(node, around)?),
            Reads::Schema => Operand::Schema(Box::new(self.one_schema(word, node, place, around))),
            Reads::Schemas => self.schemas(word, node, place, around)?,
            Reads::Named => Operand::Named(self.named_schemas(node, place, around)),
            Reads::Needs => Operand::Needs(self.needs(node)),
            Reads::Elsewhere => return None,
            Reads::Condition => Operand::Condition(self.sole_expression(node, around.scope)?),
            Reads::Row => Operand::Row(self.row(node, around.scope)?),
        };
        Some(Keyword { word, operand })
    }

    fn choices(&mut self, node: &'n Node, scope: &Scope) -> Option<Operand> {
        if let Some(text) = node.as_text() {
            return self.computed(node, text, scope, ("a list", &format!("write `[{text}]`")));
        }
        let items = self.read_items(node);
        let mut values: Vec<Value> = Vec::with_capacity(items.len());
        for item in items {
            let value = self.constant(item);
            if values.contains(&value) {
                self.error(
                    "duplicate-value",
                    format!("`{value}` is duplicated in `enum`"),
                    &item.span,
                    "here again",
                );
            }
            values.push(value);
        }
        if values.is_empty() && node.as_list().is_some() {
            let message = "`enum` needs at least one value";
            self.error("missing-item", message, &node.span, "is empty");
        }
        (!values.is_empty()).then(|| Operand::Value(Value::list(values)))
    }

    fn bound(&mut self, node: &'n Node, scope: &Scope) -> Option<Operand> {
        if let Some(text) = node.as_text() {
            let (number, is_quoted) = (text.trim(), node.span.text() != text);
            let help = match number.parse::<f64>() {
                Ok(_) if is_quoted => &*format!("write {number}, without quotes"),
                _ if !is_quoted && number.starts_with(|c: char| c.is_ascii_digit()) => {
                    "whole numbers are decimal, octal as `0o17`, or hexadecimal as `0x1F`"
                }
                _ => "a computed value is written as \"${ ... }\"",
            };
            return self.computed(node, text, scope, ("a number", help));
        }
        self.number(node).map(Operand::Value)
    }

    /// What is worked out in the place of what is expected otherwise, of which the help is about.
    fn computed(
        &mut self,
        node: &'n Node,
        text: &str,
        scope: &Scope,
        (expected, help): (&str, &str),
    ) -> Option<Operand> {
        if text.contains("${") {
            return self.sole_expression(node, scope).map(Operand::Computed);
        }
        let message = format!("expected {expected}, found a string");
        let found = Diagnostic::error("wrong-type", message, &node.span, "this is a string");
        self.report(found.help(help));
        None
    }

    pub(super) fn count(&mut self, node: &'n Node, scope: &Scope) -> Option<Operand> {
        let bound = self.bound(node, scope)?;
        if let Operand::Value(count) = &bound
            && (!count.is_integer()
                || count.compare_numbers(&Value::Integer(0)) == Some(Ordering::Less))
        {
            self.error(
                "bad-bound",
                "a count is a whole number from 0 on",
                &node.span,
                "is not a count",
            );
            return None;
        }
        Some(bound)
    }

    fn number(&mut self, node: &Node) -> Option<Value> {
        match node.kind {
            NodeKind::Integer(_) | NodeKind::Number(_) => Some(node.to_value()),
            _ => {
                self.wrong_type(node, "a number");
                None
            }
        }
    }

    fn factor(&mut self, node: &Node) -> Option<Value> {
        let factor = self.number(node)?;
        if factor.compare_numbers(&Value::Integer(0)).is_some_and(Ordering::is_gt) {
            return Some(factor);
        }
        self.error("bad-bound", "`multipleOf` is more than 0", &node.span, "is not");
        None
    }

    fn pattern(&mut self, node: &Node) -> Option<Regex> {
        let pattern = self.read_text(node)?;
        self.regex(&pattern.value, &node.span)
    }

    /// A regular expression.
    pub(super) fn regex(&mut self, pattern: &str, span: &Span) -> Option<Regex> {
        let complain = |error| {
            let message = format!("not a valid regular expression: {error}");
            self.error("bad-pattern", message, span, "cannot be read");
        };
        Regex::new(pattern).map_err(complain).ok()
    }

    fn sibling(&mut self, node: &Node, around: &Around<'_>) -> Option<Arc<str>> {
        let name = self.read_text(node)?;
        if !around.siblings.contains(&name.value) {
            let known = around.siblings.iter().map(|name| &**name);
            self.unknown(
                "unknown-property",
                "parameter or property beside this one",
                &name.value,
                &name.span,
                known,
            );
            return None;
        }
        Some(name.value)
    }

    /// A keyword that no value of the type can break says something other than was meant.
    fn check_applies(&mut self, word: Word, key: &Located<String>, types: &[Type]) {
        let about = word.about();
        if about.is_empty() {
            return;
        }
        if types.is_empty() || types.iter().any(|kind| about.contains(kind)) {
            return;
        }
        let written: Vec<&str> = types.iter().map(|kind| kind.name()).collect();
        let about: Vec<&str> = about.iter().map(|kind| kind.name()).collect();
        self.report(
            Diagnostic::error(
                "wrong-keyword",
                format!(
                    "`{}` does not apply to a value of type {}",
                    word.name(),
                    written.join(" or ")
                ),
                &key.span,
                "has no effect",
            )
            .help(format!("it is about {}", about.join(" and "))),
        );
    }

    fn check_bounds(&mut self, layers: &[Layer<'n>], constraints: &[Constraint]) {
        let fixed = |wanted: Word| {
            let found = constraints.iter().find(|constraint| constraint.keyword.word == wanted);
            match found.map(|constraint| &constraint.keyword.operand) {
                Some(Operand::Value(bound)) => Some((wanted.name(), bound)),
                _ => None,
            }
        };
        let pairs = [
            (Word::MinLength, Word::MaxLength),
            (Word::Minimum, Word::Maximum),
            (Word::MinItems, Word::MaxItems),
            (Word::MinProperties, Word::MaxProperties),
        ];
        for (low, high) in pairs {
            if let (Some((low_name, low)), Some((high_name, high))) = (fixed(low), fixed(high))
                && low.compare_numbers(high).is_some_and(Ordering::is_gt)
                && let Some((_, low_key, _)) = last(layers, low_name)
                && let Some((_, high_key, _)) = last(layers, high_name)
            {
                self.report(
                    Diagnostic::error(
                        "contradiction",
                        format!("`{low_name}` {low} is more than `{high_name}` {high}"),
                        &low_key.span,
                        "nothing can fit",
                    )
                    .related(&high_key.span, "the other bound"),
                );
            }
        }
    }

    /// `checks`, those of what is referred to first.
    pub(super) fn checks(
        &mut self,
        reading: &Reading<'_, 'n>,
        around: &Around<'_>,
        error_scope: &Scope,
        types: &[Type],
    ) -> Vec<Constraint> {
        let mut constraints = Vec::new();
        for layer in reading.layers {
            let Some((_, node)) = layer.entry("checks") else { continue };
            for (at, item) in self.read_items(node).iter().enumerate() {
                let name = format!("{}.checks[{at}]", layer.name);
                let backing = reading.backing_at(layer);
                let place = Place { name: &name, root: layer.root, names: &[] };
                self.check_item(
                    item,
                    &place,
                    backing,
                    around,
                    error_scope,
                    types,
                    &mut constraints,
                );
            }
        }
        constraints
    }

    #[expect(clippy::too_many_arguments, reason = "all of it belongs to the schema around")]
    fn check_item(
        &mut self,
        item: &'n Node,
        place: &Place<'_, 'n>,
        inherited: &Backing,
        around: &Around<'_>,
        error_scope: &Scope,
        types: &[Type],
        constraints: &mut Vec<Constraint>,
    ) {
        let Some(mut mapping) = self.open(item, records::CHECK.called("a check")) else { return };
        let backing = self.backing(&mut mapping).unwrap_or_else(|| inherited.clone());
        let when_node = mapping.take("when");
        let when = when_node.and_then(|node| self.sole_expression(node, around.scope));
        let error = mapping.take("error").and_then(|node| self.error_name(node));
        let message = mapping.take("message").and_then(|node| self.text(node, error_scope));
        let mut found = Vec::new();
        for word in Word::ALL.iter().copied().filter(|word| word.reads() != Reads::Elsewhere) {
            if let Some((key, node)) = mapping.entry(word.name()) {
                found.push((key, word, self.keyword(word, key, node, place, around, types)));
            }
        }
        mapping.finish();
        if found.is_empty() {
            self.report(
                Diagnostic::error(
                    "missing-key",
                    "this check checks nothing",
                    &item.span,
                    "no keyword",
                )
                .help("give a keyword such as `maxLength`, or `must` or `exists`"),
            );
        }
        for (key, word, keyword) in found {
            let Some(keyword) = keyword else { continue };
            // A condition that is wrong must not turn into no condition.
            if when_node.is_some() && when.is_none() {
                continue;
            }
            let rule_name = format!("{}.{}", place.name, word.name());
            let rule =
                self.rules.add(RuleKind::Check, word.name(), &rule_name, &backing, &key.span);
            let (when, message) = (when.clone(), message.clone());
            let span = key.span.clone();
            constraints.push(Constraint { keyword, when, error, message, rule, span });
        }
    }

    fn row(&mut self, node: &'n Node, scope: &Scope) -> Option<Lookup> {
        let mut mapping = self.open(node, records::CHECK_EXISTS.called("`exists`"))?;
        let collection = mapping.require("in");
        let collection = collection.and_then(|node| self.names.collections.resolve(node));
        let fields = mapping.require("where");
        mapping.finish();
        let access = self.fields(fields?, collection, scope);
        Some(Lookup { collection: CollectionId(collection?), access })
    }
}
