//! The action that a request names beside its message.

use std::borrow::Cow;

use crate::wire::parameter::{parameter, unquote};

/// The action of a request: from the `SOAPAction` header (SOAP 1.1 section 6.1.1), else from the
/// `action` parameter of the content type (SOAP 1.2 part 2, appendix A.3). Without quotes; an
/// empty action is `Some` of the empty text.
pub fn action(soap_action: Option<&str>, content_type: Option<&str>) -> Option<String> {
    match soap_action {
        Some(header) => Some(unquote(header.trim()).into_owned()),
        None => parameter(content_type?, "action").map(Cow::into_owned),
    }
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
