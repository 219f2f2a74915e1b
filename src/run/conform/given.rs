//! Whether an answer is what a step or an error gives.

use std::borrow::Cow;

use super::super::answer::{Answer, Body, BodyForm};
use super::super::event::Mismatch;
use super::content_type::{ContentType, content_types};
use super::finder::{Enveloped, Finder, enveloped, qualified};
use super::namespace::Namespace;
use super::tree::pattern;
use crate::model::documented::{Context, Given};
use crate::model::verb::PLAIN_TEXT;
use crate::model::{Content, Fault, MediaTypeId, Service, Text, TextPart, Tree, XmlName};
use crate::source::Span;
use crate::value::Value;
use crate::wire::soap::{FaultCode, SoapVersion};

/// What is in the answer that the step or error does not give.
pub(super) fn check<'s>(
    service: &'s Service,
    context: Context<'s>,
    given: &Given<'s>,
    answer: &Answer,
    span: &'s Span,
) -> Vec<Mismatch> {
    let mut finder = Finder::new(answer, span);
    finder.wording = given.known;
    // What an operation answers may grow, as its schema would let it; an error is all there is.
    finder.open = given.error.is_none();
    if let Some(name) = given.error {
        finder.source = format!("the error `{name}`");
    }
    let look = Look { service, context, answer };
    match given.content {
        Content::Nothing => look.nothing(&mut finder),
        Content::Text(text, content_type) => look.text(&mut finder, text, content_type),
        Content::Bytes(_, content_type) => look.content_type(&mut finder, content_type),
        Content::Tree(tree, media_type) => look.tree(&mut finder, tree, *media_type),
        Content::Fault(fault) => look.fault(&mut finder, fault),
    }
    finder.found
}

struct Look<'l, 's> {
    service: &'s Service,
    context: Context<'s>,
    answer: &'l Answer,
}

