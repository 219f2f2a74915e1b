//! The single values of requests and answers, each with where it stands.

use std::sync::Arc;

use percent_encoding::percent_decode_str;

use super::identity::{From, is_id, is_opaque, is_random, is_sent_back, is_validator, usual};
use super::said::Said;
use super::secret_names::is_secret;
use super::{Recorded, form, infer};
use crate::import::names::singular;
use crate::run::answer::BodyForm;
use crate::value::Value;

/// A value without members.
#[derive(Debug, Clone)]
pub(super) struct Atom {
    /// What it is called.
    pub(super) name: String,
    /// What it spells.
    pub(super) text: Arc<str>,
    /// Itself.
    pub(super) value: Value,
    /// Where in an answer it stands.
    pub(super) from: Option<From>,
    /// Whether it is a segment of a path.
    segment: bool,
}

impl Atom {
    fn new(name: &str, value: Value, from: Option<From>) -> Option<Self> {
        let text = value.scalar_text().filter(|text| !text.is_empty())?;
        Some(Self { name: name.to_owned(), text, value, from, segment: false })
    }

    /// Whether it is a number, or a text of digits.
    pub(super) fn is_number(&self) -> bool {
        is_digits(&self.text)
    }

    /// Whether what was sent can mean a value of an answer: a small number does so by its name, or
    /// in a path.
    pub(super) fn tells_one(&self) -> bool {
        !self.is_number() || self.segment || is_id(&self.name)
    }

    /// Whether it tells one of many: by what it is called, or by how it looks.
    pub(super) fn is_identifier(&self) -> bool {
        match &self.value {
            Value::Integer(_) => is_id(&self.name),
            Value::Text(text) => {
                is_random(text)
                    || is_id(&self.name) && text.bytes().any(|b| b.is_ascii_digit())
                    || matches!(self.from, Some(From::Location(_)))
                    || matches!(&self.from, Some(From::Header(name)) if self.is_state(name))
            }
            _ => false,
        }
    }

    /// Whether a header holds what clients send back as they got it: which state they have seen, or
    /// a key for the next request.
    fn is_state(&self, name: &str) -> bool {
        let digits = self.text.bytes().any(|byte| byte.is_ascii_digit());
        is_validator(name) || !self.is_number() && (is_secret(name) || digits)
    }

    /// Whether it is a mail address.
    pub(super) fn is_address(&self) -> bool {
        let shape = infer::schema(&Value::Text(self.text.clone()));
        shape.keyword("format").and_then(Value::as_str) == Some("email")
    }

    /// Whether it looks as if it means nothing to people.
    pub(super) fn is_opaque(&self) -> bool {
        self.value.as_str().is_some_and(is_opaque)
    }
}

/// What a client sent: segments of the path, values of query, headers and body.
pub(super) fn sent(recorded: &Recorded) -> Vec<Atom> {
    let mut atoms = Vec::new();
    let (path, query) = recorded.path.split_once('?').unwrap_or((&recorded.path, ""));
    for segment in path.split('/') {
        let atom = Atom::new("", Value::text(decoded(segment)), None);
        atoms.extend(atom.map(|atom| Atom { segment: true, ..atom }));
    }
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    atoms.extend(
        pairs.filter_map(|(name, value)| Atom::new(name, Value::text(form::decoded(value)), None)),
    );
    for (name, value) in &recorded.headers {
        atoms.extend(Atom::new(name, Value::text(value.as_str()), None));
        // What stands behind a scheme (RFC 9110 section 11.4).
        if let Some((_, credentials)) = value.split_once(' ') {
            atoms.extend(Atom::new(name, Value::text(credentials), None));
        }
    }
    if let Some(body) = &recorded.body {
        let said = Said::new(recorded.header("Content-Type").unwrap_or_default(), body, None);
        let mut said = walked(&said);
        for atom in &mut said {
            atom.from = None;
        }
        atoms.append(&mut said);
    }
    atoms
}

