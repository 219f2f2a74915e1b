//! Works a tree out over the values of its variables.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::cost::{Budget, Fault};
use super::filters::{Call, Filter, Prepared};
use super::given::Given;
use super::operators::{
    Held, along, along_shown, calculate, compared, contains, equal, item, item_shown, items, kind,
    member_name, slice, text_of, truth,
};
use super::tree::{Arguments, Comparison, Kind, Loop, Node};
use super::{Variables, numbers};
use crate::value::{Map, Value};

type Evaluated<'v> = Result<Held<'v>, Fault>;

/// One evaluation.
pub(super) struct Evaluation<'v> {
    variables: &'v dyn Variables,
    /// What does not fit its operands is told, not absent.
    strict: bool,
    budget: Budget,
    /// What the comprehensions around are at, outermost first.
    locals: Vec<Option<Value>>,
}

/// Which arguments are worked out: the first is the lowest bit.
fn worked_out(arguments: &Arguments) -> u32 {
    let is_fixed = |node: &Node| node.constant().is_some();
    arguments.iter().rev().fold(0, |bits, argument| {
        bits << 1 | u32::from(argument.as_ref().is_some_and(|node| !is_fixed(node)))
    })
}

impl<'v> Evaluation<'v> {
    /// At request time: what does not fit is absent.
    pub(super) fn new(variables: &'v dyn Variables) -> Self {
        Self { variables, strict: false, budget: Budget::default(), locals: Vec::new() }
    }

    /// When a spec is loaded: what does not fit is a mistake.
    pub(super) fn strict(variables: &'v dyn Variables) -> Self {
        Self { variables, strict: true, budget: Budget::default(), locals: Vec::new() }
    }

