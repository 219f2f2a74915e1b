//! URLs of targets, as far as a client needs them (RFC 3986, RFC 9110 section 4.2).

use std::fmt;
use std::path::PathBuf;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::model::path::dots;

/// What cannot stand in a request target at all (RFC 3986 section 3.3 and 3.4).
pub(in crate::run) const IMPOSSIBLE: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// An `http` or `https` URL, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url {
    /// Where it is.
    pub origin: Origin,
    /// Path and query as written, without a fragment; empty where there is none.
    pub target: String,
}

/// A server.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    /// Whether it speaks TLS.
    pub secure: bool,
    /// The host, an IPv6 address without its brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The Unix socket at which it listens, in place of a port.
    pub socket: Option<PathBuf>,
}

impl Origin {
    /// What stands in the field `Host`: the port only where it is not the scheme's own.
    pub fn authority(&self) -> String {
        let host =
            if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        match (self.secure, self.port) {
            (false, 80) | (true, 443) => host,
            (_, port) => format!("{host}:{port}"),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(socket) = &self.socket {
            return write!(f, "{UNIX}{}:", socket.display());
        }
        let scheme = if self.secure { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.authority())
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin, self.target)
    }
}

/// What stands before the path of a Unix socket.
const UNIX: &str = "unix://";

/// The same for the base of a target, which may be behind a Unix socket: `unix:///run/api.sock`,
/// or `unix:///run/api.sock:/base`. No link or redirect leads to one.
pub fn parse_base(text: &str) -> Result<Url, String> {
    let Some(rest) = text.strip_prefix(UNIX) else { return parse(text) };
    let (socket, target) = rest.split_once(':').unwrap_or((rest, ""));
    if !socket.starts_with('/') {
        return Err(format!("`{text}` is not a Unix socket such as unix:///run/api.sock:/v1"));
    }
    let mut url = parse(&format!("http://localhost{target}"))?;
    if !(target.is_empty() || target.starts_with('/')) || !cfg!(unix) {
        let why = if cfg!(unix) { "has no path behind its colon" } else { "is not known here" };
        return Err(format!("`{text}` {why}"));
    }
    url.origin.socket = Some(socket.into());
    Ok(url)
}

/// Takes a URL apart. Fails, saying why in a fragment, for what is not an absolute URL of HTTP; a
/// user's name and password in it are refused, since scenarios have credentials of their own.
pub fn parse(text: &str) -> Result<Url, String> {
    let wrong = |why: &str| Err(format!("`{text}` {why}"));
    let Some((scheme, rest)) = text.split_once("://") else {
        return wrong("is not an absolute URL such as https://api.example.com/v1");
    };
    let secure = match scheme.to_ascii_lowercase().as_str() {
        "http" => false,
        "https" => true,
        _ => return wrong("is neither an http nor an https URL"),
    };
    let rest = rest.split('#').next().unwrap_or_default();
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at(end);
    if authority.contains('@') {
        return Err("a URL with user information is not accepted".to_owned());
    }
    let (host, port) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, "")) => (host, None),
        Some((host, rest)) => (host, rest.strip_prefix(':')),
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    if host.is_empty() || host.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return wrong("names no host");
    }
    let port = match port {
        None | Some("") => {
            if secure {
                443
            } else {
                80
            }
        }
        Some(port) => match port.parse() {
            Ok(port) => port,
            Err(_) => return wrong("has a port that is not a number up to 65535"),
        },
    };
    let origin = Origin { secure, host: host.to_owned(), port, socket: None };
    Ok(Url { origin, target: target.to_owned() })
}

/// Where a reference leads that stands in an answer of `base` (RFC 3986 section 5.2). Its fragment
/// is for who reads the answer, and what cannot stand in a request is encoded, as browsers do.
pub fn resolve(base: &Url, reference: &str) -> Result<Url, String> {
    let reference = reference.trim().split('#').next().unwrap_or_default();
    if scheme(reference).is_some() {
        return absolute(reference);
    }
    if reference.starts_with("//") {
        let scheme = if base.origin.secure { "https:" } else { "http:" };
        return absolute(&format!("{scheme}{reference}"));
    }
    let (path, query) = parts(&base.target);
    let target = match reference.chars().next() {
        None => format!("{path}{query}"),
        Some('/') => reference.to_owned(),
        Some('?') => format!("{path}{reference}"),
        Some(_) => {
            let folder = path.rfind('/').and_then(|at| path.get(..=at)).unwrap_or("/");
            format!("{folder}{reference}")
        }
    };
    Ok(Url { origin: base.origin.clone(), target: written(&target) })
}

/// Takes a link apart, whose target is then as it goes into a request.
pub fn absolute(link: &str) -> Result<Url, String> {
    if scheme(link).is_some_and(|scheme| !["http", "https"].contains(&&*scheme)) {
        return Err(format!("`{link}` is neither an http nor an https URL"));
    }
    let Url { origin, target } = parse(link.trim())?;
    Ok(Url { origin, target: written(&target) })
}

