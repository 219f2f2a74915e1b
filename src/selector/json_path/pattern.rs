//! Regular expressions of RFC 9485 (I-Regexp), which `match` and `search` take.

use std::fmt::Write as _;

use regex::Regex;

/// How deep parentheses may stand in each other.
const DEEPEST: usize = 50;

/// A regular expression.
#[derive(Debug, Clone)]
pub(super) struct Pattern(Regex);

impl Pattern {
    /// Reads one; `whole` asks for a match of the whole text. Fails with a sentence.
    pub(super) fn new(text: &str, whole: bool) -> Result<Self, String> {
        let mut translation = Translation { rest: text, into: String::new(), depth: 0 };
        let read = translation.branches();
        let rest = translation.rest;
        if !read || !rest.is_empty() {
            let at = if rest.is_empty() { "its end" } else { rest };
            return Err(format!(
                "`{text}` is not a regular expression of RFC 9485, from `{at}` on"
            ));
        }
        let translated = translation.into;
        let written = if whole { format!(r"\A(?:{translated})\z") } else { translated };
        Regex::new(&written).map(Self).map_err(|error| {
            let reason = error.to_string();
            let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ");
            format!("`{text}` cannot be used as a regular expression: {reason}")
        })
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

/// Reads one, and writes it in the syntax of the library. It takes `^` and `$` for the ends of
/// the text, as everybody does who writes them, where RFC 9485 has nothing to say.
struct Translation<'p> {
    rest: &'p str,
    into: String,
    depth: usize,
}

impl Translation<'_> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn skip(&mut self, c: char) {
        self.rest = self.rest.get(c.len_utf8()..).unwrap_or_default();
    }

    /// Copies a character, if it comes.
    fn take(&mut self, c: char) -> bool {
        let comes = self.peek() == Some(c);
        if comes {
            self.skip(c);
            self.into.push(c);
        }
        comes
    }

    fn literal(&mut self, c: char) {
        self.skip(c);
        self.into.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
    }

    /// What is separated by `|`, up to a closing parenthesis or the end.
    fn branches(&mut self) -> bool {
        loop {
            while self.peek().is_some_and(|c| !matches!(c, '|' | ')')) {
                if !(self.atom() && self.quantifier()) {
                    return false;
                }
            }
            if !self.take('|') {
                return true;
            }
        }
    }

    fn atom(&mut self) -> bool {
        match self.peek() {
            None | Some('*' | '+' | '?' | '{' | '}' | ']') => false,
            Some('(') => {
                self.depth += 1;
                if self.depth > DEEPEST {
                    return false;
                }
                self.skip('(');
                self.into.push_str("(?:");
                let closed = self.branches() && self.take(')');
                self.depth -= 1;
                closed
            }
            Some('.') => {
                self.skip('.');
                self.into.push_str(r"[^\n\r]");
                true
            }
            Some('^') => {
                self.skip('^');
                self.into.push_str(r"\A");
                true
            }
            Some('$') => {
                self.skip('$');
                self.into.push_str(r"\z");
                true
            }
            Some('[') => self.class(),
            Some('\\') => self.escape(),
            Some(c) => {
                self.literal(c);
                true
            }
        }
    }

    fn quantifier(&mut self) -> bool {
        if self.take('*') || self.take('+') || self.take('?') || !self.take('{') {
            return true;
        }
        if !self.digits() {
            return false;
        }
        if self.take(',') {
            self.digits();
        }
        self.take('}')
    }

    fn digits(&mut self) -> bool {
        let mut any = false;
        while let Some(c) = self.peek().filter(char::is_ascii_digit) {
            any = self.take(c);
        }
        any
    }

    /// `\n`, `\.`, `\p{Lu}`.
    fn escape(&mut self) -> bool {
        let whole = self.rest;
        self.skip('\\');
        match self.peek() {
            Some(c @ ('n' | 'r' | 't')) => {
                self.skip(c);
                self.into.extend(['\\', c]);
                true
            }
            Some(c) if "()*+-.?[\\]^{|}".contains(c) => {
                self.literal(c);
                true
            }
            Some(c @ ('p' | 'P')) => {
                self.skip(c);
                let category = self.rest.strip_prefix('{').and_then(|rest| rest.split_once('}'));
                let Some((category, rest)) = category.filter(|(name, _)| is_category(name)) else {
                    self.rest = whole;
                    return false;
                };
                self.rest = rest;
                // Writing to a string cannot fail.
                _ = write!(self.into, r"\{c}{{{category}}}");
                true
            }
            _ => {
                self.rest = whole;
                false
            }
        }
    }

    /// `[^a-z]`.
    fn class(&mut self) -> bool {
        let whole = self.rest;
        let closed = self.class_items();
        if !closed {
            self.rest = whole;
        }
        closed
    }

    fn class_items(&mut self) -> bool {
        self.take('[');
        self.take('^');
        let mut first = true;
        loop {
            match self.peek() {
                None => return false,
                Some(']') => return !first && self.take(']'),
                Some('-') => {
                    // Only at the beginning and the end.
                    if !first && !self.rest.starts_with("-]") {
                        return false;
                    }
                    self.literal('-');
                }
                Some(_) => {
                    let category = self.rest.starts_with("\\p") || self.rest.starts_with("\\P");
                    if !self.class_character() {
                        return false;
                    }
                    let ranges = self.rest.starts_with('-') && !self.rest.starts_with("-]");
                    if ranges && (category || !self.take('-') || !self.class_character()) {
                        return false;
                    }
                }
            }
            first = false;
        }
    }

    fn class_character(&mut self) -> bool {
        match self.peek() {
            None | Some('[' | ']' | '-') => false,
            Some('\\') => self.escape(),
            Some(c) => {
                self.literal(c);
                true
            }
        }
    }
}

