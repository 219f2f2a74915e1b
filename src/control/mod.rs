//! Everything behind a port: sessions, the control plane below `/_counterpart/`, and the vendors.
//!
//! [`Control`] takes a request apart as `/@SESSION` and the rest. What is left either asks the
//! control plane, of which each resource has a file here, or goes to the [`Mock`].

pub mod access;
mod again;
mod call;
mod changes;
mod clock;
mod coverage;
mod credentials;
mod current;
mod describe;
pub(crate) mod durable;
mod events;
mod explain;
mod fallback;
mod faults;
pub mod happened;
mod health;
pub(crate) mod held;
mod metrics;
mod origin;
mod outbox;
mod page;
mod reply;
pub(crate) mod requests;
mod reset;
mod rewind;
mod route;
mod schedule;
mod schema;
mod sessions;
mod settings;
pub mod shown;
mod specs;
mod state;
mod timer;
mod transitions;
mod webhooks;

use std::borrow::Cow;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::StatusCode;
use http::uri::PathAndQuery;

use crate::exchange::{Answer, CONTROL_PATH, Handler, Meanwhile, Request, TransportFailure};
use crate::mock::feed::Event;
use crate::mock::held::Patience;
use crate::mock::noted::{self, Noted};
use crate::mock::session::{Lost, Session};
use crate::mock::{Mock, problem};
use crate::plan::Plan;
use crate::proxy::Upstream;
use crate::value::Map;
use access::SessionNames;
use current::Current;
use fallback::Fallbacks;
use held::{Holding, Waits};
use parking_lot::RwLock;
use reply::Refused;
use webhooks::Callbacks;

/// What a request asks for.
struct Arrived<'t> {
    /// In the session of that name.
    name: Cow<'t, str>,
    /// The path without the session's prefix.
    path: &'t str,
    /// What of it the control plane looks at, if it is for the control plane.
    asked: Option<&'t str>,
}

/// The longest name of a session.
const LONGEST_NAME: usize = 64;

/// Answers all that comes to the mock's port.
#[derive(Debug)]
pub struct Control {
    current: Arc<Current>,
    allowed_hosts: Vec<String>,
    token: Option<String>,
    session_names: Option<SessionNames>,
    callbacks: Callbacks,
    limits: Vec<(&'static str, usize)>,
    fallbacks: Fallbacks,
    holding: Holding,
    /// Whether the server has no memory for requests to vendors.
    out_of_memory: AtomicBool,
}

impl Control {
    /// The control plane of a mock, with the mock behind it.
    pub fn new(mock: Arc<Mock>) -> Self {
        Self {
            current: Arc::new(Current::Fixed(mock)),
            allowed_hosts: Vec::new(),
            token: None,
            session_names: None,
            callbacks: Callbacks::default(),
            limits: Vec::new(),
            fallbacks: Fallbacks::default(),
            holding: Holding::default(),
            out_of_memory: AtomicBool::new(false),
        }
    }

    /// Lets pages of those hosts, and clients that call the mock by those names, use the control
    /// plane too.
    #[must_use]
    pub fn allow_hosts(self, hosts: impl IntoIterator<Item = String>) -> Self {
        let hosts = hosts.into_iter().map(|host| host.to_ascii_lowercase());
        Self { allowed_hosts: hosts.collect(), ..self }
    }

    /// Lets messages go to those hosts too.
    #[must_use]
    pub fn allow_callbacks(self, hosts: impl IntoIterator<Item = String>) -> Self {
        let hosts = hosts.into_iter().map(|host| host.to_ascii_lowercase()).collect();
        Self { callbacks: Callbacks { hosts }, ..self }
    }

    /// Asks whoever steers for a token.
    #[must_use]
    pub fn with_token(self, token: Option<String>) -> Self {
        Self { token, ..self }
    }

    /// Takes the name of a session from a header or a cookie too, where the path has none.
    #[must_use]
    pub fn with_session_names(self, names: SessionNames) -> Self {
        let any = names.header.is_some() || names.cookie.is_some();
        Self { session_names: any.then_some(names), ..self }
    }