/// Whether a reference names a server.
pub fn names_a_server(reference: &str) -> bool {
    let reference = reference.trim();
    reference.starts_with("//") || scheme(reference).is_some()
}

/// The scheme that a reference begins with, in lower case.
fn scheme(reference: &str) -> Option<String> {
    let (scheme, _) = reference.trim().split_once(':')?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    let begins = scheme.bytes().next()?.is_ascii_alphabetic();
    (begins && scheme.bytes().all(allowed)).then(|| scheme.to_ascii_lowercase())
}

/// The path, and the query with its question mark.
fn parts(target: &str) -> (&str, &str) {
    target.split_at(target.find('?').unwrap_or(target.len()))
}

/// A target without dot segments (RFC 3986 section 5.2.4), written with what may stand in it.
pub(in crate::run) fn written(target: &str) -> String {
    let (path, query) = parts(target);
    let mut kept: Vec<&str> = Vec::new();
    let mut rest = path.strip_prefix('/').unwrap_or(path).split('/').peekable();
    while let Some(segment) = rest.next() {
        let is_last = rest.peek().is_none();
        let dots = dots(segment);
        if dots == 2 {
            kept.pop();
        }
        match dots {
            0 => kept.push(segment),
            // What is left is a folder.
            _ if is_last => kept.push(""),
            _ => {}
        }
    }
    let target = format!("/{}{query}", kept.join("/"));
    utf8_percent_encode(&target, IMPOSSIBLE).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_target_may_be_behind_a_unix_socket() {
        for (text, host, target) in [
            ("unix:///run/a.sock:/v1", "localhost", "/v1"),
            ("unix:///run/a.sock:", "localhost", ""),
        ] {
            let url = parse_base(text).unwrap();
            assert_eq!(url.to_string(), text);
            assert_eq!((&*url.origin.authority(), &*url.target), (host, target));
        }
        for text in ["unix://run/a.sock", "unix:///a:b", "unix://"] {
            assert!(parse_base(text).is_err(), "{text}");
        }
        assert!(parse("unix:///run/a.sock:/v1").is_err());
    }

    #[test]
    fn urls_are_taken_apart_and_put_together() {
        let cases = [
            ("http://a/b?c#d", "http://a/b?c"),
            ("HTTPS://a.example:443", "https://a.example"),
            ("http://[::1]:8080/x", "http://[::1]:8080/x"),
            ("http://a:81?x", "http://a:81?x"),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text).unwrap().to_string(), expected, "{text}");
        }
        for text in ["", "a/b", "ftp://a", "http://", "http://a:b", "http://u:p@a/", "http:///x"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn references_are_resolved() {
        let base = parse("http://a/b/c/d;p?q").unwrap();
        // RFC 3986 section 5.4, and what browsers make of the rest.
        for (reference, expected) in [
            ("g", "http://a/b/c/g"),
            ("./g", "http://a/b/c/g"),
            ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g", "http://g/"),
            ("?y", "http://a/b/c/d;p?y"),
            ("g?y", "http://a/b/c/g?y"),
            ("#s", "http://a/b/c/d;p?q"),
            ("g#s", "http://a/b/c/g"),
            ("g?y#s", "http://a/b/c/g?y"),
            (";x", "http://a/b/c/;x"),
            ("", "http://a/b/c/d;p?q"),
            (".", "http://a/b/c/"),
            ("./", "http://a/b/c/"),
            ("..", "http://a/b/"),
            ("../", "http://a/b/"),
            ("../g", "http://a/b/g"),
            ("../..", "http://a/"),
            ("../../../g", "http://a/g"),
            ("/./g", "http://a/g"),
            ("/../g", "http://a/g"),
            ("g.", "http://a/b/c/g."),
            ("..g", "http://a/b/c/..g"),
            ("./../g", "http://a/b/g"),
            ("./g/.", "http://a/b/c/g/"),
            ("g/../h", "http://a/b/c/h"),
            ("g;x=1/../y", "http://a/b/c/y"),
            ("g?y/../x", "http://a/b/c/g?y/../x"),
            ("%2e%2E/g", "http://a/b/g"),
            ("//h:81/x//y", "http://h:81/x//y"),
            ("HTTPS://h?x", "https://h/?x"),
            ("http://h/a/../b", "http://h/b"),
            ("g/a:b", "http://a/b/c/g/a:b"),
            ("/a b?q=é\t", "http://a/a%20b?q=%C3%A9"),
            ("/a%20b?q=%zz", "http://a/a%20b?q=%zz"),
            ("/a\tb|{}", "http://a/a%09b%7C%7B%7D"),
        ] {
            assert_eq!(resolve(&base, reference).unwrap().to_string(), expected, "{reference}");
        }
        for reference in
            ["mailto:a@b", "javascript:1", "ftp://a/", "data:,x", "http:g", "//", "http://u:p@a/"]
        {
            assert!(resolve(&base, reference).is_err(), "{reference}");
        }
    }
}
