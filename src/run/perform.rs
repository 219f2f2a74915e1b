//! What a step sends, and what comes back.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::answer::{Answer, items_end};
use super::budget::UsedUp;
use super::client::{Failure, Part, Request, Response};
use super::conform::{Asked, is_description, of_content_type, operations_at};
use super::control::{Called, refusal};
use super::event::StepKind;
use super::request::{Chosen, Unmade, absolute, call, chosen, follow, operation, raw, written};
use super::trial::Trial;
use crate::clock::{parse_duration, parse_timestamp};
use crate::model::{OperationId, Route};
use crate::scenario::{Action, Call, FaultsOf, Given, Step, Stream, Wanted};
use crate::value::{Map, Value};

/// An exchange.
pub(super) struct Performed {
    /// Who was asked.
    pub(super) kind: StepKind,
    pub(super) request: Request,
    pub(super) answer: Result<Rc<Answer>, Failure>,
    /// What the answer is held against; `None` is the mock's own.
    pub(super) asked: Option<Asked>,
    pub(super) operation: Option<OperationId>,
    /// Why the mock refused a control step.
    pub(super) refused: Option<String>,
}

/// Why there was no exchange.
pub(super) enum Undone {
    Unmade(Unmade),
    /// A real endpoint, whose host this is, is to be asked by another one.
    AnotherHost(String),
    /// The requests are used up.
    UsedUp(UsedUp),
    /// Somebody wants the run to end.
    Interrupted,
}

impl From<Unmade> for Undone {
    fn from(unmade: Unmade) -> Self {
        Self::Unmade(unmade)
    }
}

impl From<super::evaluate::EvaluationError> for Undone {
    fn from(error: super::evaluate::EvaluationError) -> Self {
        Self::Unmade(Unmade::Evaluation(error))
    }
}

/// What the answer to a request is held against.
fn asked(operations: Vec<(OperationId, Option<usize>)>, request: &Request) -> Asked {
    let head = request.method == "HEAD";
    Asked { operations, head, soap: request.header("content-type").and_then(of_content_type) }
}

