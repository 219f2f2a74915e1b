//! Reading the body of a request by its media type.

use std::sync::Arc;

use http::header::CONTENT_LENGTH;

use super::coerce::Typing;
use super::incoming::{Incoming, Target};
use super::kept::Unread;
use super::parts;
use super::refusal::{Halt, Refusal};
use super::site::Site;
use crate::model::{Failure, Place};
use crate::plan::operation::{BodySchema, RequestBody};
use crate::plan::schema::Schema;
use crate::plan::wire::MediaType;
use crate::value::Value;
use crate::wire::encoding::Encoding;
use crate::wire::form::Fields;
use crate::wire::{DecodeError, Decoded, Limits, Position, Repeated};

/// A body that was read.
pub(super) struct Read<'p, 'r> {
    /// The tree.
    pub value: Option<Value>,
    /// What it may be.
    pub schema: Option<&'p Schema>,
    /// What stands before the names of its members in messages.
    pub prefix: Option<&'p Arc<str>>,
    /// How much its scalars say about their types.
    pub typing: Typing,
    /// Whether each item of the body is a line.
    pub lines: bool,
    /// The parameters in a form.
    pub fields: Fields<'r>,
    /// The parameters in a body: what has them as its members, or as its items.
    pub members: Option<Value>,
}

impl Read<'_, '_> {
    fn nothing() -> Self {
        Self {
            value: None,
            schema: None,
            prefix: None,
            typing: Typing::Text,
            lines: false,
            fields: Fields::default(),
            members: None,
        }
    }
}

/// Reads what the operation takes: a form for its parameters, or its body.
pub(super) fn read<'p, 'r>(
    site: Site<'p>,
    incoming: &Incoming<'r>,
    target: &Target,
) -> Result<Read<'p, 'r>, Halt<'p>> {
    let Some(operation) = site.operation else { return Ok(Read::nothing()) };
    if target.soap.is_some() {
        return Ok(Read { typing: Typing::Soap, ..Read::nothing() });
    }
    if site.binding.is_some_and(|binding| binding.parameters_in == Place::Form) {
        return read_form(site, incoming);
    }
    let at = site.binding.filter(|binding| binding.parameters_in == Place::Body);
    let at = at.map(|binding| &*binding.parameters_at);
    match (&operation.body, at) {
        (None, None) => Ok(Read::nothing()),
        (None, Some(at)) => read_members(site, incoming, at),
        (Some(body), at) => {
            let read = read_body(site, incoming, body)?;
            let members = at.and_then(|at| part(read.value.as_ref()?, at).cloned());
            Ok(Read { members, ..read })
        }
    }
}

/// The part of a body to which names lead.
fn part<'v>(body: &'v Value, at: &[Arc<str>]) -> Option<&'v Value> {
    at.iter().try_fold(body, |value, name| value.get(name))
}

/// The parameters in a body of which nothing else is said.
fn read_members<'p, 'r>(
    site: Site<'p>,
    incoming: &Incoming<'r>,
    at: &[Arc<str>],
) -> Result<Read<'p, 'r>, Halt<'p>> {
    let named = incoming.media_type();
    let consumes = site.operation.map(|operation| &*operation.consumes).unwrap_or_default();
    let id = match &named {
        _ if incoming.request.body.is_empty() => return Ok(Read::nothing()),
        None => consumes.first(),
        Some(name) => site.plan.closest(consumes, name),
    };
    let Some(media_type) = id.and_then(|id| site.plan.media_types.get(id.0)) else {
        let name = named.as_deref().unwrap_or_default();
        return Err(refuse(site, Refusal::of(Failure::UnsupportedMediaType).value(name)));
    };
    let decoded = match media_type.is_multipart {
        true => parts::read(site.plan, incoming, None),
        false => kept(incoming, media_type).unwrap_or_else(|| decode(media_type, incoming, &[])),
    };
    let value = decoded.map_err(|unread| unreadable(site, unread))?.value;
    let members = part(&value, at).cloned();
    Ok(Read { members, typing: typing(media_type), ..Read::nothing() })
}

