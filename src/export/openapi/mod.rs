//! The OpenAPI document of a spec: what a client may send, and every answer that the spec gives.
//!
//! <https://spec.openapis.org/oas/v3.1.1.html>

pub(super) mod answers;
mod operation;
mod schema;
mod security;
mod shared;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::Exported;
use crate::model::matching::{About, Match, Wanted};
use crate::model::{Binding, Operation, Route, Segment, Server, Service};
use crate::plan::Plan;
use crate::value::Value;
use crate::write::{Kind, Member, Piece};

/// All but what may stand in a fragment and has no meaning in a path of OpenAPI.
const OF_A_FRAGMENT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b':');

/// Writes the document.
pub(super) fn document(plan: &Plan) -> Exported {
    let service = &plan.service;
    let mut left = Vec::new();
    let mut paths = Paths::default();
    let several = several(service);
    let mut names = Names::of_all(service);
    for (at, operation) in service.operations.iter().enumerate() {
        let Some(compiled) = plan.operations.get(at) else { continue };
        if operation.batch {
            left.push(format!("{}: OpenAPI has no lists of requests", operation.id));
            continue;
        }
        let mut written = 0;
        for (binding, tables) in operation.bindings.iter().zip(&compiled.bindings) {
            let Route::Http { method, path } = &binding.route else { continue };
            let name = names.of(operation, method.as_str(), written);
            let piece = operation::piece(plan, operation, compiled, binding, tables, &name);
            let is_shared = several.contains(&(method.as_str(), shape(path)));
            let fragment = is_shared.then(|| fragment(&binding.matching)).flatten();
            match paths.add(path, fragment, method.as_str(), piece) {
                Ok(()) => {
                    written += 1;
                    for parameter in operation.parameters.iter().filter(|p| p.prefix().is_some()) {
                        let why = format!("OpenAPI has no `{}`", parameter.name);
                        left.push(format!("{}: {why}", operation.id));
                    }
                    if let Some(Segment::Rest(name)) = path.last() {
                        let why = format!("OpenAPI takes `{name}` for one segment of the path");
                        left.push(format!("{}: {why}", operation.id));
                    }
                }
                Err(why) => left.push(format!("{} at {}: {why}", operation.id, shown(binding))),
            }
        }
        if written == 0 {
            left.extend(unreachable(operation));
        }
    }
    let mut piece = Piece::map().with("openapi", "3.1.1").with("info", info(service));
    let servers = service.servers.iter().map(server);
    piece = piece.with("servers", Piece::list(servers).block());
    let mut components = Piece::map();
    let mut shapes = Piece::map();
    for (name, schema) in shared::schemas(service) {
        shapes.set(name, schema::written(service, schema));
    }
    if !shapes.members().is_empty() {
        components.set("schemas", shapes.block());
    }
    let schemes = security::schemes(service, &mut left);
    if !schemes.members().is_empty() {
        components.set("securitySchemes", schemes.block());
    }
    piece = piece.with("paths", paths.piece()).apart();
    if !components.members().is_empty() {
        piece = piece.with("components", components.block()).apart();
    }
    Exported { document: piece.block(), left }
}

/// The operation ids that are in use.
struct Names(BTreeSet<String>);

impl Names {
    fn of_all(service: &Service) -> Self {
        Self(service.operations.iter().map(|operation| operation.id.to_string()).collect())
    }

    /// The operation's own for the first way in which it is reached, else one that is made of it.
    fn of(&mut self, operation: &Operation, method: &str, written: usize) -> String {
        if written == 0 {
            return operation.id.to_string();
        }
        let made = format!("{}_{}", operation.id, method.to_lowercase());
        let mut name = made.clone();
        let mut number = 2;
        while !self.0.insert(name.clone()) {
            name = format!("{made}_{number}");
            number += 1;
        }
        name
    }
}

fn unreachable(operation: &Operation) -> Option<String> {
    let why = match operation.bindings.first() {
        None => "it is reached by a link in the outbox alone",
        Some(Binding { route: Route::Soap(_), .. }) => "it is reached by SOAP alone",
        Some(_) => return None,
    };
    Some(format!("{}: {why}", operation.id))
}

fn shown(binding: &Binding) -> String {
    match &binding.route {
        Route::Http { method, path } => format!("{method} {}", written(path)),
        Route::Soap(_) => "SOAP".to_owned(),
    }
}

fn written(path: &[Segment]) -> String {
    let segments = path.iter().map(|segment| match segment {
        Segment::Rest(name) => format!("{{{name}}}"),
        other => other.to_string(),
    });
    format!("/{}", segments.collect::<Vec<_>>().join("/"))
}

/// The same for paths that differ in nothing but the names of parameters, which OpenAPI takes for
/// the same path.
fn shape(path: &[Segment]) -> String {
    let segments = path.iter().map(|segment| match segment {
        Segment::Literal(text) => text.to_string(),
        Segment::Parameter(_) | Segment::Rest(_) => "{}".to_owned(),
        Segment::Mixed { before, more, after, .. } => {
            let more: Vec<&str> = more.iter().map(|(between, _)| &**between).collect();
            let texts = [&[&**before], &*more, &[&**after]].concat();
            texts.join("{}")
        }
    });
    segments.collect::<Vec<_>>().join("/")
}

