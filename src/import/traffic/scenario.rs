//! Requests as a scenario.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use percent_encoding::percent_decode_str;

use super::draft::json;
use super::expected::Expecting;
use super::flow::Flow;
use super::identity::{From, is_id};
use super::secrets::{in_text, is_secret, variable};
use super::{Recorded, Traffic, form};
use crate::import::api::{Wire, wire_of};
use crate::import::names::unique;
use crate::import::notes::Notes;
use crate::value::Value;

use crate::write::{Piece, document};

/// Of a larger answer only the status is expected.
const LARGEST_ANSWER: usize = 64 * 1024;

/// A shorter value of a secret may stand elsewhere by chance.
const SHORTEST_SHOWN: usize = 8;

/// The text of a file with one scenario, a step for each request. With a drafted spec it runs on
/// the mock as it is.
pub(in crate::import) fn scenario(
    traffic: &Traffic,
    vendor: &str,
    name: &str,
    drafted: bool,
    notes: &mut Notes,
) -> String {
    let flow = Flow::new(&traffic.requests);
    let mut writer = Writer {
        vendor,
        notes,
        drafted,
        flow: &flow,
        step: 0,
        now: traffic.now,
        secrets: Vec::new(),
    };
    let steps: Vec<Piece> = traffic.requests.iter().map(|request| writer.step(request)).collect();
    let mut file = Piece::map().with("counterpart", 1).with("vendor", vendor);
    if !traffic.compared {
        file.set("allowUndocumented", Piece::from(true).remark("the spec may not have all of it"));
    }
    if flow.sets_cookies() {
        file.set("cookies", "kept");
    }
    if traffic.requests.iter().any(|request| request.method == "DELETE") {
        let remark = "on a real vendor it runs only with `--allow-destructive`";
        file.set("destructive", Piece::from("allowed").remark(remark));
    }
    let mut variables = Piece::map();
    let mut taken = HashSet::new();
    for (name, value) in &traffic.variables {
        let name = unique(&plain_name(name), &mut taken);
        if is_secret(&name) {
            variables.set(&name, writer.environment(&name, value));
        } else {
            variables.set(&name, value.replace("${", "$${"));
        }
    }
    for name in used_variables(traffic) {
        // What the document does not give comes from the environment.
        if taken.insert(name.clone()) {
            variables.set(&name, writer.environment(&name, ""));
        }
    }
    if !variables.is_empty() {
        file = file.with("variables", variables.block()).apart();
    }
    let title = traffic.title.clone().or_else(|| traffic.name.clone());
    let title = title.unwrap_or_else(|| format!("the requests of {name}"));
    let scenario = Piece::map().with("name", title).with("steps", Piece::list(steps).block());
    file = file.with("scenarios", Piece::list([scenario.block()]).block()).apart();
    document(
        &file,
        &[traffic
            .made
            .clone()
            .unwrap_or_else(|| format!("Imported from {name} by `counterpart-mock import`."))],
    )
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
    flow: &'w Flow,
    /// The position of the step that is written.
    step: usize,
    now: Timestamp,
    secrets: Vec<Secret>,
}

/// A secret that comes from the environment.
struct Secret {
    /// The variable that its name makes.
    name: String,
    value: String,
    /// Its own variable.
    variable: String,
}

