//! `match`: what tells operations on one method and path apart.

use std::sync::Arc;

use super::Checker;
use super::records;
use crate::diagnostic::Diagnostic;
use crate::model::matching::{About, BodyPath, Condition, Match, Pattern, Wanted};
use crate::model::{MediaType, MediaTypeId, Operation, WireOptions};
use crate::selector::SelectorError;
use crate::source::Located;
use crate::syntax::{Node, NodeKind, ReadNode};
use crate::value::Value;

impl<'n> Checker<'n> {
    /// The conditions of a `match`, none where there is no `match`; nothing where it has mistakes.
    pub(super) fn matching(&mut self, node: Option<&'n Node>) -> Option<Match> {
        let Some(node) = node else { return Some(Match::default()) };
        let before = self.reported();
        let mut mapping = self.open(node, records::MATCH.called("a `match`"))?;
        let mut conditions = Vec::new();
        for (key, node) in mapping.members("query") {
            let about = About::Query(key.value.as_str().into());
            conditions.extend(self.match_condition(about, node));
        }
        for (key, node) in mapping.members("header") {
            let Some(name) = self.header_name(key) else { continue };
            conditions.extend(self.match_condition(About::Header(name), node));
        }
        for (key, node) in mapping.members("cookie") {
            let about = About::Cookie(key.value.as_str().into());
            conditions.extend(self.match_condition(about, node));
        }
        for (key, node) in mapping.members("jsonPath") {
            let path = BodyPath::json(&key.value);
            let Some(path) = self.body_path(path, key, "bad-json-path") else { continue };
            conditions.extend(self.match_condition(About::Path(path), node));
        }
        let namespaces = self.match_namespaces(mapping.members("namespaces"));
        for (key, node) in mapping.members("xpath") {
            let path = BodyPath::xpath(&key.value, &namespaces);
            let Some(path) = self.body_path(path, key, "bad-xpath") else { continue };
            conditions.extend(self.match_condition(About::Path(path), node));
        }
        for (key, node) in mapping.members("body") {
            let Some(path) = self.member_path(key) else { continue };
            conditions.extend(self.match_condition(About::Body(path), node));
        }
        if let Some(node) = mapping.take("root") {
            conditions.extend(self.match_root(node));
        }
        mapping.finish();
        if conditions.is_empty() && self.reported() == before {
            self.report(
                Diagnostic::error(
                    "missing-key",
                    "a `match` says what a request has to have",
                    &node.span,
                    "has no effect",
                )
                .help("known here: body, cookie, header, jsonPath, query, root, xpath"),
            );
        }
        (self.reported() == before).then_some(Match { conditions })
    }

    /// A value, a list of values of which it is one, `{present: true}` or `{pattern: ...}`.
    fn match_condition(&mut self, about: About, node: &'n Node) -> Option<Condition> {
        let wanted = match &node.kind {
            NodeKind::Map(_) => {
                let mut mapping = self.open(node, records::CONDITIONS.called("a condition"))?;
                let (present, pattern) = (mapping.take("present"), mapping.take("pattern"));
                mapping.finish();
                match (present, pattern) {
                    (Some(present), None) => match self.read_boolean(present)? {
                        true => Wanted::Present,
                        false => Wanted::Absent,
                    },
                    (None, Some(pattern)) => {
                        let Some(Value::Text(text)) = self.match_value(&about, pattern) else {
                            return None;
                        };
                        Wanted::Pattern(Pattern::new(self.regex(&text, &pattern.span)?))
                    }
                    (Some(_), Some(pattern)) => {
                        let message = "a condition has either `present` or `pattern`";
                        let label = "something that matches is present";
                        self.error("contradiction", message, &pattern.span, label);
                        return None;
                    }
                    (None, None) => {
                        let message = "a condition needs `present` or `pattern`";
                        self.error("missing-key", message, &node.span, "has neither");
                        return None;
                    }
                }
            }
            NodeKind::List(items) => {
                let values =
                    items.iter().filter_map(|item| self.match_value(&about, item)).collect();
                if items.is_empty() {
                    let message = "a list of values needs at least one";
                    self.error("wrong-type", message, &node.span, "is empty");
                }
                Wanted::OneOf(values)
            }
            _ => Wanted::OneOf(vec![self.match_value(&about, node)?]),
        };
        Some(Condition { about, wanted })
    }

