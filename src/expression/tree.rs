//! What an expression is once it is read.

use std::ops::Range;
use std::sync::Arc;

use super::ExpressionError;
use super::filters::{Filter, Prepared};
pub(super) use super::numbers::Arithmetic;
use super::predicates::Predicate;
use crate::value::Value;

/// How deep a tree may be; operators in a row make it deeper without brackets.
const DEEPEST: usize = 200;

/// A part of an expression, with its place in the text.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) range: Range<usize>,
    /// How many parts stand in each other in it.
    pub(super) depth: usize,
}

/// Arguments by parameter; `None` for one that is not given.
pub(super) type Arguments = Box<[Option<Node>]>;

/// Arguments as they are written.
#[derive(Default)]
pub(super) struct Written {
    pub(super) positional: Vec<Node>,
    pub(super) named: Vec<(Arc<str>, Node)>,
}

/// What a part does.
#[derive(Debug)]
pub(super) enum Kind {
    /// Always the same; `None` is absent.
    Constant(Option<Value>),
    /// The variable of that number.
    Variable(usize),
    /// The name of that number of those that comprehensions around it give.
    Local(usize),
    Member(Box<Node>, Arc<str>),
    Index(Box<Node>, Box<Node>),
    Slice {
        of: Box<Node>,
        /// From, to and step.
        bounds: Box<[Option<Node>; 3]>,
    },
    List(Box<[Node]>),
    Map(Box<[(Node, Node)]>),
    Not(Box<Node>),
    Negative(Box<Node>),
    And(Box<[Node; 2]>),
    Or(Box<[Node; 2]>),
    /// Texts put together.
    Join(Box<[Node]>),
    Arithmetic(Arithmetic, Box<[Node; 2]>),
    /// Each but the last has to hold; the last is the result.
    Compare(Box<Node>, Box<[(Comparison, Node)]>),
    /// Then, condition and otherwise.
    If(Box<[Node; 2]>, Option<Box<Node>>),
    Test(&'static Predicate, Box<Node>, Arguments),
    Filter {
        filter: &'static Filter,
        of: Box<Node>,
        arguments: Arguments,
        prepared: Option<Prepared>,
    },
    /// The filter `default` without its second argument: what is there, or else the other, be it
    /// the empty text.
    Default(Box<Node>, Option<Box<Node>>),
    /// The items whose member, or which themselves, pass a test or do not.
    Select {
        list: Box<Node>,
        member: Option<Box<Node>>,
        test: Option<(&'static Predicate, Arguments)>,
        keep: bool,
    },
    /// A filter for each item.
    Each {
        list: Box<Node>,
        filter: &'static Filter,
        arguments: Arguments,
        prepared: Option<Prepared>,
    },
    /// `[of for name in list if condition]`: a value for each item that meets the condition.
    Comprehension {
        of: Box<Node>,
        /// Each further one is gone through for each item of those before it.
        loops: Box<[Loop]>,
    },
    /// A member of each item.
    Pluck {
        list: Box<Node>,
        member: Box<Node>,
        default: Option<Box<Node>>,
    },
}

/// What a comprehension goes through.
#[derive(Debug)]
pub(super) struct Loop {
    /// How many names an item gives: several are those of its own items.
    pub(super) names: usize,
    pub(super) list: Node,
    pub(super) condition: Option<Node>,
}

/// An operator that compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
}

impl Kind {
    /// Whether it is a constant or a path: what stands somewhere already.
    pub(super) fn is_standing(&self) -> bool {
        match self {
            Self::Constant(_) | Self::Variable(_) => true,
            Self::Member(of, _) => of.kind.is_standing(),
            _ => false,
        }
    }
}

impl Node {
    pub(super) fn new(kind: Kind, range: Range<usize>) -> Self {
        let mut node = Self { kind, range, depth: 0 };
        let mut deepest = 0;
        node.each_part(&mut |part| deepest = deepest.max(part.depth));
        node.depth = deepest + 1;
        node
    }

    /// The same, unless it is too deep.
    pub(super) fn bounded(kind: Kind, range: Range<usize>) -> Result<Self, ExpressionError> {
        let node = Self::new(kind, range);
        if node.depth > DEEPEST {
            return Err(ExpressionError::at("the expression is nested too deeply", node.range));
        }
        Ok(node)
    }

