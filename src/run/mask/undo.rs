//! Undoing each way to escape wherever it may have been used in a text.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::decoded::{Decoded, is_text};
use super::escape::Escape;
use super::spelled::{is_of_spelling, spelled};

/// Words shorter than this are not looked into for base64 or hexadecimal digits.
const SHORTEST_RUN: usize = 8;

const CONFIGURATION: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, CONFIGURATION);

/// The HTML names of U+00A0 to U+00FF, in order.
const LATIN: [&str; 96] = [
    "nbsp", "iexcl", "cent", "pound", "curren", "yen", "brvbar", "sect", "uml", "copy", "ordf",
    "laquo", "not", "shy", "reg", "macr", "deg", "plusmn", "sup2", "sup3", "acute", "micro",
    "para", "middot", "cedil", "sup1", "ordm", "raquo", "frac14", "frac12", "frac34", "iquest",
    "Agrave", "Aacute", "Acirc", "Atilde", "Auml", "Aring", "AElig", "Ccedil", "Egrave", "Eacute",
    "Ecirc", "Euml", "Igrave", "Iacute", "Icirc", "Iuml", "ETH", "Ntilde", "Ograve", "Oacute",
    "Ocirc", "Otilde", "Ouml", "times", "Oslash", "Ugrave", "Uacute", "Ucirc", "Uuml", "Yacute",
    "THORN", "szlig", "agrave", "aacute", "acirc", "atilde", "auml", "aring", "aelig", "ccedil",
    "egrave", "eacute", "ecirc", "euml", "igrave", "iacute", "icirc", "iuml", "eth", "ntilde",
    "ograve", "oacute", "ocirc", "otilde", "ouml", "divide", "oslash", "ugrave", "uacute", "ucirc",
    "uuml", "yacute", "thorn", "yuml",
];

/// The HTML names of other signs that some writers escape.
const SIGNS: [(&str, char); 36] = [
    ("Tab", '\t'),
    ("NewLine", '\n'),
    ("excl", '!'),
    ("QUOT", '"'),
    ("num", '#'),
    ("dollar", '$'),
    ("percnt", '%'),
    ("AMP", '&'),
    ("lpar", '('),
    ("rpar", ')'),
    ("ast", '*'),
    ("plus", '+'),
    ("comma", ','),
    ("period", '.'),
    ("sol", '/'),
    ("colon", ':'),
    ("semi", ';'),
    ("LT", '<'),
    ("equals", '='),
    ("GT", '>'),
    ("quest", '?'),
    ("commat", '@'),
    ("lsqb", '['),
    ("lbrack", '['),
    ("bsol", '\\'),
    ("rsqb", ']'),
    ("rbrack", ']'),
    ("Hat", '^'),
    ("lowbar", '_'),
    ("grave", '`'),
    ("lcub", '{'),
    ("lbrace", '{'),
    ("vert", '|'),
    ("rcub", '}'),
    ("rbrace", '}'),
    ("euro", '\u{20ac}'),
];

/// What an escape at the beginning of a text stands for, and how long it is.
type Undone = (String, usize);
type UndoOne = fn(&str) -> Option<Undone>;

/// The bytes that a run of characters stands for: each group of so many for so many characters.
type Bytes = (Vec<u8>, usize, usize);

/// Each part of a text that is another one encoded, decoded; `above` is what was undone before,
/// and only what that changed is looked into.
pub(super) fn encoded(text: &str, above: Option<&Decoded>, escape: Escape) -> Vec<Decoded> {
    match escape {
        Escape::Base64 => runs(text, above, is_base64, base64),
        Escape::Base32 => runs(text, above, is_base32, base32),
        Escape::Hex => runs(text, above, |byte| byte.is_ascii_hexdigit(), hex),
        Escape::Spelled if above.is_none_or(|above| above.gave(text, is_of_spelling)) => {
            spelled(text)
        }
        _ => Vec::new(),
    }
}

