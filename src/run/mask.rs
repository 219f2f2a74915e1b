//! Secrets, and taking them out of whatever leaves the runner.
//!
//! A secret is looked for in all that a text may say once what was escaped in it is not any more
//! (`layers`), as it is and in the forms that this does not lead back to (`forms`).

mod begun;
mod bytes;
mod decoded;
mod escape;
mod forms;
mod layers;
mod made;
mod search;
mod spelled;
mod undo;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

pub use self::bytes::BytePiece;
use self::escape::Escape;
use self::forms::{Extent, disguises, in_base64, whole_in_base64};
use self::layers::Layers;
use self::search::Search;
use super::client::Request;
use super::event::{Mismatch, MismatchKind, ReceivedResponse, StepResult, UNLIKE};
use crate::value::Value;

/// What stands in place of a secret.
pub const MASKED: &str = "***";

/// The secrets of a trial, in each form in which they can go over the wire.
#[derive(Debug, Clone, Default)]
pub struct Mask {
    secrets: Vec<Secret>,
    /// What looks for all of them at once, made when it is first needed.
    search: OnceLock<Search>,
}

#[derive(Debug, Clone, PartialEq)]
struct Secret {
    /// What is looked for.
    text: String,
    /// What of it is hidden: all but what shows by its surroundings where the secret is one.
    hidden: Range<usize>,
    extent: Extent,
    /// What gives the hidden part again between double quotes of a shell, where anything does.
    shell: Option<String>,
}

/// From so many bytes on a text in other letters, small or large, is the same secret.
const SHORTEST_IN_ANY_CASE: usize = 8;

impl Secret {
    /// Whether it is one in small and in large letters, as servers write it that take it for a name
    /// or for hexadecimal digits.
    fn is_one_in_any_case(&self) -> bool {
        self.extent == Extent::Anywhere && self.text.len() >= SHORTEST_IN_ANY_CASE
    }
}

/// A secret in a text.
#[derive(Debug, Clone)]
struct Found<'m> {
    part: Range<usize>,
    shell: Cow<'m, str>,
}

