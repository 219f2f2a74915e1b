//! Conditional requests (RFC 9110, section 13) and ranges (section 14), over what is known of a
//! representation.

use std::sync::Arc;

use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_LOCATION, CONTENT_RANGE, DATE, ETAG,
    EXPIRES, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE,
    LAST_MODIFIED, RANGE, SET_COOKIE, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use jiff::Timestamp;
use jiff::civil::DateTime;

use crate::clock;
use crate::coding::Coding;
use crate::exchange::{Answer, header_text};

/// What is known of the representation that there is; nothing of one that there is not.
#[derive(Debug, Clone, Default)]
pub(super) struct Validators {
    /// Its entity tag.
    pub etag: Option<EntityTag>,
    /// The tags by which a client may know it.
    pub known: Vec<EntityTag>,
    /// When it changed, to the second.
    pub last_modified: Option<Timestamp>,
    /// Whether `If-Match` takes weak tags.
    pub matches_weakly: bool,
    /// Whether tags without quotes are read.
    pub takes_bare: bool,
    /// Whether the tag is written without quotes.
    pub gives_bare: bool,
}

/// An entity tag (section 8.8.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EntityTag {
    /// Whether it may stand for representations that differ.
    pub weak: bool,
    /// What stands between the quotes.
    pub opaque: String,
}

/// What is to be done about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is done.
    Done,
    /// The client has it already.
    NotModified,
    /// A condition does not hold: that of the header.
    Failed(Condition),
}

/// The condition of a request.
pub(super) type Condition = &'static str;

/// A part of a representation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it.
    Whole,
    /// From one byte to another, both included.
    Bytes(usize, usize),
    /// One in which there is nothing.
    Nothing,
}

impl EntityTag {
    /// A tag as a spec gives it: with its quotes or without.
    pub(super) fn given(text: &str, weak: bool) -> Self {
        let (marked, rest) = match text.strip_prefix("W/") {
            Some(rest) if rest.starts_with('"') => (true, rest),
            _ => (false, text),
        };
        let inner = rest.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        Self { weak: weak || marked, opaque: inner.unwrap_or(rest).to_owned() }
    }

    /// That of the same in a content coding: a strong one is another one (section 8.8.3.3).
    pub(super) fn in_coding(&self, coding: Coding) -> Self {
        let opaque = match self.weak {
            true => self.opaque.clone(),
            false => format!("{}-{}", self.opaque, coding.name()),
        };
        Self { weak: self.weak, opaque }
    }

    /// As a header has it.
    pub(super) fn written(&self) -> String {
        let mark = if self.weak { "W/" } else { "" };
        format!("{mark}\"{}\"", self.opaque)
    }

    /// Section 8.8.3.2.
    fn is_strongly(&self, other: &Self) -> bool {
        !self.weak && !other.weak && self.opaque == other.opaque
    }

    fn is_weakly(&self, other: &Self) -> bool {
        self.opaque == other.opaque
    }
}

impl Validators {
    /// Whether there is a representation.
    fn exists(&self) -> bool {
        self.etag.is_some() || self.last_modified.is_some()
    }

    /// Looks at the conditions in the order of section 13.2.2.
    pub(super) fn judge(&self, method: &Method, headers: &HeaderMap) -> Verdict {
        let reads = matches!(*method, Method::GET | Method::HEAD);
        if let Some(tags) = lines(headers, &IF_MATCH) {
            let fits = match self.matches_weakly {
                true => self.fits(&tags, EntityTag::is_weakly),
                false => self.fits(&tags, EntityTag::is_strongly),
            };
            if !fits {
                return Verdict::Failed("If-Match");
            }
        } else if let (Some(date), Some(modified)) =
            (date(headers, &IF_UNMODIFIED_SINCE), self.last_modified)
            && modified > date
        {
            return Verdict::Failed("If-Unmodified-Since");
        }
        if let Some(tags) = lines(headers, &IF_NONE_MATCH) {
            return match self.fits(&tags, EntityTag::is_weakly) {
                true if reads => Verdict::NotModified,
                true => Verdict::Failed("If-None-Match"),
                false => Verdict::Done,
            };
        }
        match (date(headers, &IF_MODIFIED_SINCE), self.last_modified) {
            (Some(date), Some(modified)) if reads && modified <= date => Verdict::NotModified,
            _ => Verdict::Done,
        }
    }