    /// Tells of limits that others hold.
    #[must_use]
    pub fn with_limits(self, limits: Vec<(&'static str, usize)>) -> Self {
        Self { limits, ..self }
    }

    /// Lets requests that a spec has nothing for go to the real vendor.
    #[must_use]
    pub fn with_fallbacks(self, upstreams: Vec<Upstream>) -> Self {
        Self { fallbacks: Fallbacks(upstreams), ..self }
    }

    /// Holds no answer until something happens: nobody is there who would do it.
    #[must_use]
    pub fn answering_at_once(self) -> Self {
        Self { holding: Holding::of_nothing(), ..self }
    }

    /// Lets specs be loaded again.
    #[must_use]
    pub fn changing(self) -> Self {
        let mock = self.mock();
        Self { current: Arc::new(Current::Changing(RwLock::new(mock))), ..self }
    }

    /// The mock that answers now.
    pub fn mock(&self) -> Arc<Mock> {
        self.current.with(Arc::clone)
    }

    /// Goes on with other vendors, or with specs that have changed: sessions keep what fits.
    /// Gives the collections that could not be kept, each with its session; none at all where
    /// specs can't be loaded again.
    pub fn reload(&self, plans: Vec<Arc<Plan>>) -> Option<Vec<(Arc<str>, Lost)>> {
        self.current.replace(|mock| mock.reloaded(plans))
    }

    /// The session of that name, made on first use.
    fn session(mock: &Mock, name: &str) -> Result<Arc<Session>, Refused> {
        mock.sessions().get(name).ok_or_else(|| {
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
    fn meanwhile(self: Arc<Self>) -> Option<Meanwhile> {
        Some(Box::pin(timer::run(self)))
    }

    fn goes_first(&self, target: &PathAndQuery) -> bool {
        split(target.path()).is_ok_and(|(_, path)| below(path).is_some())
    }

    fn keeps_coding(&self, request: &Request, local: SocketAddr) -> bool {
        let Ok((_, path)) = split(request.path()) else { return false };
        below(path).is_none() && self.current.with(|mock| mock.keeps_coding(path, request, local))
    }

    fn out_of_memory(&self, is: bool) {
        self.out_of_memory.store(is, Ordering::Relaxed);
    }

    fn handle(&self, request: Request, local: SocketAddr) -> Answer {
        let waits = match self.answered(request, local) {
            Ok(answer) => return answer,
            Err(waits) => waits,
        };
        self.holding.hold(&self.current, waits, local)
    }

    fn stops(&self) {
        self.holding.stop();
    }

    fn refuse(&self, request: Request, failure: TransportFailure, local: SocketAddr) -> Answer {
        let target = request.target.clone();
        let refused = self.current.with(|mock| {
            durable::answered(mock, &target, || {
                Ok::<_, Infallible>(Self::refuse_at(mock, request, failure, local))
            })
        });
        match refused {
            Ok(answer) => answer,
            Err(never) => match never {},
        }
    }
}

impl Control {
    /// Answers a request, unless it is held.
    pub(crate) fn answered(&self, request: Request, local: SocketAddr) -> Result<Answer, Waits> {
        let target = request.target.clone();
        self.current
            .with(|mock| durable::answered(mock, &target, || self.answer(mock, request, local)))
    }

    /// Tries again to answer one that was.
    #[cfg(feature = "postgres")]
    pub(crate) fn again(
        &self,
        session: &Arc<Session>,
        waits: &Waits,
        may_wait: bool,
        local: SocketAddr,
    ) -> Result<Answer, Waits> {
        held::again(&self.current, session, &waits.held, may_wait, local)
            .map_err(|held| Waits { session: session.clone(), held })
    }

    /// A place for one more that is held.
    #[cfg(feature = "postgres")]
    pub(crate) fn place(&self) -> Result<held::Place, TransportFailure> {
        self.holding.place()
    }

    /// Refuses one for which there is none.
    #[cfg(feature = "postgres")]
    pub(crate) fn refuse_held(
        &self,
        waits: &Waits,
        full: TransportFailure,
        local: SocketAddr,
    ) -> Answer {
        self.current.with(|mock| held::refuse(mock, waits, full, local))
    }

    /// The name of the session whose state a request asks for; none where it asks for no state,
    /// and is answered by who holds none.
    #[cfg(feature = "postgres")]
    pub(crate) fn session_asked_for(&self, request: &Request, local: SocketAddr) -> Option<String> {
        let arrived = self.arrive(request, &request.target, local).ok()?;
        let stateless = matches!(arrived.asked, Some("health" | "live" | "ready" | "metrics"));
        (!stateless || !arrived.name.is_empty()).then(|| arrived.name.into_owned())
    }

    /// Finds out what a request asks for, or answers who may not ask, and who asks for no session.
    fn arrive<'t>(
        &self,
        request: &Request,
        target: &'t PathAndQuery,
        local: SocketAddr,
    ) -> Result<Arrived<'t>, Box<Answer>> {
        let refuse = |refused: Refused| Box::new(refused.into_answer());
        if target.path() == "*" {
            // `OPTIONS *` asks whether there is a server at all (RFC 9110 section 9.3.7).
            return Err(Box::new(Answer::empty(StatusCode::NO_CONTENT)));
        }
        let (name, path) = split(target.path()).map_err(refuse)?;
        let asked = below(path);
        if asked.is_some_and(|path| !access::is_probe(path)) {
            origin::check(request, local, &self.allowed_hosts).map_err(refuse)?;
        }
        // The page is for all, since it holds nothing: it asks for the token itself.
        if asked == Some("") && page::is_wanted(request) {
            return Err(Box::new(page::answer(request)));
        }
        if let (Some(rest), Some(token)) = (asked, &self.token)
            && let Some(refused) = access::refusal(request, rest, token)
        {
            return Err(Box::new(refused));
        }
        let name = match &self.session_names {
            Some(elsewhere) if name.is_empty() => match elsewhere.of(request) {
                Some(said) => {
                    check_name(&said).map_err(refuse)?;
                    Cow::Owned(said.into_owned())
                }
                None => name,
            },
            _ => name,
        };
        Ok(Arrived { name, path, asked })
    }

    fn answer(
        &self,
        mock: &Arc<Mock>,
        request: Request,
        local: SocketAddr,
    ) -> Result<Answer, Waits> {
        // Sharing the target's bytes lets the path be looked at while the request is given away.
        let target = request.target.clone();
        let Arrived { name, path, asked } = match self.arrive(&request, &target, local) {
            Ok(arrived) => arrived,
            Err(answer) => return Ok(*answer),
        };
        let session = match Self::session(mock, &name) {
            Ok(session) => session,
            Err(refused) => return Ok(refused.into_answer()),
        };
        if asked.is_none_or(schedule::comes_after_due)
            && let Err(endless) = mock.run_due(&session)
            && asked.is_none()
        {
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            return Ok(schedule::endless(status, &endless).into_answer());
        }
        match asked {
            Some(rest) => {
                let answer = call::Call::new(mock, &session, &request, local).and_then(|call| {
                    let call = call.with_limits(&self.limits).with_held(self.holding.count());
                    let call = call.with_callbacks(&self.callbacks);
                    let full = self.out_of_memory.load(Ordering::Relaxed);
                    route::answer(&call.out_of_memory(full), rest)
                });
                // The journal and the clock are seen without the state.
                session.seen();
                let shared = mock.sessions().are_shared();
                let told = shared || mock.feed().is_watched();
                Ok(match answer {
                    Ok(answer) if told && !request.method.is_safe() => {
                        let call: Arc<str> = format!("{} {rest}", request.method).into();
                        match shared {
                            true => noted::note(Noted::Called(call)),
                            false => {
                                let session = session.name.clone();
                                mock.feed().tell(Event::Changed { session, call });
                            }
                        }
                        answer
                    }
                    answer => answer.unwrap_or_else(Refused::into_answer),
                })
            }
            None => match self.fallbacks.answer(mock, &session, path, &request, local) {
                Some(forwarded) => Ok(forwarded),
                None => {
                    let patience = Patience { may_wait: self.holding.may_wait(), before: None };
                    let attempt = mock.attempt(&session, path, request, local, &patience);
                    attempt.map_err(|held| Waits { session, held })
                }
            },
        }
    }

    fn refuse_at(
        mock: &Mock,
        request: Request,
        failure: TransportFailure,
        local: SocketAddr,
    ) -> Answer {
        let target = request.target.clone();
        if let Ok((name, path)) = split(target.path())
            && below(path).is_none()
            && let Ok(session) = Self::session(mock, &name)
        {
            return mock.refuse(&session, path, request, failure, local);
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
