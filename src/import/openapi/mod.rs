//! OpenAPI 3.0 and 3.1, and Swagger 2.0.

mod answer;
mod composed;
mod documents;
mod operation;
mod parameter;
mod schema;
mod security;

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::Path;

use super::api::{Api, Server};
use super::names::unique;
use super::notes::Notes;
use super::schema::Schema;
use crate::diagnostic::Diagnostic;
use crate::syntax::{Node, NodeKind};
use documents::{At, Documents, Found};

/// Reads an OpenAPI document.
pub(super) fn read(path: &Path, notes: &mut Notes) -> Result<Api, Vec<Diagnostic>> {
    let documents = Documents::load(path, notes)?;
    let Some(root) = documents.root() else { return Ok(Api::default()) };
    let old = root.get("swagger").is_some();
    if !old && root.get("openapi").is_none() {
        let message = "this is not an OpenAPI document";
        let found = Diagnostic::error("other-format", message, &root.node.span, "no `openapi` key");
        return Err(vec![
            found.help("it begins with `openapi: 3.1.0`, or with `swagger: \"2.0\"`"),
        ]);
    }
    let mut reader = Reader {
        documents: &documents,
        notes: std::mem::take(notes),
        old,
        components: HashMap::new(),
        names: HashSet::new(),
        renamed: Vec::new(),
        waiting: VecDeque::new(),
        within: Vec::new(),
        depth: 0,
    };
    let api = reader.api(root);
    *notes = reader.notes;
    Ok(api)
}

/// Reads the parts of a document.
struct Reader<'d> {
    documents: &'d Documents,
    notes: Notes,
    /// The document is Swagger 2.0.
    old: bool,
    /// The names of shared schemas by where they stand.
    components: HashMap<*const Node, String>,
    names: HashSet<String>,
    /// Those that the document calls otherwise, and what it does.
    renamed: Vec<(String, String)>,
    /// Shared schemas that are not read yet.
    waiting: VecDeque<(String, At<'d>)>,
    /// What is written out at the moment.
    within: Vec<*const Node>,
    depth: usize,
}

impl<'d> Reader<'d> {
    fn api(&mut self, root: At<'d>) -> Api {
        let info = root.get("info");
        let text = |key| {
            let node = info?.get(key)?.node;
            let text = match &node.kind {
                NodeKind::Text(text) => text.trim().to_owned(),
                NodeKind::Integer(_) | NodeKind::Number(_) => node.to_value().to_string(),
                _ => return None,
            };
            (!text.is_empty()).then_some(text)
        };
        let mut api = Api {
            title: text("title"),
            version: text("version"),
            description: text("description"),
            servers: if self.old { old_servers(root) } else { Self::servers(root) },
            ..Api::default()
        };
        api.schemes = self.schemes(root);
        api.security = root.get("security").map(|list| Self::requirements(list, &api.schemes));
        for (key, what) in [("webhooks", "webhooks"), ("x-webhooks", "webhooks")] {
            if let Some((key, _)) = root.node.entry(key) {
                let text = format!("{what}: what the vendor sends is written as `send` steps");
                self.notes.leave(text, Some(&key.span));
            }
        }
        api.operations = self.operations(root, &api.schemes);
        self.undouble(root, &mut api);
        while let Some((name, at)) = self.waiting.pop_front() {
            let schema = self.schema(at);
            api.schemas.push((name, schema));
        }
        parameter::without_objects(&mut api, &mut self.notes);
        api
    }

