//! Expressions (RFC 9535 appendix A).

use super::function::{self, Argument, Called};
use super::query::{Operator, Path, Query, Segment, Selector, Test};
use super::token::Tokens;
use crate::selector::SelectorError;
use crate::value::Value;
use crate::wire::json::Json;
use crate::wire::{Limits, Wire};

/// How deep parentheses, filters and functions may stand in each other.
const DEEPEST: usize = 64;

const OPERATORS: [(&str, Operator); 6] = [
    ("==", Operator::Equal),
    ("!=", Operator::Unequal),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("<", Operator::Less),
    (">", Operator::Greater),
];

/// Reads a whole expression.
pub(super) fn query(expression: &str) -> Result<Query, SelectorError> {
    let mut parser = Parser { tokens: Tokens::new(expression), depth: 0 };
    if !parser.tokens.take("$") {
        return Err(SelectorError::new("a JSONPath begins with `$`"));
    }
    let query = parser.segments()?;
    if parser.tokens.rest().is_empty() {
        return Ok(query);
    }
    let mut end = parser.tokens;
    end.blanks();
    if end.rest().is_empty() {
        return Err(SelectorError::new("a JSONPath does not end with white space"));
    }
    let error = end.expected("`.` or `[`");
    Err(match expression.rsplit_once('.').map(|(_, name)| name) {
        Some(name) if end.rest().starts_with('-') && !name.contains(['[', ']', '\'']) => {
            error.with(&format!("names with such characters are written `['{name}']`"))
        }
        _ => error,
    })
}

struct Parser<'e> {
    tokens: Tokens<'e>,
    depth: usize,
}

impl<'e> Parser<'e> {
    fn segments(&mut self) -> Result<Query, SelectorError> {
        let mut segments = Vec::new();
        loop {
            let before = self.tokens;
            self.tokens.blanks();
            let descends = self.tokens.take("..");
            let selectors = if self.tokens.take("[") {
                self.selectors()?
            } else if descends || self.tokens.take(".") {
                if self.tokens.take("*") {
                    vec![Selector::Wildcard]
                } else {
                    vec![Selector::Name(self.tokens.shorthand()?.into())]
                }
            } else {
                self.tokens = before;
                return Ok(Query { segments });
            };
            segments.push(Segment { descends, selectors });
        }
    }

    /// What stands in brackets, with the closing one.
    fn selectors(&mut self) -> Result<Vec<Selector>, SelectorError> {
        let mut selectors = Vec::new();
        loop {
            self.tokens.blanks();
            let selector = self.selector()?;
            let filters = matches!(selector, Selector::Filter(_));
            selectors.push(selector);
            self.tokens.blanks();
            if self.tokens.take("]") {
                return Ok(selectors);
            }
            if !self.tokens.take(",") {
                let error = self.tokens.expected(if filters { "`]`" } else { "`,` or `]`" });
                let single = filters && self.tokens.rest().starts_with('=');
                return Err(if single { error.with("equal is `==`") } else { error });
            }
        }
    }

    fn selector(&mut self) -> Result<Selector, SelectorError> {
        if let Some(name) = self.tokens.text()? {
            return Ok(Selector::Name(name.into()));
        }
        if self.tokens.take("*") {
            return Ok(Selector::Wildcard);
        }
        if self.tokens.take("?") {
            return self.nested(|parser| {
                parser.tokens.blanks();
                parser.or().map(Selector::Filter)
            });
        }
        let start = self.tokens.whole()?;
        let before = self.tokens;
        self.tokens.blanks();
        if !self.tokens.take(":") {
            self.tokens = before;
            return start.map(Selector::Index).ok_or_else(|| {
                let error = self.tokens.expected("a selector");
                match self.tokens.shorthand() {
                    Ok(_) => error.with("names in brackets are quoted"),
                    Err(_) => error,
                }
            });
        }
        self.tokens.blanks();
        let end = self.tokens.whole()?;
        let before = self.tokens;
        self.tokens.blanks();
        let mut step = None;
        if self.tokens.take(":") {
            let before = self.tokens;
            self.tokens.blanks();
            step = self.tokens.whole()?;
            if step.is_none() {
                self.tokens = before;
            }
        } else {
            self.tokens = before;
        }
        Ok(Selector::Slice { start, end, step: step.unwrap_or(1) })
    }

