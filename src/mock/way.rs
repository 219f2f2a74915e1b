//! From a URL to a vendor: by the `Host`, or by the first segment of the path.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::Arc;

use http::header::HOST;

use super::Mock;
use super::session::Session;
use crate::exchange::Request;
use crate::plan::{Plan, Server};

/// Where a request goes, once session and vendor are known.
pub(super) struct Way<'r> {
    pub(super) vendor: usize,
    pub(super) path: &'r str,
    pub(super) base: Base,
}

impl Mock {
    /// The vendor by the path's first segment, else by the `Host`.
    ///
    /// `session` is the session's name. The segment goes first since it costs a comparison, and no vendor's base path begins with
    /// another vendor's name.
    pub(super) fn way<'r>(
        &self,
        session: &Arc<str>,
        path: &'r str,
        request: &'r Request,
        local: SocketAddr,
    ) -> Option<Way<'r>> {
        let base = |prefix, path| Base { local, session: session.clone(), prefix, path };
        let rest = path.strip_prefix('/')?;
        let name = rest.split('/').next().unwrap_or_default();
        if let Some(vendor) = self.vendor(name) {
            let plan = self.plans.get(vendor)?;
            let rest = rest.get(name.len()..).unwrap_or_default();
            if let Some((path, server)) = closest(plan, rest, |_| true) {
                let base = base(Some(plan.service.vendor.clone()), server.base_path.clone());
                return Some(Way { vendor, path, base });
            }
        }
        let name = host_name(request)?;
        for (vendor, plan) in self.plans.iter().enumerate() {
            let is_named = |server: &Server| {
                server.host.as_ref().is_some_and(|pattern| pattern.is_match(&name))
            };
            if let Some((path, server)) = closest(plan, path, is_named) {
                let base = base(None, server.base_path.clone());
                return Some(Way { vendor, path, base });
            }
        }
        None
    }
}

/// A vendor's base URL as the client reached it; put together only when somebody asks.
#[derive(Debug, Clone)]
pub(super) struct Base {
    local: SocketAddr,
    /// The name of the session.
    session: Arc<str>,
    /// The vendor, unless it was reached by its host.
    prefix: Option<Arc<str>>,
    path: Arc<str>,
}

impl Base {
    /// The URL without a slash at the end, for somebody who sent that request.
    pub(super) fn url(&self, request: &Request) -> String {
        let mut url = origin_at(&self.session, request, self.local);
        if let Some(vendor) = &self.prefix {
            url.extend(["/", vendor]);
        }
        url.push_str(&self.path);
        url
    }
}

/// So long are most URLs.
const USUAL_LENGTH: usize = 128;

fn host(request: &Request) -> Option<&str> {
    request.headers.get(HOST).and_then(|host| host.to_str().ok())
}

/// The `Host` in lower case without its port.
fn host_name(request: &Request) -> Option<String> {
    let host = host(request)?;
    let name = host.rsplit_once(':').map_or(host, |(name, port)| {
        if port.bytes().all(|b| b.is_ascii_digit()) { name } else { host }
    });
    Some(name.to_ascii_lowercase())
}

/// The server with the longest base path that a path is below, with what is below it.
fn closest<'r, 'p>(
    plan: &'p Plan,
    path: &'r str,
    is_meant: impl Fn(&Server) -> bool,
) -> Option<(&'r str, &'p Server)> {
    let mut closest: Option<(&'r str, &'p Server)> = None;
    for server in plan.servers.iter().filter(|server| is_meant(server)) {
        let Some(rest) = below(path, &server.base_path, plan) else { continue };
        if closest.is_none_or(|(known, _)| rest.len() < known.len()) {
            closest = Some((rest, server));
        }
    }
    closest
}

/// The path below a base path, if it is below it.
fn below<'r>(path: &'r str, base: &str, plan: &Plan) -> Option<&'r str> {
    let head = path.get(..base.len())?;
    let same = match plan.service.routing.case_sensitive {
        true => head == base,
        false => head.eq_ignore_ascii_case(base),
    };
    let rest = path.get(base.len()..)?;
    (same && (rest.is_empty() || rest.starts_with('/'))).then_some(rest)
}

/// Scheme, host and session prefix of the URLs of the mock itself.
pub fn origin(session: &Session, request: &Request, local: SocketAddr) -> String {
    origin_at(&session.name, request, local)
}

fn origin_at(session: &str, request: &Request, local: SocketAddr) -> String {
    let host = host(request).map_or_else(|| local.to_string().into(), Cow::Borrowed);
    let mut origin = String::with_capacity(USUAL_LENGTH);
    origin.extend([request.scheme(), "://", &host]);
    if !session.is_empty() {
        origin.extend(["/@", session]);
    }
    origin
}

/// The base URL of a vendor for a request that was not to it, such as a link's.
pub(super) fn base_of(session: &Session, plan: &Plan, local: SocketAddr) -> Base {
    let path = plan.servers.first().map(|server| server.base_path.clone()).unwrap_or_default();
    let prefix = Some(plan.service.vendor.clone());
    Base { local, session: session.name.clone(), prefix, path }
}
