//! Values at the bounds of a schema: just inside, and just outside.

use std::collections::BTreeSet;

use super::base::place_of;
use super::left::Left;
use super::request::{Sent, Spot};
use super::values::{as_long, broken, count, is_fit, is_typed, kind, nobody, plus};
use super::values::{drawn_scalars, samples};
use super::written::is_mail;
use crate::model::{Constraint, Expression, Format, Operand, RuleId, Schema, Service, Type, Word};
use crate::value::{Map, Value};

/// The longest text or list that is written.
const LONGEST: usize = 20_000;
/// Lists of more choices are tried in one place.
const MANY: usize = 12;
/// Texts of which one breaks nearly any pattern or form.
const ODD: [&str; 6] = ["?", "no such thing", "", "***", "0", "a"];

/// A text that is of no other type.
const OTHER_TYPE: &str = "no such value";

/// A value to try.
#[derive(Debug, Clone)]
pub(super) struct Probe {
    /// The value.
    pub value: Value,
    /// What its row is called, where the value alone does not say it.
    pub name: Option<String>,
    /// What it breaks; nothing: it fits.
    pub breaks: Option<Breaks>,
}

/// What a value breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Breaks {
    /// The type.
    Type,
    /// The constraint at that position.
    Constraint(usize),
}

/// Where a value stands.
pub(super) struct Around<'a> {
    /// The spec.
    pub service: &'a Service,
    /// The request.
    pub sent: &'a Sent,
    /// The place in it.
    pub spot: &'a Spot,
}

/// Draws the values for one schema.
pub(super) struct Prober<'p> {
    /// The schema.
    pub schema: &'p Schema,
    /// A value that fits.
    pub like: Option<Value>,
    /// Whether all is text where it stands.
    pub textual: bool,
    /// Whether there can be nothing but an object.
    pub only_members: bool,
    /// Whether what does not fit there belongs to another route.
    pub tells_routes_apart: bool,
    /// Where the value stands.
    pub around: Around<'p>,
    /// What cannot be had.
    pub left: &'p mut Left,
    /// The rules of long lists of choices of which each is tried somewhere; none: no value that fits
    /// is tried here.
    pub listed: Option<&'p mut BTreeSet<RuleId>>,
}

