//! The operation that is meant where several have one method and path, by their `match`.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::Arc;

use http::{HeaderName, Method};

use super::body::{decode, in_words};
use super::incoming::Incoming;
use super::kept::{Kept, Unread};
use super::parts;
use super::refusal::Refusal;
use crate::model::matching::{Requested, Unreadable, Wanted};
use crate::model::{Failure, MediaTypeId};
use crate::plan::Plan;
use crate::plan::route::{Candidate, Found};
use crate::value::Value;
use crate::wire::xml::{Element, decode_element_in};
use crate::wire::{Decoded, Limits};

/// Reads the body, should a `match` look at it.
pub(super) fn keep_body(plan: &Plan, found: &Found<'_, '_>, incoming: &mut Incoming<'_>) {
    let mut consumes: Vec<MediaTypeId> = Vec::new();
    for candidate in candidates(found, &incoming.method).filter(|c| c.matching.reads_body()) {
        let operation = plan.operations.get(candidate.binding.operation.0);
        for id in operation.into_iter().flat_map(|operation| &operation.consumes) {
            if !consumes.contains(id) {
                consumes.push(*id);
            }
        }
    }
    if !consumes.is_empty() {
        incoming.kept = Some(read(plan, &consumes, incoming));
    }
}

fn read(plan: &Plan, consumes: &[MediaTypeId], incoming: &Incoming<'_>) -> Kept {
    let named = incoming.media_type();
    if incoming.request.body.is_empty() {
        return Kept { media_type: None, read: Ok(None) };
    }
    let id = match &named {
        None => consumes.first(),
        Some(name) => plan.closest(consumes, name),
    };
    let media_type = id.and_then(|id| plan.media_types.get(id.0));
    let Some(media_type) = media_type else {
        let name = named.unwrap_or_default();
        return Kept { media_type: None, read: Err(Unread::MediaType(name.into_owned())) };
    };
    let read = match media_type.is_multipart {
        // What the schema says of a part is not known yet.
        true => parts::read(plan, incoming, None),
        false => decode(media_type, incoming, &[]),
    };
    let read = read.map(Some);
    Kept { media_type: Some(media_type.name.clone()), read }
}

/// Those with that method, in the order in which they are looked at.
fn candidates<'r>(
    found: &Found<'r, '_>,
    method: &Method,
) -> impl Iterator<Item = &'r Candidate> + Clone {
    found.candidates.iter().filter(move |candidate| candidate.method == *method)
}

/// Those whose `match` the request fits.
pub(super) fn matched<'r>(
    plan: &Plan,
    found: &Found<'r, '_>,
    incoming: &Incoming<'_>,
) -> Vec<&'r Candidate> {
    let asked = Asked::new(plan, incoming);
    let all = candidates(found, &incoming.method);
    let all = all.filter(|candidate| !(incoming.is_item && candidate.matching.takes_lists()));
    all.filter(|candidate| candidate.matching.broken_by(&asked).is_none()).collect()
}

/// Why there are none: what is wrong with the body, or what each of them asks for.
pub(super) fn unmatched<'p>(
    plan: &Plan,
    found: &Found<'_, '_>,
    incoming: &Incoming<'_>,
) -> Refusal<'p> {
    let asked = Asked::new(plan, incoming);
    // What takes lists tells nothing of what is none.
    let broken = candidates(found, &incoming.method)
        .filter(|candidate| !candidate.matching.takes_lists())
        .filter_map(|candidate| Some((candidate, candidate.matching.broken_by(&asked)?)));
    let first = broken.clone().next().map(|(_, condition)| condition);
    let mut refusal = match incoming.kept.as_ref().map(|kept| &kept.read) {
        Some(Err(Unread::MediaType(name))) => {
            Refusal::of(Failure::UnsupportedMediaType).value(name.as_str())
        }
        Some(Err(Unread::Malformed(error))) => {
            let said = in_words(error);
            Refusal::of(Failure::MalformedBody).said(said).at(error.place)
        }
        Some(Ok(None)) if broken.clone().all(|(_, one)| one.about.is_in_body()) => {
            Refusal::of(Failure::MissingBody)
        }
        _ if candidates(found, &incoming.method)
            .any(|candidate| candidate.matching.lacks_only_type(&asked)) =>
        {
            let name = incoming.media_type().unwrap_or_default();
            Refusal::of(Failure::UnsupportedMediaType).value(&*name)
        }
        _ => {
            let mut refusal = Refusal::of(Failure::UnknownAction);
            if let Some(condition) = first {
                let name: Arc<str> = condition.about.name().into();
                refusal.violation.field = name.clone();
                refusal.violation.path = name;
                refusal.violation.value = condition.about.in_request(&asked);
                refusal.violation.said = match &refusal.violation.value {
                    Some(Value::List(_) | Value::Map(_) | Value::Record(_)) | None => {
                        Some("no operation fits what was sent".into())
                    }
                    // What must not be there names no operation.
                    Some(_) if condition.wanted == Wanted::Absent => {
                        Some("no operation fits what was sent".into())
                    }
                    Some(_) => None,
                };
            }
            refusal
        }
    };
    for (candidate, condition) in broken {
        refusal.passed_over.push((candidate.rule, condition.to_string().into()));
    }
    refusal
}

/// A request as a `match` looks at it.
struct Asked<'i, 'r> {
    incoming: &'i Incoming<'r>,
    /// Whether names of parameters regard case.
    case_sensitive: bool,
    /// The body's root element, once a condition looks at it.
    document: OnceCell<Option<Element>>,
}

impl<'i, 'r> Asked<'i, 'r> {
    fn new(plan: &Plan, incoming: &'i Incoming<'r>) -> Self {
        let case_sensitive = plan.service.routing.case_sensitive;
        Self { incoming, case_sensitive, document: OnceCell::new() }
    }
}

impl Requested for Asked<'_, '_> {
    fn query(&self, name: &str) -> Option<Cow<'_, str>> {
        let is = |known: &str| match self.case_sensitive {
            true => known == name,
            false => known.eq_ignore_ascii_case(name),
        };
        let mut pairs = self.incoming.query.iter();
        pairs.find(|(known, _)| is(known)).map(|(_, value)| Cow::Borrowed(&**value))
    }

    fn header(&self, name: &HeaderName) -> Option<Cow<'_, str>> {
        self.incoming.lines(name)
    }

    fn cookie(&self, name: &str) -> Option<Cow<'_, str>> {
        self.incoming.cookie(name)
    }

    fn document(&self) -> Option<&Element> {
        let is_xml = self.body().ok()??.root.is_some();
        let read = || {
            let charset = self.incoming.charset().ok()?;
            decode_element_in(&self.incoming.request.body, charset, &Limits::default()).ok()
        };
        self.document.get_or_init(|| is_xml.then(read).flatten()).as_ref()
    }

    fn body(&self) -> Result<Option<&Decoded>, Unreadable> {
        let kept = self.incoming.kept.as_ref().ok_or(Unreadable)?;
        kept.read.as_ref().map(Option::as_ref).map_err(|_| Unreadable)
    }
}
