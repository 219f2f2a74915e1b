//! The action that a request names beside its message.

/// The action of a request: from the `SOAPAction` header (SOAP 1.1 section 6.1.1), else from the
/// `action` parameter of the content type (SOAP 1.2 part 2, appendix A.3). Without quotes; an
/// empty action is `Some` of the empty text.
pub fn action(soap_action: Option<&str>, content_type: Option<&str>) -> Option<String> {
    match soap_action {
        Some(header) => Some(unquote(header.trim())),
        None => parameter(content_type?, "action"),
    }
}

/// The parameter of a media type (RFC 9110 section 5.6.6); names are the same in any case.
fn parameter(media_type: &str, wanted: &str) -> Option<String> {
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

fn unquote(text: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_action_is_found_without_its_quotes() {
        let soap12 = "application/soap+xml; charset=\"a;action=b\"; Action=\"urn:\\\"x;y\"";
        let cases = [
            (Some("\"urn:x\""), None, Some("urn:x")),
            (Some(" urn:x "), Some(soap12), Some("urn:x")),
            (Some("\"\""), None, Some("")),
            (Some(""), None, Some("")),
            (None, Some(soap12), Some("urn:\"x;y")),
            (None, Some("application/soap+xml;action=urn:x"), Some("urn:x")),
            (None, Some("text/xml; charset=utf-8"), None),
            (None, None, None),
        ];
        for (header, content_type, expected) in cases {
            let found = action(header, content_type);
            assert_eq!(found.as_deref(), expected, "{header:?} {content_type:?}");
        }
    }
}
