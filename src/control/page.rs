//! The page for people, which is all in one document. It is built by `page/build.sh`.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
    REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, StatusCode};

use crate::digest::{sha256, sha256_bytes};
use crate::exchange::{Answer, Request};
use crate::mock::quality;

const PAGE: &str = include_str!("page.html");

/// Whether whoever asks would rather have a page than JSON.
pub(super) fn is_wanted(request: &Request) -> bool {
    let lines = request.headers.get_all(ACCEPT).iter();
    let accept: Vec<_> = lines.filter_map(|line| line.to_str().ok()).collect();
    let accept = accept.join(", ");
    request.method.is_safe() && quality(&accept, "text/html") > quality(&accept, "application/json")
}

/// The page, or 304 for whoever has it already.
pub(super) fn answer(request: &Request) -> Answer {
    static TAG: OnceLock<String> = OnceLock::new();
    static POLICY: OnceLock<String> = OnceLock::new();
    let tag = TAG.get_or_init(|| format!("\"{}\"", sha256(PAGE.as_bytes())));
    let mut answer = Answer::empty(StatusCode::OK);
    let headers = &mut answer.headers;
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(VARY, HeaderValue::from_static("Accept"));
    headers.extend(HeaderValue::from_str(tag).ok().map(|tag| (ETAG, tag)));
    let known = request.headers.get_all(IF_NONE_MATCH).iter();
    let mut known = known.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(','));
    if known.any(|known| known.trim().trim_start_matches("W/") == tag) {
        answer.status = StatusCode::NOT_MODIFIED;
        return answer;
    }
    let policy = HeaderValue::from_str(POLICY.get_or_init(policy));
    headers.extend(policy.ok().map(|policy| (CONTENT_SECURITY_POLICY, policy)));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    answer.body = Bytes::from_static(PAGE.as_bytes());
    answer
}

/// What the page may do (W3C Content Security Policy Level 3): run its own script, ask the mock,
/// and nothing else. Mails are shown in frames that inherit this, so that styles have to be
/// allowed, while nothing of theirs runs or is fetched.
fn policy() -> String {
    let script = PAGE.split_once("<script type=\"module\">").map_or("", |(_, rest)| rest);
    let script = script.split_once("</script>").map_or("", |(script, _)| script);
    let digest = STANDARD.encode(sha256_bytes(script.as_bytes()));
    format!(
        "default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; \
         connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    )
}
