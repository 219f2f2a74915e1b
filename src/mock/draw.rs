//! Answers in the vendor's form.

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::draft;
use super::envelope::{write_fault, write_result};
pub(super) use super::form::{Form, Written};
use super::pieces::{Streamed, in_pieces, streamed};
use super::problem;
use super::refusal::{Refusal, Violation};
use crate::exchange::{Answer, Sending, Spelling};
use crate::model::elements::below_root;
use crate::model::header::why_not_given;
use crate::model::{MediaTypeId, Octets, TextPart};
use crate::plan::Plan;
use crate::plan::names::Slot;
use crate::plan::step::{Content, Header, Respond};
use crate::plan::value::{EvaluationError, Scope, Text};
use crate::value::{Map, Record, Shape, Value};
use crate::wire::encoding::{Encoding, Unmappable};
use crate::wire::plain;
use crate::wire::soap::FaultCode;
use crate::wire::{EncodeError, Position};

/// An answer that is put together, and not written yet.
#[derive(Debug)]
pub(super) struct Drawn {
    status: StatusCode,
    headers: Result<Headers, EncodeError>,
    /// How many of them are its own; the rest is what each answer of the vendor has.
    own: usize,
    spelling: Option<Arc<Spelling>>,
    content: DrawnContent,
}

pub(super) type Headers = Vec<(HeaderName, HeaderValue)>;

#[derive(Debug)]
enum DrawnContent {
    Nothing,
    Tree(Value, Option<MediaTypeId>, Option<Box<Streamed>>),
    Text(Arc<str>, Arc<str>),
    Bytes(Result<Bytes, EncodeError>, Arc<str>),
    Fault { code: FaultCode, reason: Arc<str>, detail: Option<Value> },
    Problem(Arc<str>, Box<Map>, Option<String>),
}

/// Fills a response in.
pub(super) fn draw(
    plan: &Plan,
    respond: &Respond,
    scope: &mut Scope,
) -> Result<Drawn, EvaluationError> {
    let mut open = Vec::new();
    let headers = draw_headers(plan, respond, scope, &mut open)?;
    let (headers, own) = match headers {
        Ok((headers, own)) => (Ok(headers), own),
        Err(error) => (Err(error), 0),
    };
    let content = match &respond.content {
        Content::Nothing => DrawnContent::Nothing,
        Content::Tree(tree, media_type) => match tree.value(scope)? {
            Some(value) => {
                let how = respond.streaming.as_ref().map(|how| streamed(how, scope)).transpose()?;
                DrawnContent::Tree(value, *media_type, how.map(Box::new))
            }
            None => DrawnContent::Nothing,
        },
        Content::Text(text, media_type) => {
            DrawnContent::Text(text.render(scope)?, media_type.render(scope)?)
        }
        Content::Bytes(octets, media_type) => {
            let bytes = match octets {
                Octets::Fixed(bytes) => Ok(bytes.clone()),
                Octets::WorkedOut(expression) => {
                    plain::bytes(&expression.value(scope)?.unwrap_or_default()).map(Bytes::from)
                }
            };
            DrawnContent::Bytes(bytes, media_type.render(scope)?)
        }
        Content::Fault(fault) => DrawnContent::Fault {
            code: if fault.sender { FaultCode::Sender } else { FaultCode::Receiver },
            reason: fault.reason.render(scope)?,
            detail: match &fault.detail {
                Some(tree) => tree.value(scope)?,
                None => None,
            },
        },
    };
    let spelling = respond.spelling(&plan.spelling);
    let spelling = Some(match open.is_empty() {
        true => spelling,
        false => Arc::new(Spelling::new(open.iter().chain(spelling.names()))),
    });
    Ok(Drawn { status: respond.status, headers, own, spelling, content })
}

