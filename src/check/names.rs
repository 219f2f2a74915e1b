//! The names that a spec gives to its parts, collected before anything refers to them.

use std::cell::Cell;
use std::sync::Arc;

use super::shape::Members;
use crate::diagnostic::{Diagnostic, slip};
use crate::source::{Located, Span};
use crate::syntax::{Node, NodeKind, Problems, ReadNode};

/// That a member is written which may be there, but looks like another one.
pub(super) fn maybe_misspelt(whose: &str, typed: &str, span: &Span, near: &str) -> Diagnostic {
    let message = format!("{whose} does not declare `{typed}`, but `{near}`");
    Diagnostic::error("maybe-misspelt", message, span, "not declared")
        .warning()
        .help(format!("did you mean `{near}`?"))
}

/// Something that has a name.
#[derive(Debug)]
pub(super) struct Named<'n> {
    pub(super) name: Arc<str>,
    /// Where the name is given.
    pub(super) span: &'n Span,
    pub(super) node: &'n Node,
    /// Whether anything refers to it.
    pub(super) used: bool,
}

/// What is said of a media type that is not declared.
const UNKNOWN_MEDIA_TYPE: &str = "unknown-media-type";

/// All things of one kind, in the order they stand.
#[derive(Debug)]
pub(super) struct Table<'n> {
    what: &'static str,
    code: &'static str,
    problems: &'n Problems,
    pub(super) list: Vec<Named<'n>>,
    /// Whether there may be others: something that would give a name could not be read.
    partial: bool,
}

impl<'n> Table<'n> {
    fn new(what: &'static str, code: &'static str, problems: &'n Problems) -> Self {
        Self { what, code, problems, list: Vec::new(), partial: false }
    }

    fn add(&mut self, name: &str, span: &'n Span, node: &'n Node) {
        if name.is_empty() || name.contains(char::is_control) {
            let message = "a name is one line, without control characters";
            self.problems.error("bad-name", message, span, "cannot be a name");
        }
        if let Some(first) = self.list.iter().find(|named| *named.name == *name) {
            let message = format!("there are two {}s `{name}`", self.what);
            self.problems.push(
                Diagnostic::error("duplicate-name", message, span, "here again")
                    .related(first.span, "first here"),
            );
            // One of the two is meant to be called otherwise.
            self.partial = true;
            return;
        }
        self.list.push(Named { name: name.into(), span, node, used: false });
    }

    /// The trees that a spec shares.
    pub(super) fn of_trees(root: &'n Node, problems: &'n Problems) -> Self {
        let mut trees = Self::of_no_trees(problems);
        if let Some(node) = root.get("components").and_then(|node| node.get("trees")) {
            trees.collect(node);
        }
        trees
    }

    /// The shared trees where there are none.
    pub(super) fn of_no_trees(problems: &'n Problems) -> Self {
        Self::new("shared tree", "unknown-tree", problems)
    }

    /// Adds the members of a mapping, each of which gives a name.
    fn collect(&mut self, node: &'n Node) {
        let members = node.as_map().unwrap_or_default();
        self.partial = node.as_map().is_none() || self.has_duplicate_key(members);
        for (key, node) in members {
            self.add(&key.value, &key.span, node);
        }
    }

    /// Whether one of the keys was told to be there twice.
    fn has_duplicate_key(&self, members: &[(Located<String>, Node)]) -> bool {
        let found = self.problems.found();
        let twice = found.iter().filter(|diagnostic| diagnostic.code == "duplicate-key");
        twice.flat_map(|diagnostic| &diagnostic.related).any(|first| {
            let is_first = |span: &Span| {
                span.start == first.span.start && Arc::ptr_eq(&span.source, &first.span.source)
            };
            members.iter().any(|(key, _)| is_first(&key.span))
        })
    }

    /// That one of the names is not what it was meant to be.
    pub(super) fn may_have_others(&mut self) {
        self.partial = true;
    }

    /// Whether there may be others than those that are known.
    pub(super) fn has_others(&self) -> bool {
        self.partial
    }