    /// Whether a list of tags has this one; `*` is any that there is.
    fn fits(&self, list: &str, same: impl Fn(&EntityTag, &EntityTag) -> bool) -> bool {
        if list.trim() == "*" {
            return self.exists();
        }
        tags(list, self.takes_bare).iter().any(|sent| self.known.iter().any(|own| same(own, sent)))
    }

    /// Whether the part that is asked for is of this representation (section 13.1.5).
    fn fits_range(&self, headers: &HeaderMap) -> bool {
        let Some(sent) = lines(headers, &IF_RANGE) else { return true };
        if let Some(date) = http_date(&sent) {
            return self.last_modified == Some(date);
        }
        match tags(&sent, self.takes_bare).as_slice() {
            [tag] => self.etag.as_ref().is_some_and(|own| own.is_strongly(tag)),
            _ => false,
        }
    }

    /// The part of so many bytes that a request asks for. Several parts at once are the whole, as
    /// section 14.2 allows.
    pub(super) fn part(&self, headers: &HeaderMap, length: usize) -> Part {
        match lines(headers, &RANGE).filter(|_| self.fits_range(headers)) {
            Some(asked) => part(&asked, length),
            None => Part::Whole,
        }
    }

    /// Puts the validators into an answer that has none of its own.
    pub(super) fn put(&self, headers: &mut HeaderMap) {
        let etag = self.etag.as_ref().map(|etag| match self.gives_bare {
            true => etag.opaque.clone(),
            false => etag.written(),
        });
        let modified = self.last_modified.and_then(written_date);
        for (name, value) in [(ETAG, etag), (LAST_MODIFIED, modified)] {
            let value = value.and_then(|value| HeaderValue::from_bytes(value.as_bytes()).ok());
            if let Some(value) = value {
                headers.entry(name).or_insert(value);
            }
        }
    }
}

/// Whether a request to change something says on what condition.
pub(super) fn has_conditions(headers: &HeaderMap) -> bool {
    [IF_MATCH, IF_NONE_MATCH, IF_UNMODIFIED_SINCE].iter().any(|name| headers.contains_key(name))
}

/// What a 304 has of the headers of a representation (section 15.4.5), and what is none of them.
const KEPT: [HeaderName; 7] =
    [CONTENT_LOCATION, DATE, ETAG, VARY, CACHE_CONTROL, EXPIRES, SET_COOKIE];

/// Makes an answer what a client gets that has it already (section 15.4.5). What is `described` by
/// the answer alone, and not said by all, is of the representation, but for what is kept.
pub(super) fn not_modified(answer: &mut Answer, described: &[HeaderName], kept: &[Arc<str>]) {
    let has_etag = answer.headers.contains_key(ETAG);
    let of_it = |name: &HeaderName| {
        let is_redundant = *name == LAST_MODIFIED && has_etag;
        is_redundant || name.as_str().starts_with("content-") || described.contains(name)
    };
    let is_kept = |name: &HeaderName| {
        let is_meant = |wanted: &Arc<str>| match wanted.strip_suffix('*') {
            Some(begun) => name.as_str().starts_with(begun),
            None => *name == **wanted,
        };
        KEPT.contains(name) || kept.iter().any(is_meant)
    };
    let names = answer.headers.keys();
    let gone: Vec<HeaderName> =
        names.filter(|name| of_it(name) && !is_kept(name)).cloned().collect();
    for name in gone {
        answer.headers.remove(name);
    }
    answer.status = StatusCode::NOT_MODIFIED;
    answer.body = bytes::Bytes::new();
}

/// Makes an answer the part of it from one byte to another (section 15.3.7).
pub(super) fn partial(answer: &mut Answer, first: usize, last: usize) {
    let range = format!("bytes {first}-{last}/{}", answer.body.len());
    if let Ok(range) = HeaderValue::from_str(&range) {
        answer.headers.insert(CONTENT_RANGE, range);
    }
    answer.headers.remove(CONTENT_LENGTH);
    answer.status = StatusCode::PARTIAL_CONTENT;
    let end = last.saturating_add(1).min(answer.body.len());
    answer.body = answer.body.slice(first.min(end)..end);
}

/// Says that parts can be asked for.
pub(super) fn accept_ranges(answer: &mut Answer) {
    answer.headers.entry(ACCEPT_RANGES).or_insert(HeaderValue::from_static("bytes"));
}