/// The methods and paths at which there are several operations, told apart by `match`.
fn several(service: &Service) -> BTreeSet<(&str, String)> {
    let mut seen = BTreeSet::new();
    let mut several = BTreeSet::new();
    let bindings = service.operations.iter().flat_map(|operation| &operation.bindings);
    for binding in bindings {
        let Route::Http { method, path } = &binding.route else { continue };
        let place = (method.as_str(), shape(path));
        if !seen.insert(place.clone()) {
            several.insert(place);
        }
    }
    several
}

/// What tells an operation from others at its method and path, in the fragment of its path, which
/// no request has: the way in which documents of such interfaces are written, since OpenAPI has
/// none.
fn fragment(matching: &Match) -> Option<String> {
    let told = matching.conditions.iter().filter_map(|condition| {
        let name = match &condition.about {
            About::Query(name) | About::Cookie(name) => name.to_string(),
            About::Header(name) => name.to_string(),
            About::Body(names) => names.join("."),
            About::Path(path) => path.to_string(),
            About::Root => "root".to_owned(),
            About::List | About::RootNamespace => return None,
        };
        let name = utf8_percent_encode(&name, OF_A_FRAGMENT).to_string();
        match &condition.wanted {
            Wanted::Absent => None,
            Wanted::Present => Some(name),
            Wanted::Pattern(pattern) => {
                let pattern = utf8_percent_encode(pattern.as_str(), OF_A_FRAGMENT);
                Some(format!("{name}~{pattern}"))
            }
            Wanted::OneOf(values) => {
                let values: Vec<String> = values
                    .iter()
                    .filter_map(Value::scalar_text)
                    .map(|text| utf8_percent_encode(&text, OF_A_FRAGMENT).to_string())
                    .collect();
                Some(format!("{name}={}", values.join(",")))
            }
        }
    });
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| told.join("&"))
}

/// The path items in order, each by the shape of its path.
#[derive(Default)]
struct Paths {
    items: Vec<(String, Piece, Vec<Arc<str>>)>,
    shapes: BTreeMap<String, usize>,
}

impl Paths {
    /// Adds an operation, unless there is no room for it.
    fn add(
        &mut self,
        path: &[Segment],
        fragment: Option<String>,
        method: &str,
        piece: Piece,
    ) -> Result<(), String> {
        const METHODS: [&str; 8] =
            ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
        let method = method.to_lowercase();
        if !METHODS.contains(&&*method) {
            return Err(format!("OpenAPI has no method {}", method.to_uppercase()));
        }
        let fragment = fragment.map(|text| format!("#{text}")).unwrap_or_default();
        let path_key = format!("{}{fragment}", written(path));
        let at = *self.shapes.entry(format!("{}{fragment}", shape(path))).or_insert_with(|| {
            self.items.push((path_key.clone(), Piece::map(), names(path)));
            self.items.len() - 1
        });
        let Some((key, item, first)) = self.items.get_mut(at) else { return Ok(()) };
        if item.get(&method).is_some() {
            return Err(match *key == path_key {
                true => "another operation has the same method and path".to_owned(),
                false => format!("OpenAPI takes it for the same path as {key}"),
            });
        }
        item.set(method, renamed(piece, &names(path), first));
        Ok(())
    }

    fn piece(self) -> Piece {
        let mut paths = Piece::map();
        for (path, item, _) in self.items {
            paths = paths.with(path, item.block());
        }
        paths.block()
    }
}

fn names(path: &[Segment]) -> Vec<Arc<str>> {
    path.iter().flat_map(Segment::parameters).cloned().collect()
}

/// An operation whose parameters in the path are called as those of the operations beside it.
fn renamed(mut piece: Piece, names: &[Arc<str>], first: &[Arc<str>]) -> Piece {
    let text = |text: &str| Kind::Text(text.to_owned());
    if let Some(Kind::List(parameters)) = piece.get_mut("parameters").map(|it| &mut it.kind) {
        for parameter in parameters {
            let is = |key: &str, wanted: &str| {
                parameter.get(key).is_some_and(|piece| piece.kind == text(wanted))
            };
            let at = names.iter().position(|name| is("in", "path") && is("name", name));
            if let Some(name) = at.and_then(|at| first.get(at)) {
                parameter.set("name", &**name);
            }
        }
    }
    piece
}

fn info(service: &Service) -> Piece {
    let info = &service.info;
    let title = info.title.as_deref().unwrap_or(&service.vendor);
    let mut about: Vec<String> = info.description.iter().map(ToString::to_string).collect();
    about.extend(info.document.iter().map(|document| format!("The vendor's document: {document}")));
    let piece = Piece::map()
        .with("title", title)
        .with("version", info.version.as_deref().unwrap_or("1.0.0"))
        .with_some("description", (!about.is_empty()).then(|| about.join("\n\n")));
    let statements: Vec<Piece> = service
        .statements
        .iter()
        .map(|statement| Piece::map().with("id", &*statement.id).with("says", &*statement.says))
        .collect();
    match statements.is_empty() {
        true => piece.block(),
        false => piece.with("x-statements", Piece::list(statements).block()).block(),
    }
}

fn server(server: &Server) -> Piece {
    let mut variables = Piece::map();
    for (name, default) in &server.variables {
        variables.set(&**name, Piece::map().with("default", &**default));
    }
    let members: &[Member] = variables.members();
    let some = (!members.is_empty()).then_some(variables.clone());
    Piece::map().with("url", &*server.url).with_some("variables", some)
}
