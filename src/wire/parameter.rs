//! Parameters of media types, such as `charset`.

/// The parameter of a media type (RFC 9110 section 5.6.6) without its quotes; names are the same
/// in any case.
pub fn parameter(media_type: &str, wanted: &str) -> Option<String> {
    // Most media types have at most one, without quotes.
    if !media_type.contains(';') {
        return None;
    }
    let mut parts = outside_of_quotes(media_type).into_iter().skip(1);
    parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case(wanted).then(|| unquote(value.trim()))
    })
}

/// Splits at the semicolons that are not in quotes.
fn outside_of_quotes(text: &str) -> Vec<&str> {
    let mut quoted = false;
    let mut escaped = false;
    text.split(|character| {
        let is_escaped = std::mem::take(&mut escaped);
        match character {
            '\\' if quoted && !is_escaped => escaped = true,
            '"' if !is_escaped => quoted = !quoted,
            _ => {}
        }
        character == ';' && !quoted
    })
    .collect()
}

/// A quoted string without its quotes and escapes; any other text as it is.
pub(super) fn unquote(text: &str) -> String {
    let Some(inner) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return text.to_owned();
    };
    let mut unquoted = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => unquoted.extend(characters.next()),
            other => unquoted.push(other),
        }
    }
    unquoted
}
