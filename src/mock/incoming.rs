//! A request as a vendor sees it: below its base path, with the query taken apart.

use std::borrow::Cow;
use std::sync::Arc;

use http::Method;
use http::header::{ACCEPT, CONTENT_TYPE, COOKIE};
use memchr::memchr;

use crate::exchange::{Request, header_text, text_of_old};
use crate::model::{Failure, MediaTypeId};
use crate::plan::Plan;
use crate::plan::route::BindingId;
use crate::value::Value;
use crate::wire::encoding::Encoding;
use crate::wire::form::{Pair, decode_pairs};

use super::kept::Kept;
use super::refusal::Refusal;
use super::way::Base;

/// A request on its way to an operation.
#[derive(Debug)]
pub(super) struct Incoming<'r> {
    /// The request.
    pub request: &'r Arc<Request>,
    /// The method that decides what is done.
    pub method: Method,
    /// The path below the base path, as sent.
    pub path: &'r str,
    /// The vendor's base URL here.
    pub(super) base: Base,
    /// The parameters of the query.
    pub query: Vec<Pair>,
    /// The body, where it was read to find the operation.
    pub(super) kept: Option<Kept>,
    /// Whether it is an item of a list of requests, which holds no other list of them.
    pub is_item: bool,
}

impl<'r> Incoming<'r> {
    /// Takes a request apart. Fails when its URL is malformed.
    pub(super) fn new<'p>(
        request: &'r Arc<Request>,
        path: &'r str,
        base: Base,
    ) -> (Self, Result<(), Refusal<'p>>) {
        let method = request.method.clone();
        let (query, kept, is_item) = (Vec::new(), None, false);
        let mut incoming = Self { request, method, path, base, query, kept, is_item };
        if let Err(message) = decode_segment(path) {
            return (incoming, Err(Refusal::of(Failure::MalformedUrl).said(message).value(path)));
        }
        match decode_pairs(request.query().unwrap_or_default()) {
            Ok(pairs) => incoming.query = pairs,
            Err(error) => {
                let refusal = Refusal::of(Failure::MalformedUrl)
                    .said(format!("in the query: {}", error.message))
                    .value(request.query().unwrap_or_default());
                return (incoming, Err(refusal));
            }
        }
        (incoming, Ok(()))
    }

    /// All lines of a header that holds a list (RFC 9110 section 5.3); `None` when it is absent or
    /// empty.
    pub(super) fn list(&self, name: &http::HeaderName) -> Option<Cow<'r, str>> {
        self.lines(name).filter(|list| !list.trim().is_empty())
    }

    /// The same, but that it may be empty.
    pub(super) fn lines(&self, name: &http::HeaderName) -> Option<Cow<'r, str>> {
        let mut lines = self.request.headers.get_all(name).iter();
        let mut all = header_text(lines.next()?);
        for line in lines {
            let all = all.to_mut();
            all.push_str(", ");
            all.push_str(&header_text(line));
        }
        Some(all)
    }

    /// The text of a header's first line.
    pub(super) fn header(&self, name: &http::HeaderName) -> Option<Cow<'r, str>> {
        self.request.headers.get(name).map(header_text)
    }

    /// The header that says what the body is; empty where it is absent.
    pub(super) fn content_type(&self) -> Cow<'r, str> {
        self.header(&CONTENT_TYPE).unwrap_or_default()
    }

    /// The media type of the body in lower case, without parameters.
    pub(super) fn media_type(&self) -> Option<Cow<'r, str>> {
        media_type(self.request)
    }

    /// The encoding of the body, where its media type names one; an error with the label of one
    /// that is not known.
    pub(super) fn charset(&self) -> Result<Option<Encoding>, String> {
        Encoding::of_media_type(&self.content_type())
    }

    /// A cookie's value.
    pub(super) fn cookie(&self, name: &str) -> Option<Cow<'r, str>> {
        self.cookies().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The cookies, in order.
    pub(super) fn cookies(&self) -> impl Iterator<Item = (Cow<'r, str>, Cow<'r, str>)> {
        let lines = self.request.headers.get_all(COOKIE).iter();
        let pairs = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
        pairs.filter_map(|pair| {
            let pair = pair.trim_ascii();
            let equals = pair.iter().position(|byte| *byte == b'=')?;
            let (name, value) = pair.split_at_checked(equals)?;
            Some((text_of_old(name), text_of_old(value.get(1..)?)))
        })
    }

    /// The media type to answer in: the best of `produces` by `Accept` (RFC 9110 section 12.5.1).
    ///
    /// Gives whether `Accept` allows it too; where it allows none, the first one is given.
    pub(super) fn accepted(
        &self,
        plan: &Plan,
        produces: &[MediaTypeId],
    ) -> (Option<MediaTypeId>, bool) {
        let first = produces.first().copied();
        let Some(accept) = self.list(&ACCEPT) else { return (first, true) };
        let mut best: Option<(f32, MediaTypeId)> = None;
        for id in produces {
            let Some(media_type) = plan.media_types.get(id.0) else { continue };
            let quality = quality(&accept, &media_type.name);
            if quality > best.map_or(0.0, |(quality, _)| quality) {
                best = Some((quality, *id));
            }
        }
        match best {
            Some((_, id)) => (Some(id), true),
            None => (first, produces.is_empty()),
        }
    }
}

