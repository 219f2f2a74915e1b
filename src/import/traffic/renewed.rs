//! What a client chose and a vendor takes once: mail addresses, and keys of requests. They are other
//! ones in each run.

use std::ops::Range;
use std::sync::Arc;

use regex_lite::Regex;

use super::infer;
use crate::import::names::words;
use crate::value::Value;

/// What `unique` has, with the `-` before it.
const LENGTH: usize = 13;

/// A value that is another one in each run.
#[derive(Debug)]
pub(super) struct Renewed {
    /// Its variable.
    pub(super) name: String,
    /// As it was recorded.
    pub(super) text: Arc<str>,
    /// What it is in a run.
    pub(super) instead: String,
    /// Why it is one.
    pub(super) remark: String,
    /// How else it is spelt, where it is an address.
    spelt: Option<Spelt>,
}

/// An address in whatever spelling.
#[derive(Debug)]
struct Spelt {
    pattern: Regex,
    part: Part,
}

/// Which characters of what stands before the `@` stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    All,
    First(usize),
    Last(usize),
}

/// A place in a text where an address stands.
#[derive(Debug)]
pub(super) struct Spelling {
    pub(super) range: Range<usize>,
    /// What stands before the expression.
    pub(super) before: String,
    pub(super) expression: String,
    /// What stands behind it.
    pub(super) behind: String,
}

impl Renewed {
    /// An address, which is not the same as any other that is renewed; none where it is one of them
    /// in another spelling.
    pub(super) fn address(text: &Arc<str>, name: String, others: &[Self]) -> Option<Self> {
        if others.iter().any(|other| other.is_spelt(text)) {
            return None;
        }
        let (local, _) = text.rsplit_once('@')?;
        let pattern = Regex::new(&spelt(text)).ok()?;
        let length = local.chars().count();
        // No longer than it was, where enough of it is there: vendors have a limit.
        let kept = length.checked_sub(LENGTH);
        let shorter = kept.map(|kept| [Part::First(kept), Part::Last(kept)]);
        let parts = shorter.into_iter().flatten().chain([Part::All]);
        let mut all = parts.map(|part| {
            let (before, expression, behind) = written(text, part);
            (part, format!("{before}{expression}{behind}"))
        });
        let is_taken =
            |instead: &str| others.iter().any(|other| other.instead.eq_ignore_ascii_case(instead));
        let (part, instead) = all.find(|(_, instead)| !is_taken(instead))?;
        Some(Self {
            name,
            text: Arc::clone(text),
            instead,
            remark: format!("{text} was recorded; many vendors take an address only once"),
            spelt: Some(Spelt { pattern, part }),
        })
    }

    /// A key of a request.
    pub(super) fn key(text: &Arc<str>, name: String) -> Self {
        let shape = infer::schema(&Value::Text(Arc::clone(text)));
        let is_uuid = shape.keyword("format").and_then(Value::as_str) == Some("uuid");
        let instead = match is_uuid {
            true => "${uuid}".to_owned(),
            false => format!("{}-${{unique}}", text.replace("${", "$${")),
        };
        let remark = format!("{text} was recorded; a vendor answers the same key as before");
        Self { name, text: Arc::clone(text), instead, remark, spelt: None }
    }

    /// Whether it is a key of a request.
    pub(super) fn is_key(&self) -> bool {
        self.spelt.is_none()
    }

    /// Whether a text is the address in some spelling.
    fn is_spelt(&self, text: &str) -> bool {
        self.spellings(text).iter().any(|spelling| spelling.range == (0..text.len()))
    }

    /// Where a text has the address.
    pub(super) fn spellings(&self, text: &str) -> Vec<Spelling> {
        let Some(spelt) = &self.spelt else { return Vec::new() };
        let found = spelt.pattern.find_iter(text).map(|found| found.range());
        let apart = found.filter(|range| is_apart(text, range));
        let apart = apart.filter_map(|range| Some((text.get(range.clone())?, range)));
        let spelling = apart.map(|(own, range)| {
            let (before, expression, behind) = match *own == *self.text {
                true => (String::new(), format!("${{{}}}", self.name), String::new()),
                false => written(own, spelt.part),
            };
            Spelling { range, before, expression, behind }
        });
        spelling.collect()
    }
}

/// Whether what has that name is a key that is meant for one request, whatever it asks for.
pub(super) fn is_of_request(name: &str) -> bool {
    words(name).iter().any(|word| matches!(word.as_str(), "idempotency" | "idempotent"))
}

