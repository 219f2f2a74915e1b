//! The answers of an operation: those it documents, those of its steps, and every error.

use std::collections::BTreeMap;

use super::schema;
use crate::model::{Content, Header, MediaTypeId, Operation, Service, Text, TextPart, Tree, Verb};
use crate::plan::operation as compiled;
use crate::plan::{Plan, refusals};
use crate::write::Piece;

/// What is known of one status.
#[derive(Default)]
pub(in crate::export) struct Status {
    /// What it is, in words.
    pub descriptions: Vec<String>,
    /// The names of headers.
    pub headers: Vec<String>,
    /// Schemas by media type, each once.
    pub content: Vec<(String, Vec<Piece>)>,
    /// Whether an answer may have no body.
    pub may_be_empty: bool,
}

/// The media type of what the mock answers where the spec has no error.
const PROBLEM: &str = "application/problem+json";

/// What such an answer looks like; its members are known to who knows the media type.
fn problem() -> Piece {
    Piece::map().with("type", "object")
}

/// All answers, by status.
pub(super) fn responses(
    plan: &Plan,
    operation: &Operation,
    compiled: &compiled::Operation,
    binding: &compiled::Binding,
) -> Piece {
    let service = &plan.service;
    let mut statuses = given(plan, operation);
    for id in refusals::of_operation(plan, compiled, binding) {
        let Some(error) = service.errors.get(id.0) else { continue };
        let entry = statuses.entry(error.respond.status.as_u16()).or_default();
        entry.descriptions.push(error.name.to_string());
        entry.headers.extend(names(&error.respond.headers));
        entry.content(service, operation, &error.respond.content);
    }
    let mut undocumented = false;
    for status in refusals::without_error(plan, compiled, binding) {
        match statuses.get_mut(&status.as_u16()) {
            Some(known) if !known.content.is_empty() => known.put(PROBLEM.to_owned(), problem()),
            Some(_) => {}
            None => undocumented = true,
        }
    }
    let mut piece = Piece::map();
    for (code, status) in statuses {
        piece.set(code.to_string(), status.piece(code));
    }
    if undocumented {
        let content = Piece::map().with(PROBLEM, Piece::map().with("schema", problem()));
        let said = "not documented; a mock of it answers a problem document (RFC 9457)";
        piece.set("default", Piece::map().with("description", said).with("content", content));
    }
    if piece.members().is_empty() {
        piece.set("default", Piece::map().with("description", "not documented"));
    }
    piece
}

/// The answers that are documented and those that steps give, without errors that have a name.
pub(in crate::export) fn given(plan: &Plan, operation: &Operation) -> BTreeMap<u16, Status> {
    let service = &plan.service;
    let mut statuses: BTreeMap<u16, Status> = BTreeMap::new();
    for response in &operation.responses {
        let status = statuses.entry(response.status).or_default();
        status.descriptions.extend(response.description.iter().map(ToString::to_string));
        let Some(body) = &response.schema else { continue };
        for id in &operation.produces {
            status.add(service, *id, schema::piece(service, body));
        }
    }
    let documented: Vec<u16> = statuses
        .iter()
        .filter(|(_, status)| !status.content.is_empty())
        .map(|(status, _)| *status)
        .collect();
    for step in operation.steps.all() {
        let Verb::Respond(respond) = &step.verb else { continue };
        let status = respond.status.as_u16();
        let entry = statuses.entry(status).or_default();
        entry.headers.extend(names(&respond.headers));
        entry.may_be_empty |= matches!(respond.content, Content::Nothing);
        if !documented.contains(&status) {
            entry.content(service, operation, &respond.content);
        }
    }
    statuses
}

impl Status {
    fn add(&mut self, service: &Service, id: MediaTypeId, schema: Piece) {
        let Some(media_type) = service.media_types.get(id.0) else { return };
        self.put(media_type.name.to_string(), schema);
    }

    fn content(&mut self, service: &Service, operation: &Operation, content: &Content) {
        match content {
            Content::Tree(tree, media_type) => {
                for id in media_type.as_ref().map_or(&*operation.produces, std::slice::from_ref) {
                    self.add(service, *id, shape(tree));
                }
            }
            Content::Text(text, media_type) => self.text(text, media_type),
            Content::Nothing => self.may_be_empty = true,
            Content::Bytes(..) | Content::Fault(_) => {}
        }
    }

