//! Secrets in bytes, whatever these say: text in UTF-8, in another encoding, or something else.

use super::{MASKED, Mask, Piece};

/// A part of bytes.
#[derive(Debug, PartialEq, Eq)]
pub enum BytePiece {
    /// No secret.
    Plain(Vec<u8>),
    /// A secret: what gives it again between double quotes of a shell.
    Secret(String),
}

impl Mask {
    /// The parts of bytes.
    pub fn byte_pieces(&self, bytes: &[u8]) -> Vec<BytePiece> {
        let mut pieces = Pieces::default();
        for chunk in bytes.utf8_chunks() {
            for piece in self.pieces(chunk.valid()) {
                match piece {
                    Piece::Plain(plain) => pieces.plain.extend_from_slice(plain.as_bytes()),
                    Piece::Secret(shell) => pieces.secret(shell.into_owned()),
                }
            }
            pieces.plain.extend_from_slice(chunk.invalid());
        }
        let pieces = pieces.finish();
        if std::str::from_utf8(bytes).is_ok() {
            return pieces;
        }
        pieces.into_iter().flat_map(|piece| self.in_one_byte_each(piece)).collect()
    }

    /// What is not UTF-8 is likely to be ISO 8859-1 or one of its kin.
    fn in_one_byte_each(&self, piece: BytePiece) -> Vec<BytePiece> {
        let BytePiece::Plain(plain) = piece else { return vec![piece] };
        let text: String = plain.into_iter().map(char::from).collect();
        let mut pieces = Pieces::default();
        for piece in self.pieces(&text) {
            match piece {
                // Each character was a byte.
                Piece::Plain(plain) => {
                    pieces.plain.extend(plain.chars().filter_map(|c| u8::try_from(c).ok()));
                }
                Piece::Secret(shell) if shell == MASKED => pieces.secret(shell.into_owned()),
                Piece::Secret(shell) => {
                    pieces.secret(format!("$(printf %s \"{shell}\" | iconv -t ISO-8859-1)"));
                }
            }
        }
        pieces.finish()
    }

    /// The bytes without secrets.
    pub fn bytes(&self, bytes: Vec<u8>) -> Vec<u8> {
        let pieces = self.byte_pieces(&bytes);
        if let [] | [BytePiece::Plain(_)] = &*pieces {
            return bytes;
        }
        let mut masked = Vec::with_capacity(bytes.len());
        for piece in pieces {
            match piece {
                BytePiece::Plain(plain) => masked.extend(plain),
                BytePiece::Secret(_) => masked.extend_from_slice(MASKED.as_bytes()),
            }
        }
        masked
    }
}

#[derive(Default)]
struct Pieces {
    done: Vec<BytePiece>,
    plain: Vec<u8>,
}

impl Pieces {
    fn secret(&mut self, shell: String) {
        self.flush();
        self.done.push(BytePiece::Secret(shell));
    }

    fn flush(&mut self) {
        if !self.plain.is_empty() {
            self.done.push(BytePiece::Plain(std::mem::take(&mut self.plain)));
        }
    }

    fn finish(mut self) -> Vec<BytePiece> {
        self.flush();
        self.done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_hidden_in_bytes_that_are_no_utf_8() {
        let mut mask = Mask::default();
        mask.add("p&s/\u{f6}", "KEY");
        let utf16 = |order: fn(u16) -> [u8; 2], text: &str| -> Vec<u8> {
            text.encode_utf16().flat_map(order).collect()
        };
        let cases: [(Vec<u8>, &[u8]); 6] = [
            (b"\xff p&s/\xc3\xb6 \xff".to_vec(), b"\xff *** \xff"),
            (b"\xff p%26s%2F%C3%B6 ".to_vec(), b"\xff *** "),
            (b"a p&s/\xf6 \xe4".to_vec(), b"a *** \xe4"),
            (
                b"\xff\xfe".iter().copied().chain(utf16(u16::to_le_bytes, "p&s/\u{f6}")).collect(),
                b"\xff\xfe***",
            ),
            (
                b"\xfe\xff".iter().copied().chain(utf16(u16::to_be_bytes, "p&s/\u{f6}")).collect(),
                b"\xfe\xff***",
            ),
            (b"\xff p&s".to_vec(), b"\xff p&s"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(mask.bytes(bytes.clone()), expected, "{bytes:?}");
        }
        let lossy = String::from_utf8_lossy(b"a p&s/\xf6");
        assert_eq!(mask.text(&lossy), "a ***");
        let mut mask = Mask::default();
        mask.add("s3cret", "KEY");
        let ascii = String::from_utf8(utf16(u16::to_le_bytes, "s3cret")).unwrap();
        assert_eq!(mask.text(&ascii), MASKED);
        assert_eq!(mask.text(&serde_json::to_string(&ascii).unwrap()), "\"***\"");
    }

    #[test]
    fn what_a_shell_can_give_again_is_given() {
        let mut mask = Mask::default();
        mask.add("p\u{f6}", "KEY");
        let pieces = mask.byte_pieces(b"\xff p\xc3\xb6 p\xf6");
        let latin = "$(printf %s \"${KEY}\" | iconv -t ISO-8859-1)";
        let expected = [
            BytePiece::Plain(b"\xff ".to_vec()),
            BytePiece::Secret("${KEY}".to_owned()),
            BytePiece::Plain(b" ".to_vec()),
            BytePiece::Secret(latin.to_owned()),
        ];
        assert_eq!(pieces, expected);
    }
}
