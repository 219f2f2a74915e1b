//! What is made of a secret, which is one too.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::forms::Extent;
use super::{Mask, Piece, piped};
use crate::value::Value;

/// How much of what stands around a short secret tells it from others of its kind.
const AROUND: usize = 12;

impl Mask {
    /// Whether a value has a secret in it.
    pub fn holds_any_of(&self, value: &Value) -> bool {
        match value {
            Value::List(items) => items.iter().any(|item| self.holds_any_of(item)),
            Value::Map(_) | Value::Record(_) => value
                .members()
                .into_iter()
                .flatten()
                .any(|(name, value)| self.holds(name) || self.holds_any_of(value)),
            scalar => scalar.scalar_text().is_some_and(|text| self.holds(&text)),
        }
    }

    /// Whether a part of a text has something of a secret in it.
    pub fn reaches_into(&self, text: &str, part: std::ops::Range<usize>) -> bool {
        self.found(text)
            .iter()
            .any(|found| found.part.start < part.end && part.start < found.part.end)
    }

    /// Adds what an expression made that read a secret. What is said openly in it is none:
    /// `open` are the texts of the expression itself and of what else it read.
    pub fn add_made(&mut self, value: &Value, open: &[String]) {
        match value {
            Value::List(items) => items.iter().for_each(|item| self.add_made(item, open)),
            Value::Map(_) | Value::Record(_) => {
                for (name, value) in value.members().into_iter().flatten() {
                    self.add_made_text(name, open);
                    self.add_made(value, open);
                }
            }
            // Whether something holds says nothing of it.
            Value::Null | Value::Bool(_) => {}
            scalar => {
                if let Some(text) = scalar.scalar_text() {
                    self.add_made_text(&text, open);
                }
            }
        }
    }

    fn add_made_text(&mut self, text: &str, open: &[String]) {
        if text.is_empty() || self.is_open(text, open) {
            return;
        }
        let decoded = STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let shell = decoded
            .filter(|of| self.holds(of) && self.is_open(of, open))
            .map(|of| piped(&self.shell(&of), "base64 -w0"));
        self.add_secret(text, shell);
    }

    /// Adds what basic authentication (RFC 7617) makes of credentials, where a secret is in them.
    pub fn add_encoded(&mut self, encoded: &str, of: &str) {
        if self.holds(of) {
            let shell = piped(&self.shell(of), "base64 -w0");
            let extent = Extent::of(encoded);
            self.insert(encoded.to_owned(), extent, Some(shell));
        }
    }

    /// Whether all of a text but the secrets in it can be put together of what is open.
    fn is_open(&self, text: &str, open: &[String]) -> bool {
        self.pieces(text).iter().all(|piece| match piece {
            Piece::Secret(_) => true,
            Piece::Plain(plain) => is_made_of(plain, open),
        })
    }

    /// Adds a secret that is so short that only its place shows it: what an expression gave as a
    /// part of a text.
    pub fn add_placed(&mut self, text: &str, start: usize, end: usize) {
        let Some(part) = text.get(start..end) else { return };
        let shell = self.secrets.iter().find(|secret| {
            secret.text == part && matches!(secret.extent, Extent::Word | Extent::Value)
        });
        let Some(shell) = shell.map(|secret| secret.shell.clone()) else { return };
        let from = text.floor_char_boundary(start.saturating_sub(AROUND));
        let to = text.ceil_char_boundary((end + AROUND).min(text.len()));
        let Some(around) = text.get(from..to) else { return };
        let extent = Extent::of(around);
        self.insert_part(around.to_owned(), start - from..end - from, extent, shell);
    }
}

/// Whether a text is nothing but some of those texts, one behind the other.
fn is_made_of(mut text: &str, open: &[String]) -> bool {
    while !text.is_empty() {
        let fits = open.iter().filter(|part| !part.is_empty() && text.starts_with(&***part));
        match fits.map(String::len).max() {
            Some(length) => text = text.get(length..).unwrap_or_default(),
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::parse;

    fn made(secret: &str, expression: &str, result: &str) -> Mask {
        let mut mask = Mask::default();
        mask.add(secret, "KEY");
        let constants = parse(expression).unwrap().constants();
        mask.add_made(&Value::text(result), &constants);
        mask
    }

    #[test]
    fn what_is_made_of_a_secret_is_one() {
        let encoded = STANDARD.encode("user$:secret");
        let mask = made("secret", "('user$:' ~ env.KEY) | base64", &encoded);
        assert_eq!(mask.text(&format!("Basic {encoded}")), "Basic ***");
        let shell = "$(printf %s \"user\\$:${KEY}\" | base64 -w0)";
        assert_eq!(mask.pieces(&encoded), [Piece::Secret(shell.into())]);
        let mask = made("secret", "env.KEY | reverse", "terces");
        assert_eq!(mask.text("a terces"), "a ***");
    }

    #[test]
    fn what_is_said_openly_is_no_secret() {
        let mask = made("secret", "'Bearer ' ~ env.KEY", "Bearer secret");
        assert_eq!(mask.text("Bearer secret, Bearer"), "Bearer ***, Bearer");
        let mask = made("secret", "'a' if env.KEY else 17", "a");
        assert_eq!(mask.text("a"), "a");
        let mask = made("secret", "env.KEY ~ (env.KEY | reverse)", "secretterces");
        assert_eq!(mask.text("secretterces"), "***");
    }

    #[test]
    fn a_short_secret_is_known_by_its_place() {
        let mut mask = Mask::default();
        mask.add("7", "PIN");
        mask.add_placed("x7y", 1, 2);
        assert_eq!(mask.text("{\"p\":\"x7y\", \"q\": \"17\"}"), "{\"p\":\"x***y\", \"q\": \"17\"}");
    }
}