    /// The position of a name.
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.list.iter().position(|named| *named.name == *name)
    }

    /// The position of the name that a text holds; that it is used is remembered.
    pub(super) fn resolve(&mut self, node: &Node) -> Option<usize> {
        let written = node.span.text();
        if matches!(node.kind, NodeKind::Bool(_) | NodeKind::Integer(_) | NodeKind::Number(_))
            && self.position(written).is_none()
        {
            self.problems.push(self.no_name(node));
            return None;
        }
        let name = self.problems.read_text(node)?;
        self.resolve_name(&name.value, &name.span)
    }

    /// What is said of a number, or of `true`, where a name stands: with quotes around it, it would
    /// be none either. What is named may have it for a status.
    fn no_name(&self, node: &Node) -> Diagnostic {
        let article = if self.what.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        let message =
            format!("expected the name of {article} {}, found {}", self.what, node.kind_word());
        let label = format!("this is {}", node.kind_word());
        let names = || self.list.iter().map(|named| &*named.name);
        let problem = Diagnostic::error("wrong-type", message, &node.span, label).known(names());
        let meant = self.list.iter().find(|named| {
            let status = named.node.get("status").and_then(Node::whole);
            status.is_some() && status == node.whole()
        });
        match (meant, names().next()) {
            (Some(meant), _) => problem.help(format!("`{}` has that status", meant.name)),
            (None, Some(_)) => {
                let some: Vec<&str> = names().take(5).collect();
                problem.help(format!("there are: {}", some.join(", ")))
            }
            (None, None) => problem,
        }
    }

    /// What is said of a media type that is not declared: how it is, unless another one is meant.
    fn undeclared(&self, name: &str, span: &Span) -> Diagnostic {
        let names = || self.list.iter().map(|named| &*named.name);
        let message = format!("no {} is called `{name}`", self.what);
        let problem = Diagnostic::error(self.code, message, span, "not known");
        let wire = wire_of(name).unwrap_or_default();
        match slip(name, names()) {
            Some(known) => problem.suggest(name, [known]),
            None => problem
                .known(names())
                .help(format!("declare it in `mediaTypes`: `{name}: {{wire: {wire}}}`")),
        }
    }

    /// The position of a name; that it is used is remembered.
    pub(super) fn resolve_name(&mut self, name: &str, span: &Span) -> Option<usize> {
        let found = self.position(name);
        match found.and_then(|at| self.list.get_mut(at)) {
            Some(named) => named.used = true,
            None if self.partial => {}
            None if self.code == UNKNOWN_MEDIA_TYPE && wire_of(name).is_some() => {
                self.problems.push(self.undeclared(name, span));
            }
            None => {
                self.problems.unknown(
                    self.code,
                    self.what,
                    name,
                    span,
                    self.list.iter().map(|n| &*n.name),
                );
            }
        }
        found
    }

    pub(super) fn name(&self, at: usize) -> Arc<str> {
        self.list.get(at).map(|named| named.name.clone()).unwrap_or_default()
    }

    pub(super) fn node(&self, at: usize) -> Option<&'n Node> {
        self.list.get(at).map(|named| named.node)
    }
}

/// How a media type that is called so is most likely written; nothing if it is not called like one.
fn wire_of(name: &str) -> Option<&'static str> {
    let (kind, subtype) = name.split_once('/')?;
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$&^_.+-*".contains(c);
    if kind.is_empty() || subtype.is_empty() || !kind.chars().chain(subtype.chars()).all(is_token) {
        return None;
    }
    let last = subtype.rsplit(['+', '-', '.']).next().unwrap_or_default();
    Some(match (kind, last) {
        ("multipart", _) => "multipart",
        (_, "json") => "json",
        (_, "ndjson" | "jsonl" | "jsonlines") => "jsonLines",
        (_, "xml") => "xml",
        (_, "urlencoded") => "form",
        ("text", "csv") => "csv",
        ("text", "stream") => "events",
        ("text", _) => "text",
        _ => "bytes",
    })
}