impl Trial<'_> {
    /// Does what one exchange does.
    pub(super) fn perform(
        &mut self,
        action: &Action,
        stream: Option<&Stream>,
    ) -> Result<Performed, Undone> {
        match action {
            Action::Call(made) => {
                let way = self.way(made.host.as_ref())?;
                let chosen = chosen(self.service, made, &self.scope)?;
                let request = call(self.service, made, chosen, &way, &self.scope)?;
                let operations = vec![(chosen.id, Some(chosen.bound.at))];
                let asked = asked(operations, &request);
                self.exchange(request, Some(asked), Some(chosen.id), stream)
            }
            Action::Request(made) if made.is_absolute => {
                let way = absolute(made, &self.scope)?;
                let request = raw(self.service, made, &way, &self.scope)?;
                self.exchange(request, None, None, stream)
            }
            Action::Request(made) => {
                let way = self.way(made.host.as_ref())?;
                let request = raw(self.service, made, &way, &self.scope)?;
                let path = request.target.strip_prefix(&*way.base.target).unwrap_or_default();
                if is_description(self.service, &request, path) {
                    return self.exchange(request, None, None, stream);
                }
                let operations = operations_at(self.service, &request, path);
                let operation = match &*operations {
                    [(one, _)] => Some(*one),
                    _ => None,
                };
                let asked = asked(operations, &request);
                self.exchange(request, Some(asked), operation, stream)
            }
            Action::Follow(made) => {
                let request = follow(self.service, made, &self.scope)?;
                self.exchange(request, None, None, stream)
            }
            _ => self.control(action),
        }
    }

    /// A request to the vendor.
    pub(super) fn exchange(
        &mut self,
        mut request: Request,
        asked: Option<Asked>,
        operation: Option<OperationId>,
        stream: Option<&Stream>,
    ) -> Result<Performed, Undone> {
        let wait = self.runner.budget.take().map_err(Undone::UsedUp)?;
        if !self.wait(wait.min(self.deadline.left())) {
            return Err(Undone::Interrupted);
        }
        self.add_cookies(&mut request);
        let operations = asked.as_ref().map(Asked::ids).unwrap_or_default();
        let enough = |head: &Response, body: &[u8]| {
            stream?.items.and_then(|count| items_end(head, body, count, self.service, &operations))
        };
        let part =
            stream.map(|stream| Part { at_most: stream.at_most, enough: &enough, cut: stream.cut });
        let outcome = self.client.send_for(&request, self.patience(), part.as_ref());
        if outcome.is_ok() {
            self.runner.reached.answers(&self.service.vendor);
        }
        let read = |response| Rc::new(Answer::of(response, self.service, &operations));
        let answer = outcome.map(read);
        // What is only there in part says nothing of what it would be as a whole.
        let holds_items = |answer: &Answer| !answer.response.has_more || answer.form.holds_items();
        let asked = asked.filter(|_| answer.as_ref().is_ok_and(|answer| holds_items(answer)));
        if let Ok(answer) = &answer {
            self.keep_cookies(&request, answer);
        }
        let on_control = self.control.as_ref().is_some_and(|control| control.is_asked(&request));
        let kind = if on_control { StepKind::Control } else { StepKind::Vendor };
        Ok(Performed { kind, request, answer, asked, operation, refused: None })
    }

    /// A request to the mock's control plane.
    fn control(&mut self, action: &Action) -> Result<Performed, Undone> {
        let Some(control) = self.control.clone() else {
            return Err(Unmade::Other(super::pass_over::NO_CONTROL.to_owned()).into());
        };
        let called = match action {
            Action::Outbox => control.outbox(self.patience()),
            Action::Requests(wanted) => {
                let narrowed = self.narrowed(wanted)?;
                control.requests(&narrowed, self.patience())
            }
            Action::Clock(now) => {
                let time = ("clock", "a time of RFC 3339");
                let now = written(now, time, &self.scope, parse_timestamp)?;
                control.set_clock(now, self.patience())
            }
            Action::Advance(by) => {
                let duration = ("advance", "a duration of ISO 8601");
                let by = written(by, duration, &self.scope, duration_of)?;
                control.advance(by, self.patience())
            }
            Action::Settings(trees) => {
                let mut settings = Map::new();
                for (name, tree) in trees {
                    settings.push(name.clone(), self.scope.tree(tree)?.unwrap_or_default());
                }
                control.settings(settings, self.patience())
            }
            Action::Rewind(before) => {
                let id = self.scope.tree(before)?.unwrap_or_default();
                control.rewind(id, self.patience())
            }
            Action::Faults(of) => {
                let faults = match of {
                    FaultsOf::Spec => Value::from("spec"),
                    FaultsOf::List(tree) => self.scope.tree(tree)?.unwrap_or_default(),
                };
                control.faults(&faults, self.patience())
            }
            Action::State(id) => {
                let collection = self.service.collections.get(id.0);
                let name = collection.map_or("", |collection| &collection.name);
                control.rows(name, self.patience())
            }
            Action::Put(collections) => {
                let mut last = None;
                for (id, tree) in collections {
                    let Some(collection) = self.service.collections.get(id.0) else { continue };
                    let rows = self.scope.tree(tree)?.unwrap_or_else(|| Value::list(Vec::new()));
                    let called = control.replace(&collection.name, &rows, self.patience());
                    let failed = !matches!(&called.response, Ok(r) if refusal(r).is_none());
                    last = Some(called);
                    if failed {
                        break;
                    }
                }
                last.ok_or_else(|| Unmade::Other("nothing is put".to_owned()))?
            }
            Action::Call(_)
            | Action::Request(_)
            | Action::Follow(_)
            | Action::Poll { .. }
            | Action::Include(_)
            | Action::Repeat(_) => {
                return Err(Unmade::Other("this step cannot be polled".to_owned()).into());
            }
        };
        let Called { request, response } = called;
        let refused = response.as_ref().ok().and_then(refusal);
        let answer = response.map(|response| Rc::new(Answer::new(response, None)));
        let kind = StepKind::of(action);
        Ok(Performed { kind, request, answer, asked: None, operation: None, refused })
    }
}

