//! `additionalProperties` and `generate`.

use super::Checker;
use super::layer::{Layer, last};
use super::reading::{Around, Reading};
use super::records;
use super::scope::Scope;
use super::shape::Shape;
use crate::expression::holds_expression;
use crate::model::{
    Additional, CollectionId, DefinedBy, Encoding, Generate, Generator, RuleKind, Tree, Type,
};
use crate::syntax::{Node, NodeKind, ReadNode};
use crate::value::Value;

impl<'n> Checker<'n> {
    /// What members that are not declared may be.
    pub(super) fn additional(
        &mut self,
        reading: &Reading<'_, 'n>,
        around: &Around<'_>,
    ) -> Additional {
        let Some((layer, _, node)) = last(reading.layers, "additionalProperties") else {
            return Additional::Allowed;
        };
        match &node.kind {
            NodeKind::Bool(true) => Additional::Allowed,
            NodeKind::Bool(false) => Additional::Refused,
            // A schema has none of these keys.
            NodeKind::Map(_)
                if ["definedBy", "kind", "kinds"].iter().any(|key| node.get(key).is_some()) =>
            {
                let name = format!("{}.additionalProperties", layer.name);
                self.defined_by(node, &name, around)
                    .map_or(Additional::Allowed, |defined| Additional::Defined(Box::new(defined)))
            }
            NodeKind::Map(_) => {
                let name = format!("{}.additionalProperties", layer.name);
                let inner = Around::scope(around.scope);
                let schema = self.descend(|it| it.inner_schema(node, &name, layer.root, &inner));
                Additional::Schema(Box::new(schema))
            }
            _ => {
                self.wrong_type(node, "`true`, `false` or a schema");
                Additional::Allowed
            }
        }
    }

    fn defined_by(&mut self, node: &'n Node, name: &str, around: &Around<'_>) -> Option<DefinedBy> {
        let mut mapping = self
            .open(node, records::SCHEMA_ADDITIONAL_PROPERTIES.called("`additionalProperties`"))?;
        let rule = self.rule(RuleKind::Schema, "definedBy", name, &mut mapping);
        let collection = mapping.require("definedBy");
        let collection = collection.and_then(|node| self.names.collections.resolve(node));
        let name_field = mapping.required_text("name");
        let kind_field = mapping.required_text("kind");
        let error = mapping.take("error").and_then(|node| self.error_name(node));
        let kinds = mapping.require("kinds");
        mapping.finish();
        let row = collection.map_or(Shape::Any, |at| Shape::Row(CollectionId(at)));
        let scope = around.scope.with("definition", row);
        let inner = Around::scope(&scope);
        let mut read = Vec::new();
        for (key, node) in kinds.map_or(&[][..], |node| self.read_members(node)) {
            let kind_name = format!("{name}.{}", key.value);
            read.push((key.value.as_str().into(), self.schema(node, &kind_name, &inner)));
            if let (Some(at), Some(field)) = (collection, &kind_field) {
                self.check_kind(at, &field.value, &key.value, &key.span);
            }
        }
        let collection = collection?;
        let (name, kind) = (name_field?, kind_field?);
        for field in [&name, &kind] {
            self.names.check_field(collection, &field.value, &field.span);
        }
        Some(DefinedBy {
            collection: CollectionId(collection),
            name: name.value,
            kind: kind.value,
            kinds: read,
            error,
            rule,
        })
    }

    /// A kind has to be one that the collection's field can have, where that is fixed.
    fn check_kind(
        &mut self,
        collection: usize,
        field: &str,
        kind: &str,
        span: &crate::source::Span,
    ) {
        let choices = self
            .names
            .collections
            .node(collection)
            .and_then(|node| node.get("schema")?.get("properties")?.get(field)?.get("enum"))
            .and_then(Node::as_list);
        let known: Vec<&str> =
            choices.unwrap_or_default().iter().filter_map(Node::as_text).collect();
        if !known.is_empty() && !known.contains(&kind) {
            self.unknown("unknown-value", "kind", kind, span, known.iter().copied());
        }
    }

