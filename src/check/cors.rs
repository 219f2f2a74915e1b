//! `cors`: which pages of other origins may read answers.

use std::sync::Arc;

use super::Checker;
use super::records;
use crate::diagnostic::Diagnostic;
use crate::model::{Cors, Origins, RuleKind};
use crate::source::Located;
use crate::syntax::{Node, NodeKind, ReadNode};

/// The methods that browsers may use where a spec names none.
const METHODS: &str = "GET, HEAD, PUT, PATCH, POST, DELETE";

impl<'n> Checker<'n> {
    /// `cors`.
    pub(super) fn cors(&mut self, node: &'n Node) -> Option<Cors> {
        let mut mapping = self.open(node, records::CORS.called("`cors`"))?;
        let rule = self.rule(RuleKind::Cors, "cors", "cors", &mut mapping);
        let origins = mapping.require("origins");
        let methods = mapping.take("methods").map(|node| {
            let nodes = self.read_items(node).iter();
            let methods = nodes.filter_map(|node| self.method(node));
            methods.map(|method| method.to_string()).collect::<Vec<_>>()
        });
        let headers = mapping.take("headers").map(|node| self.header_names(node));
        let expose_headers = mapping.take("exposeHeaders").map(|node| self.header_names(node));
        let credentials = mapping.boolean("credentials").unwrap_or(false);
        let max_age = mapping.take("maxAge").and_then(|node| self.seconds(node));
        mapping.finish();
        let origins = self.origins(origins?)?;
        Some(Cors {
            origins,
            methods: methods.map_or_else(|| METHODS.into(), |methods| methods.join(", ").into()),
            headers,
            expose_headers,
            credentials,
            max_age,
            rule,
        })
    }

    /// A list of origins, `*` for any, or an expression that gives them.
    fn origins(&mut self, node: &'n Node) -> Option<Origins> {
        match &node.kind {
            NodeKind::Text(all) if all == "*" => Some(Origins::Any),
            NodeKind::Text(text) if text.trim_start().starts_with("${") => {
                let scope = self.settings_scope();
                self.sole_expression(node, &scope).map(Origins::Given)
            }
            NodeKind::List(nodes) => {
                let origins = nodes.iter().filter_map(|node| self.origin(node));
                Some(Origins::Listed(origins.collect()))
            }
            _ => {
                self.wrong_type(node, "a list of origins, an expression that gives one, or \"*\"");
                None
            }
        }
    }

    /// A scheme and a host, perhaps with a port: `https://app.example`.
    fn origin(&mut self, node: &Node) -> Option<Arc<str>> {
        let origin = self.read_text(node)?;
        let host = origin.value.split_once("://").filter(|(scheme, _)| !scheme.is_empty());
        let shaped = host.is_some_and(|(_, host)| !host.is_empty() && !host.contains('/'));
        if !shaped && &*origin.value != "null" {
            let message = format!("`{}` is not a valid origin", origin.value);
            self.report(
                Diagnostic::error("bad-origin", message, &origin.span, "is not valid").help(
                    "a scheme and a host without a path, such as https://app.example; `*` in it \
                     stands for any part",
                ),
            );
            return None;
        }
        Some(origin.value)
    }

    /// A list of header names, as headers have it.
    fn header_names(&mut self, node: &'n Node) -> Arc<str> {
        let mut names = Vec::new();
        for node in self.read_items(node) {
            let Some(Located { value, span }) = self.read_text(node) else { continue };
            let name = Located { value: value.to_string(), span };
            if self.header_name(&name).is_some() {
                names.push(name.value);
            }
        }
        names.join(", ").into()
    }
}
