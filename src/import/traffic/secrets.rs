//! Secrets in requests, which become variables of the environment.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_PAD_INDIFFERENT;
use regex_lite::Regex;

use super::Recorded;
use super::atoms::{answered, sent};
pub(super) use super::secret_names::is_secret;
use crate::import::names::words;
use crate::run::mask::{MASKED, Mask};
use crate::value::Value;

/// A shorter value of a secret may stand elsewhere by chance.
pub(super) const SHORTEST_SHOWN: usize = 8;

/// The variable of the environment for a secret of a vendor.
pub(super) fn variable(vendor: &str, name: &str) -> String {
    let upper = |text: &str| words(text).join("_").to_ascii_uppercase();
    let plain = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
    format!("{}_{}", upper(vendor), upper(name)).chars().filter(plain).collect()
}

/// What requests and answers call secrets, to be found wherever it comes again.
pub(super) fn all(requests: &[Recorded]) -> Mask {
    let mut mask = Mask::default();
    let mut add = |text: &str| {
        if text.len() >= SHORTEST_SHOWN && !text.contains("{{") {
            mask.add(text, "SECRET");
        }
    };
    for recorded in requests {
        recorded.keys.iter().for_each(|key| add(&key.value));
        for atom in sent(recorded).iter().chain(&answered(recorded)) {
            if !is_secret(&atom.name) {
                continue;
            }
            add(&atom.text);
            values(&atom.text).for_each(&mut add);
            if let Ok(decoded) = STANDARD_PAD_INDIFFERENT.decode(&*atom.text) {
                String::from_utf8_lossy(&decoded).split(':').for_each(&mut add);
            }
        }
        let cookies = recorded.answer_headers.iter().filter(|(name, _)| is_secret(name));
        cookies.flat_map(|(_, cookie)| values(cookie).take(1)).for_each(&mut add);
        let body = recorded.body.as_deref().unwrap_or_default();
        for (range, _) in in_text(body, &|name, _| is_secret(name)) {
            add(body.get(range).unwrap_or_default());
        }
    }
    mask
}

/// The values of cookies.
fn values(cookies: &str) -> impl Iterator<Item = &str> {
    cookies.split(';').filter_map(|pair| pair.trim().split_once('=')).map(|(_, value)| value)
}

/// What stands in a draft for the secrets of requests and answers.
#[derive(Debug)]
pub(super) struct Hidden {
    mask: Mask,
    /// What clients have shown as a key, and were let in with.
    keys: HashSet<String>,
    /// Names of members of answers that hold one of these.
    names: HashSet<String>,
    /// The key that the draft takes.
    key: String,
}

impl Hidden {
    /// Those of all requests to a vendor.
    pub(super) fn new(requests: &[Recorded], vendor: &str) -> Self {
        let mut keys = HashSet::new();
        let accepted = requests.iter().filter(|it| it.status.is_some_and(|status| status < 400));
        for recorded in accepted {
            let headers = recorded.headers.iter().filter(|(name, _)| is_secret(name));
            for (name, value) in headers {
                if name.eq_ignore_ascii_case("cookie") {
                    keys.extend(values(value).map(str::to_owned));
                } else {
                    keys.insert(value.clone());
                    keys.extend(
                        value.split_once(' ').map(|(_, credentials)| credentials.to_owned()),
                    );
                }
            }
            let (_, query) = recorded.path.split_once('?').unwrap_or_default();
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            keys.extend(
                pairs.filter(|(name, _)| is_secret(name)).map(|(_, value)| value.to_owned()),
            );
        }
        let held = requests.iter().flat_map(answered).filter(|atom| keys.contains(&*atom.text));
        let names = held.map(|atom| atom.name).collect();
        Self { mask: all(requests), keys, names, key: format!("{vendor}-key") }
    }

    /// The key that a draft takes, in the place of one that clients show.
    pub(super) fn key_for(&self, text: &str) -> Option<&str> {
        self.keys.contains(text).then_some(&self.key)
    }

    /// What was answered, without its secrets.
    pub(super) fn masked(&self, name: &str, value: &Value) -> Value {
        match value {
            Value::Text(text) if let Some(key) = self.key_for(text) => Value::text(key),
            Value::Text(text) if is_secret(name) && !text.is_empty() => {
                // Whichever of several is shown later, each of them is a key.
                Value::text(if self.names.contains(name) { &self.key } else { "secret" })
            }
            Value::Text(text) => Value::text(&*self.mask.text(text)),
            Value::List(items) => {
                Value::list(items.iter().map(|item| self.masked(name, item)).collect())
            }
            Value::Map(map) => {
                let member =
                    |(key, value): (&Arc<str>, &Value)| (Arc::clone(key), self.masked(key, value));
                Value::map(map.iter().map(member).collect())
            }
            other => other.clone(),
        }
    }
}