/// The media type of a body in lower case, without parameters.
pub(super) fn media_type(request: &Request) -> Option<Cow<'_, str>> {
    let text = match header_text(request.headers.get(CONTENT_TYPE)?) {
        Cow::Borrowed(text) => text,
        // Its name is of ASCII, whatever its parameters are of.
        Cow::Owned(text) => return of_media_type(&text).map(|name| name.into_owned().into()),
    };
    of_media_type(text)
}

fn of_media_type(text: &str) -> Option<Cow<'_, str>> {
    let length = memchr(b';', text.as_bytes()).unwrap_or(text.len());
    let name = text.get(..length).unwrap_or_default().trim();
    match name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => Some(name.to_ascii_lowercase().into()),
        false => Some(name.into()).filter(|name: &Cow<'_, str>| !name.is_empty()),
    }
}

/// How much an `Accept` wants a media type, from 0 to 1, by its most specific range (RFC 9110
/// section 12.5.1). Parameters of a range do not count, and a range whose weight makes no sense
/// is passed over.
pub fn quality(accept: &str, name: &str) -> f32 {
    let family = name.split('/').next().unwrap_or_default();
    let mut best = (0, 0.0_f32);
    for range in unquoted(accept, ',') {
        let mut parts = unquoted(range, ';').map(str::trim);
        let wanted = parts.next().unwrap_or_default();
        let specificity = match wanted {
            _ if wanted.eq_ignore_ascii_case(name) => 3,
            "*/*" | "*" => 1,
            _ if wanted.strip_suffix("/*").is_some_and(|f| f.eq_ignore_ascii_case(family)) => 2,
            _ => continue,
        };
        let weight = parts.find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim().eq_ignore_ascii_case("q").then_some(value.trim())
        });
        let Some(quality) = weight.map_or(Some(1.0), weight_of) else { continue };
        if specificity > best.0 || (specificity == best.0 && quality > best.1) {
            best = (specificity, quality);
        }
    }
    best.1
}

/// A weight (RFC 9110 section 12.4.2).
pub(super) fn weight_of(text: &str) -> Option<f32> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    text.parse().ok().filter(|weight| plain && (0.0..=1.0).contains(weight))
}

/// The parts of a text between a mark that stands in no quoted string (RFC 9110 section 5.6.4).
fn unquoted(text: &str, mark: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let mut escaped = false;
    text.split(move |c: char| {
        let ends = c == mark && !quoted;
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        ends
    })
}

/// A segment of a path without its percent-encoding (RFC 3986 section 2.1). Fails when that is
/// broken or the result is not UTF-8.
pub(super) fn decode_segment(segment: &str) -> Result<Cow<'_, str>, String> {
    if !segment.contains('%') {
        return Ok(Cow::Borrowed(segment));
    }
    let bytes = segment.as_bytes();
    for (at, _) in segment.match_indices('%') {
        let digits = bytes.get(at + 1..at + 3);
        if !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
            return Err(format!("broken percent-encoding at character {} of the path", at + 1));
        }
    }
    percent_encoding::percent_decode_str(segment)
        .decode_utf8()
        .map_err(|_| "the path is not UTF-8".to_owned())
}

/// An operation that was found, with the values of its path.
#[derive(Debug)]
pub(super) struct Target {
    /// The operation and the binding.
    pub binding: BindingId,
    /// The path's parameters, decoded.
    pub path: Vec<(Arc<str>, Arc<str>)>,
    /// For SOAP: the parameters, with where they end in the body.
    pub soap: Option<SoapCall>,
}

/// A SOAP message that was opened.
#[derive(Debug)]
pub(super) struct SoapCall {
    /// The version.
    pub version: crate::wire::soap::SoapVersion,
    /// The children of the operation's element.
    pub parameters: Value,
    /// Where they end.
    pub positions: crate::wire::Positions,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accept_is_weighed_by_the_most_specific_range() {
        let cases = [
            ("application/json", "application/json", 1.0),
            ("text/html, */*;q=0.1", "application/json", 0.1),
            ("application/*;q=0.5, application/json;q=0", "application/json", 0.0),
            ("text/xml", "application/json", 0.0),
            ("application/json;Q=0.5", "application/json", 0.5),
            ("application/json ; q = 0.5", "application/json", 0.5),
            ("application/json;charset=utf-8;q=0.2", "application/json", 0.2),
            ("application/json;q=0.2, Application/JSON;q=0.7", "application/json", 0.7),
            ("a/b;p=\"x, application/json;q=1\", */*;q=0.3", "application/json", 0.3),
            ("application/json;q=2, */*;q=0.3", "application/json", 0.3),
            ("application/json;q=-1, */*;q=0.3", "application/json", 0.3),
            (", ,application/json", "application/json", 1.0),
        ];
        for (accept, name, expected) in cases {
            assert!((quality(accept, name) - expected).abs() < f32::EPSILON, "{accept}");
        }
    }

    #[test]
    fn broken_percent_encoding_is_an_error() {
        assert_eq!(decode_segment("a%20b").unwrap(), "a b");
        for broken in ["%", "%4", "%zz", "%ff"] {
            assert!(decode_segment(broken).is_err(), "{broken}");
        }
    }
}
