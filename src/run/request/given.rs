//! What expressions give in place of what is written in a step.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Lines, Unmade, texts};
use crate::diagnostic::did_you_mean;
use crate::model::{
    Binding, ChosenBinding, Expression, MediaTypeId, Operation, OperationId, SchemeId, Service,
    Text, TextPart, Tree,
};
use crate::run::evaluate::EvaluationError;
use crate::run::scope::Scope;
use crate::scenario::{Call, Given, Shown};
use crate::value::Value;

/// What a call is of.
#[derive(Debug, Clone, Copy)]
pub(in crate::run) struct Chosen<'s> {
    pub(in crate::run) id: OperationId,
    pub(in crate::run) operation: &'s Operation,
    pub(in crate::run) binding: &'s Binding,
    pub(in crate::run) bound: ChosenBinding,
}

/// The operation and the binding of a call.
pub(in crate::run) fn chosen<'s>(
    service: &'s Service,
    call: &Call,
    scope: &Scope<'_>,
) -> Result<Chosen<'s>, Unmade> {
    let id = operation(service, &call.operation, scope)?;
    let nothing = || Unmade::Other("nothing says which operation is called".to_owned());
    let id = id.ok_or_else(nothing)?;
    let uncallable = || Unmade::Other("the operation cannot be called".to_owned());
    let operation = service.operations.get(id.0).ok_or_else(uncallable)?;
    let bindings = || operation.binding_names(&service.soap_services);
    let named = match &call.binding {
        None => None,
        Some(Given::Written(name)) => {
            bindings().into_iter().find(|(known, _)| **known == **name).map(|(_, chosen)| chosen)
        }
        Some(Given::Expression(expression)) => {
            let (names, what) = (bindings(), format!("binding of `{}`", operation.id));
            let known = names.iter().map(|(name, _)| &**name);
            let at = position(&what, expression, scope, known)?;
            at.and_then(|at| names.get(at)).map(|(_, chosen)| *chosen)
        }
    };
    let bound = named.or_else(|| operation.first_binding(&service.soap_services));
    let bound = bound.ok_or_else(uncallable)?;
    let binding = operation.bindings.get(bound.at).ok_or_else(uncallable)?;
    Ok(Chosen { id, operation, binding, bound })
}

/// The operation that is written, or that an expression names, if it names any.
pub(in crate::run) fn operation(
    service: &Service,
    given: &Given<OperationId>,
    scope: &Scope<'_>,
) -> Result<Option<OperationId>, Unmade> {
    match given {
        Given::Written(id) => Ok(Some(*id)),
        Given::Expression(expression) => {
            let known = service.operations.iter().map(|operation| &*operation.id);
            Ok(position("operation", expression, scope, known)?.map(OperationId))
        }
    }
}

/// What is written, or what an expression gives, read as what is written there; fails with what the
/// key asks for.
pub(in crate::run) fn written<T: Copy>(
    given: &Given<T>,
    (key, what): (&str, &str),
    scope: &Scope<'_>,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<T, Unmade> {
    let expression = match given {
        Given::Written(written) => return Ok(*written),
        Given::Expression(expression) => expression,
    };
    let value = scope.value(expression)?;
    value.as_ref().and_then(Value::as_str).and_then(read).ok_or_else(|| {
        let told = value.map_or_else(|| "nothing".to_owned(), |value| value.to_string());
        Unmade::Other(format!("`{key}` is {what}, not {told}"))
    })
}

/// The media type of a call's body.
pub(super) fn media_type(
    service: &Service,
    call: &Call,
    operation: &Operation,
    scope: &Scope<'_>,
) -> Result<Option<MediaTypeId>, Unmade> {
    let named = match &call.media_type {
        None => None,
        Some(Given::Written(id)) => Some(*id),
        Some(Given::Expression(expression)) => {
            let known = service.media_types.iter().map(|media| &*media.name);
            position("media type", expression, scope, known)?.map(MediaTypeId)
        }
    };
    Ok(named.or_else(|| operation.consumes.first().copied()))
}

