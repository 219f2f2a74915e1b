//! The same trial on two targets, step by step.
//!
//! Ids that were captured, values that the vendor made, times, and what only one trial has (its
//! session, its `${unique}`, its base URL) need not be equal: they have to correspond
//! (`correspondence`), in the same way wherever they come again. What is left is a difference:
//! the status, headers that matter (`ignore`), the body by path (`tree`).

mod align;
mod clocks;
mod correspondence;
mod difference;
mod ended;
mod ignore;
mod kinds;
mod known;
mod list;
mod members;
mod observed;
mod order;
mod pairs;
mod reading;
mod repeated;
mod secret;
mod shape;
mod time;
mod tree;
mod vendor;

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::answer::{Answer, Body, BodyForm};
use super::bytes::{excerpt, first_difference};
use super::client::Response;
use super::event::{
    Lack, ReceivedResponse, SentRequest, Stage, StepKind, StepResult, TrialResult, Verdict,
};
use super::headers;
use super::markup;
use crate::model::{OperationId, Service};
use crate::source::Span;
use crate::value::Value;
use align::{align, is_within};
use clocks::Clocks;
use correspondence::Correspondence;
pub use difference::Difference;
use ended::{end, is_answered, unmet};
pub use ignore::{IGNORED_HEADERS, Ignore};
use kinds::Kind;
use known::Deviating;
pub use known::KnownDifference;
pub use observed::{Captured, Known, Observed};
use reading::Reading;
use repeated::repeated;
use time::Time;
use vendor::Vendor;

/// A trial on two targets.
#[derive(Debug, Clone)]
pub struct Pair {
    /// `vendor/file/scenario [row]`.
    pub name: Arc<str>,
    /// Why there is nothing to compare.
    pub skipped: Option<String>,
    /// The steps that came to an exchange on one side at least.
    pub steps: Vec<PairedStep>,
    /// Where the scenario is written.
    pub span: Span,
}

impl Pair {
    /// Whether anything differs.
    pub fn differs(&self) -> bool {
        self.steps.iter().any(|step| step.counts)
    }
}

/// What came of a step on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// Both answers say the same.
    Same,
    /// They do not.
    Differs,
    /// It was only done on the left side.
    OnlyLeft,
    /// It was only done on the right side.
    OnlyRight,
    /// It should have been done on both sides, and was on neither.
    Neither,
}

impl Likeness {
    /// The words in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Differs => "differs",
            Self::OnlyLeft => "only on the left",
            Self::OnlyRight => "only on the right",
            Self::Neither => "on neither side",
        }
    }
}

/// A step on two targets.
#[derive(Debug, Clone)]
pub struct PairedStep {
    /// What it is called.
    pub name: String,
    /// Which list of steps it belongs to.
    pub stage: Stage,
    /// What came of it.
    pub likeness: Likeness,
    /// Whether it makes the trial differ: all but what is the same, what needs a mock, and what
    /// stands in for a control step on one side.
    pub counts: bool,
    /// Why it was not done on one side.
    pub reason: Option<String>,
    /// In what it differs.
    pub differences: Vec<Difference>,
    /// In what it differs as the spec knows.
    pub known: Vec<KnownDifference>,
    /// Where it is written.
    pub span: Span,
}

