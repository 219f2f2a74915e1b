//! Good bodies made bad.

use super::vendors::Vendor;

/// The largest body that is taken.
pub(crate) const BODY_LIMIT: usize = 10 * 1024 * 1024;

const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// The good body with blanks at its end, of a length.
pub(crate) fn padded(vendor: &Vendor, length: usize) -> Vec<u8> {
    let mut body = vendor.body.replace("{name}", "padded").into_bytes();
    body.resize(length, b' ');
    body
}

fn good(vendor: &Vendor) -> String {
    vendor.body.replace("{name}", "bad")
}

pub(crate) fn replaced(vendor: &Vendor, with: &[u8]) -> Vec<u8> {
    let text = vendor.body.replacen("{name}", "\u{1}", 1).replace("{name}", "bad");
    let (before, after) = text.split_once('\u{1}').unwrap_or((&text, ""));
    [before.as_bytes(), with, after.as_bytes()].concat()
}

pub(crate) fn truncated(vendor: &Vendor) -> Vec<u8> {
    let text = good(vendor);
    text.as_bytes().iter().copied().take(text.len() * 2 / 3).collect()
}

pub(crate) fn latin_1(vendor: &Vendor) -> Vec<u8> {
    replaced(vendor, b"J\xf6rg")
}

pub(crate) fn nul(vendor: &Vendor) -> Vec<u8> {
    replaced(vendor, b"a\0b")
}

/// The good body behind a byte order mark.
pub(crate) fn marked(vendor: &Vendor) -> Vec<u8> {
    [b"\xef\xbb\xbf", good(vendor).as_bytes()].concat()
}

pub(crate) fn marked_twice(vendor: &Vendor) -> Vec<u8> {
    [b"\xef\xbb\xbf\xef\xbb\xbf", good(vendor).as_bytes()].concat()
}

/// UTF-16 that ends within a unit.
pub(crate) fn utf_16(vendor: &Vendor) -> Vec<u8> {
    let units = good(vendor);
    let units = units.encode_utf16().flat_map(u16::to_le_bytes);
    [0xff, 0xfe].into_iter().chain(units).chain([0x3c]).collect()
}

pub(crate) fn too_large(vendor: &Vendor) -> Vec<u8> {
    padded(vendor, BODY_LIMIT + 1)
}

pub(crate) fn deep_json(vendor: &Vendor) -> Vec<u8> {
    let value = format!("{}{}", "[".repeat(200), "]".repeat(200));
    good(vendor).replace("\"bad\"", &value).into_bytes()
}

pub(crate) fn deep_xml(vendor: &Vendor) -> Vec<u8> {
    replaced(vendor, format!("{}{}", "<a>".repeat(200), "</a>".repeat(200)).as_bytes())
}

pub(crate) fn entities(vendor: &Vendor) -> Vec<u8> {
    let declared = concat!(
        "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">",
        "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\"><!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;\">]>",
    );
    [declared.as_bytes(), &replaced(vendor, b"&d;")].concat()
}

pub(crate) fn undeclared_entity(vendor: &Vendor) -> Vec<u8> {
    replaced(vendor, b"&nbsp;")
}

pub(crate) fn with_doctype_file(vendor: &Vendor) -> Vec<u8> {
    let declared = "<!DOCTYPE x [<!ENTITY f SYSTEM \"file:///etc/passwd\">]>";
    [declared.as_bytes(), &replaced(vendor, b"&f;")].concat()
}

/// An envelope around an element that is no operation.
pub(crate) fn other_operation(_: &Vendor) -> Vec<u8> {
    format!("<s:Envelope xmlns:s=\"{SOAP}\"><s:Body><Person/></s:Body></s:Envelope>").into_bytes()
}