    /// How a field of a collection is filled.
    pub(super) fn generate(&mut self, layers: &[Layer<'n>]) -> Option<Generate> {
        let on_write = last(layers, "on").and_then(|(_, _, node)| {
            let words = [(true, "write"), (false, "insert")];
            self.read_word(node, "on", &words)
        });
        let Some((_, _, node)) = last(layers, "generate") else {
            if let Some((_, key, _)) = last(layers, "on") {
                self.error(
                    "missing-key",
                    "`on` says when `generate` acts, and there is no `generate`",
                    &key.span,
                    "without `generate`",
                );
            }
            return None;
        };
        let with = match &node.kind {
            NodeKind::Text(name) if !holds_expression(name) => self.named_generator(node)?,
            NodeKind::Text(_) => {
                let scope = self.row_scope();
                Generator::Tree(self.tree(node, &scope))
            }
            _ => self.configured_generator(node)?,
        };
        let always = matches!(with, Generator::RowVersion);
        Some(Generate { with, on_write: on_write.unwrap_or(false) || always })
    }

    /// What is generated is read by the type of the field, and has to spell one of it.
    pub(super) fn check_generated(
        &mut self,
        layers: &[Layer<'n>],
        generate: &Generate,
        types: &[Type],
    ) {
        let sample = match &generate.with {
            Generator::Sequence { first } => Value::Integer(*first),
            Generator::Now { pattern: Some(pattern) } => {
                crate::clock::format(jiff::Timestamp::UNIX_EPOCH, pattern)
                    .unwrap_or_default()
                    .into()
            }
            Generator::Now { pattern: None } => "1970-01-01T00:00:00Z".into(),
            Generator::Random { .. } | Generator::Uuid | Generator::RowVersion => "a".into(),
            Generator::Tree(Tree::Constant(value)) => value.clone(),
            Generator::Tree(Tree::Expression(expression)) => match expression.parsed.sample() {
                Some(value) => value,
                None => return,
            },
            Generator::Tree(_) => return,
        };
        let number = sample.as_str().map_or(Some(sample.clone()), Value::spelled);
        let fits = |kind: &Type| match kind {
            Type::String => true,
            Type::Integer => number.as_ref().is_some_and(Value::is_integer),
            Type::Number => number.is_some(),
            Type::Boolean | Type::Object | Type::Array => false,
        };
        if types.is_empty() || types.iter().any(fits) {
            return;
        }
        let Some((_, _, node)) = last(layers, "generate") else { return };
        let names: Vec<&str> = types.iter().map(|kind| kind.name()).collect();
        let message = format!("what is generated is not of type {}", names.join(" or "));
        self.error("misfit", message, &node.span, "generates something else");
    }

    /// What `generate` sees. A schema may be part of several collections, so the row's fields are
    /// known only where it is one's own; see [`Self::row_shape`].
    fn row_scope(&self) -> Scope {
        let mut scope = self.account_scope();
        scope.add("row", self.row_shape.clone());
        scope
    }

    fn named_generator(&mut self, node: &'n Node) -> Option<Generator> {
        let words = ["sequence", "uuid", "rowVersion", "now"].map(|word| (word, word));
        Some(match self.read_word(node, "generate", &words)? {
            "sequence" => Generator::Sequence { first: 1 },
            "uuid" => Generator::Uuid,
            "rowVersion" => Generator::RowVersion,
            _ => Generator::Now { pattern: None },
        })
    }

    fn configured_generator(&mut self, node: &'n Node) -> Option<Generator> {
        let mut mapping = self.open(node, records::SCHEMA_GENERATE.called("`generate`"))?;
        let sequence = mapping.take("sequence");
        let random = mapping.take("random");
        let now = mapping.take("now");
        let generator = match (sequence, random, now) {
            (Some(first), None, None) => {
                self.read_integer(first).map(|first| Generator::Sequence { first })
            }
            (None, Some(bits), None) => {
                let words = [
                    (Encoding::Hex, "hex"),
                    (Encoding::Base64Url, "base64url"),
                    (Encoding::Alphanumeric, "alphanumeric"),
                ];
                let encoding = mapping.word("encoding", &words);
                let prefix = mapping.plain_text("prefix");
                self.bits(bits).map(|bits| Generator::Random {
                    bits,
                    encoding: encoding.unwrap_or(Encoding::Hex),
                    prefix: prefix.unwrap_or_default(),
                })
            }
            (None, None, Some(pattern)) => self.time_pattern(pattern),
            _ => {
                let known = ["sequence", "random", "now"];
                match node.as_map().and_then(<[_]>::first) {
                    Some((key, _)) if !known.contains(&key.value.as_str()) => {
                        self.unknown_key(key, "`generate`", known, node);
                        return None;
                    }
                    _ => {
                        self.wrong_type(node, "one of `sequence`, `random`, `now`");
                    }
                }
                None
            }
        };
        mapping.finish();
        generator
    }

    fn bits(&mut self, node: &Node) -> Option<usize> {
        let bits = self.read_integer(node)?;
        let fits = usize::try_from(bits)
            .ok()
            .filter(|bits| bits.is_multiple_of(8) && (8..=4096).contains(bits));
        if fits.is_none() {
            self.error(
                "bad-bound",
                "random bits are a multiple of 8, from 8 to 4096",
                &node.span,
                "not such a number",
            );
        }
        fits
    }

    fn time_pattern(&mut self, node: &Node) -> Option<Generator> {
        let pattern = self.read_text(node)?;
        if let Err(error) = crate::clock::format(jiff::Timestamp::UNIX_EPOCH, &pattern.value) {
            self.error(
                "bad-pattern",
                format!("this pattern cannot format a time: {error}"),
                &node.span,
                "cannot be read",
            );
            return None;
        }
        Some(Generator::Now { pattern: Some(pattern.value) })
    }
}
