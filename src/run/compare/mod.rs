//! Expected against actual: everything that differs, at once.
//!
//! JSON and forms are compared as trees, XML as trees with qualified names ([`markup`]). A
//! mismatch points at the node of the expectation that does not hold.

mod draw;
mod list;
mod matcher;
mod moved;
mod order;
pub(in crate::run) mod path;
mod pattern;
mod project;
pub(in crate::run) mod scalar;
mod words;

use std::sync::Arc;

use super::evaluate::{EvaluationError, written};
use super::event::{Mismatch, MismatchKind};
use super::markup::{self, Namespaces};
use super::scope::Scope;
use crate::model::Tree;
use crate::scenario::{Expected, ExpectedKind, Matcher};
use crate::source::Span;
use crate::value::Value;
use crate::wire::soap::SoapVersion;
use crate::wire::xml::SCHEMA_INSTANCE;
use path::Path;

pub use draw::draw;
pub(in crate::run) use words::{shortened, shown};

/// How trees of one form are compared.
#[derive(Debug, Clone, Copy)]
pub struct Ways<'n> {
    /// XML: names are qualified, an element may stand for a list of one.
    pub markup: bool,
    /// A text is the number or the truth value that it spells.
    pub textual: bool,
    /// The prefixes of the expectation.
    pub namespaces: &'n Namespaces,
}

impl Ways<'_> {
    /// JSON: what it says counts.
    pub const JSON: Ways<'static> = Ways { markup: false, textual: false, namespaces: &[] };

    /// Headers and texts.
    pub const TEXT: Ways<'static> = Ways { markup: false, textual: true, namespaces: &[] };
}

/// Compares. `base` is what stands before paths: `$`, `header Location`, nothing for XML;
/// `whole` says that maps may have no further members.
///
/// Gives everything that is not as expected, in the order of the expectation.
pub fn compare(
    expected: &Expected,
    actual: Option<&Value>,
    base: &str,
    whole: bool,
    ways: Ways<'_>,
    scope: &Scope<'_>,
) -> Vec<Mismatch> {
    let mut comparison = Comparison::new(base, ways, scope);
    comparison.node(expected, actual, whole);
    comparison.finish()
}

/// What was expected as a tree in which whatever fits is as it came, to be shown beside that.
pub fn project(
    expected: &Expected,
    actual: Option<&Value>,
    whole: bool,
    ways: Ways<'_>,
    scope: &Scope<'_>,
) -> Option<Value> {
    Comparison::new("", ways, scope).project(expected, actual, whole)
}

/// So many mismatches of one list or object are told: an answer may have millions of items.
const MOST_TOLD: usize = 100;

/// Whether a member of an element is an attribute that an expected text does not speak of. What is
/// about the schema of a document (`xsi:type`) is not content, and `nil` is how null is written.
fn is_unexpected_beside(name: &str, is_null: bool) -> bool {
    let (is_attribute, namespace, local) = markup::split(name);
    is_attribute
        && namespace != Some(SCHEMA_INSTANCE)
        && !(is_null && namespace.is_none() && local == "nil")
}

struct Comparison<'c> {
    scope: &'c Scope<'c>,
    ways: Ways<'c>,
    path: Path,
    found: Vec<Mismatch>,
    /// Mistakes of the scenario, which no `$not` turns into a success.
    mistakes: Vec<Mismatch>,
    /// Expected namespaces, with those in their places, of the elements around.
    moved: Vec<(Option<String>, Option<String>)>,
}

impl<'c> Comparison<'c> {
    fn new(base: &str, ways: Ways<'c>, scope: &'c Scope<'c>) -> Self {
        let path = Path::new(base, ways.markup);
        Self { scope, ways, path, found: Vec::new(), mistakes: Vec::new(), moved: Vec::new() }
    }

    fn finish(mut self) -> Vec<Mismatch> {
        self.mistakes.dedup_by(|a, b| a.message == b.message && a.span.start == b.span.start);
        self.found.append(&mut self.mistakes);
        self.found
    }

    /// Whether it fits, without a word about why not.
    fn fits(&mut self, expected: &Expected, actual: Option<&Value>, whole: bool) -> bool {
        let mark = self.found.len();
        self.node(expected, actual, whole);
        let fits = self.found.len() == mark;
        self.found.truncate(mark);
        fits
    }

