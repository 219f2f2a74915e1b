//! What a request has to have besides method and path to be for a binding: `match`.

use std::fmt;
use std::sync::Arc;

use http::header::CONTENT_TYPE;
use regex_lite::Regex;

use super::about::is_index;
pub use super::about::{About, BodyPath, Requested, Unreadable};
use super::sample::sample;
use crate::value::Value;

/// Conditions on a request, all of which have to hold; without any it takes every request.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Match {
    /// Each about another thing.
    pub conditions: Vec<Condition>,
}

/// A condition on one thing.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// What it is about.
    pub about: About,
    /// What that has to be.
    pub wanted: Wanted,
}

/// What a thing has to be.
#[derive(Debug, Clone, PartialEq)]
pub enum Wanted {
    /// There, whatever it is.
    Present,
    /// Not there.
    Absent,
    /// One of these scalars.
    OneOf(Vec<Value>),
    /// A text in which that is found.
    Pattern(Pattern),
}

/// A regular expression, with a text in which it is found, if one is known.
#[derive(Debug, Clone)]
pub struct Pattern {
    regex: Regex,
    example: Option<Arc<str>>,
}

impl Pattern {
    /// With an example of it.
    pub fn new(regex: Regex) -> Self {
        let example = sample(regex.as_str()).filter(|text| regex.is_match(text));
        Self { regex, example: example.map(Into::into) }
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        self.regex.as_str()
    }

