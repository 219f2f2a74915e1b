//! Expressions, texts and trees with their variables resolved to slots.

use std::cell::OnceCell;
use std::fmt::{self, Write as _};
use std::sync::Arc;

use crate::expression::{Parsed, Variables, truth};
use crate::model::{self, Stage, TextPart};
use crate::source::Span;
use crate::value::{Items, Map, Value};

use super::names::{Names, Slot};

/// So long are most texts that are put together.
const USUAL_TEXT: usize = 128;
/// So many variables have room at once: those that every spec has, and some more.
const USUAL: usize = 24;

/// So many expressions are told of that have no value since something does not fit.
const MOST_MISFITS: usize = 20;

/// The variables of one request, by slot.
pub struct Scope {
    /// Up to the last one that was set: a spec may have many, of which a request uses few.
    slots: Vec<Option<Value>>,
    /// How many there are in the spec.
    count: usize,
    late: Vec<Late>,
    uuid: Option<Uuid>,
    misfits: Vec<String>,
}

/// The variables of a scope as they were.
pub type Kept = Vec<Option<Value>>;

/// Makes a UUID, another one each time.
type Uuid = Box<dyn Fn() -> Value>;

/// A variable that costs something to make, which is done when an expression first looks at it.
struct Late {
    slot: Slot,
    make: Box<dyn Fn() -> Value>,
    made: OnceCell<Value>,
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { slots, count, late, uuid: _, misfits: _ } = self;
        let mut shown = f.debug_struct("Scope");
        shown.field("slots", slots).field("count", count).field("late", late).finish()
    }
}

impl fmt::Debug for Late {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Late").field(&self.slot).finish()
    }
}

impl Scope {
    /// A scope in which every variable is absent.
    pub fn new(names: &Names) -> Self {
        Self {
            slots: Vec::with_capacity(USUAL),
            count: names.len(),
            late: Vec::new(),
            uuid: None,
            misfits: Vec::new(),
        }
    }

    /// Remembers why an expression has no value, if something in it does not fit.
    fn look_for_misfit(&mut self, expression: &Expression) {
        let Expression::General { parsed, slots, span } = expression else { return };
        if self.misfits.len() < MOST_MISFITS
            && let Some(message) = parsed.misfit(&Slots::new(self, slots))
        {
            let text = parsed.text();
            self.misfits.push(format!("{span}: `{text}` has no value here: {message}"));
        }
    }

    /// Which expressions had no value since something did not fit, each in a sentence.
    pub fn take_misfits(&mut self) -> Vec<String> {
        std::mem::take(&mut self.misfits)
    }

    /// What a variable holds.
    pub fn get(&self, slot: Slot) -> Option<&Value> {
        self.slots.get(slot.0).and_then(Option::as_ref).or_else(|| {
            let late = self.late.iter().find(|late| late.slot == slot)?;
            Some(late.made.get_or_init(&late.make))
        })
    }

    /// Has a variable made when an expression first looks at it, unless it is set until then.
    pub fn set_late(&mut self, slot: Slot, make: impl Fn() -> Value + 'static) {
        self.late.push(Late { slot, make: Box::new(make), made: OnceCell::new() });
    }

    /// Adds an item to the list that a variable holds.
    pub fn append(&mut self, slot: Slot, item: Value) {
        if let Some(Some(Value::List(items))) = self.slots.get_mut(slot.0) {
            items.push(item);
        }
    }

    /// The variables as they are.
    pub fn clone_slots(&self) -> Kept {
        self.slots.clone()
    }

    /// Brings the variables back to how they were.
    pub fn put_slots(&mut self, slots: Kept) {
        self.slots = slots;
    }

    /// Says where UUIDs come from; without it there are none.
    pub fn set_uuid(&mut self, make: impl Fn() -> Value + 'static) {
        self.uuid = Some(Box::new(make));
    }

    /// Sets a variable.
    pub fn set(&mut self, slot: Slot, value: impl Into<Option<Value>>) {
        let value = value.into();
        match self.slots.get_mut(slot.0) {
            Some(place) => *place = value,
            None if value.is_some() && slot.0 < self.count => {
                self.slots.resize(slot.0, None);
                self.slots.push(value);
            }
            None => {}
        }
    }
}

/// An expression that costs too much to work out with the values that a request brings.
#[derive(Debug, Clone)]
pub struct EvaluationError {
    /// What is wrong.
    pub message: String,
    /// The expression.
    pub span: Span,
}

/// An expression, ready to be worked out.
#[derive(Debug, Clone)]
pub enum Expression {
    /// Only a variable and members of it: no evaluation is needed.
    Path {
        /// The variable.
        slot: Slot,
        /// The members, outermost first.
        members: Box<[Member]>,
    },
    /// Anything else.
    General {
        /// The expression.
        parsed: Arc<Parsed>,
        /// The slots of its variables.
        slots: Box<[Slot]>,
        /// Where it stands.
        span: Span,
    },
}