    pub(super) fn value(&mut self, node: &'v Node) -> Evaluated<'v> {
        self.budget.spend(1)?;
        if node.kind.is_standing() {
            return Ok(self.standing(node).map(Cow::Borrowed));
        }
        let result = self.part(node);
        self.fitted(node, result)
    }

    /// What does not fit its operands is absent, which is false, unless it is to be told.
    fn fitted<T: Default>(&self, node: &Node, result: Result<T, Fault>) -> Result<T, Fault> {
        match result {
            Err(Fault::Misfit { .. }) if !self.strict => Ok(T::default()),
            Err(Fault::Misfit { message, range: None }) => {
                Err(Fault::Misfit { message, range: Some(node.range.clone()) })
            }
            other => other,
        }
    }

    /// What a path leads to, or a constant is, for which nothing is worked out.
    fn standing(&self, node: &'v Node) -> Option<&'v Value> {
        match &node.kind {
            Kind::Constant(value) => value.as_ref(),
            Kind::Variable(at) => self.variables.variable(*at),
            Kind::Member(of, name) => self.standing(of)?.get(name),
            _ => None,
        }
    }

    pub(super) fn is_true(&mut self, node: &'v Node) -> Result<bool, Fault> {
        match &node.kind {
            Kind::Not(of) => self.is_true(of).map(|holds| !holds),
            Kind::And(both) => {
                let [left, right] = &**both;
                Ok(self.is_true(left)? && self.is_true(right)?)
            }
            Kind::Or(both) => {
                let [left, right] = &**both;
                Ok(self.is_true(left)? || self.is_true(right)?)
            }
            Kind::Compare(..) | Kind::Test(..) => {
                self.budget.spend(1)?;
                let holds = self.holds(node);
                self.fitted(node, holds)
            }
            _ => Ok(self.value(node)?.is_some_and(|value| truth(&value))),
        }
    }

    fn part(&mut self, node: &'v Node) -> Evaluated<'v> {
        Ok(Some(match &node.kind {
            Kind::Constant(_) | Kind::Variable(_) => {
                return Ok(self.standing(node).map(Cow::Borrowed));
            }
            Kind::Local(at) => {
                return Ok(self.locals.get(*at).cloned().flatten().map(Cow::Owned));
            }
            Kind::Member(of, name) => {
                return Ok(match self.value(of)? {
                    Some(Cow::Borrowed(of)) => of.get(name).map(Cow::Borrowed),
                    Some(Cow::Owned(of)) => of.get(name).cloned().map(Cow::Owned),
                    None => None,
                });
            }
            Kind::Index(of, key) => {
                let of = self.value(of)?;
                let find = if key.constant().is_some() { item } else { item_shown };
                let Some(key) = self.value(key)? else { return Ok(None) };
                return Ok(match of {
                    Some(Cow::Borrowed(of)) => find(of, &key),
                    Some(Cow::Owned(of)) => find(&of, &key).map(|i| Cow::Owned(i.into_owned())),
                    None => None,
                });
            }
            Kind::Slice { of, bounds } => {
                let of = self.value(of)?;
                let [from, to, step] = &**bounds;
                let (from, to, step) = (
                    self.optional(from.as_ref())?,
                    self.optional(to.as_ref())?,
                    self.optional(step.as_ref())?,
                );
                let bounds = [from.as_deref(), to.as_deref(), step.as_deref()];
                Cow::Owned(slice(of.as_deref(), bounds, &mut self.budget)?)
            }
            Kind::List(parts) => {
                let mut items = Vec::with_capacity(parts.len());
                for part in parts {
                    items.push(self.value(part)?.map(Cow::into_owned).unwrap_or_default());
                }
                Cow::Owned(Value::list(items))
            }
            Kind::Map(members) => self.map(members)?,
            Kind::Not(of) => Cow::Owned(Value::Bool(!self.is_true(of)?)),
            Kind::Negative(of) => {
                let of = self.value(of)?;
                let negated = of.as_deref().and_then(numbers::negate);
                let unfit = || Fault::misfit(format!("`-` does not fit {}", kind(of.as_deref())));
                Cow::Owned(negated.ok_or_else(unfit)??)
            }
            Kind::And(both) => {
                let [left, right] = &**both;
                let left = self.value(left)?;
                return match left.as_deref().is_some_and(truth) {
                    true => self.value(right),
                    false => Ok(left),
                };
            }
            Kind::Or(both) => {
                let [left, right] = &**both;
                let left = self.value(left)?;
                return match left.as_deref().is_some_and(truth) {
                    true => Ok(left),
                    false => self.value(right),
                };
            }
            Kind::Join(parts) => {
                let mut text = String::new();
                for part in parts {
                    let value = self.value(part)?;
                    let piece = text_of(value.as_deref(), &mut self.budget)?;
                    self.budget.spend_text(piece.len())?;
                    text.push_str(&piece);
                }
                Cow::Owned(text.into())
            }
            Kind::Arithmetic(operator, both) => {
                let [left, right] = &**both;
                let (left, right) = (self.value(left)?, self.value(right)?);
                let result =
                    calculate(*operator, left.as_deref(), right.as_deref(), &mut self.budget);
                Cow::Owned(result?)
            }
            Kind::Compare(..) | Kind::Test(..) => Cow::Owned(Value::Bool(self.holds(node)?)),
            Kind::If(both, otherwise) => {
                let [then, condition] = &**both;
                return match (self.is_true(condition)?, otherwise) {
                    (true, _) => self.value(then),
                    (false, Some(otherwise)) => self.value(otherwise),
                    (false, None) => Ok(None),
                };
            }
            Kind::Filter { filter, of, arguments, prepared } => {
                let of = self.value(of)?;
                let given = self.arguments(arguments)?;
                let given = (&*given, worked_out(arguments));
                let result = self.filter(filter, of.as_deref(), given, prepared.as_ref())?;
                return Ok(result.map(Cow::Owned));
            }
            Kind::Default(of, otherwise) => {
                if let Some(value) = self.value(of)? {
                    return Ok(Some(value));
                }
                match otherwise {
                    Some(otherwise) => return self.value(otherwise),
                    None => Cow::Owned("".into()),
                }
            }
            Kind::Select { list, member, test, keep } => {
                let list = self.value(list)?;
                let fixed = member.as_ref().is_none_or(|member| member.constant().is_some());
                let find = if fixed { along } else { along_shown };
                let member = match member {
                    Some(member) => Some(self.value(member)?),
                    None => None,
                };
                let test = match test {
                    Some((test, arguments)) => Some((*test, self.other(arguments)?)),
                    None => None,
                };
                let mut kept = Vec::new();
                for candidate in items(list.as_deref(), &mut self.budget)?.iter() {
                    let tested = match &member {
                        Some(path) => find(candidate, path.as_deref()),
                        None => Some(Cow::Borrowed(candidate)),
                    };
                    let passes = match &test {
                        Some((test, other)) => {
                            test.test(tested.as_deref(), other.as_deref(), &mut self.budget)?
                        }
                        None => tested.is_some_and(|value| truth(&value)),
                    };
                    if passes == *keep {
                        kept.push(candidate.clone());
                    }
                }
                Cow::Owned(Value::list(kept))
            }
            Kind::Each { list, filter, arguments, prepared } => {
                let list = self.value(list)?;
                let given = self.arguments(arguments)?;
                let given = (&*given, worked_out(arguments));
                let mut made = Vec::new();
                for item in items(list.as_deref(), &mut self.budget)?.iter() {
                    let result = self.filter(filter, Some(item), given, prepared.as_ref());
                    made.push(match result {
                        Err(Fault::Misfit { .. }) if !self.strict => Value::Null,
                        other => other?.unwrap_or_default(),
                    });
                }
                Cow::Owned(Value::list(made))
            }
            Kind::Comprehension { of, loops } => {
                let around = self.locals.len();
                let mut made = Vec::new();
                let gone_through = self.go_through(loops, of, &mut made);
                self.locals.truncate(around);
                gone_through?;
                Cow::Owned(Value::list(made))
            }
            Kind::Pluck { list, member, default } => {
                let list = self.value(list)?;
                let find = if member.constant().is_some() { along } else { along_shown };
                let member = self.value(member)?;
                let default = match default {
                    Some(default) => self.value(default)?,
                    None => None,
                };
                let items = items(list.as_deref(), &mut self.budget)?;
                let plucked = items.iter().map(|item| {
                    let found = find(item, member.as_deref()).map(Cow::into_owned);
                    found.or_else(|| default.as_deref().cloned()).unwrap_or_default()
                });
                Cow::Owned(Value::list(plucked.collect()))
            }
        }))
    }

    /// Whether a comparison or a test holds.
    fn holds(&mut self, node: &'v Node) -> Result<bool, Fault> {
        match &node.kind {
            Kind::Compare(first, others) => {
                let mut left = self.value(first)?;
                for (comparison, right) in others {
                    let right = self.value(right)?;
                    if !self.compare(*comparison, left.as_deref(), right.as_deref())? {
                        return Ok(false);
                    }
                    left = right;
                }
                Ok(true)
            }
            Kind::Test(predicate, of, arguments) => {
                let (of, other) = (self.value(of)?, self.other(arguments)?);
                predicate.test(of.as_deref(), other.as_deref(), &mut self.budget)
            }
            _ => self.is_true(node),
        }
    }

    /// The one argument that a test may have.
    fn other(&mut self, arguments: &'v Arguments) -> Evaluated<'v> {
        self.optional(arguments.first().and_then(Option::as_ref))
    }

    /// Adds what a comprehension makes of each item of the first loop and of those in it.
    fn go_through(
        &mut self,
        loops: &'v [Loop],
        of: &'v Node,
        made: &mut Vec<Value>,
    ) -> Result<(), Fault> {
        let Some((first, inner)) = loops.split_first() else {
            made.push(self.value(of)?.map(Cow::into_owned).unwrap_or_default());
            return Ok(());
        };
        let around = self.locals.len();
        let list = self.value(&first.list)?;
        for item in items(list.as_deref(), &mut self.budget)?.iter() {
            self.locals.truncate(around);
            match first.names {
                1 => self.locals.push(Some(item.clone())),
                names => {
                    let parts = item.as_list().unwrap_or_default();
                    self.locals.extend((0..names).map(|at| parts.get(at).cloned()));
                }
            }
            let fits = match &first.condition {
                Some(condition) => self.is_true(condition)?,
                None => true,
            };
            if fits {
                self.go_through(inner, of, made)?;
            }
        }
        Ok(())
    }

    fn optional(&mut self, node: Option<&'v Node>) -> Evaluated<'v> {
        node.map_or(Ok(None), |node| self.value(node))
    }

    fn arguments(&mut self, arguments: &'v Arguments) -> Result<Given<'v>, Fault> {
        let mut given = Given::default();
        for argument in arguments {
            given.add(argument.as_ref().map(|argument| self.value(argument)).transpose()?);
        }
        Ok(given)
    }

    fn map(&mut self, parts: &'v [(Node, Node)]) -> Result<Cow<'v, Value>, Fault> {
        let mut map = Map::with_capacity(parts.len());
        for (key, member) in parts {
            let key = self.value(key)?;
            let name = key.as_deref().and_then(member_name);
            let unfit = || Fault::misfit(format!("{} is not a name", kind(key.as_deref())));
            let name = name.ok_or_else(unfit)?;
            self.budget.spend(map.len() / 16)?;
            match self.value(member)? {
                Some(value) => map.insert(&*name, value.into_owned()),
                None => _ = map.remove(&name),
            }
        }
        Ok(Cow::Owned(Value::map(map)))
    }

    fn compare(
        &mut self,
        comparison: Comparison,
        left: Option<&Value>,
        right: Option<&Value>,
    ) -> Result<bool, Fault> {
        let is_deep = |value: Option<&Value>| {
            value.is_some_and(|value| value.as_list().is_some() || value.members().is_some())
        };
        if is_deep(left) && is_deep(right) {
            self.budget.spend(super::operators::size(left))?;
        }
        Ok(match comparison {
            Comparison::Equal => equal(left, right),
            Comparison::NotEqual => !equal(left, right),
            Comparison::Less => compared(left, right).is_some_and(Ordering::is_lt),
            Comparison::LessOrEqual => compared(left, right).is_some_and(Ordering::is_le),
            Comparison::Greater => compared(left, right).is_some_and(Ordering::is_gt),
            Comparison::GreaterOrEqual => compared(left, right).is_some_and(Ordering::is_ge),
            Comparison::In => contains(right, left, &mut self.budget)?,
            Comparison::NotIn => !contains(right, left, &mut self.budget)?,
        })
    }

    fn filter(
        &mut self,
        filter: &Filter,
        of: Option<&Value>,
        (arguments, worked_out): (&[Option<Held<'v>>], u32),
        prepared: Option<&'v Prepared>,
    ) -> Result<Option<Value>, Fault> {
        let budget = &mut self.budget;
        (filter.apply)(&mut Call { value: of, arguments, worked_out, prepared, budget })
    }
}
