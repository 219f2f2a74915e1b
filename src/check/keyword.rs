//! The keywords of schemas that constrain, and `checks`.

use std::cmp::Ordering;
use std::sync::Arc;

use super::Checker;
use super::layer::{Layer, last};
use super::rules::Backing;
use super::schema::{Around, Reading};
use super::scope::Scope;
use crate::diagnostic::Diagnostic;
use crate::model::{
    Bound, Choices, CollectionId, Constraint, Format, Keyword, RuleKind, Schema, Type,
};
use crate::source::Located;
use crate::syntax::mapping::{boolean, items, text, word, wrong_type};
use crate::syntax::{Mapping, Node, NodeKind};
use crate::value::Value;

/// The keywords in the order in which they are looked at.
pub(super) const KEYWORDS: &[&str] = &[
    "enum",
    "const",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "references",
    "mustNotContain",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
];

/// The values of a fixed `enum`.
pub(super) fn fixed_choices(schema: &Schema) -> Option<Vec<Value>> {
    schema.constraints.iter().find_map(|constraint| match &constraint.keyword {
        Keyword::Enum(Choices::Fixed(values)) => Some(values.clone()),
        _ => None,
    })
}

impl<'n> Checker<'n> {
    /// The constraints of a schema's own keywords.
    pub(super) fn keyword_constraints(
        &mut self,
        reading: &Reading<'_, 'n>,
        around: &Around<'_>,
        types: &[Type],
    ) -> Vec<Constraint> {
        let mut constraints = Vec::new();
        for name in KEYWORDS {
            let Some((layer, key, node)) = last(reading.layers, name) else { continue };
            self.check_applies(name, key, types);
            let Some(keyword) = self.keyword(name, node, around) else { continue };
            let kind = if layer.beside { RuleKind::Parameter } else { RuleKind::Schema };
            let rule_name = format!("{}.{name}", layer.name);
            let backing = reading.backing_at(layer);
            let rule = self.rules.add(kind, name, &rule_name, backing, &key.span);
            constraints.push(Constraint { keyword, when: None, error: None, message: None, rule });
        }
        self.check_bounds(reading.layers, &constraints);
        constraints
    }

    /// One keyword; `None` for `uniqueItems: false` and for mistakes.
    fn keyword(&mut self, name: &str, node: &'n Node, around: &Around<'_>) -> Option<Keyword> {
        let scope = around.scope;
        Some(match name {
            "enum" => Keyword::Enum(self.choices(node, scope)?),
            "const" => Keyword::Const(self.constant(node)),
            "minLength" => Keyword::MinLength(self.count(node, scope)?),
            "maxLength" => Keyword::MaxLength(self.count(node, scope)?),
            "pattern" => Keyword::Pattern(self.pattern(node)?),
            "format" => {
                let words = Format::ALL;
                Keyword::Format(word(node, "format", &words, &mut self.problems)?)
            }
            "minimum" => Keyword::Minimum(self.bound(node, scope)?),
            "maximum" => Keyword::Maximum(self.bound(node, scope)?),
            "exclusiveMinimum" => Keyword::ExclusiveMinimum(self.bound(node, scope)?),
            "exclusiveMaximum" => Keyword::ExclusiveMaximum(self.bound(node, scope)?),
            "multipleOf" => Keyword::MultipleOf(self.factor(node)?),
            "references" => {
                let at = self.names.collections.resolve(node, &mut self.problems)?;
                Keyword::References(CollectionId(at))
            }
            "mustNotContain" => Keyword::MustNotContain(self.sibling(node, around)?),
            "minItems" => Keyword::MinItems(self.count(node, scope)?),
            "maxItems" => Keyword::MaxItems(self.count(node, scope)?),
            "minProperties" => Keyword::MinProperties(self.count(node, scope)?),
            "maxProperties" => Keyword::MaxProperties(self.count(node, scope)?),
            "uniqueItems" => {
                return boolean(node, &mut self.problems)?.then_some(Keyword::UniqueItems);
            }
            _ => return None,
        })
    }

    fn choices(&mut self, node: &'n Node, scope: &Scope) -> Option<Choices> {
        if node.as_text().is_some() {
            return self.sole_expression(node, scope).map(Choices::Expression);
        }
        let items = items(node, &mut self.problems);
        let mut values: Vec<Value> = Vec::with_capacity(items.len());
        for item in items {
            let value = self.constant(item);
            if values.contains(&value) {
                self.problems.error(
                    "duplicate-value",
                    format!("`{value}` is duplicated in `enum`"),
                    &item.span,
                    "here again",
                );
            }
            values.push(value);
        }
        (!values.is_empty()).then_some(Choices::Fixed(values))
    }