/// Whether a header of that name tells a request from all others.
pub(super) fn tells_request(name: &str) -> bool {
    let words = words(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    is_of_request(name) || matches!(*words, [.., "request" | "correlation", "id"])
}

/// A regular expression for all spellings of an address: case, and what percent-encoding makes of it.
fn spelt(address: &str) -> String {
    let mut pattern = String::from("(?i)");
    for c in address.chars() {
        if c.is_ascii_alphanumeric() || !c.is_ascii() {
            pattern.push_str(&regex_lite::escape(&c.to_string()));
        } else {
            let own = regex_lite::escape(&c.to_string());
            let code = format!("{:02X}", u32::from(c));
            pattern.extend(["(?:", &own, "|%(?:25)*", &code, ")"]);
        }
    }
    pattern
}

/// Whether what stands around a place is of no longer address.
fn is_apart(text: &str, range: &Range<usize>) -> bool {
    let bytes = text.as_bytes();
    let (before, behind) = (bytes.get(..range.start), bytes.get(range.end..));
    let (before, behind) = (before.unwrap_or_default(), behind.unwrap_or_default());
    let begins = match before {
        [.., b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => true,
        [.., last] => !(last.is_ascii_alphanumeric() || b"._+%-".contains(last)),
        [] => true,
    };
    let ends = match behind {
        [b'.' | b'-', next, ..] | [next, ..] => !next.is_ascii_alphanumeric(),
        [] => true,
    };
    begins && ends
}

/// Where the `@` of an address stands that is encoded, maybe more than once.
fn encoded_at(address: &str) -> Option<usize> {
    let end = address.rfind("40").filter(|at| address.get(..*at).is_some_and(is_escaped))?;
    address.get(..end)?.trim_end_matches("25").strip_suffix('%').map(str::len)
}

/// Whether a text ends with the beginning of an escape.
fn is_escaped(text: &str) -> bool {
    text.trim_end_matches("25").ends_with('%')
}

/// An address that is another one in each run: what stands before the expression, that, and what
/// stands behind.
fn written(address: &str, part: Part) -> (String, String, String) {
    let at = address.rfind('@').or_else(|| encoded_at(address)).unwrap_or(address.len());
    let (local, rest) = address.split_at(at);
    // A character that is encoded is one.
    let mut characters: Vec<&str> = Vec::new();
    let mut left = local;
    while let Some(first) = left.chars().next() {
        let length = if first == '%' && left.len() >= 3 { 3 } else { first.len_utf8() };
        let Some((character, behind)) = left.split_at_checked(length) else { break };
        characters.push(character);
        left = behind;
    }
    let is_upper = address.chars().any(|c| c.is_ascii_uppercase())
        && !address.chars().any(|c| c.is_ascii_lowercase());
    let expression = if is_upper { "${unique | upper}" } else { "${unique}" }.to_owned();
    let escaped = |text: String| text.replace("${", "$${");
    let rest = escaped(rest.to_owned());
    match part {
        Part::All => (format!("{}-", escaped(local.to_owned())), expression, rest),
        Part::First(0) | Part::Last(0) => (String::new(), expression, rest),
        Part::First(kept) => {
            let kept: String = characters.into_iter().take(kept).collect();
            (format!("{}-", escaped(kept)), expression, rest)
        }
        Part::Last(kept) => {
            let from = characters.len().saturating_sub(kept);
            let kept: String = characters.into_iter().skip(from).collect();
            (String::new(), expression, format!("-{}{rest}", escaped(kept)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renewed(text: &str, others: &[Renewed]) -> Renewed {
        Renewed::address(&Arc::from(text), "mail".to_owned(), others).unwrap()
    }

    #[test]
    fn an_address_is_no_longer_than_before_where_that_can_be() {
        for (text, expected) in [
            ("ann@a.example", "ann-${unique}@a.example"),
            ("a-customer-of-us@a.example", "a-c-${unique}@a.example"),
            ("a-customer-of@a.example", "${unique}@a.example"),
            ("A-CUSTOMER-OF-US@A.EXAMPLE", "A-C-${unique | upper}@A.EXAMPLE"),
        ] {
            assert_eq!(renewed(text, &[]).instead, expected);
        }
        let first = renewed("a-customer-of-us-1@a.example", &[]);
        let second = renewed("a-customer-of-us-2@a.example", &[first]);
        assert_eq!(second.instead, "${unique}--us-2@a.example");
    }

    #[test]
    fn an_address_is_known_in_other_spellings() {
        let mail = renewed("Ann.Lee@a.example", &[]);
        for (text, expected) in [
            ("Ann.Lee@a.example", "${mail}"),
            ("ANN.LEE@A.EXAMPLE", "ANN.LEE-${unique | upper}@A.EXAMPLE"),
            ("ann.lee%40a.example", "ann.lee-${unique}%40a.example"),
            ("mail eq 'ann%2Elee%2540a.example'", "mail eq 'ann%2Elee-${unique}%2540a.example'"),
            ("mail:%22ann.lee@a.example%22.", "mail:%22ann.lee-${unique}@a.example%22."),
            ("joann.lee@a.example", "joann.lee@a.example"),
            ("ann.lee@a.example.org", "ann.lee@a.example.org"),
        ] {
            let mut written = text.to_owned();
            for Spelling { range, before, expression, behind } in mail.spellings(text) {
                written.replace_range(range, &format!("{before}{expression}{behind}"));
            }
            assert_eq!(written, expected);
        }
        let again: Arc<str> = Arc::from("ann.lee@A.example");
        assert!(Renewed::address(&again, "mail".to_owned(), &[mail]).is_none());
    }

    #[test]
    fn keys_are_of_one_request() {
        for name in ["Idempotency-Key", "X-Request-Id", "x-ms-correlation-id"] {
            assert!(tells_request(name), "{name}");
        }
        for name in ["Request", "Api-Key", "Id", "X-Request-Count"] {
            assert!(!tells_request(name), "{name}");
        }
    }
}
