//! The credentials of a request, which the journal does not show.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_PAD_INDIFFERENT;
use http::header::{AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION};
use percent_encoding::percent_decode_str;

use crate::mock::entry::Told;
use crate::model::{ApiKeyPlace, SecurityKind};
use crate::plan::Plan;
use crate::run::mask::Mask;

/// What is hidden of an entry: what its vendor's security schemes take for keys and passwords, and
/// whatever `Authorization` and `Proxy-Authorization` say, also where nobody knows it.
pub(super) fn credentials(plan: Option<&Plan>, entry: &Told) -> Mask {
    let mut mask = Mask::default();
    let mut add = |text: &str| mask.add(text, "KEY");
    let headers = &entry.request.headers;
    let text = |name| headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    for value in text(&AUTHORIZATION).chain(text(&PROXY_AUTHORIZATION)) {
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
                pairs
                    .filter(|(known, _)| *known == &**name)
                    .for_each(|(_, key)| readings(key).iter().for_each(|key| add(key)));
            }),
            ApiKeyPlace::Query | ApiKeyPlace::Parameter => {
                let query = entry.request.query().unwrap_or_default();
                let keys = [query, &body].into_iter().flat_map(|text| named(text, name));
                keys.flat_map(readings).for_each(|key| add(&key));
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
        let in_xml = value.starts_with('>');
        let value = value.strip_prefix(['=', ':', '>'])?.trim_start();
        let quoted = value.strip_prefix('"');
        let value = match quoted {
            Some(quoted) => quoted.get(..end_of_text(quoted))?,
            None if in_xml => value.split('<').next()?,
            None => value.split(['&', '<', ',', '}', ' ', '\n']).next()?,
        };
        (!value.is_empty()).then_some(value)
    })
}

/// Where a text ends that stands in quotes and may have escapes as in JSON.
fn end_of_text(quoted: &str) -> usize {
    let mut escaped = false;
    let end = quoted.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    end.unwrap_or(quoted.len())
}

/// What a key may stand for: as it is written, and as a query, a form, a cookie, JSON or XML says it.
fn readings(written: &str) -> Vec<String> {
    let mut readings = vec![written.to_owned()];
    let mut add = |reading: String| {
        if !readings.contains(&reading) {
            readings.push(reading);
        }
    };
    add(percent_decode_str(written).decode_utf8_lossy().into_owned());
    add(percent_decode_str(&written.replace('+', " ")).decode_utf8_lossy().into_owned());
    add(written.trim_matches('"').to_owned());
    if let Ok(text) = serde_json::from_str(&format!("\"{written}\"")) {
        add(text);
    }
    let names = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    add(names.iter().fold(written.to_owned(), |text, (name, sign)| text.replace(name, sign)));
    readings
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

    #[test]
    fn a_key_is_found_as_it_is_meant() {
        for text in [
            "api_key=k%22%20%26y&b=2",
            "api_key=k%22+%26y",
            r#"{"api_key": "k\" \u0026y", "b": 1}"#,
            "<api_key>k&quot; &amp;y</api_key>",
        ] {
            let all: Vec<String> = named(text, "api_key").flat_map(readings).collect();
            assert!(all.iter().any(|key| key == "k\" &y"), "{text}: {all:?}");
        }
    }
}