    fn bound(&mut self, node: &'n Node, scope: &Scope) -> Option<Bound> {
        if node.as_text().is_some() {
            return self.sole_expression(node, scope).map(Bound::Expression);
        }
        self.number(node).map(Bound::Fixed)
    }

    fn count(&mut self, node: &'n Node, scope: &Scope) -> Option<Bound> {
        let bound = self.bound(node, scope)?;
        if let Bound::Fixed(count) = &bound
            && (!count.is_integer()
                || count.compare_numbers(&Value::Integer(0)) == Some(Ordering::Less))
        {
            self.problems.error(
                "bad-bound",
                "a count is a whole number from 0 on",
                &node.span,
                "is none",
            );
            return None;
        }
        Some(bound)
    }

    fn number(&mut self, node: &Node) -> Option<Value> {
        match node.kind {
            NodeKind::Integer(_) | NodeKind::Number(_) => Some(node.to_value()),
            _ => {
                wrong_type(node, "a number", &mut self.problems);
                None
            }
        }
    }

    fn factor(&mut self, node: &Node) -> Option<Value> {
        let factor = self.number(node)?;
        if factor.compare_numbers(&Value::Integer(0)).is_some_and(Ordering::is_gt) {
            return Some(factor);
        }
        self.problems.error("bad-bound", "`multipleOf` is more than 0", &node.span, "is not");
        None
    }

    fn pattern(&mut self, node: &Node) -> Option<Arc<str>> {
        let pattern = text(node, &mut self.problems)?;
        if let Err(error) = regex_lite::Regex::new(&pattern.value) {
            self.problems.error(
                "bad-pattern",
                format!("not a regular expression: {error}"),
                &node.span,
                "cannot be read",
            );
            return None;
        }
        Some(pattern.value)
    }