impl Trial<'_> {
    /// What narrows the journal, as parameters of its call.
    fn narrowed(&self, wanted: &Wanted) -> Result<Vec<(&'static str, String)>, Undone> {
        let mut narrowed = Vec::new();
        if let Some(given) = &wanted.operation
            && let Some(id) = operation(self.service, given, &self.scope)?
        {
            let name = self.operation_name(id).unwrap_or_default();
            narrowed.push(("operation", name.to_string()));
        }
        let trees =
            [("status", &wanted.status), ("after", &wanted.after), ("limit", &wanted.limit)];
        for (name, tree) in trees {
            let Some(tree) = tree else { continue };
            let Some(value) = self.scope.tree(tree)? else { continue };
            let text = value.scalar_text().ok_or_else(|| {
                let message = format!("`{name}` is a number, not a value of kind {}", value.kind());
                Unmade::Other(message)
            })?;
            narrowed.push((name, text.to_string()));
        }
        Ok(narrowed)
    }

    /// What a step without a name is called: what it does.
    pub(super) fn describe(&self, step: &Step) -> String {
        if let Some(name) = &step.name {
            return name.to_string();
        }
        let collection = |id: &crate::model::CollectionId| {
            self.service.collections.get(id.0).map_or("", |collection| &collection.name)
        };
        match &step.action {
            Action::Call(call) => match (&call.operation, self.chosen(call)) {
                (_, Some(chosen)) => chosen.operation.id.to_string(),
                (Given::Expression(expression), None) => format!("call {}", expression.span.text()),
                (Given::Written(id), None) => {
                    self.operation_name(*id).map_or_else(String::new, |id| id.to_string())
                }
            },
            Action::Request(request) => {
                let path = request.path.written();
                // What is behind it may be long, and hold keys.
                let path = path.split(['?', '#']).next().unwrap_or_default();
                let shown = match path.split_once("://") {
                    Some((scheme, rest)) if request.is_absolute => {
                        let (authority, below) =
                            rest.split_at(rest.find('/').unwrap_or(rest.len()));
                        let host = authority.rsplit('@').next().unwrap_or_default();
                        format!("{scheme}://{host}{below}")
                    }
                    _ => path.to_owned(),
                };
                format!("{} {shown}", request.method.written())
            }
            Action::Outbox => "outbox".to_owned(),
            Action::Requests(_) => "requests".to_owned(),
            Action::Follow(_) => "follow the link".to_owned(),
            Action::Clock(Given::Written(now)) => format!("clock at {now}"),
            Action::Clock(Given::Expression(now)) => format!("clock at {}", now.span.text()),
            Action::Advance(Given::Written(by)) => {
                format!("advance by {}", super::trial::seconds(*by))
            }
            Action::Advance(Given::Expression(by)) => format!("advance by {}", by.span.text()),
            Action::Settings(_) => "settings".to_owned(),
            Action::Rewind(_) => "rewind".to_owned(),
            Action::Faults(_) => "faults".to_owned(),
            Action::State(id) => format!("state {}", collection(id)),
            Action::Put(all) => {
                let names: Vec<&str> = all.iter().map(|(id, _)| collection(id)).collect();
                format!("put {}", names.join(", "))
            }
            Action::Poll { step, .. } => format!("poll {}", self.describe(step)),
            Action::Include(_) => "include".to_owned(),
            Action::Repeat(_) => "repeat".to_owned(),
        }
    }

    /// Whether a call or a request is made by `DELETE`, as far as it can be told now.
    pub(super) fn deletes(&self, action: &Action) -> bool {
        match action {
            Action::Call(call) => {
                let route = self.chosen(call).map(|chosen| &chosen.binding.route);
                matches!(route, Some(Route::Http { method, .. }) if *method == http::Method::DELETE)
            }
            Action::Request(request) => {
                let method = self.scope.text(&request.method);
                method.is_ok_and(|method| method.eq_ignore_ascii_case("DELETE"))
            }
            _ => false,
        }
    }

    fn chosen(&self, call: &Call) -> Option<Chosen<'_>> {
        chosen(self.service, call, &self.scope).ok()
    }

    /// What an operation is called.
    pub(super) fn operation_name(&self, id: OperationId) -> Option<Arc<str>> {
        self.service.operations.get(id.0).map(|operation| operation.id.clone())
    }
}

/// A duration that is not negative.
fn duration_of(text: &str) -> Option<Duration> {
    Duration::try_from(parse_duration(text).ok()?).ok()
}
