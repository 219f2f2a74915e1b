//! Paths, hosts and fields between a client and an upstream.

use http::header::{
    ACCEPT_ENCODING, ACCESS_CONTROL_ALLOW_ORIGIN, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH,
    CONTENT_LOCATION, COOKIE, EXPECT, HOST, LINK, LOCATION, ORIGIN, PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION, REFERER, SET_COOKIE, STRICT_TRANSPORT_SECURITY, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::run::url::{Origin, Url};

/// Fields that are of one connection (RFC 9110 section 7.6.1).
const OF_CONNECTION: [HeaderName; 9] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Which paths here are which paths there.
#[derive(Debug, Clone)]
pub(super) struct Mapping {
    /// What the paths here begin with.
    pub(super) local: String,
    /// The server there.
    pub(super) origin: Origin,
    /// What the paths there begin with.
    pub(super) remote: String,
}

impl Mapping {
    /// The paths below `/VENDOR` here are those of the URL there. `base` is the base path of the
    /// vendor's spec, which both have behind that, unless the URL ends otherwise.
    pub(super) fn new(vendor: &str, url: &Url, base: Option<&str>) -> Self {
        let target = url.target.split('?').next().unwrap_or_default().trim_end_matches('/');
        let base = base.map(|base| base.trim_end_matches('/'));
        let (local, remote) = match base {
            None => (format!("/{vendor}"), ""),
            Some(base) => match target.strip_suffix(base) {
                Some(before) => (format!("/{vendor}"), before),
                None => (format!("/{vendor}{base}"), target),
            },
        };
        Self { local, origin: url.origin.clone(), remote: remote.to_owned() }
    }

    /// The path there of one here, with the query; none where it is not below.
    pub(super) fn there(&self, path: &str) -> Option<String> {
        let rest = below(path, &self.local)?;
        let path = format!("{}{rest}", self.remote);
        Some(if path.starts_with('/') { path } else { format!("/{path}") })
    }

    /// The path here of one there.
    fn here(&self, path: &str) -> Option<String> {
        below(path, &self.remote).map(|rest| format!("{}{rest}", self.local))
    }

    /// A reference that the upstream gives (RFC 3986 section 4.1), as it leads to the same here.
    /// One that leads to others stays.
    fn reference(&self, text: &str, base: &str) -> Option<String> {
        if text.starts_with('/') && !text.starts_with("//") {
            return self.here(text);
        }
        let rest = self.rest_of(text)?;
        let path = if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") };
        Some(format!("{base}{}", self.here(&path)?))
    }

    /// What stands behind scheme and authority of a URL of the upstream.
    fn rest_of<'t>(&self, text: &'t str) -> Option<&'t str> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let rest = rest.or_else(|| text.strip_prefix("//"))?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        let host = authority.split(':').next().unwrap_or_default();
        // A server behind a balancer often names itself by the other scheme or without its port.
        let same = authority.eq_ignore_ascii_case(&self.origin.authority())
            || host == authority && host.eq_ignore_ascii_case(&self.origin.host);
        same.then_some(rest)
    }

    /// The fields of a request as they go to the upstream.
    pub(super) fn request(&self, headers: &HeaderMap, base: &str) -> HeaderMap {
        let mut sent = HeaderMap::with_capacity(headers.len() + 1);
        let named = named_by_connection(headers);
        let authority = self.origin.authority();
        sent.extend(HeaderValue::from_str(&authority).ok().map(|host| (HOST, host)));
        let mut cookies: Vec<&[u8]> = Vec::new();
        for (name, value) in headers {
            let left = OF_CONNECTION.contains(name)
                || named.contains(name)
                // The length is that of the body without codings.
                || [HOST, CONTENT_LENGTH, CONTENT_ENCODING, EXPECT].contains(name);
            if left {
                continue;
            }
            if *name == COOKIE {
                // HTTP/2 has a field for each (RFC 9113 section 8.2.3).
                cookies.push(value.as_bytes());
                continue;
            }
            let text = std::str::from_utf8(value.as_bytes()).unwrap_or_default();
            let other = match *name {
                ACCEPT_ENCODING => Some(readable(text)),
                ORIGIN if text == base => Some(self.origin.to_string()),
                REFERER => text
                    .strip_prefix(base)
                    .and_then(|path| self.there(path).map(|path| format!("{}{path}", self.origin))),
                _ => None,
            };
            let other = other.and_then(|text| HeaderValue::from_bytes(text.as_bytes()).ok());
            sent.append(name.clone(), other.unwrap_or_else(|| value.clone()));
        }
        if !cookies.is_empty()
            && let Ok(value) = HeaderValue::from_bytes(&cookies.join(&b"; "[..]))
        {
            sent.insert(COOKIE, value);
        }
        sent
    }

    /// The fields of an answer as they go to the client. `base` is scheme and authority of this
    /// side.
    pub(super) fn answer(&self, headers: &HeaderMap, base: &str) -> HeaderMap {
        let mut sent = HeaderMap::with_capacity(headers.len());
        let named = named_by_connection(headers);
        // What binds the client to the upstream's own address would lead it past this one.
        let bound = [STRICT_TRANSPORT_SECURITY, HeaderName::from_static("alt-svc"), CONTENT_LENGTH];
        for (name, value) in headers {
            if OF_CONNECTION.contains(name) || named.contains(name) || bound.contains(name) {
                continue;
            }
            // What is not text names nothing of the upstream.
            let Ok(text) = std::str::from_utf8(value.as_bytes()) else {
                sent.append(name.clone(), value.clone());
                continue;
            };
            let other = match *name {
                LOCATION | CONTENT_LOCATION => self.reference(text, base),
                LINK => Some(self.links(text, base)),
                SET_COOKIE => Some(self.cookie(text, base)),
                ACCESS_CONTROL_ALLOW_ORIGIN if text == self.origin.to_string() => {
                    Some(base.to_owned())
                }
                _ => None,
            };
            let other = other.and_then(|text| HeaderValue::from_bytes(text.as_bytes()).ok());
            sent.append(name.clone(), other.unwrap_or_else(|| value.clone()));
        }
        sent
    }

    /// References between `<` and `>` (RFC 8288 section 3).
    fn links(&self, text: &str, base: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once('<') {
            let Some((target, after)) = behind.split_once('>') else { break };
            let here = self.reference(target, base);
            out.extend([before, "<", here.as_deref().unwrap_or(target), ">"]);
            rest = after;
        }
        out.push_str(rest);
        out
    }

    /// A cookie that the client takes for its own (RFC 6265 section 4.1).
    fn cookie(&self, text: &str, base: &str) -> String {
        let secure = base.starts_with("https://");
        let mut parts = text.split(';');
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let (name, value) = (name.trim(), value.trim());
            let part = match name.to_ascii_lowercase().as_str() {
                "domain" => continue,
                "secure" if !secure => continue,
                // It holds for secure cookies alone.
                "samesite" if !secure && value.eq_ignore_ascii_case("none") => continue,
                "path" if value.starts_with('/') => {
                    // A path above all that is mapped is that of all that is.
                    let here = self.here(value.trim_end_matches('/'));
                    format!("Path={}", here.unwrap_or_else(|| self.local.clone()))
                }
                _ => part.trim().to_owned(),
            };
            out.push_str("; ");
            out.push_str(&part);
        }
        out
    }
}