/// All lines of a header as one (section 5.3).
fn lines(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let all: Vec<_> = headers.get_all(name).iter().map(header_text).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

fn date(headers: &HeaderMap, name: &HeaderName) -> Option<Timestamp> {
    http_date(&lines(headers, name)?)
}

/// A date in one of the three forms of section 5.6.7.
fn http_date(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let forms = ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];
    let read = forms.iter().find_map(|form| DateTime::strptime(form, text).ok())?;
    read.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

fn written_date(time: Timestamp) -> Option<String> {
    clock::format(time, "%a, %d %b %Y %H:%M:%S GMT").ok()
}

/// The tags of a list, as far as it can be read; those without quotes too, if they are taken.
fn tags(list: &str, takes_bare: bool) -> Vec<EntityTag> {
    let mut found = Vec::new();
    let mut rest = list;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let (weak, quoted) = match rest.strip_prefix("W/") {
            Some(quoted) => (true, quoted),
            None => (false, rest),
        };
        let inner = match quoted.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"'),
            None if takes_bare && !quoted.is_empty() => {
                let (bare, after) = quoted.split_once(',').unwrap_or((quoted, ""));
                Some((bare.trim_end(), after))
            }
            None => None,
        };
        let Some((opaque, after)) = inner else { return found };
        found.push(EntityTag { weak, opaque: opaque.to_owned() });
        rest = after;
    }
}

