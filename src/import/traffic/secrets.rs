//! Secrets in requests, which become variables of the environment.

use crate::import::names::words;

/// Words of names behind which a secret stands.
const WORDS: [&str; 12] = [
    "authorization",
    "token",
    "secret",
    "password",
    "passwd",
    "apikey",
    "cookie",
    "session",
    "signature",
    "credential",
    "credentials",
    "jwt",
];

/// Whether what has that name is a secret.
pub(super) fn is_secret(name: &str) -> bool {
    let words = words(name);
    let said = |word: &String| WORDS.contains(&word.as_str());
    let key = words.iter().any(|word| word == "key")
        && words
            .iter()
            .any(|word| matches!(word.as_str(), "api" | "access" | "auth" | "x" | "subscription"));
    words.iter().any(said) || key
}

/// The variable of the environment for a secret of a vendor.
pub(super) fn variable(vendor: &str, name: &str) -> String {
    let upper = |text: &str| words(text).join("_").to_ascii_uppercase();
    let plain = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
    format!("{}_{}", upper(vendor), upper(name)).chars().filter(plain).collect()
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
