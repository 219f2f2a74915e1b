//! From bytes to text, and from there to whatever is made of a document.

use std::borrow::Cow;
use std::sync::Arc;

use memchr::memmem;

use super::declaration;
use super::element::{Element, Elements};
use super::read::{Build, read};
use super::value::{Tree, Values};
use crate::wire::encoding::Encoding;
use crate::wire::{DecodeError, Decoded, Limits, Positions};

/// Reads a document into its root element. The encoding is the one that a byte order mark or the
/// document's declaration says, else UTF-8; a document type definition and any entity but the
/// predefined ones are refused.
pub fn decode_element(body: &[u8], limits: &Limits) -> Result<Element, DecodeError> {
    decode_element_in(body, None, limits)
}

/// As [`decode_element`], but in the encoding that the media type names.
pub fn decode_element_in(
    body: &[u8],
    charset: Option<Encoding>,
    limits: &Limits,
) -> Result<Element, DecodeError> {
    let mut elements = Elements::default();
    build(body, charset, limits, &mut elements)?;
    elements.root.ok_or_else(|| DecodeError::at(body, 0, "the document has no root element"))
}

/// A document as a tree, of the elements in these namespaces.
pub(super) fn decode_value(
    body: &[u8],
    charset: Option<Encoding>,
    limits: &Limits,
    namespaces: &[Arc<str>],
) -> Result<Decoded, DecodeError> {
    let mut values = Values::new(namespaces, body.len());
    let transcoded = build(body, charset, limits, &mut values)?;
    let Tree { root, content: value, ends, filled } = values.finish();
    if let Some((name, end)) = filled {
        let shown = transcoded.as_deref().map_or(body, str::as_bytes);
        // XML Schema part 1, section 3.3.4.
        let message = format!("the element `{name}` says that it is nil, and is not empty");
        return Err(DecodeError::at(shown, end, message));
    }
    Ok(Decoded { root, value, positions: Positions::new(ends, transcoded) })
}

/// Reads a document. Gives its text where that is not what the bytes are.
pub(in crate::wire) fn build(
    body: &[u8],
    charset: Option<Encoding>,
    limits: &Limits,
    build: &mut impl Build,
) -> Result<Option<String>, DecodeError> {
    let marked = Encoding::of_mark(body);
    // RFC 7303 section 3: a byte order mark says more than a media type, and that more than the
    // document.
    let labelled = marked.map(|(encoding, _)| encoding).or(charset);
    let encoding = match labelled {
        Some(encoding) => encoding,
        None => of_document(body)?,
    };
    let text = encoding.decode(body)?;
    // The positions in UTF-8 are those in the body.
    let skipped = match &text {
        Cow::Borrowed(text) => body.len() - text.len(),
        Cow::Owned(_) => 0,
    };
    let shown = if skipped > 0 { body } else { text.as_bytes() };
    read(&text, skipped, labelled.is_some(), limits, build)
        .map_err(|(at, message)| DecodeError::at(shown, at + skipped, message))?;
    Ok(match text {
        Cow::Borrowed(_) => None,
        Cow::Owned(text) => Some(text),
    })
}

/// The encoding of a document by itself, where that can be read (XML 1.0 appendix F).
pub fn encoding_of(body: &[u8]) -> Option<Encoding> {
    of_document(body).ok()
}

/// The same, or why it cannot be.
fn of_document(body: &[u8]) -> Result<Encoding, DecodeError> {
    match body {
        [0, b'<', 0, _, ..] => return Ok(Encoding::utf_16(true)),
        [b'<', 0, _, 0, ..] => return Ok(Encoding::utf_16(false)),
        _ => {}
    }
    if declaration::usual_length(body) > 0 {
        return Ok(Encoding::UTF_8);
    }
    let Some(label) = declared(body) else { return Ok(Encoding::UTF_8) };
    match Encoding::of_label(label) {
        Some(encoding) if encoding.is_wide() => {
            let message = format!("the document declares the encoding `{label}`, and is not in it");
            Err(DecodeError::at(body, 0, message))
        }
        Some(encoding) => Ok(encoding),
        None => Err(DecodeError::at(body, 0, format!("the encoding `{label}` is not supported"))),
    }
}

/// The label in the declaration of a document.
fn declared(body: &[u8]) -> Option<&str> {
    let declaration = body.strip_prefix(b"<?xml")?;
    let end = memmem::find(declaration.get(..200).unwrap_or(declaration), b"?>")?;
    let declaration = std::str::from_utf8(declaration.get(..end)?).ok()?;
    let (_, rest) = declaration.split_once("encoding")?;
    rest.split(['"', '\'']).nth(1)
}