/// A part of a text.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece<'t> {
    /// No secret.
    Plain(&'t str),
    /// A secret: what gives it again between double quotes of a shell.
    Secret(Cow<'t, str>),
}

impl Mask {
    /// Adds a secret that a variable of the environment holds, or is thought to hold.
    pub fn add(&mut self, text: &str, name: &str) {
        self.add_secret(text, Some(format!("${{{name}}}")));
    }

    /// Adds a secret that a variable of the environment holds to those of trials that may not know
    /// of it, where it is long enough to be told from what is none.
    pub(super) fn add_to_all(&mut self, text: &str, name: &str) {
        let is_word = matches!(text, "true" | "false" | "null");
        if Extent::of(text) == Extent::Anywhere && !is_word {
            self.add(text, name);
        }
    }

    /// Adds all secrets of another one.
    pub fn add_all(&mut self, other: &Self) {
        for secret in &other.secrets {
            let Secret { text, hidden, extent, shell } = secret.clone();
            self.insert_part(text, hidden, extent, shell);
        }
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

    /// Adds a secret in all its forms; `shell` is what gives it again.
    fn add_secret(&mut self, text: &str, shell: Option<String>) {
        let extent = Extent::of(text);
        let encoded = shell.as_ref().map(|shell| piped(shell, "base64 -w0"));
        self.insert(text.to_owned(), extent, shell);
        let code = whole_in_base64(text);
        let code_extent = Extent::of(&code);
        self.insert(code, code_extent, encoded);
        for disguise in disguises(text) {
            // No shell can give it again.
            let extent = Extent::of(&disguise);
            self.insert(disguise, extent, None);
        }
        if extent == Extent::Anywhere {
            for part in in_base64(text) {
                self.insert(part, Extent::Base64, None);
            }
        }
    }

    fn insert(&mut self, text: String, extent: Extent, shell: Option<String>) {
        let hidden = 0..text.len();
        self.insert_part(text, hidden, extent, shell);
    }

    fn insert_part(
        &mut self,
        text: String,
        hidden: Range<usize>,
        extent: Extent,
        shell: Option<String>,
    ) {
        let known = |secret: &Secret| secret.text == text && secret.hidden == hidden;
        if !text.is_empty() && !self.secrets.iter().any(known) {
            self.secrets.push(Secret { text, hidden, extent, shell });
            self.search.take();
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.secrets.is_empty()
    }

    /// Whether a text has a secret in it.
    pub fn holds(&self, text: &str) -> bool {
        !self.found(text).is_empty()
    }

    /// Whether a request has a secret in it.
    pub(super) fn is_sent_by(&self, request: &Request) -> bool {
        !self.is_empty()
            && (self.holds(&request.target)
                || request
                    .headers
                    .iter()
                    .any(|(name, value)| self.holds(name) || self.holds(value))
                || self
                    .byte_pieces(&request.body)
                    .iter()
                    .any(|p| matches!(p, BytePiece::Secret(_))))
    }

    /// The secrets in a text, in order; none reaches into another.
    fn found(&self, text: &str) -> Vec<Found<'_>> {
        let mut all: Vec<Found<'_>> = Vec::new();
        if text.is_empty() || self.is_empty() {
            return all;
        }
        let search = self.search.get_or_init(|| Search::new(&self.secrets));
        let layers = Layers::of(text, search.reach, false);
        for (at, layer) in layers.iter() {
            for (secret, start) in search.starts(&self.secrets, layer) {
                let whole = start..start + secret.text.len();
                let is_exact = layer.get(whole.clone()) == Some(&*secret.text);
                if !is_exact && !secret.is_one_in_any_case() {
                    continue;
                }
                if secret.extent.hidden(layer, whole).is_none() {
                    continue;
                }
                let hidden = start + secret.hidden.start..start + secret.hidden.end;
                let Some(part) = (match secret.extent {
                    Extent::Base64 => secret.extent.hidden(layer, hidden),
                    _ => Some(hidden),
                }) else {
                    continue;
                };
                let shell = secret.shell.as_deref().filter(|_| is_exact);
                let shell = escaped(shell, &layers.escapes(at));
                all.push(Found { part: layers.place(at, part), shell });
            }
        }
        // Of those at one place the longest, and of these the first, which is least escaped.
        all.sort_by_key(|found| (found.part.start, usize::MAX - found.part.end));
        let mut apart: Vec<Found<'_>> = Vec::with_capacity(all.len());
        for found in all {
            match apart.last_mut() {
                Some(last) if found.part.start < last.part.end => {
                    // One that reaches beyond another hides what both do.
                    if found.part.end > last.part.end {
                        last.part.end = found.part.end;
                        last.shell = Cow::Borrowed(MASKED);
                    } else if found.part == last.part && last.shell == MASKED {
                        last.shell = found.shell;
                    }
                }
                _ => apart.push(found),
            }
        }
        apart
    }

    /// The parts of a text.
    pub fn pieces<'t>(&'t self, text: &'t str) -> Vec<Piece<'t>> {
        let mut pieces = Vec::new();
        let mut from = 0;
        let plain = |pieces: &mut Vec<Piece<'t>>, part: Range<usize>| {
            if let Some(plain) = text.get(part).filter(|plain| !plain.is_empty()) {
                pieces.push(Piece::Plain(plain));
            }
        };
        for Found { part, shell } in self.found(text) {
            plain(&mut pieces, from..part.start);
            pieces.push(Piece::Secret(shell));
            from = part.end;
        }
        plain(&mut pieces, from..text.len());
        pieces
    }

    /// A text as what stands between double quotes of a shell.
    fn shell(&self, text: &str) -> String {
        let mut shell = String::new();
        for piece in self.pieces(text) {
            match piece {
                Piece::Secret(secret) => shell.push_str(&secret),
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
        let pieces = self.pieces(text);
        if let [] | [Piece::Plain(_)] = &*pieces {
            return Cow::Borrowed(text);
        }
        let shown = pieces.iter().map(|piece| match piece {
            Piece::Plain(plain) => *plain,
            Piece::Secret(_) => MASKED,
        });
        Cow::Owned(shown.collect())
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
        let broken = step
            .mismatches
            .iter()
            .any(|m| matches!(m.kind, MismatchKind::Transport | MismatchKind::Protocol));
        if let Some(ReceivedResponse { headers, body, .. }) = &mut step.response {
            self.hide_all(headers);
            let whole = self.bytes(std::mem::take(body));
            // A body that breaks off may do so in the middle of a secret.
            *body = if broken { self.without_begun(whole) } else { whole };
        }
        let known = step.known.iter_mut().map(|known| &mut known.mismatch);
        for mismatch in step.mismatches.iter_mut().chain(known) {
            self.mismatch(mismatch);
        }
        if let Some(difference) = &mut step.difference {
            self.hide(&mut difference.expected);
            self.hide(&mut difference.actual);
        }
    }

    /// Hides secrets in what is told of a mismatch.
    pub fn mismatch(&self, mismatch: &mut Mismatch) {
        // The characters of a secret are one, too.
        if (self.holds(&mismatch.expected) || self.holds(&mismatch.actual))
            && let Some(at) = mismatch.message.find(UNLIKE)
        {
            mismatch.message.truncate(at);
        }
        self.hide(&mut mismatch.path);
        for text in [&mut mismatch.expected, &mut mismatch.actual, &mut mismatch.message] {
            self.hide(text);
            self.hide_begun(text);
        }
    }
}

/// What gives the output of a command for what something between double quotes gives.
fn piped(shell: &str, command: &str) -> String {
    format!("$(printf %s \"{shell}\" | {command})")
}

/// What gives a secret again as it stands escaped.
fn escaped<'m>(shell: Option<&'m str>, escapes: &[Escape]) -> Cow<'m, str> {
    let Some(shell) = shell else { return Cow::Borrowed(MASKED) };
    let mut given = Cow::Borrowed(shell);
    for escape in escapes {
        match escape.filter() {
            Some(filter) => given = Cow::Owned(piped(&given, filter)),
            None => return Cow::Borrowed(MASKED),
        }
    }
    given
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

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
            "p&s \\\\\\\"w<d/ö",
            "p&amp;s \"w&lt;d/ö",
            "cCZzICJ3PGQvw7Y=",
            "cCZzICJ3PGQvw7Y%3D",
            "7026732022773c642fc3b6",
            "7026732022773C642FC3B6",
        ];
        for form in forms {
            assert_eq!(mask.text(&format!("a {form} b")), "a *** b", "{form}");
        }
        assert_eq!(mask.bytes(b"\xff p&s ".to_vec()), b"\xff *** ");
        assert_eq!(mask.text("nothing"), "nothing");
    }

    #[test]
    fn a_secret_is_hidden_in_other_letters_in_broken_lines_and_in_escaped_utf_16() {
        let mut mask = Mask::default();
        mask.add("Key-0\"ab cdef", "KEY");
        mask.add("Ab9", "SHORT");
        assert_eq!(mask.text("a KEY-0\"AB CDEF, key-0\"ab cdef, ab9, Ab9"), "a ***, ***, ab9, ***");
        let [_, Piece::Secret(other)] = &*mask.pieces("a KEY-0\"AB CDEF") else { panic!() };
        assert_eq!(other, MASKED);
        let code = STANDARD.encode(format!("{}Key-0\"ab cdef!", "x".repeat(55)));
        let broken = format!("{}\r\n {}", code.get(..76).unwrap(), code.get(76..).unwrap());
        let shown = mask.text(&broken);
        assert!(shown.ends_with("***") && !shown.contains(['\r', '\n']), "{shown}");
        let utf16 = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
            "\u{feff}<a>Key-0&quot;ab cdef\u{e9}</a>".encode_utf16().flat_map(order).collect()
        };
        for order in [u16::to_le_bytes, u16::to_be_bytes] {
            let shown = mask.bytes(utf16(order));
            assert!(shown.windows(3).any(|three| three == b"***"), "{shown:?}");
            assert!(!shown.windows(3).any(|three| three == b"q\0u"), "{shown:?}");
        }
        let utf16: Vec<u8> = "Key-0\"ab cdef".bytes().flat_map(|byte| [byte, 0]).collect();
        assert_eq!(mask.text(&STANDARD.encode(utf16)), "***=");
    }

    #[test]
    fn what_reaches_into_another_is_hidden_with_it() {
        let mut mask = Mask::default();
        mask.add("abcdef", "A");
        mask.add("defghi", "B");
        mask.add("cdef", "C");
        assert_eq!(mask.text("-abcdefghi-"), "-***-");
        let pieces = mask.pieces("-abcdef-cdef");
        let [_, Piece::Secret(whole), _, Piece::Secret(part)] = &*pieces else {
            panic!("{pieces:?}")
        };
        assert_eq!((&**whole, &**part), ("${A}", "${C}"));
    }

    #[test]
    fn a_secret_is_hidden_within_what_is_in_base64() {
        let mut mask = Mask::default();
        mask.add("s3cret/\u{ff}>?", "KEY");
        for before in ["", "a", "ab", "abc", "{\"key\": \""] {
            let text = format!("{before}s3cret/\u{ff}>?\"}}");
            let code = STANDARD.encode(text);
            for code in [code.clone(), code.replace('+', "-").replace('/', "_")] {
                let shown = mask.text(&code);
                let parts: Vec<&str> = shown.split(MASKED).collect();
                let [left, right] = &*parts else { panic!("{shown}") };
                assert!(left.len() <= before.len() * 4 / 3 && right.len() <= 4, "{shown}");
            }
        }
    }
}