/// A member in a path, with the slot that it has in rows of the collection that the variable
/// most likely holds.
#[derive(Debug, Clone)]
pub struct Member {
    name: Arc<str>,
    slot: Option<usize>,
}

impl Member {
    fn of<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        match (value, self.slot) {
            (Value::Record(record), Some(slot))
                if record.shape().names().get(slot).is_some_and(|name| *name == self.name) =>
            {
                record.slot(slot)
            }
            _ => value.get(&self.name),
        }
    }
}

impl Expression {
    /// Resolves the variables of a checked expression.
    pub fn compile(expression: &model::Expression, names: &Names) -> Self {
        names.note(expression.parsed.references());
        if let Some(path) = expression.parsed.path().filter(|path| *path.root != *"uuid") {
            let slot = names.slot(&path.root);
            let shape = names.shape(slot);
            let members = path.members.iter().enumerate().map(|(depth, name)| Member {
                name: name.clone(),
                slot: shape.filter(|_| depth == 0).and_then(|shape| shape.slot(name)),
            });
            return Self::Path { slot, members: members.collect() };
        }
        Self::General {
            parsed: expression.parsed.clone(),
            slots: expression.parsed.roots().iter().map(|root| names.slot(root)).collect(),
            span: expression.span.clone(),
        }
    }

    /// The value; `None` when it is absent.
    pub fn value(&self, scope: &Scope) -> Result<Option<Value>, EvaluationError> {
        match self {
            Self::Path { slot, members } => Ok(follow(scope.get(*slot), members).cloned()),
            Self::General { parsed, slots, span } => parsed
                .evaluate(&Slots::new(scope, slots))
                .map_err(|error| EvaluationError { message: error.message, span: span.clone() }),
        }
    }

    /// Whether it is true.
    pub fn is_true(&self, scope: &Scope) -> Result<bool, EvaluationError> {
        match self {
            Self::Path { slot, members } => {
                Ok(follow(scope.get(*slot), members).is_some_and(truth))
            }
            Self::General { parsed, slots, span } => parsed
                .is_true(&Slots::new(scope, slots))
                .map_err(|error| EvaluationError { message: error.message, span: span.clone() }),
        }
    }

    /// Where it looks at that variable: its text, and the values of the others as far as it looks
    /// at them.
    pub fn open(&self, variable: Slot, scope: &Scope) -> Option<(Arc<str>, Map)> {
        let (parsed, slots) = match self {
            Self::General { parsed, slots, .. } => (parsed, slots),
            Self::Path { slot, members } => {
                return (*slot == variable && members.is_empty())
                    .then(|| (variable.name().into(), Map::new()));
            }
        };
        if !slots.contains(&variable) {
            return None;
        }
        let mut known = Map::new();
        for reference in parsed.references() {
            let at = parsed.roots().iter().position(|root| *root == reference.root);
            let slot = at.and_then(|at| slots.get(at)).filter(|slot| **slot != variable);
            let members = &reference.members;
            let value = slot
                .and_then(|slot| scope.get(*slot))
                .and_then(|value| members.iter().try_fold(value, |value, name| value.get(name)));
            if let Some(value) = value {
                put(&mut known, &reference.root, members, value.clone());
            }
        }
        Some((parsed.text().into(), known))
    }

    /// The items of a list; absent and null are none, anything else is the only one.
    pub fn items(&self, scope: &Scope) -> Result<Items, EvaluationError> {
        Ok(match self.value(scope)? {
            Some(Value::List(items)) => items,
            None | Some(Value::Null) => Items::default(),
            Some(single) => vec![single].into(),
        })
    }
}

/// Puts a value into a map of maps, below what is there already.
fn put(map: &mut Map, name: &Arc<str>, below: &[Arc<str>], value: Value) {
    let Some((next, below)) = below.split_first() else {
        map.insert(name.clone(), value);
        return;
    };
    let held = map.get(name).and_then(Value::members).into_iter().flatten();
    let mut inner: Map = held.map(|(name, value)| (name.clone(), value.clone())).collect();
    put(&mut inner, next, below, value);
    map.insert(name.clone(), Value::map(inner));
}

fn follow<'a>(start: Option<&'a Value>, members: &[Member]) -> Option<&'a Value> {
    members.iter().try_fold(start?, |value, member| member.of(value))
}

/// The variables of an expression in a scope.
struct Slots<'s> {
    scope: &'s Scope,
    of: &'s [Slot],
    /// One for the whole expression, however often it asks.
    uuid: OnceCell<Option<Value>>,
}

impl<'s> Slots<'s> {
    fn new(scope: &'s Scope, of: &'s [Slot]) -> Self {
        Self { scope, of, uuid: OnceCell::new() }
    }
}

