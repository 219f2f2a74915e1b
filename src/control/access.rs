//! Who may use the control plane where a token is asked for, and whose session a request is.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_PAD_INDIFFERENT;
use http::header::{AUTHORIZATION, COOKIE, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::reply::Refused;
use crate::digest::is_same_secret;
use crate::exchange::{Answer, Request};

/// What a call without the token gets. `Bearer TOKEN` shows it, and so does Basic with it for a
/// password, which browsers ask for.
pub(super) fn refusal(request: &Request, path: &str, token: &str) -> Option<Answer> {
    if is_open(path) || given(&request.headers).any(|given| is_same_secret(&given, token)) {
        return None;
    }
    let detail = "the control plane of this mock requires its token: \
                  `Authorization: Bearer TOKEN`";
    let mut answer = Refused::new(StatusCode::UNAUTHORIZED, detail).into_answer();
    for scheme in ["Bearer", "Basic realm=\"counterpart\""] {
        answer.headers.append(WWW_AUTHENTICATE, HeaderValue::from_static(scheme));
    }
    Some(answer)
}

/// What whoever looks after containers asks for: by any name, since a balancer calls by its own,
/// and without a token. The answer tells nothing else.
pub(super) fn is_probe(path: &str) -> bool {
    matches!(path, "live" | "ready")
}

/// Who follows a link of a message has no token either.
fn is_open(path: &str) -> bool {
    let segments: Vec<&str> = path.split('/').collect();
    is_probe(path) || matches!(&*segments, ["outbox", _, "links", _])
}

fn given(headers: &HeaderMap) -> impl Iterator<Item = String> {
    headers.get_all(AUTHORIZATION).iter().filter_map(|value| {
        let (scheme, credentials) = value.to_str().ok()?.split_once(' ')?;
        let credentials = credentials.trim();
        if scheme.eq_ignore_ascii_case("bearer") {
            return Some(credentials.to_owned());
        }
        let decoded = STANDARD_PAD_INDIFFERENT.decode(credentials).ok()?;
        let decoded = String::from_utf8(decoded).ok()?;
        let (_, password) = decoded.split_once(':')?;
        scheme.eq_ignore_ascii_case("basic").then(|| password.to_owned())
    })
}

/// Where else than in the path the name of a session may stand.
#[derive(Debug, Clone, Default)]
pub struct SessionNames {
    /// In that header.
    pub header: Option<HeaderName>,
    /// In the cookie of that name.
    pub cookie: Option<String>,
}

impl SessionNames {
    /// The name of the session that a request is for, if it says one.
    pub(super) fn of<'r>(&self, request: &'r Request) -> Option<Cow<'r, str>> {
        let header = self.header.as_ref().and_then(|name| request.headers.get(name));
        if let Some(value) = header {
            return Some(String::from_utf8_lossy(value.as_bytes()));
        }
        let cookie = self.cookie.as_ref()?;
        let lines = request.headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
        let pairs = lines.flat_map(|line| line.split(';'));
        let mut pairs = pairs.filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(name, _)| name == cookie).map(|(_, value)| value.trim_matches('"').into())
    }
}