/// RFC 9485 section 4, `IsCategory`.
fn is_category(name: &str) -> bool {
    let mut letters = name.chars();
    let (first, second, more) = (letters.next(), letters.next(), letters.next());
    let seconds = match first {
        Some('L') => "lmotu",
        Some('M') => "cen",
        Some('N') => "dlo",
        Some('P') => "cdefios",
        Some('Z') => "lps",
        Some('S') => "ckmo",
        Some('C') => "cfno",
        _ => return false,
    };
    more.is_none() && second.is_none_or(|second| seconds.contains(second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_what_the_rfc_says() {
        for (pattern, text, whole, fits) in [
            ("a.c", "abc", true, true),
            ("a.c", "a\nc", true, false),
            ("a.c", "a\rc", true, false),
            ("a.c", "a\u{2028}c", true, true),
            ("b", "abc", true, false),
            ("b", "abc", false, true),
            ("a|b", "xb", true, false),
            ("[a-c]{2,3}", "abc", true, true),
            ("[a-c]{2}", "abc", true, false),
            ("[-a]", "-", true, true),
            ("[a-]", "-", true, true),
            ("[^a]", "b", true, true),
            ("[&~]", "&", true, true),
            ("[a&&b]", "&", true, true),
            (r"[\]x]", "]", true, true),
            (r"\p{Lu}\P{L}", "A1", true, true),
            ("#a b", "#a b", true, true),
            ("(a|b)*", "", true, true),
            ("", "", true, true),
            ("^b", "ab", false, false),
            ("b$", "bc", false, false),
        ] {
            let read = Pattern::new(pattern, whole).unwrap();
            assert_eq!(read.is_match(text), fits, "{pattern} {text:?}");
        }
    }

    #[test]
    fn what_is_not_a_pattern_is_refused() {
        let deep = "(".repeat(60) + &")".repeat(60);
        let patterns = [
            r"\d",
            r"\w+",
            "a**",
            "(",
            ")",
            "[",
            "[]",
            "[a-b-c]",
            "a{",
            "a{,2}",
            "(?i)a",
            r"\p{X}",
            r"\",
            "a{2}{3}",
            "*a",
            "[a-\\p{L}]",
            &deep,
        ];
        for pattern in patterns {
            assert!(Pattern::new(pattern, true).is_err(), "{pattern}");
        }
    }
}
