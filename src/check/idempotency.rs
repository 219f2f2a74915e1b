//! `idempotency`: requests that may be sent again without being done again.

use http::Method;

use super::Checker;
use super::reading::Around;
use super::records;
use super::scope::Scope;
use crate::diagnostic::Diagnostic;
use crate::model::idempotency::{IDEMPOTENCY_FIELDS, IDEMPOTENCY_KEYS};
use crate::model::schema::Property;
use crate::model::{Additional, Collection, CollectionId, Idempotency, RuleKind};
use crate::source::Located;
use crate::syntax::{Node, ReadNode};

impl<'n> Checker<'n> {
    /// `idempotency`. The answers that are kept are rows of a collection, so that they are
    /// committed, written down and taken back with all else.
    pub(super) fn idempotency(
        &mut self,
        node: &'n Node,
        collections: &mut Vec<Collection>,
    ) -> Option<Idempotency> {
        let scope = self.account_scope();
        let mut mapping = self.open(node, records::IDEMPOTENCY.called("`idempotency`"))?;
        let rule = self.rule(RuleKind::Idempotency, "idempotency", "idempotency", &mut mapping);
        let header = mapping.required_text("header");
        let methods = self.chosen_methods(&mut mapping);
        let except = self.excepted(&mut mapping);
        let lifetime = mapping.require("lifetime");
        let lifetime_seconds = lifetime.and_then(|node| self.seconds(node));
        let by = mapping.take("by").and_then(|node| self.sole_expression(node, &scope));
        let required = mapping.take("required").and_then(|node| self.error_name(node));
        let mismatch = mapping.require("mismatch");
        let mismatch = mismatch.and_then(|node| self.error_name(node));
        let keeps_rejections = mapping.boolean("keepRejections").unwrap_or(true);
        let replay_headers = mapping.take("replayHeaders");
        let replay_headers =
            replay_headers.map_or_else(Vec::new, |node| self.headers(node, &scope));
        mapping.finish();
        let written = header.as_ref().map(|header| header.value.clone());
        let header = header.and_then(|header| {
            let Located { value, span } = header;
            self.header_name(&Located { value: value.to_string(), span })
        });
        if let Some(other) = self.names.collections.position(IDEMPOTENCY_KEYS)
            && let Some(other) = self.names.collections.node(other)
        {
            let message = format!("`{IDEMPOTENCY_KEYS}` is where `idempotency` keeps answers");
            self.report(
                Diagnostic::error("reserved-name", message, &other.span, "the same name")
                    .related(&node.span, "makes such a collection itself")
                    .help("give the collection another name"),
            );
        }
        let lenient = Scope::lenient();
        let anything = self.schema_of(&[], &Around::scope(&lenient));
        let properties = IDEMPOTENCY_FIELDS.map(|name| Property {
            name: name.into(),
            required: false,
            required_by: rule,
            schema: anything.clone(),
        });
        let mut schema = anything;
        schema.properties = properties.into();
        schema.additional = Additional::Refused;
        let collection = CollectionId(collections.len());
        collections.push(Collection {
            name: IDEMPOTENCY_KEYS.into(),
            key: IDEMPOTENCY_FIELDS[0].into(),
            schema,
            open: false,
            unique: Vec::new(),
            fixtures: Vec::new(),
            rule,
        });
        Some(Idempotency {
            header: header?,
            written: written?,
            methods: methods.unwrap_or_else(|| vec![Method::POST]),
            except,
            lifetime_seconds: lifetime_seconds?,
            by,
            required,
            mismatch: mismatch?,
            keeps_rejections,
            replay_headers,
            collection,
            rule,
        })
    }
}