/// A text with one way to escape undone wherever it was used; nothing where there is nothing to
/// undo. Of a text that was cut, an escape that its end cuts off is undone to nothing.
pub(super) fn unescaped(text: &str, escape: Escape, is_cut: bool) -> Option<Decoded> {
    let (first, one): (&[u8], UndoOne) = match escape {
        Escape::Json => (b"\\", json),
        Escape::Percent => (b"%", percent),
        Escape::Form => (b"%+", form),
        Escape::Markup => (b"&", markup),
        Escape::Shell => (b"\\'", shell),
        Escape::Quoted => (b"=", quoted),
        Escape::Base64 | Escape::Base32 | Escape::Hex | Escape::Spelled => return None,
        Escape::Utf16 => return utf16(text),
        Escape::Folded => return folded(text),
    };
    let mut decoded = Decoded::default();
    let (mut from, mut any) = (0, false);
    while let Some(found) = position(text, from, |byte| first.contains(&byte)) {
        let at = from + found;
        decoded.keep(text.get(from..at)?);
        let rest = text.get(at..)?;
        if let Some((undone, taken)) = one(rest) {
            decoded.undo(&undone, at, taken);
            from = at + taken;
            any = true;
        } else if is_cut && is_begun(rest) {
            decoded.undo("", at, rest.len());
            return Some(decoded);
        } else {
            decoded.keep(rest.get(..1)?);
            from = at + 1;
        }
    }
    decoded.keep(text.get(from..)?);
    any.then_some(decoded)
}

/// Whether it begins like an escape and breaks off before its end.
fn is_begun(escape: &str) -> bool {
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_hexdigit());
    match escape.split_at_checked(1) {
        Some(("%" | "=", rest)) => rest.len() < 2 && digits(rest),
        Some(("\\", "")) => true,
        Some(("\\", rest)) => rest
            .strip_prefix('u')
            .is_some_and(|rest| rest.len() < 10 && digits(&rest.replace("\\u", ""))),
        Some(("&", rest)) => {
            rest.len() < 8 && rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '#')
        }
        _ => false,
    }
}

fn json(text: &str) -> Option<Undone> {
    let behind = text.get(1..)?;
    let short = match behind.chars().next()? {
        'b' => '\u{8}',
        't' => '\t',
        'n' => '\n',
        'f' => '\u{c}',
        'r' => '\r',
        plain @ ('"' | '\\' | '/' | '\'') => plain,
        'x' => return bytes(text, "\\x", 16, 2),
        '0'..='7' => return bytes(text, "\\", 8, 3),
        'U' => return character(u32::from_str_radix(behind.get(1..9)?, 16).ok()?, 10),
        'u' if behind.get(1..2) == Some("{") => {
            let digits = behind.get(2..behind.find('}')?)?;
            return character(u32::from_str_radix(digits, 16).ok()?, digits.len() + 4);
        }
        'u' => {
            let unit = |text: &str| u16::from_str_radix(text.get(..4)?, 16).ok();
            let first = unit(behind.get(1..)?)?;
            let second = behind.get(5..).and_then(|more| more.strip_prefix("\\u")).and_then(unit);
            if let Ok([pair]) = char::decode_utf16([first].into_iter().chain(second))
                .collect::<Result<Vec<_>, _>>()
                .as_deref()
                && pair.len_utf16() == 2
            {
                return Some((pair.to_string(), 12));
            }
            return character(first.into(), 6);
        }
        _ => return None,
    };
    Some((short.to_string(), 2))
}

fn character(code: u32, taken: usize) -> Option<Undone> {
    Some((char::from_u32(code)?.to_string(), taken))
}

fn percent(text: &str) -> Option<Undone> {
    if let Some(digits) = text.strip_prefix("%u") {
        return character(u32::from_str_radix(digits.get(..4)?, 16).ok()?, 6);
    }
    bytes(text, "%", 16, 2)
}

