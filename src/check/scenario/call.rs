//! Calls of operations.

use std::sync::Arc;

use super::Reader;
use super::step::Done;
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::model::{
    Additional, Binding, MediaTypeId, Operation, OperationId, Place, Route, Schema, Segment, Text,
    Tree,
};
use crate::scenario::{Action, Call};
use crate::source::{Located, Span};
use crate::syntax::mapping::members;
use crate::syntax::{Mapping, Node};

/// What `with` gives.
#[derive(Default)]
struct With<'n> {
    path: Vec<(Arc<str>, Tree)>,
    query: Vec<(Arc<str>, Tree)>,
    headers: Vec<(http::HeaderName, Text)>,
    cookies: Vec<(Arc<str>, Tree)>,
    parameters: Vec<(Arc<str>, Tree)>,
    body: Option<(&'n Located<String>, &'n Node, Tree)>,
}

impl<'n> Reader<'n, '_> {
    /// `call`, with what stands beside it.
    pub(super) fn call(&mut self, node: &'n Node, mapping: &mut Mapping<'n>) -> Option<Done> {
        let with_node = mapping.take("with");
        let binding_node = mapping.take("binding");
        let media_node = mapping.take("mediaType");
        let shown = mapping.take("authenticate");
        let authenticate = self.shown(shown);
        let host = mapping.take("host").and_then(|node| self.host(node));
        let name = self.fixed(node)?;
        let service = self.service;
        let known = service.operations.iter().map(|operation| &*operation.id);
        let at = self.position("unknown-operation", "operation", &name.value, &name.span, known)?;
        let operation = service.operations.get(at)?;
        let (binding, soap12) = self.binding(operation, binding_node, &name.span)?;
        let with = self.with(with_node, operation);
        let route = operation.bindings.get(binding);
        let place = with_node.map_or(&name.span, |node| &node.span);
        self.missing_in_path(operation, route, &with.path, place);
        let media_type = self.media_type_of(media_node, operation, with.body.is_some());
        let body = with.body.map(|(key, node, tree)| {
            self.check_body(operation, media_type, key, node);
            tree
        });
        let destroys = route.is_some_and(|binding| {
            matches!(&binding.route, Route::Http { method, .. } if method == http::Method::DELETE)
        });
        let action = Action::Call(Box::new(Call {
            operation: OperationId(at),
            binding,
            soap12,
            path: with.path,
            query: with.query,
            headers: with.headers,
            cookies: with.cookies,
            parameters: with.parameters,
            body,
            media_type,
            authenticate,
            host,
        }));
        Some(Done { action, destroys })
    }

    fn with(&mut self, node: Option<&'n Node>, operation: &Operation) -> With<'n> {
        let Some(node) = node else { return With::default() };
        let Some(mut mapping) = Mapping::open(node, "`with`", &mut self.checker.problems) else {
            return With::default();
        };
        let mut with = With {
            path: self.values(mapping.take("path"), "path", Place::Path, operation),
            query: self.values(mapping.take("query"), "query", Place::Query, operation),
            cookies: self.values(mapping.take("cookies"), "cookies", Place::Cookie, operation),
            parameters: self.values(
                mapping.take("parameters"),
                "parameters",
                Place::Bound,
                operation,
            ),
            ..With::default()
        };
        if let Some(node) = mapping.take("headers") {
            with.headers = self.checker.headers(node, &self.scope);
        }
        with.body = mapping.entry("body").map(|(key, node)| {
            let tree = self.checker.tree(node, &self.scope);
            (key, node, tree)
        });
        mapping.finish(&mut self.checker.problems);
        with
    }

    /// Values for the parameters in one place.
    fn values(
        &mut self,
        node: Option<&'n Node>,
        key: &str,
        place: Place,
        operation: &Operation,
    ) -> Vec<(Arc<str>, Tree)> {
        let Some(node) = node else { return Vec::new() };
        for (name, _) in members(node, &mut self.checker.problems) {
            let named = |at: Option<Place>| {
                operation
                    .parameters
                    .iter()
                    .filter(move |p| at.is_none_or(|at| at == given_in(p.place)))
                    .map(|p| &*p.name)
            };
            if named(Some(place)).any(|known| known == name.value) {
                continue;
            }
            let message =
                format!("`{}` has no parameter `{}` in `{key}`", operation.id, name.value);
            let mut diagnostic =
                Diagnostic::error("unknown-parameter", message, &name.span, "not known");
            let elsewhere = operation.parameters.iter().find(|p| *p.name == *name.value);
            if let Some(elsewhere) = elsewhere {
                diagnostic = diagnostic.help(format!("it stands in `{}`", word(elsewhere.place)));
            } else if let Some(help) = did_you_mean(&name.value, named(Some(place))) {
                diagnostic = diagnostic.help(help);
            } else {
                diagnostic =
                    diagnostic.help("to send it all the same, use a `request` instead of a `call`");
            }
            self.checker.problems.push(diagnostic);
        }
        self.trees(Some(node))
    }

    /// A path without one of its segments cannot be written.
    fn missing_in_path(
        &mut self,
        operation: &Operation,
        binding: Option<&Binding>,
        given: &[(Arc<str>, Tree)],
        span: &Span,
    ) {
        let Some(Binding { route: Route::Http { path, .. }, .. }) = binding else { return };
        for segment in path {
            if let Some(name) = segment.parameter()
                && !given.iter().any(|(known, _)| known == name)
            {
                let message = format!("`{}` needs `{name}` in its path", operation.id);
                let diagnostic =
                    Diagnostic::error("missing-parameter", message, span, "lacks `path`");
                self.checker
                    .problems
                    .push(diagnostic.help(format!("write with: {{path: {{{name}: ...}}}}")));
            }
        }
    }

    /// The way over the wire: the position of the binding, and whether it is SOAP 1.2.
    fn binding(
        &mut self,
        operation: &Operation,
        node: Option<&'n Node>,
        call: &Span,
    ) -> Option<(usize, bool)> {
        let versions = |binding: &Binding| match &binding.route {
            Route::Soap(id) => {
                self.service.soap_services.get(id.0).map(|soap| (soap.v11, soap.v12))
            }
            Route::Http { .. } => None,
        };
        let Some(first) = operation.bindings.first() else {
            let message = format!("`{}` is reached only through a link", operation.id);
            self.checker.problems.push(
                Diagnostic::error("no-binding", message, call, "has no route")
                    .help("read the link from the outbox, and `follow` it"),
            );
            return None;
        };
        let Some(node) = node else {
            return Some((0, versions(first).is_some_and(|(v11, _)| !v11)));
        };
        let mut known: Vec<(String, (usize, bool))> = Vec::new();
        for (at, binding) in operation.bindings.iter().enumerate() {
            if let Route::Http { method, path } = &binding.route {
                known.push((format!("{method} {}", written(path)), (at, false)));
            }
            let (v11, v12) = versions(binding).unwrap_or_default();
            known.extend(v11.then(|| ("soap 1.1".to_owned(), (at, false))));
            known.extend(v12.then(|| ("soap 1.2".to_owned(), (at, true))));
        }
        let name = self.fixed(node)?;
        let found = known.iter().find(|(known, _)| **known == *name.value).map(|(_, at)| *at);
        if found.is_none() {
            let what = format!("binding of `{}`", operation.id);
            let names = known.iter().map(|(name, _)| name.as_str());
            let problems = &mut self.checker.problems;
            problems.unknown("unknown-binding", &what, &name.value, &name.span, names);
        }
        found
    }

    /// The media type of the body: the one that is named, or the operation's first.
    fn media_type_of(
        &mut self,
        node: Option<&'n Node>,
        operation: &Operation,
        has_body: bool,
    ) -> Option<MediaTypeId> {
        let Some(node) = node else {
            return has_body.then(|| operation.consumes.first().copied()).flatten();
        };
        let name = self.fixed(node)?;
        let known = self.service.media_types.iter().map(|media| &*media.name);
        let code = "unknown-media-type";
        let at = self.position(code, "media type", &name.value, &name.span, known)?;
        if !has_body {
            let message = "`mediaType` says what the body is, and there is none";
            self.error("contradiction", message, &node.span, "has no effect");
        }
        Some(MediaTypeId(at))
    }

    fn check_body(
        &mut self,
        operation: &Operation,
        media_type: Option<MediaTypeId>,
        key: &Located<String>,
        node: &'n Node,
    ) {
        let Some(body) = &operation.body else {
            let message = format!("`{}` takes no body", operation.id);
            self.checker.problems.push(
                Diagnostic::error("unknown-parameter", message, &key.span, "not taken")
                    .help("parameters without a place of their own belong into `parameters`"),
            );
            return;
        };
        let own = body.content.iter().find(|(id, _)| Some(*id) == media_type);
        if let Some(schema) = own.map(|(_, schema)| schema).or(body.schema.as_ref()) {
            self.unknown_members(node, schema);
        }
    }

    /// Members that a closed schema does not have may be the point of a test, so they are only
    /// worth knowing.
    fn unknown_members(&mut self, node: &'n Node, schema: &Schema) {
        for item in node.as_list().unwrap_or_default() {
            if let Some(items) = &schema.items {
                self.unknown_members(item, items);
            }
        }
        let known = || schema.properties.iter().map(|property| &*property.name);
        for (key, member) in node.as_map().unwrap_or_default() {
            let property = schema.properties.iter().find(|p| *p.name == *key.value);
            match property {
                Some(property) => self.unknown_members(member, &property.schema),
                None if key.value.starts_with('$') => {}
                None if matches!(schema.additional, Additional::Refused) => {
                    let message = format!("the body has no member `{}`", key.value);
                    let mut diagnostic =
                        Diagnostic::error("unknown-member", message, &key.span, "will be refused")
                            .warning();
                    if let Some(help) = did_you_mean(&key.value, known()) {
                        diagnostic = diagnostic.help(help);
                    }
                    self.checker.problems.push(diagnostic);
                }
                None => {}
            }
        }
    }
}

/// The place in `with` where a parameter is given.
fn given_in(place: Place) -> Place {
    match place {
        Place::Form | Place::Soap => Place::Bound,
        other => other,
    }
}

fn word(place: Place) -> &'static str {
    match place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "headers",
        Place::Cookie => "cookies",
        Place::Form | Place::Soap | Place::Bound => "parameters",
    }
}

fn written(path: &[Segment]) -> String {
    let mut text = String::new();
    for segment in path {
        text.push('/');
        text.push_str(&segment.to_string());
    }
    text
}
