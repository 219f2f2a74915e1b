//! From what a scenario says to what goes over the wire.

mod call;
mod credential;
mod follow;
mod given;
mod matched;
mod multipart;
mod path;
mod raw;
mod sign;

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::client::Request;
use super::evaluate::EvaluationError;
use super::scope::Scope;
use super::url::{Origin, Url};
use crate::model::{SchemeId, Service};
use crate::value::Value;
use crate::wire::encoding::Encoding;

pub(super) use call::call;
pub(super) use follow::follow;
pub(super) use given::{Chosen, chosen, operation, written};
pub(super) use raw::{absolute, raw, written_headers};

/// All but the unreserved characters of RFC 3986 section 2.3.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

const USER_AGENT: &str = concat!("counterpart-test/", env!("CARGO_PKG_VERSION"));

/// Why a request cannot be made.
#[derive(Debug)]
pub(super) enum Unmade {
    /// An expression could not be worked out.
    Evaluation(EvaluationError),
    /// Anything else, in a sentence without a full stop.
    Other(String),
}

impl From<EvaluationError> for Unmade {
    fn from(error: EvaluationError) -> Self {
        Self::Evaluation(error)
    }
}

/// A request that is being made.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) method: String,
    /// Below the base path, encoded.
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: Vec<(String, String)>,
    /// Names of headers that are not sent, whoever else would give them.
    pub(super) without: Vec<String>,
    pub(super) cookies: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    /// Schemes that sign all that, with their keys.
    pub(super) signers: Vec<(SchemeId, Value)>,
}

impl Draft {
    /// Puts in the headers that a step or a file gives.
    pub(super) fn give(&mut self, lines: Lines) {
        for (name, text) in lines {
            match text {
                Some(text) => self.headers.push((name, text)),
                None => self.without.push(name),
            }
        }
    }

    /// Whether the scenario says what becomes of a header.
    pub(super) fn has(&self, name: &str) -> bool {
        let mut names = self.headers.iter().map(|(name, _)| name).chain(&self.without);
        names.any(|known| known.eq_ignore_ascii_case(name))
    }

    /// The encoding that the scenario's media type names.
    pub(super) fn charset(&self) -> Result<Option<Encoding>, Unmade> {
        let mut headers = self.headers.iter();
        let media_type = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let media_type = media_type.map_or("", |(_, value)| value);
        Encoding::of_media_type(media_type)
            .map_err(|label| Unmade::Other(format!("the charset `{label}` is not supported")))
    }

    /// Sets a field unless the scenario did.
    pub(super) fn offer(&mut self, name: &str, value: impl Into<String>) {
        if !self.has(name) {
            self.headers.push((name.to_owned(), value.into()));
        }
    }

    /// Sets the fields of the file, unless the step did.
    pub(super) fn offer_all(&mut self, way: &Way) {
        for (name, value) in &way.headers {
            match value {
                Some(value) => self.offer(name, &**value),
                None if self.has(name) => {}
                None => self.without.push(name.clone()),
            }
        }
    }

    /// The request to a vendor, signed where a key says so.
    pub(super) fn finish(
        mut self,
        service: &Service,
        scope: &Scope<'_>,
        way: &Way,
    ) -> Result<Request, Unmade> {
        sign::sign(service, scope, way, &mut self)?;
        let base = &way.base;
        if let Some(host) = &way.host {
            self.offer("Host", &**host);
        }
        let mut target = format!("{}{}", base.target, self.path);
        for (name, value) in &self.query {
            target.push(if target.contains('?') { '&' } else { '?' });
            // Writing to a string cannot fail.
            _ = write!(target, "{}={}", encode(name), encode(value));
        }
        if !target.starts_with('/') {
            target.insert(0, '/');
        }
        if !self.cookies.is_empty() && !self.has("cookie") {
            let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
            let cookies = pairs.collect::<Vec<_>>().join("; ");
            self.headers.push(("Cookie".to_owned(), cookies));
        }
        let origin = base.origin.clone();
        let Self { without, method, headers, body, .. } = self;
        Ok(request_without(&without, origin, method, target, headers, body))
    }
}

/// Where a request goes.
pub(in crate::run) struct Way {
    /// The vendor's base URL.
    pub(in crate::run) base: Url,
    /// What stands in the field `Host`; none: what the URL says.
    pub(in crate::run) host: Option<String>,
    /// Headers of the file.
    pub(in crate::run) headers: Lines,
}

/// Headers in their order; those without a text are not sent.
pub(super) type Lines = Vec<(String, Option<String>)>;

/// Adds what each request needs, unless it is there already.
pub(super) fn request(
    origin: Origin,
    method: String,
    target: String,
    given: Vec<(String, String)>,
    body: Vec<u8>,
) -> Request {
    request_without(&[], origin, method, target, given, body)
}

fn request_without(
    without: &[String],
    origin: Origin,
    method: String,
    target: String,
    mut given: Vec<(String, String)>,
    body: Vec<u8>,
) -> Request {
    let left_out = |name: &str| without.iter().any(|known| known.eq_ignore_ascii_case(name));
    given.retain(|(name, _)| !left_out(name));
    let given_too = |name: &str| given.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
    let has = |name: &str| left_out(name) || given_too(name);
    let mut headers = Vec::with_capacity(given.len() + 3);
    if !has("host") {
        headers.push(("Host".to_owned(), origin.authority()));
    }
    if !has("user-agent") {
        headers.push(("User-Agent".to_owned(), USER_AGENT.to_owned()));
    }
    // RFC 9110 section 8.6: methods that mean to carry a body say so even when there is none.
    let carries = matches!(&*method, "POST" | "PUT" | "PATCH");
    let length =
        (carries || !body.is_empty()) && !has("content-length") && !has("transfer-encoding");
    let takes_cookies = !left_out("cookie");
    headers.extend(given);
    if length {
        headers.push(("Content-Length".to_owned(), body.len().to_string()));
    }
    Request { origin, method, target, headers, body, takes_cookies }
}

/// Names of headers are kept in lower case; on the wire they look as people write them.
fn title(name: &str) -> String {
    let parts = name.split('-').map(|part| {
        let mut characters = part.chars();
        let first = characters.next().map(|c| c.to_ascii_uppercase());
        first.into_iter().chain(characters).collect::<String>()
    });
    parts.collect::<Vec<_>>().join("-")
}

pub(super) fn encode(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// The texts of a value: one for each item of a list, or all in one with commas.
fn texts(name: &str, value: &Value, explode: bool) -> Result<Vec<String>, Unmade> {
    let mut texts = Vec::new();
    for item in value.as_list().unwrap_or(std::slice::from_ref(value)) {
        let text = item.scalar_text().ok_or_else(|| {
            Unmade::Other(format!("`{name}` cannot be of kind {} here", item.kind()))
        })?;
        texts.push(text.to_string());
    }
    if !explode && value.as_list().is_some() {
        if let Some(item) = texts.iter().find(|item| item.contains(',')) {
            return Err(Unmade::Other(format!(
                "`{name}` is sent with commas between its items, and `{item}` has one itself"
            )));
        }
        return Ok(vec![texts.join(",")]);
    }
    Ok(texts)
}