impl Variables for Slots<'_> {
    fn variable(&self, root: usize) -> Option<&Value> {
        match *self.of.get(root)? {
            Slot::UUID => {
                let make = || self.scope.uuid.as_ref().map(|make| make());
                self.uuid.get_or_init(make).as_ref()
            }
            slot => self.scope.get(slot),
        }
    }
}

/// Names are slots, look-ups go by indexes.
#[derive(Debug, Clone)]
pub enum Compiled {}

impl Stage for Compiled {
    type Expression = Expression;
    type Variable = Slot;
    type Access = Access;
    /// None when it is the key.
    type Index = Option<usize>;

    fn trees(access: &Access) -> Vec<&Tree> {
        match access {
            Access::All => Vec::new(),
            Access::Key(tree) => vec![tree],
            Access::Index(_, trees) => trees.iter().collect(),
        }
    }
}

/// By what rows are found.
#[derive(Debug, Clone)]
pub enum Access {
    /// All of them.
    All,
    /// By the key.
    Key(Tree),
    /// By an index, with the values in its order.
    Index(usize, Box<[Tree]>),
}

/// How rows are found.
pub type Lookup = model::Lookup<Compiled>;
/// Text with expressions in it.
pub type Text = model::Text<Compiled>;
/// A tree, ready to be filled in.
pub type Tree = model::Tree<Compiled>;

impl Text {
    /// What it may become: with a letter for whatever is worked out for a request.
    pub fn likely(&self) -> String {
        let likely = |part: &TextPart<Compiled>| match part {
            TextPart::Literal(text) => text.to_string(),
            TextPart::Expression(_) => "x".to_owned(),
        };
        self.parts.iter().map(likely).collect()
    }

    /// Puts the text together; null and absent give nothing.
    pub fn render(&self, scope: &Scope) -> Result<Arc<str>, EvaluationError> {
        if let Some(constant) = self.constant() {
            return Ok(constant.clone());
        }
        let mut text = String::with_capacity(USUAL_TEXT);
        self.render_to(&mut text, scope)?;
        Ok(text.into())
    }

    /// Appends the text to another.
    pub fn render_to(&self, text: &mut String, scope: &Scope) -> Result<(), EvaluationError> {
        self.parts.iter().try_for_each(|part| part.render_to(text, scope))
    }
}

impl TextPart<Compiled> {
    /// Appends the piece to a text.
    pub fn render_to(&self, text: &mut String, scope: &Scope) -> Result<(), EvaluationError> {
        match self {
            Self::Literal(literal) => text.push_str(literal),
            Self::Expression(expression) => match expression.value(scope)? {
                None | Some(Value::Null) => {}
                Some(Value::Text(value)) => text.push_str(&value),
                Some(Value::Integer(value)) => {
                    text.push_str(itoa::Buffer::new().format(value));
                }
                // Writing to a string cannot fail.
                Some(value) => _ = write!(text, "{value}"),
            },
        }
        Ok(())
    }
}

impl Tree {
    /// Fills the tree in; `None` when it is absent as a whole.
    pub fn value(&self, scope: &mut Scope) -> Result<Option<Value>, EvaluationError> {
        Ok(Some(match self {
            Self::Constant(value) => value.clone(),
            Self::Expression(expression) => {
                let value = expression.value(scope)?;
                if value.is_none() {
                    scope.look_for_misfit(expression);
                }
                return Ok(value);
            }
            Self::Text(text) => Value::Text(text.render(scope)?),
            Self::Map(members) => {
                let mut map = Map::with_capacity(members.len());
                for (name, tree) in members {
                    if let Some(value) = tree.value(scope)? {
                        map.push(name.clone(), value);
                    }
                }
                Value::map(map)
            }
            Self::List(trees) => {
                let mut items = Vec::with_capacity(trees.len());
                for tree in trees {
                    items.extend(tree.value(scope)?);
                }
                Value::list(items)
            }
            Self::ForEach { list, name: slot, at, item } => {
                let list = list.items(scope)?;
                let outer = scope.get(*slot).cloned();
                let outer_at = at.map(|at| (at, scope.get(at).cloned()));
                let mut items = Vec::with_capacity(list.len());
                for (place, value) in list.iter().enumerate() {
                    scope.set(*slot, value.clone());
                    if let Some(at) = at {
                        scope.set(*at, Value::count(place));
                    }
                    items.extend(item.value(scope)?);
                }
                scope.set(*slot, outer);
                if let Some((at, outer)) = outer_at {
                    scope.set(at, outer);
                }
                Value::list(items)
            }
            Self::If { condition, then, otherwise } => {
                return match (condition.is_true(scope)?, otherwise) {
                    (true, _) => then.value(scope),
                    (false, Some(otherwise)) => otherwise.value(scope),
                    (false, None) => Ok(None),
                };
            }
        }))
    }
}
