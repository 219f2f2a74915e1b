//! Reading a body of several parts by what its schema says of them.

use http::header::CONTENT_TYPE;

use super::incoming::Incoming;
use super::kept::Unread;
use crate::exchange::{Request, header_text};
use crate::model::media_type::closeness;
use crate::model::{Format, Operand, Type};
use crate::plan::Plan;
use crate::plan::operation::BodySchema;
use crate::plan::schema::Schema;
use crate::value::{Map, Value};
use crate::wire::form::{Fields, Pair};
use crate::wire::json::Json;
use crate::wire::multipart::{self, Part};
use crate::wire::{DecodeError, Decoded, Limits, Wire};

/// What the parts make: of a form an object, in which several of one name are a list, and of others
/// a list.
pub(super) fn read(
    plan: &Plan,
    incoming: &Incoming<'_>,
    schema: Option<&BodySchema>,
) -> Result<Decoded, Unread> {
    let body = &incoming.request.body;
    let content_type = &*incoming.content_type();
    let parts = multipart::parts(body, content_type).map_err(Unread::Malformed)?;
    for part in &parts.list {
        if let Some(wrong) = of_another_type(part, schema) {
            return Err(Unread::MediaType(wrong));
        }
    }
    let reader = Reader { plan, body, schema, is_form: parts.is_form };
    let tree = multipart::tree(&parts, |part| reader.value(part));
    tree.map(Into::into).map_err(Unread::Malformed)
}

/// The names and values of a form's texts; a file is its bytes in base64.
pub(super) fn fields(incoming: &Incoming<'_>) -> Result<Fields<'static>, DecodeError> {
    let body = &incoming.request.body;
    let content_type = &*incoming.content_type();
    let mut pairs: Vec<Pair> = Vec::new();
    for part in multipart::parts(body, content_type)?.list {
        let value = match part.filename {
            Some(_) => part.octets(body),
            None => part.text(body)?,
        };
        pairs.extend(part.name.zip(value.scalar_text()));
    }
    Ok(Fields::of(&pairs))
}

/// The media type of a part, where `encoding` does not name it.
fn of_another_type(part: &Part, schema: Option<&BodySchema>) -> Option<String> {
    let found = part.media_type()?;
    let allowed = allowed(part, schema)?;
    allowed.iter().all(|known| closeness(known, &found).is_none()).then_some(found)
}

/// The media types that `encoding` names for a part.
fn allowed<'s>(part: &Part, schema: Option<&'s BodySchema>) -> Option<&'s [std::sync::Arc<str>]> {
    let name = part.name.as_ref()?;
    let encoding = schema?.encoding.iter().find(|one| one.name == *name)?;
    Some(&encoding.media_types)
}

/// What a part is read as.
enum Reading<'p> {
    Text,
    Bytes,
    Tree(&'p dyn Wire),
}

struct Reader<'p, 'b> {
    plan: &'p Plan,
    body: &'b [u8],
    schema: Option<&'p BodySchema>,
    is_form: bool,
}