    fn node(&mut self, expected: &Expected, actual: Option<&Value>, whole: bool) {
        let expected = self.scope.chosen(expected);
        match &expected.kind {
            // There is such a row.
            ExpectedKind::ByRow(_) => {}
            ExpectedKind::Value(tree) => {
                if let Some(value) = self.evaluate(tree, &expected.span) {
                    match unfold(&value, &expected.span) {
                        Some(unfolded) => self.node(&unfolded, actual, whole),
                        None => {
                            self.scalar(&value, actual, &expected.span);
                            if whole {
                                self.attributes_beside(&value, actual, &expected.span);
                            }
                        }
                    }
                }
            }
            ExpectedKind::Map(members) => self.map(members, &expected.span, actual, whole),
            ExpectedKind::List(items) => self.list(items, &expected.span, actual, whole),
            ExpectedKind::Matcher(matcher) => self.matcher(matcher, &expected.span, actual, whole),
        }
    }

    /// The value of a tree. There is none where the scenario has a mistake, which is noted, and
    /// where a step was passed over, so that there is nothing to compare with.
    fn evaluate(&mut self, tree: &Tree, span: &Span) -> Option<Value> {
        match self.scope.whole_tree(tree) {
            Ok(Some(value)) => Some(value),
            Ok(None) => {
                let message = format!("`{}` gives nothing", written(span));
                self.mistake(message, span.clone());
                None
            }
            Err(EvaluationError { in_vain: Some(_), .. }) => None,
            Err(error) => {
                self.mistake(error.message, error.span);
                None
            }
        }
    }

    fn mistake(&mut self, message: String, span: Span) {
        let path = self.path.text(self.ways.namespaces);
        self.mistakes.push(Mismatch {
            kind: MismatchKind::Scenario,
            path,
            expected: span.text().trim().to_owned(),
            actual: String::new(),
            message,
            span,
        });
    }

    /// Notes that something else is there. `expected` is in words or as it is written.
    fn differs(&mut self, expected: &str, actual: Option<&Value>, span: &Span) {
        let path = self.path.text(self.ways.namespaces);
        let shown = self.shown(actual);
        let message = match actual {
            None => format!("`{path}` is missing"),
            Some(_) => format!("`{path}` is {shown}, not {expected}"),
        };
        self.note(path, expected.to_owned(), shown, message, span);
    }

    /// Notes something that should not be there.
    fn unexpected(&mut self, actual: &Value, span: &Span) {
        let path = self.path.text(self.ways.namespaces);
        let message = format!("`{path}` is not expected");
        let shown = self.shown(Some(actual));
        self.note(path, "nothing".to_owned(), shown, message, span);
    }

    /// Whether enough of a list or an object is told since that mark: then what is left of it is
    /// told as so many more.
    fn is_enough(&mut self, mark: usize, left: usize, what: &str, span: &Span) -> bool {
        if left == 0 || self.found.len() - mark < MOST_TOLD {
            return false;
        }
        let path = self.path.text(self.ways.namespaces);
        let message = format!("`{path}` has {left} more {what}, which were not compared");
        self.note(path, String::new(), format!("{left} more {what}"), message, span);
        true
    }

    fn note(
        &mut self,
        path: String,
        expected: String,
        actual: String,
        message: String,
        span: &Span,
    ) {
        let kind = MismatchKind::Expectation;
        self.found.push(Mismatch { kind, path, expected, actual, message, span: span.clone() });
    }

    fn shown(&self, actual: Option<&Value>) -> String {
        match actual {
            Some(value) if self.ways.markup && *self.text_of(value) == Value::Null => {
                shown(Some(&Value::Null))
            }
            Some(value) if self.ways.markup => {
                shown(Some(&markup::plain(value, self.ways.namespaces)))
            }
            other => shown(other),
        }
    }