impl Writer<'_> {
    fn step(&mut self, recorded: &Recorded) -> Piece {
        let mut request =
            Piece::map().with("method", &recorded.method).with("path", self.path(&recorded.path));
        let mut headers = Piece::map();
        for (name, value) in &recorded.headers {
            let kept = name.eq_ignore_ascii_case("cookie") && self.flow.has_set(self.step, value);
            if !kept {
                headers.set(name, self.header(name, value));
            }
        }
        if !headers.is_empty() {
            request.set("headers", headers);
        }
        if let Some(body) = &recorded.body {
            let media_type = recorded.header("Content-Type").unwrap_or_default();
            let kind = media_type.split(';').next().unwrap_or_default().trim();
            match wire_of(kind) {
                Wire::Json if let Some(value) = json(body) => {
                    request.set("json", self.tree("", &value));
                }
                Wire::Form if !is_variable(body) => {
                    request.set("form", self.tree("", &form::read(body)));
                }
                _ => request.set("text", self.text(body)),
            }
        }
        if let Some(bytes) = &recorded.binary {
            request.set("base64", STANDARD.encode(bytes));
            let text = "secrets in a body that is not text: it is written in base64, as it came";
            self.notes.leave(text, recorded.place.as_ref());
        }
        let mut step = Piece::map();
        if let Some(name) = &recorded.name {
            step.set("name", name.replace("${", "$${"));
        }
        step.set("request", request);
        step.set("expect", self.expected(recorded));
        let captures = self.captures();
        if !captures.is_empty() {
            step.set("capture", captures);
        }
        if let Some(difference) = &recorded.undocumented {
            step.set("allowUndocumented", Piece::from(true).remark(difference));
        }
        self.step += 1;
        step.block()
    }

    /// What is expected of the answer.
    fn expected(&self, recorded: &Recorded) -> Piece {
        let Some(status) = recorded.status else {
            let expected = Piece::map().with("status", "2xx");
            return expected.remark("assumed: no answer is recorded");
        };
        let mut expected = Piece::map().with("status", status);
        if let Some(why) = &recorded.left {
            return expected.remark(format!("the body is not recorded: {why}"));
        }
        let Some((kind, text)) = recorded.answer.as_ref().filter(|_| recorded.method != "HEAD")
        else {
            return expected;
        };
        if text.len() > LARGEST_ANSWER {
            return expected.remark("the body is too large to be written here");
        }
        if let Some(value) = (wire_of(kind) == Wire::Json).then(|| json(text)).flatten() {
            let expecting = Expecting {
                flow: self.flow,
                step: self.step,
                // What is refused has made nothing.
                makes: status < 300 && !matches!(&*recorded.method, "GET" | "HEAD"),
                host: &recorded.host,
                now: self.now,
                drafted: self.drafted,
            };
            // What is drafted of a few answers need not have all of their members.
            let key = if self.drafted { "includes" } else { "body" };
            expected.set(key, expecting.tree("", &value));
        }
        expected
    }

    /// What is kept for later steps.
    fn captures(&self) -> Piece {
        let mut captures = Piece::map();
        for capture in self.flow.captures(self.step) {
            let mut from = match &capture.from {
                From::Json(path) if !capture.secret => Piece::from(path),
                From::Json(path) => Piece::map().with("jsonPath", path),
                From::Location(before) => {
                    let before = regex_lite::escape(before);
                    let regex = format!("/{before}/([^/?#]+)");
                    Piece::map().with("header", "Location").with("regex", regex)
                }
            };
            if capture.secret {
                from.set("mask", true);
            }
            captures.set(&capture.name, from);
        }
        captures
    }

    /// The variable that an earlier step keeps with that text.
    fn variable(&self, text: &str) -> Option<String> {
        self.flow.variable(self.step, text).map(|capture| format!("${{{}}}", capture.name))
    }

    /// The same for what has that name.
    fn named_variable(&self, name: &str, text: &str) -> Option<String> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        self.variable(text).filter(|_| !digits || is_id(name))
    }

    /// The expression for a secret, with what the mock takes for it. Another value of the same name
    /// is another variable, since what it is used for may be to be refused.
    fn secret(&mut self, name: &str, value: &str, usual: &str) -> String {
        let wanted = variable(self.vendor, name);
        let known = self.secrets.iter().find(|one| one.name == wanted && one.value == value);
        let variable = match known {
            Some(known) => known.variable.clone(),
            None => {
                let taken = self.secrets.iter().map(|one| one.variable.clone());
                let variable = unique(&wanted, &mut taken.collect());
                let value = value.to_owned();
                self.secrets.push(Secret { name: wanted, value, variable: variable.clone() });
                variable
            }
        };
        let text = format!("`{name}` is a secret: it comes from the environment, {variable}");
        self.notes.assume(text, None);
        match self.drafted {
            true => format!("${{ env.{variable} | default('{usual}') }}"),
            false => format!("${{ env.{variable} }}"),
        }
    }

    fn environment(&mut self, name: &str, value: &str) -> String {
        let usual = format!("{}-key", self.vendor);
        self.secret(name, value, &usual)
    }

    fn header(&mut self, name: &str, value: &str) -> String {
        if let Some(variable) = self.named_variable(name, value) {
            return variable;
        }
        if let Some((scheme, credentials)) = value.split_once(' ')
            && let Some(variable) = self.named_variable(name, credentials)
        {
            return format!("{scheme} {variable}");
        }
        if !is_secret(name) || is_variable(value) || value.is_empty() {
            return text_of(value);
        }
        match value.split_once(' ') {
            Some((scheme, credentials)) if scheme.eq_ignore_ascii_case("basic") => {
                let usual = STANDARD.encode(format!("{}-key:secret", self.vendor));
                format!("{scheme} {}", self.secret(name, credentials, &usual))
            }
            Some((scheme, credentials)) if name.eq_ignore_ascii_case("authorization") => {
                format!("{scheme} {}", self.environment(name, credentials))
            }
            _ => self.environment(name, value),
        }
    }

    /// A text without its secrets.
    fn text(&mut self, text: &str) -> String {
        let mut out = String::new();
        let mut at = 0;
        for (range, name) in in_text(text) {
            let value = text.get(range.clone()).unwrap_or_default();
            if is_variable(value) {
                continue;
            }
            out.push_str(&text_of(text.get(at..range.start).unwrap_or_default()));
            let expression = self.environment(&name, value);
            out.push_str(&expression);
            at = range.end;
        }
        out.push_str(&text_of(text.get(at..).unwrap_or_default()));
        out
    }

    /// The expression for a secret that was shown elsewhere already.
    fn shown(&self, text: &str) -> Option<String> {
        let long = text.len() >= SHORTEST_SHOWN && self.flow.is_shown(text);
        let known = self.secrets.iter().find(|one| long && one.value == text)?;
        Some(format!("${{ env.{} }}", known.variable)).filter(|_| !self.drafted)
    }

    /// The path; secrets of its query are taken out.
    fn path(&mut self, path: &str) -> String {
        let (path, query) = match path.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path, None),
        };
        let segments: Vec<String> = path
            .split('/')
            .map(|segment| {
                let decoded = percent_decode_str(segment).decode_utf8_lossy();
                let known = self.variable(&decoded).or_else(|| self.shown(&decoded));
                known.unwrap_or_else(|| text_of(segment))
            })
            .collect();
        let path = segments.join("/");
        let Some(query) = query else { return path };
        let pairs: Vec<String> = query
            .split('&')
            .map(|pair| match pair.split_once('=') {
                Some((name, value))
                    if let Some(variable) = self.variable(&form::decoded(value)) =>
                {
                    format!("{name}={variable}")
                }
                Some((name, value))
                    if is_secret(name) && !value.is_empty() && !is_variable(value) =>
                {
                    format!("{name}={}", self.environment(name, &form::decoded(value)))
                }
                _ => text_of(pair),
            })
            .collect();
        format!("{path}?{}", pairs.join("&"))
    }

    fn tree(&mut self, name: &str, value: &Value) -> Piece {
        if let Some(known) = self.flow.variable_of(self.step, name, value) {
            return format!("${{{}}}", known.name).into();
        }
        match value {
            Value::Text(text) if is_secret(name) && !text.is_empty() && !is_variable(text) => {
                self.environment(name, text).into()
            }
            Value::Text(text) => self.shown(text).unwrap_or_else(|| text_of(text)).into(),
            Value::List(items) => Piece::list(items.iter().map(|item| self.tree(name, item))),
            Value::Map(map) => {
                let mut piece = Piece::map();
                for (key, value) in map.iter() {
                    // One `$` would say something of the member.
                    let written =
                        if key.starts_with('$') { format!("${key}") } else { key.to_string() };
                    piece.set(written, self.tree(key, value));
                }
                piece
            }
            other => other.into(),
        }
    }
}
