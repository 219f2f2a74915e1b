//! What is expected of an answer: what was recorded, with matchers for what differs each time.

use jiff::Timestamp;

use super::flow::{Flow, local};
use super::identity::{is_id, is_opaque, is_random};
use super::infer::schema;
use super::listed::{is_one_of, may_hold_several};
use super::pattern::{Line, Pattern};
use super::secrets::{self, is_secret};
use super::{fault, links};
use crate::import::names::words;
use crate::value::Value;
use crate::write::Piece;

/// So many items of a list are expected.
const MOST_ITEMS: usize = 20;
/// A time is one of the recording within so many seconds.
const NEAR: i64 = 400 * 24 * 3600;

/// The answer to one step.
#[expect(clippy::struct_excessive_bools, reason = "each is said of its own")]
pub(super) struct Expecting<'e> {
    pub(super) flow: &'e Flow,
    pub(super) step: usize,
    /// Whether the request may have made what is answered.
    pub(super) makes: bool,
    /// Whether the lists of the answer are those that the request wrote.
    pub(super) writes_lists: bool,
    /// What URLs of the vendor begin with.
    pub(super) host: &'e str,
    /// When it was recorded.
    pub(super) now: Timestamp,
    /// Whether a drafted spec is to answer so, too, which knows no secrets.
    pub(super) drafted: bool,
    /// Whether values are told by what they spell, and one element stands for a list of one.
    pub(super) textual: bool,
    /// Whether it is a fault, which a drafted spec is to answer, too.
    pub(super) fault: bool,
}

impl Expecting<'_> {
    /// What is expected in the place of a value, which has that name.
    pub(super) fn tree(&self, name: &str, value: &Value) -> Piece {
        match value {
            Value::Text(text) => match text.parse::<i64>() {
                Ok(number) if self.textual && number.to_string() == **text => {
                    self.number(name, Some(number), value)
                }
                _ => self.text(name, text, value),
            },
            Value::Integer(number) => self.number(name, Some(*number), value),
            Value::Number(_) => self.number(name, None, value),
            Value::List(items) => self.list(name, items),
            Value::Map(map) => {
                let sole = |key: &str, value: &Value| self.is_sole(name, key, value);
                // In XML a list stands in an element of its own.
                let inner = |key: &str, value: &Value| {
                    let own = value.members().filter(|_| self.textual);
                    own.into_iter().flatten().any(|(name, value)| self.has_list(key, name, value))
                };
                let counts = map
                    .iter()
                    .any(|(key, value)| self.has_list(name, key, value) || inner(key, value));
                let mut piece = Piece::map();
                for (key, value) in map.iter().filter(|(key, _)| !self.drafted || !is_secret(key)) {
                    // One `$` would make it a matcher.
                    let own = key.starts_with('$');
                    let written = if own { format!("${key}") } else { key.to_string() };
                    let whole = value.scalar_text().is_some_and(|text| text.parse::<i64>().is_ok());
                    let counted = matches!(value, Value::Integer(_)) || self.textual && whole;
                    let expected = match () {
                        () if counts && counted && is_count(key) => kind("integer"),
                        () if sole(key, value) => self.list(key, std::slice::from_ref(value)),
                        () if self.is_without_items(key, value) => Piece::map().with("$any", true),
                        () => self.tree(key, value),
                    };
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
        if self.flow.mask().holds(text) {
            return self.around_secrets(text);
        }
        if self.fault
            && local(name) == "faultcode"
            && let Some(pattern) = fault::code(text)
        {
            return matcher("$regex", &pattern);
        }
        if let [one] = &*self.flow.spellings(text)
            && one.range == (0..text.len())
        {
            return format!("{}{}{}", one.before, one.expression, one.behind).into();
        }
        if self.flow.was_sent(self.step, text) && self.flow.spellings(text).is_empty() {
            return escaped(text);
        }
        if let Some(rest) = text.strip_prefix(self.host).filter(|_| !self.host.is_empty()) {
            return match links::pattern(rest, self.flow, self.step) {
                (pattern, true) => matcher("$regex", &pattern),
                (_, false) => link(rest),
            };
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
            || self.flow.is_returned(name) && is_opaque(text)
            || self.makes && is_id(name) && text.bytes().any(|byte| byte.is_ascii_digit());
        if drawn || is_http_date(text) {
            return kind("string");
        }
        match Pattern::of(text, self.flow, self.step, false) {
            Some(pattern) => matcher("$regex", &pattern.whole()),
            None => escaped(text),
        }
    }

    /// What is expected of a text in which a secret stands, that is told nowhere.
    fn around_secrets(&self, text: &str) -> Piece {
        let known = Pattern::of(text, self.flow, self.step, false).map(|known| known.whole());
        let known = known.filter(|pattern| !self.flow.mask().holds(pattern));
        let pattern = known.unwrap_or_else(|| secrets::pattern(self.flow.mask(), text));
        matcher("$regex", &pattern)
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
        let drawn = self.makes && is_id(name) && !self.flow.was_named(self.step, name, &text);
        match whole {
            _ if !(is_time || drawn) => value.into(),
            Some(_) => kind("integer"),
            None => kind("number"),
        }
    }

    /// Whether there may be more of them at another time.
    fn grows(&self, items: &[Value]) -> bool {
        let objects = items.iter().all(|item| matches!(item, Value::Map(_)));
        self.flow.changes && !self.writes_lists && objects
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

    /// Whether a member is a list that may grow, or what stands for one.
    fn has_list(&self, around: &str, name: &str, value: &Value) -> bool {
        value.as_list().is_some_and(|list| self.grows(list)) || self.is_sole(around, name, value)
    }

    /// Whether an element is the only one of a list so far, as a `note` in `notes` is.
    fn is_sole(&self, around: &str, name: &str, value: &Value) -> bool {
        let (around, name) = (local(around), local(name));
        self.textual
            && matches!(value, Value::Map(_))
            && (self.flow.has_several(around, name) || is_one_of(around, name))
            && self.grows(std::slice::from_ref(value))
    }

    /// Whether an element is empty in which a list stands at another time.
    fn is_without_items(&self, name: &str, value: &Value) -> bool {
        let name = local(name);
        let is_empty = match value {
            Value::Null => true,
            Value::Text(text) => text.is_empty(),
            Value::Map(map) => map.iter().all(|(name, _)| name.starts_with('@')),
            _ => false,
        };
        let holds = || self.flow.holds_list(name) || may_hold_several(name);
        self.textual && is_empty && holds() && self.grows(&[])
    }

    /// What is expected of a body that is a text.
    pub(super) fn whole(&self, text: &str) -> Piece {
        if let Some(known) = self.flow.variable(self.step, text) {
            return format!("${{{}}}", known.name).into();
        }
        if self.flow.mask().holds(text) {
            return self.around_secrets(text);
        }
        let Some(pattern) = Pattern::of(text, self.flow, self.step, true) else {
            return escaped(text);
        };
        let mut lines = pattern.lines().map(|line| match line {
            Line::Same(text) => matcher("$contains", &text),
            Line::Pattern(pattern) => matcher("$regex", &pattern),
        });
        match pattern.is_of_one_line() {
            true => lines.next().unwrap_or_default(),
            false => Piece::map().with("$all", Piece::list(lines).block()),
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
