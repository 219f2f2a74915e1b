//! Secrets, and taking them out of whatever leaves the runner.

mod begun;
mod bytes;
mod escaped;

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

pub use self::bytes::BytePiece;
use self::bytes::disguises;
use self::escaped::Escape;
use super::event::{MismatchKind, ReceivedResponse, StepResult};
use crate::value::Value;

/// What stands in place of a secret.
pub const MASKED: &str = "***";

/// The secrets of a trial, in each form in which they can go over the wire.
#[derive(Debug, Clone, Default)]
pub struct Mask {
    /// The longest first, so that none is hidden only in part.
    secrets: Vec<Secret>,
}

#[derive(Debug, Clone, PartialEq)]
struct Secret {
    text: String,
    /// What gives it again between double quotes of a shell.
    shell: String,
    /// The same for each way to escape it; `None` for what is always written as it is.
    escaped: Option<Box<Escaped>>,
}

#[derive(Debug, Clone, PartialEq)]
struct Escaped {
    percent: String,
    json: String,
    xml: String,
}

impl Secret {
    /// Its first place in a text: start, length, and how it is made again as it stands there.
    fn find(&self, text: &str) -> Option<(usize, usize, &str)> {
        let Some(escaped) = &self.escaped else {
            return Some((text.find(&self.text)?, self.text.len(), &self.shell));
        };
        let (at, length, escape) = escaped::find(text, &self.text)?;
        let shell = match escape {
            Escape::None => &self.shell,
            Escape::Percent => &escaped.percent,
            Escape::Json => &escaped.json,
            Escape::Xml => &escaped.xml,
        };
        Some((at, length, shell))
    }
}

/// A secret in a text.
#[derive(Debug, Clone, Copy)]
struct Found<'t> {
    start: usize,
    length: usize,
    shell: &'t str,
}

