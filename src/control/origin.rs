//! Who may use the control plane: no page of another site.
//!
//! A browser sends what any page asks it to, to loopback addresses too. What it says about itself
//! cannot be forged by a page: `Origin` (RFC 6454 section 7) names the site of the page, `Host`
//! the name by which the mock was found, which is foreign where somebody's DNS leads to it, and
//! `Sec-Fetch-Site` (W3C Fetch Metadata) whether page and mock are of one site.

use std::net::{IpAddr, SocketAddr};

use http::header::{HOST, ORIGIN};
use http::{HeaderName, StatusCode};

use super::reply::Refused;
use crate::exchange::Request;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Fails for a call by a foreign name, or on behalf of a page of a foreign site.
pub(super) fn check(
    request: &Request,
    local: SocketAddr,
    allowed: &[String],
) -> Result<(), Refused> {
    let all = |name: HeaderName| {
        let lines = request.headers.get_all(name).iter();
        lines.map(|value| String::from_utf8_lossy(value.as_bytes())).collect::<Vec<_>>()
    };
    let is_foreign = |host: &str| !is_known(host, local, allowed);
    if let Some(host) = all(HOST).iter().find(|host| is_foreign(host)) {
        return Err(foreign("Host", host));
    }
    let origins = all(ORIGIN);
    let of_elsewhere = |origin: &str| origin.split_once("://").is_none_or(|(_, at)| is_foreign(at));
    if let Some(origin) = origins.iter().find(|origin| of_elsewhere(origin)) {
        return Err(foreign("Origin", origin));
    }
    // A link may lead here from anywhere.
    if !origins.is_empty() || request.method.is_safe() {
        return Ok(());
    }
    match all(FETCH_SITE).iter().find(|site| site.eq_ignore_ascii_case("cross-site")) {
        Some(site) => Err(foreign("Sec-Fetch-Site", site)),
        None => Ok(()),
    }
}

fn foreign(header: &str, value: &str) -> Refused {
    let detail = format!(
        "the control plane does not accept the {header} `{value}`; `--allow-host HOST` allows one"
    );
    Refused::new(StatusCode::FORBIDDEN, detail)
}

/// Whether a host, with or without a port, is this machine, the address that was called, or one
/// of those that are allowed.
fn is_known(host: &str, local: SocketAddr, allowed: &[String]) -> bool {
    let host = host.to_ascii_lowercase();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => &host,
    };
    // The dot of the root of all names.
    let name = name.strip_suffix('.').unwrap_or(name);
    if allowed.iter().any(|allowed| *allowed == host || allowed == name) {
        return true;
    }
    let address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    match address.parse::<IpAddr>() {
        Ok(ip) => ip.is_loopback() || ip.to_canonical() == local.ip().to_canonical(),
        Err(_) => name == "localhost" || name.ends_with(".localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_the_called_address_and_allowed_names_are_known() {
        let local = SocketAddr::from(([192, 168, 1, 5], 4010));
        let allowed = ["mock.test".to_owned(), "other.test:8080".to_owned()];
        for known in [
            "localhost",
            "LocalHost:4010",
            "a.localhost",
            "localhost.",
            "LocalHost.:4010",
            "mock.test.",
            "127.0.0.1:1",
            "127.9.9.9",
            "[::1]:80",
            "192.168.1.5:4010",
            "mock.test",
            "Mock.Test:99",
            "other.test:8080",
        ] {
            assert!(is_known(known, local, &allowed), "{known}");
        }
        for foreign in [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "192.168.1.6",
            "other.test",
            "other.test:1",
            "[::2]",
            "notlocalhost",
            "localhost..",
            "evil.example.",
            "null",
        ] {
            assert!(!is_known(foreign, local, &allowed), "{foreign}");
        }
    }
}