/// The fields that `Connection` names.
fn named_by_connection(headers: &HeaderMap) -> Vec<HeaderName> {
    let lines = headers.get_all(CONNECTION).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).filter_map(|name| name.trim().parse().ok()).collect()
}

/// The codings that can be undone of those that a client takes.
fn readable(text: &str) -> String {
    let known = |coding: &&str| {
        let name = coding.split(';').next().unwrap_or_default().trim();
        ["gzip", "x-gzip", "deflate", "br", "identity"]
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known))
    };
    let kept: Vec<&str> = text.split(',').map(str::trim).filter(known).collect();
    if kept.is_empty() { "identity".to_owned() } else { kept.join(", ") }
}

/// What stands behind a path that ends a segment there.
fn below<'p>(path: &'p str, prefix: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(prefix)?;
    (rest.is_empty() || rest.starts_with(['/', '?', '#'])).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::url::parse;

    fn mapping(url: &str, base: Option<&str>) -> Mapping {
        Mapping::new("it", &parse(url).unwrap(), base)
    }

    #[test]
    fn paths_here_are_paths_there() {
        for (url, base, here, there) in [
            ("https://a.example/v1", None, "/it/v1/x?y", Some("/v1/x?y")),
            ("https://a.example/v1", Some("/v1"), "/it/v1/x", Some("/v1/x")),
            ("http://a.example/it/v1/", Some("/v1"), "/it/v1/x", Some("/it/v1/x")),
            ("http://a.example/test", Some("/v1"), "/it/v1/x", Some("/test/x")),
            ("http://a.example", None, "/it", Some("/")),
            ("http://a.example", None, "/items/x", None),
            ("http://a.example/test", Some("/v1"), "/it/x", None),
        ] {
            assert_eq!(mapping(url, base).there(here).as_deref(), there, "{url} {here}");
        }
    }

    #[test]
    fn references_and_cookies_lead_here() {
        let mapping = mapping("https://a.example/v1", None);
        let base = "http://localhost:4010";
        for (name, there, here) in [
            (LOCATION, "/v1/x", "/it/v1/x"),
            (LOCATION, "https://a.example/v1/x?y#z", "http://localhost:4010/it/v1/x?y#z"),
            (LOCATION, "http://a.example", "http://localhost:4010/it/"),
            (LOCATION, "//a.example/x", "http://localhost:4010/it/x"),
            (LOCATION, "x/y", "x/y"),
            (LOCATION, "https://a.example.evil/x", "https://a.example.evil/x"),
            (LINK, "</v1/x>; rel=next, <//b/y>", "</it/v1/x>; rel=next, <//b/y>"),
            (SET_COOKIE, "a=b", "a=b"),
            (SET_COOKIE, "a=b; Path=/; Domain=.a.example; Secure", "a=b; Path=/it"),
            (SET_COOKIE, "a=b; SameSite=None; Path=/v1/", "a=b; Path=/it/v1"),
            (SET_COOKIE, "a=b; Max-Age=5; SameSite=Lax", "a=b; Max-Age=5; SameSite=Lax"),
            (ACCESS_CONTROL_ALLOW_ORIGIN, "https://a.example", base),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(&name, HeaderValue::from_static(there));
            let sent = mapping.answer(&headers, base);
            assert_eq!(sent.get(&name).unwrap(), here, "{there}");
        }
    }
}