/// Compares a trial on two targets. What the spec says is ignored is so besides `ignore`.
pub fn compare(service: &Service, left: &Observed, right: &Observed, ignore: &Ignore) -> Pair {
    let ignore = &ignore.with(&service.comparison);
    let (ours, theirs) = (&left.result, &right.result);
    let mut pair =
        Pair { name: ours.name.clone(), skipped: None, steps: Vec::new(), span: ours.span.clone() };
    let skipped = [ours, theirs].into_iter().filter(|result| result.verdict == Verdict::Skipped);
    let reason = |result: &TrialResult| Some(result.reason.clone().unwrap_or_default());
    if let Some(not_begun) = skipped.clone().find(|result| result.steps.is_empty()) {
        pair.skipped = reason(not_begun);
        return pair;
    }
    let mut correspondence = Correspondence::new(
        &left.known,
        &right.known,
        Vendor::of(service),
        Clocks::of(now(), [left, right]),
    );
    correspondence.captured(Known::SHARED, Known::SHARED);
    let deviating = Deviating::new(service, [left.is_endpoint, right.is_endpoint]);
    let aligned = align(&ours.steps, &theirs.steps);
    correspondence.will_send(aligned.iter().filter_map(|(left, right)| {
        let (left, right) = (ours.steps.get((*left)?)?, theirs.steps.get((*right)?)?);
        Some((left.request.as_ref()?, right.request.as_ref()?))
    }));
    for (at_left, at_right) in aligned {
        let mine = at_left.and_then(|at| ours.steps.get(at));
        let other = at_right.and_then(|at| theirs.steps.get(at));
        let sent = |step: Option<&StepResult>| step.and_then(|step| step.request.clone());
        correspondence.sent(sent(mine).as_ref(), sent(other).as_ref());
        if let (Some(left), Some(right)) = (at_left, at_right) {
            correspondence.captured(left, right);
        }
        correspondence.of_kind(kind(service, mine.or(other)));
        let took = |step: Option<&StepResult>| step.map_or(Duration::ZERO, |step| step.duration);
        let sides = [mine, other];
        correspondence.pass(sides.map(took), sides.map(|step| Reading::of(step?)));
        let paired = match (mine, other) {
            (Some(mine), Some(other)) => {
                both(service, mine, other, &mut correspondence, ignore, &deviating)
            }
            (Some(mine), None) => Some(only(mine, Likeness::OnlyLeft, &theirs.steps)),
            (None, Some(other)) => Some(only(other, Likeness::OnlyRight, &ours.steps)),
            (None, None) => None,
        };
        pair.steps.extend(paired);
    }
    if pair.steps.is_empty() {
        pair.skipped = skipped.clone().next().and_then(reason);
    }
    pair
}

/// What the answer to a step is of.
fn kind(service: &Service, step: Option<&StepResult>) -> Kind {
    let operation = step.and_then(|step| step.operation.as_ref());
    let operation =
        operation.and_then(|id| service.operations.iter().find(|operation| operation.id == *id));
    operation.map(Kind::shown_by).unwrap_or_default()
}

/// The time on the clock of this machine, in milliseconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// When an answer was made, as it says itself.
fn made_at(response: &ReceivedResponse) -> Option<i64> {
    let date = headers::joined(&response.headers, "date")?;
    Time::of_text(&date).map(|time| time.instant)
}

fn paired(step: &StepResult, likeness: Likeness) -> PairedStep {
    PairedStep {
        name: step.name.clone(),
        stage: step.stage,
        likeness,
        counts: likeness != Likeness::Same,
        reason: None,
        differences: Vec::new(),
        known: Vec::new(),
        span: step.span.clone(),
    }
}

/// A step that the other side did not come to. What stands in for a control step that the other
/// side did makes no difference.
fn only(step: &StepResult, likeness: Likeness, others: &[StepResult]) -> PairedStep {
    let stands_in = others.iter().any(|other| is_control(other) && is_within(step, other));
    let silent = step.verdict == Verdict::Skipped;
    let counts = !(stands_in || silent || is_control(step) || step.stage.is_shared());
    // Why the other side did not come to it, where it stopped before it had sent anything.
    let stopped = |step: &StepResult| {
        let failed = step.verdict == Verdict::Failed && step.request.is_none();
        failed.then(|| step.mismatches.first().map(|mismatch| mismatch.message.clone())).flatten()
    };
    let reason = step.reason.clone().or_else(|| stopped(step));
    let reason = reason.or_else(|| {
        let other = others.iter().find_map(stopped)?;
        Some(format!("the other side came to `{other}`"))
    });
    PairedStep { counts, reason, ..paired(step, likeness) }
}

fn is_control(step: &StepResult) -> bool {
    step.kind != StepKind::Vendor && step.request.is_some()
}

/// A step that neither side could do. Nothing was learnt from it, so that both are not the same;
/// what would have cleaned up is told only.
fn neither(left: &StepResult, right: &StepResult) -> Option<PairedStep> {
    let could_not =
        |step: &StepResult| step.verdict == Verdict::Failed || step.lacks == Some(Lack::Capture);
    if !could_not(left) || !could_not(right) {
        return None;
    }
    let reason = left.mismatches.first().map(|mismatch| mismatch.message.clone());
    let reason = reason.or_else(|| left.reason.clone());
    let counts = !left.stage.cleans_up();
    Some(PairedStep { counts, reason, ..paired(left, Likeness::Neither) })
}

