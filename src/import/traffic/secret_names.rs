//! Names behind which a secret stands.

use crate::import::names::words;

/// Words of names behind which a secret stands.
const WORDS: [&str; 17] = [
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
    "passphrase",
    "passcode",
    "pincode",
    "hapikey",
    "totp",
];

/// Words that mean a secret where a name ends with them, or with `code` behind them: a `pass`, but no
/// `pass_rate`.
const LAST: [&str; 6] = ["pass", "pwd", "pin", "otp", "sig", "auth"];

/// Last words of names that say something about a secret, and do not hold it.
const ABOUT: [&str; 24] = [
    "type",
    "kind",
    "url",
    "uri",
    "endpoint",
    "at",
    "in",
    "expires",
    "expiry",
    "expiration",
    "ttl",
    "lifetime",
    "length",
    "count",
    "policy",
    "name",
    "method",
    "algorithm",
    "format",
    "scope",
    "status",
    "required",
    "enabled",
    "changed",
];

/// Whether what has that name is a secret.
pub(super) fn is_secret(name: &str) -> bool {
    let words = words(name);
    if words.last().is_some_and(|last| ABOUT.contains(&last.as_str())) {
        return false;
    }
    // `X-Idempotency-Key` is one that anybody may know.
    if words.iter().any(|word| word == "idempotency") {
        return false;
    }
    let said = |word: &String| WORDS.contains(&word.as_str());
    let key = words.iter().any(|word| word == "key")
        && words
            .iter()
            .any(|word| matches!(word.as_str(), "api" | "access" | "auth" | "x" | "subscription"));
    let plain = words.strip_suffix(&["code".to_owned()]).unwrap_or(&words);
    let last = plain.last().is_some_and(|last| LAST.contains(&last.as_str()));
    words.iter().any(said) || key || last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_about_a_secret_is_none() {
        for name in [
            "token",
            "access_token",
            "sessionId",
            "X-Api-Key",
            "token_value",
            "pass",
            "userPass",
            "X-Pass",
            "pwd",
            "passphrase",
            "passCode",
            "pin",
            "pin_code",
            "otp",
            "hapikey",
            "sig",
            "X-Auth",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in [
            "token_type",
            "tokenExpiresIn",
            "password_changed_at",
            "token_url",
            "note",
            "sid",
            "accountSid",
            "pinned",
            "passed",
            "pass_rate",
            "spin",
            "auth_type",
            "author",
            "signed",
            "compass",
        ] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