/// The keys that a step shows.
pub(super) fn keys<'k>(
    service: &Service,
    shown: &'k Shown,
    scope: &Scope<'_>,
) -> Result<Cow<'k, [(SchemeId, Tree)]>, Unmade> {
    let Some(expression) = &shown.instead else { return Ok(Cow::Borrowed(&shown.keys)) };
    let Some(value) = scope.value(expression)? else { return Ok(Cow::Borrowed(&shown.keys)) };
    if value.as_str() == Some("none") {
        return Ok(Cow::Borrowed(&[]));
    }
    let known = service.security_schemes.iter().map(|scheme| &*scheme.name);
    let mut keys = Vec::new();
    for (name, value) in members("keys by security scheme", &value, expression)? {
        let at = find("security scheme", &name, expression, known.clone())?;
        keys.push((SchemeId(at), Tree::Constant(value)));
    }
    Ok(Cow::Owned(keys))
}

/// The values of members; what is absent is left out.
pub(super) fn values(
    tree: Option<&Tree>,
    scope: &Scope<'_>,
) -> Result<Vec<(Arc<str>, Value)>, Unmade> {
    match tree {
        None => Ok(Vec::new()),
        Some(Tree::Expression(expression)) => match scope.value(expression)? {
            None => Ok(Vec::new()),
            Some(value) => members("a mapping", &value, expression),
        },
        Some(tree) => {
            let value = scope.tree(tree)?.unwrap_or_default();
            let members = value.members().into_iter().flatten();
            Ok(members.map(|(name, value)| (name.clone(), value.clone())).collect())
        }
    }
}

/// The text of a header; none where it is an expression that gives nothing.
pub(super) fn header_text(text: &Text, scope: &Scope<'_>) -> Result<Option<String>, Unmade> {
    if let [TextPart::Expression(expression)] = &*text.parts
        && matches!(scope.value(expression)?, None | Some(Value::Null))
    {
        return Ok(None);
    }
    Ok(Some(scope.text(text)?.to_string()))
}

/// The texts of headers that an expression gives: a list is a header for each item, and null
/// leaves the header out.
pub(super) fn headers(expression: &Expression, scope: &Scope<'_>) -> Result<Lines, Unmade> {
    let Some(value) = scope.value(expression)? else { return Ok(Vec::new()) };
    let mut headers = Vec::new();
    for (name, value) in members("headers by name", &value, expression)? {
        if http::HeaderName::from_bytes(name.as_bytes()).is_err() {
            return Err(wrong(format!("`{name}` is not a valid header name"), expression));
        }
        if matches!(value, Value::Null) {
            headers.push((name.to_string(), None));
            continue;
        }
        for text in texts(&name, &value, true)? {
            headers.push((name.to_string(), Some(text)));
        }
    }
    Ok(headers)
}

fn members(
    wanted: &str,
    value: &Value,
    expression: &Expression,
) -> Result<Vec<(Arc<str>, Value)>, Unmade> {
    let members = value.members().ok_or_else(|| {
        wrong(format!("expected {wanted}, not a value of kind {}", value.kind()), expression)
    })?;
    Ok(members.map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// The position of what an expression names; none where it names nothing.
fn position<'a>(
    what: &str,
    expression: &Expression,
    scope: &Scope<'_>,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Result<Option<usize>, Unmade> {
    let Some(value) = scope.value(expression)? else { return Ok(None) };
    let Some(name) = value.as_str() else {
        let message =
            format!("the {what} is named by a string, not a value of kind {}", value.kind());
        return Err(wrong(message, expression));
    };
    find(what, name, expression, known).map(Some)
}

fn find<'a>(
    what: &str,
    name: &str,
    expression: &Expression,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Result<usize, Unmade> {
    let found = known.clone().position(|known| known == name);
    found.ok_or_else(|| {
        let hint = did_you_mean(name, known).map_or_else(String::new, |hint| format!("; {hint}"));
        wrong(format!("no {what} is called `{name}`{hint}"), expression)
    })
}

fn wrong(message: String, expression: &Expression) -> Unmade {
    let span = expression.span.clone();
    Unmade::Evaluation(EvaluationError { message, in_vain: None, span })
}
