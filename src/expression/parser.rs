//! Reads an expression into a tree: the grammar of Jinja's expressions.

use std::ops::Range;
use std::sync::Arc;

use super::ExpressionError;
use super::calls;
use super::lexer::{Token, tokens};
use super::numbers;
use super::tree::{Arithmetic, Comparison, Kind, Node, Written};
use crate::value::Value;

pub(super) type Read<T> = Result<T, ExpressionError>;

pub(super) struct Parser {
    pub(super) tokens: Vec<(Token, Range<usize>)>,
    pub(super) at: usize,
    pub(super) nested: usize,
    pub(super) end: usize,
    roots: Vec<Arc<str>>,
    /// The names that comprehensions around give, outermost first.
    pub(super) locals: Vec<Arc<str>>,
}

/// The tree of an expression with the names of its variables.
pub(super) fn read(text: &str) -> Read<(Node, Vec<Arc<str>>)> {
    let tokens = tokens(text)?;
    let (roots, locals) = (Vec::new(), Vec::new());
    let mut parser = Parser { tokens, at: 0, nested: 0, end: text.len(), roots, locals };
    let tree = parser.expression()?;
    match parser.peek() {
        None => Ok((tree, parser.roots)),
        Some(_) => Err(parser.unexpected("the end or an operator")),
    }
}

impl Parser {
    pub(super) fn expression(&mut self) -> Read<Node> {
        self.nested(Self::conditional)
    }

    fn conditional(&mut self) -> Read<Node> {
        let start = self.here().start;
        let mut then = self.or()?;
        while self.takes_word("if") {
            let condition = self.or()?;
            let otherwise = match self.takes_word("else") {
                true => Some(Box::new(self.nested(Self::conditional)?)),
                false => None,
            };
            let kind = Kind::If(Box::new([then, condition]), otherwise);
            then = Node::bounded(kind, start..self.behind())?;
        }
        Ok(then)
    }

    pub(super) fn or(&mut self) -> Read<Node> {
        let mut left = self.and()?;
        while self.takes_word("or") {
            let right = self.and()?;
            let range = left.range.start..right.range.end;
            left = Node::bounded(Kind::Or(Box::new([left, right])), range)?;
        }
        Ok(left)
    }

    fn and(&mut self) -> Read<Node> {
        let mut left = self.not()?;
        while self.takes_word("and") {
            let right = self.not()?;
            let range = left.range.start..right.range.end;
            left = Node::bounded(Kind::And(Box::new([left, right])), range)?;
        }
        Ok(left)
    }

