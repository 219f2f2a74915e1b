//! Documents in other encodings than UTF-8.

use crate::wire::EncodeError;
use crate::wire::encoding::{Encoding, Unmappable};

/// Appends a document that was written in UTF-8. What the encoding does not have becomes a
/// character reference, which a name cannot have.
pub(super) fn transcode(
    document: Vec<u8>,
    charset: Encoding,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let text = String::from_utf8(document).map_err(|error| EncodeError::new(error.to_string()))?;
    if let Some(character) = in_tags(&text).find(|character| !charset.has(*character)) {
        let code = u32::from(character);
        let name = charset.name();
        let message = format!("{name} does not have the character U+{code:04X}, as a name does");
        return Err(EncodeError::new(message));
    }
    charset.encode(&text, Unmappable::Reference, out)
}

/// The characters in tags, without those of attributes' values.
fn in_tags(text: &str) -> impl Iterator<Item = char> {
    let (mut tag, mut quoted) = (false, false);
    text.chars().filter(move |character| {
        match character {
            '<' => tag = true,
            '>' => (tag, quoted) = (false, false),
            '"' if tag => quoted = !quoted,
            _ => {}
        }
        tag && !quoted
    })
}
