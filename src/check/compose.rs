//! Keywords that hold schemas, and those that stand in several keys.

use std::sync::Arc;

use regex_lite::Regex;

use super::Checker;
use super::layer::{Layer, Place, last};
use super::names::reference;
use super::reading::{Around, Reading};
use super::records;
use crate::diagnostic::Diagnostic;
use crate::model::{Constraint, Keyword, Operand, Property, Schema, SchemaId, Type, Word};
use crate::syntax::{Node, NodeKind, ReadNode};
use crate::value::Value;

impl<'n> Checker<'n> {
    /// A schema that is the operand of a keyword.
    pub(super) fn one_schema(
        &mut self,
        word: Word,
        node: &'n Node,
        place: &Place<'_, 'n>,
        around: &Around<'_>,
    ) -> Schema {
        let is_of_same = word == Word::Not;
        let inner = Around { in_place: is_of_same, ..Around::scope(around.scope) };
        if is_of_same {
            return self.inner_schema(node, place.name, place.root, &inner);
        }
        self.descend(|checker| checker.inner_schema(node, place.name, place.root, &inner))
    }

    /// A list of schemas that say something of the same value. Groups of members are those that
    /// have to be there, and not be empty.
    pub(super) fn schemas(
        &mut self,
        word: Word,
        node: &'n Node,
        place: &Place<'_, 'n>,
        around: &Around<'_>,
    ) -> Option<Operand> {
        let all = self.read_list(node, |_| None);
        let is_group = |item: &Node| match item.as_map() {
            Some([(key, _)]) => key.value == "required",
            _ => false,
        };
        if word == Word::AnyOf && !all.is_empty() && all.iter().all(is_group) {
            let groups = all.iter().filter_map(|item| item.get("required"));
            return Some(Operand::Groups(
                groups.map(|node| self.property_list(node, place.names)).collect(),
            ));
        }
        if all.is_empty() && node.as_list().is_some() {
            let message = format!("`{}` needs at least one schema", word.name());
            self.error("missing-item", message, &node.span, "is empty");
            return None;
        }
        let is_schema = |item: &Node| matches!(item.kind, NodeKind::Map(_) | NodeKind::Bool(_));
        if all.len() > 1 && !all.iter().any(is_schema) {
            // What was meant is another keyword, which is one mistake and not one for each item.
            let message = format!("`{}` is a list of schemas", word.name());
            self.error("wrong-type", message, &node.span, "has none");
            return None;
        }
        let inner = Around { in_place: true, ..Around::scope(around.scope) };
        let mut schemas = Vec::with_capacity(all.len());
        for (at, item) in all.iter().enumerate() {
            let name = format!("{}[{at}]", place.name);
            schemas.push(self.inner_schema(item, &name, place.root, &inner));
        }
        (!schemas.is_empty()).then_some(Operand::Schemas(schemas))
    }

    /// Schemas by the names of members.
    pub(super) fn named_schemas(
        &mut self,
        node: &'n Node,
        place: &Place<'_, 'n>,
        around: &Around<'_>,
    ) -> Vec<(Arc<str>, Schema)> {
        let inner = Around { in_place: true, ..Around::scope(around.scope) };
        let mut named = Vec::new();
        for (key, node) in self.read_members(node) {
            let name = format!("{}.{}", place.name, key.value);
            let schema = self.inner_schema(node, &name, place.root, &inner);
            named.push((key.value.as_str().into(), schema));
        }
        named
    }