/// A part of a text.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece<'t> {
    /// No secret.
    Plain(&'t str),
    /// A secret: what gives it again between double quotes of a shell.
    Secret(&'t str),
}

impl Mask {
    /// Adds a secret that a variable of the environment holds, or is thought to hold.
    pub fn add(&mut self, text: &str, name: &str) {
        let variable = format!("${{{name}}}");
        let printed = format!("printf %s \"{variable}\"");
        let escaped = Escaped {
            percent: format!("$({printed} | jq -sRr @uri)"),
            json: format!("$({printed} | jq -sR . | sed 's/^.//;s/.$//')"),
            xml: format!("$({printed} | sed 's/&/\\&amp;/g;s/</\\&lt;/g;s/>/\\&gt;/g')"),
        };
        for disguise in disguises(text) {
            // No shell can give it again.
            let own = || MASKED.to_owned();
            let escaped = Escaped { percent: own(), json: own(), xml: own() };
            self.insert(disguise, own(), Some(escaped));
        }
        self.insert(text.to_owned(), variable, Some(escaped));
        self.insert(STANDARD.encode(text), format!("$({printed} | base64 -w0)"), None);
    }

    /// Adds each scalar of a value.
    pub fn add_value(&mut self, value: &Value, name: &str) {
        match value {
            Value::List(items) => items.iter().for_each(|item| self.add_value(item, name)),
            Value::Map(_) | Value::Record(_) => {
                value.members().into_iter().flatten().for_each(|(_, v)| self.add_value(v, name));
            }
            scalar => {
                if let Some(text) = scalar.scalar_text() {
                    self.add(&text, name);
                }
            }
        }
    }

    /// Adds a text that was made of others, where one of them is a secret; `made` is the command
    /// that makes it again out of that text on its standard input.
    pub fn add_made(&mut self, text: String, of: &str, made: &str) {
        if self.holds(of) {
            let shell = format!("$(printf %s \"{}\" | {made})", self.shell(of));
            self.insert(text, shell, None);
        }
    }

    fn insert(&mut self, text: String, shell: String, escaped: Option<Escaped>) {
        if text.is_empty() || self.secrets.iter().any(|secret| secret.text == text) {
            return;
        }
        let at = self.secrets.partition_point(|known| known.text.len() > text.len());
        self.secrets.insert(at, Secret { text, shell, escaped: escaped.map(Box::new) });
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.secrets.is_empty()
    }

    /// Whether a text has a secret in it.
    pub fn holds(&self, text: &str) -> bool {
        self.secrets.iter().any(|secret| secret.find(text).is_some())
    }

    /// The parts of a text.
    pub fn pieces<'t>(&'t self, text: &'t str) -> Vec<Piece<'t>> {
        let find = |secret: &'t Secret, from: usize| -> Option<Found<'t>> {
            let (at, length, shell) = secret.find(text.get(from..)?)?;
            Some(Found { start: from + at, length, shell })
        };
        let mut next: Vec<(&Secret, Option<Found<'_>>)> =
            self.secrets.iter().map(|secret| (secret, find(secret, 0))).collect();
        let mut pieces = Vec::new();
        let mut from = 0;
        // The first secret, of those at one place the longest.
        while let Some(Found { start, length, shell }) = next
            .iter()
            .filter_map(|(_, found)| *found)
            .min_by_key(|found| (found.start, usize::MAX - found.length))
        {
            let plain = text.get(from..start).unwrap_or_default();
            if !plain.is_empty() {
                pieces.push(Piece::Plain(plain));
            }
            pieces.push(Piece::Secret(shell));
            from = start + length;
            for (secret, found) in &mut next {
                if found.is_some_and(|found| found.start < from) {
                    *found = find(secret, from);
                }
            }
        }
        let rest = text.get(from..).unwrap_or_default();
        if !rest.is_empty() {
            pieces.push(Piece::Plain(rest));
        }
        pieces
    }

    /// A text as what stands between double quotes of a shell.
    fn shell(&self, text: &str) -> String {
        let mut shell = String::new();
        for piece in self.pieces(text) {
            match piece {
                Piece::Secret(secret) => shell.push_str(secret),
                Piece::Plain(plain) => {
                    for character in plain.chars() {
                        if matches!(character, '"' | '$' | '`' | '\\') {
                            shell.push('\\');
                        }
                        shell.push(character);
                    }
                }
            }
        }
        shell
    }

    /// The text without secrets.
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if !self.holds(text) {
            return Cow::Borrowed(text);
        }
        let pieces = self.pieces(text);
        Cow::Owned(
            pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Plain(plain) => *plain,
                    Piece::Secret(_) => MASKED,
                })
                .collect(),
        )
    }

    fn hide(&self, text: &mut String) {
        if let Cow::Owned(masked) = self.text(text) {
            *text = masked;
        }
    }

    fn hide_all(&self, headers: &mut [(String, String)]) {
        for (name, value) in headers {
            self.hide(name);
            self.hide(value);
        }
    }

    /// Takes the secrets out of all that is known of a step. The curl command is left alone:
    /// it was made without them.
    pub fn step(&self, step: &mut StepResult) {
        self.hide(&mut step.name);
        if let Some(reason) = &mut step.reason {
            self.hide(reason);
        }
        if let Some(request) = &mut step.request {
            self.hide(&mut request.method);
            self.hide(&mut request.url);
            self.hide_all(&mut request.headers);
            request.body = self.bytes(std::mem::take(&mut request.body));
        }
        let broken = step.mismatches.iter().any(|m| m.kind == MismatchKind::Transport);
        if let Some(ReceivedResponse { headers, body, .. }) = &mut step.response {
            self.hide_all(headers);
            let whole = self.bytes(std::mem::take(body));
            // A body that breaks off may do so in the middle of a secret.
            *body = if broken { self.without_begun(whole) } else { whole };
        }
        for mismatch in &mut step.mismatches {
            self.hide(&mut mismatch.path);
            for text in [&mut mismatch.expected, &mut mismatch.actual, &mut mismatch.message] {
                self.hide(text);
                self.hide_begun(text);
            }
        }
        if let Some(difference) = &mut step.difference {
            self.hide(&mut difference.expected);
            self.hide(&mut difference.actual);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_hidden_in_each_form_that_the_wire_gives_it() {
        let mut mask = Mask::default();
        mask.add("p&s \"w<d/ö", "PASSWORD");
        mask.add("p&s", "PART");
        mask.add("", "EMPTY");
        let forms = [
            "p&s \"w<d/ö",
            "p%26s%20%22w%3Cd%2F%C3%B6",
            "p%26s+%22w%3Cd%2F%C3%B6",
            "p&s \\\"w<d/ö",
            "p&amp;s \"w&lt;d/ö",
            "cCZzICJ3PGQvw7Y=",
        ];
        for form in forms {
            assert_eq!(mask.text(&format!("a {form} b")), "a *** b", "{form}");
        }
        assert_eq!(mask.bytes(b"\xff p&s".to_vec()), b"\xff ***");
        assert_eq!(mask.text("nothing"), "nothing");
    }

    #[test]
    fn what_is_made_of_a_secret_is_one() {
        let mut mask = Mask::default();
        mask.add("secret", "KEY");
        let made = STANDARD.encode("user$:secret");
        mask.add_made(made.clone(), "user$:secret", "base64 -w0");
        assert_eq!(mask.text(&format!("Basic {made}")), "Basic ***");
        let shell = "$(printf %s \"user\\$:${KEY}\" | base64 -w0)";
        assert_eq!(mask.pieces(&made), [Piece::Secret(shell)]);
    }
}
