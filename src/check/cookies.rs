//! Cookies of answers (RFC 6265 section 4.1), each of which is a header `Set-Cookie`.

use http::header::SET_COOKIE;

use super::Checker;
use super::records;
use super::scope::Scope;
use crate::model::{Header, Text, TextPart};
use crate::source::Located;
use crate::syntax::{Node, NodeKind, ReadNode};

/// The attributes that hold something, as specs and as cookies have them.
const ATTRIBUTES: [(&str, &str); 4] =
    [("path", "Path"), ("domain", "Domain"), ("maxAge", "Max-Age"), ("expires", "Expires")];

impl<'n> Checker<'n> {
    /// `cookies`: values by name, or values with attributes.
    pub(super) fn cookies(&mut self, node: &'n Node, scope: &Scope) -> Vec<Header> {
        let members = self.read_members(node);
        members.iter().filter_map(|(name, node)| self.cookie(name, node, scope)).collect()
    }

    fn cookie(&mut self, name: &Located<String>, node: &'n Node, scope: &Scope) -> Option<Header> {
        // A cookie's name is a token, as a header's is (RFC 6265 section 4.1.1).
        if http::HeaderName::from_bytes(name.value.as_bytes()).is_err() {
            let message = format!("`{}` is not a valid name of a cookie", name.value);
            self.error("bad-header", message, &name.span, "cannot be sent");
            return None;
        }
        let mut parts = vec![TextPart::Literal(format!("{}=", name.value).into())];
        if !matches!(node.kind, NodeKind::Map(_)) {
            parts.extend(self.cookie_part(node, scope)?);
            return Some(header(parts));
        }
        let mut mapping = self.open(node, records::COOKIES.called("a cookie"))?;
        let value = mapping.require("value");
        parts.extend(value.and_then(|node| self.cookie_part(node, scope))?);
        for (key, attribute) in ATTRIBUTES {
            let Some(node) = mapping.take(key) else { continue };
            parts.push(TextPart::Literal(format!("; {attribute}=").into()));
            parts.extend(self.cookie_part(node, scope)?);
        }
        for (key, attribute) in [("secure", "; Secure"), ("httpOnly", "; HttpOnly")] {
            let is_set = mapping.take(key).and_then(|node| self.read_boolean(node));
            if is_set == Some(true) {
                parts.push(TextPart::Literal(attribute.into()));
            }
        }
        if let Some(node) = mapping.take("sameSite") {
            let words = ["Strict", "Lax", "None"].map(|word| (word, word));
            let site = self.read_word(node, "sameSite", &words)?;
            parts.push(TextPart::Literal(format!("; SameSite={site}").into()));
        }
        mapping.finish();
        Some(header(parts))
    }

    /// What stands in a cookie, where what is fixed of it has nothing that ends it.
    fn cookie_part(&mut self, node: &'n Node, scope: &Scope) -> Option<Vec<TextPart>> {
        let written = self.text(node, scope)?;
        let ends = |part: &TextPart| match part {
            TextPart::Literal(text) => text.contains(|c: char| c == ';' || c.is_control()),
            TextPart::Expression(_) => false,
        };
        if written.parts.iter().any(ends) {
            let message = "nothing in a cookie can hold `;` or a control character";
            self.error("bad-header", message, &node.span, "ends it");
            return None;
        }
        Some(written.parts)
    }
}

fn header(parts: Vec<TextPart>) -> Header {
    let header = Header::new(SET_COOKIE, "Set-Cookie".into(), Text { parts });
    Header { cookie: true, ..header }
}