    fn text(&mut self, text: &Text, media_type: &Text) {
        let name = literal(media_type).unwrap_or("text/plain");
        let name = name.split(';').next().unwrap_or(name).trim().to_owned();
        self.put(name, shape(&Tree::Text(text.clone())));
    }

    fn put(&mut self, media_type: String, schema: Piece) {
        let at = self.content.iter().position(|(name, _)| *name == media_type);
        match at.and_then(|at| self.content.get_mut(at)) {
            Some((_, schemas)) if schemas.iter().any(|known| same(known, &schema)) => {}
            Some((_, schemas)) => schemas.push(schema),
            None => self.content.push((media_type, vec![schema])),
        }
    }

    /// Whether nothing is known of bodies.
    fn says_nothing(&self) -> bool {
        let schemas = self.content.iter().flat_map(|(_, schemas)| schemas);
        schemas.into_iter().all(|schema| schema.members().is_empty())
    }

    fn piece(mut self, code: u16) -> Piece {
        if self.may_be_empty && (code >= 400 || self.says_nothing()) {
            // What is there is taken for what always is.
            self.content.clear();
        }
        self.descriptions.dedup();
        self.headers.sort_by_key(|name| name.to_lowercase());
        self.headers.dedup_by_key(|name| name.to_lowercase());
        let reason = http::StatusCode::from_u16(code).ok().and_then(|code| code.canonical_reason());
        let description = match self.descriptions.is_empty() {
            true => reason.unwrap_or("an answer").to_owned(),
            false => self.descriptions.join(", "),
        };
        let mut piece = Piece::map().with("description", description);
        // The media type of an answer is said by its content.
        self.headers.retain(|name| !name.eq_ignore_ascii_case("content-type"));
        if !self.headers.is_empty() {
            let mut headers = Piece::map();
            for name in self.headers {
                let any = Piece::map().with("schema", Piece::map().with("type", "string"));
                headers.set(name, any);
            }
            piece.set("headers", headers);
        }
        if !self.content.is_empty() && code != 204 && code != 304 {
            let mut content = Piece::map();
            for (name, mut schemas) in self.content {
                let anything = schemas.iter().any(|schema| schema.members().is_empty());
                let schema = match schemas.len() {
                    _ if anything => Piece::map(),
                    1 => schemas.swap_remove(0),
                    _ => Piece::map().with("anyOf", Piece::list(schemas).block()),
                };
                content.set(name, Piece::map().with("schema", schema));
            }
            piece.set("content", content.block());
        }
        piece.block()
    }
}

fn same(one: &Piece, other: &Piece) -> bool {
    crate::write::document(one, &[]) == crate::write::document(other, &[])
}

/// The names of headers, but for those that data gives.
fn names(headers: &[Header]) -> impl Iterator<Item = String> {
    headers.iter().filter(|header| header.prefix.is_none()).map(|header| header.name.to_string())
}

fn literal(text: &Text) -> Option<&str> {
    match &*text.parts {
        [TextPart::Literal(text)] => Some(text),
        _ => None,
    }
}

/// What fits whatever a tree gives: what is fixed in it is, what is worked out may be anything.
fn shape(tree: &Tree) -> Piece {
    match tree {
        Tree::Constant(value) => Piece::map().with("const", value),
        Tree::Expression(_) => Piece::map(),
        Tree::Text(text) => match literal(text) {
            Some(text) => Piece::map().with("const", text),
            None => Piece::map().with("type", "string"),
        },
        Tree::Map(members) => {
            let mut properties = Piece::map();
            let mut required = Vec::new();
            for (name, member) in members {
                properties.set(&**name, shape(member));
                if is_always_there(member) {
                    required.push(Piece::from(&**name));
                }
            }
            let mut piece = Piece::map().with("type", "object");
            if !required.is_empty() {
                piece.set("required", Piece::list(required));
            }
            piece.with("properties", properties)
        }
        Tree::List(_) => Piece::map().with("type", "array"),
        Tree::ForEach { item, .. } => Piece::map().with("type", "array").with("items", shape(item)),
        Tree::If { then, otherwise, .. } => match otherwise {
            Some(otherwise) => {
                let either = [shape(then), shape(otherwise)];
                Piece::map().with("anyOf", Piece::list(either))
            }
            None => shape(then),
        },
    }
}

fn is_always_there(tree: &Tree) -> bool {
    match tree {
        Tree::Expression(_) => false,
        Tree::If { then, otherwise, .. } => {
            is_always_there(then) && otherwise.as_deref().is_some_and(is_always_there)
        }
        _ => true,
    }
}
