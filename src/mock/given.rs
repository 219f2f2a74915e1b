//! What a request gives for the parameters of its operation, wherever they are.

use super::coerce::Typing;
use super::incoming::{Incoming, Target};
use super::refusal::{Halt, Refusal};
use super::site::Site;
use crate::model::{Failure, Place};
use crate::plan::operation::Parameter;
use crate::value::{Map, Value};
use crate::wire::Limits;
use crate::wire::deep_object;
use crate::wire::form::Fields;

/// A request that has come to an operation.
#[derive(Clone, Copy)]
pub(super) struct Given<'p, 'r> {
    pub(super) site: Site<'p>,
    pub(super) incoming: &'r Incoming<'r>,
    pub(super) target: &'r Target,
    /// The parameters in a form.
    pub(super) fields: &'r Fields<'r>,
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
    /// The values of those with such a name, in a query or a form.
    fn values(&self, place: Place, is: impl Fn(&str) -> bool) -> Vec<Value> {
        if place == Place::Query {
            let named = self.incoming.query.iter().filter(|(name, _)| is(name));
            return named.map(|(_, value)| Value::Text(value.clone())).collect();
        }
        self.fields.values(is)
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
                if parameter.deep {
                    return self.deep(is, place);
                }
                let mut given = self.values(place, is);
                match given.len() {
                    0 => None,
                    _ if takes_lists && parameter.explode => Some(Value::list(given)),
                    1 => given.pop(),
                    _ => {
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
                if place == Place::Query {
                    for (name, value) in &incoming.query {
                        add(name, Value::Text(value.clone()));
                    }
                } else {
                    for field in self.fields.iter() {
                        add(&field.name, field.value());
                    }
                }
            }
        }
        (!found.is_empty()).then(|| Value::map(found))
    }

    /// A parameter that is given as `name[member]`.
    fn deep(&self, is: impl Fn(&str) -> bool, place: Place) -> Result<Option<Value>, Halt<'p>> {
        let is = |name: &str| is(deep_object::base(name));
        let nested = if place == Place::Query {
            let given = self.incoming.query.iter().filter(|(name, _)| is(name));
            let given = given.map(|(name, value)| (&**name, Value::Text(value.clone())));
            deep_object::nest(given, &Limits::default())
        } else {
            let given = self.fields.named(is);
            deep_object::nest_fields(self.fields, given, &Limits::default())
        };
        match nested {
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
