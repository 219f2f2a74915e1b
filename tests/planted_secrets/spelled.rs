//! Ways to write bytes that leave them readable.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::assert_silent;

/// What stands between two bytes, and how each is spelled.
type Spelling = (&'static str, fn(u8) -> String);

/// How bytes are spelled.
pub const SPELLINGS: [Spelling; 8] = [
    (":", |byte| format!("{byte:02x}")),
    ("-", |byte| format!("{byte:02X}")),
    (" ", |byte| format!("{byte:02x}")),
    (", ", |byte| format!("0x{byte:02X}")),
    (",", |byte| byte.to_string()),
    (", ", |byte| byte.cast_signed().to_string()),
    ("", |byte| format!("\\x{byte:02x}")),
    ("", |byte| format!("\\{byte:03o}")),
];

/// RFC 2045, section 6.7, in lines of 76 characters.
pub fn quoted_printable(text: &str) -> String {
    let (mut code, mut line) = (String::new(), 0);
    for byte in text.bytes() {
        let piece = match byte {
            b'=' | 0..=32 | 127.. => format!("={byte:02X}"),
            plain => char::from(plain).to_string(),
        };
        if line + piece.len() > 75 {
            code.push_str("=\r\n");
            line = 0;
        }
        line += piece.len();
        code.push_str(&piece);
    }
    code
}

/// RFC 4648, section 6.
pub fn base32(bytes: &[u8]) -> String {
    let bits: String = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    let digits = bits.as_bytes().chunks(5).map(|bits| {
        let bits = std::str::from_utf8(bits).unwrap();
        usize::from_str_radix(&format!("{bits:0<5}"), 2).unwrap()
    });
    digits.map(|digit| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[digit])).collect()
}

/// Nothing that is in base64, however deep, has the secret either.
pub fn assert_silent_within(name: &str, text: &str, secret: &str) {
    let belongs = |c: char| c.is_ascii_alphanumeric() || "+/-_".contains(c);
    for run in text.split(|c| !belongs(c)).filter(|run| run.len() > 20) {
        let run = run.replace('-', "+").replace('_', "/");
        // What was masked in it leaves a part that begins anywhere.
        for from in 0..4 {
            let code = run.get(from..).unwrap_or_default();
            let whole = code.get(..code.len() / 4 * 4).unwrap_or_default();
            let Ok(within) = STANDARD.decode(whole) else { continue };
            let within = String::from_utf8_lossy(&within);
            assert_silent(name, &within, secret);
            if within.is_ascii() {
                assert_silent_within(name, &within, secret);
            }
        }
    }
}
