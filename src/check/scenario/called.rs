//! Whether what a call gives is what its operation takes: once, or for each row where a row gives
//! some of it.

use std::collections::HashSet;

use super::Reader;
use super::records;
use super::written::Written;
use crate::check::names::maybe_misspelt;
use crate::diagnostic::{Diagnostic, slip};
use crate::model::matching::About;
use crate::model::{
    Binding, ChosenBinding, MediaType, MediaTypeId, Operation, Parameter, Place, Route, Segment,
};
use crate::source::{Located, Span};
use crate::syntax::{Entry, Mapping, Node, ReadNode};

/// The nodes of a call.
#[derive(Debug, Clone, Copy)]
pub(super) struct CallNodes<'n> {
    pub(super) operation: &'n Node,
    pub(super) binding: Option<&'n Node>,
    pub(super) media_type: Option<&'n Node>,
    with: Option<&'n Node>,
    /// Whether something is given in no place, which may be what is missing in another.
    astray: bool,
    pub(super) path: Option<&'n Node>,
    pub(super) query: Option<&'n Node>,
    pub(super) headers: Option<&'n Node>,
    pub(super) cookies: Option<&'n Node>,
    pub(super) parameters: Option<&'n Node>,
    pub(super) body: Option<Entry<'n>>,
    pub(super) parts: Option<Entry<'n>>,
}

impl<'n> CallNodes<'n> {
    pub(super) fn open(
        reader: &mut Reader<'n, '_>,
        operation: &'n Node,
        step: &mut Mapping<'n>,
    ) -> Self {
        let (binding, media_type) = (step.take("binding"), step.take("mediaType"));
        let with = step.take("with");
        let mut mapping = with.and_then(|node| reader.open(node, records::WITH.called("`with`")));
        let astray = with.is_some_and(|with| reader.strays(operation, with));
        let mut take = |key| {
            let given = mapping.as_mut().and_then(|mapping| mapping.entry(key));
            let beside = reader.beside_with(key, step);
            given.or(beside)
        };
        let node = |entry: Option<Entry<'n>>| entry.map(|(_, node)| node);
        Self {
            operation,
            binding,
            media_type,
            with,
            astray,
            path: node(take("path")),
            query: node(take("query")),
            headers: node(take("headers")),
            cookies: node(take("cookies")),
            parameters: node(take("parameters")),
            body: take("body"),
            parts: take("multipart"),
        }
    }

    /// Those whose values rows may give.
    fn all(&self) -> [Option<&'n Node>; 9] {
        [
            Some(self.operation),
            self.binding,
            self.media_type,
            self.path,
            self.query,
            self.headers,
            self.cookies,
            self.parameters,
            self.body.map(|(_, node)| node),
        ]
    }
}

