//! The credentials of a request, which the journal does not show.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_PAD_INDIFFERENT;
use http::header::{AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION};
use percent_encoding::percent_decode_str;

use crate::exchange::{header_text, text_of_old};
use crate::mock::entry::Told;
use crate::model::{ApiKeyPlace, SecurityKind};
use crate::plan::Plan;
use crate::run::mask::Mask;
use crate::value::Value;
use crate::wire::json::Json;
use crate::wire::{Limits, Wire as _, xml};

/// What is hidden of an entry: what its vendor's security schemes take for keys and passwords, those
/// of all vendors where it is nobody's, and whatever `Authorization` and `Proxy-Authorization` say,
/// also where nobody knows it.
pub(super) fn credentials(plans: &[Arc<Plan>], plan: Option<&Plan>, entry: &Told) -> Mask {
    let mut mask = Mask::default();
    let mut add = |text: &str| mask.add(text, "KEY");
    let headers = &entry.request.headers;
    let text = |name| headers.get_all(name).iter().map(header_text);
    for value in text(&AUTHORIZATION).chain(text(&PROXY_AUTHORIZATION)) {
        let credentials =
            value.split_once(' ').map_or(&*value, |(_, credentials)| credentials).trim();
        add(credentials);
        if let Ok(decoded) = STANDARD_PAD_INDIFFERENT.decode(credentials) {
            let decoded = text_of_old(&decoded);
            decoded.split(':').flat_map(readings).for_each(|part| add(&part));
        }
    }
    let body = String::from_utf8_lossy(&entry.request.body);
    let others = plans.iter().filter(|_| plan.is_none()).map(|plan| &**plan);
    for scheme in plan.into_iter().chain(others).flat_map(|plan| &plan.security_schemes) {
        let SecurityKind::ApiKey { place, name } = &scheme.kind else { continue };
        match place {
            ApiKeyPlace::Header => {
                scheme.header.iter().flat_map(&text).for_each(|key| add(&key));
            }
            // One by one: others beside it may be in another encoding.
            ApiKeyPlace::Cookie => headers.get_all(&COOKIE).iter().for_each(|cookies| {
                for pair in cookies.as_bytes().split(|byte| *byte == b';').map(text_of_old) {
                    if let Some((known, key)) = pair.trim().split_once('=')
                        && known.eq_ignore_ascii_case(name)
                    {
                        for key in readings(key) {
                            add(&key);
                        }
                    }
                }
            }),
            ApiKeyPlace::Query | ApiKeyPlace::Parameter => {
                let query = entry.request.query().unwrap_or_default();
                let keys = [query, &body].into_iter().flat_map(|text| named(text, name));
                keys.flat_map(readings).for_each(|key| add(&key));
                let pairs = [query, &body].into_iter().flat_map(|text| in_pairs(text, name));
                pairs.for_each(|key| add(&key));
                for key in in_document(&body, name) {
                    add(&key);
                }
            }
        }
    }
    mask
}

/// What a query or a form has under a name, however that is written.
fn in_pairs(text: &str, name: &str) -> Vec<String> {
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    let is =
        |known: &str| readings(known).iter().any(|known| known.trim().eq_ignore_ascii_case(name));
    pairs.filter(|(known, _)| is(known)).flat_map(|(_, key)| readings(key.trim())).collect()
}

/// What JSON or XML has under a name, however that is written there; nothing where it cannot be
/// read.
fn in_document(body: &str, name: &str) -> Vec<String> {
    let (limits, mut found) = (Limits::default(), Vec::new());
    let value = match body.trim_start().chars().next() {
        Some('{' | '[') => Json.decode(body.as_bytes(), &limits).ok().map(|read| read.value),
        Some('<') => {
            let root = xml::decode_element(body.as_bytes(), &limits).ok();
            root.map(|root| {
                let name: Arc<str> = root.name.local.as_ref().into();
                Value::map([(name, root.to_value())].into_iter().collect())
            })
        }
        _ => None,
    };
    values_of(&value.unwrap_or_default(), name, &mut found);
    found
}

fn values_of(value: &Value, name: &str, found: &mut Vec<String>) {
    for item in value.as_list().unwrap_or_default() {
        values_of(item, name, found);
    }
    for (known, member) in value.members().into_iter().flatten() {
        if known.trim_start_matches('@').eq_ignore_ascii_case(name) {
            let text = member.get("#text").unwrap_or(member);
            found.extend(text.scalar_text().map(|text| text.to_string()));
        }
        values_of(member, name, found);
    }
}

/// What stands behind a name in a query, a form, JSON or XML, as it is written there, also where
/// all of it cannot be read.
fn named<'t>(text: &'t str, name: &str) -> impl Iterator<Item = &'t str> {
    let lower = text.to_ascii_lowercase();
    let name = name.to_ascii_lowercase();
    let found: Vec<usize> = lower.match_indices(&name).map(|(at, _)| at).collect();
    let length = name.len();
    let begins = |at: usize| !text.get(..at).is_some_and(|before| before.ends_with(is_word));
    found.into_iter().filter(move |at| begins(*at)).filter_map(move |at| {
        let behind = text.get(at + length..)?;
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
    fn a_key_is_found_in_whatever_way_it_is_written() {
        let of = |text: &str| [in_pairs(text, "api_key"), in_document(text, "api_key")].concat();
        for text in [
            "a=1&API%5fKEY=k%22+%26y",
            r#"{"a": [{"api\u005fkey": "k\" \u0026y"}]}"#,
            "<a><api_key b='1'><![CDATA[k\" &y]]></api_key></a>",
            "<a xmlns:x='urn:x'><x:Api_Key>&#107;&#x22; &amp;y</x:Api_Key></a>",
            "<a api_key='k&quot; &amp;y'/>",
            "<api_key>k\" &amp;y</api_key>",
        ] {
            assert!(of(text).iter().any(|key| key == "k\" &y"), "{text}: {:?}", of(text));
        }
        assert_eq!(of("my_api_key=1&api_keys=2"), Vec::<String>::new());
        for text in ["api+key=k3y", "a=1&API%20key=k3y"] {
            assert_eq!(in_pairs(text, "api key"), ["k3y"], "{text}");
        }
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
