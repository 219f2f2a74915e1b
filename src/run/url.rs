//! URLs of targets, as far as a client needs them (RFC 3986, RFC 9110 section 4.2).

use std::fmt;
use std::path::PathBuf;

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
        return Err("a URL with a user's name in it is not taken".to_owned());
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
}
