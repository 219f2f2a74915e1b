//! The tokens of an expression (XPath 1.0 section 3.7).

use super::expression::Operator;
use crate::selector::SelectorError;
use crate::wire::xml::leading_unprefixed_name;

/// The smallest piece of an expression.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Token<'e> {
    Open,
    Close,
    OpenBracket,
    CloseBracket,
    Dot,
    Dots,
    At,
    Comma,
    Slash,
    Slashes,
    Bar,
    Operator(Operator),
    Literal(&'e str),
    Number(f64),
    /// A name before `::`.
    Axis(&'e str),
    /// A name before a parenthesis.
    Called(Name<'e>),
    /// Any other name.
    Name(Name<'e>),
    /// What has no place in an expression.
    Other,
}

/// A name with its prefix, if it has one; `*` has no local part.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Name<'e> {
    pub(super) prefix: Option<&'e str>,
    pub(super) local: Option<&'e str>,
}

/// A token and the bytes that it is written in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed<'e> {
    pub(super) token: Token<'e>,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The tokens that are the same wherever they stand; what begins like another comes before it.
const SIGNS: [(&str, Token<'static>); 19] = [
    ("(", Token::Open),
    (")", Token::Close),
    ("[", Token::OpenBracket),
    ("]", Token::CloseBracket),
    ("..", Token::Dots),
    (".", Token::Dot),
    ("@", Token::At),
    (",", Token::Comma),
    ("//", Token::Slashes),
    ("/", Token::Slash),
    ("|", Token::Bar),
    ("!=", Token::Operator(Operator::Unequal)),
    ("=", Token::Operator(Operator::Equal)),
    ("<=", Token::Operator(Operator::LessOrEqual)),
    ("<", Token::Operator(Operator::Less)),
    (">=", Token::Operator(Operator::GreaterOrEqual)),
    (">", Token::Operator(Operator::Greater)),
    ("+", Token::Operator(Operator::Plus)),
    ("-", Token::Operator(Operator::Minus)),
];

/// The tokens of an expression, in order.
pub(super) fn tokens(expression: &str) -> Result<Vec<Placed<'_>>, SelectorError> {
    let mut tokens: Vec<Placed<'_>> = Vec::new();
    let mut rest = expression.trim_start_matches(is_space);
    while !rest.is_empty() {
        let after_operand = tokens.last().is_some_and(|last| ends_operand(last.token));
        let (token, length) = first(rest, after_operand)?;
        let start = expression.len() - rest.len();
        tokens.push(Placed { token, start, end: start + length });
        rest = rest.get(length..).unwrap_or_default().trim_start_matches(is_space);
    }
    Ok(tokens)
}

/// White space of XML.
pub(super) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// Whether a name or `*` after the token is an operator (section 3.7).
fn ends_operand(token: Token<'_>) -> bool {
    match token {
        Token::Open
        | Token::OpenBracket
        | Token::At
        | Token::Comma
        | Token::Slash
        | Token::Slashes
        | Token::Bar
        | Token::Operator(_)
        | Token::Axis(_)
        | Token::Called(_)
        | Token::Other => false,
        Token::Close
        | Token::CloseBracket
        | Token::Dot
        | Token::Dots
        | Token::Literal(_)
        | Token::Number(_)
        | Token::Name(_) => true,
    }
}

/// The first token of a text, and how many bytes it has.
fn first(text: &str, after_operand: bool) -> Result<(Token<'_>, usize), SelectorError> {
    let mut characters = text.chars();
    let (character, next) = (characters.next().unwrap_or_default(), characters.next());
    if let quote @ ('"' | '\'') = character {
        let Some((literal, _)) = text.get(1..).and_then(|text| text.split_once(quote)) else {
            let message = format!("this XPath is incomplete: the closing `{quote}` is missing");
            return Err(SelectorError::about(text, message));
        };
        return Ok((Token::Literal(literal), literal.len() + 2));
    }
    if character == '$' {
        let name = leading_unprefixed_name(text.get(1..).unwrap_or_default());
        let message = "an XPath here has no variables";
        return Err(SelectorError::about(&format!("${name}"), message));
    }
    let digit = |c: char| c.is_ascii_digit();
    if digit(character) || (character == '.' && next.is_some_and(digit)) {
        let length = length_of_number(text);
        let number = text.get(..length).and_then(|number| number.parse().ok());
        return Ok((number.map_or(Token::Other, Token::Number), length));
    }
    if character == '*' {
        let times = Token::Operator(Operator::Times);
        let any = Token::Name(Name { prefix: None, local: None });
        return Ok((if after_operand { times } else { any }, 1));
    }
    if let Some((sign, token)) = SIGNS.iter().find(|(sign, _)| text.starts_with(sign)) {
        return Ok((*token, sign.len()));
    }
    let name = leading_unprefixed_name(text);
    if name.is_empty() {
        return Ok((Token::Other, character.len_utf8()));
    }
    let operator = match name {
        "or" => Some(Operator::Or),
        "and" => Some(Operator::And),
        "div" => Some(Operator::Divide),
        "mod" => Some(Operator::Modulo),
        _ => None,
    };
    match operator {
        Some(operator) if after_operand => Ok((Token::Operator(operator), name.len())),
        _ => Ok(named(text, name)),
    }
}

/// Digits, with a point before, after or between them.
fn length_of_number(text: &str) -> usize {
    let without = |text: &str| text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let whole = text.get(text.len() - without(text)..).unwrap_or_default();
    let rest = whole.strip_prefix('.').map_or(whole.len(), without);
    text.len() - rest
}

/// A token that begins with a name.
fn named<'e>(text: &'e str, first: &'e str) -> (Token<'e>, usize) {
    let rest = text.get(first.len()..).unwrap_or_default();
    let spaced = rest.trim_start_matches(is_space);
    if spaced.starts_with("::") {
        return (Token::Axis(first), text.len() - spaced.len() + 2);
    }
    let second = rest.strip_prefix(':').unwrap_or_default();
    let local = leading_unprefixed_name(second);
    if second.starts_with('*') {
        let any = Name { prefix: Some(first), local: None };
        return (Token::Name(any), first.len() + 2);
    }
    let (name, length) = match local {
        "" => (Name { prefix: None, local: Some(first) }, first.len()),
        local => {
            let name = Name { prefix: Some(first), local: Some(local) };
            (name, first.len() + 1 + local.len())
        }
    };
    let after = text.get(length..).unwrap_or_default().trim_start_matches(is_space);
    let token = if after.starts_with('(') { Token::Called(name) } else { Token::Name(name) };
    (token, length)
}