impl<'p> Reader<'p, '_> {
    fn value(&self, part: &Part) -> Result<Value, DecodeError> {
        match self.reading(part) {
            Reading::Text => part.text(self.body),
            Reading::Bytes => Ok(part.octets(self.body)),
            Reading::Tree(wire) => {
                let content_type = part.content_type.as_deref().unwrap_or_default();
                let limits = Limits::default();
                let decoded = wire.decode_as(part.bytes(self.body), content_type, None, &limits);
                let decoded = decoded.map_err(|error| {
                    let name = wire.name();
                    part.wrong(self.body, &format!("cannot be read as {name}: {error}"))
                })?;
                Ok(decoded.value)
            }
        }
    }

    /// By its schema, and where that says nothing, by what it says of itself.
    fn reading(&self, part: &Part) -> Reading<'p> {
        let name = part.name.as_deref().unwrap_or_default();
        let mut described = Described::default();
        match self.schema {
            Some(schema) if self.is_form => described.look_at_member(&schema.schema, name),
            Some(schema) => described.look_at_item(&schema.schema, part.at),
            None => {}
        }
        let named = allowed(part, self.schema).and_then(<[_]>::first);
        let media_type = part.media_type().or_else(|| named.map(ToString::to_string));
        if described.is_binary {
            return Reading::Bytes;
        }
        let wire = media_type.as_deref().and_then(|name| self.wire(name));
        match described.kind {
            Some(Kind::Text) => Reading::Text,
            // A part that is said to be a text, or nothing, is one in JSON.
            Some(Kind::Tree) => {
                let trees = wire.filter(|wire| matches!(wire.name(), "json" | "xml" | "form"));
                Reading::Tree(trees.unwrap_or(&Json))
            }
            None => match wire {
                Some(wire) if named.is_some() || part.filename.is_none() => Reading::Tree(wire),
                _ if part.filename.is_some() => Reading::Bytes,
                _ if media_type.is_none_or(|name| name.starts_with("text/")) => Reading::Text,
                _ => Reading::Bytes,
            },
        }
    }

    /// What reads trees of a media type.
    fn wire(&self, name: &str) -> Option<&'p dyn Wire> {
        let mut known = self.plan.media_types.iter();
        let known = known.find(|known| *known.name == *name && !known.is_multipart);
        match known {
            Some(known) => Some(&*known.wire),
            None if name == "application/json" || name.ends_with("+json") => Some(&Json),
            None => None,
        }
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Tree,
}

/// What schemas say of a part.
#[derive(Default)]
struct Described {
    is_binary: bool,
    kind: Option<Kind>,
}

impl Described {
    /// What the schema of a body says of the parts of a name.
    fn look_at_member(&mut self, schema: &Schema, name: &str) {
        for member in schema.describe(name) {
            self.look_at(member);
        }
        for inner in in_place(schema) {
            self.look_at_member(inner, name);
        }
    }

    /// What the schema of a body says of the part of a position.
    fn look_at_item(&mut self, schema: &Schema, at: usize) {
        schema.item(at).into_iter().for_each(|item| self.look_at(item));
        in_place(schema).for_each(|inner| self.look_at_item(inner, at));
    }

    fn look_at(&mut self, schema: &Schema) {
        let types = &schema.types;
        if types.contains(&Type::Array) {
            // Each part is an item.
            return schema.items.iter().for_each(|item| self.look_at(item));
        }
        if types.contains(&Type::String) || !types.is_empty() && !types.contains(&Type::Object) {
            self.kind = Some(Kind::Text);
        } else if types.contains(&Type::Object) || !schema.properties.is_empty() {
            self.kind = Some(Kind::Tree);
        }
        let is_binary = |operand: &Operand<_>| matches!(operand, Operand::Format(Format::Binary));
        self.is_binary |= schema.constraints.iter().any(|one| is_binary(&one.keyword.operand));
        for inner in in_place(schema) {
            self.look_at(inner);
        }
    }
}

/// The schemas that say something of the same value.
fn in_place(schema: &Schema) -> impl Iterator<Item = &Schema> {
    let in_place = schema.constraints.iter().filter(|one| one.keyword.is_in_place());
    in_place.flat_map(|one| one.keyword.operand.schemas())
}

/// `request.parts`: what is known of each part by its name.
pub(super) fn described(request: &Request) -> Option<Value> {
    let content_type = header_text(request.headers.get(CONTENT_TYPE)?);
    let parts = multipart::parts(&request.body, &content_type).ok()?;
    let describe = |part: &Part| {
        let text = |text: &Option<std::sync::Arc<str>>| text.clone().map(Value::Text);
        let size = i64::try_from(part.content.len()).unwrap_or(i64::MAX);
        let members = [
            ("name", text(&part.name).filter(|_| !parts.is_form)),
            ("id", text(&part.id)),
            ("filename", text(&part.filename)),
            ("contentType", text(&part.content_type)),
            ("size", Some(Value::Integer(size))),
            ("bytes", Some(part.octets(&request.body))),
        ];
        let present = members.into_iter().filter_map(|(name, value)| Some((name.into(), value?)));
        Ok(Value::map(present.collect::<Map>()))
    };
    multipart::tree(&parts, describe).ok()
}
