//! Everything behind a port: sessions, the control plane below `/_counterpart/`, and the vendors.
//!
//! [`Control`] takes a request apart as `/@SESSION` and the rest. What is left either asks the
//! control plane, of which each resource has a file here, or goes to the [`Mock`].

mod call;
mod clock;
mod credentials;
mod describe;
mod explain;
mod health;
mod origin;
mod outbox;
mod reply;
mod requests;
mod reset;
mod rewind;
mod route;
mod schema;
mod sessions;
mod settings;
pub mod shown;
mod specs;
mod state;
mod transitions;

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::Arc;

use http::StatusCode;

use crate::exchange::{Answer, CONTROL_PATH, Handler, Request, TransportFailure};
use crate::mock::session::Session;
use crate::mock::{Mock, problem};
use crate::value::Map;
use reply::Refused;

/// The longest name of a session.
const LONGEST_NAME: usize = 64;

/// Answers all that comes to the mock's port.
#[derive(Debug)]
pub struct Control {
    mock: Arc<Mock>,
    allowed_hosts: Vec<String>,
}

impl Control {
    /// The control plane of a mock, with the mock behind it.
    pub fn new(mock: Arc<Mock>) -> Self {
        Self { mock, allowed_hosts: Vec::new() }
    }

    /// Lets pages of those hosts, and clients that call the mock by those names, use the control
    /// plane too.
    #[must_use]
    pub fn allow_hosts(self, hosts: impl IntoIterator<Item = String>) -> Self {
        let hosts = hosts.into_iter().map(|host| host.to_ascii_lowercase());
        Self { allowed_hosts: hosts.collect(), ..self }
    }

    /// The mock.
    pub fn mock(&self) -> &Arc<Mock> {
        &self.mock
    }

    /// The session of that name, made on first use.
    fn session(&self, name: &str) -> Result<Arc<Session>, Refused> {
        self.mock.sessions().get(name).ok_or_else(|| {
            let detail = "there are too many sessions; those idle for an hour make room, and \
                          `--sessions` sets how many there can be";
            Refused::new(StatusCode::SERVICE_UNAVAILABLE, detail)
        })
    }
}

/// The name of a session that a path begins with, empty for the default one, and the rest of the
/// path.
fn split(path: &str) -> Result<(Cow<'_, str>, &str), Refused> {
    // A client may encode the mark, and any other character (RFC 3986 section 2.4).
    let named = path.strip_prefix("/@").or_else(|| path.strip_prefix("/%40"));
    let Some(named) = named else { return Ok(("".into(), path)) };
    let end = named.find('/').unwrap_or(named.len());
    let (name, rest) = named.split_at(end);
    let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
    check_name(&name)?;
    Ok((name, if rest.is_empty() { "/" } else { rest }))
}

/// Letters, digits and the marks that need no encoding in a path (RFC 3986 section 2.3).
fn check_name(name: &str) -> Result<(), Refused> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_.~".contains(c);
    if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(fits) {
        let detail = format!(
            "`{name}` is not a valid session name: 1 to {LONGEST_NAME} letters, digits and -_.~"
        );
        return Err(Refused::new(StatusCode::BAD_REQUEST, detail));
    }
    Ok(())
}

/// The part of a path that the control plane looks at, if it is for the control plane.
fn below(path: &str) -> Option<&str> {
    let rest = path.strip_prefix(CONTROL_PATH)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}

impl Handler for Control {
    fn handle(&self, request: Request, local: SocketAddr) -> Answer {
        // Sharing the target's bytes lets the path be looked at while the request is given away.
        let target = request.target.clone();
        if target.path() == "*" {
            // `OPTIONS *` asks whether there is a server at all (RFC 9110 section 9.3.7).
            return Answer::empty(StatusCode::NO_CONTENT);
        }
        let (name, path) = match split(target.path()) {
            Ok(found) => found,
            Err(refused) => return refused.into_answer(),
        };
        let asked = below(path);
        if asked.is_some()
            && let Err(refused) = origin::check(&request, local, &self.allowed_hosts)
        {
            return refused.into_answer();
        }
        let session = match self.session(&name) {
            Ok(session) => session,
            Err(refused) => return refused.into_answer(),
        };
        match asked {
            Some(rest) => {
                let answer = call::Call::new(&self.mock, &session, &request, local)
                    .and_then(|call| route::answer(&call, rest));
                answer.unwrap_or_else(Refused::into_answer)
            }
            None => self.mock.answer(&session, path, request, local),
        }
    }

    fn refuse(&self, request: Request, failure: TransportFailure, local: SocketAddr) -> Answer {
        let target = request.target.clone();
        if let Ok((name, path)) = split(target.path())
            && below(path).is_none()
            && let Ok(session) = self.session(&name)
        {
            return self.mock.refuse(&session, path, request, failure, local);
        }
        problem(failure.status(), &failure.to_string(), &Map::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_names_are_what_needs_no_encoding() {
        let long = "a".repeat(LONGEST_NAME);
        for name in ["a", "Run-7_b.c~d", &long] {
            assert!(check_name(name).is_ok(), "{name}");
        }
        let longer = "a".repeat(LONGEST_NAME + 1);
        for name in ["", "a b", "a%20b", "ä", "a@b", &longer] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }

    #[test]
    fn only_whole_segments_lead_to_the_control_plane() {
        assert_eq!(below("/_counterpart"), Some(""));
        assert_eq!(below("/_counterpart/health"), Some("health"));
        assert_eq!(below("/_counterparts/health"), None);
        assert_eq!(below("/library/_counterpart"), None);
    }
}