/// Secrets with which a client was only ever refused, as a wrong password: by their values.
pub(super) fn refused(requests: &[Recorded]) -> HashSet<Arc<str>> {
    let mut good: HashSet<Arc<str>> = HashSet::new();
    let mut bad: HashSet<Arc<str>> = HashSet::new();
    for recorded in requests {
        let shown = sent(recorded).into_iter().filter(|atom| is_secret(&atom.name));
        let shown = shown.map(|atom| atom.text);
        match recorded.status {
            Some(401) => bad.extend(shown),
            Some(400 | 403) if is_accepted_otherwise(recorded, requests) => bad.extend(shown),
            Some(400..) | None => {}
            Some(_) => good.extend(shown),
        }
    }
    bad.retain(|text| !good.contains(text));
    bad
}

/// Whether the same request was answered well with other secrets.
fn is_accepted_otherwise(recorded: &Recorded, requests: &[Recorded]) -> bool {
    let others = |recorded: &Recorded| -> Vec<(String, Arc<str>)> {
        let atoms = sent(recorded).into_iter().filter(|atom| !is_secret(&atom.name));
        atoms.map(|atom| (atom.name, atom.text)).collect()
    };
    let own = others(recorded);
    requests.iter().any(|other| {
        other.status.is_some_and(|status| status < 400)
            && other.method == recorded.method
            && other.body.is_some()
            && others(other) == own
    })
}

/// What is sent for a secret that is to be refused, unless the environment says something else.
pub(super) fn wrong(name: &str) -> String {
    format!("wrong-{}", words(name).join("-"))
}

/// A regular expression for a text in whose secrets anything may stand.
pub(super) fn pattern(mask: &Mask, text: &str) -> String {
    let masked = mask.text(text);
    let plain = masked.split(MASKED).map(|part| regex_lite::escape(part).replace("${", "$${"));
    format!("^{}$", plain.collect::<Vec<_>>().join(".*"))
}

/// A path with its query, without secrets.
pub fn shown(target: &str) -> String {
    let Some((path, query)) = target.split_once('?') else { return target.to_owned() };
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, value)) if is_secret(name) && !value.is_empty() => format!("{name}=***"),
        _ => pair.to_owned(),
    });
    format!("{path}?{}", pairs.collect::<Vec<_>>().join("&"))
}

/// Where a text that is neither JSON nor a form has values that are looked for by their name and
/// themselves, each with its name: what stands in an element or an attribute of XML, or in a part of
/// a form in several parts.
pub(super) fn in_text(
    text: &str,
    wanted: &dyn Fn(&str, &str) -> bool,
) -> Vec<(Range<usize>, String)> {
    const PATTERNS: [&str; 3] = [
        r"<([A-Za-z_][\w:.-]*)[^<>]*>([^<]+)</",
        r#"\s([A-Za-z_][\w:.-]*)\s*=\s*"([^"]+)""#,
        r#"name="([^"]+)"[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n([^\r\n]+)\r\n"#,
    ];
    let mut found: Vec<(Range<usize>, String)> = Vec::new();
    for pattern in PATTERNS.iter().filter_map(|pattern| Regex::new(pattern).ok()) {
        for captures in pattern.captures_iter(text) {
            let (Some(name), Some(value)) = (captures.get(1), captures.get(2)) else { continue };
            let name = name.as_str().rsplit(':').next().unwrap_or_default();
            if !value.as_str().trim().is_empty() && wanted(name, value.as_str()) {
                found.push((value.range(), name.to_owned()));
            }
        }
    }
    found.sort_by_key(|(range, _)| range.start);
    found.dedup_by(|later, earlier| later.0.start < earlier.0.end);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found_in_xml_and_in_parts() {
        let text = "<a><s:Password x=\"1\">hunter2</s:Password><user token=\"t1\">ann</user></a>\r\n\
                    Content-Disposition: form-data; name=\"api_key\"\r\nX: y\r\n\r\nk1\r\n--";
        let found = in_text(text, &|name, _| is_secret(name));
        let found: Vec<_> =
            found.iter().map(|(range, name)| (&**name, &text[range.clone()])).collect();
        assert_eq!(found, [("Password", "hunter2"), ("token", "t1"), ("api_key", "k1")]);
    }
}