/// All names of a vendor.
#[derive(Debug)]
pub(super) struct Names<'n> {
    pub(super) statements: Table<'n>,
    pub(super) errors: Table<'n>,
    pub(super) settings: Table<'n>,
    pub(super) collections: Table<'n>,
    pub(super) media_types: Table<'n>,
    pub(super) schemes: Table<'n>,
    pub(super) soap_services: Table<'n>,
    pub(super) operations: Table<'n>,
    pub(super) schemas: Table<'n>,
    pub(super) parameters: Table<'n>,
    pub(super) steps: Table<'n>,
    /// The fields of each collection's rows.
    pub(super) rows: Arc<[Arc<Members>]>,
    /// Whether the spec names no media type, so that JSON is the one there is.
    pub(super) has_default_media_type: bool,
    /// How many schemas were looked at for their shape.
    pub(super) looked: Cell<usize>,
}

impl<'n> Names<'n> {
    /// No names at all.
    pub(super) fn none(problems: &'n Problems) -> Self {
        Self {
            statements: Table::new("statement", "unknown-statement", problems),
            errors: Table::new("error", "unknown-error", problems),
            settings: Table::new("setting", "unknown-member", problems),
            collections: Table::new("collection", "unknown-collection", problems),
            media_types: Table::new("media type", UNKNOWN_MEDIA_TYPE, problems),
            schemes: Table::new("security scheme", "unknown-security-scheme", problems),
            soap_services: Table::new("SOAP service", "unknown-soap-service", problems),
            operations: Table::new("operation", "unknown-operation", problems),
            schemas: Table::new("schema", "unknown-schema", problems),
            parameters: Table::new("shared parameter", "unknown-parameter", problems),
            steps: Table::new("list of shared steps", "unknown-steps", problems),
            rows: Arc::default(),
            has_default_media_type: false,
            looked: Cell::new(0),
        }
    }

    /// The names that a whole spec gives, but for what rows have in them.
    pub(super) fn without_rows(root: &'n Node, problems: &'n Problems) -> Self {
        let mut names = Self::none(problems);
        names.has_default_media_type = root.get("mediaTypes").is_none();
        let components = root.get("components");
        for (table, node) in [
            (&mut names.errors, root.get("errors")),
            (&mut names.settings, root.get("settings")),
            (&mut names.collections, root.get("collections")),
            (&mut names.media_types, root.get("mediaTypes")),
            (&mut names.soap_services, root.get("soapServices")),
            (&mut names.schemes, components.and_then(|c| c.get("securitySchemes"))),
            (&mut names.schemas, components.and_then(|c| c.get("schemas"))),
            (&mut names.parameters, components.and_then(|c| c.get("parameters"))),
            (&mut names.steps, components.and_then(|c| c.get("steps"))),
        ] {
            if let Some(node) = node {
                table.collect(node);
            }
        }
        for (table, list, key) in [
            (&mut names.statements, "statements", "id"),
            (&mut names.operations, "operations", "operationId"),
        ] {
            let Some(node) = root.get(list) else { continue };
            let items = node.as_list().unwrap_or_default();
            table.partial = node.as_list().is_none();
            for item in items {
                match item.get(key).map(|id| (id, id.as_text())) {
                    Some((id, Some(name))) => table.add(name, &id.span, item),
                    _ => table.partial = true,
                }
            }
        }
        if names.has_default_media_type {
            names.media_types.add("application/json", &root.span, root);
        }
        names
    }

    /// The fields of a collection's rows.
    pub(super) fn row(&self, collection: usize) -> Option<&Arc<Members>> {
        self.rows.get(collection)
    }

    /// Whether a collection's rows may have that field; if not, it is a mistake.
    pub(super) fn check_field(&self, collection: usize, field: &str, span: &Span) -> bool {
        let Some(row) = self.row(collection) else { return false };
        if row.get(field).is_some() {
            return true;
        }
        if row.open {
            if let Some(near) = slip(field, row.names()) {
                let whose = format!("`{}`", self.collections.name(collection));
                self.collections.problems.push(maybe_misspelt(&whose, field, span, near));
            }
            return true;
        }
        let what = format!("field of `{}`", self.collections.name(collection));
        self.collections.problems.unknown("unknown-field", &what, field, span, row.names());
        false
    }
}

/// The name in `#/components/{kind}/NAME`.
pub(super) fn reference<'t>(text: &'t str, kind: &str) -> Option<&'t str> {
    text.strip_prefix("#/components/")?.strip_prefix(kind)?.strip_prefix('/')
}
