//! Proxies that stand between the client and servers (RFC 9110, sections 7.2 and 9.3.6).

use std::fmt;
use std::io::{Read, Write};
use std::net::{IpAddr, TcpStream};

use base64::Engine as _;
use percent_encoding::percent_decode_str;

use super::failure::{Failure, FailureKind, Phase};
use super::patience::{Patience, is_pause};
use crate::run::url::{self, Origin};

/// The largest answer to `CONNECT` that is read.
const LARGEST: usize = 64 * 1024;

/// A proxy.
#[derive(Debug, Clone)]
pub struct Proxy {
    pub(super) origin: Origin,
    /// What it is shown.
    authorization: Option<String>,
}

/// Which proxy requests go through.
#[derive(Debug, Clone, Default)]
pub struct Proxies {
    /// For all.
    given: Option<Proxy>,
    /// For servers without and with TLS, unless they are on this machine.
    http: Option<Proxy>,
    https: Option<Proxy>,
    /// Hosts that are asked without one.
    except: Vec<String>,
}

impl Proxies {
    /// The one that is given, or else those of the environment; an empty one is none. Fails with
    /// what is wrong with one.
    pub fn new(
        given: Option<&str>,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, String> {
        let variable = |name: &str| {
            let names = [name.to_ascii_lowercase(), name.to_owned()];
            names.into_iter().find_map(|name| Some((environment(&name)?, name)))
        };
        let of = |name: &str| match variable(name).filter(|(text, _)| !text.is_empty()) {
            Some((text, name)) => {
                Proxy::parse(&text).map(Some).map_err(|why| format!("{name}: {why}"))
            }
            None => Ok(None),
        };
        let except = variable("NO_PROXY").map(|(text, _)| text).unwrap_or_default();
        let except = except.split([',', ' ']).map(str::trim).filter(|host| !host.is_empty());
        let mut proxies = Self { except: except.map(str::to_owned).collect(), ..Self::default() };
        match given {
            Some("") => {}
            Some(text) => {
                let why = |why| format!("--proxy: {why}");
                proxies.given = Some(Proxy::parse(text).map_err(why)?);
            }
            None => (proxies.http, proxies.https) = (of("HTTP_PROXY")?, of("HTTPS_PROXY")?),
        }
        Ok(proxies)
    }

    /// The one through which a server is asked.
    pub(super) fn of(&self, origin: &Origin) -> Option<&Proxy> {
        if origin.socket.is_some() || self.except.iter().any(|known| is_host(known, origin)) {
            return None;
        }
        let usual = if origin.secure { &self.https } else { &self.http };
        let usual = usual.as_ref().filter(|_| !is_here(&origin.host));
        self.given.as_ref().or(usual)
    }
}

/// Whether an entry of `NO_PROXY` is a host, or one above it.
fn is_host(entry: &str, origin: &Origin) -> bool {
    let (name, port) = match entry.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') => (name, port.parse().ok()),
        _ => (entry, None),
    };
    let name = name.trim_start_matches('.').to_ascii_lowercase();
    let host = origin.host.to_ascii_lowercase();
    let below = || host.strip_suffix(&name).is_some_and(|above| above.ends_with('.'));
    port.is_none_or(|port: u16| port == origin.port) && (name == "*" || host == name || below())
}

