//! What is found in an answer, and what stands around what a spec speaks of: media types, root
//! elements, envelopes.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use super::super::answer::{Answer, BodyForm};
use super::super::compare::path::member;
use super::super::event::{Mismatch, MismatchKind};
use super::super::markup;
use super::content_type::ContentType;
use super::namespace::Namespace;
use crate::model::{Operation, Schema, SchemaId, SoapService, XmlName};
use crate::source::Span;
use crate::value::Value;
use crate::wire::soap::SoapVersion;

/// So many differences from what is documented are told.
const MOST_TOLD: usize = 100;
/// The status of the answer that documents a body where nothing else does.
const OK: u16 = 200;

/// Looks at an answer by one of the forms that the spec documents.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is asked by itself")]
pub(super) struct Finder<'s> {
    span: &'s Span,
    form: BodyForm,
    status: u16,
    /// Whether there may be more items than were read.
    pub in_part: bool,
    /// The namespace in which elements stand.
    pub namespace: Namespace,
    /// What documents it, in messages: `the spec`, "the error `Taken`".
    pub source: String,
    /// Whether texts for people are held against it.
    pub wording: bool,
    /// Whether maps may have members that the spec does not name.
    pub open: bool,
    /// The schemas that contain themselves.
    pub recursive: Recursive<'s>,
    /// Whether it is an expectation of a scenario, whose schema has places of its own.
    is_expected: bool,
    /// How many schemas were looked at that say something of the same value.
    pub spent: Rc<Cell<usize>>,
    /// What is not as it is documented.
    pub found: Vec<Mismatch>,
}

/// The schemas that contain themselves, by their ids.
#[derive(Debug, Clone, Copy)]
pub(super) enum Recursive<'s> {
    /// Those of a spec.
    Plain(&'s [Schema]),
    /// Those of an expectation.
    Shared(&'s [Arc<Schema>]),
}

impl<'s> Recursive<'s> {
    /// The schema with that id.
    pub(super) fn get(self, id: SchemaId) -> Option<&'s Schema> {
        match self {
            Self::Plain(all) => all.get(id.0),
            Self::Shared(all) => all.get(id.0).map(|schema| &**schema),
        }
    }
}

