//! URLs of the vendor in answers, which hold by what stands behind the host.

use percent_encoding::percent_decode_str;

use super::Recorded;
use super::flow::Flow;
use super::identity::is_random;
use super::pattern::Pattern;
use super::secrets::{is_secret, pattern as around_secrets};
use crate::run::url;
use crate::write::Piece;

/// What ends a segment, a name or a value.
const ENDS: [char; 5] = ['/', '?', '&', '=', '#'];

/// A regular expression for what stands behind the host in an answer to a step, and whether it has
/// a captured value. What has digits in it and is not known is anything.
pub(super) fn pattern(rest: &str, flow: &Flow, step: usize) -> (String, bool) {
    let mut pattern = String::new();
    let mut is_known = false;
    for part in rest.split_inclusive(ENDS) {
        let part_end = part.chars().last().filter(|last| ENDS.contains(last));
        let word = part.trim_end_matches(ENDS);
        let decoded = percent_decode_str(word).decode_utf8_lossy();
        match flow.variable(step, &decoded) {
            Some(capture) if !word.is_empty() => {
                is_known = true;
                pattern.extend(["${", &capture.name, "}"]);
            }
            _ if word.bytes().any(|byte| byte.is_ascii_digit()) || is_random(word) => {
                pattern.push_str("[^/?&=#]+");
            }
            _ => pattern.push_str(&regex_lite::escape(word)),
        }
        pattern.extend(part_end.map(|end| regex_lite::escape(&end.to_string())));
    }
    (pattern + "$", is_known)
}

/// What is expected of the headers of an answer: where it leads, and how to authenticate.
pub(super) fn headers(recorded: &Recorded, flow: &Flow, step: usize) -> Piece {
    let mut expected = Piece::map();
    let only = |wanted: &str| {
        let lines = recorded.answer_headers.iter();
        let mut lines = lines.filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
        lines.next().map(|(_, value)| value.as_str()).filter(|_| lines.next().is_none())
    };
    let leads = matches!(recorded.status, Some(201 | 301..=303 | 307 | 308));
    if let Some(rest) = only("Location").filter(|_| leads).and_then(|to| below(to, &recorded.host))
    {
        let text = match flow.mask().holds(&rest) {
            true => around_secrets(flow.mask(), &rest).trim_start_matches('^').to_owned(),
            false => pattern(&rest, flow, step).0,
        };
        expected.set("Location", Piece::map().with("$regex", text));
    }
    if let Some(challenge) = only("WWW-Authenticate").filter(|_| recorded.status == Some(401)) {
        let scheme = challenge.split(' ').next().unwrap_or_default();
        let drawn = challenge.to_ascii_lowercase().contains("nonce")
            || flow.mask().holds(challenge)
            || Pattern::of(challenge, flow, step, true).is_some();
        let expectation = match drawn {
            true => Piece::map().with("$regex", format!("^{}( |$)", regex_lite::escape(scheme))),
            false => challenge.replace("${", "$${").into(),
        };
        expected.set("WWW-Authenticate", expectation);
    }
    expected
}

/// What a URL has below the vendor's; none for those of others.
fn below(location: &str, host: &str) -> Option<String> {
    let base = url::parse(host).map(|url| url.target).unwrap_or_default();
    let base = base.trim_end_matches('/');
    let path = match location.split_once("://") {
        None if location.starts_with("//") => return None,
        None => location,
        Some(_) => {
            let origin = host.strip_suffix(base).unwrap_or(host).trim_end_matches('/');
            location.strip_prefix(origin).filter(|rest| rest.is_empty() || rest.starts_with('/'))?
        }
    };
    // A name in the query may be a secret, which stands nowhere else.
    let (_, query) = path.split_once('?').unwrap_or_default();
    let names = query.split('&').filter_map(|pair| pair.split_once('='));
    if names.into_iter().any(|(name, _)| is_secret(name)) {
        return None;
    }
    let own = path.strip_prefix(base).filter(|rest| rest.starts_with(['/', '?']));
    Some(own.unwrap_or(path).to_owned()).filter(|rest| !rest.is_empty())
}