    fn sibling(&mut self, node: &Node, around: &Around<'_>) -> Option<Arc<str>> {
        let name = text(node, &mut self.problems)?;
        if !around.siblings.contains(&name.value) {
            let known = around.siblings.iter().map(|name| &**name);
            self.problems.unknown(
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
    fn check_applies(&mut self, name: &str, key: &Located<String>, types: &[Type]) {
        let about: &[Type] = match name {
            "minLength" | "maxLength" | "pattern" => &[Type::String],
            "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => {
                &[Type::Integer, Type::Number]
            }
            "minItems" | "maxItems" | "uniqueItems" => &[Type::Array],
            "minProperties" | "maxProperties" => &[Type::Object],
            _ => return,
        };
        if types.is_empty() || types.iter().any(|kind| about.contains(kind)) {
            return;
        }
        let written: Vec<&str> = types.iter().map(|kind| kind.name()).collect();
        let about: Vec<&str> = about.iter().map(|kind| kind.name()).collect();
        self.problems.push(
            Diagnostic::error(
                "wrong-keyword",
                format!("`{name}` says nothing about a value of type {}", written.join(" or ")),
                &key.span,
                "has no effect",
            )
            .help(format!("it is about {}", about.join(" and "))),
        );
    }

    fn check_bounds(&mut self, layers: &[Layer<'n>], constraints: &[Constraint]) {
        let (mut low, mut high): ([Option<&Value>; 4], [Option<&Value>; 4]) = Default::default();
        for constraint in constraints {
            match &constraint.keyword {
                Keyword::MinLength(Bound::Fixed(bound)) => low[0] = Some(bound),
                Keyword::MaxLength(Bound::Fixed(bound)) => high[0] = Some(bound),
                Keyword::Minimum(Bound::Fixed(bound)) => low[1] = Some(bound),
                Keyword::Maximum(Bound::Fixed(bound)) => high[1] = Some(bound),
                Keyword::MinItems(Bound::Fixed(bound)) => low[2] = Some(bound),
                Keyword::MaxItems(Bound::Fixed(bound)) => high[2] = Some(bound),
                Keyword::MinProperties(Bound::Fixed(bound)) => low[3] = Some(bound),
                Keyword::MaxProperties(Bound::Fixed(bound)) => high[3] = Some(bound),
                _ => {}
            }
        }
        let names = [
            ("minLength", "maxLength"),
            ("minimum", "maximum"),
            ("minItems", "maxItems"),
            ("minProperties", "maxProperties"),
        ];
        for ((low, high), (low_name, high_name)) in low.iter().zip(high).zip(names) {
            if let (Some(low), Some(high)) = (low, high)
                && low.compare_numbers(high).is_some_and(Ordering::is_gt)
                && let Some((_, low_key, _)) = last(layers, low_name)
                && let Some((_, high_key, _)) = last(layers, high_name)
            {
                self.problems.push(
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

    /// `anyOf`: groups of members of which one has to be there.
    pub(super) fn any_of(
        &mut self,
        reading: &Reading<'_, 'n>,
        names: &[Arc<str>],
    ) -> Option<Constraint> {
        let (layer, key, node) = last(reading.layers, "anyOf")?;
        let mut groups = Vec::new();
        for item in items(node, &mut self.problems) {
            let Some(mut group) = Mapping::open(item, "an item of `anyOf`", &mut self.problems)
            else {
                continue;
            };
            let required = group.require("required", &mut self.problems);
            group.finish(&mut self.problems);
            groups.extend(required.map(|node| self.property_list(node, names)));
        }
        let name = format!("{}.anyOf", layer.name);
        let backing = reading.backing_at(layer);
        let rule = self.rules.add(RuleKind::Schema, "anyOf", &name, backing, &key.span);
        let keyword = Keyword::AnyOf(groups);
        Some(Constraint { keyword, when: None, error: None, message: None, rule })
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
            for (at, item) in items(node, &mut self.problems).iter().enumerate() {
                let name = format!("{}.checks[{at}]", layer.name);
                let backing = reading.backing_at(layer);
                self.check_item(item, &name, backing, around, error_scope, types, &mut constraints);
            }
        }
        constraints
    }

    #[expect(clippy::too_many_arguments, reason = "all of it belongs to the schema around")]
    fn check_item(
        &mut self,
        item: &'n Node,
        name: &str,
        inherited: &Backing,
        around: &Around<'_>,
        error_scope: &Scope,
        types: &[Type],
        constraints: &mut Vec<Constraint>,
    ) {
        let Some(mut mapping) = Mapping::open(item, "a check", &mut self.problems) else { return };
        let backing = self.backing(&mut mapping).unwrap_or_else(|| inherited.clone());
        let when_node = mapping.take("when");
        let when = when_node.and_then(|node| self.sole_expression(node, around.scope));
        let error = mapping.take("error").and_then(|node| self.error_name(node));
        let message = mapping.take("message").and_then(|node| self.text(node, error_scope));
        let mut found = Vec::new();
        for keyword in KEYWORDS {
            if let Some((key, node)) = mapping.entry(keyword) {
                self.check_applies(keyword, key, types);
                found.push((*keyword, key, self.keyword(keyword, node, around)));
            }
        }
        if let Some((key, node)) = mapping.entry("must") {
            let must = self.sole_expression(node, around.scope);
            found.push(("must", key, must.map(Keyword::Must)));
        }
        if let Some((key, node)) = mapping.entry("exists") {
            found.push(("exists", key, self.exists(node, around.scope)));
        }
        mapping.finish(&mut self.problems);
        if found.is_empty() {
            self.problems.push(
                Diagnostic::error(
                    "missing-key",
                    "this check checks nothing",
                    &item.span,
                    "no keyword",
                )
                .help("give a keyword such as `maxLength`, or `must` or `exists`"),
            );
        }
        for (keyword_name, key, keyword) in found {
            let Some(keyword) = keyword else { continue };
            // A condition that is wrong must not turn into no condition.
            if when_node.is_some() && when.is_none() {
                continue;
            }
            let rule_name = format!("{name}.{keyword_name}");
            let rule =
                self.rules.add(RuleKind::Check, keyword_name, &rule_name, &backing, &key.span);
            let (when, message) = (when.clone(), message.clone());
            constraints.push(Constraint { keyword, when, error, message, rule });
        }
    }

    fn exists(&mut self, node: &'n Node, scope: &Scope) -> Option<Keyword> {
        let mut mapping = Mapping::open(node, "`exists`", &mut self.problems)?;
        let collection = mapping.require("in", &mut self.problems);
        let collection =
            collection.and_then(|node| self.names.collections.resolve(node, &mut self.problems));
        let fields = mapping.require("where", &mut self.problems);
        mapping.finish(&mut self.problems);
        let fields = self.fields(fields?, collection, scope);
        Some(Keyword::Exists { collection: CollectionId(collection?), fields })
    }
}