fn unreadable(site: Site<'_>, unread: Unread) -> Halt<'_> {
    match unread {
        Unread::MediaType(name) => {
            refuse(site, Refusal::of(Failure::UnsupportedMediaType).value(name))
        }
        Unread::Malformed(error) => malformed(site, &error),
    }
}

/// How much the scalars of a media type say about their types.
fn typing(media_type: &MediaType) -> Typing {
    match (media_type.wire.textual(), media_type.is_xml, media_type.coerces) {
        (true, true, _) => Typing::Xml,
        (true, false, _) => Typing::Text,
        (false, _, true) => Typing::Lenient,
        (false, _, false) => Typing::Strict,
    }
}

fn refuse<'p>(site: Site<'p>, refusal: Refusal<'p>) -> Halt<'p> {
    let failure = refusal.violation.failure;
    let answer = failure.and_then(|failure| site.failures().exactly(failure));
    refusal.answered_by(answer).into()
}

fn malformed<'p>(site: Site<'p>, error: &DecodeError) -> Halt<'p> {
    let said = in_words(error);
    refuse(site, Refusal::of(Failure::MalformedBody).said(said).at(error.place))
}

/// What is wrong with a body, with its place.
pub(super) fn in_words(error: &DecodeError) -> String {
    format!("line {}, column {}: {}", error.place.line, error.place.column, error.message)
}

/// The encoding that the media type names, should it be one that is known.
fn charset<'p>(
    site: Site<'p>,
    incoming: &Incoming<'_>,
    name: &str,
) -> Result<Option<Encoding>, Halt<'p>> {
    incoming.charset().map_err(|label| {
        let name = format!("{name}; charset={label}");
        refuse(site, Refusal::of(Failure::UnsupportedMediaType).value(name))
    })
}

/// The parameters in a form: in a urlencoded one, or in the texts of one with parts.
fn read_form<'p, 'r>(site: Site<'p>, incoming: &Incoming<'r>) -> Result<Read<'p, 'r>, Halt<'p>> {
    let body = &incoming.request.body;
    let named = incoming.media_type();
    let consumes = site.operation.map(|operation| &*operation.consumes).unwrap_or_default();
    let known = named.as_deref().and_then(|name| site.plan.closest(consumes, name));
    let known = known.and_then(|id| site.plan.media_types.get(id.0));
    let fields = match (&named, known) {
        (Some(_), Some(known)) if known.is_multipart => parts::fields(incoming),
        (Some(name), known) if known.is_none_or(|known| !known.is_form) => {
            return Err(refuse(site, Refusal::of(Failure::UnsupportedMediaType).value(&**name)));
        }
        _ => {
            let name = named.as_deref().unwrap_or("application/x-www-form-urlencoded");
            Fields::read(body, charset(site, incoming, name)?)
        }
    };
    let fields = fields.map_err(|error| malformed(site, &error))?;
    Ok(Read { fields, ..Read::nothing() })
}