    fn fits(&self, value: &Value) -> bool {
        value.as_str().is_some_and(|text| self.regex.is_match(text))
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Match {
    /// What takes all lists: the operations whose items are requests.
    pub fn list() -> Self {
        let list = Condition { about: About::List, wanted: Wanted::Present };
        Self { conditions: vec![list] }
    }

    /// Whether it takes lists. Nothing else at its path gets one then, unless it is an item.
    pub fn takes_lists(&self) -> bool {
        self.conditions.iter().any(|condition| condition.about == About::List)
    }

    /// Whether it takes every request.
    pub fn is_empty(&self) -> bool {
        self.conditions.is_empty()
    }

    /// Whether the body has to be read to know.
    pub fn reads_body(&self) -> bool {
        self.conditions.iter().any(|condition| condition.about.is_in_body())
    }

    /// The parameters of the query that it looks at.
    pub fn query_names(&self) -> impl Iterator<Item = &Arc<str>> {
        self.conditions.iter().filter_map(|condition| match &condition.about {
            About::Query(name) => Some(name),
            _ => None,
        })
    }

    /// The first condition that a request does not meet.
    pub fn broken_by(&self, request: &impl Requested) -> Option<&Condition> {
        self.conditions.iter().find(|condition| !condition.holds(request))
    }

    /// Whether a request would fit if its body were of another media type.
    pub fn lacks_only_type(&self, request: &impl Requested) -> bool {
        let mut broken = self.conditions.iter().filter(|one| !one.holds(request)).peekable();
        broken.peek().is_some() && broken.all(|one| one.media_types().is_some())
    }

    /// Whether no request can fit both.
    pub fn excludes(&self, other: &Self) -> bool {
        self.takes_lists() != other.takes_lists()
            || self
                .conditions
                .iter()
                .any(|one| other.conditions.iter().any(|two| one.excludes(two)))
    }

    /// Whether every request that fits this one fits the other one too.
    pub fn implies(&self, other: &Self) -> bool {
        if self.takes_lists() && !other.takes_lists() {
            return true;
        }
        other
            .conditions
            .iter()
            .all(|two| self.conditions.iter().any(|one| one.about == two.about && one.implies(two)))
    }

    /// Whether their order decides which of them is meant: both look for a pattern in the same
    /// thing, or for what paths select, and nothing tells whether a request has both.
    pub fn is_ordered_with(&self, other: &Self) -> bool {
        self.looks_for_paths() && other.looks_for_paths()
            || self.conditions.iter().any(|one| {
                let same = other.conditions.iter().find(|two| two.about == one.about);
                same.is_some_and(|two| {
                    let both = (&one.wanted, &two.wanted);
                    matches!(both, (Wanted::Pattern(one), Wanted::Pattern(two)) if one != two)
                })
            })
    }

    fn looks_for_paths(&self) -> bool {
        self.conditions.iter().any(|condition| matches!(condition.about, About::Path(_)))
    }

    /// Whether it asks for more than the other one.
    pub fn is_narrower(&self, other: &Self) -> bool {
        self.implies(other) && !other.implies(self)
    }
}

impl Condition {
    /// Whether nothing can meet both.
    fn excludes(&self, other: &Self) -> bool {
        // A path may select several things, of which one meets this and another that.
        if matches!(self.about, About::Path(_)) {
            let absent = [&self.wanted, &other.wanted].map(|wanted| *wanted == Wanted::Absent);
            return self.about == other.about && absent[0] != absent[1];
        }
        if self.about == other.about {
            return match (self.media_types(), other.media_types()) {
                (Some(one), Some(two)) => !one.iter().any(|one| {
                    two.iter().any(|two| takes_media_type(one, two) || takes_media_type(two, one))
                }),
                _ => self.wanted.excludes(&other.wanted),
            };
        }
        match (&self.about, &other.about) {
            (About::Body(one), About::Body(two))
                if self.wanted != Wanted::Absent && other.wanted != Wanted::Absent =>
            {
                let mut parts = one.iter().zip(two).skip_while(|(one, two)| one == two);
                match parts.next() {
                    // What has items has no members.
                    Some((one, two)) => is_index(one) != is_index(two),
                    // A scalar has neither.
                    None if one.len() < two.len() => self.wanted.is_scalar(),
                    None => other.wanted.is_scalar(),
                }
            }
            _ => false,
        }
    }

    /// Whether what meets it meets the other one, about the same, too.
    fn implies(&self, other: &Self) -> bool {
        match (self.media_types(), other.media_types()) {
            (Some(one), Some(two)) => {
                one.iter().all(|one| two.iter().any(|two| takes_media_type(two, one)))
            }
            _ => self.wanted.implies(&other.wanted),
        }
    }

    /// The media types of which the body has to be one, if it is about them.
    fn media_types(&self) -> Option<&[Value]> {
        match (&self.about, &self.wanted) {
            (About::Header(name), Wanted::OneOf(values)) if *name == CONTENT_TYPE => Some(values),
            _ => None,
        }
    }

    fn holds(&self, request: &impl Requested) -> bool {
        if self.about.is_in_body() && request.body().is_err() {
            return false;
        }
        if let About::Path(path) = &self.about {
            let found = path.select(request);
            return match &self.wanted {
                Wanted::Present => !found.is_empty(),
                Wanted::Absent => found.is_empty(),
                Wanted::Pattern(pattern) => found.iter().any(|value| pattern.fits(value)),
                Wanted::OneOf(values) => {
                    found.iter().any(|value| values.iter().any(|one| spells(value, one)))
                }
            };
        }
        match (&self.wanted, self.about.in_request(request)) {
            (Wanted::Present, value) => value.is_some(),
            (Wanted::Absent, value) => value.is_none(),
            (Wanted::OneOf(_) | Wanted::Pattern(_), None) => false,
            (Wanted::Pattern(pattern), Some(value)) => pattern.fits(&value),
            (Wanted::OneOf(values), Some(value)) => match self.media_types() {
                Some(wanted) => wanted.iter().any(|wanted| takes_media_type(wanted, &value)),
                None => values.iter().any(|one| spells(&value, one)),
            },
        }
    }
}

/// Whether a media type is the one that is wanted: without regard to its parameters, where the wanted
/// one has none.
fn takes_media_type(wanted: &Value, given: &Value) -> bool {
    let (Value::Text(wanted), Value::Text(given)) = (wanted, given) else { return false };
    let plain = given.split(';').next().unwrap_or_default().trim();
    wanted == given || !wanted.contains(';') && plain.eq_ignore_ascii_case(wanted.trim())
}

/// Whether a value is a scalar, or a text that spells it: formats without types have only texts.
fn spells(value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (Value::Text(text), Value::Text(wanted)) => text == wanted,
        (Value::Text(text), wanted) => wanted.scalar_text().is_some_and(|wanted| wanted == *text),
        (value, wanted) => value.is_same(wanted, false),
    }
}

impl Wanted {
    fn excludes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Absent, other) | (other, Self::Absent) => *other != Self::Absent,
            (Self::OneOf(values), Self::Pattern(pattern))
            | (Self::Pattern(pattern), Self::OneOf(values)) => {
                !values.iter().any(|value| pattern.fits(value))
            }
            (Self::OneOf(one), Self::OneOf(two)) => {
                !one.iter().any(|value| two.iter().any(|other| is_alike(value, other)))
            }
            _ => false,
        }
    }

    fn implies(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Absent, other) => *other == Self::Absent,
            (_, Self::Present) => true,
            (Self::OneOf(values), Self::Pattern(pattern)) => {
                values.iter().all(|value| pattern.fits(value))
            }
            (Self::Pattern(one), Self::Pattern(two)) => one == two,
            (Self::OneOf(one), Self::OneOf(two)) => {
                one.iter().all(|value| two.iter().any(|other| is_alike(value, other)))
            }
            _ => false,
        }
    }

    /// Whether only a scalar will do.
    fn is_scalar(&self) -> bool {
        matches!(self, Self::OneOf(_) | Self::Pattern(_))
    }

    /// A value that will do, where it has to be there and one is known.
    pub fn example(&self) -> Option<Value> {
        match self {
            Self::Absent => None,
            Self::Present => Some(Value::text("")),
            Self::OneOf(values) => values.first().cloned(),
            Self::Pattern(pattern) => pattern.example.clone().map(Value::Text),
        }
    }
}

