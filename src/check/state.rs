//! Settings and collections.

use std::sync::Arc;

use super::Checker;
use super::reading::Around;
use super::records;
use super::scope::Scope;
use super::shape::Shape;
use crate::diagnostic::Diagnostic;
use crate::expression::holds_expression;
use crate::model::{Collection, CollectionId, RuleKind, Setting, Tree, Unique};
use crate::source::Located;
use crate::syntax::{Node, ReadNode};
use crate::value::Map;

impl<'n> Checker<'n> {
    /// What every operation has, whatever it takes.
    pub(super) fn make_account_scope(&self, rate_limited: bool) -> Scope {
        let mut scope = self.settings_scope();
        scope.add("now", Shape::Scalar);
        scope.add("uuid", Shape::Scalar);
        let request = ["id", "method", "path", "url", "base", "mediaType", "bytes"];
        let request = request.map(|name| (Arc::from(name), Shape::Scalar));
        // One part, or a list of those that have one name.
        let parts = (Arc::from("parts"), Shape::Any);
        scope.add("request", Shape::closed(request.into_iter().chain([parts]).collect()));
        scope.add("credential", self.any_credential());
        if rate_limited {
            scope.add("rateLimit", Shape::scalars(&["limit", "remaining", "reset", "retryAfter"]));
        }
        scope
    }

    /// The scope of what is known of the account alone.
    pub(super) fn settings_scope(&self) -> Scope {
        let mut scope = Scope::default();
        let settings: Vec<_> = self
            .names
            .settings
            .list
            .iter()
            .map(|setting| (setting.name.clone(), self.names.shape(setting.node)))
            .collect();
        scope.add("settings", Shape::closed(settings));
        scope
    }

    /// The scope of [`Self::make_account_scope`]; before it is made, a lenient one.
    pub(super) fn account_scope(&self) -> Scope {
        self.account.clone().unwrap_or_else(Scope::lenient)
    }

    /// `settings`.
    pub(super) fn settings(&mut self, node: Option<&'n Node>) -> Vec<Setting> {
        let members = match node.and_then(|node| self.settings_of_schema(node)) {
            Some(properties) => properties,
            None => self.optional_members(node),
        };
        let scope = Scope::default();
        let around = Around { kind: RuleKind::Setting, ..Around::scope(&scope) };
        members
            .iter()
            .map(|(key, node)| {
                let schema = self.schema(node, &format!("settings.{}", key.value), &around);
                Setting { name: key.value.as_str().into(), schema }
            })
            .collect()
    }

    /// The properties, where the settings are written as the schema of an object, which they are
    /// not.
    fn settings_of_schema(&mut self, node: &'n Node) -> Option<&'n [(Located<String>, Node)]> {
        let (key, properties) = node.entry("properties")?;
        let kind = node.get("type").and_then(Node::as_text);
        if kind != Some("object") && node.as_map().is_none_or(|entries| entries.len() > 1) {
            return None;
        }
        let properties = properties.as_map()?;
        let message = "`settings` holds the settings themselves, each with its schema";
        self.report(
            Diagnostic::error("wrong-type", message, &key.span, "not around them")
                .help("write settings: {NAME: {type: ...}}"),
        );
        Some(properties)
    }

    /// `collections`, at the positions that their names have.
    pub(super) fn collections(&mut self, node: Option<&'n Node>) -> Vec<Collection> {
        let members = self.optional_members(node);
        members
            .iter()
            .enumerate()
            .filter_map(|(at, (key, node))| self.collection(&key.value, node, at))
            .collect()
    }

    fn collection(&mut self, name: &str, node: &'n Node, at: usize) -> Option<Collection> {
        let mut mapping = self.open(node, records::COLLECTION.called("a collection"))?;
        let rule_name = format!("collections.{name}");
        let rule = self.rule(RuleKind::State, "collection", &rule_name, &mut mapping);
        mapping.text("description");
        let key = mapping.required_text("key");
        let schema_node = mapping.require("schema");
        let unique_node = mapping.take("unique");
        let fixtures_node = mapping.take("fixtures");
        mapping.finish();
        // A schema that requests share may look at the request.
        let scope = Scope::lenient();
        self.row_shape = Shape::Row(CollectionId(at));
        let schema = schema_node.map(|node| self.schema(node, name, &Around::scope(&scope)));
        self.row_shape = Shape::Any;
        let unique = unique_node.map_or_else(Vec::new, |node| self.unique(node, name, at));
        let mut fixtures = Vec::new();
        if let (Some(node), Some(schema)) = (fixtures_node, &schema) {
            for item in self.read_items(node) {
                fixtures.extend(self.row_of(item, schema, at));
            }
        }
        // What is missing is told; a hole keeps the others at the positions of their names.
        let mut schema = schema.unwrap_or_else(|| self.schema_of(&[], &Around::scope(&scope)));
        // The others are the members of a row for whoever takes it as a whole.
        schema.properties.sort_by_key(|property| property.schema.write_only);
        if let Some(key) = &key {
            self.names.check_field(at, &key.value, &key.span);
        }
        let key = key.map(|key| key.value).unwrap_or_default();
        let open = self.names.row(at).is_none_or(|row| row.open);
        Some(Collection { name: name.into(), key, schema, open, unique, fixtures, rule })
    }

    fn unique(&mut self, node: &'n Node, name: &str, collection: usize) -> Vec<Unique> {
        let mut constraints = Vec::new();
        for (at, item) in self.read_list(node, |_| None).iter().enumerate() {
            let Some(mut mapping) =
                self.open(item, records::COLLECTION_UNIQUE.called("a unique constraint"))
            else {
                continue;
            };
            let rule_name = format!("collections.{name}.unique[{at}]");
            let rule = self.rule(RuleKind::State, "unique", &rule_name, &mut mapping);
            let mut fields: Vec<Arc<str>> = Vec::new();
            let listed = mapping.require("fields");
            for item in listed.map_or(&[][..], |node| self.read_items(node)) {
                if let Some(field) = self.read_text(item) {
                    let (name, span) = (&field.value, &field.span);
                    self.names.check_field(collection, name, span);
                    fields.push(field.value);
                }
            }
            let error = mapping.take("error").and_then(|node| self.error_name(node));
            mapping.finish();
            constraints.push(Unique { fields, error, rule });
        }
        constraints
    }

    /// A row that stands in the spec; it has to fit.
    pub(super) fn row_of(
        &mut self,
        node: &'n Node,
        schema: &crate::model::Schema,
        collection: usize,
    ) -> Option<Map> {
        let entries = self.read_members(node);
        for (key, _) in entries {
            self.names.check_field(collection, &key.value, &key.span);
        }
        self.fit(node, schema, "the row");
        match self.constant(node) {
            crate::value::Value::Map(map) => Some((*map).clone()),
            _ => None,
        }
    }

    /// Fields and what they equal, as in `where`.
    pub(super) fn fields(
        &mut self,
        node: &'n Node,
        collection: Option<usize>,
        scope: &Scope,
    ) -> Vec<(Arc<str>, Tree)> {
        if node.as_text().is_some_and(holds_expression) {
            let message = "expected a mapping of fields, found an expression";
            self.report(
                Diagnostic::error("wrong-type", message, &node.span, "is not a mapping of fields")
                    .help("what has to be true of `it`, the row, goes in `filter`"),
            );
            return Vec::new();
        }
        let entries = self.read_members(node);
        // Of a collection that nobody knows, the values are looked at all the same.
        if let Some(collection) = collection {
            for (key, _) in entries {
                self.names.check_field(collection, &key.value, &key.span);
            }
        }
        self.members(entries, scope)
    }
}
