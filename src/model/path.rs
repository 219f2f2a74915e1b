//! Paths: fixed segments, parameters, and how both stand in a URL.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// A segment of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// As it stands.
    Literal(Arc<str>),
    /// The parameter of that name.
    Parameter(Arc<str>),
    /// A parameter with fixed text around it, such as `{id}.json`, or several with fixed text
    /// between them, such as `{name}.{type}`.
    Mixed {
        /// What stands before the first parameter.
        before: Arc<str>,
        /// The first parameter.
        name: Arc<str>,
        /// The others, each with what stands before it.
        more: Vec<(Arc<str>, Arc<str>)>,
        /// What stands after the last parameter.
        after: Arc<str>,
    },
    /// All that is left of the path, one segment at least: `{key+}`.
    Rest(Arc<str>),
}

impl Segment {
    /// The parameters in it.
    pub fn parameters(&self) -> impl Iterator<Item = &Arc<str>> {
        let (first, more) = match self {
            Self::Literal(_) => (None, &[][..]),
            Self::Parameter(name) | Self::Rest(name) => (Some(name), &[][..]),
            Self::Mixed { name, more, .. } => (Some(name), &**more),
        };
        first.into_iter().chain(more.iter().map(|(_, name)| name))
    }

    /// Whether it is fixed.
    pub fn is_literal(&self) -> bool {
        matches!(self, Self::Literal(_))
    }

    /// The fixed texts before and after its parameters.
    pub fn around(&self) -> (&str, &str) {
        match self {
            Self::Literal(text) => (text, ""),
            Self::Parameter(_) | Self::Rest(_) => ("", ""),
            Self::Mixed { before, after, .. } => (before, after),
        }
    }

    /// What a part of a normal path is for its parameters, in order; `None` when the fixed text is
    /// another.
    pub fn values<'p>(&self, part: &'p str, case_sensitive: bool) -> Option<Vec<&'p str>> {
        let same = |fixed: &str, part: &str| {
            let fixed = in_url(fixed);
            if case_sensitive { *fixed == *part } else { fixed.eq_ignore_ascii_case(part) }
        };
        match self {
            Self::Literal(literal) => same(literal, part).then(Vec::new),
            Self::Parameter(_) | Self::Rest(_) => Some(vec![part]),
            Self::Mixed { before, after, .. } => {
                let (start, rest) = part.split_at_checked(in_url(before).len())?;
                let length = rest.len().checked_sub(in_url(after).len())?;
                let (between, end) = rest.split_at_checked(length)?;
                let values = (same(before, start) && same(after, end)).then_some(between)?;
                self.split(values, case_sensitive)
            }
        }
    }

    /// The values of its parameters in what stands between the fixed texts around them. Each but
    /// the last one is as long as it can be: `{name}.{type}` of `a.b.c` is `a.b` and `c`.
    pub fn split<'p>(&self, text: &'p str, case_sensitive: bool) -> Option<Vec<&'p str>> {
        let Self::Mixed { more, .. } = self else { return Some(vec![text]) };
        let mut left = text;
        let mut values = Vec::with_capacity(more.len() + 1);
        for (between, _) in more.iter().rev() {
            let between = in_url(between);
            // One character at least is left for the parameter behind it.
            let most = left.len().checked_sub(1)?;
            let mut starts = (0..=most.checked_sub(between.len())?).rev();
            let at = starts.find(|at| {
                left.get(*at..*at + between.len()).is_some_and(|part| match case_sensitive {
                    true => *part == *between,
                    false => part.eq_ignore_ascii_case(&between),
                })
            })?;
            values.push(left.get(at + between.len()..)?);
            left = left.get(..at)?;
        }
        values.push(left);
        values.reverse();
        values.iter().all(|value| !value.is_empty()).then_some(values)
    }
}

/// As it is written in a spec.
impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(literal) => f.write_str(literal),
            Self::Parameter(name) => write!(f, "{{{name}}}"),
            Self::Mixed { before, name, more, after } => {
                write!(f, "{before}{{{name}}}")?;
                for (between, name) in more {
                    write!(f, "{between}{{{name}}}")?;
                }
                f.write_str(after)
            }
            Self::Rest(name) => write!(f, "{{{name}+}}"),
        }
    }
}