    /// Looks at each part that stands directly in it.
    pub(super) fn each_part<'n>(&'n self, look: &mut dyn FnMut(&'n Self)) {
        match &self.kind {
            Kind::Constant(_) | Kind::Variable(_) | Kind::Local(_) => {}
            Kind::Member(of, _) | Kind::Not(of) | Kind::Negative(of) => look(of),
            Kind::Index(of, key) => {
                look(of);
                look(key);
            }
            Kind::Slice { of, bounds } => {
                look(of);
                bounds.iter().flatten().for_each(look);
            }
            Kind::List(items) | Kind::Join(items) => items.iter().for_each(look),
            Kind::Map(members) => members.iter().flat_map(|(k, v)| [k, v]).for_each(look),
            Kind::And(both) | Kind::Or(both) | Kind::Arithmetic(_, both) => {
                both.iter().for_each(look);
            }
            Kind::Compare(first, others) => {
                look(first);
                others.iter().for_each(|(_, part)| look(part));
            }
            Kind::If(both, otherwise) => {
                both.iter().for_each(&mut *look);
                if let Some(part) = otherwise {
                    look(part);
                }
            }
            Kind::Test(_, of, arguments) | Kind::Filter { of, arguments, .. } => {
                look(of);
                arguments.iter().flatten().for_each(look);
            }
            Kind::Default(of, otherwise) => {
                look(of);
                if let Some(part) = otherwise {
                    look(part);
                }
            }
            Kind::Select { list, member, test, .. } => {
                look(list);
                if let Some(part) = member {
                    look(part);
                }
                test.iter().flat_map(|(_, arguments)| arguments).flatten().for_each(look);
            }
            Kind::Each { list, arguments, .. } => {
                look(list);
                arguments.iter().flatten().for_each(look);
            }
            Kind::Comprehension { of, loops } => {
                for each in loops {
                    look(&each.list);
                    each.condition.iter().for_each(&mut *look);
                }
                look(of);
            }
            Kind::Pluck { list, member, default } => {
                look(list);
                look(member);
                if let Some(part) = default {
                    look(part);
                }
            }
        }
    }

    /// Changes each part that stands directly in it.
    pub(super) fn each_part_mut<E>(
        &mut self,
        change: &mut dyn FnMut(&mut Self) -> Result<(), E>,
    ) -> Result<(), E> {
        match &mut self.kind {
            Kind::Constant(_) | Kind::Variable(_) | Kind::Local(_) => Ok(()),
            Kind::Member(of, _) | Kind::Not(of) | Kind::Negative(of) => change(of),
            Kind::Index(of, key) => {
                change(of)?;
                change(key)
            }
            Kind::Slice { of, bounds } => {
                change(of)?;
                bounds.iter_mut().flatten().try_for_each(change)
            }
            Kind::List(items) | Kind::Join(items) => items.iter_mut().try_for_each(change),
            Kind::Map(members) => members.iter_mut().flat_map(|(k, v)| [k, v]).try_for_each(change),
            Kind::And(both) | Kind::Or(both) | Kind::Arithmetic(_, both) => {
                both.iter_mut().try_for_each(change)
            }
            Kind::Compare(first, others) => {
                change(first)?;
                others.iter_mut().try_for_each(|(_, part)| change(part))
            }
            Kind::If(both, otherwise) => {
                both.iter_mut().try_for_each(&mut *change)?;
                otherwise.iter_mut().try_for_each(|part| change(part))
            }
            Kind::Test(_, of, arguments) | Kind::Filter { of, arguments, .. } => {
                change(of)?;
                arguments.iter_mut().flatten().try_for_each(change)
            }
            Kind::Default(of, otherwise) => {
                change(of)?;
                otherwise.iter_mut().try_for_each(|part| change(part))
            }
            Kind::Select { list, member, test, .. } => {
                change(list)?;
                member.iter_mut().try_for_each(|part| change(part))?;
                test.iter_mut().flat_map(|(_, arguments)| arguments).flatten().try_for_each(change)
            }
            Kind::Each { list, arguments, .. } => {
                change(list)?;
                arguments.iter_mut().flatten().try_for_each(change)
            }
            Kind::Comprehension { of, loops } => {
                for each in loops {
                    change(&mut each.list)?;
                    each.condition.iter_mut().try_for_each(&mut *change)?;
                }
                change(of)
            }
            Kind::Pluck { list, member, default } => {
                change(list)?;
                change(member)?;
                default.iter_mut().try_for_each(|part| change(part))
            }
        }
    }

    /// What it always is, if it is always the same.
    pub(super) fn constant(&self) -> Option<&Option<Value>> {
        match &self.kind {
            Kind::Constant(value) => Some(value),
            _ => None,
        }
    }

    /// The text that it is, written out.
    pub(super) fn literal(&self) -> Option<&str> {
        self.constant()?.as_ref()?.as_str()
    }
}
