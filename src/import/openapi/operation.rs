//! Paths and operations.

use std::collections::HashSet;

use percent_encoding::percent_decode_str;

use super::Reader;
use super::documents::At;
use crate::import::api::{Operation, Scheme};
use crate::import::names::{snake, unique};

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

impl<'d> Reader<'d> {
    /// All operations, in the order of the document.
    pub(super) fn operations(&mut self, root: At<'d>, schemes: &[Scheme]) -> Vec<Operation> {
        let mut operations = Vec::new();
        let mut ids = HashSet::new();
        let Some(paths) = root.get("paths") else { return operations };
        for (path, span, item) in paths.members() {
            if !path.starts_with('/') {
                self.notes.leave(format!("`{path}`, which is not a path"), Some(span));
                continue;
            }
            let Some(item) = self.resolve(item) else { continue };
            for (method, span, at) in item.members() {
                if !METHODS.contains(&method) {
                    continue;
                }
                let Some(at) = self.resolve(at) else { continue };
                let shared = item.get("parameters");
                let (path, told) = path.split_once(['#', '?']).unwrap_or((path, ""));
                let mut operation = self.operation(at, shared, path, method, root);
                operation.matching = matching(&operation, told);
                operation.id = unique(&operation_id(at, method, told_or(path, told)), &mut ids);
                operation.place = Some(span.clone());
                operation.security =
                    at.get("security").map(|list| Self::requirements(list, schemes));
                operations.push(operation);
            }
            if let Some(servers) = item.get("servers") {
                let text = "`servers` of single paths: all paths are on the servers at the top";
                self.notes.leave(text, Some(&servers.node.span));
            }
        }
        operations
    }

    fn operation(
        &mut self,
        at: At<'d>,
        shared: Option<At<'d>>,
        path: &str,
        method: &str,
        root: At<'d>,
    ) -> Operation {
        let text = |key: &str| at.text(key).map(str::trim).filter(|text| !text.is_empty());
        let mut description = text("description").map(str::to_owned);
        if at.flag("deprecated") {
            let before = description.map(|text| format!("\n\n{text}")).unwrap_or_default();
            description = Some(format!("Deprecated.{before}"));
        }
        let summary = text("summary").map(|text| text.replace('\n', " "));
        let mut operation = Operation {
            method: method.to_uppercase(),
            path: path.to_owned(),
            description: description.filter(|text| Some(text) != summary.as_ref()),
            summary,
            tags: at
                .get("tags")
                .into_iter()
                .flat_map(At::items)
                .filter_map(|tag| tag.node.as_text().map(str::to_owned))
                .collect(),
            ..Operation::default()
        };
        self.parameters(at, shared, root, &mut operation);
        if let Some(body) = at.get("requestBody") {
            operation.body = self.body(body);
        }
        if let Some(answers) = at.get("responses") {
            operation.answers = self.answers(answers, at, root);
        }
        if let Some((key, _)) = at.node.entry("callbacks") {
            let text = "callbacks: what the vendor sends is written as `send` steps";
            self.notes.leave(text, Some(&key.span));
        }
        if let Some(servers) = at.get("servers") {
            let text = "`servers` of single paths: all paths are on the servers at the top";
            self.notes.leave(text, Some(&servers.node.span));
        }
        operation
    }
}

/// What tells an operation from others at its path. OpenAPI has no word for it; documents have it
/// behind the path, as a query or as a fragment, which no request has: `/?Action=Send`,
/// `/#X-Target=Queue.Send`.
fn matching(operation: &Operation, told: &str) -> Vec<(&'static str, String, Vec<String>)> {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let pairs = told.split('&').filter_map(|pair| pair.split_once('='));
    let known = |name: &str| {
        operation.parameters.iter().find(|known| known.name.eq_ignore_ascii_case(name))
    };
    pairs
        .filter_map(|(name, value)| {
            let (name, values) = (decoded(name), value.split(',').map(decoded).collect());
            let place = match known(&name).map(|parameter| parameter.place) {
                Some(place @ ("query" | "header")) => place,
                Some(_) => return None,
                None => "query",
            };
            Some((place, name, values))
        })
        .collect()
}

/// What an operation without an id is called by, besides its method.
fn told_or<'t>(path: &'t str, told: &'t str) -> &'t str {
    let value = told.rsplit(['=', '.']).next().unwrap_or_default();
    if value.is_empty() { path } else { value }
}

/// The document's id, or one that is made of method and path.
fn operation_id(at: At<'_>, method: &str, path: &str) -> String {
    let plain = |c: char| if c.is_ascii_graphic() { c } else { '_' };
    match at.text("operationId").map(str::trim).filter(|id| !id.is_empty()) {
        Some(id) => id.chars().map(plain).collect(),
        None => {
            let words: Vec<String> =
                path.split('/').map(snake).filter(|word| !word.is_empty()).collect();
            format!("{method}_{}", words.join("_")).trim_end_matches('_').to_owned()
        }
    }
}
