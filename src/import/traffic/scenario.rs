//! Requests as a scenario.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use percent_encoding::percent_decode_str;

use super::flow::Flow;
use super::identity::is_id;
use super::keys::KeyPlace;
use super::renewed::Spelling;
use super::secrets::{SHORTEST_SHOWN, in_text, is_secret, variable, wrong};
use super::{Recorded, Traffic, form};
use crate::import::names::{snake, unique};
use crate::import::notes::Notes;
use crate::value::Value;
use crate::write::{Kind, Piece, document};

/// The text of a file with one scenario, a step for each request. With a drafted spec it runs on
/// the mock as it is.
pub(in crate::import) fn scenario(
    traffic: &Traffic,
    vendor: &str,
    name: &str,
    drafted: bool,
    notes: &mut Notes,
) -> String {
    let flow = Flow::new(&traffic.requests, !drafted);
    let mut writer = Writer {
        vendor,
        notes,
        drafted,
        compared: traffic.compared,
        flow: &flow,
        step: 0,
        now: traffic.now,
        secrets: Vec::new(),
    };
    let mut steps: Vec<Piece> =
        traffic.requests.iter().map(|request| writer.step(request)).collect();
    let shared = shared_keys(&mut steps);
    let mut file = Piece::map().with("counterpart", 1).with("vendor", vendor);
    if !traffic.compared {
        file.set("allowUndocumented", Piece::from(true).remark("the spec may not have all of it"));
    }
    if let Some(keys) = shared {
        file.set("authenticate", keys);
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
    for renewed in flow.renewed() {
        variables.set(&renewed.name, Piece::from(&renewed.instead).remark(&renewed.remark));
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

/// The key that most steps show, where it is there from the start: it is shown by the file, and steps
/// that show none say so.
fn shared_keys(steps: &mut [Piece]) -> Option<Piece> {
    const KEY: &str = "authenticate";
    let is_there = |keys: &Piece| {
        let mut all = keys.members().iter();
        all.all(|one| matches!(&one.value.kind, Kind::Text(text) if text.starts_with("${ env.")))
    };
    let shown = || steps.iter().filter_map(|step| step.get(KEY)).filter(|keys| is_there(keys));
    let count = |keys: &Piece| shown().filter(|other| *other == keys).count();
    let most = shown().max_by_key(|keys| count(keys))?.clone();
    if count(&most) < 2 || count(&most) * 2 < steps.len() {
        return None;
    }
    for step in steps {
        match step.get(KEY) {
            None => step.set(KEY, "none"),
            Some(keys) if *keys == most => {
                if let Kind::Map(members) = &mut step.kind {
                    members.retain(|member| member.key != KEY);
                }
            }
            Some(_) => {}
        }
    }
    Some(most)
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
    let name = snake(name);
    match name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        true => name,
        false => format!("value_{name}"),
    }
}

/// A text with `{{name}}` as expressions.
pub(super) fn text_of(text: &str) -> String {
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
pub(super) fn is_variable(value: &str) -> bool {
    value.contains("{{")
}

/// Writes steps.
pub(super) struct Writer<'w> {
    vendor: &'w str,
    pub(super) notes: &'w mut Notes,
    /// A spec is drafted too, whose key the mock takes.
    pub(super) drafted: bool,
    /// The answers were held against a spec that there was before.
    pub(super) compared: bool,
    pub(super) flow: &'w Flow,
    /// The position of the step that is written.
    pub(super) step: usize,
    pub(super) now: Timestamp,
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
    /// The variable that an earlier step keeps with that text.
    pub(super) fn variable(&self, text: &str) -> Option<String> {
        self.flow.variable(self.step, text).map(|capture| format!("${{{}}}", capture.name))
    }

    /// The same for what has that name: a number is meant where that is called an id, or as the thing
    /// whose id is kept.
    pub(super) fn named_variable(&self, name: &str, text: &str) -> Option<String> {
        let found = self.flow.variable(self.step, text)?;
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let means_it = || is_id(name) || found.name.strip_suffix("_id") == Some(&snake(name));
        (!digits || means_it()).then(|| format!("${{{}}}", found.name))
    }

    /// The expression for a secret, with what the mock takes for it. Another value of the same name
    /// is another variable, since what it is used for may be to be refused.
    fn secret(&mut self, name: &str, value: &str, usual: &str) -> String {
        let refused = self.flow.is_refused(value);
        let wanted = match refused {
            true => variable(self.vendor, &format!("refused_{name}")),
            false => variable(self.vendor, name),
        };
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
        let text = match refused {
            true => format!("{text}; `{usual}` unless that is set, since it was refused"),
            false => text,
        };
        self.notes.assume(text, None);
        match self.drafted || refused {
            true => format!("${{ env.{variable} | default('{usual}') }}"),
            false => format!("${{ env.{variable} }}"),
        }
    }

    pub(super) fn environment(&mut self, name: &str, value: &str) -> String {
        let usual = match self.flow.is_refused(value) {
            true => wrong(name),
            false => format!("{}-key", self.vendor),
        };
        self.secret(name, value, &usual)
    }

    pub(super) fn header(&mut self, name: &str, value: &str) -> String {
        if let Some(variable) = self.flow.key_of_request(name, value) {
            return format!("${{{variable}}}");
        }
        if let Some(variable) = self.named_variable(name, value) {
            return variable;
        }
        if let Some((scheme, credentials)) = value.split_once(' ')
            && let Some(variable) = self.named_variable(name, credentials)
        {
            return format!("{scheme} {variable}");
        }
        if !is_secret(name) || is_variable(value) || value.is_empty() {
            return self.literal(value);
        }
        match value.split_once(' ') {
            Some((scheme, credentials)) if scheme.eq_ignore_ascii_case("basic") => {
                let usual = match self.flow.is_refused(credentials) {
                    true => STANDARD.encode("wrong:wrong"),
                    false => STANDARD.encode(format!("{}-key:secret", self.vendor)),
                };
                format!("{scheme} {}", self.secret(name, credentials, &usual))
            }
            Some((scheme, credentials)) if name.eq_ignore_ascii_case("authorization") => {
                format!("{scheme} {}", self.environment(name, credentials))
            }
            _ => self.environment(name, value),
        }
    }

    /// A text without its secrets, and with variables for what earlier answers had.
    pub(super) fn text(&mut self, text: &str) -> String {
        if let Some(known) = self.named_variable("", text) {
            return known;
        }
        let mut out = String::new();
        let mut at = 0;
        let wanted =
            |name: &str, value: &str| is_secret(name) || self.named_variable(name, value).is_some();
        for (range, name) in in_text(text, &wanted) {
            let value = text.get(range.clone()).unwrap_or_default();
            if is_variable(value) {
                continue;
            }
            out.push_str(&self.literal(text.get(at..range.start).unwrap_or_default()));
            let known = self.named_variable(&name, value);
            let expression = known.unwrap_or_else(|| self.environment(&name, value));
            out.push_str(&expression);
            at = range.end;
        }
        out.push_str(&self.literal(text.get(at..).unwrap_or_default()));
        out
    }

    /// A text that has neither variables nor secrets, but what is renewed.
    pub(super) fn literal(&self, text: &str) -> String {
        let mut out = String::new();
        let mut at = 0;
        for Spelling { range, before, expression, behind } in self.flow.spellings(text) {
            out.push_str(&text_of(text.get(at..range.start).unwrap_or_default()));
            out.extend([before, expression, behind]);
            at = range.end;
        }
        out.push_str(&text_of(text.get(at..).unwrap_or_default()));
        out
    }

    /// The expression for a secret that was shown elsewhere already.
    fn shown(&self, text: &str) -> Option<String> {
        let long = text.len() >= SHORTEST_SHOWN && self.flow.is_shown(text);
        let known = self.secrets.iter().find(|one| long && one.value == text)?;
        Some(format!("${{ env.{} }}", known.variable))
            .filter(|_| !self.drafted && !self.flow.is_refused(text))
    }

    /// A secret by its name, or by what was shown elsewhere.
    pub(super) fn secret_in(&mut self, name: &str, value: &str) -> Option<String> {
        if is_secret(name) && !value.is_empty() && !is_variable(value) {
            return Some(self.environment(name, value));
        }
        self.shown(value)
    }

    /// The path; secrets of its query are taken out, and keys are shown elsewhere.
    pub(super) fn path(&mut self, recorded: &Recorded) -> String {
        let (path, query) = match recorded.path.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (&*recorded.path, None),
        };
        let segments: Vec<String> = path
            .split('/')
            .map(|segment| {
                let decoded = percent_decode_str(segment).decode_utf8_lossy();
                let known = self.variable(&decoded).or_else(|| self.shown(&decoded));
                known.unwrap_or_else(|| self.literal(segment))
            })
            .collect();
        let path = segments.join("/");
        let Some(query) = query else { return path };
        let is_key = |pair: &&str| {
            let name = pair.split('=').next().unwrap_or_default();
            recorded.has_key(KeyPlace::Query, &form::decoded(name))
        };
        let pairs: Vec<String> = query
            .split('&')
            .filter(|pair| !is_key(pair))
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
                _ => self.literal(pair),
            })
            .collect();
        match pairs.is_empty() {
            true => path,
            false => format!("{path}?{}", pairs.join("&")),
        }
    }

    pub(super) fn tree(&mut self, name: &str, value: &Value) -> Piece {
        if let Some(known) = self.flow.variable_of(self.step, name, value) {
            return format!("${{{}}}", known.name).into();
        }
        match value {
            Value::Text(text) if is_secret(name) && !text.is_empty() && !is_variable(text) => {
                self.environment(name, text).into()
            }
            Value::Text(text) => self.shown(text).unwrap_or_else(|| self.literal(text)).into(),
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
