//! What a request gives for the parameters of its operation, wherever they are.

use std::sync::Arc;

use super::coerce::Typing;
use super::incoming::{Incoming, Target};
use super::refusal::{Halt, Refusal};
use super::site::Site;
use crate::model::{Failure, Place};
use crate::plan::operation::Parameter;
use crate::value::{Map, Value};
use crate::wire::Limits;
use crate::wire::deep_object;
use crate::wire::form::Pair;

/// A request that has come to an operation.
#[derive(Clone, Copy)]
pub(super) struct Given<'p, 'r> {
    pub(super) site: Site<'p>,
    pub(super) incoming: &'r Incoming<'r>,
    pub(super) target: &'r Target,
    /// The parameters in a form.
    pub(super) pairs: &'r [Pair],
    /// Those in a body: what has them as its members, or as its items.
    pub(super) members: Option<&'r Value>,
}

impl Site<'_> {
    /// Where a parameter is, with the binding's word for those without a place of their own.
    pub(super) fn place(&self, parameter: &Parameter) -> Place {
        match parameter.place {
            Place::Bound => self.binding.map_or(Place::Bound, |binding| binding.parameters_in),
            place => place,
        }
    }

    /// How much the scalars of a parameter say about their types, of which the body's are `body`.
    pub(super) fn typing_of(&self, parameter: &Parameter, body: Typing) -> Typing {
        match self.place(parameter) {
            _ if parameter.media_type.is_some() => Typing::Strict,
            Place::Soap => Typing::Soap,
            Place::Body => body,
            _ => Typing::Text,
        }
    }
}

impl<'p> Given<'p, '_> {
    fn pairs_of(&self, place: Place) -> &[Pair] {
        if place == Place::Query { &self.incoming.query } else { self.pairs }
    }

    /// What was given for a parameter that is the how manieth of its operation; `None` where
    /// nothing was.
    pub(super) fn of(
        &self,
        parameter: &Parameter,
        position: usize,
    ) -> Result<Option<Value>, Halt<'p>> {
        let Self { site, incoming, target, .. } = *self;
        let folded = !site.plan.service.routing.case_sensitive;
        let is = |name: &str| {
            if folded {
                name.eq_ignore_ascii_case(&parameter.name)
            } else {
                name == &*parameter.name
            }
        };
        let place = site.place(parameter);
        if let Some(prefix) = parameter.prefix() {
            return Ok(self.all_with(prefix, place));
        }
        let takes_lists = parameter.schema.takes_lists() && parameter.media_type.is_none();
        let text = |text: &str| Some(Value::text(text));
        let single = match place {
            Place::Path => {
                let found = target.path.iter().find(|(name, _)| *name == parameter.name);
                found.map(|(_, value)| Value::Text(value.clone()))
            }
            Place::Header => {
                let lines = parameter.header.as_ref().and_then(|name| incoming.lines(name));
                lines.and_then(|lines| text(&lines))
            }
            Place::Cookie => incoming.cookie(&parameter.name).and_then(|value| text(&value)),
            Place::Body => match self.members {
                Some(Value::List(items)) => return Ok(items.get(position).cloned()),
                Some(members) => {
                    let mut members = members.members().into_iter().flatten();
                    return Ok(members.find(|(name, _)| is(name)).map(|(_, value)| value.clone()));
                }
                None => None,
            },
            Place::Soap => {
                // Most clients send them in the order of the description.
                target.soap.as_ref().and_then(|call| match &call.parameters {
                    Value::Map(map) => map.get_near(&parameter.name, position).cloned(),
                    _ => None,
                })
            }
            Place::Query | Place::Form | Place::Bound => {
                let pairs = self.pairs_of(place);
                if parameter.deep {
                    return self.deep(is, place, pairs);
                }
                let mut given = pairs.iter().filter(|(name, _)| is(name)).map(|(_, value)| value);
                let first = given.next();
                let more: Vec<&Arc<str>> = given.collect();
                match (first, more.is_empty()) {
                    (None, _) => None,
                    (Some(first), _) if takes_lists && parameter.explode => {
                        let all = std::iter::once(first).chain(more);
                        Some(Value::list(all.map(|v| Value::Text(v.clone())).collect()))
                    }
                    (Some(first), true) => Some(Value::Text(first.clone())),
                    (Some(_), false) => {
                        let mut refusal = Refusal::of(Failure::RepeatedParameter)
                            .answered_by(self.site.failures().exactly(Failure::RepeatedParameter));
                        refusal.violation.field = parameter.name.clone();
                        refusal.violation.path = parameter.name.clone();
                        return Err(refusal.into());
                    }
                }
            }
        };
        Ok(match single {
            Some(Value::Text(text)) if takes_lists && !parameter.explode => {
                // White space around an item belongs to the list in a header (RFC 9110, section
                // 5.6.1), and to the item anywhere else.
                let in_header = place == Place::Header;
                let items = text.split(',').map(|item| if in_header { item.trim() } else { item });
                let items = items.filter(|item| !item.is_empty());
                Some(Value::list(items.map(Value::text).collect()))
            }
            other => other,
        })
    }

    /// All whose names begin so, by what their names have behind it; of a name that comes again,
    /// a list.
    fn all_with(&self, prefix: &str, place: Place) -> Option<Value> {
        let incoming = self.incoming;
        let mut found = Map::new();
        let folded = place == Place::Header || !self.site.plan.service.routing.case_sensitive;
        let mut add = |name: &str, value: Value| {
            let Some((start, rest)) = name.split_at_checked(prefix.len()) else { return };
            if start != prefix && !(folded && start.eq_ignore_ascii_case(prefix)) {
                return;
            }
            let value = match found.remove(rest) {
                None => value,
                Some(Value::List(items)) => Value::list([&items[..], &[value]].concat()),
                Some(before) => Value::list(vec![before, value]),
            };
            found.insert(rest, value);
        };
        match place {
            Place::Header => {
                for name in incoming.request.headers.keys() {
                    if let Some(lines) = incoming.lines(name) {
                        add(name.as_str(), Value::text(&*lines));
                    }
                }
            }
            Place::Cookie => {
                for (name, value) in incoming.cookies() {
                    add(&name, Value::text(&*value));
                }
            }
            Place::Path | Place::Soap => {}
            Place::Body => {
                for (name, value) in self.members.and_then(Value::members).into_iter().flatten() {
                    add(name, value.clone());
                }
            }
            Place::Query | Place::Form | Place::Bound => {
                for (name, value) in self.pairs_of(place) {
                    add(name, Value::Text(value.clone()));
                }
            }
        }
        (!found.is_empty()).then(|| Value::map(found))
    }

    /// A parameter that is given as `name[member]`.
    fn deep(
        &self,
        is: impl Fn(&str) -> bool,
        place: Place,
        pairs: &[Pair],
    ) -> Result<Option<Value>, Halt<'p>> {
        let given = pairs.iter().filter(|(name, _)| is(deep_object::base(name)));
        match deep_object::nest(given, &Limits::default()) {
            Ok(map) => Ok(map.iter().next().map(|(_, value)| value.clone())),
            Err(message) => {
                let failure = match place {
                    Place::Query => Failure::MalformedUrl,
                    _ => Failure::MalformedBody,
                };
                let answer = self.site.failures().exactly(failure);
                Err(Refusal::of(failure).answered_by(answer).said(message).into())
            }
        }
    }
}