    /// `dependentRequired`.
    pub(super) fn needs(&mut self, node: &'n Node) -> Vec<(Arc<str>, Vec<Arc<str>>)> {
        let members = self.read_members(node);
        let list = |(key, node): &'n (crate::source::Located<String>, Node)| {
            (key.value.as_str().into(), self.property_list(node, &[]))
        };
        members.iter().map(list).collect()
    }

    /// What stands in several keys of a schema, or says by where it stands that it is one.
    pub(super) fn composed(
        &mut self,
        reading: &Reading<'_, 'n>,
        around: &Around<'_>,
        types: &[Type],
        nullable: bool,
    ) -> Vec<Constraint> {
        let mut constraints = Vec::new();
        if types.is_empty()
            && nullable
            && let Some((layer, key, _)) = last(reading.layers, "type")
        {
            let only = Keyword { word: Word::Const, operand: Operand::Value(Value::Null) };
            constraints.push(self.own_constraint(only, layer, key, reading));
        }
        for layer in reading.layers {
            if let Some(id) = layer.recursive
                && let Some((key, _)) = layer.entry("$ref")
            {
                let keyword = Keyword { word: Word::Reference, operand: Operand::Recursive(id) };
                constraints.push(self.own_constraint(keyword, layer, key, reading));
            }
            if matches!(layer.node.kind, NodeKind::Bool(false)) {
                let anything = self.schema_of(&[], &Around::scope(around.scope));
                let operand = Operand::Schema(Box::new(anything));
                let name = format!("{}.false", layer.name);
                let backing = reading.backing_at(layer);
                let kind = crate::model::RuleKind::Schema;
                let rule = self.rules.add(kind, "false", &name, backing, &layer.node.span);
                let keyword = Keyword { word: Word::Not, operand };
                constraints.push(Constraint {
                    keyword,
                    when: None,
                    error: None,
                    message: None,
                    rule,
                    span: layer.node.span.clone(),
                });
            }
            constraints.extend(self.condition(layer, reading, around));
            self.counted(layer, reading, around, &mut constraints);
        }
        self.discriminator(reading, around, &mut constraints);
        constraints
    }

    /// `if` with `then` and `else`.
    fn condition(
        &mut self,
        layer: &Layer<'n>,
        reading: &Reading<'_, 'n>,
        around: &Around<'_>,
    ) -> Option<Constraint> {
        let inner = Around { in_place: true, ..Around::scope(around.scope) };
        let Some((key, _)) = layer.entry("if") else {
            for key in ["then", "else"].iter().filter_map(|word| Some(layer.entry(word)?.0)) {
                let message = format!("`{}` has no effect without `if`", key.value);
                let mistake = Diagnostic::error("missing-key", message, &key.span, "has no effect");
                self.report(mistake.warning());
            }
            return None;
        };
        let mut three = Vec::with_capacity(3);
        for word in ["if", "then", "else"] {
            let name = format!("{}.{word}", layer.name);
            three.push(match layer.entry(word) {
                Some((_, node)) => self.inner_schema(node, &name, layer.root, &inner),
                None => self.schema_of(&[], &inner),
            });
        }
        let keyword = Keyword { word: Word::If, operand: Operand::Schemas(three) };
        Some(self.own_constraint(keyword, layer, key, reading))
    }

    /// `minContains` and `maxContains`, which count what `contains` describes.
    fn counted(
        &mut self,
        layer: &Layer<'n>,
        reading: &Reading<'_, 'n>,
        around: &Around<'_>,
        constraints: &mut Vec<Constraint>,
    ) {
        for word in [Word::MinContains, Word::MaxContains] {
            let Some((key, node)) = layer.entry(word.name()) else { continue };
            let Some(Operand::Value(count)) = self.count(node, around.scope) else { continue };
            let Some((_, contained)) = layer.entry("contains") else {
                let message = format!("`{}` has no effect without `contains`", key.value);
                let mistake = Diagnostic::error("missing-key", message, &key.span, "has no effect");
                self.report(mistake.warning());
                continue;
            };
            let name = format!("{}.contains", layer.name);
            let place = Place { name: &name, root: layer.root, names: &[] };
            let schema = self.one_schema(Word::Contains, contained, &place, around);
            let operand = Operand::Counted(Box::new(schema), count);
            constraints.push(self.own_constraint(Keyword { word, operand }, layer, key, reading));
        }
    }

    /// `discriminator`: of the schemas of `oneOf` or `anyOf` the one that a member names.
    fn discriminator(
        &mut self,
        reading: &Reading<'_, 'n>,
        around: &Around<'_>,
        constraints: &mut Vec<Constraint>,
    ) {
        let Some((layer, key, node)) = last(reading.layers, "discriminator") else { return };
        let Some(mut mapping) =
            self.open(node, records::SCHEMA_DISCRIMINATOR.called("`discriminator`"))
        else {
            return;
        };
        let member = mapping.required_text("propertyName");
        let mapped = mapping.take("mapping");
        mapping.finish();
        let alternatives = ["oneOf", "anyOf"].iter().find_map(|word| layer.entry(word));
        let Some((_, alternatives)) = alternatives else {
            let message = "`discriminator` chooses among the schemas of `oneOf` or `anyOf`";
            self.error("missing-key", message, &key.span, "there is neither here");
            return;
        };
        let inner = Around { in_place: true, ..Around::scope(around.scope) };
        let name = |text: &str| reference(text, "schemas").map(str::to_owned);
        let mut kinds: Vec<(Arc<str>, Schema)> = Vec::new();
        for item in alternatives.as_list().unwrap_or_default() {
            let Some(referred) = item.get("$ref").and_then(Node::as_text).and_then(name) else {
                let message = "with `discriminator`, each alternative is a reference";
                self.report(
                    Diagnostic::error("missing-key", message, &item.span, "has no `$ref`")
                        .help("write `$ref: \"#/components/schemas/NAME\"`"),
                );
                continue;
            };
            let schema = self.inner_schema(item, &referred, layer.root, &inner);
            kinds.push((referred.as_str().into(), schema));
        }
        for (key, node) in mapped.map_or(&[][..], |node| self.read_members(node)) {
            let Some(written) = self.read_text(node) else { continue };
            let wanted = name(&written.value).unwrap_or_else(|| written.value.to_string());
            match kinds.iter().position(|(known, _)| **known == *wanted) {
                Some(at) => {
                    let schema = kinds.get(at).map(|(_, schema)| schema.clone());
                    kinds.extend(schema.map(|schema| (key.value.as_str().into(), schema)));
                }
                None => {
                    let known: Vec<Arc<str>> = kinds.iter().map(|(name, _)| name.clone()).collect();
                    let known = known.iter().map(|name| &**name);
                    self.unknown("unknown-schema", "alternative", &wanted, &written.span, known);
                }
            }
        }
        let Some(member) = member else { return };
        let operand = Operand::Chosen(member.value, kinds);
        let keyword = Keyword { word: Word::Discriminator, operand };
        constraints.push(self.own_constraint(keyword, layer, key, reading));
    }

    /// The members that are required and no properties. Where `strict` the properties are all
    /// that there is.
    pub(super) fn undeclared(
        &mut self,
        layers: &[Layer<'n>],
        properties: &[Property],
        strict: bool,
    ) -> Vec<Arc<str>> {
        let known: Vec<Arc<str>> = properties.iter().map(|p| p.name.clone()).collect();
        let mut undeclared: Vec<Arc<str>> = Vec::new();
        for layer in layers {
            let Some((_, node)) = layer.entry("required") else { continue };
            if let NodeKind::Bool(_) = node.kind {
                let message = "`required` is a list of the properties that there have to be";
                self.report(
                    Diagnostic::error("wrong-type", message, &node.span, "this is a boolean")
                        .help("write `required: [NAME]` beside the `properties`"),
                );
                continue;
            }
            let all = self.property_list(node, if strict { &known } else { &[] });
            undeclared.extend(all.into_iter().filter(|name| !known.contains(name)));
        }
        undeclared
    }

    /// `prefixItems`, of the nearest layer.
    pub(super) fn prefix(&mut self, reading: &Reading<'_, 'n>, around: &Around<'_>) -> Vec<Schema> {
        let Some((layer, _, node)) = last(reading.layers, "prefixItems") else { return Vec::new() };
        let inner = Around::scope(around.scope);
        let mut prefix = Vec::new();
        for (at, item) in self.read_list(node, |_| None).iter().enumerate() {
            let name = format!("{}.prefixItems[{at}]", layer.name);
            prefix.push(self.descend(|it| it.inner_schema(item, &name, layer.root, &inner)));
        }
        prefix
    }

    /// `patternProperties` of all layers.
    pub(super) fn patterns(
        &mut self,
        reading: &Reading<'_, 'n>,
        around: &Around<'_>,
    ) -> Vec<(Regex, Schema)> {
        let inner = Around::scope(around.scope);
        let mut patterns = Vec::new();
        for layer in reading.layers {
            let Some((_, node)) = layer.entry("patternProperties") else { continue };
            for (key, node) in self.read_members(node) {
                let name = format!("{}.{}", layer.name, key.value);
                let schema = self.descend(|it| it.inner_schema(node, &name, layer.root, &inner));
                let pattern = self.regex(&key.value, &key.span);
                patterns.extend(pattern.map(|pattern| (pattern, schema)));
            }
        }
        patterns
    }

    /// The schemas that contain themselves, each by its id.
    pub(super) fn recursive_schemas(&mut self) -> Vec<Schema> {
        let mut schemas = Vec::new();
        while let Some(recursive) = self.recursive.get(schemas.len()) {
            let target = recursive.target.clone();
            let scope = recursive.scope.clone().unwrap_or_default();
            let around = Around::scope(&scope);
            let schema = self.within(target.node, |it| {
                it.inner_schema(target.node, &target.name, target.root, &around)
            });
            schemas.push(schema);
        }
        let first = self.first_own();
        for (at, schema) in schemas.iter().enumerate() {
            let own = Own { first, schemas: &schemas };
            if own.leads_to(schema, SchemaId(first + at), &mut vec![false; schemas.len()]) {
                self.report(
                    Diagnostic::error(
                        "endless-schema",
                        "every value of this schema contains another one, without end",
                        &schema.span,
                        "nothing can fit",
                    )
                    .help("leave out a `required`, or allow null"),
                );
            }
        }
        schemas
    }
}

