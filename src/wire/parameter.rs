//! Parameters of media types, such as `charset`.

use std::borrow::Cow;

use memchr::memchr;

/// The parameter of a media type (RFC 9110 section 5.6.6) without its quotes; names are the same
/// in any case.
pub fn parameter<'m>(media_type: &'m str, wanted: &str) -> Option<Cow<'m, str>> {
    let wanted = |part: &'m str| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case(wanted).then(|| unquote(value.trim()))
    };
    // Most have none, or no quotes.
    let (_, parameters) = media_type.split_at_checked(memchr(b';', media_type.as_bytes())?)?;
    match memchr(b'"', media_type.as_bytes()) {
        None => parameters.split(';').skip(1).find_map(wanted),
        Some(_) => outside_of_quotes(media_type).skip(1).find_map(wanted),
    }
}

/// Splits at the semicolons that are not in quotes.
fn outside_of_quotes(text: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let mut escaped = false;
    text.split(move |character| {
        let is_escaped = std::mem::take(&mut escaped);
        match character {
            '\\' if quoted && !is_escaped => escaped = true,
            '"' if !is_escaped => quoted = !quoted,
            _ => {}
        }
        character == ';' && !quoted
    })
}

/// A quoted string without its quotes and escapes; any other text as it is.
pub(super) fn unquote(text: &str) -> Cow<'_, str> {
    let Some(inner) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return Cow::Borrowed(text);
    };
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    let mut unquoted = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => unquoted.extend(characters.next()),
            other => unquoted.push(other),
        }
    }
    Cow::Owned(unquoted)
}