    fn scalar(&mut self, expected: &Value, actual: Option<&Value>, span: &Span) {
        let fits = actual.is_some_and(|there| {
            let name = expected
                .as_str()
                .filter(|_| self.ways.markup)
                .and_then(|expected| markup::is_same_name(expected, there, self.ways.namespaces));
            // Beside a text there may be attributes, which are members of their own.
            name.unwrap_or_else(|| {
                scalar::is_same(expected, self.text_of(there), self.ways.textual)
            })
        });
        if fits {
            return;
        }
        let same_text = |actual: &Value| {
            let mine = expected.scalar_text();
            mine.is_some() && mine == actual.scalar_text()
        };
        let described = match actual {
            Some(actual) if same_text(actual) => {
                format!("the {} {}", expected.kind(), shown(Some(expected)))
            }
            _ => shown(Some(expected)),
        };
        let mark = self.found.len();
        self.differs(&described, actual, span);
        let texts = expected.as_str().zip(actual.and_then(|actual| self.text_of(actual).as_str()));
        if let (Some((expected, actual)), Some(noted)) = (texts, self.found.get_mut(mark)) {
            let cut = noted.expected == noted.actual;
            noted.message.extend(words::unlike(expected, actual, cut));
        }
    }

    /// Of a whole, attributes are not expected beside a text that is expected alone.
    fn attributes_beside(&mut self, expected: &Value, actual: Option<&Value>, span: &Span) {
        let there = actual.filter(|there| self.ways.markup && there.get("#text").is_some());
        let is_null = *expected == Value::Null
            || there.is_some_and(|there| *self.text_of(there) == Value::Null);
        for (name, value) in there.and_then(Value::members).into_iter().flatten() {
            if is_unexpected_beside(name, is_null) {
                self.path.name(name);
                self.unexpected(value, span);
                self.path.pop();
            }
        }
    }

    /// The text of an element that has attributes too; anything else is itself.
    fn text_of<'v>(&self, value: &'v Value) -> &'v Value {
        match value.get("#text") {
            Some(text) if self.ways.markup => text,
            _ => value,
        }
    }

    fn map(
        &mut self,
        expected: &[(Arc<str>, Expected)],
        span: &Span,
        actual: Option<&Value>,
        whole: bool,
    ) {
        let empty = Value::map(crate::value::Map::new());
        let text;
        let there = match actual {
            Some(Value::Text(blank)) if self.ways.markup && markup::is_blank(blank) => {
                let wants_text = expected.iter().any(|(name, _)| &**name == "#text");
                text = with_text(Value::Text(blank.clone()));
                if wants_text { &text } else { &empty }
            }
            Some(value @ Value::Text(_)) if self.ways.markup => {
                text = with_text(value.clone());
                &text
            }
            Some(value @ (Value::Map(_) | Value::Record(_))) => value,
            other => {
                self.differs("an object", other, span);
                return;
            }
        };
        let members: Vec<(&Arc<str>, &Value)> = there.members().into_iter().flatten().collect();
        let mut used = vec![false; members.len()];
        let wanted = expected;
        let mut places = Vec::new();
        // A qualified name is its text with what its prefix stands for.
        let named = there.get(markup::NAMESPACE).filter(|_| self.ways.markup);
        for (name, expected) in expected {
            let mut found = Vec::new();
            for (at, ((actual_name, value), used)) in members.iter().zip(&mut used).enumerate() {
                if self.is_named(name, actual_name) {
                    if found.is_empty() && is_element(actual_name) {
                        places.push((at, name));
                    }
                    *used = true;
                    let is_name = named.is_some() && &***actual_name == "#text";
                    found.push(if is_name { there } else { *value });
                }
            }
            let joined = joined(&found);
            let value = joined.as_ref().or_else(|| found.first().copied());
            self.path.name(name);
            if value.is_none() && self.is_empty_header(name, expected) {
                self.path.pop();
                continue;
            }
            let elsewhere = match value {
                None if self.ways.markup && !self.fits(expected, None, whole) => {
                    self.elsewhere(name, wanted, &members, &used)
                }
                _ => None,
            };
            match elsewhere.and_then(|at| Some((at, members.get(at)?))) {
                Some((at, (actual, value))) => {
                    used.iter_mut().skip(at).take(1).for_each(|used| *used = true);
                    self.in_another_namespace(name, actual, expected, value, whole);
                }
                None => self.node(expected, value, whole),
            }
            self.path.pop();
        }
        if whole && self.ways.markup {
            self.order(places, span);
        }
        if whole {
            let mark = self.found.len();
            let is_left = |((name, _), used): &(&(&Arc<str>, &Value), bool)| {
                !used && &***name != markup::NAMESPACE
            };
            let unused: Vec<_> = members.iter().zip(used).filter(is_left).collect();
            for (at, ((name, value), _)) in unused.iter().enumerate() {
                if self.is_enough(mark, unused.len() - at, "members", span) {
                    break;
                }
                self.path.name(name);
                self.unexpected(value, span);
                self.path.pop();
            }
        }
    }

    /// Whether a SOAP header without anything in it is expected: none says the same.
    fn is_empty_header(&self, name: &str, expected: &Expected) -> bool {
        let is_header = || {
            let name = markup::qualified(name, self.ways.namespaces);
            let (_, namespace, local) = markup::split(&name);
            let is_soap = |namespace| SoapVersion::of_namespace(namespace).is_some();
            local == "Header" && namespace.is_none_or(is_soap)
        };
        let is_blank = |value: &Value| value.as_str().is_some_and(markup::is_blank);
        self.ways.markup
            && self.path.is_in_root()
            && match &self.scope.chosen(expected).kind {
                ExpectedKind::Value(Tree::Constant(value)) => is_blank(value) && is_header(),
                ExpectedKind::Map(members) => members.is_empty() && is_header(),
                _ => false,
            }
    }

    /// Elements of a whole come in the order of the expectation; `places` are theirs in the
    /// answer.
    fn order(&mut self, mut places: Vec<(usize, &Arc<str>)>, span: &Span) {
        if places.is_sorted_by_key(|(at, _)| *at) {
            return;
        }
        let list = |places: &[(usize, &Arc<str>)]| {
            let names = places.iter().map(|(_, name)| markup::name_in_path(name));
            names.collect::<Vec<_>>().join(", ")
        };
        let expected = list(&places);
        places.sort_by_key(|(at, _)| *at);
        let actual = list(&places);
        let path = self.path.text(self.ways.namespaces);
        let message = format!("the elements in `{path}` are in the order {actual}, not {expected}");
        self.note(path, expected, actual, message, span);
    }

    fn is_named(&self, expected: &str, actual: &str) -> bool {
        match self.ways.markup {
            true => markup::is_named(expected, actual, self.ways.namespaces),
            false => expected == actual,
        }
    }
}

