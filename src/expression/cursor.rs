//! The parser's way through the words of an expression.

use std::ops::Range;
use std::sync::Arc;

use super::ExpressionError;
use super::lexer::Token;
use super::parser::{Parser, Read};

/// How often brackets, conditions and signs may stand in each other.
const MOST_NESTED: usize = 64;

impl Parser {
    pub(super) fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    /// Where the next word stands.
    pub(super) fn here(&self) -> Range<usize> {
        self.tokens.get(self.at).map_or(self.end..self.end, |(_, range)| range.clone())
    }

    /// Where the last word that was read ends.
    pub(super) fn behind(&self) -> usize {
        let last = self.at.checked_sub(1).and_then(|last| self.tokens.get(last));
        last.map_or(0, |(_, range)| range.end)
    }

    pub(super) fn is(&self, symbol: &str) -> bool {
        matches!(self.peek(), Some(Token::Symbol(found)) if *found == symbol)
    }

    pub(super) fn takes(&mut self, symbol: &str) -> bool {
        let found = self.is(symbol);
        self.at += usize::from(found);
        found
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Token::Name(name)) if **name == *word)
    }

    pub(super) fn takes_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, symbol: &'static str) -> Read<()> {
        if self.takes(symbol) { Ok(()) } else { Err(self.unexpected(&format!("`{symbol}`"))) }
    }

    pub(super) fn name(&mut self, what: &str) -> Read<(Arc<str>, Range<usize>)> {
        let range = self.here();
        match self.peek() {
            Some(Token::Name(name)) => {
                let name = name.clone();
                self.at += 1;
                Ok((name, range))
            }
            _ => Err(self.unexpected(what)),
        }
    }

    pub(super) fn unexpected(&self, expected: &str) -> ExpressionError {
        let found = match self.peek() {
            None => {
                return ExpressionError::at(
                    format!("it ends behind this, where {expected} is expected"),
                    self.tokens.last().map_or(0..0, |(_, range)| range.clone()),
                );
            }
            Some(Token::Name(name)) => format!("`{name}`"),
            Some(Token::Text(_)) => "a string".to_owned(),
            Some(Token::Number(number)) => format!("`{number}`"),
            Some(Token::Symbol(symbol)) => format!("`{symbol}`"),
        };
        let help = match self.peek() {
            Some(Token::Symbol("=")) => "; to compare write `==`",
            Some(Token::Symbol("!")) => "; for the opposite write `not`",
            _ => "",
        };
        ExpressionError::at(format!("{found} where {expected} is expected{help}"), self.here())
    }

    /// Reads something that may hold whole expressions.
    pub(super) fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        self.nested += 1;
        if self.nested > MOST_NESTED {
            return Err(ExpressionError::at("the expression is nested too deeply", self.here()));
        }
        let read = read(self);
        self.nested -= 1;
        read
    }
}