/// What up to four bytes stand for, each of which is written behind a mark in so many digits.
fn bytes(text: &str, mark: &str, radix: u32, digits: usize) -> Option<Undone> {
    let length = mark.len() + digits;
    let byte = |at: usize| {
        let digits = text.get(length * at..length * (at + 1))?.strip_prefix(mark)?;
        digits.bytes().all(|digit| char::from(digit).is_digit(radix)).then_some(())?;
        u8::from_str_radix(digits, radix).ok()
    };
    let bytes: Vec<u8> = (0..4).map_while(byte).collect();
    let first = *bytes.first()?;
    let valid = bytes.utf8_chunks().next().map(|chunk| chunk.valid()).unwrap_or_default();
    match valid.chars().next() {
        Some(character) => Some((character.to_string(), length * character.len_utf8())),
        // What is not UTF-8 is likely to be ISO 8859-1.
        None => Some((char::from(first).to_string(), length)),
    }
}

/// Quoted-printable (RFC 2045, section 6.7).
fn quoted(text: &str) -> Option<Undone> {
    let broken = ["=\r\n", "=\n"].into_iter().find(|line| text.starts_with(line));
    match broken {
        Some(line) => Some((String::new(), line.len())),
        None => bytes(text, "=", 16, 2),
    }
}

fn form(text: &str) -> Option<Undone> {
    match text.starts_with('+') {
        true => Some((" ".to_owned(), 1)),
        false => percent(text),
    }
}

fn markup(text: &str) -> Option<Undone> {
    /// The longest reference: `&#x10FFFF;` with some zeros.
    const LONGEST: usize = 16;
    let end = text.bytes().take(LONGEST).position(|byte| byte == b';')?;
    let name = text.get(1..end)?;
    let code = match name {
        "amp" => '&'.into(),
        "lt" => '<'.into(),
        "gt" => '>'.into(),
        "quot" => '"'.into(),
        "apos" => '\''.into(),
        _ => match name.strip_prefix('#') {
            Some(number) => match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            },
            None => match SIGNS.iter().find(|(known, _)| *known == name) {
                Some((_, sign)) => u32::from(*sign),
                None => {
                    let at = LATIN.iter().position(|known| *known == name)?;
                    u32::try_from(at).ok()? + 0xa0
                }
            },
        },
    };
    character(code, end + 1)
}

fn shell(text: &str) -> Option<Undone> {
    for quote in ["'\\''", "'\"'\"'"] {
        if text.starts_with(quote) {
            return Some(("'".to_owned(), quote.len()));
        }
    }
    let escaped = text.strip_prefix('\\')?.chars().next()?;
    (escaped.is_ascii() && !escaped.is_ascii_alphanumeric()).then(|| (escaped.to_string(), 2))
}

/// How far behind a place the first such byte stands, all of which are ASCII.
fn position(text: &str, from: usize, fits: impl Fn(u8) -> bool) -> Option<usize> {
    text.as_bytes().get(from..)?.iter().position(|byte| fits(*byte))
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// Each run of such characters that gives a text, decoded in groups.
fn runs(
    text: &str,
    above: Option<&Decoded>,
    belongs: fn(u8) -> bool,
    decode: fn(&str) -> Option<Bytes>,
) -> Vec<Decoded> {
    let mut all = Vec::new();
    let mut from = 0;
    while let Some(found) = position(text, from, belongs) {
        let mut at = from + found;
        if let Some(above) = above {
            let Some(changed) = above.next_from(at) else { break };
            if changed > at {
                // Back to where the run begins that ends there or has it.
                let before = text.as_bytes().get(at..changed).unwrap_or_default();
                at = changed - before.iter().rev().take_while(|byte| belongs(**byte)).count();
            }
        }
        let length = position(text, at, |byte| !belongs(byte)).unwrap_or(text.len() - at);
        from = at + length;
        let run = text.get(at..from).filter(|run| run.len() >= SHORTEST_RUN);
        let Some((bytes, group, taken)) = run.and_then(decode) else { continue };
        let Some(said) = String::from_utf8(bytes).ok().filter(|said| is_text(said)) else {
            continue;
        };
        let mut decoded = Decoded::default();
        for (start, character) in said.char_indices() {
            // The groups that have a part of it.
            let first = start / group * taken;
            let last = ((start + character.len_utf8()).div_ceil(group) * taken).min(length);
            decoded.undo(character.encode_utf8(&mut [0; 4]), at + first, last - first);
        }
        all.push(decoded);
    }
    all
}

fn base64(run: &str) -> Option<Bytes> {
    let standard = run.replace('-', "+").replace('_', "/");
    Some((STANDARD.decode(standard).ok()?, 3, 4))
}

fn is_base32(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b'2'..=b'7')
}