    fn not(&mut self) -> Read<Node> {
        let start = self.here().start;
        if self.takes_word("not") {
            let of = self.nested(Self::not)?;
            return Node::bounded(Kind::Not(Box::new(of)), start..self.behind());
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Read<Node> {
        let start = self.here().start;
        let first = self.sum()?;
        let mut others = Vec::new();
        while let Some(comparison) = self.comparison_operator()? {
            others.push((comparison, self.sum()?));
        }
        if others.is_empty() {
            return Ok(first);
        }
        Node::bounded(Kind::Compare(Box::new(first), others.into()), start..self.behind())
    }

    fn comparison_operator(&mut self) -> Read<Option<Comparison>> {
        let comparison = match self.peek() {
            Some(Token::Symbol("==")) => Comparison::Equal,
            Some(Token::Symbol("!=")) => Comparison::NotEqual,
            Some(Token::Symbol("<")) => Comparison::Less,
            Some(Token::Symbol("<=")) => Comparison::LessOrEqual,
            Some(Token::Symbol(">")) => Comparison::Greater,
            Some(Token::Symbol(">=")) => Comparison::GreaterOrEqual,
            Some(Token::Name(name)) if **name == *"in" => Comparison::In,
            Some(Token::Name(name)) if **name == *"not" => {
                self.at += 1;
                if !self.is_word("in") {
                    return Err(self.unexpected("`in`"));
                }
                Comparison::NotIn
            }
            _ => return Ok(None),
        };
        self.at += 1;
        Ok(Some(comparison))
    }

    fn sum(&mut self) -> Read<Node> {
        let mut left = self.joined()?;
        loop {
            let operator = match self.peek() {
                Some(Token::Symbol("+")) => Arithmetic::Add,
                Some(Token::Symbol("-")) => Arithmetic::Subtract,
                _ => return Ok(left),
            };
            self.at += 1;
            left = self.infix(operator, left, Self::joined)?;
        }
    }

    fn infix(
        &mut self,
        operator: Arithmetic,
        left: Node,
        right: impl FnOnce(&mut Self) -> Read<Node>,
    ) -> Read<Node> {
        let right = right(self)?;
        let range = left.range.start..right.range.end;
        Node::bounded(Kind::Arithmetic(operator, Box::new([left, right])), range)
    }

    fn joined(&mut self) -> Read<Node> {
        let first = self.product()?;
        if !self.is("~") {
            return Ok(first);
        }
        let start = first.range.start;
        let mut pieces = vec![first];
        while self.takes("~") {
            pieces.push(self.product()?);
        }
        Node::bounded(Kind::Join(pieces.into()), start..self.behind())
    }

    fn product(&mut self) -> Read<Node> {
        let mut left = self.power()?;
        loop {
            let operator = match self.peek() {
                Some(Token::Symbol("*")) => Arithmetic::Multiply,
                Some(Token::Symbol("/")) => Arithmetic::Divide,
                Some(Token::Symbol("//")) => Arithmetic::DivideWhole,
                Some(Token::Symbol("%")) => Arithmetic::Remainder,
                _ => return Ok(left),
            };
            self.at += 1;
            left = self.infix(operator, left, Self::power)?;
        }
    }

    fn power(&mut self) -> Read<Node> {
        let mut left = self.filtered()?;
        while self.takes("**") {
            left = self.infix(Arithmetic::Power, left, Self::filtered)?;
        }
        Ok(left)
    }

    /// An operand with the filters and tests behind it.
    fn filtered(&mut self) -> Read<Node> {
        let mut of = self.operand()?;
        loop {
            let start = of.range.start;
            if self.takes("|") {
                let (name, place) = self.name("the name of a filter")?;
                let written = if self.is("(") { self.arguments()? } else { Written::default() };
                let call = place.start..self.behind();
                of = calls::filter(&name, &place, of, written, start..call.end)?;
            } else if self.takes_word("is") {
                let negated = self.takes_word("not");
                let (name, place) = self.name("the name of a test")?;
                let predicate = calls::test(&name, &place)?;
                let written = if self.is("(") {
                    self.arguments()?
                } else if !predicate.parameters.is_empty() && self.begins_operand() {
                    Written { positional: vec![self.operand()?], named: Vec::new() }
                } else {
                    Written::default()
                };
                let place = place.start..self.behind();
                let arguments = calls::test_arguments(predicate, written, &place)?;
                let range = start..self.behind();
                of = Node::bounded(Kind::Test(predicate, Box::new(of), arguments), range.clone())?;
                if negated {
                    of = Node::bounded(Kind::Not(Box::new(of)), range)?;
                }
            } else {
                return Ok(of);
            }
        }
    }

    fn begins_operand(&self) -> bool {
        match self.peek() {
            Some(Token::Name(name)) => {
                !matches!(&**name, "and" | "or" | "not" | "if" | "else" | "is" | "in")
            }
            Some(Token::Text(_) | Token::Number(_)) => true,
            Some(Token::Symbol(symbol)) => matches!(*symbol, "-" | "[" | "{" | "("),
            None => false,
        }
    }

    /// A sign goes for the operand with its members: `-a.b` is `-(a.b)`.
    fn operand(&mut self) -> Read<Node> {
        let start = self.here().start;
        if self.takes("-") {
            let of = self.nested(Self::operand)?;
            return Node::bounded(Kind::Negative(Box::new(of)), start..self.behind());
        }
        let primary = self.primary()?;
        self.members(primary)
    }

    fn members(&mut self, mut of: Node) -> Read<Node> {
        loop {
            let start = of.range.start;
            let kind = if self.takes(".") {
                match self.peek() {
                    Some(Token::Number(number)) => {
                        let key = numbers::integer_literal(number);
                        let key = key.ok_or_else(|| self.unexpected("a name or an index"))?;
                        let key = Node::new(Kind::Constant(Some(key)), self.here());
                        self.at += 1;
                        Kind::Index(Box::new(of), Box::new(key))
                    }
                    _ => {
                        let (name, place) = self.name("the name of a member")?;
                        if self.is("(") {
                            return Err(calls::method(&name, place));
                        }
                        Kind::Member(Box::new(of), name)
                    }
                }
            } else if self.takes("[") {
                self.subscript(of)?
            } else if self.is("(") {
                return Err(ExpressionError::at(
                    "only `range` and `dict` can be called",
                    of.range.clone(),
                ));
            } else {
                return Ok(of);
            };
            of = Node::bounded(kind, start..self.behind())?;
        }
    }

    fn subscript(&mut self, of: Node) -> Read<Kind> {
        if self.is("]") {
            return Err(self.unexpected("an index or a name"));
        }
        let from = if self.is(":") { None } else { Some(self.expression()?) };
        if !self.takes(":") {
            self.expect("]")?;
            return Ok(match from {
                Some(Node { kind: Kind::Constant(Some(Value::Text(name))), .. }) => {
                    Kind::Member(Box::new(of), name)
                }
                Some(key) => Kind::Index(Box::new(of), Box::new(key)),
                None => Kind::Constant(None),
            });
        }
        let to = if self.is("]") || self.is(":") { None } else { Some(self.expression()?) };
        let step = match self.takes(":") && !self.is("]") {
            true => Some(self.expression()?),
            false => None,
        };
        self.expect("]")?;
        Ok(Kind::Slice { of: Box::new(of), bounds: Box::new([from, to, step]) })
    }

    fn primary(&mut self) -> Read<Node> {
        let range = self.here();
        let Some(token) = self.peek().cloned() else {
            return Err(self.unexpected("a value"));
        };
        let kind = match token {
            Token::Name(name) => match &*name {
                "true" | "True" => Kind::Constant(Some(Value::Bool(true))),
                "false" | "False" => Kind::Constant(Some(Value::Bool(false))),
                "none" | "None" => Kind::Constant(Some(Value::Null)),
                "and" | "or" | "not" | "if" | "else" | "is" | "in" => {
                    return Err(self.unexpected("a value"));
                }
                _ => {
                    self.at += 1;
                    if self.is("(") {
                        return self.call(&name, range);
                    }
                    // The innermost of those that have one name.
                    let local = self.locals.iter().rposition(|local| *local == name);
                    let kind = local.map_or_else(|| Kind::Variable(self.root(&name)), Kind::Local);
                    return Node::bounded(kind, range);
                }
            },
            // Texts that follow each other are one.
            Token::Text(mut text) => {
                while let Some((Token::Text(more), _)) = self.tokens.get(self.at + 1) {
                    text.push_str(more);
                    self.at += 1;
                }
                Kind::Constant(Some(text.into()))
            }
            Token::Number(number) => {
                let value = numbers::literal(&number);
                let value = value.map_err(|message| ExpressionError::at(message, range.clone()))?;
                Kind::Constant(Some(value))
            }
            Token::Symbol("(") => return self.bracketed(),
            Token::Symbol("[") => {
                self.at += 1;
                if let Some(loops) = self.loops_ahead() {
                    return self.comprehension(loops, range.start);
                }
                let items = self.listed("]", Self::expression)?;
                return Node::bounded(Kind::List(items.into()), range.start..self.behind());
            }
            Token::Symbol("{") => {
                self.at += 1;
                let members = self.listed("}", |parser| {
                    let key = parser.expression()?;
                    parser.expect(":")?;
                    Ok((key, parser.expression()?))
                })?;
                return Node::bounded(Kind::Map(members.into()), range.start..self.behind());
            }
            Token::Symbol(_) => return Err(self.unexpected("a value")),
        };
        self.at += 1;
        Node::bounded(kind, range.start..self.behind())
    }

    fn root(&mut self, name: &Arc<str>) -> usize {
        self.roots.iter().position(|known| known == name).unwrap_or_else(|| {
            self.roots.push(name.clone());
            self.roots.len() - 1
        })
    }

    /// An expression in brackets, or with commas in them a list.
    fn bracketed(&mut self) -> Read<Node> {
        let start = self.here().start;
        self.at += 1;
        if self.takes(")") {
            return Node::bounded(Kind::List(Box::default()), start..self.behind());
        }
        let first = self.expression()?;
        if self.takes(")") {
            return Ok(Node { range: start..self.behind(), ..first });
        }
        self.expect(",")?;
        let mut items = vec![first];
        items.extend(self.listed(")", Self::expression)?);
        Node::bounded(Kind::List(items.into()), start..self.behind())
    }

    /// What stands between commas up to a closing bracket; a comma may stand before it.
    fn listed<T>(
        &mut self,
        close: &'static str,
        mut item: impl FnMut(&mut Self) -> Read<T>,
    ) -> Read<Vec<T>> {
        let mut items = Vec::new();
        while !self.takes(close) {
            items.push(item(self)?);
            if !self.takes(",") && !self.is(close) {
                return Err(self.unexpected(&format!("`,` or `{close}`")));
            }
        }
        Ok(items)
    }

    fn call(&mut self, name: &str, place: Range<usize>) -> Read<Node> {
        let written = self.arguments()?;
        calls::function(name, &place, written, place.start..self.behind())
    }

    fn arguments(&mut self) -> Read<Written> {
        self.expect("(")?;
        let mut written = Written::default();
        self.listed(")", |parser| {
            let place = parser.here();
            if parser.is("*") || parser.is("**") {
                return Err(parser.unexpected("an argument"));
            }
            let argument = match (parser.peek(), parser.tokens.get(parser.at + 1)) {
                (Some(Token::Name(name)), Some((Token::Symbol("="), _))) => {
                    let name = name.clone();
                    parser.at += 2;
                    let value = parser.expression()?;
                    written.named.push((name, value));
                    return Ok(());
                }
                _ => parser.expression()?,
            };
            if !written.named.is_empty() {
                let message = "an argument without a name behind one with a name";
                return Err(ExpressionError::at(message, place));
            }
            written.positional.push(argument);
            Ok(())
        })?;
        Ok(written)
    }
}