/// What was answered: members of the body, or all of a text that is one word, the end of the path in
/// `Location`, and other headers that come once.
pub(super) fn answered(recorded: &Recorded) -> Vec<Atom> {
    let mut atoms = recorded.answer.as_ref().map(walked).unwrap_or_default();
    let is = |(name, _): &&(String, String)| name.eq_ignore_ascii_case("location");
    if let Some((_, location)) = recorded.answer_headers.iter().find(is) {
        let path = location.split(['?', '#']).next().unwrap_or_default();
        if let Some((before, last)) = path.rsplit_once('/') {
            let before = before.rsplit('/').next().unwrap_or_default();
            let name = format!("{}_id", singular(before));
            let from = Some(From::Location(before.to_owned()));
            atoms.extend(Atom::new(&name, Value::text(decoded(last)), from));
        }
    }
    let headers = &recorded.answer_headers;
    for (name, value) in headers.iter().filter(|(name, _)| is_sent_back(name)) {
        let lines = headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name)).count();
        if lines == 1 {
            // Its parts are no words.
            let is_tag = name.eq_ignore_ascii_case("etag");
            let name = if is_tag { "ETag".to_owned() } else { usual(name) };
            let called = if is_tag { "etag" } else { &name };
            let from = Some(From::Header(name.clone()));
            atoms.extend(Atom::new(called, Value::text(value.as_str()), from));
        }
    }
    atoms
}

/// The single values of a body.
fn walked(said: &Said) -> Vec<Atom> {
    let mut atoms = Vec::new();
    match (&said.tree, said.form) {
        (Some(tree), BodyForm::Xml) => walk_markup("", tree, "", &mut atoms),
        (Some(tree), BodyForm::Json) => walk("", tree, "$", &mut atoms),
        (Some(tree), BodyForm::Form) => {
            walk("", tree, "$", &mut atoms);
            for atom in &mut atoms {
                atom.from = None;
            }
        }
        // Rows and lines have no place that is the same each time.
        (Some(_), _) => {}
        (None, _) => {
            let is_word = !said.text.contains(char::is_whitespace);
            let word = is_word.then(|| Value::text(said.text.as_str()));
            let name = if is_digits(&said.text) { "id" } else { "" };
            atoms.extend(word.and_then(|word| Atom::new(name, word, Some(From::Text))));
        }
    }
    atoms
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Elements and attributes.
fn walk_markup(name: &str, value: &Value, path: &str, atoms: &mut Vec<Atom>) {
    match value {
        Value::List(items) => {
            for (at, item) in items.iter().enumerate() {
                walk_markup(name, item, &format!("{path}[{}]", at + 1), atoms);
            }
        }
        Value::Map(map) => {
            for (key, value) in map.iter() {
                match &**key {
                    "#text" => walk_markup(name, value, path, atoms),
                    // What has no prefix of its own cannot stand in an XPath.
                    key if key.contains(['#', '{']) => {}
                    key => {
                        let local = key.trim_start_matches('@');
                        let local = local.rsplit(':').next().unwrap_or_default();
                        walk_markup(local, value, &format!("{path}/{key}"), atoms);
                    }
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Record(_) => {}
        scalar => {
            atoms.extend(Atom::new(name, scalar.clone(), Some(From::XPath(path.to_owned()))));
        }
    }
}

fn walk(name: &str, value: &Value, path: &str, atoms: &mut Vec<Atom>) {
    match value {
        Value::List(items) => {
            for (at, item) in items.iter().enumerate() {
                walk(name, item, &format!("{path}[{at}]"), atoms);
            }
        }
        Value::Map(map) => {
            for (key, value) in map.iter() {
                let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
                let simple = key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                    && key.chars().all(plain);
                let path = match simple {
                    true => format!("{path}.{key}"),
                    // RFC 9535 section 2.3.1.1: as in JavaScript.
                    false => {
                        let escaped = key.replace('\\', "\\\\").replace('\'', "\\'");
                        format!("{path}['{escaped}']")
                    }
                };
                walk(key, value, &path, atoms);
            }
        }
        Value::Null | Value::Bool(_) => {}
        scalar => {
            atoms.extend(Atom::new(name, scalar.clone(), Some(From::Json(path.to_owned()))));
        }
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}
