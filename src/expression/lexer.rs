//! The words of an expression, with their places.

use std::ops::Range;
use std::sync::Arc;

use super::ExpressionError;

/// A word of an expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A name or a word of the language.
    Name(Arc<str>),
    /// What is between quotes, with its escapes worked out.
    Text(String),
    /// A number as it is written.
    Number(Arc<str>),
    /// An operator or a bracket.
    Symbol(&'static str),
}

/// What other languages write, and what is written here.
const OPERATORS: &[(&str, &str)] =
    &[("??", "`x | default(y)`"), ("?", "`y if x else z`"), ("&&", "`and`"), ("||", "`or`")];

/// Longer ones first, as `**` is not `*` twice.
const SYMBOLS: [&str; 26] = [
    "//", "**", "==", "!=", ">=", "<=", "+", "-", "*", "/", "%", ".", ",", ":", "~", "|", "=", ">",
    "<", "(", ")", "[", "]", "{", "}", "!",
];

/// Splits an expression into its words.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, Range<usize>)>, ExpressionError> {
    let mut tokens: Vec<(Token, Range<usize>)> = Vec::new();
    let mut at = 0;
    while let Some(first) = rest(text, at).chars().next() {
        if first.is_ascii_whitespace() {
            at += 1;
            continue;
        }
        let rest = rest(text, at);
        let after_dot = tokens.last().is_some_and(|(token, _)| *token == Token::Symbol("."));
        let (token, length) = if first.is_ascii_alphabetic() || first == '_' {
            let length = identifier(rest);
            (Token::Name(rest.get(..length).unwrap_or_default().into()), length)
        } else if first.is_ascii_digit() {
            let length = number(rest, after_dot);
            (Token::Number(rest.get(..length).unwrap_or_default().into()), length)
        } else if matches!(first, '\'' | '"') {
            let inside = rest.get(1..).unwrap_or_default();
            let length = quoted(inside, first).ok_or_else(|| {
                ExpressionError::at("a string without its closing quote", at..text.len())
            })?;
            let inside = inside.get(..length).unwrap_or_default();
            let whole = at..at + length + 2;
            let text = unescape(inside)
                .ok_or_else(|| ExpressionError::at("not a valid escape in a string", whole))?;
            (Token::Text(text), length + 2)
        } else {
            if let Some((written, here)) = OPERATORS.iter().find(|(one, _)| rest.starts_with(one)) {
                let message = format!("`{written}` has no meaning in an expression; write {here}");
                return Err(ExpressionError::at(message, at..at + written.len()));
            }
            let symbol = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol));
            let symbol = symbol.ok_or_else(|| {
                let message = format!("`{first}` has no meaning in an expression");
                ExpressionError::at(message, at..at + first.len_utf8())
            })?;
            (Token::Symbol(symbol), symbol.len())
        };
        tokens.push((token, at..at + length));
        at += length;
    }
    Ok(tokens)
}

fn rest(text: &str, at: usize) -> &str {
    text.get(at..).unwrap_or_default()
}

fn identifier(text: &str) -> usize {
    text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count()
}

/// The length of a number; letters and digits that follow at once belong to it, so that a wrong
/// one is not read as two.
fn number(text: &str, after_dot: bool) -> usize {
    let whole = identifier(text);
    let digits = text.get(..whole).unwrap_or_default();
    // `foo.1.0` is the first item's first item, and `1.e` a member.
    if after_dot || digits.bytes().any(|byte| !byte.is_ascii_digit() && byte != b'_') {
        return signed_exponent(text, whole);
    }
    let fraction = text.get(whole..).and_then(|rest| rest.strip_prefix('.'));
    match fraction {
        Some(fraction) if !fraction.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') => {
            signed_exponent(text, whole + 1 + identifier(fraction))
        }
        _ => whole,
    }
}

/// A number that ends in `e` goes on behind its sign.
fn signed_exponent(text: &str, length: usize) -> usize {
    let number = text.get(..length).unwrap_or_default();
    let hexadecimal = number.starts_with("0x") || number.starts_with("0X");
    let rest = text.get(length..).unwrap_or_default();
    match rest.strip_prefix(['+', '-']) {
        Some(exponent) if number.ends_with(['e', 'E']) && !hexadecimal => {
            length + 1 + identifier(exponent)
        }
        _ => length,
    }
}

/// How many bytes stand before the closing quote.
pub(super) fn quoted(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return Some(at),
            _ => {}
        }
    }
    None
}

/// A text with its escapes worked out, as Jinja has them; `None` when one is none.
fn unescape(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next()? {
            c @ ('"' | '\\' | '/' | '\'') => out.push(c),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            'x' => out.push(char::from(u8::try_from(hexadecimal(&mut chars, 2)?).ok()?)),
            'u' => {
                let unit = hexadecimal(&mut chars, 4)?;
                let code = if (0xD800..0xDC00).contains(&unit) {
                    let pair = (chars.next()?, chars.next()?) == ('\\', 'u');
                    let low = hexadecimal(&mut chars, 4)?;
                    if !pair || !(0xDC00..0xE000).contains(&low) {
                        return None;
                    }
                    0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00)
                } else {
                    unit
                };
                out.push(char::from_u32(code)?);
            }
            digit @ '0'..='7' => {
                let mut code = digit.to_digit(8)?;
                for _ in 0..2 {
                    let Some(next) = chars.clone().next().and_then(|c| c.to_digit(8)) else {
                        break;
                    };
                    code = code * 8 + next;
                    chars.next();
                }
                out.push(char::from(u8::try_from(code).ok()?));
            }
            other => out.extend(['\\', other]),
        }
    }
    Some(out)
}

fn hexadecimal(chars: &mut std::str::Chars<'_>, digits: usize) -> Option<u32> {
    (0..digits).try_fold(0, |code, _| Some(code * 16 + chars.next()?.to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_apart() {
        let cases = [
            ("a.b|c", vec!["a", ".", "b", "|", "c"]),
            ("1.5+2", vec!["1.5", "+", "2"]),
            ("1e-3 1E5 2.5e+1", vec!["1e-3", "1E5", "2.5e+1"]),
            ("l.1.0", vec!["l", ".", "1", ".", "0"]),
            ("1.real", vec!["1", ".", "real"]),
            ("0xff-1", vec!["0xff", "-", "1"]),
            ("0xe-1", vec!["0xe", "-", "1"]),
            ("2**3//1", vec!["2", "**", "3", "//", "1"]),
            ("1_000", vec!["1_000"]),
            ("1.", vec!["1."]),
        ];
        for (text, expected) in cases {
            let words: Vec<&str> =
                tokens(text).unwrap().into_iter().map(|(_, range)| &text[range]).collect();
            assert_eq!(words, expected, "{text}");
        }
    }

    #[test]
    fn texts_are_unescaped() {
        let cases = [
            (r"'it\'s a | foo'", "it's a | foo"),
            (r#""\"}" "#, "\"}"),
            (r"'\n\t\\\/\d'", "\n\t\\/\\d"),
            (r"'\u00e4\ud83d\ude00\x41\101'", "ä😀AA"),
        ];
        for (text, expected) in cases {
            let found = tokens(text).unwrap();
            assert_eq!(found.first().unwrap().0, Token::Text(expected.to_owned()), "{text}");
        }
        for text in ["'", r"'\", r"'\'", r"'\ud83d'", r"'\x4'", r"'\u12'", "#", "ä", "'a\" "] {
            assert!(tokens(text).is_err(), "{text}");
        }
    }
}