    fn match_value(&mut self, about: &About, node: &'n Node) -> Option<Value> {
        let is_typed = match about {
            About::Path(path) => !path.is_xpath(),
            about => matches!(about, About::Body(_)),
        };
        match &node.kind {
            NodeKind::Bool(_) | NodeKind::Integer(_) | NodeKind::Number(_) if is_typed => {
                Some(node.to_value())
            }
            NodeKind::Null | NodeKind::Map(_) | NodeKind::List(_) => {
                let expected = "a value, a list of values, `{present: true}` or `{pattern: ...}`";
                self.wrong_type(node, expected);
                None
            }
            _ => {
                let text = self.read_text(node)?;
                if text.value.contains("${") {
                    let message = "a `match` is decided before anything is evaluated";
                    let (span, label) = (&node.span, "cannot be an expression");
                    self.error("contradiction", message, span, label);
                    return None;
                }
                Some(Value::Text(text.value))
            }
        }
    }

    fn body_path(
        &mut self,
        path: Result<BodyPath, SelectorError>,
        key: &Located<String>,
        code: &'static str,
    ) -> Option<BodyPath> {
        path.map_err(|error| {
            let part = error.part.as_ref().map(|part| key.span.narrow(part));
            let message = format!("`{}` cannot be used: {error}", key.value);
            self.error(code, message, part.as_ref().unwrap_or(&key.span), "not a path");
        })
        .ok()
    }

    fn match_namespaces(
        &mut self,
        members: &'n [(Located<String>, Node)],
    ) -> Vec<(Arc<str>, Arc<str>)> {
        let read = members.iter().filter_map(|(prefix, node)| {
            Some((prefix.value.as_str().into(), self.read_text(node)?.value))
        });
        read.collect()
    }

    /// The names that lead to a member, with points between them.
    pub(super) fn member_path(&mut self, key: &Located<String>) -> Option<Box<[Arc<str>]>> {
        if key.value.split('.').any(str::is_empty) {
            let message = format!("`{}` does not lead to a member of the body", key.value);
            self.report(
                Diagnostic::error("bad-path", message, &key.span, "a name is missing")
                    .help("names with points between them: `params.action`"),
            );
            return None;
        }
        Some(key.value.split('.').map(Into::into).collect())
    }

    /// The name of the root element, or its name and namespace.
    fn match_root(&mut self, node: &'n Node) -> Vec<Condition> {
        if !matches!(node.kind, NodeKind::Map(_)) {
            return self.match_condition(About::Root, node).into_iter().collect();
        }
        let Some(mut mapping) = self.open(node, records::MATCH_ROOT.called("`root`")) else {
            return Vec::new();
        };
        let name = mapping.require("name");
        let namespace = mapping.take("namespace");
        mapping.finish();
        let parts = [(About::Root, name), (About::RootNamespace, namespace)];
        let parts = parts.into_iter().filter_map(|(about, node)| Some((about, node?)));
        parts.filter_map(|(about, node)| self.match_condition(about, node)).collect()
    }

    /// Reports roots that no body of the operation can have.
    pub(super) fn check_matched_roots(&mut self, operations: &[Operation], known: &[MediaType]) {
        for operation in operations {
            for binding in &operation.bindings {
                let root = binding.matching.conditions.iter().find(|one| one.about == About::Root);
                let Some(condition) = root else { continue };
                let is_xml = |id: &MediaTypeId| {
                    let media_type = known.get(id.0);
                    media_type.is_some_and(|known| matches!(known.wire, WireOptions::Xml { .. }))
                };
                if !operation.consumes.iter().any(is_xml) {
                    let message = format!(
                        "`{}` is matched by its root element, and consumes no media type with \
                         `wire: xml`",
                        operation.id
                    );
                    let (span, label) = (&binding.span, "never fits");
                    self.error("contradiction", message, span, label);
                }
                let schema = operation.body.as_ref().and_then(|body| body.schema.as_ref());
                let Some(xml) = schema.and_then(|schema| schema.xml.as_ref()) else { continue };
                if let Wanted::OneOf(values) = &condition.wanted
                    && !values.contains(&Value::Text(xml.name.clone()))
                {
                    let message =
                        format!("{condition}, and the `requestBody` asks for `{}`", xml.name);
                    let (span, label) = (&binding.span, "never fits both");
                    self.error("contradiction", message, span, label);
                }
            }
        }
    }
}
