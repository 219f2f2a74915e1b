//! A request as a vendor sees it: below its base path, with the query taken apart.

use std::borrow::Cow;
use std::sync::Arc;

use http::header::{ACCEPT, CONTENT_TYPE, COOKIE};

use crate::exchange::Request;
use crate::model::{Failure, MediaTypeId};
use crate::plan::Plan;
use crate::plan::route::BindingId;
use crate::value::Value;
use crate::wire::form::{Pair, decode_pairs};

use super::refusal::Refusal;
use super::way::Base;

/// A request on its way to an operation.
#[derive(Debug)]
pub(super) struct Incoming<'r> {
    /// The request.
    pub request: &'r Request,
    /// The path below the base path, as sent.
    pub path: &'r str,
    /// The vendor's base URL here.
    pub(super) base: Base<'r>,
    /// The parameters of the query.
    pub query: Vec<Pair>,
}

impl<'r> Incoming<'r> {
    /// Takes a request apart. Fails when its URL is malformed.
    pub(super) fn new<'p>(
        request: &'r Request,
        path: &'r str,
        base: Base<'r>,
    ) -> (Self, Result<(), Refusal<'p>>) {
        let mut incoming = Self { request, path, base, query: Vec::new() };
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

    /// A header's text; `None` when it is absent or no text.
    pub(super) fn header(&self, name: &http::HeaderName) -> Option<&'r str> {
        self.request.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The media type of the body in lower case, without parameters.
    pub(super) fn media_type(&self) -> Option<String> {
        let text = self.header(&CONTENT_TYPE)?;
        let name = text.split(';').next().unwrap_or_default().trim();
        (!name.is_empty()).then(|| name.to_ascii_lowercase())
    }

    /// The charset of the body in lower case, where one is named.
    pub(super) fn charset(&self) -> Option<String> {
        let text = self.header(&CONTENT_TYPE)?;
        text.split(';').skip(1).find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            let charset = name.trim().eq_ignore_ascii_case("charset");
            charset.then(|| value.trim().trim_matches('"').to_ascii_lowercase())
        })
    }

    /// A cookie's value.
    pub(super) fn cookie(&self, name: &str) -> Option<&'r str> {
        self.header(&COOKIE)?.split(';').find_map(|pair| {
            let (key, value) = pair.trim().split_once('=')?;
            (key == name).then_some(value)
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
        let Some(accept) = self.header(&ACCEPT) else { return (first, true) };
        let mut best: Option<(f32, MediaTypeId)> = None;
        for id in produces {
            let Some(media_type) = plan.media_types.get(id.0) else { continue };
            let quality = quality(accept, &media_type.name);
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

/// How much an `Accept` wants a media type, from 0 to 1, by its most specific range.
fn quality(accept: &str, name: &str) -> f32 {
    let family = name.split('/').next().unwrap_or_default();
    let mut best = (0, 0.0);
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let wanted = parts.next().unwrap_or_default();
        let specificity = match wanted {
            _ if wanted.eq_ignore_ascii_case(name) => 3,
            "*/*" | "*" => 1,
            _ if wanted.strip_suffix("/*").is_some_and(|f| f.eq_ignore_ascii_case(family)) => 2,
            _ => continue,
        };
        let quality = parts
            .find_map(|parameter| parameter.strip_prefix("q="))
            .map_or(1.0, |quality| quality.parse().unwrap_or(0.0));
        if specificity > best.0 {
            best = (specificity, quality);
        }
    }
    best.1
}

/// A segment of a path without its percent-encoding (RFC 3986 section 2.1). Fails when that is
/// broken or the result is no UTF-8.
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
        .map_err(|_| "the path is no UTF-8".to_owned())
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
