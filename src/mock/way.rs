//! From a URL to a vendor: by the `Host`, or by the first segment of the path.

use std::net::SocketAddr;

use http::header::HOST;

use super::Mock;
use super::session::Session;
use crate::exchange::Request;
use crate::plan::Plan;

/// Where a request goes, once session and vendor are known.
pub(super) struct Way<'r> {
    pub(super) vendor: usize,
    pub(super) path: &'r str,
    pub(super) base: String,
}

impl Mock {
    /// The vendor by the `Host`, else by the path's first segment.
    pub(super) fn way<'r>(
        &self,
        session: &Session,
        path: &'r str,
        request: &Request,
        local: SocketAddr,
    ) -> Option<Way<'r>> {
        let host = request.headers.get(HOST).and_then(|host| host.to_str().ok());
        if let Some(host) = host {
            let name = host.rsplit_once(':').map_or(host, |(name, port)| {
                if port.bytes().all(|b| b.is_ascii_digit()) { name } else { host }
            });
            let name = name.to_ascii_lowercase();
            for (vendor, plan) in self.plans.iter().enumerate() {
                for server in &plan.servers {
                    if server.host.as_ref().is_some_and(|pattern| pattern.is_match(&name))
                        && let Some(rest) = below(path, &server.base_path, plan)
                    {
                        let base = format!("http://{host}{}", server.base_path);
                        return Some(Way { vendor, path: rest, base });
                    }
                }
            }
        }
        let rest = path.strip_prefix('/')?;
        let name = rest.split('/').next().unwrap_or_default();
        let vendor = self.vendor(name)?;
        let plan = self.plans.get(vendor)?;
        let rest = rest.get(name.len()..).unwrap_or_default();
        let origin = origin(session, request, local);
        for server in &plan.servers {
            if let Some(path) = below(rest, &server.base_path, plan) {
                let base = format!("{origin}/{name}{}", server.base_path);
                return Some(Way { vendor, path, base });
            }
        }
        None
    }
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
    let host = request.headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = host.map_or_else(|| local.to_string(), ToOwned::to_owned);
    match &*session.name {
        "" => format!("http://{host}"),
        name => format!("http://{host}/@{name}"),
    }
}

pub(super) fn base_url(
    session: &Session,
    plan: &Plan,
    request: &Request,
    local: SocketAddr,
) -> String {
    let base = plan.servers.first().map(|server| &*server.base_path).unwrap_or_default();
    format!("{}/{}{base}", origin(session, request, local), plan.service.vendor)
}