impl Prober<'_> {
    /// All values, those that fit first.
    pub(super) fn probes(&mut self) -> Vec<Probe> {
        let mut all: Vec<Probe> = Vec::new();
        for (at, constraint) in self.schema.constraints.iter().enumerate() {
            let found = self.constraint(at, constraint);
            for probe in found {
                if !all.iter().any(|known| known.value == probe.value) {
                    all.push(probe);
                }
            }
        }
        if let Some(value) = self.of_other_type() {
            let name = format!("{} in place of {}", called(&value), self.types());
            all.push(Probe { value, name: Some(name), breaks: Some(Breaks::Type) });
        }
        all.sort_by_key(|probe| probe.breaks.is_some());
        all
    }

    fn types(&self) -> String {
        let names: Vec<&str> = self.schema.types.iter().map(|one| one.name()).collect();
        names.join(" or ")
    }

    fn constraint(&mut self, at: usize, constraint: &Constraint) -> Vec<Probe> {
        let word = constraint.keyword.word;
        if constraint.when.is_some() {
            self.left.rule(word, "it holds on a condition");
            return Vec::new();
        }
        if matches!(word, Word::AllOf | Word::Reference) {
            return Vec::new();
        }
        if self.tells_routes_apart && word.tells_routes_apart() {
            self.left.rule(word, "in a path it tells operations apart");
            return Vec::new();
        }
        let (inside, outside) = match (&constraint.keyword.operand, word) {
            (Operand::Computed(_), _) => {
                self.left.rule(word, "what it is given is worked out for each request");
                return Vec::new();
            }
            (Operand::Value(choices), Word::Enum) => {
                let mut all = choices.as_list().unwrap_or_default().to_vec();
                // Each of many, once: wherever else the list stands, the ends of it.
                if all.len() > MANY
                    && self.listed.as_mut().is_some_and(|listed| !listed.insert(constraint.rule))
                {
                    all.drain(1..all.len() - 1);
                }
                (all, self.others())
            }
            (Operand::Value(value), Word::Const) => (vec![value.clone()], self.others()),
            (Operand::Value(_), Word::MinLength | Word::MaxLength) => self.lengths(word),
            (Operand::Value(_), Word::MinItems | Word::MaxItems) => self.item_counts(word),
            (
                Operand::Value(bound),
                Word::Minimum | Word::Maximum | Word::ExclusiveMinimum | Word::ExclusiveMaximum,
            ) => bounds(bound, word),
            (Operand::Value(factor), Word::MultipleOf) => {
                (vec![factor.clone()], plus(factor, 1).into_iter().collect())
            }
            (Operand::Pattern(_), _) => {
                let shorter = |text: String| text.chars().rev().skip(1).collect::<Vec<_>>();
                let near = samples(self.schema)
                    .map(|text| Value::text(shorter(text).into_iter().rev().collect::<String>()));
                let odd = ODD.map(Value::text);
                (drawn_scalars(self.schema), near.chain(odd).collect())
            }
            (Operand::Format(Format::Int32), _) => (whole("2147483647"), whole("2147483648")),
            (Operand::Format(Format::Int64), _) => {
                (whole("9223372036854775807"), whole("9223372036854775808"))
            }
            // Whatever there is has that form.
            (Operand::Format(Format::Password | Format::Float | Format::Double), _) => {
                return Vec::new();
            }
            (Operand::Format(_), _) => (drawn_scalars(self.schema), ODD.map(Value::text).to_vec()),
            (Operand::Condition(condition), Word::Must) => {
                return self.condition(at, condition);
            }
            (Operand::Collection(id), Word::References) => {
                let key = self.around.service.collections.get(id.0).map(|one| one.key.clone());
                let nobody =
                    key.and_then(|key| nobody(self.around.service, *id, &key, self.schema));
                return self.nobody(at, word, nobody);
            }
            (Operand::Row(lookup), Word::Exists) => {
                let field = lookup
                    .access
                    .iter()
                    .find(|(_, tree)| place_of(tree).as_ref() == Some(self.around.spot));
                let nobody = field.and_then(|(field, _)| {
                    nobody(self.around.service, lookup.collection, field, self.schema)
                });
                return self.nobody(at, word, nobody);
            }
            (Operand::True, Word::UniqueItems) => (Vec::new(), self.twins()),
            _ => {
                self.left.rule(word, "no value is known that breaks it alone");
                return Vec::new();
            }
        };
        let is_choice = matches!(word, Word::Enum);
        let many = if is_choice { usize::MAX } else { 1 };
        let mut probes: Vec<Probe> = inside
            .into_iter()
            .filter(|value| self.is_taken(value))
            .take(many)
            .map(|value| Probe { name: named(&value), value, breaks: None })
            .collect();
        if probes.is_empty() && !matches!(word, Word::UniqueItems) {
            self.left.rule(word, "no value is known that is just inside");
        }
        let breaks = |value: &Value| {
            broken(self.schema, value).is_some_and(|found| std::ptr::eq(found, constraint))
        };
        match outside.into_iter().find(|value| is_typed(self.schema, value) && breaks(value)) {
            Some(value) => probes.push(Probe {
                name: named(&value),
                value,
                breaks: Some(Breaks::Constraint(at)),
            }),
            None => self.left.rule(word, "no value is known that breaks it and nothing before it"),
        }
        probes
    }

    /// Whether a value fits, and makes no condition false.
    fn is_taken(&self, value: &Value) -> bool {
        let with = || self.around.sent.with(self.around.spot, Some(value.clone()));
        let mut constraints = self.schema.constraints.iter();
        is_fit(self.schema, value)
            && constraints.all(|one| match &one.keyword.operand {
                Operand::Condition(condition) => with().holds(condition) != Some(false),
                // Which rows there are is known only of the value that is sent anyway.
                Operand::Collection(_) | Operand::Row(_) => self.like.as_ref() == Some(value),
                _ => true,
            })
    }

    /// A value that names no row.
    fn nobody(&mut self, at: usize, word: Word, value: Option<Value>) -> Vec<Probe> {
        let Some(value) = value else {
            self.left.rule(word, "no value is known that names nothing");
            return Vec::new();
        };
        let name = Some("one that does not exist".to_owned());
        vec![Probe { value, name, breaks: Some(Breaks::Constraint(at)) }]
    }

    /// A value that makes a condition false, and breaks nothing else.
    fn condition(&mut self, at: usize, condition: &Expression) -> Vec<Probe> {
        let choices = self.schema.choices().unwrap_or_default().to_vec();
        let odd = [Value::Null, Value::text("")].into_iter().chain(choices);
        let mut all = odd.chain(drawn_scalars(self.schema)).filter(|value| {
            let with = self.around.sent.with(self.around.spot, Some(value.clone()));
            let is_null = matches!(value, Value::Null);
            !(is_null && self.textual)
                && is_typed(self.schema, value)
                && (is_null || broken(self.schema, value).is_none())
                && with.holds(condition) == Some(false)
        });
        let Some(value) = all.next() else {
            drop(all);
            self.left.rule(Word::Must, "no value of one place is known that makes it false");
            return Vec::new();
        };
        let name = named(&value);
        vec![Probe { value, name, breaks: Some(Breaks::Constraint(at)) }]
    }

    fn text_like(&self) -> Option<&str> {
        self.like.as_ref().and_then(Value::as_str)
    }

    fn lengths(&mut self, word: Word) -> (Vec<Value>, Vec<Value>) {
        let Some(bound) = count(self.schema, word).filter(|bound| *bound <= LONGEST) else {
            return (Vec::new(), Vec::new());
        };
        let beyond = match word {
            Word::MinLength => bound.checked_sub(1),
            _ => Some(bound + 1),
        };
        let like = self.text_like();
        let inside = as_long(bound, like);
        (inside, beyond.map(|length| as_long(length, like)).unwrap_or_default())
    }

    fn item_counts(&mut self, word: Word) -> (Vec<Value>, Vec<Value>) {
        let Some(bound) = count(self.schema, word).filter(|bound| *bound <= LONGEST) else {
            return (Vec::new(), Vec::new());
        };
        let beyond = match word {
            Word::MinItems => bound.checked_sub(1),
            _ => Some(bound + 1),
        };
        let list = |length: usize| match self.first_item() {
            Some(item) => vec![Value::list(vec![item; length])],
            None if length == 0 => vec![Value::list(Vec::new())],
            None => Vec::new(),
        };
        (list(bound), beyond.map(list).unwrap_or_default())
    }

    fn first_item(&self) -> Option<Value> {
        self.like.as_ref()?.as_list()?.first().cloned()
    }

    fn twins(&self) -> Vec<Value> {
        self.first_item().map(|item| Value::list(vec![item.clone(), item])).into_iter().collect()
    }

    /// What is none of the choices, of the same type.
    fn others(&self) -> Vec<Value> {
        match kind(self.schema) {
            Type::Integer | Type::Number => [999_999, -1].map(Value::Integer).to_vec(),
            Type::Boolean => vec![true.into(), false.into()],
            _ => ["none of these", "other", "zz"].map(Value::text).to_vec(),
        }
    }

    fn of_other_type(&self) -> Option<Value> {
        let types = &self.schema.types;
        if types.is_empty() || self.tells_routes_apart || self.only_members {
            return None;
        }
        let text = Value::text(OTHER_TYPE);
        let object = Value::map([("a".into(), Value::Integer(1))].into_iter().collect::<Map>());
        let all = if self.textual { vec![text] } else { vec![text, object] };
        all.into_iter().find(|value| {
            let spelled = types.contains(&Type::String) && matches!(value, Value::Text(_));
            let is_list = types.contains(&Type::Array);
            !(spelled || is_list && self.textual || is_typed(self.schema, value))
        })
    }
}

