//! Which pages of other origins may read answers (the Fetch standard, section 3.3).

use std::sync::Arc;

use super::{Expression, RuleId};
use crate::value::Value;

/// What browsers are told.
#[derive(Debug, Clone)]
pub struct Cors {
    /// The origins.
    pub origins: Origins,
    /// The methods that may be used, as a list.
    pub methods: Arc<str>,
    /// The headers that may be sent, as a list; none: those that are asked for.
    pub headers: Option<Arc<str>>,
    /// The headers of answers that pages may read, as a list.
    pub expose_headers: Option<Arc<str>>,
    /// Whether cookies and the like may be sent.
    pub credentials: bool,
    /// How long that may be remembered, in seconds.
    pub max_age: Option<i64>,
    /// The rule that it is.
    pub rule: RuleId,
}

/// Which origins.
#[derive(Debug, Clone)]
pub enum Origins {
    /// Any.
    Any,
    /// Those, with `*` for any part.
    Listed(Vec<Arc<str>>),
    /// Those that the account's settings say.
    Given(Expression),
}

impl Cors {
    /// Whether pages of an origin may read answers; `given` is what the settings say, where they
    /// are asked: a list of origins, or one.
    pub fn allows(&self, origin: &str, given: Option<&Value>) -> bool {
        let fits_text = |known: &Value| known.as_str().is_some_and(|known| fits(known, origin));
        match (&self.origins, given) {
            (Origins::Any, _) => true,
            (Origins::Listed(all), _) => all.iter().any(|known| fits(known, origin)),
            (Origins::Given(_), Some(Value::List(all))) => all.iter().any(fits_text),
            (Origins::Given(_), Some(one)) => fits_text(one),
            (Origins::Given(_), None) => false,
        }
    }
}

/// Whether an origin is a known one; `*` in that stands for anything.
fn fits(known: &str, origin: &str) -> bool {
    match known.split_once('*') {
        None => known.eq_ignore_ascii_case(origin),
        Some((before, after)) => {
            let (known, origin) = (before.len() + after.len(), origin.to_ascii_lowercase());
            origin.len() > known
                && origin.starts_with(&before.to_ascii_lowercase())
                && origin.ends_with(&after.to_ascii_lowercase())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_some_part_of_an_origin() {
        for (known, origin, expected) in [
            ("https://a.example", "https://a.example", true),
            ("https://a.example", "HTTPS://A.example", true),
            ("https://a.example", "http://a.example", false),
            ("https://a.example", "https://a.example:8443", false),
            ("https://a.example", "https://a.example.evil.example", false),
            ("https://*.a.example", "https://b.a.example", true),
            ("https://*.a.example", "https://c.b.a.example", true),
            ("https://*.a.example", "https://a.example", false),
            ("https://*.a.example", "https://.a.example", false),
            ("http://localhost:*", "http://localhost:3000", true),
            ("http://localhost:*", "http://localhost", false),
        ] {
            assert_eq!(fits(known, origin), expected, "{known} and {origin}");
        }
    }
}