/// What was looked at already: for an operation, a node as something.
#[derive(Debug, Default)]
pub(super) struct Seen(HashSet<(usize, *const Node, &'static str)>);

impl Seen {
    pub(super) fn is_new(&mut self, operation: usize, node: &Node, what: &'static str) -> bool {
        self.0.insert((operation, std::ptr::from_ref(node), what))
    }
}

/// A call in a row.
pub(super) struct Called<'c, 'n> {
    pub(super) nodes: &'c CallNodes<'n>,
    pub(super) row: Option<&'n Node>,
    /// The operation's position.
    pub(super) at: usize,
    pub(super) operation: &'c Operation,
    pub(super) seen: &'c mut Seen,
}

impl<'n> Reader<'n, '_> {
    /// Looks at a call in each row that may differ.
    pub(super) fn check_call(&mut self, nodes: &CallNodes<'n>) {
        let rows = self.rows_for(&nodes.all());
        let mut seen = Seen::default();
        for row in rows {
            let at = self.operation_in(nodes.operation, row, &mut seen);
            let service = self.service;
            let Some((at, operation)) = at.and_then(|at| Some((at, service.operations.get(at)?)))
            else {
                continue;
            };
            let mut called = Called { nodes, row, at, operation, seen: &mut seen };
            let binding = self.check_binding(&mut called);
            self.check_parameters(&mut called, binding);
            self.check_content(&mut called);
        }
    }

    /// The position of the operation, where it is known.
    fn operation_in(
        &mut self,
        node: &'n Node,
        row: Option<&'n Node>,
        seen: &mut Seen,
    ) -> Option<usize> {
        let known = self.service.operations.iter().map(|operation| &*operation.id);
        match self.written(node, row) {
            // What is written in the step itself was looked at when that was read.
            Written::Here(here) if std::ptr::eq(here, node) => {
                let name = here.as_text()?;
                known.clone().position(|known| known == name)
            }
            Written::Here(here) => {
                if !seen.is_new(0, here, "operation") {
                    let name = here.as_text()?;
                    return known.clone().position(|known| known == name);
                }
                let name = self.read_text(here)?;
                self.known_operation(&name.value, &name.span).map(|id| id.0)
            }
            Written::Absent => {
                let place = row.map_or(&node.span, |row| &row.span);
                let message = "this row does not say what is called";
                self.error("missing-key", message, place, "names no operation");
                None
            }
            Written::Unknown => None,
        }
    }

    /// The binding that is used, where it is known.
    fn check_binding<'c>(&mut self, called: &mut Called<'c, 'n>) -> Option<&'c Binding> {
        let operation = called.operation;
        let services = &self.service.soap_services;
        let Some(first) = operation.first_binding(services) else {
            let place = match self.written(called.nodes.operation, called.row) {
                Written::Here(node) => node,
                Written::Absent | Written::Unknown => called.nodes.operation,
            };
            if called.seen.is_new(called.at, place, "binding") {
                let message = format!("`{}` is reached only through a link", operation.id);
                let place = &place.span;
                self.report(
                    Diagnostic::error("no-binding", message, place, "has no route")
                        .help("read the link from the outbox, and `follow` it"),
                );
            }
            return None;
        };
        let chosen = match called.nodes.binding.map(|node| self.written(node, called.row)) {
            None | Some(Written::Absent) => Some(first),
            Some(Written::Unknown) => None,
            Some(Written::Here(node)) => self.binding_named(called, node),
        };
        operation.bindings.get(chosen?.at)
    }

    fn binding_named(
        &mut self,
        called: &mut Called<'_, 'n>,
        node: &'n Node,
    ) -> Option<ChosenBinding> {
        let operation = called.operation;
        let known = operation.binding_names(&self.service.soap_services);
        let name = node.as_text();
        let found = known.iter().find(|(known, _)| Some(known.as_str()) == name);
        let found = found.map(|(_, chosen)| *chosen);
        if found.is_none() && called.seen.is_new(called.at, node, "binding") {
            let what = format!("binding of `{}`", operation.id);
            let names = known.iter().map(|(name, _)| name.as_str());
            if let Some(name) = name {
                self.unknown("unknown-binding", &what, name, &node.span, names);
            } else if called.nodes.binding.is_none_or(|written| !std::ptr::eq(written, node)) {
                self.read_text(node);
            }
        }
        found
    }

    fn check_parameters(&mut self, called: &mut Called<'_, 'n>, binding: Option<&Binding>) {
        let nodes = called.nodes;
        let places = [
            (nodes.path, "path", Place::Path),
            (nodes.query, "query", Place::Query),
            (nodes.cookies, "cookies", Place::Cookie),
            (nodes.parameters, "parameters", Place::Bound),
        ];
        let known = self.reported();
        for (node, key, place) in places {
            if let Some(node) = self.members_in(called, node, key) {
                self.known_parameters(called.operation, node, key, place);
            }
        }
        let astray = nodes.astray || self.reported() > known;
        if let Some(node) = self.members_in(called, nodes.headers, "headers") {
            let is_given = nodes.headers.is_some_and(|written| !std::ptr::eq(written, node));
            for (name, value) in node.as_map().unwrap_or_default() {
                if is_given {
                    self.trees.header_name(name);
                }
                self.misspelt_header(called.operation, name);
                self.other_media_type(called, name, value);
            }
        }
        // What is missing may be what is given elsewhere.
        if !astray {
            self.missing_in_path(called, binding);
        }
    }

    /// Warns of a header that looks like one that the operation takes.
    fn misspelt_header(&mut self, operation: &Operation, name: &Located<String>) {
        let declared = operation.parameters.iter().filter(|p| p.place == Place::Header);
        let declared: Vec<&str> = declared.map(|parameter| &*parameter.name).collect();
        // A name that ends in `*` stands for many.
        let has_many = declared.iter().any(|known| known.ends_with('*'));
        if has_many || declared.iter().any(|known| known.eq_ignore_ascii_case(&name.value)) {
            return;
        }
        if let Some(near) = slip(&name.value, declared) {
            let whose = format!("`{}`", operation.id);
            self.report(maybe_misspelt(&whose, &name.value, &name.span, near));
        }
    }

    /// Warns of a `Content-Type` that says another media type than the body is written in.
    fn other_media_type(&mut self, called: &Called<'_, 'n>, name: &Located<String>, value: &Node) {
        let is_chosen = called.nodes.media_type.is_some() || called.nodes.body.is_none();
        let named = |id: &MediaTypeId| self.service.media_types.get(id.0);
        let Some(written) = called.operation.consumes.first().and_then(named) else { return };
        let Some(said) = value.as_text().filter(|_| !is_chosen) else { return };
        let said = said.split(';').next().unwrap_or(said).trim();
        let is_it = |it: &MediaType| it.name.eq_ignore_ascii_case(said);
        if !name.value.eq_ignore_ascii_case("Content-Type")
            || is_it(written)
            || !self.service.media_types.iter().any(is_it)
        {
            return;
        }
        let message = format!("the body is written as `{}`, whatever this says", written.name);
        self.report(
            Diagnostic::error("contradiction", message, &value.span, "names another media type")
                .warning()
                .help(format!("`mediaType: {said}` beside `call` writes it so")),
        );
    }

    /// The members that are given in a row, when they are seen for the first time.
    fn members_in(
        &mut self,
        called: &mut Called<'_, 'n>,
        node: Option<&'n Node>,
        key: &'static str,
    ) -> Option<&'n Node> {
        let written = node?;
        let Written::Here(node) = self.written(written, called.row) else { return None };
        if !called.seen.is_new(called.at, node, key) {
            return None;
        }
        if node.as_map().is_none() && !std::ptr::eq(written, node) {
            self.wrong_type(node, &format!("a mapping for `{key}`"));
        }
        Some(node)
    }

    /// Parameters that the operation does not have in a place.
    fn known_parameters(&mut self, operation: &Operation, node: &'n Node, key: &str, place: Place) {
        for (name, _) in node.as_map().unwrap_or_default() {
            let named = |at: Option<Place>| {
                operation
                    .parameters
                    .iter()
                    .filter(move |p| at.is_none_or(|at| at == given_in(p.place)))
                    .map(|p| &*p.name)
            };
            let takes = |p: &Parameter| given_in(p.place) == place && p.takes(&name.value);
            if operation.parameters.iter().any(takes) || is_matched(operation, place, &name.value) {
                continue;
            }
            let message =
                format!("`{}` has no parameter `{}` in `{key}`", operation.id, name.value);
            let mut diagnostic =
                Diagnostic::error("unknown-parameter", message, &name.span, "not known");
            let elsewhere = operation.parameters.iter().find(|p| *p.name == *name.value);
            if let Some(elsewhere) = elsewhere {
                diagnostic = diagnostic.help(format!("it is in `{}`", word(elsewhere.place)));
            } else {
                diagnostic = diagnostic.suggest(&name.value, named(Some(place)));
                if diagnostic.help.is_empty() {
                    let help = "to send it all the same, use a `request` instead of a `call`";
                    diagnostic = diagnostic.help(help);
                }
            }
            self.report(diagnostic);
        }
    }

    /// A path without one of its segments cannot be written.
    fn missing_in_path(&mut self, called: &mut Called<'_, 'n>, binding: Option<&Binding>) {
        let Some(Binding { route: Route::Http { path, .. }, .. }) = binding else { return };
        let nodes = called.nodes;
        let given = match nodes.path.map(|node| self.written(node, called.row)) {
            Some(Written::Unknown) => return,
            Some(Written::Here(node)) => Some(node),
            Some(Written::Absent) | None => None,
        };
        // What is missing in what a row gives is missing there.
        let own = nodes.with.unwrap_or(nodes.operation);
        let place: &Node = match (given, nodes.path, called.row) {
            (Some(given), Some(written), _) if !std::ptr::eq(given, written) => given,
            (None, Some(_), Some(row)) => row,
            _ => own,
        };
        if !called.seen.is_new(called.at, place, "missing") {
            return;
        }
        for name in path.iter().flat_map(Segment::parameters) {
            if given.is_none_or(|given| given.get(name).is_none()) {
                self.lacks(called.operation, name, &place.span);
            }
        }
    }

    fn lacks(&mut self, operation: &Operation, name: &str, place: &Span) {
        let message = format!("`{}` needs `{name}` in its path", operation.id);
        let diagnostic = Diagnostic::error("missing-parameter", message, place, "lacks `path`");
        let help = format!("write with: {{path: {{{name}: ...}}}}");
        self.report(diagnostic.help(help));
    }
}

/// Whether a `match` of the operation looks at that.
fn is_matched(operation: &Operation, place: Place, name: &str) -> bool {
    let mut conditions = operation.bindings.iter().flat_map(|one| &one.matching.conditions);
    conditions.any(|condition| match (&condition.about, place) {
        (About::Query(known), Place::Query) | (About::Cookie(known), Place::Cookie) => {
            **known == *name
        }
        _ => false,
    })
}

/// The place in `with` where a parameter is given.
pub(super) fn given_in(place: Place) -> Place {
    match place {
        Place::Form | Place::Body | Place::Soap => Place::Bound,
        other => other,
    }
}

pub(super) fn word(place: Place) -> &'static str {
    match place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "headers",
        Place::Cookie => "cookies",
        Place::Form | Place::Body | Place::Soap | Place::Bound => "parameters",
    }
}