/// What a SOAP envelope holds.
pub(super) enum Enveloped<'v> {
    /// A fault, in an envelope of that version.
    Fault(SoapVersion, &'v Value),
    /// Anything else: the content of the body.
    Body(&'v Value),
}

impl<'s> Finder<'s> {
    /// Nothing is found yet.
    pub(super) fn new(answer: &Answer, span: &'s Span) -> Self {
        let in_part = answer.response.has_more;
        Self { in_part, ..Self::of_form(answer.form, answer.response.status, span) }
    }

    /// Whether a text may stand for what it spells, as a field of an event does.
    pub(super) fn is_line_of_event(&self, value: &Value) -> bool {
        self.form == BodyForm::Events && value.as_str().is_some()
    }

    /// Whether nobody reads a member: in event streams a comment.
    pub(super) fn is_passed_over(&self, name: &str) -> bool {
        self.form == BodyForm::Events && name == "comment"
    }

    /// The same for what a scenario expects.
    pub(super) fn expected(form: BodyForm, span: &'s Span, source: String) -> Self {
        Self { is_expected: true, source, ..Self::of_form(form, OK, span) }
    }

    fn of_form(form: BodyForm, status: u16, span: &'s Span) -> Self {
        Self {
            span,
            form,
            status,
            in_part: false,
            namespace: Namespace::Any,
            source: "the spec".to_owned(),
            wording: true,
            open: true,
            recursive: Recursive::Plain(&[]),
            is_expected: false,
            spent: Rc::default(),
            found: Vec::new(),
        }
    }

    /// XML: names are elements and attributes.
    pub(super) fn markup(&self) -> bool {
        self.form == BodyForm::Xml
    }

    /// Whether scalars are what they spell.
    pub(super) fn textual(&self) -> bool {
        self.form.is_textual()
    }

    /// Whether a field of a row is empty, as null and what is absent are written there.
    pub(super) fn is_empty_field(&self, value: &Value) -> bool {
        matches!(self.form, BodyForm::Csv { .. }) && value.as_str() == Some("")
    }

    /// Notes what is not as it is documented, up to some number: an answer may have millions of
    /// items.
    pub(super) fn note(&mut self, path: &str, expected: &str, actual: &str, message: &str) {
        self.note_at(self.span, path, expected, actual, message);
    }

    /// The same of a word of a schema, which is written there.
    pub(super) fn note_at(
        &mut self,
        place: &Span,
        path: &str,
        expected: &str,
        actual: &str,
        message: &str,
    ) {
        let message = match self.found.len() {
            more if more > MOST_TOLD => return,
            MOST_TOLD => "there is more that is not documented, which is not listed",
            _ => message,
        };
        self.found.push(Mismatch {
            kind: match self.is_expected {
                true => MismatchKind::Expectation,
                false => MismatchKind::Undocumented,
            },
            path: path.to_owned(),
            expected: expected.to_owned(),
            actual: actual.to_owned(),
            message: message.to_owned(),
            span: if self.is_expected { place } else { self.span }.clone(),
        });
    }

    /// Whether it is an expectation of a scenario.
    pub(super) fn is_expected(&self) -> bool {
        self.is_expected
    }

    /// What stands before what the schema has: `documented is`.
    pub(super) fn has(&self, verb: &str) -> String {
        match self.is_expected {
            true => format!("{} has", self.source),
            false => format!("documented {verb}"),
        }
    }

    /// What another look finds.
    pub(super) fn attempt(&self, look: impl FnOnce(&mut Self)) -> Vec<Mismatch> {
        let mut other = Self { found: Vec::new(), ..self.clone() };
        look(&mut other);
        other.found
    }

    /// Media types are exact to the letter: clients exist that insist on it. None of them is
    /// known: then any will do. Says whether it is one of them.
    pub(super) fn media_type(
        &mut self,
        by: &str,
        produced: &[ContentType<'_>],
        answer: &Answer,
    ) -> bool {
        let mut actual: Vec<&str> = Vec::new();
        for (name, value) in &answer.response.headers {
            if name.eq_ignore_ascii_case("content-type") && !actual.contains(&&**value) {
                actual.push(value);
            }
        }
        let is_known = |actual: &str| produced.iter().any(|known| known.is(actual));
        let known = produced.iter().map(|known| &*known.text).collect::<Vec<_>>().join(", ");
        let message = match &*actual {
            _ if produced.is_empty() => return true,
            [actual] if is_known(actual) => return true,
            [] => format!("{by} documents an answer of the type {known}, and this one has none"),
            [actual] => format!("{by} documents no answer of the type `{actual}`, only {known}"),
            all => {
                let all = all.join("` and `");
                format!("the answer is of the types `{all}` at once, {by} documents {known}")
            }
        };
        self.note("header Content-Type", &known, &actual.join(", "), &message);
        false
    }

    /// The content of the one element that a tree below `path` is to have; where it is `open`, it
    /// may have others beside it.
    pub(super) fn only<'v>(
        &mut self,
        tree: &'v Value,
        name: &str,
        path: &str,
        open: bool,
    ) -> Option<&'v Value> {
        let is_element = |name: &str| !name.starts_with('@') && name != "#text";
        let members = tree.members().into_iter().flatten();
        let elements: Vec<_> = members.filter(|(name, _)| is_element(name)).collect();
        let found = elements.iter().find(|(actual, _)| &***actual == name);
        for (actual, _) in elements.iter().filter(|_| !open || found.is_none()) {
            if &***actual == name {
                continue;
            }
            let path = format!("{path}/{}", markup::in_path(actual, &[]));
            let actual = markup::name_in_path(actual);
            let message = match found {
                Some(_) => format!("the spec documents nothing but the element `{name}` here"),
                None => format!("the spec documents the element `{name}`, not `{actual}`"),
            };
            self.note(&path, name, &actual, &message);
        }
        found.map(|(_, content)| *content)
    }

    /// The content of a document's root element, which is to be that one.
    pub(super) fn root<'v>(&mut self, root: &'s XmlName, tree: &'v Value) -> Option<&'v Value> {
        self.namespace = Namespace::of(root.namespace.as_ref());
        self.only(tree, &qualified(root), "", false)
    }

    /// What documents the body of an answer of that operation, with that status or else with 200.
    pub(super) fn documented<'o>(&self, operation: &'o Operation) -> Option<&'o Schema> {
        let with = |status: u16| operation.responses.iter().find(move |it| it.status == status);
        with(self.status).or_else(|| with(OK))?.schema.as_ref()
    }

    /// The result in the body of an envelope, with its path.
    pub(super) fn result<'v>(
        &mut self,
        soap: &'s SoapService,
        operation: &'s Operation,
        body: &'v Value,
        open: bool,
    ) -> Option<(&'v Value, String)> {
        if soap.bare {
            let root = self.documented(operation)?.xml.as_ref()?;
            let path = format!("/Envelope/Body/{}", root.name);
            let before = self.found.len();
            let content = self.only(body, &qualified(root), "/Envelope/Body", false);
            if content.is_none() && self.found.len() == before {
                let message = format!("`{path}` is missing, which the spec documents");
                self.note(&path, "the result", "nothing", &message);
            }
            self.namespace = match (soap.unqualified, &root.namespace) {
                (true, _) => Namespace::Nothing,
                (false, namespace) => Namespace::of(namespace.as_ref()),
            };
            return Some((content?, path));
        }
        let namespace = &*soap.namespace;
        self.namespace = Namespace::of(Some(&soap.namespace));
        let name = operation.message_name(soap.id);
        let response = format!("{{{namespace}}}{name}Response");
        let result = format!("{{{namespace}}}{name}Result");
        let path = format!("/Envelope/Body/{name}Response/{name}Result");
        let before = self.found.len();
        let content = self.only(body, &response, "/Envelope/Body", false).and_then(|content| {
            let path = format!("/Envelope/Body/{name}Response");
            self.only(content, &result, &path, open)
        });
        if content.is_none() && self.found.len() == before {
            let message = format!("`{path}` is missing, which the spec documents");
            self.note(&path, "the result", "nothing", &message);
        }
        Some((content?, path))
    }

    /// The path of a member.
    pub(super) fn below(&self, path: &str, name: &str) -> String {
        match self.markup() {
            true => format!("{path}/{}", markup::in_path(name, &[])),
            false => format!("{path}{}", member(name)),
        }
    }

    /// Whether it is a text without anything in it.
    pub(super) fn is_blank(&self, value: &Value) -> bool {
        value.as_str().is_some_and(|text| match self.markup() {
            true => markup::is_blank(text),
            false => text.is_empty(),
        })
    }
}

/// A root's name, as those in trees are written.
pub(super) fn qualified(root: &XmlName) -> String {
    match &root.namespace {
        Some(namespace) => format!("{{{namespace}}}{}", root.name),
        None => root.name.to_string(),
    }
}

/// What stands in an envelope, where the tree is one.
pub(super) fn enveloped(tree: &Value) -> Option<Enveloped<'_>> {
    [SoapVersion::V11, SoapVersion::V12].into_iter().find_map(|version| {
        let ns = version.namespace();
        let body = tree.get(&format!("{{{ns}}}Envelope"))?.get(&format!("{{{ns}}}Body"))?;
        Some(match body.get(&format!("{{{ns}}}Fault")) {
            Some(fault) => Enveloped::Fault(version, fault),
            None => Enveloped::Body(body),
        })
    })
}
