//! XML 1.0 with namespaces, without document type definitions.
//!
//! As a tree: an element with only text is a text, and an empty one the empty text. Child
//! elements are members by their local name, repeated ones a list; attributes are members
//! `@name` if they are in no namespace, `@xml:lang` and the like, and `@{namespace}name` in others;
//! those of XML Schema instances (`xsi:type`) are left out. Text beside attributes or children is
//! the member `#text`. White space between child elements is dropped, but for where
//! `xml:space="preserve"` says that it counts; in an element without child elements it is kept. An
//! empty element with `nil="true"`, in the namespace of XML Schema instances or in none, is null.

mod attributes;
mod declaration;
mod document;
mod element;
mod escape;
mod names;
mod read;
mod scope;
mod token;
mod transcode;
mod value;
mod vocabulary;
mod write;

pub(super) use document::build;
pub use document::{decode_element, decode_element_in, encoding_of};
pub use element::{Element, Nil, Node};
pub use escape::IllegalCharacters;
pub(crate) use names::{
    is_unprefixed as is_unprefixed_name, leading_unprefixed as leading_unprefixed_name,
};
pub(super) use read::{Build, Start};
pub(super) use value::{Tree, Values};
pub use write::{Declaration, EmptyStyle, NilStyle, Xml};

/// The namespace of `xsi:nil` and `xsi:type`.
pub const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The namespace that the prefix `xml` always stands for.
pub const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";

/// The prefixes that names in scenarios may have without a declaration, and what they stand for;
/// `xml` always stands for it (Namespaces in XML 1.0 section 3).
pub const BOUND_PREFIXES: [(&str, &str); 2] = [("xml", XML_NAMESPACE), ("xsi", SCHEMA_INSTANCE)];

/// The namespace of namespace declarations, which no prefix may be declared for.
const XMLNS_NAMESPACE: &str = "http://www.w3.org/2000/xmlns/";

/// The first character that XML 1.0 section 2.2 has no place for, and where it stands.
pub fn illegal_character(text: &str) -> Option<(usize, char)> {
    let bytes = text.as_bytes();
    // Few documents have any that may be one, and looking for those takes no branches.
    let suspect = |byte: u8| {
        let is_space = u8::from(byte == b'\t') | u8::from(byte == b'\n') | u8::from(byte == b'\r');
        (u8::from(byte < 0x20) & (1 - is_space)) | u8::from(byte == 0xEF)
    };
    // Pieces of a length that the compiler knows take no loop each.
    let (pieces, rest) = bytes.as_chunks::<64>();
    let is_suspect = |piece: &[u8]| piece.iter().fold(0, |any, byte| any | suspect(*byte)) > 0;
    let from = pieces.iter().position(|piece| is_suspect(piece));
    let from = from.or_else(|| is_suspect(rest).then_some(pieces.len()))?;
    let is_illegal = |(at, byte): (usize, u8)| match byte {
        b'\t' | b'\n' | b'\r' => false,
        0..0x20 => true,
        // The two noncharacters U+FFFE and U+FFFF; surrogates are not in UTF-8 at all.
        0xEF => matches!(bytes.get(at + 1..at + 3), Some([0xBF, 0xBE | 0xBF])),
        _ => false,
    };
    let at = bytes.iter().copied().enumerate().skip(from * 64).find(|byte| is_illegal(*byte))?.0;
    Some((at, text.get(at..)?.chars().next()?))
}
