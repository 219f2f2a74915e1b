//! The headers of a part.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::wire::encoding::Encoding;

/// A parameter of a header such as `form-data; name="a"`, without the quotes and escapes of its
/// writer. Its extended notation (RFC 8187) goes before the plain one.
pub fn parameter(header: &str, name: &str) -> Option<String> {
    let mut plain = None;
    for (known, value) in parameters(header) {
        if known.strip_suffix('*').is_some_and(|known| known.eq_ignore_ascii_case(name)) {
            if let Some(value) = extended(&value) {
                return Some(value);
            }
        } else if plain.is_none() && known.eq_ignore_ascii_case(name) {
            plain = Some(value);
        }
    }
    plain
}

/// The names and values behind the first `;`.
fn parameters(header: &str) -> Vec<(&str, String)> {
    let mut found = Vec::new();
    let mut rest = header.split_once(';').map_or("", |(_, rest)| rest);
    while let Some((name, after)) = rest.split_once('=') {
        // One without a value is passed over.
        let name = name.rsplit(';').next().unwrap_or_default().trim();
        let after = after.trim_start_matches([' ', '\t']);
        let value;
        (value, rest) = match after.strip_prefix('"') {
            Some(quoted) => unquoted(quoted),
            None => {
                let (value, rest) = after.split_once(';').unwrap_or((after, ""));
                (value.trim_end().to_owned(), rest)
            }
        };
        found.push((name, value));
    }
    found
}

/// What stands in quotes, of which the first one is gone, and what comes after them.
///
/// A backslash escapes a quote and itself, and is itself elsewhere, since some send the paths of
/// Windows.
fn unquoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\\']) {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        value.push_str(before);
        let after = from.get(1..).unwrap_or_default();
        if from.starts_with('"') {
            return (value, after.split_once(';').map_or("", |(_, rest)| rest));
        }
        // A backslash at the very end of a name escapes nothing.
        let escaped = after.starts_with('\\')
            || after.strip_prefix('"').is_some_and(|behind| behind.contains('"'));
        match after.chars().next().filter(|_| escaped) {
            Some(character) => value.push(character),
            None => value.push('\\'),
        }
        rest = if escaped { after.get(1..).unwrap_or_default() } else { after };
    }
    value.push_str(rest);
    (value, "")
}

/// `UTF-8'en'%e2%82%ac`.
fn extended(value: &str) -> Option<String> {
    let mut parts = value.splitn(3, '\'');
    let charset = Encoding::of_label(parts.next()?)?;
    let bytes: Vec<u8> = percent_decode_str(parts.nth(1)?).collect();
    Some(charset.decode(&bytes).ok()?.into_owned())
}

/// A name as browsers wrote it: they have no other way to send a quote or the end of a line.
pub(super) fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let escapes = [("%22", "\""), ("%0D", "\r"), ("%0d", "\r"), ("%0A", "\n"), ("%0a", "\n")];
    let replaced = escapes.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    Cow::Owned(replaced)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_as_clients_write_them() {
        let cases = [
            (r#"form-data; name="a""#, Some("a")),
            ("form-data; name=a", Some("a")),
            ("form-data;name = a ;x=y", Some("a")),
            (r#"form-data; NAME="a; name=b""#, Some("a; name=b")),
            (r#"form-data; filename="name=x"; name=b"#, Some("b")),
            (r#"form-data; odd; name="b""#, Some("b")),
            (r#"form-data; name="a \"b\" \\ c""#, Some(r#"a "b" \ c"#)),
            (r#"form-data; name="C:\temp\a.txt""#, Some(r"C:\temp\a.txt")),
            (r#"form-data; name="a\""#, Some(r"a\")),
            (r#"form-data; name="a"#, Some("a")),
            (r#"form-data; name="""#, Some("")),
            (r#"form-data; name="e"; name*=UTF-8''%e2%82%ac"#, Some("€")),
            (r#"form-data; name*=iso-8859-1'de'%e4; name="e""#, Some("ä")),
            (r#"form-data; name*=nothing; name="e""#, Some("e")),
            ("form-data; filename=a", None),
            ("form-data", None),
            ("", None),
        ];
        for (header, expected) in cases {
            assert_eq!(parameter(header, "name").as_deref(), expected, "{header}");
        }
    }
}
