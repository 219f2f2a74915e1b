//! The attributes of a start tag, and the references that stand in them and in text.

use memchr::memchr;

/// An attribute as it is written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RawAttribute<'a> {
    /// The name with its prefix; anything but white space and `=`.
    pub(super) name: &'a str,
    /// Where the name starts.
    pub(super) name_at: usize,
    /// What stands between the quotes.
    pub(super) value: &'a str,
    /// Where the value starts, behind the quote.
    pub(super) value_at: usize,
}

/// What is wrong, and where.
pub(super) type Misplaced = (usize, String);

/// Takes the next attribute off `rest`, which stands at `at`; `None` when only white space is
/// left.
pub(super) fn next<'a>(
    rest: &mut &'a str,
    at: &mut usize,
) -> Result<Option<RawAttribute<'a>>, Misplaced> {
    let before = *at;
    skip_space(rest, at);
    if rest.is_empty() {
        return Ok(None);
    }
    if *at == before {
        return Err((*at, "expected white space before an attribute".to_owned()));
    }
    let name_at = *at;
    // Letters are beyond them all, which is quicker to see.
    let ends = |byte: u8| byte <= b'=' && b" \t\n\r=\"'".contains(&byte);
    let name = take(rest, at, rest.bytes().position(ends));
    skip_space(rest, at);
    if !rest.starts_with('=') {
        return Err((*at, format!("expected `=` after the attribute name `{name}`")));
    }
    take(rest, at, Some(1));
    skip_space(rest, at);
    let Some(quote @ (b'"' | b'\'')) = rest.bytes().next() else {
        return Err((*at, format!("the value of the attribute `{name}` must be in quotes")));
    };
    take(rest, at, Some(1));
    let value_at = *at;
    let Some(length) = memchr(quote, rest.as_bytes()) else {
        return Err((*at, format!("the value of the attribute `{name}` has no closing quote")));
    };
    let value = take(rest, at, Some(length));
    take(rest, at, Some(1));
    if let Some(bracket) = memchr(b'<', value.as_bytes()) {
        return Err((value_at + bracket, "`<` is not allowed in an attribute value".to_owned()));
    }
    Ok(Some(RawAttribute { name, name_at, value, value_at }))
}

fn skip_space(rest: &mut &str, at: &mut usize) {
    let trimmed = rest.trim_ascii_start();
    *at += rest.len() - trimmed.len();
    *rest = trimmed;
}

/// Takes `length` bytes, or all when it is `None`.
fn take<'a>(rest: &mut &'a str, at: &mut usize, length: Option<usize>) -> &'a str {
    let length = length.unwrap_or(rest.len());
    let (taken, left) = rest.split_at_checked(length).unwrap_or((*rest, ""));
    *rest = left;
    *at += taken.len();
    taken
}

impl RawAttribute<'_> {
    /// Appends the value with its references resolved and its white space normalised (XML 1.0
    /// section 3.3.3).
    pub(super) fn push_value(&self, out: &mut String) -> Result<(), Misplaced> {
        let mut rest = self.value;
        let is_special = |byte: u8| byte <= b'&' && b"&\t\n\r".contains(&byte);
        while let Some(stop) = rest.bytes().position(is_special) {
            let (text, special) = rest.split_at_checked(stop).unwrap_or((rest, ""));
            out.push_str(text);
            if let Some(reference) = special.strip_prefix('&') {
                let at = self.value_at + self.value.len() - special.len();
                let Some((name, behind)) = reference.split_once(';') else {
                    return Err((at, "`&` must start a reference that ends with `;`".to_owned()));
                };
                out.push(resolve(name).map_err(|message| (at, message))?);
                rest = behind;
            } else {
                out.push(' ');
                rest = special
                    .strip_prefix("\r\n")
                    .unwrap_or_else(|| special.get(1..).unwrap_or_default());
            }
        }
        out.push_str(rest);
        Ok(())
    }
}

/// The character that the reference `&name;` stands for: one of the five predefined entities or
/// a character reference (XML 1.0 sections 4.1 and 4.6).
pub(super) fn resolve(name: &str) -> Result<char, String> {
    match name {
        "amp" => return Ok('&'),
        "lt" => return Ok('<'),
        "gt" => return Ok('>'),
        "apos" => return Ok('\''),
        "quot" => return Ok('"'),
        _ => {}
    }
    let Some(number) = name.strip_prefix('#') else {
        return Err(format!("unknown entity `&{name};`"));
    };
    let (digits, radix) = match number.strip_prefix('x') {
        Some(digits) => (digits, 16),
        None => (number, 10),
    };
    // `from_str_radix` would also take a sign.
    let code = if digits.chars().all(|digit| digit.is_digit(radix)) {
        u32::from_str_radix(digits, radix).ok()
    } else {
        None
    };
    code.and_then(char::from_u32)
        .filter(|character| {
            !matches!(character, '\0'..'\t' | '\u{B}' | '\u{C}' | '\u{E}'..' ')
                && !matches!(character, '\u{FFFE}' | '\u{FFFF}')
        })
        .ok_or_else(|| format!("`&{name};` is not a character that XML has"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(mut text: &str) -> Result<Vec<(String, String)>, Misplaced> {
        let mut at = 0;
        let mut found = Vec::new();
        while let Some(attribute) = next(&mut text, &mut at)? {
            let mut value = String::new();
            attribute.push_value(&mut value)?;
            found.push((attribute.name.to_owned(), value));
        }
        Ok(found)
    }

    #[test]
    fn attributes_are_read_with_their_references() {
        let found = all(" a='1' b:c = \"x &lt;&#x41;&#66;\r\n\ty\" ").unwrap();
        let expected = [("a", "1"), ("b:c", "x <AB  y")];
        assert_eq!(found, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn what_is_wrong_is_said_where_it_stands() {
        let cases = [
            ("a='1'", 0),
            (" a", 2),
            (" a=1", 3),
            (" a='1'b='2'", 6),
            (" a='1", 4),
            (" a='<'", 4),
            (" a='1 &nbsp;'", 6),
            (" a='&amp'", 4),
            (" a='&#0;'", 4),
            (" a='&#+65;'", 4),
            (" a='&#xD800;'", 4),
            (" a='&#;'", 4),
        ];
        for (text, at) in cases {
            assert_eq!(all(text).unwrap_err().0, at, "{text}");
        }
    }
}
