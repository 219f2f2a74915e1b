//! What RFC 9110 and RFC 9112 ask of the head of a request, beyond what hyper looks at.

use std::net::Ipv6Addr;

use http::header::{EXPECT, HOST, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, Method, Uri, Version};

use crate::exchange::TransportFailure;

/// Fails with the first rule that the head breaks.
pub(super) fn check(
    method: &Method,
    target: &Uri,
    version: Version,
    headers: &HeaderMap,
) -> Result<(), TransportFailure> {
    host(version, headers)?;
    form(method, target)?;
    // Most requests have few fields, none of them one of these, which is quicker to see than to
    // look up.
    let is_rare = |name: &HeaderName| *name == TRANSFER_ENCODING || *name == EXPECT;
    if headers.keys().any(is_rare) {
        transfer_coding(headers)?;
        expectation(version, headers)?;
    }
    Ok(())
}

/// RFC 9110 section 10.1.1.
fn expectation(version: Version, headers: &HeaderMap) -> Result<(), TransportFailure> {
    let known = |expectation: &String| expectation.eq_ignore_ascii_case("100-continue");
    match version >= Version::HTTP_11 && !list(headers, &EXPECT).iter().all(known) {
        true => Err(TransportFailure::UnknownExpectation),
        false => Ok(()),
    }
}

/// RFC 9112 section 3.2: one `Host` with a valid value, which only HTTP/1.0 may leave out.
fn host(version: Version, headers: &HeaderMap) -> Result<(), TransportFailure> {
    let mut all = headers.get_all(HOST).iter();
    let reason = match (all.next(), all.next()) {
        (None, _) if version < Version::HTTP_11 => return Ok(()),
        (None, _) => "the header `Host` is missing",
        (Some(_), Some(_)) => "the header `Host` is given more than once",
        (Some(host), None) if host.to_str().is_ok_and(is_host) => return Ok(()),
        (Some(_), None) => "the value of the header `Host` is not valid",
    };
    Err(TransportFailure::BadHead { reason })
}

/// RFC 9112 section 3.2: each form of a target has its methods.
fn form(method: &Method, target: &Uri) -> Result<(), TransportFailure> {
    if *method == Method::CONNECT {
        return Err(TransportFailure::NotImplemented { what: "the method CONNECT" });
    }
    let bad = |reason| Err(TransportFailure::BadHead { reason });
    match (target.authority(), target.scheme()) {
        (Some(_), None) => bad("a target without a path is only for the method CONNECT"),
        // RFC 9110 section 4.2.4.
        (Some(authority), Some(_)) if authority.as_str().contains('@') => {
            bad("the target names a user")
        }
        _ if target.path() == "*" && *method != Method::OPTIONS => {
            bad("the target `*` is only for the method OPTIONS")
        }
        _ => Ok(()),
    }
}

/// RFC 9112 section 6.1: `chunked`, once and last; nothing else is understood here.
fn transfer_coding(headers: &HeaderMap) -> Result<(), TransportFailure> {
    let codings = list(headers, &TRANSFER_ENCODING);
    match &*codings {
        [] => Ok(()),
        [only] if only.eq_ignore_ascii_case("chunked") => Ok(()),
        all if all.iter().all(|coding| coding.eq_ignore_ascii_case("chunked")) => {
            Err(TransportFailure::BadHead { reason: "the body is chunked more than once" })
        }
        _ => Err(TransportFailure::NotImplemented { what: "a transfer coding but `chunked`" }),
    }
}

/// The members of a list in all lines of a field (RFC 9110 section 5.6.1).
pub(super) fn list(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    let mut members = Vec::new();
    for line in headers.get_all(name) {
        let line = String::from_utf8_lossy(line.as_bytes());
        let line = line.split(',').map(str::trim).filter(|member| !member.is_empty());
        members.extend(line.map(ToOwned::to_owned));
    }
    members
}

/// `uri-host [ ":" port ]` (RFC 9110 section 7.2, RFC 3986 section 3.2.2).
fn is_host(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, rest)) => {
            let port = rest.strip_prefix(':');
            if address.parse::<Ipv6Addr>().is_err() || (port.is_none() && !rest.is_empty()) {
                return false;
            }
            ("", port.unwrap_or_default())
        }
        None => text.split_once(':').unwrap_or((text, "")),
    };
    port.bytes().all(|byte| byte.is_ascii_digit()) && is_name(host)
}

/// A registered name; it may be empty.
fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    while let Some(byte) = bytes.next() {
        let fits = match byte {
            b'%' => {
                let digits = [bytes.next(), bytes.next()];
                digits.iter().all(|digit| digit.is_some_and(|digit| digit.is_ascii_hexdigit()))
            }
            _ => {
                byte.is_ascii_alphanumeric()
                    || matches!(
                        byte,
                        b'-' | b'.' | b'_' | b'~' | b'!' | b'$' | b'&'..=b',' | b';' | b'='
                    )
            }
        };
        if !fits {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address_with_or_without_a_port() {
        for valid in
            ["", "a", "a.test:80", "127.0.0.1:", "[::1]", "[::1]:80", "a_b", "%41.test", "a:0"]
        {
            assert!(is_host(valid), "{valid}");
        }
        for invalid in [
            "a b", "a/b", "a@b", "a:b", "a:80:80", "[::1", "[::1]x", "::1", "a,b?", "%4", "%zz",
            "ä", "http://a", "a\\b", "[x]",
        ] {
            assert!(!is_host(invalid), "{invalid}");
        }
    }
}