/// The headers of a response, and those of each answer that it has not, with how many are its own;
/// empty ones are left out. `open` gets the names that data gives, as they are written.
fn draw_headers(
    plan: &Plan,
    respond: &Respond,
    scope: &Scope,
    open: &mut Vec<Arc<str>>,
) -> Result<Result<(Headers, usize), EncodeError>, EvaluationError> {
    let is_own = |name: &HeaderName| respond.headers.iter().any(|own| own.name == *name);
    let others = plan.response_headers.iter().filter(|other| !is_own(&other.name));
    let own = headers_of(&respond.headers, scope, open)?;
    let others = headers_of(others, scope, open)?;
    Ok(own.and_then(|mut headers| {
        let own = headers.len();
        headers.extend(others?);
        Ok((headers, own))
    }))
}

/// Headers with their values; empty ones are left out.
pub(super) fn headers_of<'p>(
    all: impl IntoIterator<Item = &'p Header>,
    scope: &Scope,
    open: &mut Vec<Arc<str>>,
) -> Result<Result<Headers, EncodeError>, EvaluationError> {
    let all = all.into_iter();
    let mut headers = Vec::with_capacity(all.size_hint().1.unwrap_or(0));
    let mut text = String::new();
    for header in all {
        if let Some(value) = &header.constant {
            if !value.is_empty() {
                headers.push((header.name.clone(), value.clone()));
            }
            continue;
        }
        let Some(expression) = header.value.expression() else {
            text.clear();
            let line = match header.cookie {
                true => cookie(&header.value, &mut text, scope)?,
                false => header.value.render_to(&mut text, scope).map(Ok)?,
            };
            let added = line.and_then(|()| add_line(&mut headers, &header.name, &text));
            if let Err(error) = added {
                return Ok(Err(error));
            }
            continue;
        };
        let Some(value) = expression.value(scope)? else { continue };
        let added = match (&header.prefix, value.members()) {
            (Some(prefix), Some(members)) => {
                let mut all = members.map(|(name, value)| {
                    let written: Arc<str> = format!("{prefix}{name}").into();
                    let added = add_lines(&mut headers, &open_name(&written)?, value);
                    open.push(written);
                    added
                });
                all.try_for_each(|added| added)
            }
            (Some(_), None) => Ok(()),
            (None, _) => add_lines(&mut headers, &header.name, &value),
        };
        if let Err(error) = added {
            return Ok(Err(error));
        }
    }
    Ok(Ok(headers))
}

/// Appends a cookie to a text. What an expression gives may not end it, since what comes behind a `;`
/// are attributes (RFC 6265 section 4.1.1).
fn cookie(
    value: &Text,
    text: &mut String,
    scope: &Scope,
) -> Result<Result<(), EncodeError>, EvaluationError> {
    for part in &value.parts {
        let from = text.len();
        part.render_to(text, scope)?;
        let given = match part {
            TextPart::Literal(_) => continue,
            TextPart::Expression(_) => text.get(from..).unwrap_or_default(),
        };
        if let Some(ends) = given.chars().find(|c| *c == ';' || c.is_control()) {
            let what = if ends == ';' { "a semicolon" } else { "a control character" };
            let message =
                format!("a value in the header `set-cookie` holds {what}, which ends a cookie");
            return Ok(Err(EncodeError::new(message)));
        }
    }
    Ok(Ok(()))
}

/// A line for each item of a list, and one for anything else.
fn add_lines(headers: &mut Headers, name: &HeaderName, value: &Value) -> Result<(), EncodeError> {
    match value {
        Value::Null => Ok(()),
        Value::Text(text) => add_line(headers, name, text),
        Value::Integer(number) => add_line(headers, name, itoa::Buffer::new().format(*number)),
        Value::List(items) => items.iter().try_for_each(|item| match item.scalar_text() {
            Some(text) => add_line(headers, name, &text),
            None => Ok(()),
        }),
        other => add_line(headers, name, &other.to_string()),
    }
}

