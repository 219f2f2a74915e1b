//! Finding a text whatever was escaped in it.
//!
//! Which characters are escaped differs from writer to writer: a form escapes what a path does
//! not, one JSON writer writes `/` as it is and another `\/`. So each character may stand as it
//! is or in any of the forms in which it can go over the wire.

/// How a text was escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    /// It stands as it is.
    None,
    /// Percent-encoding (RFC 3986 section 2.1), with a plus for a space in forms.
    Percent,
    /// The escapes of JSON (RFC 8259 section 7).
    Json,
    /// The references of XML (XML 1.0 section 4.1).
    Xml,
}

/// Where in `text` the `wanted` one stands first: its start, its length there, and how it is
/// escaped.
pub(super) fn find(text: &str, wanted: &str) -> Option<(usize, usize, Escape)> {
    let first = wanted.chars().next()?;
    let begins = |c: char| c == first || matches!(c, '%' | '+' | '\\' | '&');
    let starts = text.char_indices().filter(|(_, character)| begins(*character));
    let mut starts = starts.filter_map(|(at, _)| {
        let (length, escape) = prefix(text.get(at..)?, wanted)?;
        Some((at, length, escape))
    });
    starts.next()
}

const PLAIN_FIRST: [Escape; 4] = [Escape::None, Escape::Percent, Escape::Json, Escape::Xml];
const PLAIN_LAST: [Escape; 4] = [Escape::Percent, Escape::Json, Escape::Xml, Escape::None];

/// How much of `text` is the `wanted` one, if it begins with that. A backslash, say, is also the
/// beginning of an escaped one; which it is shows only behind it, so both are tried.
fn prefix(text: &str, wanted: &str) -> Option<(usize, Escape)> {
    [PLAIN_FIRST, PLAIN_LAST].iter().find_map(|order| {
        let (mut rest, mut escape) = (text, Escape::None);
        for character in wanted.chars() {
            let (form, behind) = next(rest, character, order)?;
            rest = behind;
            if form != Escape::None {
                escape = form;
            }
        }
        Some((text.len() - rest.len(), escape))
    })
}

/// Whether `text` is a part of the `wanted` one from its beginning on; an escape at the end of it
/// may be cut too.
pub(super) fn begins(text: &str, wanted: &str) -> bool {
    let follows = |order: &[Escape]| {
        let mut rest = text;
        for character in wanted.chars() {
            if rest.is_empty() {
                break;
            }
            match next(rest, character, order) {
                Some((_, behind)) => rest = behind,
                // Which character it would have become cannot be told any more.
                None => return is_begun(rest),
            }
        }
        rest.is_empty()
    };
    !text.is_empty() && (follows(&PLAIN_FIRST) || follows(&PLAIN_LAST))
}

/// What follows a character, in the first of these forms in which it is there.
fn next<'t>(text: &'t str, character: char, order: &[Escape]) -> Option<(Escape, &'t str)> {
    order.iter().find_map(|form| Some((*form, strip(text, character, *form)?)))
}

/// Whether it begins like an escape and breaks off before its end.
fn is_begun(escape: &str) -> bool {
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_hexdigit());
    match escape.split_at_checked(1) {
        Some(("%", rest)) => rest.len() < 2 && digits(rest),
        Some(("\\", "")) => true,
        Some(("\\", rest)) => rest
            .strip_prefix('u')
            .is_some_and(|rest| rest.len() < 10 && digits(&rest.replace("\\u", ""))),
        Some(("&", rest)) => {
            rest.len() < 8 && rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '#')
        }
        _ => false,
    }
}

fn strip(text: &str, character: char, form: Escape) -> Option<&str> {
    match form {
        Escape::None => text.strip_prefix(character),
        Escape::Percent => percent(text, character),
        Escape::Json => json(text.strip_prefix('\\')?, character),
        Escape::Xml => {
            let (name, behind) = text.strip_prefix('&')?.split_once(';')?;
            (reference(name)? == character).then_some(behind)
        }
    }
}

fn percent(text: &str, character: char) -> Option<&str> {
    if character == ' '
        && let Some(behind) = text.strip_prefix('+')
    {
        return Some(behind);
    }
    let mut bytes = [0; 4];
    let mut rest = text;
    for byte in character.encode_utf8(&mut bytes).bytes() {
        let behind = rest.strip_prefix('%')?;
        let digits = behind.get(..2)?;
        if u8::from_str_radix(digits, 16).ok()? != byte {
            return None;
        }
        rest = behind.get(2..)?;
    }
    Some(rest)
}

fn json(text: &str, character: char) -> Option<&str> {
    let short = match character {
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{c}' => 'f',
        '\r' => 'r',
        '"' | '\\' | '/' => character,
        // What has no short form of its own.
        _ => '\0',
    };
    if let Some(behind) = text.strip_prefix(short) {
        return Some(behind);
    }
    let mut units = [0; 2];
    let mut rest = text;
    for (at, unit) in character.encode_utf16(&mut units).iter().enumerate() {
        let behind = rest.strip_prefix(if at == 0 { "u" } else { "\\u" })?;
        if u16::from_str_radix(behind.get(..4)?, 16).ok()? != *unit {
            return None;
        }
        rest = behind.get(4..)?;
    }
    Some(rest)
}

fn reference(name: &str) -> Option<char> {
    let number = match name {
        "amp" => return Some('&'),
        "lt" => return Some('<'),
        "gt" => return Some('>'),
        "quot" => return Some('"'),
        "apos" => return Some('\''),
        _ => name.strip_prefix('#')?,
    };
    let number = match number.strip_prefix('x') {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => number.parse().ok()?,
    };
    char::from_u32(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_however_it_is_escaped() {
        let wanted = "p~&s \"w</ö\u{1f600}";
        for (text, escape) in [
            ("p~&s \"w</ö\u{1f600}", Escape::None),
            ("p%7E%26s%20%22w%3C%2F%C3%B6%F0%9F%98%80", Escape::Percent),
            ("p~%26s+%22w%3c%2f%c3%b6\u{1f600}", Escape::Percent),
            ("p~&s \\\"w<\\/\\u00f6\\ud83d\\ude00", Escape::Json),
            ("p~\\u0026s \\\"w\\u003c/ö\u{1f600}", Escape::Json),
            ("p~&amp;s &quot;w&lt;/&#246;&#x1F600;", Escape::Xml),
        ] {
            let around = format!("öp~p{text}ö");
            assert_eq!(find(&around, wanted), Some(("öp~p".len(), text.len(), escape)), "{text}");
        }
        for text in [r"a\b", r"a\\b", "a%5Cb", "a%5cb"] {
            assert_eq!(find(text, "a\\b").map(|found| found.1), Some(text.len()), "{text}");
        }
        for text in ["", "p~", "p%7", "p%é", "p\\u00", "p~&am;s", "%", "&", "\\"] {
            assert_eq!(find(text, wanted), None, "{text}");
        }
        assert_eq!(find("anything", ""), None);
    }
}