/// Whether something can be both: `2` and `"2"` are the same in formats without types.
fn is_alike(one: &Value, two: &Value) -> bool {
    one == two || one.scalar_text() == two.scalar_text()
}

/// As it is told of: `the query has a parameter "Action" that is "ListUsers"`.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.about {
            About::Query(name) => write!(f, "`{name}` in the query")?,
            About::Header(name) => write!(f, "the header `{name}`")?,
            About::Cookie(name) => write!(f, "the cookie `{name}`")?,
            About::Path(path) => write!(f, "what `{path}` selects in the body")?,
            About::Body(path) => write!(f, "`{}` in the body", path.join("."))?,
            About::List => return f.write_str("the body must be a list"),
            About::Root => f.write_str("the body's root element")?,
            About::RootNamespace => f.write_str("the namespace of the body's root element")?,
        }
        match &self.wanted {
            Wanted::Present => f.write_str(" has to be there"),
            Wanted::Absent => f.write_str(" must not be there"),
            Wanted::Pattern(pattern) => write!(f, " has to match `{}`", pattern.as_str()),
            Wanted::OneOf(values) => {
                f.write_str(" has to be ")?;
                for (at, value) in values.iter().enumerate() {
                    if at > 0 {
                        f.write_str(" or ")?;
                    }
                    match value {
                        Value::Text(text) => write!(f, "`{text}`")?,
                        other => write!(f, "`{other}`")?,
                    }
                }
                Ok(())
            }
        }
    }
}

/// Puts a thing where requests are to find it: before the first one that asks for less, if one
/// does, else behind all others.
pub fn place<T>(list: &mut Vec<T>, thing: T, asks_for_less: impl Fn(&T, &T) -> bool) {
    let at = list.iter().position(|other| asks_for_less(other, &thing));
    list.insert(at.unwrap_or(list.len()), thing);
}

#[cfg(test)]
mod tests {
    use http::HeaderName;

    use super::*;

    fn one(about: About, wanted: Wanted) -> Match {
        Match { conditions: vec![Condition { about, wanted }] }
    }

    fn action(values: &[&str]) -> Match {
        let values = values.iter().map(|value| Value::text(*value)).collect();
        one(About::Query("Action".into()), Wanted::OneOf(values))
    }

