//! Requests as a scenario.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::draft::json;
use super::secrets::{is_secret, variable};
use super::{Recorded, Traffic};
use crate::import::api::{Wire, wire_of};
use crate::import::names::unique;
use crate::import::notes::Notes;
use crate::value::Value;

use crate::write::{Piece, document};

/// The text of a file with one scenario, a step for each request. With a drafted spec it runs on
/// the mock as it is.
pub(in crate::import) fn scenario(
    traffic: &Traffic,
    vendor: &str,
    name: &str,
    drafted: bool,
    notes: &mut Notes,
) -> String {
    let mut writer = Writer { vendor, notes, drafted };
    let steps: Vec<Piece> = traffic.requests.iter().map(|request| writer.step(request)).collect();
    let mut file = Piece::map().with("counterpart", 1).with("vendor", vendor);
    file.set("allowUndocumented", Piece::from(true).remark("the spec may not have all of it"));
    let mut variables = Piece::map();
    let mut taken = HashSet::new();
    for (name, value) in &traffic.variables {
        let name = unique(&plain_name(name), &mut taken);
        if is_secret(&name) {
            variables.set(&name, writer.environment(&name));
        } else {
            variables.set(&name, value.replace("${", "$${"));
        }
    }
    for name in used_variables(traffic) {
        // What the document does not give comes from the environment.
        if taken.insert(name.clone()) {
            variables.set(&name, writer.environment(&name));
        }
    }
    if !variables.is_empty() {
        file = file.with("variables", variables.block()).apart();
    }
    let title = traffic.name.clone().unwrap_or_else(|| format!("the requests of {name}"));
    let scenario = Piece::map().with("name", title).with("steps", Piece::list(steps).block());
    file = file.with("scenarios", Piece::list([scenario.block()]).block()).apart();
    document(&file, &[format!("Imported from {name} by `counterpart-mock import`.")])
}

/// The names in `{{name}}` that requests have.
fn used_variables(traffic: &Traffic) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut look = |text: &str| {
        for rest in text.split("{{").skip(1) {
            if let Some((name, _)) = rest.split_once("}}") {
                let name = plain_name(name);
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
    };
    for request in &traffic.requests {
        look(&request.path);
        for (_, value) in &request.headers {
            look(value);
        }
        if let Some(body) = &request.body {
            look(body);
        }
    }
    names
}

fn plain_name(name: &str) -> String {
    let name = crate::import::names::snake(name);
    match name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        true => name,
        false => format!("value_{name}"),
    }
}

/// A text with `{{name}}` as expressions.
fn text_of(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{") {
        let Some((name, after)) = behind.split_once("}}") else { break };
        out.push_str(&before.replace("${", "$${"));
        out.push_str("${");
        out.push_str(&plain_name(name));
        out.push('}');
        rest = after;
    }
    out.push_str(&rest.replace("${", "$${"));
    out
}

/// Whether a value is one of the document's variables, which are taken care of themselves.
fn is_variable(value: &str) -> bool {
    value.contains("{{")
}

struct Writer<'w> {
    vendor: &'w str,
    notes: &'w mut Notes,
    /// A spec is drafted too, whose key the mock takes.
    drafted: bool,
}

impl Writer<'_> {
    fn step(&mut self, recorded: &Recorded) -> Piece {
        let mut request =
            Piece::map().with("method", &recorded.method).with("path", self.path(&recorded.path));
        let mut headers = Piece::map();
        for (name, value) in &recorded.headers {
            headers.set(name, self.header(name, value));
        }
        if !headers.is_empty() {
            request.set("headers", headers);
        }
        if let Some(body) = &recorded.body {
            let media_type = recorded.header("Content-Type").unwrap_or_default();
            let kind = media_type.split(';').next().unwrap_or_default().trim();
            let tree = (wire_of(kind) == Wire::Json).then(|| json(body)).flatten();
            match tree {
                Some(value) => request.set("json", self.tree("", &value)),
                None => request.set("text", text_of(body)),
            }
        }
        let mut step = Piece::map();
        if let Some(name) = &recorded.name {
            step.set("name", name.replace("${", "$${"));
        }
        step.set("request", request);
        match recorded.status {
            Some(status) => step.set("expect", Piece::map().with("status", status)),
            None => step.set(
                "expect",
                Piece::map().with("status", "2xx").remark("assumed: no answer is recorded"),
            ),
        }
        step.block()
    }

    /// The expression for a secret, with what the mock takes for it.
    fn secret(&mut self, name: &str, usual: &str) -> String {
        let variable = variable(self.vendor, name);
        let text = format!("`{name}` is a secret: it comes from the environment, {variable}");
        self.notes.assume(text, None);
        match self.drafted {
            true => format!("${{ env.{variable} | default('{usual}') }}"),
            false => format!("${{ env.{variable} }}"),
        }
    }

    fn environment(&mut self, name: &str) -> String {
        let usual = format!("{}-key", self.vendor);
        self.secret(name, &usual)
    }

    fn header(&mut self, name: &str, value: &str) -> String {
        if !is_secret(name) || is_variable(value) || value.is_empty() {
            return text_of(value);
        }
        match value.split_once(' ') {
            Some((scheme, _)) if scheme.eq_ignore_ascii_case("basic") => {
                let usual = STANDARD.encode(format!("{}-key:secret", self.vendor));
                format!("{scheme} {}", self.secret(name, &usual))
            }
            Some((scheme, _)) if name.eq_ignore_ascii_case("authorization") => {
                format!("{scheme} {}", self.environment(name))
            }
            _ => self.environment(name),
        }
    }

    /// The path; secrets of its query are taken out.
    fn path(&mut self, path: &str) -> String {
        let Some((path, query)) = path.split_once('?') else { return text_of(path) };
        let pairs: Vec<String> = query
            .split('&')
            .map(|pair| match pair.split_once('=') {
                Some((name, value))
                    if is_secret(name) && !value.is_empty() && !is_variable(value) =>
                {
                    format!("{name}={}", self.environment(name))
                }
                _ => text_of(pair),
            })
            .collect();
        format!("{}?{}", text_of(path), pairs.join("&"))
    }

    fn tree(&mut self, name: &str, value: &Value) -> Piece {
        match value {
            Value::Text(text) if is_secret(name) && !text.is_empty() && !is_variable(text) => {
                self.environment(name).into()
            }
            Value::Text(text) => text_of(text).into(),
            Value::List(items) => Piece::list(items.iter().map(|item| self.tree(name, item))),
            Value::Map(map) => {
                let mut piece = Piece::map();
                for (key, value) in map.iter().filter(|(key, _)| !key.starts_with('$')) {
                    piece.set(&**key, self.tree(key, value));
                }
                piece
            }
            other => other.into(),
        }
    }
}
