//! What is not looked at.

use http::HeaderName;

use crate::exchange::OWN_HEADERS;
use crate::model::Comparison;
use crate::selector::path_pattern::{self, PathPattern};

/// Headers that say something about the transport, the server's software or the moment, or are for
/// browsers, and say nothing about the vendor's interface.
pub const IGNORED_HEADERS: &[&str] = &[
    "accept-ranges",
    "age",
    "alt-svc",
    "cache-control",
    "cf-cache-status",
    "cf-ray",
    "connection",
    "content-encoding",
    "content-length",
    "content-security-policy",
    "cross-origin-embedder-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "date",
    "etag",
    "expires",
    "keep-alive",
    "last-modified",
    "nel",
    "p3p",
    "permissions-policy",
    "pragma",
    "referrer-policy",
    "report-to",
    "request-id",
    "server",
    "server-timing",
    "set-cookie",
    "strict-transport-security",
    "traceparent",
    "transfer-encoding",
    "vary",
    "via",
    "x-amzn-requestid",
    "x-amzn-trace-id",
    "x-aspnet-version",
    "x-aspnetmvc-version",
    "x-cache",
    "x-content-type-options",
    "x-correlation-id",
    "x-download-options",
    "x-frame-options",
    "x-permitted-cross-domain-policies",
    "x-powered-by",
    "x-rate-limit-remaining",
    "x-rate-limit-reset",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "x-request-id",
    "x-runtime",
    "x-xss-protection",
];

/// Headers and paths that are not compared.
#[derive(Debug, Clone, Default)]
pub struct Ignore {
    headers: Vec<HeaderName>,
    compared: Vec<HeaderName>,
    paths: Vec<PathPattern>,
}

impl Ignore {
    /// Those headers besides [`IGNORED_HEADERS`], and what is at or below those paths:
    /// `$.contact.id`, `$..id`, `/Envelope/Body/*/id`, `header Location`. Fails with the header or
    /// path that is none.
    pub fn new(headers: &[String], paths: &[String]) -> Result<Self, String> {
        let header = |name: &String| {
            HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| format!("`{name}` is not a valid header name"))
        };
        let path = |path: &String| {
            path_pattern::compile(path)
                .map_err(|error| format!("`{path}` cannot be ignored: {error}"))
        };
        Ok(Self {
            headers: headers.iter().map(header).collect::<Result<_, _>>()?,
            compared: Vec::new(),
            paths: paths.iter().map(path).collect::<Result<_, _>>()?,
        })
    }

    /// The same, but these headers are compared, whatever else is said of them. Fails with the
    /// one that is not a valid header name.
    pub fn comparing(mut self, headers: &[String]) -> Result<Self, String> {
        for name in headers {
            let header = HeaderName::from_bytes(name.as_bytes());
            self.compared
                .push(header.map_err(|_| format!("`{name}` is not a valid name of a header"))?);
        }
        Ok(self)
    }

    /// The same, and what a spec says.
    #[must_use]
    pub fn with(&self, comparison: &Comparison) -> Self {
        Self {
            headers: [&*self.headers, &*comparison.ignore_headers].concat(),
            compared: [&*self.compared, &*comparison.compare_headers].concat(),
            paths: [&*self.paths, &*comparison.ignore_paths].concat(),
        }
    }

    pub(super) fn header(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        name.starts_with(OWN_HEADERS)
            || IGNORED_HEADERS.contains(&&*name)
            || self.headers.iter().any(|known| *known == *name)
    }

    pub(super) fn path(&self, path: &str) -> bool {
        self.paths.iter().any(|pattern| pattern.covers(path))
    }
}