    /// Goes one deeper.
    fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, SelectorError>,
    ) -> Result<T, SelectorError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            let message = format!("a JSONPath is nested at most {DEEPEST} deep");
            return Err(SelectorError::new(message));
        }
        let read = read(self);
        self.depth -= 1;
        read
    }

    fn or(&mut self) -> Result<Test, SelectorError> {
        let mut tests = vec![self.and()?];
        while self.operator("||") {
            tests.push(self.and()?);
        }
        Ok(alone(tests, Test::Or))
    }

    fn and(&mut self) -> Result<Test, SelectorError> {
        let mut tests = vec![self.basic()?];
        while self.operator("&&") {
            tests.push(self.basic()?);
        }
        Ok(alone(tests, Test::And))
    }

    /// An operator with the blanks around it.
    fn operator(&mut self, token: &str) -> bool {
        let before = self.tokens;
        self.tokens.blanks();
        let comes = self.tokens.take(token);
        if comes {
            self.tokens.blanks();
        } else {
            self.tokens = before;
        }
        comes
    }

    fn basic(&mut self) -> Result<Test, SelectorError> {
        let negated = self.tokens.take("!");
        if negated {
            self.tokens.blanks();
        }
        let test = if self.tokens.take("(") {
            self.nested(|parser| {
                parser.tokens.blanks();
                let test = parser.or()?;
                parser.tokens.blanks();
                match parser.tokens.take(")") {
                    true => Ok(test),
                    false => Err(parser.tokens.expected("`)`")),
                }
            })?
        } else {
            let (start, argument) = (self.tokens, self.argument("a test")?);
            let written = self.tokens.since(start);
            let operator = match negated {
                true => None,
                false => OPERATORS.iter().find(|(token, _)| self.operator(token)),
            };
            match operator {
                None => is_test(argument, written)?,
                Some((_, operator)) => {
                    let left = function::comparable(argument, written)?;
                    let (start, argument) = (self.tokens, self.argument("a value")?);
                    let right = function::comparable(argument, self.tokens.since(start))?;
                    Test::Comparison(left, *operator, right)
                }
            }
        };
        Ok(if negated { Test::Not(Box::new(test)) } else { test })
    }

    /// A literal, a path or a function.
    fn argument(&mut self, what: &str) -> Result<Argument, SelectorError> {
        if let Some(text) = self.tokens.text()? {
            return Ok(Argument::Literal(Value::text(text)));
        }
        if let Some(number) = self.tokens.number()? {
            let read = Json.decode(number.as_bytes(), &Limits::default());
            let number = read.map_err(|error| SelectorError::about(number, error.message))?;
            return Ok(Argument::Literal(number.value));
        }
        for (token, absolute) in [("$", true), ("@", false)] {
            if self.tokens.take(token) {
                let query = self.nested(Self::segments)?;
                return Ok(Argument::Path(Path { absolute, query }));
            }
        }
        let start = self.tokens;
        let name = self.tokens.function();
        if !name.is_empty() && self.tokens.take("(") {
            return self.nested(|parser| parser.call(name, start)).map(Argument::Call);
        }
        match name {
            "true" => Ok(Argument::Literal(Value::Bool(true))),
            "false" => Ok(Argument::Literal(Value::Bool(false))),
            "null" => Ok(Argument::Literal(Value::Null)),
            _ => Err(start.expected(what)),
        }
    }

    /// A function, behind its opening parenthesis.
    fn call(&mut self, name: &str, start: Tokens<'e>) -> Result<Called, SelectorError> {
        function::known(name)?;
        let mut arguments = Vec::new();
        self.tokens.blanks();
        if !self.tokens.take(")") {
            loop {
                let start = self.tokens;
                let argument = self.argument("an argument")?;
                arguments.push((argument, self.tokens.since(start)));
                self.tokens.blanks();
                if self.tokens.take(")") {
                    break;
                }
                if !self.tokens.take(",") {
                    return Err(self.tokens.expected("`,` or `)`"));
                }
                self.tokens.blanks();
            }
        }
        function::call(name, arguments, self.tokens.since(start))
    }
}

fn alone(mut tests: Vec<Test>, several: fn(Vec<Test>) -> Test) -> Test {
    match (tests.len(), tests.pop()) {
        (1, Some(test)) => test,
        (_, last) => {
            tests.extend(last);
            several(tests)
        }
    }
}

fn is_test(argument: Argument, written: &str) -> Result<Test, SelectorError> {
    let value = |subject: &str| {
        let message = format!("`{subject}` is a value, which has to be compared");
        Err(SelectorError::about(written, message))
    };
    match argument {
        Argument::Path(path) => Ok(Test::Exists(path)),
        Argument::Call(Called::Test(matching)) => Ok(Test::Matches(matching)),
        Argument::Call(Called::Value(name, _)) => {
            let message = format!("`{name}` gives a value, which has to be compared");
            Err(SelectorError::about(written, message))
        }
        Argument::Literal(_) => value(written),
    }
}