/// What a normal path, below the base path, is for the parameters of a route, in order; `None`
/// when it is another path.
pub fn values_in<'p>(
    route: &[Segment],
    path: &'p str,
    case_sensitive: bool,
) -> Option<Vec<&'p str>> {
    let mut left = path.strip_prefix('/').unwrap_or(path);
    // The root is no segments, not one that is empty.
    if route.is_empty() {
        return left.is_empty().then(Vec::new);
    }
    let mut values = Vec::new();
    for (at, segment) in route.iter().enumerate() {
        let is_last = at + 1 == route.len();
        let part = match segment {
            Segment::Rest(_) if !left.is_empty() => left,
            Segment::Rest(_) => return None,
            _ if is_last => (!left.contains('/')).then_some(left)?,
            _ => {
                let (part, rest) = left.split_once('/')?;
                left = rest;
                part
            }
        };
        values.extend(segment.values(part, case_sensitive)?);
    }
    Some(values)
}

/// What cannot stand in a path as it is (RFC 3986 section 3.3). A `%` begins what is encoded
/// already.
pub const ENCODED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// A fixed text of a path as it goes over the wire, in its normal form.
pub fn in_url(text: &str) -> Cow<'_, str> {
    let encoded: Cow<'_, str> = utf8_percent_encode(text, ENCODED).into();
    match encoded {
        Cow::Borrowed(text) => normal(text),
        Cow::Owned(text) => Cow::Owned(normal(&text).into_owned()),
    }
}

/// A path in which what need not be encoded is not, and all else is in capital letters (RFC 3986
/// section 6.2.2): the same paths are the same texts.
pub fn normal(path: &str) -> Cow<'_, str> {
    if !path.contains('%') {
        return Cow::Borrowed(path);
    }
    let mut normal = String::with_capacity(path.len());
    let mut pieces = path.split('%');
    normal.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let digits = piece.get(..2).filter(|two| two.bytes().all(|b| b.is_ascii_hexdigit()));
        let code = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (code, digits, piece.get(2..)) {
            (Some(code), Some(digits), Some(rest)) => {
                if code.is_ascii_alphanumeric() || matches!(code, b'-' | b'.' | b'_' | b'~') {
                    normal.push(char::from(code));
                } else {
                    normal.push('%');
                    normal.push_str(&digits.to_ascii_uppercase());
                }
                normal.push_str(rest);
            }
            _ => {
                normal.push('%');
                normal.push_str(piece);
            }
        }
    }
    Cow::Owned(normal)
}

/// How many dots a segment is that means its own folder or the one above (RFC 3986 section 5.2.4);
/// 0 for any other.
pub fn dots(segment: &str) -> usize {
    match &*segment.to_ascii_lowercase().replace("%2e", ".") {
        "." => 1,
        ".." => 2,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mixed(before: &str, names: &[(&str, &str)], after: &str) -> Segment {
        let mut names = names.iter().map(|(text, name)| ((*text).into(), (*name).into()));
        let (_, name) = names.next().unwrap_or_default();
        Segment::Mixed { before: before.into(), name, more: names.collect(), after: after.into() }
    }

    #[test]
    fn a_segment_is_taken_apart_from_its_end() {
        let two = mixed("", &[("", "name"), (".", "type")], "");
        let cases = [
            ("a.b", Some(vec!["a", "b"])),
            ("a.b.c", Some(vec!["a.b", "c"])),
            ("a.", None),
            (".b", None),
            ("..b", Some(vec![".", "b"])),
            ("ab", None),
            ("", None),
            ("ä.ö", Some(vec!["ä", "ö"])),
        ];
        for (part, expected) in cases {
            assert_eq!(two.values(part, true), expected, "{part}");
        }
        let three = mixed("v", &[("", "a"), ("-x-", "b"), (":", "c")], ".json");
        assert_eq!(three.values("v1-x-2-x-3:4.json", true), Some(vec!["1-x-2", "3", "4"]));
        assert_eq!(three.values("V1-X-2:4.JSON", true), None);
        assert_eq!(three.values("V1-X-2:4.JSON", false), Some(vec!["1", "2", "4"]));
    }

    #[test]
    fn a_route_takes_what_is_left_of_a_path() {
        let route = [Segment::Parameter("b".into()), Segment::Rest("k".into())];
        assert_eq!(values_in(&route, "/a/b/c//d/", true), Some(vec!["a", "b/c//d/"]));
        assert_eq!(values_in(&route, "/a/", true), None);
        assert_eq!(values_in(&route, "/a", true), None);
        assert_eq!(values_in(&[], "/", true), Some(vec![]));
        assert_eq!(values_in(&route[..1], "/", true), Some(vec![""]));
    }

    #[test]
    fn the_same_path_has_one_normal_form() {
        assert_eq!(normal("/%62%2f%7E%c3%a4"), "/b%2F~%C3%A4");
        assert_eq!(normal("/a%"), "/a%");
        assert_eq!(normal("/a%zz%ä"), "/a%zz%ä");
        assert_eq!(in_url("a b:ä"), "a%20b:%C3%A4");
        assert_eq!(in_url("a%20b"), "a%20b");
    }
}
