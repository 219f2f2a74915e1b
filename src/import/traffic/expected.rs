//! What is expected of an answer: what was recorded, with matchers for what differs each time.

use jiff::Timestamp;

use super::flow::Flow;
use super::identity::{is_id, is_random};
use super::infer::schema;
use super::secrets::is_secret;
use crate::import::names::words;
use crate::value::Value;
use crate::write::Piece;

/// So many items of a list are expected.
const MOST_ITEMS: usize = 20;
/// A time is one of the recording within so many seconds.
const NEAR: i64 = 400 * 24 * 3600;

/// The answer to one step.
pub(super) struct Expecting<'e> {
    pub(super) flow: &'e Flow,
    pub(super) step: usize,
    /// Whether the request may have made what is answered.
    pub(super) makes: bool,
    /// What URLs of the vendor begin with.
    pub(super) host: &'e str,
    /// When it was recorded.
    pub(super) now: Timestamp,
    /// Whether a drafted spec is to answer so, too, which knows no secrets.
    pub(super) drafted: bool,
}

impl Expecting<'_> {
    /// What is expected in the place of a value, which has that name.
    pub(super) fn tree(&self, name: &str, value: &Value) -> Piece {
        match value {
            Value::Text(text) => self.text(name, text, value),
            Value::Integer(number) => self.number(name, Some(*number), value),
            Value::Number(_) => self.number(name, None, value),
            Value::List(items) => self.list(name, items),
            Value::Map(map) => {
                let grows = |value: &Value| value.as_list().is_some_and(|list| self.grows(list));
                let counts = map.iter().any(|(_, value)| grows(value));
                let mut piece = Piece::map();
                for (key, value) in map.iter().filter(|(key, _)| !self.drafted || !is_secret(key)) {
                    // One `$` would make it a matcher.
                    let own = key.starts_with('$');
                    let written = if own { format!("${key}") } else { key.to_string() };
                    let count = counts && matches!(value, Value::Integer(_)) && is_count(key);
                    let expected = if count { kind("integer") } else { self.tree(key, value) };
                    piece.set(written, expected);
                }
                piece
            }
            Value::Null | Value::Bool(_) | Value::Record(_) => value.into(),
        }
    }

    fn text(&self, name: &str, text: &str, value: &Value) -> Piece {
        if (is_secret(name) || self.flow.is_shown(text)) && !text.is_empty() {
            return kind("string");
        }
        if let Some(known) = self.flow.variable_of(self.step, name, value) {
            return format!("${{{}}}", known.name).into();
        }
        if self.flow.was_sent(self.step, text) {
            return escaped(text);
        }
        if let Some(rest) = text.strip_prefix(self.host).filter(|_| !self.host.is_empty()) {
            return link(rest);
        }
        let shape = schema(value);
        match shape.keyword("format").and_then(Value::as_str) {
            Some("date-time") => return matcher("$format", "date-time"),
            Some("date") if self.is_near(text) => return matcher("$format", "date"),
            Some("uuid") if !self.flow.is_steady(text) => return matcher("$format", "uuid"),
            Some(_) => return escaped(text),
            None => {}
        }
        let drawn = is_random(text) && !self.flow.is_steady(text)
            || self.makes && is_id(name) && text.bytes().any(|byte| byte.is_ascii_digit());
        if drawn || is_http_date(text) {
            return kind("string");
        }
        self.with_variables(text).unwrap_or_else(|| escaped(text))
    }

    /// A pattern, where captured values stand in a text.
    fn with_variables(&self, text: &str) -> Option<Piece> {
        let of_word = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        let mut pattern = String::from("^");
        let (mut rest, mut found) = (text, false);
        while let Some(c) = rest.chars().next() {
            let end = rest.find(|c| !of_word(c)).unwrap_or(rest.len()).max(c.len_utf8());
            let (word, behind) = rest.split_at(end);
            match self.flow.variable(self.step, word) {
                // A short number may be there by chance.
                Some(_) if word.len() < 4 => {
                    pattern.push_str(if c.is_ascii_digit() { "[0-9]+" } else { ".+" });
                    found = true;
                }
                Some(capture) => {
                    pattern.extend(["${", &capture.name, "}"]);
                    found = true;
                }
                None => pattern.push_str(&regex_lite::escape(word).replace("${", "$${")),
            }
            rest = behind;
        }
        pattern.push('$');
        found.then(|| matcher("$regex", &pattern))
    }

    fn number(&self, name: &str, whole: Option<i64>, value: &Value) -> Piece {
        if let Some(known) = self.flow.variable_of(self.step, name, value) {
            return format!("${{{}}}", known.name).into();
        }
        let text = value.scalar_text().unwrap_or_default();
        if self.flow.was_sent(self.step, &text) && !is_id(name) {
            return value.into();
        }
        let second = self.now.as_second();
        let near = |number: i64| (number - second).abs() < NEAR;
        let is_time = match whole {
            Some(number) => near(number) || near(number / 1000) || near(number / 1_000_000),
            None => text.split('.').next().and_then(|t| t.parse().ok()).is_some_and(near),
        };
        let drawn = self.makes && is_id(name) && !self.flow.was_named(self.step, &text);
        match whole {
            _ if !(is_time || drawn) => value.into(),
            Some(_) => kind("integer"),
            None => kind("number"),
        }
    }

    /// Whether there may be more of them at another time.
    fn grows(&self, items: &[Value]) -> bool {
        let objects = items.iter().all(|item| matches!(item, Value::Map(_)));
        self.flow.changes && !self.makes && objects
    }

    /// A list of objects may have more of them at another time, once something changes them.
    fn list(&self, name: &str, items: &[Value]) -> Piece {
        if !self.grows(items) && items.len() <= MOST_ITEMS {
            return Piece::list(items.iter().map(|item| self.tree(name, item)));
        }
        if items.is_empty() {
            return kind("array");
        }
        let shown = items.iter().take(MOST_ITEMS);
        let mut contained = shown.map(|item| Piece::map().with("$contains", self.tree(name, item)));
        match items.len() {
            1 => contained.next().unwrap_or_default(),
            _ => Piece::map().with("$all", Piece::list(contained).block()),
        }
    }

    fn is_near(&self, date: &str) -> bool {
        let at = format!("{date}T12:00:00Z").parse::<Timestamp>();
        at.is_ok_and(|at| (at.as_second() - self.now.as_second()).abs() < 3 * 24 * 3600)
    }
}

/// A link to the vendor, which is another one wherever it is asked; what stands behind the
/// last id stays.
fn link(rest: &str) -> Piece {
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    let fixed =
        |segment: &&str| !segment.is_empty() && !segment.bytes().any(|byte| byte.is_ascii_digit());
    match path.split('/').skip(1).take_while(|s| fixed(s)).collect::<Vec<_>>() {
        segments if segments.is_empty() => kind("string"),
        segments => matcher("$contains", &format!("/{}", segments.join("/"))),
    }
}

fn kind(name: &str) -> Piece {
    matcher("$type", name)
}

fn matcher(name: &str, value: &str) -> Piece {
    Piece::map().with(name, value)
}

fn escaped(text: &str) -> Piece {
    text.replace("${", "$${").into()
}

/// Whether a number of that name counts what there is.
fn is_count(name: &str) -> bool {
    let words = words(name);
    words
        .iter()
        .any(|word| matches!(word.as_str(), "total" | "count" | "size" | "pages" | "length"))
}

/// RFC 9110 section 5.6.7.
fn is_http_date(text: &str) -> bool {
    text.len() == 29 && text.ends_with(" GMT") && text.get(3..5) == Some(", ")
}