/// Whether a host is this machine.
fn is_here(host: &str) -> bool {
    let address = host.parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

impl Proxy {
    /// `http://user:password@host:port`. Fails with what is wrong; the password is not told.
    fn parse(text: &str) -> Result<Self, String> {
        let rest = match text.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
            Some((scheme, _)) => {
                return Err(format!("`{scheme}` is not a supported kind of proxy; only http is"));
            }
            None => text,
        };
        let (user, authority) = match rest.rsplit_once('@') {
            Some((user, authority)) => (Some(user), authority),
            None => (None, rest),
        };
        let url = url::parse(&format!("http://{}", authority.trim_end_matches('/')))?;
        if !url.target.is_empty() {
            return Err(format!("a proxy is http://host:port, without `{}`", url.target));
        }
        let authorization = user.map(|user| {
            let user = if user.contains(':') { user.to_owned() } else { format!("{user}:") };
            let shown: Vec<u8> = percent_decode_str(&user).collect();
            format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(shown))
        });
        Ok(Self { origin: url.origin, authorization })
    }

    /// The field that shows it who asks.
    pub(super) fn field(&self) -> Option<String> {
        let shown = self.authorization.as_ref();
        shown.map(|shown| format!("Proxy-Authorization: {shown}\r\n"))
    }

    /// That it is its fault.
    pub(super) fn fault(&self, why: impl fmt::Display) -> FailureKind {
        FailureKind::Proxy(self.to_string(), why.to_string())
    }

    /// The same of a failure on the way to it, but for one that has nothing to do with it.
    pub(super) fn blamed(&self, failure: Failure) -> Failure {
        match failure.kind {
            FailureKind::Interrupted => failure,
            kind => Failure { kind: self.fault(kind), ..failure },
        }
    }

    /// That it asks for credentials.
    pub(super) fn locked(&self, asked: &str) -> FailureKind {
        let shown = if self.authorization.is_some() { "others" } else { "some" };
        self.fault(format!(
            "{asked} got 407, which asks for credentials; \
             --proxy http://USER:PASSWORD@HOST:PORT gives {shown}"
        ))
    }

    /// Has it connect to a server.
    pub(super) fn tunnel(
        &self,
        socket: &mut TcpStream,
        to: &Origin,
        patience: Patience<'_>,
    ) -> Result<(), Failure> {
        let host = if to.host.contains(':') { format!("[{}]", to.host) } else { to.host.clone() };
        let asked = format!("CONNECT {host}:{}", to.port);
        let field = self.field().unwrap_or_default();
        let head = format!("{asked} HTTP/1.1\r\nHost: {host}:{}\r\n{field}\r\n", to.port);
        let failed = |why: String| Failure::new(self.fault(why));
        let broken = |error: std::io::Error| failed(format!("{asked} failed: {error}"));
        let late = || {
            let seconds = patience.limit.as_secs_f64();
            failed(format!("{asked} was not answered within {seconds} s"))
        };
        let slice = patience.slice(|| Phase::Connect).map_err(|failure| self.blamed(failure))?;
        socket.set_write_timeout(Some(slice)).map_err(broken)?;
        socket.write_all(head.as_bytes()).map_err(broken)?;
        let mut answer = Vec::new();
        // Nothing that comes behind the head may be taken: it is of the server.
        while !answer.ends_with(b"\r\n\r\n") {
            let slice =
                patience.slice(|| Phase::Connect).map_err(|failure| match failure.kind {
                    FailureKind::Interrupted => failure,
                    _ => late(),
                })?;
            socket.set_read_timeout(Some(slice)).map_err(broken)?;
            let mut byte = [0];
            match socket.read(&mut byte) {
                Ok(0) => {
                    let count = answer.len();
                    let why = format!("{asked} ended after {count} bytes of an answer");
                    return Err(failed(why));
                }
                Ok(_) => answer.extend_from_slice(&byte),
                Err(error) if is_pause(&error) => {}
                Err(error) => return Err(broken(error)),
            }
            if answer.len() > LARGEST {
                return Err(failed(format!("{asked} got an answer without an end")));
            }
        }
        let line = answer.split(|byte| *byte == b'\r').next().unwrap_or_default();
        let line = String::from_utf8_lossy(line);
        let status = line.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5)?.parse().ok());
        match status {
            Some(200..300) => Ok(()),
            Some(407) => Err(Failure::new(self.locked(&asked))),
            Some(_) => Err(failed(format!("{asked} got `{}`", line.trim_end()))),
            None => Err(failed(format!("{asked} got what is not HTTP: `{}`", line.trim_end()))),
        }
    }
}

/// Without the credentials.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.origin.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_chosen_by_the_server() {
        let environment = |name: &str| {
            let value = match name {
                "http_proxy" => "plain.example:3128",
                "HTTPS_PROXY" => "http://a%40b:c@secure.example",
                "NO_PROXY" => "intern.example, .deep.example,10.0.0.7,at.example:8443",
                _ => return None,
            };
            Some(value.to_owned())
        };
        let usual = Proxies::new(None, environment).unwrap();
        let given = Proxies::new(Some("http://given.example:1"), environment).unwrap();
        for (server, by_environment, by_option) in [
            ("http://api.example", Some("http://plain.example:3128"), true),
            ("https://api.example", Some("http://secure.example"), true),
            ("https://intern.example", None, false),
            ("https://a.intern.example", None, false),
            ("https://xintern.example", Some("http://secure.example"), true),
            ("http://x.deep.example", None, false),
            ("http://10.0.0.7:81", None, false),
            ("https://at.example:8443", None, false),
            ("https://at.example", Some("http://secure.example"), true),
            ("http://localhost:9", None, true),
            ("http://127.0.0.9:9", None, true),
            ("https://[::1]:9", None, true),
        ] {
            let origin = url::parse(server).unwrap().origin;
            let found = usual.of(&origin).map(ToString::to_string);
            assert_eq!(found.as_deref(), by_environment, "{server}");
            assert_eq!(given.of(&origin).is_some(), by_option, "{server}");
        }
        let shown = usual.https.unwrap().field().unwrap();
        assert_eq!(shown, "Proxy-Authorization: Basic YUBiOmM=\r\n");
        let none = Proxies::new(Some(""), environment).unwrap();
        assert!(none.of(&url::parse("http://api.example").unwrap().origin).is_none());
    }

    #[test]
    fn what_is_no_proxy_is_told_without_its_password() {
        for text in
            ["socks5://u:secret@a:1", "http://u:secret@a:b", "http://u:secret@a/x", "http://"]
        {
            let told = Proxies::new(Some(text), |_| None).unwrap_err();
            assert!(told.starts_with("--proxy: ") && !told.contains("secret"), "{told}");
        }
    }
}