/// RFC 4648, section 6, whatever the case of the letters.
fn base32(run: &str) -> Option<Bytes> {
    let (mut bits, mut held, mut bytes) = (0_u32, 0, Vec::new());
    for digit in run.bytes() {
        let value = match digit.to_ascii_uppercase() {
            letter @ b'A'..=b'Z' => letter - b'A',
            number => number.checked_sub(b'2')? + 26,
        };
        bits = bits << 5 | u32::from(value);
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xff).ok()?);
        }
    }
    Some((bytes, 5, 8))
}

fn hex(run: &str) -> Option<Bytes> {
    let pairs = run.as_bytes().chunks(2).map(|pair| {
        let digits = std::str::from_utf8(pair).ok().filter(|digits| digits.len() == 2)?;
        u8::from_str_radix(digits, 16).ok()
    });
    Some((pairs.collect::<Option<_>>()?, 1, 2))
}

/// Undoes UTF-16, each byte of which is a character here. Of most texts in it every other byte is
/// zero; where these stand tells the order of the bytes.
fn utf16(text: &str) -> Option<Decoded> {
    let zeros =
        |odd: usize| text.chars().enumerate().filter(|(at, c)| at % 2 == odd && *c == '\0').count();
    let (high_first, low_first) = (zeros(0), zeros(1));
    if high_first == low_first {
        return None;
    }
    let bytes: Vec<(usize, u8)> = text
        .char_indices()
        .map(|(at, c)| Some((at, u8::try_from(c).ok()?)))
        .collect::<Option<_>>()?;
    let end_of = |at: usize| bytes.get(at).map_or(text.len(), |(place, _)| *place);
    let units = bytes.chunks_exact(2).filter_map(|pair| {
        let [(_, first), (_, second)] = pair else { return None };
        let pair = [*first, *second];
        let big = high_first > low_first;
        Some(if big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) })
    });
    let mut decoded = Decoded::default();
    let mut at = 0;
    for unit in char::decode_utf16(units) {
        let character = unit.unwrap_or(char::REPLACEMENT_CHARACTER);
        let (start, end) = (end_of(at), end_of(at + 2 * character.len_utf16()));
        decoded.undo(character.encode_utf8(&mut [0; 4]), start, end - start);
        at += 2 * character.len_utf16();
    }
    decoded.keep(text.get(end_of(at)..)?);
    Some(decoded)
}

/// Undoes the breaks of long lines of base64.
fn folded(text: &str) -> Option<Decoded> {
    /// Nothing breaks such lines into shorter ones.
    const SHORTEST_LINE: usize = 40;
    let mut decoded = Decoded::default();
    let (mut from, mut any) = (0, false);
    let bytes = text.as_bytes();
    while let Some(found) = position(text, from, |byte| matches!(byte, b'\r' | b'\n')) {
        let at = from + found;
        decoded.keep(text.get(from..at)?);
        let behind = bytes.get(at..)?;
        let blank = |byte: &u8| matches!(byte, b'\r' | b'\n' | b' ' | b'\t');
        let length = behind.iter().take_while(|byte| blank(byte)).count();
        let line = bytes.get(..at)?.iter().rev().take_while(|byte| is_base64(**byte)).count();
        let goes_on = behind.get(length).is_some_and(|byte| is_base64(*byte));
        if line >= SHORTEST_LINE && goes_on {
            decoded.undo("", at, length);
            any = true;
        } else {
            decoded.keep(text.get(at..at + length)?);
        }
        from = at + length;
    }
    decoded.keep(text.get(from..)?);
    any.then_some(decoded)
}
