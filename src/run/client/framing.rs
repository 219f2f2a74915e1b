//! Where a body ends (RFC 9112 section 6).

use super::Response;
use super::failure::{Failure, FailureKind};
use crate::run::headers;

/// How the end of a body is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    Nothing,
    Length(usize),
    Chunked,
    UntilEnd,
}

impl Framing {
    /// RFC 9112 section 6.3. What its section 6 forbids to send is refused, not guessed at.
    pub(super) fn of(response: &Response, method: &str, minor: u8) -> Result<Self, Failure> {
        let values = |name: &'static str| {
            let lines = headers::lines(&response.headers, name);
            lines.flat_map(|line| line.split(',')).map(str::trim)
        };
        let forbidden = |how: String| Err(Failure::new(FailureKind::Framing(how)));
        let codings: Vec<&str> = values("transfer-encoding").collect();
        let length = length(values("content-length"))?;
        let status = response.status;
        if !codings.is_empty() {
            let listed = codings.join(", ");
            if length.is_some() {
                return forbidden(format!(
                    "it has Content-Length, and Transfer-Encoding: {listed}"
                ));
            }
            if minor == 0 {
                return forbidden(format!("it is HTTP/1.0, and has Transfer-Encoding: {listed}"));
            }
            if matches!(status, 100..200 | 204) {
                return forbidden(format!(
                    "it has the status {status}, which has no body, and Transfer-Encoding: {listed}"
                ));
            }
            if !matches!(&*codings, [one] if one.eq_ignore_ascii_case("chunked")) {
                return forbidden(format!(
                    "it has Transfer-Encoding: {listed}, which the request did not ask for"
                ));
            }
        }
        // RFC 9110 section 8.6 forbids a length of nothing too, which does no harm.
        if let (Some(length @ 1..), 100..200 | 204) = (length, status) {
            return forbidden(format!(
                "it has the status {status}, which has no body, and Content-Length: {length}"
            ));
        }
        Ok(match length {
            _ if method == "HEAD" || matches!(status, 100..200 | 204 | 304) => Self::Nothing,
            _ if !codings.is_empty() => Self::Chunked,
            Some(length) => Self::Length(length),
            None => Self::UntilEnd,
        })
    }
}

/// The one length that a head announces.
fn length<'v>(values: impl Iterator<Item = &'v str>) -> Result<Option<usize>, Failure> {
    let unclear = |says: &str| Failure::new(FailureKind::NoLength(says.to_owned()));
    let mut length = None;
    for value in values {
        let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
        let this = value.parse().ok().filter(|_| digits).ok_or_else(|| unclear(value))?;
        if let Some(other) = length.filter(|length| *length != this) {
            return Err(unclear(&format!("{other} and {this}")));
        }
        length = Some(this);
    }
    Ok(length)
}
