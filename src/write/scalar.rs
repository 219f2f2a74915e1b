//! Texts and keys: plain where YAML reads them as what they are, else in quotes.

use std::fmt::Write as _;

/// Words that some reader of YAML takes for something other than a text.
const WORDS: [&str; 10] = ["true", "false", "yes", "no", "on", "off", "y", "n", "null", "~"];

/// A text on one line; `inside` brackets some characters mean more.
pub(super) fn text(text: &str, inside: bool) -> String {
    if is_plain(text, inside) && !looks_like_another(text) { text.to_owned() } else { quoted(text) }
}

/// A key of a mapping. A number is a text there anyway.
pub(super) fn key(key: &str) -> String {
    let digits = !key.is_empty() && key.len() < 10 && key.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits && (key.len() == 1 || !key.starts_with('0'));
    if number { key.to_owned() } else { text(key, true) }
}

/// Whether the characters are those of a plain text.
fn is_plain(text: &str, inside: bool) -> bool {
    let first = text.chars().next();
    let begins = first.is_some_and(|c| c.is_alphanumeric() || "/_(.$^<+".contains(c));
    let odd = |c: char| {
        let bracket = inside && "{}[],\"'`".contains(c);
        bracket || c.is_control() || c.is_whitespace() && c != ' ' || is_hidden(c)
    };
    begins
        && !text.contains(odd)
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.contains("${")
        && text != "<<"
}

/// Whether a plain text would be, or would look like, a number, a boolean or nothing.
fn looks_like_another(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    if WORDS.contains(&lower.as_str()) {
        return true;
    }
    let date = text.len() >= 10
        && text.bytes().take(10).enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    text.starts_with(|c: char| c.is_ascii_digit() || "+.".contains(c))
        && !date
        && !text.contains(' ')
        && !text.contains('/')
}

/// Characters that break lines for some readers, or that cannot be seen.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{85}' | '\u{a0}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}')
}

/// A text in quotes: double ones, unless they would need escapes that single ones do not.
pub(super) fn quoted(text: &str) -> String {
    let escapes = text.contains(['"', '\\']);
    let single = !text.contains('\'') && !text.contains(|c: char| c.is_control() || is_hidden(c));
    if escapes && single && !text.contains(|c: char| c.is_whitespace() && c != ' ') {
        return format!("'{text}'");
    }
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || is_hidden(c) => {
                let _ = match u32::from(c) {
                    code @ ..=0xff => write!(out, "\\x{code:02x}"),
                    code => write!(out, "\\u{code:04x}"),
                };
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The header of a literal block (`|`), if that shows the text as it is.
pub(super) fn literal_header(text: &str) -> Option<&'static str> {
    let body = text.strip_suffix('\n');
    let lines = body.unwrap_or(text);
    let whole = !lines.is_empty()
        && lines.contains('\n')
        && !lines.starts_with([' ', '\n'])
        && !lines.ends_with('\n')
        && lines.split('\n').all(|line| !line.ends_with([' ', '\t']) && !line.starts_with('\t'))
        && !lines.contains(|c: char| c.is_control() && c != '\n' && c != '\t' || is_hidden(c));
    whole.then_some(if body.is_some() { "|" } else { "|-" })
}

/// The lines of a text that is folded (`>-`) at a width, if folding leaves it as it is.
pub(super) fn folded(text: &str, width: usize) -> Option<Vec<String>> {
    let odd = |c: char| c.is_whitespace() && c != ' ' || c.is_control() || is_hidden(c);
    if text.is_empty() || text.contains(odd) || text.contains("  ") {
        return None;
    }
    if text.starts_with(' ') || text.ends_with(' ') {
        return None;
    }
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    Some(lines)
}