    /// Where all paths begin as the URL of a server ends, it is meant once.
    fn undouble(&mut self, root: At<'d>, api: &mut Api) {
        let paths: Vec<&str> = api.operations.iter().map(|one| one.path.as_str()).collect();
        for server in &mut api.servers {
            let trimmed = server.url.trim_end_matches('/');
            let host = trimmed.find("://").map_or(0, |at| at + 3);
            let start = trimmed.get(host..).and_then(|rest| rest.find('/'));
            let Some((host, base)) = start.and_then(|at| trimmed.split_at_checked(host + at))
            else {
                continue;
            };
            let is_below =
                |path: &&str| path.strip_prefix(base).is_some_and(|rest| rest.starts_with('/'));
            if !paths.is_empty() && paths.iter().all(is_below) {
                let text = format!(
                    "all paths begin with `{base}`, so the server's URL does not end in it"
                );
                self.notes.assume(text, root.get("servers").map(|at| &at.node.span));
                server.url = host.to_owned();
            }
        }
    }

    /// The name under which what a reference leads to is shared.
    fn component(&mut self, found: &Found<'d>) -> String {
        let key = std::ptr::from_ref(found.at.node);
        if let Some(name) = self.components.get(&key) {
            return name.clone();
        }
        let plain = |c: char| if c.is_ascii_alphanumeric() || "_.-".contains(c) { c } else { '_' };
        let wanted: String = found.name.chars().map(plain).collect();
        let wanted = if wanted.is_empty() { "Schema".to_owned() } else { wanted };
        let name = unique(&wanted, &mut self.names);
        if name != found.name {
            self.renamed.push((name.clone(), found.name.clone()));
        }
        self.components.insert(key, name.clone());
        self.waiting.push_back((name.clone(), found.at));
        name
    }

    /// What stands at a place, or what is referred to there; nothing where that is broken.
    fn resolve(&mut self, at: At<'d>) -> Option<At<'d>> {
        if at.text("$ref").is_none() {
            return Some(at);
        }
        match self.documents.follow(at) {
            Ok(found) => Some(found.at),
            Err(broken) => {
                self.notes.wrong(*broken);
                None
            }
        }
    }

    /// The same with the name by which it is referred to.
    fn resolve_named(&mut self, at: At<'d>) -> Option<(At<'d>, Option<String>)> {
        if at.text("$ref").is_none() {
            return Some((at, None));
        }
        match self.documents.follow(at) {
            Ok(found) => {
                let name = (!found.whole).then_some(found.name);
                Some((found.at, name))
            }
            Err(broken) => {
                self.notes.wrong(*broken);
                None
            }
        }
    }

    fn servers(root: At<'d>) -> Vec<Server> {
        let Some(list) = root.get("servers") else { return Vec::new() };
        let mut servers: Vec<Server> = Vec::new();
        for item in list.items() {
            let Some(url) = item.text("url") else { continue };
            let variables = item.get("variables").map_or_else(Vec::new, |variables| {
                let variable = |(name, _, at): (&str, _, At<'d>)| {
                    let value = at.node.get("default").map(Node::to_value);
                    let text =
                        value.map(|value| value.as_str().map_or(value.to_string(), str::to_owned));
                    (name.to_owned(), text.unwrap_or_default())
                };
                variables.members().map(variable).collect()
            });
            if servers.iter().all(|server| server.url != url) {
                servers.push(Server { url: url.to_owned(), variables });
            }
        }
        servers
    }

    /// A schema that says nothing.
    fn anything() -> Schema {
        Schema::default()
    }
}

/// `host`, `basePath` and `schemes` of Swagger 2.0.
fn old_servers(root: At<'_>) -> Vec<Server> {
    let base = root.text("basePath").unwrap_or_default();
    let Some(host) = root.text("host") else {
        let server = Server { url: base.to_owned(), variables: Vec::new() };
        return if base.trim_matches('/').is_empty() { Vec::new() } else { vec![server] };
    };
    let schemes = root.get("schemes");
    let secure = schemes.is_none_or(|list| {
        list.items().count() == 0 || list.items().any(|item| item.node.as_text() == Some("https"))
    });
    let scheme = if secure { "https" } else { "http" };
    vec![Server { url: format!("{scheme}://{host}{base}"), variables: Vec::new() }]
}
