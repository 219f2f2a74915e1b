//! Expressions from tokens (XPath 1.0 sections 2 and 3).

use std::sync::Arc;

use super::axis::Axis;
use super::expression::{Expression, Operator, Start, Step, Test};
use super::function;
use super::kind::Kind;
use super::token::{Name, Placed, Token, tokens};
use crate::selector::SelectorError;

/// How deep parentheses and brackets may stand in each other.
const DEEPEST: usize = 32;

/// The operators by rank; those that bind tighter come later.
const RANKS: [&[Operator]; 6] = [
    &[Operator::Or],
    &[Operator::And],
    &[Operator::Equal, Operator::Unequal],
    &[Operator::Less, Operator::LessOrEqual, Operator::Greater, Operator::GreaterOrEqual],
    &[Operator::Plus, Operator::Minus],
    &[Operator::Times, Operator::Divide, Operator::Modulo],
];

/// What is often written for another operator, and what to write.
const SLIPS: [(&str, &str); 3] =
    [("=", "equal is `=`"), ("&", "both is `and`"), ("|", "one of two is `or`")];

/// Reads an expression; `namespace_of` gives what a prefix stands for.
pub(super) fn expression(
    text: &str,
    namespace_of: &dyn Fn(&str) -> Option<Arc<str>>,
) -> Result<Expression, SelectorError> {
    let mut parser = Parser { text, tokens: tokens(text)?, at: 0, depth: 0, namespace_of };
    if parser.tokens.is_empty() {
        return Err(SelectorError::new("this XPath is empty"));
    }
    let expression = parser.ranked(0)?;
    match parser.peek() {
        None => Ok(expression),
        Some(_) => Err(parser.expected("an operator")),
    }
}

struct Parser<'e, 'n> {
    text: &'e str,
    tokens: Vec<Placed<'e>>,
    at: usize,
    depth: usize,
    namespace_of: &'n dyn Fn(&str) -> Option<Arc<str>>,
}