fn bounds(bound: &Value, word: Word) -> (Vec<Value>, Vec<Value>) {
    let (inside, outside) = match word {
        Word::Minimum => (0, -1),
        Word::Maximum => (0, 1),
        Word::ExclusiveMinimum => (1, 0),
        _ => (-1, 0),
    };
    (plus(bound, inside).into_iter().collect(), plus(bound, outside).into_iter().collect())
}

fn called(value: &Value) -> &'static str {
    match value {
        Value::Text(_) => "a string",
        _ => "an object",
    }
}

/// What the row of a value is called that is too long to name it by itself.
fn named(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) if text.is_empty() => Some("empty".to_owned()),
        Value::Text(text) if text.chars().count() > 10 && is_run(text) => {
            Some(format!("{} characters", text.chars().count()))
        }
        Value::Text(text) if text.chars().count() > 50 => {
            Some(format!("{} characters", text.chars().count()))
        }
        Value::Text(text) if is_mail(text) => Some("an address".to_owned()),
        Value::List(items) if items.len() == 1 => Some("1 item".to_owned()),
        Value::List(items) => Some(format!("{} items", items.len())),
        Value::Map(_) | Value::Record(_) => Some("an object".to_owned()),
        _ => None,
    }
}

/// Whether a text is one character again and again.
fn is_run(text: &str) -> bool {
    let mut all = text.chars();
    let first = all.next();
    all.all(|c| Some(c) == first)
}

fn whole(digits: &str) -> Vec<Value> {
    Value::number(digits).into_iter().collect()
}