/// The part that a `Range` asks for (section 14.1.2). What is none of bytes is the whole.
fn part(asked: &str, length: usize) -> Part {
    let Some((unit, range)) = asked.split_once('=') else { return Part::Whole };
    let ends = range.trim().split_once('-').filter(|_| unit.trim().eq_ignore_ascii_case("bytes"));
    let Some((first, last)) = ends else { return Part::Whole };
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        // What is too large for a number is beyond any end.
        digits.then(|| text.parse().unwrap_or(usize::MAX))
    };
    let (first, last) = (first.trim(), last.trim());
    match (number(first), number(last)) {
        (None, Some(count)) if first.is_empty() => match length.min(count) {
            0 => Part::Nothing,
            count => Part::Bytes(length - count, length - 1),
        },
        (Some(first), Some(last)) if last < first => Part::Whole,
        (Some(first), _) if first >= length && (last.is_empty() || number(last).is_some()) => {
            Part::Nothing
        }
        (Some(first), Some(last)) => Part::Bytes(first, last.min(length - 1)),
        (Some(first), None) if last.is_empty() => Part::Bytes(first, length - 1),
        _ => Part::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Sent = &'static [(&'static str, &'static str)];

    fn judged(etag: &str, modified: &str, method: &Method, sent: &[(&str, &str)]) -> Verdict {
        let mut headers = HeaderMap::new();
        for (name, value) in sent {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            headers.append(name, value.parse().unwrap());
        }
        let etag = (!etag.is_empty()).then(|| EntityTag::given(etag, false));
        let known = etag.iter().cloned().collect();
        let last_modified = modified.parse().ok();
        Validators { etag, known, last_modified, ..Validators::default() }.judge(method, &headers)
    }

    #[test]
    fn tags_without_quotes_are_read_where_they_are_taken() {
        let tag = |weak, opaque: &str| EntityTag { weak, opaque: opaque.to_owned() };
        for (list, takes_bare, expected) in [
            ("0", true, vec![tag(false, "0")]),
            ("0", false, vec![]),
            (
                "a, \"b,c\" ,W/d , W/\"e\"",
                true,
                vec![tag(false, "a"), tag(false, "b,c"), tag(true, "d"), tag(true, "e")],
            ),
            ("\"a\", b", false, vec![tag(false, "a")]),
            ("\"a", true, vec![]),
            (" , ", true, vec![]),
        ] {
            assert_eq!(tags(list, takes_bare), expected, "{list}");
        }
    }

    #[test]
    fn conditions_are_looked_at_in_the_order_of_section_13_2_2() {
        const LATE: &str = "Sat, 31 Oct 2026 00:00:00 GMT";
        const EARLY: &str = "Thu, 01 Oct 2026 00:00:00 GMT";
        let (get, put) = (Method::GET, Method::PUT);
        let at = "2026-10-15T00:00:00Z";
        let failed = Verdict::Failed;
        let cases: &[(&str, &Method, Sent, Verdict)] = &[
            ("a", &put, &[("if-match", "\"a\"")], Verdict::Done),
            ("a", &put, &[("if-match", "\"x\", \"a\"")], Verdict::Done),
            ("a", &put, &[("if-match", "\"x\""), ("if-match", "\"a\"")], Verdict::Done),
            ("a", &put, &[("if-match", "W/\"a\"")], failed("If-Match")),
            ("W/\"a\"", &put, &[("if-match", "W/\"a\"")], failed("If-Match")),
            ("a", &put, &[("if-match", "*")], Verdict::Done),
            ("a", &put, &[("if-match", "a")], failed("If-Match")),
            ("a,b", &put, &[("if-match", "\"x\", \"a,b\"")], Verdict::Done),
            ("a", &put, &[("if-none-match", "*")], failed("If-None-Match")),
            ("a", &put, &[("if-none-match", "\"b\"")], Verdict::Done),
            ("a", &get, &[("if-none-match", "W/\"a\"")], Verdict::NotModified),
            ("W/\"a\"", &get, &[("if-none-match", "\"a\"")], Verdict::NotModified),
            // A tag goes before a date, in both pairs.
            ("a", &put, &[("if-match", "\"a\""), ("if-unmodified-since", EARLY)], Verdict::Done),
            ("a", &get, &[("if-none-match", "\"b\""), ("if-modified-since", LATE)], Verdict::Done),
            ("a", &put, &[("if-unmodified-since", EARLY)], failed("If-Unmodified-Since")),
            ("a", &put, &[("if-unmodified-since", LATE)], Verdict::Done),
            ("a", &get, &[("if-modified-since", LATE)], Verdict::NotModified),
            ("a", &get, &[("if-modified-since", EARLY)], Verdict::Done),
            (
                "a",
                &get,
                &[("if-modified-since", "Saturday, 31-Oct-26 00:00:00 GMT")],
                Verdict::NotModified,
            ),
            ("a", &get, &[("if-modified-since", "Sat Oct 31 00:00:00 2026")], Verdict::NotModified),
            ("a", &get, &[("if-modified-since", "yesterday")], Verdict::Done),
            ("a", &put, &[("if-modified-since", LATE)], Verdict::Done),
            // What does not hold goes before what is known already.
            ("a", &get, &[("if-match", "\"b\""), ("if-none-match", "\"a\"")], failed("If-Match")),
        ];
        for (etag, method, sent, expected) in cases {
            let verdict = judged(etag, at, method, sent);
            assert_eq!(verdict, *expected, "{method} of {etag} with {sent:?}");
        }
        let nothing = |name, value| judged("", "", &Method::PUT, &[(name, value)]);
        assert_eq!(nothing("if-match", "*"), failed("If-Match"));
        assert_eq!(nothing("if-match", "\"a\""), failed("If-Match"));
        assert_eq!(nothing("if-none-match", "*"), Verdict::Done);
        assert_eq!(nothing("if-unmodified-since", EARLY), Verdict::Done);
    }

    #[test]
    fn a_part_is_within_what_there_is() {
        for (asked, length, expected) in [
            ("bytes=0-1", 10, Part::Bytes(0, 1)),
            ("bytes=8-", 10, Part::Bytes(8, 9)),
            ("bytes=8-99999999999999999999999", 10, Part::Bytes(8, 9)),
            ("bytes=-3", 10, Part::Bytes(7, 9)),
            ("bytes=-30", 10, Part::Bytes(0, 9)),
            ("Bytes = 2-2", 10, Part::Bytes(2, 2)),
            ("bytes=10-", 10, Part::Nothing),
            ("bytes=-0", 10, Part::Nothing),
            ("bytes=0-", 0, Part::Nothing),
            ("bytes=-1", 0, Part::Nothing),
            ("bytes=3-2", 10, Part::Whole),
            ("bytes=0-1,4-5", 10, Part::Whole),
            ("bytes=a-b", 10, Part::Whole),
            ("bytes=-", 10, Part::Whole),
            ("lines=0-1", 10, Part::Whole),
            ("bytes", 10, Part::Whole),
        ] {
            assert_eq!(part(asked, length), expected, "{asked} of {length}");
        }
    }
}