impl<'s> Look<'_, 's> {
    fn nothing(&self, finder: &mut Finder<'s>) {
        let tree =
            self.answer.body().ok().and_then(Body::tree).filter(|_| self.context.soap.is_some());
        // Over SOAP a response without a result stands in its envelope.
        if tree.is_some_and(|tree| matches!(enveloped(tree), Some(Enveloped::Body(_)))) {
            return;
        }
        if !self.answer.response.body.trim_ascii().is_empty() {
            let message = format!("{} has no body, and there is one", finder.source);
            finder.note("body", "no body", "a body", &message);
        }
    }

    fn content_type(&self, finder: &mut Finder<'s>, written: &Text) {
        let said = literal(written);
        let by = finder.source.clone();
        let known = finder.wording;
        let said = said.map(|text| ContentType { text: Cow::Owned(text), known });
        finder.media_type(&by, said.as_slice(), self.answer);
    }

    fn text(&self, finder: &mut Finder<'s>, text: &Text, content_type: &Text) {
        self.content_type(finder, content_type);
        let by = finder.source.clone();
        let actual = self.answer.text();
        if !finder.says(text, &actual, true) {
            let wanted = pattern(text);
            let message = format!("the body differs, {by} has `{}`", wanted.trim());
            finder.note("body", &wanted, &actual, &message);
        }
    }

    fn tree(&self, finder: &mut Finder<'s>, tree: &Tree, media_type: Option<MediaTypeId>) {
        let form = self.answer.form;
        let body = match self.answer.body() {
            Ok(Body::Nothing) => {
                if !finder.may_be_absent(tree) {
                    let message = format!("{} has a body, and there is none", finder.source);
                    finder.note("body", "a body", "nothing", &message);
                }
                return;
            }
            Ok(_) if !form.has_members() => {
                let kind = self.answer.response.header("content-type").unwrap_or("no type");
                let message = format!("the body is of {kind}, {} has a tree", finder.source);
                return finder.note("body", "a tree", kind, &message);
            }
            Ok(body) => body,
            Err(error) => {
                let message = format!("the body is not {}: {error}", form.name());
                return finder.note("body", form.name(), &error.message, &message);
            }
        };
        let Some(actual) = body.tree() else { return };
        if let (Some(soap), Some(operation)) = (self.context.soap, self.context.operation) {
            match enveloped(actual) {
                Some(Enveloped::Body(body)) => {
                    if let Some((content, path)) = finder.result(soap, operation, body, finder.open)
                    {
                        finder.any_namespace_of(operation);
                        finder.tree(tree, Some(content), &path);
                    }
                    return;
                }
                Some(Enveloped::Fault(..)) => {
                    let message = format!("the answer is a fault, {} is none", finder.source);
                    return finder.note("/", "a result", "a fault", &message);
                }
                // What cannot be read as an envelope is not answered in one.
                None => {}
            }
        } else {
            let by = finder.source.clone();
            finder.media_type(&by, &self.produced(media_type), self.answer);
        }
        match self.root().filter(|root| actual.get(&qualified(root)).is_some()) {
            Some(root) => {
                let content = finder.root(root, actual).cloned();
                if let Some(operation) = self.context.operation {
                    finder.any_namespace_of(operation);
                }
                finder.tree(tree, content.as_ref(), &format!("/{}", root.name));
            }
            None => {
                // Elements without a declaration stand in no namespace.
                finder.namespace = Namespace::Nothing;
                finder.tree(tree, Some(actual), if finder.markup() { "" } else { "$" });
            }
        }
    }

    /// The content types in which a tree may come; none are known before the operation is.
    fn produced(&self, media_type: Option<MediaTypeId>) -> Vec<ContentType<'s>> {
        match (media_type, self.context.operation) {
            (Some(id), _) => content_types(self.service, &[id]),
            (None, Some(operation)) => content_types(self.service, &operation.produces),
            (None, None) => Vec::new(),
        }
    }

    /// The root element that answers of that status get.
    fn root(&self) -> Option<&'s XmlName> {
        let status = self.answer.response.status;
        let responses = &self.context.operation?.responses;
        let response = responses.iter().find(|response| response.status == status)?;
        response.schema.as_ref()?.xml.as_ref().filter(|_| self.answer.form == BodyForm::Xml)
    }

    fn fault(&self, finder: &mut Finder<'s>, fault: &Fault) {
        if self.context.soap.is_none() {
            return self.text(finder, &fault.reason, &Text::literal(PLAIN_TEXT));
        }
        let tree = self.answer.body().ok().and_then(Body::tree);
        let Some(Enveloped::Fault(version, actual)) = tree.and_then(enveloped) else {
            let message = format!("the answer is not a fault, {} is one", finder.source);
            return finder.note("/", "a fault", "something else", &message);
        };
        let (code, reason, detail) = parts(version, actual);
        let own = |known: FaultCode| code.as_deref() == Some(known.name(version));
        // SOAP itself refuses so, whatever the vendor.
        if own(FaultCode::VersionMismatch) || own(FaultCode::MustUnderstand) {
            return;
        }
        let wanted = if fault.sender { FaultCode::Sender } else { FaultCode::Receiver };
        let path = "/Envelope/Body/Fault";
        if !own(wanted) {
            let (wanted, actual) = (wanted.name(version), code.unwrap_or_default());
            let message = format!("the fault's code is `{actual}`, {} has {wanted}", finder.source);
            finder.note(path, wanted, &actual, &message);
        }
        let reason = reason.unwrap_or_default();
        if !finder.says(&fault.reason, &reason, true) {
            let wanted = pattern(&fault.reason);
            let message = format!("the fault's reason differs, {} has `{wanted}`", finder.source);
            finder.note(path, &wanted, &reason, &message);
        }
        if let Some(tree) = &fault.detail {
            let blank = Value::text("");
            finder.tree(tree, Some(detail.unwrap_or(&blank)), &format!("{path}/detail"));
        }
    }
}

/// The text, if nothing in it is worked out.
fn literal(text: &Text) -> Option<String> {
    let parts = text.parts.iter().map(|part| match part {
        TextPart::Literal(literal) => Some(&**literal),
        TextPart::Expression(_) => None,
    });
    parts.collect()
}

/// Code (its local name), reason and detail of a fault.
fn parts(version: SoapVersion, fault: &Value) -> (Option<String>, Option<String>, Option<&Value>) {
    let ns = version.namespace();
    let inner = |outer: &str, inner: &str| {
        let inner = fault.get(&format!("{{{ns}}}{outer}"))?.get(&format!("{{{ns}}}{inner}"))?;
        text(inner)
    };
    let local = |code: String| {
        let code = code.trim();
        let local = code.rsplit_once(':').map_or(code, |(_, local)| local);
        // SOAP 1.1 section 4.4.1: what follows a dot is more specific.
        local.split('.').next().unwrap_or_default().to_owned()
    };
    match version {
        SoapVersion::V11 => {
            let own = |name: &str| fault.get(name).and_then(text);
            (own("faultcode").map(local), own("faultstring"), fault.get("detail"))
        }
        SoapVersion::V12 => {
            let detail = fault.get(&format!("{{{ns}}}Detail"));
            (inner("Code", "Value").map(local), inner("Reason", "Text"), detail)
        }
    }
}

/// The text of an element; of several, that of the first.
fn text(value: &Value) -> Option<String> {
    let value = value.as_list().and_then(<[Value]>::first).unwrap_or(value);
    let value = value.get("#text").unwrap_or(value);
    value.as_str().map(str::to_owned)
}