/// Whether the expectation is about a list, so that one element stands for a list of one.
pub(super) fn is_about_lists(expected: &Expected, scope: &Scope<'_>) -> bool {
    match &scope.chosen(expected).kind {
        ExpectedKind::List(_) => true,
        ExpectedKind::Matcher(matcher) => match &**matcher {
            Matcher::Unordered(_) | Matcher::Each(_) | Matcher::Sorted(_) | Matcher::Unique(_) => {
                true
            }
            Matcher::Includes(inner) | Matcher::Exactly(inner) => is_about_lists(inner, scope),
            Matcher::All(all) => all.iter().any(|one| is_about_lists(one, scope)),
            _ => false,
        },
        ExpectedKind::Value(Tree::Constant(value)) => value.as_list().is_some(),
        _ => false,
    }
}

/// An expectation for each member or item of a value; none for a scalar.
fn unfold(value: &Value, span: &Span) -> Option<Expected> {
    let constant = |value: &Value| Expected {
        kind: ExpectedKind::Value(Tree::Constant(value.clone())),
        span: span.clone(),
    };
    let kind = match value {
        Value::List(items) => ExpectedKind::List(items.iter().map(constant).collect()),
        Value::Map(_) | Value::Record(_) => {
            let members = value.members().into_iter().flatten();
            ExpectedKind::Map(members.map(|(name, v)| (name.clone(), constant(v))).collect())
        }
        _ => return None,
    };
    Some(Expected { kind, span: span.clone() })
}

/// Attributes have no order, and a text is no element.
fn is_element(name: &str) -> bool {
    !name.starts_with(['@', '#'])
}

fn with_text(text: Value) -> Value {
    Value::map([("#text".into(), text)].into_iter().collect())
}

/// Elements of one local name in several namespaces, as one list.
fn joined(found: &[&Value]) -> Option<Value> {
    if found.len() < 2 {
        return None;
    }
    let mut all = Vec::new();
    for value in found {
        match value.as_list() {
            Some(items) => all.extend(items.iter().cloned()),
            None => all.push((*value).clone()),
        }
    }
    Some(Value::list(all))
}
