//! `[of for name in list if condition]`, as Python has it: a list that is made of another one.

use super::ExpressionError;
use super::lexer::Token;
use super::parser::{Parser, Read};
use super::tree::{Kind, Loop, Node};

/// What cannot be the name of an item.
const WORDS: [&str; 14] = [
    "and", "or", "not", "if", "else", "is", "in", "for", "true", "True", "false", "False", "none",
    "None",
];

impl Parser {
    /// Where the loops of a comprehension begin, if the brackets that were just opened hold one.
    pub(super) fn loops_ahead(&self) -> Option<usize> {
        let mut open = 0_usize;
        for (at, (token, _)) in self.tokens.iter().enumerate().skip(self.at) {
            match token {
                Token::Symbol("[" | "(" | "{") => open += 1,
                Token::Symbol("]" | ")" | "}") => open = open.checked_sub(1)?,
                Token::Symbol(",") if open == 0 => return None,
                // Behind a point it is the name of a member, and at the beginning that of a value.
                Token::Name(name) if open == 0 && at > self.at && **name == *"for" => {
                    let before = at.checked_sub(1).and_then(|before| self.tokens.get(before));
                    if !matches!(before, Some((Token::Symbol("."), _))) {
                        return Some(at);
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// Reads a comprehension from behind its bracket. The loops are read first: what stands before
    /// them uses their names.
    pub(super) fn comprehension(&mut self, loops_at: usize, start: usize) -> Read<Node> {
        let around = self.locals.len();
        let of_at = std::mem::replace(&mut self.at, loops_at);
        let mut loops = Vec::new();
        while self.takes_word("for") {
            let each = self.nested(Self::one_loop)?;
            loops.push(each);
        }
        self.expect("]")?;
        let end = std::mem::replace(&mut self.at, of_at);
        let of = self.expression()?;
        if self.at != loops_at {
            return Err(self.unexpected("`for` or an operator"));
        }
        self.at = end;
        self.locals.truncate(around);
        let kind = Kind::Comprehension { of: Box::new(of), loops: loops.into() };
        Node::bounded(kind, start..self.behind())
    }

    fn one_loop(&mut self) -> Read<Loop> {
        let mut names = Vec::new();
        loop {
            let (name, place) = self.name("the name of an item")?;
            if WORDS.contains(&&*name) {
                let message = format!("`{name}` cannot be the name of an item");
                return Err(ExpressionError::at(message, place));
            }
            names.push(name);
            if !self.takes(",") {
                break;
            }
        }
        if !self.takes_word("in") {
            return Err(self.unexpected("`in`"));
        }
        let list = self.or()?;
        let count = names.len();
        self.locals.extend(names);
        let condition = if self.takes_word("if") { Some(self.or()?) } else { None };
        Ok(Loop { names: count, list, condition })
    }
}
