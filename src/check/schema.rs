//! Schemas, with everything they refer to joined in.

use std::sync::Arc;

use super::Checker;
use super::layer::{Layer, last};
use super::reading::{Around, Reading};
use super::records;
use super::rules::Backing;
use crate::diagnostic::Diagnostic;
use crate::model::{Property, RuleId, RuleKind, Schema, Type};
use crate::source::Span;
use crate::syntax::{Node, NodeKind, ReadNode};
use crate::value::Value;

/// The keys of a schema that state something and are neither constraints nor hold schemas alone.
const STATED: &[&str] = &[
    "type",
    "default",
    "readOnly",
    "writeOnly",
    "allowEmptyValue",
    "caseInsensitive",
    "ignoredUnless",
    "generate",
    "additionalProperties",
    "required",
];

/// Words of JSON Schema and OpenAPI that are none here, and what to write instead.
const ELSEWHERE: &[(&str, &str)] = &[
    ("nullable", "write `type: [string, \"null\"]`, as in OpenAPI 3.1"),
    ("dependencies", "write `dependentRequired` or `dependentSchemas`"),
    ("example", "examples of requests are written in `examples` of the spec"),
    ("examples", "examples of requests are written in `examples` of the spec"),
    ("deprecated", "say so in the `description`"),
    ("definitions", "write `$defs`, or shared schemas in `components: {schemas: ...}`"),
    (
        "$id",
        "leave it out: a reference is to `#/components/schemas/NAME`, `#/$defs/NAME` or `#anchor`",
    ),
    ("$dynamicRef", "write `$ref`"),
    ("$dynamicAnchor", "write `$anchor`"),
];

/// The word of a schema that a name is.
pub(super) fn schema_word(name: &str) -> Option<&'static str> {
    records::SCHEMA.list.iter().copied().find(|word| *word == name)
}

impl<'n> Checker<'n> {
    /// Reads the schema at a node that stands in no other.
    pub(super) fn schema(&mut self, node: &'n Node, name: &str, around: &Around<'_>) -> Schema {
        self.inner_schema(node, name, node, around)
    }

    /// Reads the schema at a node of another one.
    pub(super) fn inner_schema(
        &mut self,
        node: &'n Node,
        name: &str,
        root: &'n Node,
        around: &Around<'_>,
    ) -> Schema {
        let mark = self.following.len();
        let layers = self.layers(node, name.to_owned(), root);
        let schema = self.schema_of(&layers, around);
        self.following.truncate(mark);
        schema
    }

