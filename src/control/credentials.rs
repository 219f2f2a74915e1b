//! The credentials of a request, which the journal does not show.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_PAD_INDIFFERENT;
use http::header::{AUTHORIZATION, COOKIE};

use crate::mock::entry::Told;
use crate::model::{ApiKeyPlace, SecurityKind};
use crate::plan::Plan;
use crate::run::mask::Mask;

/// What is hidden of an entry: what its vendor's security schemes take for keys and passwords, and
/// whatever `Authorization` says, also where nobody knows it.
pub(super) fn credentials(plan: Option<&Plan>, entry: &Told) -> Mask {
    let mut mask = Mask::default();
    let mut add = |text: &str| mask.add(text, "KEY");
    let headers = &entry.request.headers;
    let text = |name| headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    for value in text(&AUTHORIZATION) {
        let credentials =
            value.split_once(' ').map_or(value, |(_, credentials)| credentials).trim();
        add(credentials);
        let decoded = STANDARD_PAD_INDIFFERENT.decode(credentials).ok();
        if let Some(decoded) = decoded.and_then(|bytes| String::from_utf8(bytes).ok()) {
            decoded.split(':').for_each(&mut add);
        }
    }
    let body = String::from_utf8_lossy(&entry.request.body);
    for scheme in plan.iter().flat_map(|plan| &plan.security_schemes) {
        let SecurityKind::ApiKey { place, name } = &scheme.kind else { continue };
        match place {
            ApiKeyPlace::Header => {
                scheme.header.iter().flat_map(&text).for_each(&mut add);
            }
            ApiKeyPlace::Cookie => text(&COOKIE).for_each(|cookies| {
                let pairs = cookies.split(';').filter_map(|pair| pair.trim().split_once('='));
                pairs.filter(|(known, _)| *known == &**name).for_each(|(_, key)| add(key));
            }),
            ApiKeyPlace::Query | ApiKeyPlace::Parameter => {
                let query = entry.request.query().unwrap_or_default();
                [query, &body].iter().flat_map(|text| named(text, name)).for_each(&mut add);
            }
        }
    }
    mask
}

/// What stands behind a name in a query, a form, JSON or XML, as it is written there.
fn named<'t>(text: &'t str, name: &str) -> impl Iterator<Item = &'t str> {
    let found = text.match_indices(name).collect::<Vec<_>>();
    let begins = |at: usize| !text.get(..at).is_some_and(|before| before.ends_with(is_word));
    found.into_iter().filter(move |(at, _)| begins(*at)).filter_map(move |(at, found)| {
        let behind = text.get(at + found.len()..)?;
        let value = behind.strip_prefix('"').unwrap_or(behind).trim_start();
        let value = value.strip_prefix(['=', ':', '>'])?.trim_start();
        let quoted = value.strip_prefix('"');
        let ends: &[char] =
            if quoted.is_some() { &['"'] } else { &['&', '<', ',', '}', ' ', '\n'] };
        let value = quoted.unwrap_or(value);
        let value = value.split(ends).next()?;
        (!value.is_empty()).then_some(value)
    })
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_by_its_name() {
        for text in [
            "a=1&api_key=k3y%21&b=2",
            "{\"api_key\": \"k3y%21\"}",
            "<x:api_key>k3y%21</x:api_key>",
            "<api_key xmlns=''>x</api_key><api_key>k3y%21</api_key>",
        ] {
            assert!(named(text, "api_key").any(|key| key == "k3y%21"), "{text}");
        }
        assert_eq!(named("my_api_key=1&api_keys=2", "api_key").count(), 0);
    }
}