fn add_line(headers: &mut Headers, name: &HeaderName, text: &str) -> Result<(), EncodeError> {
    if !text.is_empty() {
        headers.push((name.clone(), header_value(name, text)?));
    }
    Ok(())
}

/// The name of a header that data gives.
fn open_name(name: &str) -> Result<HeaderName, EncodeError> {
    let parsed = HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| EncodeError::new(format!("`{name}` is not a valid header name")))?;
    match why_not_given(&parsed, false) {
        Some(why) => Err(EncodeError::new(format!("the header `{name}` cannot be given: {why}"))),
        None => Ok(parsed),
    }
}

/// Fills in the error of a refusal, or the mock's own problem document.
pub(super) fn draw_refusal(
    plan: &Plan,
    refusal: &Refusal<'_>,
    scope: &mut Scope,
) -> Result<Drawn, EvaluationError> {
    let (error, message) = error_map(plan, refusal, &refusal.violation, scope)?;
    if plan.names.is_used(Slot::VIOLATIONS) {
        let mut all = Vec::with_capacity(1 + refusal.others.len());
        all.push(error.clone());
        for other in &refusal.others {
            all.push(error_map(plan, refusal, other, scope)?.0);
        }
        scope.set(Slot::VIOLATIONS, Value::list(all));
    }
    scope.set(Slot::ERROR, error);
    match refusal.error.and_then(|id| plan.errors.get(id.0)) {
        Some(error) => draw(plan, &error.respond, scope),
        None => {
            let failure = refusal.violation.failure;
            let mut more = Map::new();
            if !refusal.violation.path.is_empty() {
                more.insert("field", Value::Text(refusal.violation.path.clone()));
            }
            let status = refusal.status.unwrap_or_else(|| problem::status(failure));
            let content = DrawnContent::Problem(message, Box::new(more), refusal.allow.clone());
            Ok(Drawn { status, headers: Ok(Vec::new()), own: 0, spelling: None, content })
        }
    }
}

/// The members that `error` always has.
static ERROR: LazyLock<Arc<Shape>> = LazyLock::new(|| {
    let names = [
        "keyword",
        "field",
        "path",
        "value",
        "limit",
        "type",
        "line",
        "column",
        "readerColumn",
        "record",
        "existing",
        "message",
    ];
    Shape::new(names.map(Into::into).into())
});

/// What expressions of errors see as `error`, and its message.
pub(super) fn error_map(
    plan: &Plan,
    refusal: &Refusal<'_>,
    violation: &Violation<'_>,
    scope: &mut Scope,
) -> Result<(Value, Arc<str>), EvaluationError> {
    let text =
        |text: &Arc<str>| if text.is_empty() { Value::Null } else { Value::Text(text.clone()) };
    let number = |n: usize| Value::Integer(i64::try_from(n).unwrap_or(i64::MAX));
    let place = |part: fn(&Position) -> usize| {
        violation.place.as_ref().map_or(Value::Null, |place| number(part(place)))
    };
    let members = [
        violation.failure.map_or(Value::Null, |failure| failure.name().into()),
        text(&violation.field),
        text(&violation.path),
        violation.value.clone().unwrap_or_default(),
        violation.limit.clone().unwrap_or_default(),
        violation.expected.map_or(Value::Null, Value::from),
        place(|place| place.line),
        place(|place| place.column),
        place(|place| place.reader_column),
        refusal.record.clone().map_or(Value::Null, Value::Record),
        refusal.existing.clone().map_or(Value::Null, Value::Record),
        Value::Null,
    ];
    let mut error = Record::new(ERROR.clone());
    for (slot, member) in members.into_iter().enumerate() {
        error.set_slot(slot, Some(member));
    }
    for (name, value) in refusal.with.iter() {
        error.set(name, Some(value.clone()));
    }
    let of_vendor =
        violation.failure.and_then(|f| plan.messages.get(f.index())).and_then(Option::as_ref);
    // What the spec says about this very value goes before what a decoder says, and that before
    // what the vendor says about all values.
    let message = match (violation.message, &violation.said, of_vendor) {
        (Some(message), _, _) | (None, None, Some(message)) => {
            let seen = Arc::new(error);
            scope.set(Slot::ERROR, Value::Record(seen.clone()));
            let message = message.render(scope)?;
            scope.set(Slot::ERROR, None);
            error = Arc::unwrap_or_clone(seen);
            message
        }
        (None, Some(said), _) => said.clone(),
        (None, None, None) => violation.plain_message().into(),
    };
    error.set("message", Some(Value::Text(message.clone())));
    Ok((Value::Record(Arc::new(error)), message))
}

