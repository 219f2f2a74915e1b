//! What must come back.

use std::sync::Arc;

use super::Reader;
use super::matcher::Around;
use super::records;
use super::selected::Gives;
use super::written::Written;
use crate::diagnostic::Diagnostic;
use crate::expression::holds_expression;
use crate::model::{Expression, Tree};
use crate::scenario::expected::StatusRange;
use crate::scenario::{Expect, Expected, ExpectedKind, Given, Status};
use crate::source::Span;
use crate::syntax::{Node, NodeKind, ReadNode};

impl<'n> Reader<'n, '_> {
    /// `expect` and `until`.
    pub(super) fn expect(&mut self, node: &'n Node) -> Option<Expect> {
        let mut mapping = self.open(node, records::EXPECTATION.called("an expectation"))?;
        self.namespaces = self.namespaces_of(mapping.take("namespaces"));
        let status = mapping.take("status").and_then(|node| self.statuses(node));
        let headers = self.expected_headers(mapping.take("headers"));
        let mut tree = |key, around| mapping.take(key).map(|node| self.expected(node, around));
        let body = tree("body", Around::Body);
        let includes = tree("includes", Around::Tree);
        let text = tree("text", Around::Scalar);
        let bytes = mapping.take("bytes").and_then(|node| self.expected_bytes(node));
        let snapshot = mapping.take("snapshot");
        let schema = mapping.take("schema").and_then(|node| self.expected_schema(node));
        let mut json_path = Vec::new();
        for (key, node) in mapping.members("jsonPath") {
            let path = self.json_path(&key.value, &key.span);
            let gives = path.as_ref().map_or(Gives::Unknown, Gives::of_json_path);
            let expected = self.selected(key, node, gives);
            json_path.extend(path.map(|path| (path, expected)));
        }
        let mut of_xpath = |name, gives| {
            let mut read = Vec::new();
            for (key, node) in mapping.members(name) {
                let namespaces = self.namespaces.clone();
                let path = self.xpath(&key.value, &key.span, &namespaces);
                let expected = self.selected(key, node, gives);
                read.extend(path.map(|path| (path, expected)));
            }
            read
        };
        let xpath = of_xpath("xpath", Gives::Text);
        let nodes = of_xpath("nodes", Gives::List);
        let assertions = self.assertions(mapping.take("assert"));
        let time = mapping
            .take("time")
            .and_then(|node| Some((self.positive_duration(node, "time")?, node.span.clone())));
        let rule = mapping.take("rule").and_then(|node| self.rule(node));
        mapping.finish();
        let namespaces = std::mem::take(&mut self.namespaces);
        let snapshot = snapshot.map_or_else(Vec::new, |node| self.snapshot(node));
        Some(Expect {
            status,
            headers,
            body,
            includes,
            text,
            bytes,
            json_path,
            xpath,
            nodes,
            schema,
            snapshot,
            namespaces,
            assertions,
            time,
            rule,
        })
    }

    pub(super) fn namespaces_of(&mut self, node: Option<&'n Node>) -> Vec<(Arc<str>, Arc<str>)> {
        let Some(node) = node else { return Vec::new() };
        let mut namespaces = Vec::new();
        for (prefix, node) in self.read_members(node) {
            if !crate::wire::xml::is_unprefixed_name(&prefix.value) {
                let message = format!("`{}` is not a known prefix", prefix.value);
                self.error("bad-name", message, &prefix.span, "cannot stand before a colon");
            }
            if let Some(namespace) = self.fixed(node) {
                namespaces.push((prefix.value.as_str().into(), namespace.value));
            }
        }
        namespaces
    }

    pub(super) fn expected_headers(
        &mut self,
        node: Option<&'n Node>,
    ) -> Vec<(http::HeaderName, Expected)> {
        let Some(node) = node else { return Vec::new() };
        let mut headers = Vec::new();
        for (key, node) in self.read_members(node) {
            let name = http::HeaderName::from_bytes(key.value.as_bytes());
            if name.is_err() {
                let message = format!("`{}` is not a valid header name", key.value);
                self.error("bad-header", message, &key.span, "is not a valid header name");
            }
            let expected = self.expected_header(node);
            headers.extend(name.ok().map(|name| (name, expected)));
        }
        headers
    }

    /// A header as one text, or as the list of its lines.
    fn expected_header(&mut self, node: &'n Node) -> Expected {
        let kind = if let Some(rows) = self.in_rows(node, Self::expected_header) {
            ExpectedKind::ByRow(rows)
        } else if let NodeKind::List(lines) = &node.kind {
            let lines = lines.iter().map(|line| self.expected(line, Around::Scalar));
            ExpectedKind::List(lines.collect())
        } else {
            return self.expected(node, Around::Scalar);
        };
        Expected { kind, span: node.span.clone() }
    }

    /// One expression, or a list of them.
    fn assertions(&mut self, node: Option<&'n Node>) -> Vec<Expression> {
        let Some(node) = node else { return Vec::new() };
        let nodes = node.as_list().unwrap_or(std::slice::from_ref(node));
        let read = nodes.iter().map(|node| self.trees.sole_expression(node, &self.scope));
        read.collect::<Vec<_>>().into_iter().flatten().collect()
    }

    pub(super) fn statuses(&mut self, node: &'n Node) -> Option<Status> {
        if let Some(rows) = self.in_rows(node, Self::statuses) {
            return Some(Status::ByRow(rows));
        }
        if node.as_map().is_some() {
            let mut mapping = self.open(node, records::EXPECTATION_STATUS.called("`status`"))?;
            let not = mapping.require("$not");
            mapping.finish();
            return match self.statuses(not?)? {
                Status::OneOf(ranges, _) => Some(Status::Not(ranges, node.span.clone())),
                _ => {
                    let message = "`$not` is of statuses that are written";
                    self.error("bad-status", message, &node.span, "is computed");
                    None
                }
            };
        }
        let items = match &node.kind {
            NodeKind::List(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        let worked_out = |item: &Node| item.as_text().is_some_and(holds_expression);
        if items.iter().any(worked_out) {
            self.check_statuses_of_rows(node);
            return match self.trees.tree(node, &self.scope) {
                Tree::Constant(_) => None,
                tree => Some(Status::Expression(tree, node.span.clone())),
            };
        }
        if items.is_empty() {
            let message = "no status is in an empty list";
            self.error("no-match", message, &node.span, "nothing can fit");
            return None;
        }
        let ranges: Vec<StatusRange> =
            items.iter().filter_map(|item| self.status_range(item)).collect();
        (ranges.len() == items.len()).then(|| Status::OneOf(ranges, node.span.clone()))
    }

    /// What rows give where a status is expected.
    fn check_statuses_of_rows(&mut self, node: &'n Node) {
        for row in self.rows_for(&[Some(node)]) {
            if let Written::Here(here) = self.written(node, row)
                && !std::ptr::eq(here, node)
            {
                self.statuses(here);
            }
        }
    }

    fn status_range(&mut self, node: &'n Node) -> Option<StatusRange> {
        if let NodeKind::Integer(_) | NodeKind::Number(_) = node.kind {
            return self.trees.status(node).map(StatusRange::Exactly);
        }
        let Some(text) = node.as_text() else {
            self.wrong_type(node, "a status, or a class such as 2xx");
            return None;
        };
        if let Some(status) = text.parse().ok().filter(|status| (100..=599).contains(status)) {
            return Some(StatusRange::Exactly(status));
        }
        let class = text
            .strip_suffix("xx")
            .and_then(|digit| digit.parse::<u16>().ok())
            .filter(|digit| (1..=5).contains(digit));
        if class.is_none() {
            let message = format!("`{text}` is not a valid status");
            self.report(
                Diagnostic::error("bad-status", message, &node.span, "is not a valid status")
                    .help("write a number from 100 to 599, or a class such as 2xx"),
            );
        }
        class.map(StatusRange::Class)
    }

    /// The rule that decides, or an expression that names it.
    fn rule(&mut self, node: &'n Node) -> Option<(Given<Arc<str>>, Span)> {
        for row in self.rows_for(&[Some(node)]) {
            if let Written::Here(here) = self.written(node, row)
                && !std::ptr::eq(here, node)
                && !matches!(here.kind, NodeKind::Null)
            {
                self.named_rule(here);
            }
        }
        Some((self.or_expression(node, Self::named_rule)?, node.span.clone()))
    }

    /// A statement, or a rule by its own name.
    fn named_rule(&mut self, node: &'n Node) -> Option<Arc<str>> {
        let rule = self.read_text(node)?;
        let vendor = format!("{}/", self.service.vendor);
        let name = rule.value.strip_prefix(&*vendor).unwrap_or(&rule.value);
        let statements = self.service.statements.iter().map(|statement| &*statement.id);
        let rules = self.service.rules.iter().map(|rule| &*rule.name);
        if !statements.clone().chain(rules.clone()).any(|known| known == name) {
            let message = format!("no rule is called `{name}`");
            let mut diagnostic =
                Diagnostic::error("unknown-rule", message, &rule.span, "not known");
            // Far from all of them, only the statements are short enough to be listed.
            let near =
                crate::diagnostic::nearest(name, statements.clone().chain(rules.clone())).is_some();
            diagnostic = match near {
                true => diagnostic.suggest(name, statements.chain(rules)),
                false => diagnostic.suggest(name, statements),
            };
            self.report(diagnostic);
            return None;
        }
        Some(name.into())
    }
}