fn read_body<'p, 'r>(
    site: Site<'p>,
    incoming: &Incoming<'r>,
    body: &'p RequestBody,
) -> Result<Read<'p, 'r>, Halt<'p>> {
    let bytes = &incoming.request.body;
    let named = incoming.media_type();
    let chosen = choose(site, body, named.as_deref());
    // No bytes are a form of no members, but no JSON and no XML.
    let is_form = chosen.is_some_and(|(m, _)| m.is_form);
    // A text and a file may have no bytes, which who sends one says.
    let may_be_empty = is_form
        || chosen.is_some_and(|(m, _)| m.is_bytes || m.is_text)
            && incoming.header(&CONTENT_LENGTH).is_some();
    if bytes.is_empty() && named.is_none() && body.required && !may_be_empty {
        return Err(refuse(site, Refusal::of(Failure::MissingBody)));
    }
    let is_text = chosen.is_some_and(|(m, _)| m.wire.textual() && !m.is_xml && !m.is_multipart);
    if bytes.is_empty() && !body.required && !is_text {
        return Ok(Read::nothing());
    }
    let (media_type, schema) = chosen.ok_or_else(|| {
        let name = named.as_deref().unwrap_or_default();
        refuse(site, Refusal::of(Failure::UnsupportedMediaType).value(name))
    })?;
    if bytes.is_empty() && body.required && !may_be_empty {
        return Err(refuse(site, Refusal::of(Failure::MissingBody)));
    }
    let decoded = match media_type.is_multipart {
        // What a part is, its schema says.
        true => parts::read(site.plan, incoming, schema),
        false => read_again(incoming, media_type, schema),
    };
    let decoded = decoded.map_err(|unread| unreadable(site, unread))?;
    if let (Some(root), Some(wanted)) = (&decoded.root, schema.and_then(|s| s.root.as_ref())) {
        let right_namespace = wanted.namespace.is_none() || root.namespace == wanted.namespace;
        if root.local != wanted.name || !right_namespace {
            let named = |name: &str, namespace: Option<&str>| match namespace {
                _ if right_namespace => format!("`{name}`"),
                Some(namespace) => format!("`{name}` in the namespace `{namespace}`"),
                None => format!("`{name}` in no namespace"),
            };
            let expected = named(&wanted.name, wanted.namespace.as_deref());
            let came = named(&root.local, root.namespace.as_deref());
            let said = format!("expected the root element {expected}, not {came}");
            return Err(refuse(
                site,
                Refusal::of(Failure::MalformedBody).said(said).at(Position::START),
            ));
        }
    }
    Ok(Read {
        value: Some(decoded.value),
        schema: schema.map(|schema| &schema.schema),
        prefix: body.path.as_ref(),
        typing: typing(media_type),
        lines: media_type.is_lines,
        fields: Fields::default(),
        members: None,
    })
}

/// Reads a body by its schema, unless it was done to find the operation.
fn read_again(
    incoming: &Incoming<'_>,
    media_type: &MediaType,
    schema: Option<&BodySchema>,
) -> Result<Decoded, Unread> {
    let namespaces = schema.map_or(&[][..], |schema| &schema.namespaces);
    // Which elements count is not known before the operation is.
    let kept = kept(incoming, media_type).filter(|_| !media_type.is_xml || namespaces.is_empty());
    kept.unwrap_or_else(|| decode(media_type, incoming, namespaces))
}

/// Reads a body as a media type; in XML, what stands in these namespaces, or in all.
pub(super) fn decode(
    media_type: &MediaType,
    incoming: &Incoming<'_>,
    namespaces: &[Arc<str>],
) -> Result<Decoded, Unread> {
    let charset = match incoming.charset() {
        Ok(charset) => charset,
        // Bytes are kept as they are, whatever their text may be in.
        Err(_) if media_type.is_bytes => None,
        Err(label) => {
            return Err(Unread::MediaType(format!("{}; charset={label}", media_type.name)));
        }
    };
    let repeated = if media_type.unique_members { Repeated::Refused } else { Repeated::LastCounts };
    let limits = Limits { repeated, ..Limits::default() };
    let content_type = &*incoming.content_type();
    let body = &incoming.request.body;
    let wire = &media_type.wire;
    let decoded = match media_type.is_xml {
        true => wire.decode_elements(body, charset, &limits, namespaces),
        false => wire.decode_as(body, content_type, charset, &limits),
    };
    decoded.map_err(Unread::Malformed)
}

/// What came of reading the body as that media type, where it was done to find the operation.
fn kept(incoming: &Incoming<'_>, media_type: &MediaType) -> Option<Result<Decoded, Unread>> {
    let kept =
        incoming.kept.as_ref().filter(|kept| kept.media_type.as_ref() == Some(&media_type.name))?;
    match &kept.read {
        Ok(decoded) => Some(Ok(decoded.clone()?)),
        Err(unread) => Some(Err(unread.clone())),
    }
}

/// The media type of the body, the first one that the operation reads where none is named, with
/// its schema.
fn choose<'p>(
    site: Site<'p>,
    body: &'p RequestBody,
    named: Option<&str>,
) -> Option<(&'p MediaType, Option<&'p BodySchema>)> {
    let consumes = &site.operation?.consumes;
    let id = match named {
        None => consumes.first(),
        Some(name) => site.plan.closest(consumes, name),
    }?;
    let schema = body.schemas.iter().find(|(known, _)| known == id).map(|(_, schema)| schema);
    site.plan.media_types.get(id.0).map(|media_type| (media_type, schema))
}