    /// Reads the schema that layers make up together.
    pub(super) fn schema_of(&mut self, layers: &[Layer<'n>], around: &Around<'_>) -> Schema {
        let span = layers.last().map_or_else(|| self.root_span.clone(), |l| l.node.span.clone());
        if !self.enter(&span) {
            // A hole, in which nothing stands any deeper.
            return self.schema_here(&[], around);
        }
        let schema = self.schema_here(layers, around);
        self.leave();
        schema
    }

    fn schema_here(&mut self, layers: &[Layer<'n>], around: &Around<'_>) -> Schema {
        for layer in layers {
            self.check_keys(layer);
            let recursive = layer.recursive.and_then(|id| self.own_recursive(id));
            if let Some(recursive) = recursive {
                recursive.scope.get_or_insert_with(|| around.scope.clone());
            }
        }
        let reading = self.reading(layers, around);
        let (rule, span) = self.schema_rule(&reading, around.kind);
        let beneath = self.beneath(&reading);
        let (types, nullable) = self.types(layers);
        let error_scope = self.error_scope(around.scope);
        let names = self.property_names(layers);
        let properties = self.properties(&reading, around, &names, rule);
        let mut constraints = self.keyword_constraints(&reading, around, &types, &names);
        constraints.extend(self.composed(&reading, around, &types, nullable));
        constraints.sort_by_key(|constraint| constraint.keyword.word);
        constraints.extend(self.checks(&reading, around, &error_scope, &types));
        // A spec has thousands of schemas, with few constraints each, and all are kept.
        constraints.shrink_to_fit();
        let generate = self.generate(layers);
        if let Some(generate) = &generate {
            self.check_generated(layers, generate, &types);
        }
        let ignored_unless = last(layers, "ignoredUnless")
            .and_then(|(_, _, node)| self.sole_expression(node, around.scope));
        let items = self.items(&reading, around);
        let prefix = self.prefix(&reading, around);
        let patterns = self.patterns(&reading, around);
        let is_composed = constraints.iter().any(|one| one.keyword.is_in_place());
        let undeclared = self.undeclared(layers, &properties, !is_composed && !around.in_place);
        let sees_all = constraints.iter().any(|one| one.keyword.sees_all_members());
        let prunes = sees_all
            || properties.iter().any(|property| property.schema.prunes)
            || patterns.iter().any(|(_, schema)| schema.prunes)
            || prefix.iter().chain(items.as_deref()).any(|items| items.prunes);
        let ignores = ignored_unless.is_some()
            || properties.iter().any(|property| property.schema.ignores)
            || items.as_ref().is_some_and(|items| items.ignores);
        let (xml, namespaces) = self.xml(layers);
        let places = ["type", "required", "additionalProperties", "writeOnly"].into_iter();
        let places = places.filter_map(|word| Some((word, last(layers, word)?.1.span.clone())));
        let mut places: Vec<_> = places.collect();
        places.shrink_to_fit();
        let mut schema = Schema {
            rule,
            beneath,
            types,
            nullable,
            default: None,
            read_only: self.flag(layers, "readOnly"),
            write_only: self.flag(layers, "writeOnly"),
            allow_empty: self.flag(layers, "allowEmptyValue"),
            case_insensitive: self.flag(layers, "caseInsensitive"),
            ignored_unless,
            ignores,
            error: self.error_of(layers),
            errors: self.errors_of(layers),
            message: self.message_of(layers, &error_scope),
            constraints,
            properties,
            of_absent: Vec::new(),
            additional: self.additional(&reading, around),
            items,
            undeclared,
            patterns,
            prefix,
            evaluates_all: last(layers, "additionalProperties").is_some(),
            is_composed,
            sees_all,
            prunes,
            generate,
            xml,
            namespaces,
            meanings: Vec::new(),
            description: last(layers, "description")
                .and_then(|(_, _, node)| self.read_text(node))
                .map(|text| text.value),
            span,
            places,
        };
        if let (true, Some((_, key, _))) =
            (schema.read_only && schema.write_only, last(layers, "writeOnly"))
        {
            let message = "a member that is both `readOnly` and `writeOnly` is nowhere";
            self.problems.push(
                Diagnostic::error("contradiction", message, &key.span, "and `readOnly` too")
                    .help("leave one of them out"),
            );
        }
        if let Some((_, _, node)) = last(layers, "title") {
            self.read_text(node);
        }
        schema.meanings = self.meanings(layers, &schema);
        if let Some((_, _, node)) = last(layers, "default") {
            schema.default = Some(self.constant(node));
            // What nothing can fit is said already.
            let mut places = layers.iter().map(|layer| &layer.node.span);
            if !places.any(|place| self.problems.has_within("contradiction", place)) {
                self.fit(node, &schema, "the default");
            }
        }
        self.fit_choices(layers, &schema);
        schema
    }

    pub(super) fn check_keys(&mut self, layer: &Layer<'n>) {
        if matches!(layer.node.kind, NodeKind::Bool(_)) && !layer.beside {
            return;
        }
        let Some(entries) = layer.node.as_map() else {
            self.wrong_type(layer.node, "a schema, as a mapping");
            return;
        };
        for (key, _) in entries {
            let name = key.value.as_str();
            let known = if layer.beside { &records::PARAMETER } else { &records::SCHEMA };
            if known.has(name) {
                continue;
            }
            if layer.beside {
                if records::SCHEMA.has(name) {
                    let message = format!("`{name}` belongs in the parameter's `schema`");
                    self.report(
                        Diagnostic::error("unknown-key", message, &key.span, "not known here")
                            .help(format!("write schema: {{{name}: ...}}")),
                    );
                    continue;
                }
                if !ELSEWHERE.iter().any(|(word, _)| *word == name) {
                    self.unknown_key(key, "a parameter", known.list.iter().copied(), layer.node);
                    continue;
                }
            }
            if let Some((_, help)) = ELSEWHERE.iter().find(|(word, _)| *word == name) {
                let message = format!("`{name}` of JSON Schema is not supported");
                self.report(
                    Diagnostic::error("unknown-key", message, &key.span, "not known here")
                        .help(*help),
                );
            } else {
                let known = records::SCHEMA.list.iter().copied();
                self.unknown_key(key, "a schema", known, layer.node);
            }
        }
    }

    fn reading<'l>(&mut self, layers: &'l [Layer<'n>], around: &Around<'_>) -> Reading<'l, 'n> {
        let backings: Vec<Option<Backing>> = layers
            .iter()
            .map(|layer| {
                let value = |key| layer.node.get(key);
                self.backing_of(value("implements"), value("evidence"), value("source"))
            })
            .collect();
        let backing = backings.iter().rev().flatten().next().unwrap_or(&around.inherited).clone();
        Reading { layers, backings, backing }
    }

    /// The rule that the schema as a whole is: of the nearest layer that says something.
    fn schema_rule(&mut self, reading: &Reading<'_, 'n>, kind: RuleKind) -> (RuleId, Span) {
        let annotated = reading.backings.iter().rposition(Option::is_some);
        let says = |layer: &Layer<'_>| {
            layer
                .node
                .as_map()
                .is_some_and(|entries| entries.iter().any(|(k, _)| k.value != "$ref"))
        };
        let at = annotated
            .or_else(|| reading.layers.iter().rposition(says))
            .unwrap_or_else(|| reading.layers.len().saturating_sub(1));
        let (name, span) = match reading.layers.get(at) {
            Some(layer) => (layer.name.as_str(), layer.node.span.clone()),
            None => ("", self.root_span.clone()),
        };
        (self.rules.add(kind, "schema", name, &reading.backing, &span), span)
    }

    /// The keys that layers with statements of their own state, beneath the one whose rule the
    /// schema is.
    fn beneath(&mut self, reading: &Reading<'_, 'n>) -> Vec<(&'static str, RuleId)> {
        let mut beneath = Vec::new();
        for key in STATED {
            if let Some((layer, ..)) = last(reading.layers, key)
                && let Some(rule) = self.rule_beneath(reading, layer)
            {
                beneath.push((*key, rule));
            }
        }
        beneath
    }

    /// The rule that a layer is by itself, where it is annotated and lies beneath the one whose
    /// rule the schema is.
    fn rule_beneath(&mut self, reading: &Reading<'_, 'n>, layer: &Layer<'n>) -> Option<RuleId> {
        let at = reading.layers.iter().position(|other| std::ptr::eq(other.node, layer.node))?;
        let nearest = reading.backings.iter().rposition(Option::is_some)?;
        let backing = reading.backings.get(at)?.as_ref().filter(|_| at != nearest)?;
        Some(self.rules.add(RuleKind::Schema, "schema", &layer.name, backing, &layer.node.span))
    }

    fn types(&mut self, layers: &[Layer<'n>]) -> (Vec<Type>, bool) {
        let Some((_, _, node)) = last(layers, "type") else { return (Vec::new(), false) };
        let mut words: Vec<(Option<Type>, &str)> =
            Type::ALL.iter().map(|kind| (Some(*kind), kind.name())).collect();
        words.push((None, "null"));
        let written = match &node.kind {
            NodeKind::List(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        let mut types = Vec::new();
        let mut nullable = false;
        for item in written {
            if matches!(item.kind, NodeKind::Null) {
                self.report(
                    Diagnostic::error(
                        "wrong-type",
                        "expected a type's name",
                        &item.span,
                        "null itself",
                    )
                    .help("write \"null\", with quotes"),
                );
                continue;
            }
            match self.read_word(item, "type", &words) {
                Some(Some(kind)) => types.push(kind),
                Some(None) => nullable = true,
                None => {}
            }
        }
        (types, nullable)
    }

    fn flag(&mut self, layers: &[Layer<'n>], key: &str) -> bool {
        last(layers, key).and_then(|(_, _, node)| self.read_boolean(node)).unwrap_or(false)
    }

    /// The properties' names, those of what is referred to first.
    fn property_names(&mut self, layers: &[Layer<'n>]) -> Vec<Arc<str>> {
        let mut names: Vec<Arc<str>> = Vec::new();
        for layer in layers {
            let Some((_, node)) = layer.entry("properties") else { continue };
            for (key, _) in self.read_members(node) {
                if !names.iter().any(|name| **name == *key.value) {
                    names.push(key.value.as_str().into());
                }
            }
        }
        names
    }

    fn properties(
        &mut self,
        reading: &Reading<'_, 'n>,
        around: &Around<'_>,
        names: &[Arc<str>],
        own: RuleId,
    ) -> Vec<Property> {
        let mut properties = Vec::with_capacity(names.len());
        for name in names {
            let mark = self.following.len();
            let mut layers = Vec::new();
            for layer in reading.layers {
                if let Some(node) = layer.entry("properties").and_then(|(_, all)| all.get(name)) {
                    let name = format!("{}.{name}", layer.name);
                    layers.extend(self.descend(|it| it.layers(node, name, layer.root)));
                }
            }
            let inner = Around { siblings: names, ..Around::scope(around.scope) };
            let schema = self.descend(|checker| checker.schema_of(&layers, &inner));
            self.following.truncate(mark);
            let lists = |layer: &&Layer<'n>| required_names(layer).any(|listed| *listed == **name);
            let listing = reading.layers.iter().rev().find(lists);
            let required_by = listing.and_then(|layer| self.rule_beneath(reading, layer));
            properties.push(Property {
                name: name.clone(),
                required: listing.is_some(),
                required_by: required_by.unwrap_or(own),
                schema,
            });
        }
        properties
    }

    /// A list of names of properties that have to be declared.
    pub(super) fn property_list(&mut self, node: &'n Node, names: &[Arc<str>]) -> Vec<Arc<str>> {
        let mut listed = Vec::new();
        for item in self.read_items(node) {
            let Some(name) = self.read_text(item) else { continue };
            if !names.is_empty() && !names.contains(&name.value) {
                let known = names.iter().map(|name| &**name);
                self.unknown("unknown-property", "property", &name.value, &name.span, known);
            }
            listed.push(name.value);
        }
        listed
    }

    fn items(&mut self, reading: &Reading<'_, 'n>, around: &Around<'_>) -> Option<Box<Schema>> {
        let mark = self.following.len();
        let mut layers = Vec::new();
        for layer in reading.layers {
            if let Some((_, node)) = layer.entry("items") {
                let name = format!("{}.items", layer.name);
                layers.extend(self.descend(|checker| checker.layers(node, name, layer.root)));
            }
        }
        if layers.is_empty() {
            return None;
        }
        let inner = Around { inherited: reading.backing.clone(), ..Around::scope(around.scope) };
        let schema = self.descend(|checker| checker.schema_of(&layers, &inner));
        self.following.truncate(mark);
        Some(Box::new(schema))
    }

    fn meanings(&mut self, layers: &[Layer<'n>], schema: &Schema) -> Vec<(Value, Arc<str>)> {
        let Some((_, key, node)) = last(layers, "meanings") else { return Vec::new() };
        let choices = schema.choices();
        if choices.is_none() && last(layers, "enum").is_none() {
            self.error(
                "missing-key",
                "`meanings` explains the values of `enum`, and there is no `enum`",
                &key.span,
                "of what?",
            );
        }
        let choices = choices.unwrap_or_default();
        let mut meanings = Vec::new();
        for (key, node) in self.read_members(node) {
            let meaning = self.read_text(node);
            let value = choices
                .iter()
                .find(|choice| choice.scalar_text().is_some_and(|text| *text == *key.value));
            match (value, meaning) {
                (Some(value), Some(meaning)) => meanings.push((value.clone(), meaning.value)),
                (None, _) if !choices.is_empty() => {
                    let known: Vec<Arc<str>> =
                        choices.iter().filter_map(Value::scalar_text).collect();
                    let known = known.iter().map(|text| &**text);
                    self.unknown("unknown-value", "value of `enum`", &key.value, &key.span, known);
                }
                _ => {}
            }
        }
        meanings
    }
}

/// The members that have to be there.
fn required_names<'n>(layer: &Layer<'n>) -> impl Iterator<Item = &'n str> {
    let list = layer.entry("required").and_then(|(_, node)| node.as_list()).unwrap_or_default();
    list.iter().filter_map(Node::as_text)
}