/// The schemas of a file that contain themselves, with the id of the first.
struct Own<'o> {
    first: usize,
    schemas: &'o [Schema],
}

impl Own<'_> {
    /// Whether each value of a schema holds one of another.
    fn leads_to(&self, schema: &Schema, wanted: SchemaId, seen: &mut Vec<bool>) -> bool {
        if schema.nullable {
            return false;
        }
        let is_object = schema.types == [Type::Object];
        let required = schema.properties.iter().filter(|property| is_object && property.required);
        let mut inner: Vec<&Schema> = required.map(|property| &property.schema).collect();
        for constraint in schema.constraints.iter().filter(|one| one.when.is_none()) {
            match &constraint.keyword {
                Keyword { operand: Operand::Recursive(id), .. } => {
                    if *id == wanted {
                        return true;
                    }
                    let at = id.0.wrapping_sub(self.first);
                    if let (Some(seen @ false), Some(other)) =
                        (seen.get_mut(at), self.schemas.get(at))
                    {
                        *seen = true;
                        inner.push(other);
                    }
                }
                Keyword { word: Word::AllOf, operand: Operand::Schemas(schemas) } => {
                    inner.extend(schemas);
                }
                Keyword { word: Word::MinItems, operand: Operand::Value(least) }
                    if schema.types == [Type::Array] && *least != Value::Integer(0) =>
                {
                    inner.extend(schema.item(0));
                }
                _ => {}
            }
        }
        inner.into_iter().any(|inner| self.leads_to(inner, wanted, seen))
    }
}
