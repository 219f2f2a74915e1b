//! How requests show keys, where no spec says it.

use super::Recorded;
use super::flow::Flow;
use super::secrets::is_secret;
use crate::import::api::{Scheme, SchemeKind};
use crate::import::names::snake;

/// How a request shows a key.
pub(super) fn scheme(recorded: &Recorded, flow: &Flow) -> Option<Scheme> {
    let of = |name: &str, kind| {
        let assumed = Some("seen in requests".to_owned());
        let name = name.to_owned();
        Some(Scheme { name, kind, description: None, assumed, missing: None, unknown: None })
    };
    if let Some(value) = recorded.header("Authorization") {
        return match value.split(' ').next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "bearer" => of("bearer", SchemeKind::Http("bearer".to_owned())),
            "basic" => of("basic", SchemeKind::Basic),
            _ => {
                let name = "Authorization".to_owned();
                of("key", SchemeKind::ApiKey { place: "header", name })
            }
        };
    }
    let header = recorded
        .headers
        .iter()
        .find(|(name, _)| is_secret(name) && !name.eq_ignore_ascii_case("cookie"));
    if let Some((name, _)) = header {
        let kind = SchemeKind::ApiKey { place: "header", name: name.clone() };
        return of(&snake(name), kind);
    }
    let (_, query) = recorded.path.split_once('?').unwrap_or_default();
    let mut names = query.split('&').filter_map(|pair| pair.split('=').next());
    if let Some(name) = names.find(|name| is_secret(name)) {
        return of(&snake(name), SchemeKind::ApiKey { place: "query", name: name.to_owned() });
    }
    let cookies = recorded.header("Cookie").into_iter().flat_map(|header| header.split(';'));
    let mut names = cookies.filter_map(|pair| pair.trim().split_once('=')).map(|(name, _)| name);
    let name = names.find(|name| flow.is_session(name))?;
    of(&snake(name), SchemeKind::ApiKey { place: "cookie", name: name.to_owned() })
}