impl<'e> Parser<'e, '_> {
    fn peek(&self) -> Option<Token<'e>> {
        self.tokens.get(self.at).map(|placed| placed.token)
    }

    fn take(&mut self, token: Token<'_>) -> bool {
        let comes = self.peek() == Some(token);
        if comes {
            self.at += 1;
        }
        comes
    }

    /// Where the next token starts.
    fn place(&self) -> usize {
        self.tokens.get(self.at).map_or(self.text.len(), |placed| placed.start)
    }

    /// What was read since a place.
    fn written(&self, start: usize) -> &'e str {
        let last = self.at.checked_sub(1).and_then(|last| self.tokens.get(last));
        last.and_then(|last| self.text.get(start..last.end)).unwrap_or_default()
    }

    /// That something else is here than should be.
    fn expected(&self, what: &str) -> SelectorError {
        let rest = self.text.get(self.place()..).unwrap_or_default().trim_end();
        if rest.is_empty() {
            return SelectorError::new(format!("this XPath is incomplete: {what} is missing"));
        }
        let error = SelectorError::about(rest, format!("expected {what}, found `{rest}`"));
        let slip = SLIPS.iter().find(|(slip, _)| rest.starts_with(slip));
        slip.map_or(error.clone(), |(_, help)| error.with(help))
    }

    fn wanted(&mut self, token: Token<'_>, what: &str) -> Result<(), SelectorError> {
        if self.take(token) { Ok(()) } else { Err(self.expected(what)) }
    }

    /// What stands in parentheses or brackets, up to the closing one.
    fn inner(&mut self, close: Token<'_>, what: &str) -> Result<Expression, SelectorError> {
        self.deeper()?;
        let inner = self.ranked(0)?;
        self.depth -= 1;
        self.wanted(close, what)?;
        Ok(inner)
    }

    fn deeper(&mut self) -> Result<(), SelectorError> {
        self.depth += 1;
        match self.depth > DEEPEST {
            true => Err(SelectorError::new(format!("an XPath is nested at most {DEEPEST} deep"))),
            false => Ok(()),
        }
    }

    /// Operands with operators of a rank between them.
    fn ranked(&mut self, rank: usize) -> Result<Expression, SelectorError> {
        let Some(operators) = RANKS.get(rank) else { return self.signed() };
        let first = self.ranked(rank + 1)?;
        let mut rest = Vec::new();
        while let Some(Token::Operator(operator)) = self.peek()
            && operators.contains(&operator)
        {
            self.at += 1;
            rest.push((operator, self.ranked(rank + 1)?));
        }
        Ok(if rest.is_empty() { first } else { Expression::Chain(Box::new(first), rest) })
    }

    fn signed(&mut self) -> Result<Expression, SelectorError> {
        let before = self.at;
        while self.take(Token::Operator(Operator::Minus)) {}
        let signs = self.at - before;
        let operand = self.union()?;
        Ok(match signs {
            0 => operand,
            _ => Expression::Signed(!signs.is_multiple_of(2), Box::new(operand)),
        })
    }

    fn union(&mut self) -> Result<Expression, SelectorError> {
        let start = self.place();
        let first = self.path()?;
        if self.peek() != Some(Token::Bar) {
            return Ok(first);
        }
        self.are_nodes("|", &first, start)?;
        let mut all = vec![first];
        while self.take(Token::Bar) {
            let start = self.place();
            let next = self.path()?;
            self.are_nodes("|", &next, start)?;
            all.push(next);
        }
        Ok(Expression::Union(all))
    }

    /// That nodes are given to what takes nothing else.
    fn are_nodes(
        &self,
        taker: &str,
        given: &Expression,
        start: usize,
    ) -> Result<(), SelectorError> {
        let kind = given.kind();
        if kind == Kind::Nodes {
            return Ok(());
        }
        let written = self.written(start);
        let message = format!("`{taker}` takes nodes, and `{written}` gives {}", kind.name());
        Err(SelectorError::about(written, message))
    }

    fn path(&mut self) -> Result<Expression, SelectorError> {
        let begins = self.place();
        let start = match self.peek() {
            Some(Token::Slash) => {
                self.at += 1;
                if !self.peek().is_some_and(begins_step) {
                    return match self.peek() {
                        Some(Token::OpenBracket | Token::Slash | Token::Slashes) => {
                            Err(self.expected("a step"))
                        }
                        _ => Ok(Expression::Path(Start::Root, Vec::new())),
                    };
                }
                return Ok(Expression::Path(Start::Root, self.steps(Vec::new())?));
            }
            Some(Token::Slashes) => {
                self.at += 1;
                return Ok(Expression::Path(Start::Root, self.steps(vec![anywhere()])?));
            }
            Some(Token::Open) => {
                self.at += 1;
                self.inner(Token::Close, "`)`")?
            }
            Some(Token::Literal(literal)) => {
                self.at += 1;
                Expression::Literal(literal.into())
            }
            Some(Token::Number(number)) => {
                self.at += 1;
                Expression::Number(number)
            }
            Some(Token::Called(name)) if !is_node_type(name) => self.call(name)?,
            Some(token) if begins_step(token) => {
                return Ok(Expression::Path(Start::Context, self.steps(Vec::new())?));
            }
            _ => return Err(self.expected("an operand")),
        };
        let follows = self.peek();
        if let Some(Token::OpenBracket) = follows {
            self.are_nodes("[...]", &start, begins)?;
        }
        let predicates = self.predicates()?;
        let steps = match self.peek() {
            Some(slash @ (Token::Slash | Token::Slashes)) => {
                self.are_nodes("/", &start, begins)?;
                self.at += 1;
                let anywhere = (slash == Token::Slashes).then(anywhere);
                self.steps(anywhere.into_iter().collect())?
            }
            _ if predicates.is_empty() => return Ok(start),
            _ => Vec::new(),
        };
        Ok(Expression::Path(Start::Nodes(Box::new(start), predicates), steps))
    }

    /// A call of a function, whose name comes.
    fn call(&mut self, name: Name<'e>) -> Result<Expression, SelectorError> {
        let start = self.place();
        if let Some(prefix) = name.prefix {
            self.namespace(prefix)?;
        }
        self.at += 1;
        let function = function::named(self.written(start))?;
        self.wanted(Token::Open, "`(`")?;
        self.deeper()?;
        let mut arguments = Vec::new();
        while !self.take(Token::Close) {
            if !arguments.is_empty() {
                self.wanted(Token::Comma, "`,` or `)`")?;
            }
            let start = self.place();
            let argument = self.ranked(0)?;
            if function.of_nodes {
                self.are_nodes(function.name, &argument, start)?;
            }
            arguments.push(argument);
        }
        self.depth -= 1;
        if !(function.least..=function.most).contains(&arguments.len()) {
            return Err(function.miscounted(arguments.len(), self.written(start)));
        }
        Ok(Expression::Call(function, arguments))
    }

    fn namespace(&self, prefix: &str) -> Result<Arc<str>, SelectorError> {
        (self.namespace_of)(prefix).ok_or_else(|| {
            let message = format!(
                "the prefix `{prefix}` is not bound to a namespace; `namespaces` declares prefixes"
            );
            SelectorError::about(prefix, message)
        })
    }

    fn predicates(&mut self) -> Result<Vec<Expression>, SelectorError> {
        let mut predicates = Vec::new();
        while self.take(Token::OpenBracket) {
            predicates.push(self.inner(Token::CloseBracket, "`]`")?);
        }
        Ok(predicates)
    }

    /// Steps with slashes between them, after those that were abbreviated.
    fn steps(&mut self, mut steps: Vec<Step>) -> Result<Vec<Step>, SelectorError> {
        loop {
            let step = self.step()?;
            match steps.last_mut() {
                // `//a` is the descendants called `a`, which needs no list of all nodes.
                Some(last) if last.is_anywhere() && step.is_plain_child() => {
                    *last = Step { axis: Axis::Descendant, ..step };
                }
                _ => steps.push(step),
            }
            if self.take(Token::Slashes) {
                steps.push(anywhere());
            } else if !self.take(Token::Slash) {
                return Ok(steps);
            }
        }
    }

    fn step(&mut self) -> Result<Step, SelectorError> {
        for (token, axis) in [(Token::Dot, Axis::This), (Token::Dots, Axis::Parent)] {
            if self.take(token) {
                if self.peek() == Some(Token::OpenBracket) {
                    let error = self.expected("`/` or an operator");
                    return Err(error.with("a predicate comes after a name or `node()`"));
                }
                return Ok(Step { axis, test: Test::Node, predicates: Vec::new() });
            }
        }
        let axis = match self.peek() {
            Some(Token::At) => {
                self.at += 1;
                Axis::Attribute
            }
            Some(Token::Axis(name)) => {
                self.at += 1;
                Axis::named(name)?
            }
            _ => Axis::Child,
        };
        let test = self.test()?;
        Ok(Step { axis, test, predicates: self.predicates()? })
    }

    fn test(&mut self) -> Result<Test, SelectorError> {
        match self.peek() {
            Some(Token::Name(name)) => {
                let namespace = name.prefix.map(|prefix| self.namespace(prefix)).transpose()?;
                self.at += 1;
                Ok(match (namespace, name.local) {
                    (None, None) => Test::Any,
                    (Some(namespace), None) => Test::In(namespace),
                    (namespace, Some(local)) => Test::Named(namespace, local.into()),
                })
            }
            Some(Token::Called(name)) if is_node_type(name) => {
                let test = match name.local {
                    Some("node") => Test::Node,
                    Some("text") => Test::Text,
                    // The reader of documents leaves them out, so that they would always select
                    // nothing, whatever there is.
                    other => {
                        let message = "comments and processing instructions are not supported here";
                        return Err(SelectorError::about(other.unwrap_or_default(), message));
                    }
                };
                self.at += 1;
                self.wanted(Token::Open, "`(`")?;
                self.wanted(Token::Close, "`)`")?;
                Ok(test)
            }
            _ => Err(self.expected("a step")),
        }
    }
}

impl Step {
    fn is_anywhere(&self) -> bool {
        self.axis == Axis::DescendantOrSelf
            && matches!(self.test, Test::Node)
            && self.predicates.is_empty()
    }

    fn is_plain_child(&self) -> bool {
        self.axis == Axis::Child && self.predicates.is_empty()
    }
}

/// Whether a step of a path begins with it (section 2.1).
fn begins_step(token: Token<'_>) -> bool {
    matches!(
        token,
        Token::Dot | Token::Dots | Token::At | Token::Axis(_) | Token::Name(_) | Token::Called(_)
    )
}

/// What `//` stands for (section 2.5).
fn anywhere() -> Step {
    Step { axis: Axis::DescendantOrSelf, test: Test::Node, predicates: Vec::new() }
}

fn is_node_type(name: Name<'_>) -> bool {
    let types = ["comment", "text", "processing-instruction", "node"];
    name.prefix.is_none() && name.local.is_some_and(|local| types.contains(&local))
}
