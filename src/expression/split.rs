//! Finding expressions in a text.

use std::ops::Range;

use super::lexer::quoted;

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// As it stands, with `$${` already turned into `${`.
    Literal(String),
    /// The bytes between `${` and `}`.
    Expression(Range<usize>),
}

/// A `${` without its `}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SplitError {
    /// Where the `${` stands, in bytes.
    pub at: usize,
}

/// Splits a text into literals and expressions.
///
/// Braces and quotes inside an expression are paired, so `${ {'a': '}'} }` is one.
pub fn split(text: &str) -> Result<Vec<Piece>, SplitError> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = 0;
    while let Some(found) = text.get(rest..).and_then(|t| t.find("${")) {
        let at = rest + found;
        literal.push_str(text.get(rest..at).unwrap_or_default());
        if literal.ends_with('$') {
            // `$${` stands for `${`: one dollar is there already.
            literal.push('{');
            rest = at + 2;
            continue;
        }
        let length =
            closing_brace(text.get(at + 2..).unwrap_or_default()).ok_or(SplitError { at })?;
        if !literal.is_empty() {
            pieces.push(Piece::Literal(std::mem::take(&mut literal)));
        }
        pieces.push(Piece::Expression(at + 2..at + 2 + length));
        rest = at + 2 + length + 1;
    }
    literal.push_str(text.get(rest..).unwrap_or_default());
    if !literal.is_empty() || pieces.is_empty() {
        pieces.push(Piece::Literal(literal));
    }
    Ok(pieces)
}

/// Whether there is an expression in a text, or the beginning of one.
pub fn holds_expression(text: &str) -> bool {
    split(text)
        .map_or(true, |pieces| pieces.iter().any(|piece| matches!(piece, Piece::Expression(_))))
}

/// The offset of the brace that closes an expression.
fn closing_brace(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut rest = text;
    loop {
        let at = rest.find(['\'', '"', '{', '}'])?;
        let (found, behind) = (rest.get(at..)?.chars().next()?, rest.get(at + 1..)?);
        rest = match found {
            '{' => {
                depth += 1;
                behind
            }
            '}' if depth == 0 => return Some(text.len() - behind.len() - 1),
            '}' => {
                depth -= 1;
                behind
            }
            quote => behind.get(quoted(behind, quote)? + 1..)?,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_and_expressions_alternate() {
        let text = "a ${b} c${ {'d': '}'} }";
        let pieces = split(text).unwrap();
        let shown: Vec<String> = pieces
            .iter()
            .map(|piece| match piece {
                Piece::Literal(literal) => format!("={literal}"),
                Piece::Expression(range) => text[range.clone()].trim().to_owned(),
            })
            .collect();
        assert_eq!(shown, ["=a ", "b", "= c", "{'d': '}'}"]);
    }

    #[test]
    fn doubled_dollars_are_literal_and_an_open_brace_is_an_error() {
        assert_eq!(split("$${x}"), Ok(vec![Piece::Literal("${x}".to_owned())]));
        assert_eq!(split("ab ${x"), Err(SplitError { at: 3 }));
    }
}
