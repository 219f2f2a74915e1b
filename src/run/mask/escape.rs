//! The ways to escape and to encode a text.

/// A way to escape or to encode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    /// The escapes of JSON (RFC 8259 section 7) and its kin: `\u{..}`, `\U........`, and bytes as
    /// `\x..` and `\...`, in octal digits.
    Json,
    /// Percent-encoding (RFC 3986 section 2.1).
    Percent,
    /// The same with a plus for a space.
    Form,
    /// The references of XML (XML 1.0 section 4.1) and HTML.
    Markup,
    /// What a shell takes away within quotes, and between them.
    Shell,
    /// Base64 (RFC 4648), both alphabets.
    Base64,
    /// Base32 (RFC 4648).
    Base32,
    /// Hexadecimal digits.
    Hex,
    /// Bytes that are spelled one by one.
    Spelled,
    /// Quoted-printable (RFC 2045 section 6.7).
    Quoted,
    /// Text in UTF-16 of which each byte is read as a character.
    Utf16,
    /// Lines of one length, as base64 is broken into (RFC 2045 section 6.8).
    Folded,
}

impl Escape {
    /// The filter of a shell that does it; none where there is none that fits.
    pub(super) fn filter(self) -> Option<&'static str> {
        match self {
            Self::Json => Some("jq -sR . | sed 's/^.//;s/.$//'"),
            Self::Percent | Self::Form => Some("jq -sRr @uri"),
            Self::Markup => Some("sed 's/&/\\&amp;/g;s/</\\&lt;/g;s/>/\\&gt;/g'"),
            Self::Shell
            | Self::Base64
            | Self::Base32
            | Self::Hex
            | Self::Spelled
            | Self::Quoted
            | Self::Utf16
            | Self::Folded => None,
        }
    }
}