impl Drawn {
    /// The names of its own headers.
    pub(super) fn described(&self) -> Vec<HeaderName> {
        let headers = self.headers.as_deref().unwrap_or_default().iter();
        headers.take(self.own).map(|(name, _)| name.clone()).collect()
    }

    /// An answer to steps that ended without one, which the check does not let through.
    pub(super) fn nothing() -> Self {
        Self {
            status: StatusCode::NO_CONTENT,
            headers: Ok(Vec::new()),
            own: 0,
            spelling: None,
            content: DrawnContent::Nothing,
        }
    }

    /// An answer to a mistake of the spec that only this request showed.
    pub(super) fn spec_mistake(error: &EvaluationError) -> Self {
        let (line, column) = error.span.line_column();
        let mut more = Map::new();
        let place = format!("{}:{line}:{column}", error.span.source.path.display());
        more.insert("spec", Value::from(place));
        let text = error.span.text();
        Self::failure(
            format!("`{text}` cannot be evaluated for this request: {}", error.message),
            more,
        )
    }

    /// The mock's own answer where the vendor's cannot be given.
    pub(super) fn failure(detail: impl Into<Arc<str>>, more: Map) -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            headers: Ok(Vec::new()),
            own: 0,
            spelling: None,
            content: DrawnContent::Problem(detail.into(), Box::new(more), None),
        }
    }

    /// A SOAP fault of the envelope's version, for what SOAP itself asks.
    pub(super) fn fault(code: FaultCode, reason: &str) -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            headers: Ok(Vec::new()),
            own: 0,
            spelling: None,
            content: DrawnContent::Fault { code, reason: reason.into(), detail: None },
        }
    }

    /// Writes the answer by its wire format.
    pub(super) fn write(&mut self, form: Form<'_>) -> Result<Answer, EncodeError> {
        let mut status = self.status;
        let mut octets = None;
        let mut pieces = None;
        let (content_type, body) = match &self.content {
            // A client that asked over SOAP waits for an envelope.
            DrawnContent::Nothing if status == StatusCode::OK && form.soap.is_some() => {
                write_result(None, status, form)?
            }
            DrawnContent::Nothing => (None, Vec::new()),
            DrawnContent::Tree(value, media_type, streaming) => {
                let form = Form { media_type: media_type.or(form.media_type), ..form };
                let (content_type, mut body) = write_tree(value.clone(), status, form)?;
                pieces =
                    streaming.as_ref().and_then(|how| in_pieces(&mut body, **how, value, form));
                (content_type, body)
            }
            DrawnContent::Bytes(bytes, media_type) => {
                let content_type = header_value(&CONTENT_TYPE, media_type)?;
                octets = Some(bytes.clone()?);
                (Some(content_type), Vec::new())
            }
            DrawnContent::Text(text, media_type) => write_text(text, media_type)?,
            DrawnContent::Fault { code, reason, detail } => {
                write_fault(*code, reason, detail.clone(), form)?
            }
            // A client that sent an envelope can read a fault, and may read nothing else.
            DrawnContent::Problem(detail, ..) if form.soap.is_some() => {
                let code = match status.is_server_error() {
                    true => FaultCode::Receiver,
                    false => FaultCode::Sender,
                };
                // SOAP 1.1 section 6.2: a fault comes with this status.
                status = StatusCode::INTERNAL_SERVER_ERROR;
                write_fault(code, detail, None, form)?
            }
            DrawnContent::Problem(detail, more, allow) => {
                let mut answer = problem::answer(status, detail, more);
                if let Some(methods) = allow {
                    problem::allow(&mut answer, methods);
                }
                return Ok(answer);
            }
        };
        let own = std::mem::replace(&mut self.headers, Ok(Vec::new()))?;
        // There is room for what the mock adds.
        let mut headers = HeaderMap::with_capacity(own.len() + 3);
        if let Some(content_type) = content_type {
            headers.insert(CONTENT_TYPE, content_type);
        }
        // The answer's own media type goes before that of its content, and others beside each
        // other.
        if own.iter().any(|(name, _)| *name == CONTENT_TYPE) {
            headers.remove(CONTENT_TYPE);
        }
        for (name, value) in own {
            headers.append(name, value);
        }
        let spelling = self.spelling.take();
        let body = octets.unwrap_or_else(|| draft::end(body));
        let sending =
            pieces.map(|pieces| Box::new(Sending { pieces: Some(pieces), ..Sending::default() }));
        Ok(Answer { status, headers, spelling, body, sending, ..Answer::default() })
    }

    /// Writes an answer of the mock's own, if need be as a problem document to a client that may
    /// not read one.
    pub(super) fn write_plainly(mut self, form: Form<'_>) -> Answer {
        self.write(form).unwrap_or_else(|_| match &self.content {
            DrawnContent::Problem(detail, more, _) => problem::answer(self.status, detail, more),
            _ => problem::answer(self.status, "the answer cannot be written", &Map::new()),
        })
    }
}

