//! What is not looked at.

use regex_lite::Regex;

/// Headers that say something about the transport, the server's software or the moment, and
/// nothing about the vendor's interface.
pub const IGNORED_HEADERS: &[&str] = &[
    "accept-ranges",
    "age",
    "alt-svc",
    "cache-control",
    "cf-cache-status",
    "cf-ray",
    "connection",
    "content-length",
    "date",
    "etag",
    "expires",
    "keep-alive",
    "last-modified",
    "nel",
    "pragma",
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
    "x-correlation-id",
    "x-powered-by",
    "x-rate-limit-remaining",
    "x-rate-limit-reset",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "x-request-id",
    "x-runtime",
];

/// The prefix of the headers with which the mock explains itself.
const OWN_PREFIX: &str = "x-counterpart-";

/// Headers and paths that are not compared.
#[derive(Debug, Clone, Default)]
pub struct Ignore {
    headers: Vec<String>,
    paths: Vec<Regex>,
}

impl Ignore {
    /// Those headers besides [`IGNORED_HEADERS`], and what is at or below those paths:
    /// `$.contact.id`, `$.list[*].id`, `/Envelope/Body/*/id`, `header Location`. Fails with the
    /// path that is none.
    pub fn new(headers: &[String], paths: &[String]) -> Result<Self, String> {
        let headers = headers.iter().map(|name| name.to_ascii_lowercase()).collect();
        let paths = paths.iter().map(|path| compile(path)).collect::<Result<_, _>>()?;
        Ok(Self { headers, paths })
    }

    pub(super) fn header(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        name.starts_with(OWN_PREFIX)
            || IGNORED_HEADERS.contains(&&*name)
            || self.headers.contains(&name)
    }

    pub(super) fn path(&self, path: &str) -> bool {
        self.paths.iter().any(|pattern| pattern.is_match(path))
    }
}

fn compile(path: &str) -> Result<Regex, String> {
    if !(path.starts_with(['$', '/'])
        || matches!(path, "status" | "expectations")
        || path.starts_with("header "))
    {
        return Err(format!(
            "`{path}` is no path; paths are written $.a[*].b, /a/b/*, status, expectations or header NAME"
        ));
    }
    let mut pattern = String::from(if path.starts_with("header ") { "(?i)^" } else { "^" });
    for (at, part) in path.split('*').enumerate() {
        if at > 0 {
            pattern.push_str(r"[^.\[\]/]*");
        }
        pattern.push_str(&regex_lite::escape(part));
    }
    pattern.push_str(r"(?:[.\[/]|$)");
    Regex::new(&pattern).map_err(|error| format!("`{path}` is no path: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_cover_what_is_below_them() {
        let paths = ["$.a[*].b", "/x/*/z", "header location"].map(str::to_owned);
        let ignore = Ignore::new(&["X-Mine".to_owned()], &paths).unwrap();
        for (path, expected) in [
            ("$.a[0].b", true),
            ("$.a[12].b.c", true),
            ("$.a[0].bc", false),
            ("$.a.b", false),
            ("/x/y/z", true),
            ("/x/y/z[2]/@w", true),
            ("/x/y/w/z", false),
            ("header Location", true),
        ] {
            assert_eq!(ignore.path(path), expected, "{path}");
        }
        assert!(ignore.header("x-mine") && ignore.header("Date"));
        assert!(ignore.header("X-Counterpart-Rule") && !ignore.header("Location"));
        assert!(Ignore::new(&[], &["a.b".to_owned()]).is_err());
    }
}