/// A step that both sides came to; nothing where neither of them had to send anything.
fn both(
    service: &Service,
    left: &StepResult,
    right: &StepResult,
    correspondence: &mut Correspondence<'_>,
    ignore: &Ignore,
    deviating: &Deviating<'_>,
) -> Option<PairedStep> {
    let likeness = match (&left.request, &right.request) {
        (None, None) if left.verdict == right.verdict => return neither(left, right),
        (Some(_), None) if right.verdict != Verdict::Failed => Likeness::OnlyLeft,
        (None, Some(_)) if left.verdict != Verdict::Failed => Likeness::OnlyRight,
        _ => Likeness::Differs,
    };
    if likeness != Likeness::Differs {
        let (done, passed_over) =
            if likeness == Likeness::OnlyLeft { (left, right) } else { (right, left) };
        let counts = !(is_control(done) || passed_over.lacks == Some(Lack::Mock));
        let reason = passed_over.reason.clone();
        return Some(PairedStep { counts, reason, ..paired(left, likeness) });
    }
    let mut differences = match (&left.response, &right.response) {
        (Some(ours), Some(theirs)) => {
            responses(service, left, [ours, theirs], correspondence, ignore)
        }
        _ => Vec::new(),
    };
    let operation = left.operation.as_deref().or(right.operation.as_deref());
    let known = deviating.take(operation, &mut differences);
    let ends = [left, right].map(end);
    let unanswered = [left, right].map(|step| !is_answered(step));
    let [ours, theirs] = [left, right].map(unmet);
    // Two targets of which neither answers say nothing about each other.
    if unanswered.contains(&true) || differences.is_empty() && ours != theirs {
        let path = if unanswered.contains(&true) { "answer" } else { "expectations" };
        if !ignore.path(path) {
            let sides = ends.map(|end| Some(Value::text(end)));
            differences.insert(0, Difference::at(path, sides, correspondence));
        }
    }
    let likeness = if differences.is_empty() { Likeness::Same } else { Likeness::Differs };
    Some(PairedStep { differences, known, ..paired(left, likeness) })
}

fn responses(
    service: &Service,
    step: &StepResult,
    [left, right]: [&ReceivedResponse; 2],
    correspondence: &mut Correspondence<'_>,
    ignore: &Ignore,
) -> Vec<Difference> {
    let mut found = Vec::new();
    if left.status != right.status && !ignore.path("status") {
        let status = |response: &ReceivedResponse| Some(Value::Integer(response.status.into()));
        let sides = [left, right].map(status);
        found.push(Difference::at("status", sides, correspondence));
    }
    // What the journal tells of was compared when it happened.
    if step.kind == StepKind::Journal {
        return found;
    }
    let made = [left, right].map(|side| made_at(side).unwrap_or_else(now));
    correspondence.at(made, step.request.as_ref().map(SentRequest::line).unwrap_or_default());
    // The body first: what corresponds in it is known by its members then, and headers repeat it.
    let service = (!is_control(step)).then_some(service);
    let operation = step.operation.as_ref().and_then(|id| {
        let at = service?.operations.iter().position(|operation| operation.id == *id);
        at.map(OperationId)
    });
    let operations = operation.as_slice();
    let [ours, theirs] = [left, right].map(|response| answer(response, service, operations));
    let bodies = bodies(&ours, &theirs, correspondence, ignore);
    found.extend(fields(left, right, correspondence, ignore));
    found.extend(bodies);
    found
}

fn answer(
    response: &ReceivedResponse,
    service: Option<&Service>,
    operations: &[OperationId],
) -> Answer {
    let response = Response {
        status: response.status,
        headers: response.headers.clone(),
        body: response.body.clone(),
        duration: response.duration,
        has_more: false,
        certificate: None,
    };
    match service {
        Some(service) => Answer::of(response, service, operations),
        None => Answer::new(response, None),
    }
}

