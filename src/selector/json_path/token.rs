//! The characters of an expression, and the tokens that need no context (RFC 9535 appendix A).

use crate::selector::SelectorError;

/// An index or a bound lies within what a JSON number of IEEE 754 has exactly (RFC 7493).
const LARGEST: i64 = 9_007_199_254_740_991;

/// What was read so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tokens<'e> {
    expression: &'e str,
    at: usize,
}

impl<'e> Tokens<'e> {
    pub(super) fn new(expression: &'e str) -> Self {
        Self { expression, at: 0 }
    }

    /// What is not read yet.
    pub(super) fn rest(&self) -> &'e str {
        self.expression.get(self.at..).unwrap_or_default()
    }

    /// What was read since then.
    pub(super) fn since(&self, start: Self) -> &'e str {
        self.expression.get(start.at..self.at).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    /// Reads this, if it comes.
    pub(super) fn take(&mut self, token: &str) -> bool {
        let comes = self.rest().starts_with(token);
        if comes {
            self.at += token.len();
        }
        comes
    }

    fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'e str {
        let start = *self;
        while self.peek().is_some_and(&fits) {
            self.next();
        }
        self.since(start)
    }

    pub(super) fn blanks(&mut self) {
        self.take_while(|c| matches!(c, ' ' | '\t' | '\n' | '\r'));
    }

    /// What is wrong here: something else was expected.
    pub(super) fn expected(&self, what: &str) -> SelectorError {
        let rest = self.rest();
        if rest.is_empty() {
            return SelectorError::new(format!("this JSONPath is incomplete: {what} is missing"));
        }
        SelectorError::about(rest, format!("expected {what}, found `{rest}`"))
    }

    /// A name after a dot.
    pub(super) fn shorthand(&mut self) -> Result<&'e str, SelectorError> {
        let is_start = |c: char| c.is_ascii_alphabetic() || c == '_' || !c.is_ascii();
        if !self.peek().is_some_and(is_start) {
            return Err(self.expected("a name"));
        }
        Ok(self.take_while(|c| is_start(c) || c.is_ascii_digit()))
    }

    /// What a function could be called.
    pub(super) fn function(&mut self) -> &'e str {
        match self.peek().is_some_and(|c| c.is_ascii_lowercase()) {
            true => self.take_while(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'),
            false => "",
        }
    }

    /// A whole number without superfluous zeros, if one comes; `-0` is none.
    pub(super) fn whole(&mut self) -> Result<Option<i64>, SelectorError> {
        let start = *self;
        let negative = self.take("-");
        if !self.peek().is_some_and(|c| c.is_ascii_digit()) {
            *self = start;
            return Ok(None);
        }
        if self.take("0") {
            if negative {
                let error = start.expected("an index");
                return Err(error.with("`-0` is not an index"));
            }
            return Ok(Some(0));
        }
        self.take_while(|c| c.is_ascii_digit());
        let written = self.since(start);
        let number = written.parse().ok().filter(|n: &i64| (-LARGEST..=LARGEST).contains(n));
        match number {
            Some(number) => Ok(Some(number)),
            None => {
                let message = format!("`{written}` is too large for an index");
                Err(SelectorError::about(written, message))
            }
        }
    }

    /// A number as JSON has them, if one comes.
    pub(super) fn number(&mut self) -> Result<Option<&'e str>, SelectorError> {
        let start = *self;
        self.take("-");
        if !self.peek().is_some_and(|c| c.is_ascii_digit()) {
            *self = start;
            return Ok(None);
        }
        if !self.take("0") {
            self.take_while(|c| c.is_ascii_digit());
        }
        let digits = |tokens: &mut Self| match tokens.take_while(|c| c.is_ascii_digit()) {
            "" => Err(tokens.expected("a digit")),
            _ => Ok(()),
        };
        if self.take(".") {
            digits(self)?;
        }
        if self.take("e") || self.take("E") {
            let _ = self.take("-") || self.take("+");
            digits(self)?;
        }
        Ok(Some(self.since(start)))
    }

    /// A text in quotes, if one comes.
    pub(super) fn text(&mut self) -> Result<Option<String>, SelectorError> {
        let Some(quote) = self.peek().filter(|c| matches!(c, '\'' | '"')) else { return Ok(None) };
        self.next();
        let mut text = String::new();
        loop {
            let before = *self;
            match self.next() {
                None => return Err(self.expected(&format!("the closing `{quote}`"))),
                Some(c) if c == quote => return Ok(Some(text)),
                Some('\\') => match self.escaped(quote) {
                    Some(c) => text.push(c),
                    None if self.rest().is_empty() => {
                        return Err(self.expected(&format!("the closing `{quote}`")));
                    }
                    None => {
                        let wrong: String = before.rest().chars().take(2).collect();
                        let message = format!("`{wrong}` is not a valid escape");
                        return Err(SelectorError::about(before.rest(), message));
                    }
                },
                Some(c) if c < ' ' => {
                    let message = "a control character in quotes is written as an escape";
                    return Err(SelectorError::about(before.rest(), message));
                }
                Some(c) => text.push(c),
            }
        }
    }

    /// What stands after a backslash.
    fn escaped(&mut self, quote: char) -> Option<char> {
        Some(match self.next()? {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '/' => '/',
            '\\' => '\\',
            'u' => {
                let first = self.unit()?;
                if !(0xD800..0xDC00).contains(&first) {
                    return char::from_u32(first);
                }
                let second = if self.take("\\u") { self.unit()? } else { return None };
                let low = second.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
                return char::from_u32(0x10000 + ((first - 0xD800) << 10) + low);
            }
            c if c == quote => c,
            _ => return None,
        })
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Option<u32> {
        let mut unit = 0;
        for _ in 0..4 {
            unit = unit * 16 + self.next()?.to_digit(16)?;
        }
        Some(unit)
    }
}