/// A header's value, which may hold all but control characters (RFC 9110 section 5.5).
fn header_value(name: &HeaderName, text: &str) -> Result<HeaderValue, EncodeError> {
    HeaderValue::from_bytes(text.as_bytes()).map_err(|_| {
        let control = text.chars().find(|c| c.is_control() && *c != '\t').unwrap_or_default();
        EncodeError::new(format!(
            "the value of the header `{name}` holds the control character U+{:04X}",
            u32::from(control)
        ))
    })
}

/// A text in the encoding that its media type names, else in UTF-8.
pub(super) fn write_text(text: &str, media_type: &str) -> Written {
    let charset = Encoding::of_media_type(media_type)
        .map_err(|label| EncodeError::new(format!("the charset `{label}` is not supported")))?;
    let mut body = Vec::with_capacity(text.len());
    charset.unwrap_or_default().encode(text, Unmappable::Refused, &mut body)?;
    Ok((Some(header_value(&CONTENT_TYPE, media_type)?), body))
}

fn write_tree(value: Value, status: StatusCode, form: Form<'_>) -> Written {
    if form.soap.is_some() {
        return write_result(Some(value), status, form);
    }
    let mut body = draft::begin();
    let is_list = value.as_list().is_some();
    let id = form.media_type.map(|id| form.plan.service.written_in(id, is_list));
    let Some(media_type) = id.and_then(|id| form.plan.media_types.get(id.0)) else {
        return Err(EncodeError::new("the operation produces no media type"));
    };
    let operation = form.operation.filter(|_| media_type.is_xml);
    let value = match operation.and_then(|operation| operation.root_of(status.as_u16())) {
        Some(root) => {
            let elements = operation.and_then(|operation| operation.elements_of(status.as_u16()));
            below_root(root, elements, value)
        }
        None => value,
    };
    let columns = form.operation.and_then(|operation| operation.columns_of(status.as_u16()));
    media_type.encode_answer(&value, columns, &mut body)?;
    Ok((Some(media_type.content_type.clone()), body))
}