fn fields(
    left: &ReceivedResponse,
    right: &ReceivedResponse,
    correspondence: &mut Correspondence<'_>,
    ignore: &Ignore,
) -> Vec<Difference> {
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in left.headers.iter().chain(&right.headers) {
        if !ignore.header(name) && !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            names.push(name);
        }
    }
    let mut found = Vec::new();
    for name in names {
        let path = format!("header {name}");
        if ignore.path(&path) {
            continue;
        }
        if name.eq_ignore_ascii_case("set-cookie") {
            // Cookies cannot be joined, and their order says nothing that others rely on.
            let [ours, theirs] = [left, right].map(|side| headers::list(&side.headers, name));
            let found_here = tree::at(&path, &ours, &theirs, correspondence, ignore);
            found.extend(found_here);
            continue;
        }
        let [ours, theirs] = [left, right].map(|side| headers::joined(&side.headers, name));
        let same = match (&ours, &theirs) {
            (Some(ours), Some(theirs)) if name.eq_ignore_ascii_case("content-type") => {
                media_type(ours) == media_type(theirs)
            }
            (Some(ours), Some(theirs)) => {
                correspondence.texts(ours, theirs, None)
                    || correspondence.tell_requests_apart(name, ours, theirs)
            }
            _ => false,
        };
        if !same {
            let sides = [ours, theirs].map(|side| side.map(Value::from));
            found.push(Difference::at(&path, sides, correspondence));
        }
    }
    found
}

/// A media type by what it says (RFC 9110 sections 5.6.6 and 8.3.1): case, quotes, the order of the
/// parameters and the white space around them do not count, but for the case of what is not a
/// charset.
fn media_type(text: &str) -> Vec<String> {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default().to_ascii_lowercase();
    let mut parameters: Vec<String> = parts
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let (name, value) = (name.trim().to_ascii_lowercase(), value.trim().trim_matches('"'));
            match &*name {
                "charset" => format!("{name}={}", value.to_ascii_lowercase()),
                _ => format!("{name}={value}"),
            }
        })
        .collect();
    parameters.sort();
    parameters.insert(0, name);
    parameters
}

/// In what bytes differ: from which on.
fn of_bytes(
    left: &[u8],
    right: &[u8],
    correspondence: &Correspondence<'_>,
    ignore: &Ignore,
) -> Vec<Difference> {
    match first_difference(left, right) {
        Some(at) if !ignore.path("$") => {
            let sides = [left, right].map(|bytes| Some(Value::text(excerpt(bytes, at))));
            vec![Difference::at(&format!("bytes from {at} on"), sides, correspondence)]
        }
        _ => Vec::new(),
    }
}

/// That rows, of which there are none on either side, have other columns.
fn columns(
    left: &Answer,
    right: &Answer,
    correspondence: &Correspondence<'_>,
    ignore: &Ignore,
) -> Option<Difference> {
    let sides = [left, right].map(Answer::columns_without_rows);
    let [Some(ours), Some(theirs)] = sides else { return None };
    // Rows are objects: the order of their members says nothing.
    let sorted = |columns: &Vec<String>| {
        let mut columns = columns.clone();
        columns.sort();
        columns
    };
    if sorted(&ours) == sorted(&theirs) || ignore.path("$") {
        return None;
    }
    let sides = [ours, theirs].map(|columns| Some(Value::text(columns.join(", "))));
    Some(Difference::at("columns", sides, correspondence))
}

fn bodies(
    left: &Answer,
    right: &Answer,
    correspondence: &mut Correspondence<'_>,
    ignore: &Ignore,
) -> Vec<Difference> {
    if left.form == right.form
        && left.form != BodyForm::Bytes
        && let (Ok(ours), Ok(theirs)) = (left.body(), right.body())
    {
        let is_markup = left.form == BodyForm::Xml;
        if is_markup {
            let [left, right] = [ours, theirs].map(|body| body.tree().map(markup::resolved));
            let mut found =
                tree::trees(left.as_ref(), right.as_ref(), true, correspondence, ignore);
            if let (Body::Document(left, _), Body::Document(right, _)) = (ours, theirs) {
                found.extend(order::orders(left, right, correspondence, ignore));
            }
            return found;
        }
        let mut found = tree::trees(ours.tree(), theirs.tree(), false, correspondence, ignore);
        found.extend(repeated(left, right, correspondence, ignore));
        found.extend(columns(left, right, correspondence, ignore));
        return found;
    }
    // Another form, or one that cannot be read: then what it says is all there is.
    let is_text = |answer: &Answer| {
        answer.form != BodyForm::Bytes && std::str::from_utf8(&answer.response.body).is_ok()
    };
    if !(is_text(left) && is_text(right)) {
        let [left, right] = [left, right].map(|side| &*side.response.body);
        return of_bytes(left, right, correspondence, ignore);
    }
    let (left, right) = (left.text(), right.text());
    if ignore.path("$") || correspondence.texts(&left, &right, None) {
        return Vec::new();
    }
    let sides = [left, right].map(|text| Some(Value::Text(text)));
    vec![Difference::at("$", sides, correspondence)]
}