    #[test]
    fn what_excludes_and_what_implies() {
        let there = one(About::Query("Action".into()), Wanted::Present);
        let absent = one(About::Query("Action".into()), Wanted::Absent);
        let other = one(About::Header(HeaderName::from_static("action")), Wanted::Present);
        assert!(action(&["a"]).excludes(&action(&["b"])));
        assert!(!action(&["a"]).excludes(&action(&["b", "a"])));
        assert!(action(&["a"]).is_narrower(&action(&["b", "a"])));
        assert!(action(&["a"]).is_narrower(&there));
        assert!(!there.implies(&action(&["a"])));
        assert!(absent.excludes(&there) && there.excludes(&absent));
        assert!(!other.excludes(&there) && !other.implies(&there));
        assert!(there.is_narrower(&Match::default()));
        assert!(!Match::default().excludes(&there));
    }

    #[test]
    fn a_pattern_is_between_a_value_and_being_there() {
        let pattern = |text: &str| {
            let pattern = Pattern::new(Regex::new(text).unwrap());
            one(About::Query("Action".into()), Wanted::Pattern(pattern))
        };
        let there = one(About::Query("Action".into()), Wanted::Present);
        let absent = one(About::Query("Action".into()), Wanted::Absent);
        let list = pattern("^List");
        assert!(action(&["ListUsers"]).is_narrower(&list) && list.is_narrower(&there));
        assert!(action(&["GetUser"]).excludes(&list) && list.excludes(&action(&["GetUser"])));
        assert!(!list.excludes(&action(&["GetUser", "ListUsers"])));
        assert!(!action(&["GetUser", "ListUsers"]).implies(&list));
        assert!(absent.excludes(&list) && list.excludes(&absent) && !list.implies(&absent));
        let users = pattern("Users$");
        assert!(list.is_ordered_with(&users) && !list.is_ordered_with(&pattern("^List")));
        assert!(list.implies(&pattern("^List")) && !list.implies(&users));
        let example = |text: &str| Pattern::new(Regex::new(text).unwrap()).example;
        assert_eq!(example("^List[A-Z]").as_deref(), Some("ListA"));
    }

    #[test]
    fn a_media_type_has_parameters_or_any() {
        let sent = |values: &[&str]| {
            let values = values.iter().map(|value| Value::text(*value)).collect();
            one(About::Header(CONTENT_TYPE), Wanted::OneOf(values))
        };
        let (json, utf8) =
            (sent(&["application/json"]), sent(&["Application/JSON; charset=utf-8"]));
        assert!(!json.excludes(&utf8) && !utf8.excludes(&json));
        assert!(utf8.is_narrower(&json) && !json.implies(&utf8));
        assert!(sent(&["text/xml"]).excludes(&json));
        assert!(sent(&["text/x; a=1"]).excludes(&sent(&["text/x; a=2"])));
    }

    #[test]
    fn a_body_is_a_list_or_has_members() {
        let there = |path: &str| {
            one(About::Body(path.split('.').map(Into::into).collect()), Wanted::Present)
        };
        let is = |path: &str| {
            let about = About::Body(path.split('.').map(Into::into).collect());
            one(about, Wanted::OneOf(vec![Value::text("x")]))
        };
        assert!(there("0.method").excludes(&there("method")));
        assert!(!there("0.method").excludes(&there("1.method")));
        assert!(is("id").excludes(&there("id.name")) && there("id.name").excludes(&is("id")));
        assert!(!there("id").excludes(&is("id.name")) && !is("id.name").excludes(&there("id")));
    }

    #[test]
    fn what_asks_for_more_goes_first() {
        let there = || one(About::Query("Action".into()), Wanted::Present);
        let orders = [
            [Match::default(), there(), action(&["a"])],
            [action(&["a"]), Match::default(), there()],
            [there(), action(&["a"]), Match::default()],
        ];
        for order in orders {
            let mut list = Vec::new();
            for one in order {
                place(&mut list, one, |other: &Match, new| new.is_narrower(other));
            }
            assert_eq!(list, [action(&["a"]), there(), Match::default()]);
        }
    }
}
