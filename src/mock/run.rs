//! One request through one operation: security, reading, checking, steps.

use std::cell::Cell;
use std::sync::Arc;

use http::HeaderName;
use jiff::Timestamp;

use super::account::{Account, Change, Pending};
use super::body::Read;
use super::coerce::Typing;
use super::draw::{self, Drawn, Form};
use super::held::Hold;
use super::identity::Identity;
use super::incoming::{Incoming, Target};
use super::refusal::{Halt, Refusal};
use super::site::Site;
use super::trace::{Outcome, Trace};
use super::validators::Validators;
use super::windows::{Counted, Windows};
use crate::coding::Coding;
use crate::exchange::{Answer, Request};
use crate::model::{Failure, OperationId, RuleId};
use crate::plan::Plan;
use crate::plan::failure::FailureTable;
use crate::plan::names::Slot;
use crate::plan::operation::{Binding, Operation};
use crate::plan::step::{Rejection, Respond, Steps};
use crate::plan::value::{EvaluationError, Scope};
use crate::state::View;
use crate::value::{Map, Value};

/// The account as a request holds it.
pub(super) enum Held<'a> {
    /// Beside others that only read too.
    Shared(&'a Account),
    /// Alone, with what is pending.
    Alone(Pending<'a>),
}

impl<'a> Held<'a> {
    /// The rows.
    pub(super) fn rows(&self) -> &dyn View {
        match self {
            Self::Shared(account) => &*account.store,
            Self::Alone(pending) => &*pending.rows,
        }
    }

    /// What is pending. Fails where the plan says that nothing is changed.
    pub(super) fn pending<'p>(&mut self) -> Result<&mut Pending<'a>, Halt<'p>> {
        match self {
            Self::Alone(pending) => Ok(pending),
            Self::Shared(_) => {
                let status = Some(http::StatusCode::INTERNAL_SERVER_ERROR);
                let refusal = Refusal { status, ..Refusal::default() };
                Err(refusal.said("an operation that only reads changed the state").into())
            }
        }
    }

    /// Keeps what is pending, or nothing of it; what was to run later did so either way.
    fn end(self, keep: bool) -> Option<Change> {
        let change = match self {
            Self::Alone(pending) if keep => pending.commit(),
            Self::Alone(pending) => pending.drop_all(),
            Self::Shared(_) => return None,
        };
        Some(change).filter(|change| !change.is_empty())
    }

    /// From what generated values follow.
    pub(super) fn seed(&self) -> u64 {
        match self {
            Self::Shared(account) => account.random().seed(),
            Self::Alone(pending) => pending.random.seed(),
        }
    }

    pub(super) fn settings(&self) -> &Arc<Map> {
        match self {
            Self::Shared(account) => &account.settings,
            Self::Alone(pending) => &pending.settings,
        }
    }

    pub(super) fn windows(&self) -> &Windows {
        match self {
            Self::Shared(account) => &account.windows,
            Self::Alone(pending) => pending.windows,
        }
    }
}

/// The response that ends the steps, with its rule.
pub(super) type Response<'p> = Option<(&'p Respond, RuleId)>;

/// On what condition a client wants an answer.
#[derive(Debug)]
pub(super) struct Condition<'p> {
    /// What is known of what it gets.
    pub validators: Validators,
    /// Whether it has that already.
    pub not_modified: bool,
    /// What a range gives in which there is nothing; none: there are no ranges.
    pub ranges: Option<&'p Rejection>,
    /// Whether a part can be asked for in that way.
    pub has_parts: bool,
    /// The headers that the answer itself has, and not all of the vendor's answers.
    pub described: Vec<HeaderName>,
    /// Those of them that it has too where the client has it already.
    pub kept: &'p [Arc<str>],
    /// The step that said so.
    pub rule: RuleId,
}

/// An idempotency key that is not known yet.
#[derive(Debug)]
pub(super) struct Claim {
    /// The key, with whose it is.
    pub key: Value,
    /// What makes the request the same as another one.
    pub request: String,
}

/// A request while it runs. All that it changes is pending until [`Run::finish`].
pub(super) struct Run<'p, 'a> {
    /// The vendor.
    pub plan: &'p Plan,
    /// The operation, once it is known.
    pub operation: Option<&'p Operation>,
    /// The binding, once it is known.
    pub binding: Option<&'p Binding>,
    /// The variables.
    pub scope: Scope,
    /// The account.
    pub held: Held<'a>,
    /// What counts the request for the rate limit.
    pub(super) counted: Option<Counted>,
    /// The clock's time.
    pub now: Timestamp,
    /// What is explained later.
    pub trace: Trace,
    /// The steps that changed the state, each once.
    pub changed: Vec<RuleId>,
    /// Whether all violations are gathered.
    pub validate_all: bool,
    /// How much the body's scalars say about their types.
    pub typing: Typing,
    /// Whether the body's wire format has no types of its own.
    pub textual: Option<Typing>,
    /// The rule that decided.
    pub rule: Option<RuleId>,
    /// The request, where a step looks at it.
    pub request: Option<Arc<Request>>,
    /// On what condition the client wants the answer.
    pub condition: Option<Condition<'p>>,
    /// The content coding of its answer.
    pub coding: Option<Coding>,
    /// The idempotency key under which the answer is kept.
    pub claim: Option<Claim>,
    /// What is to be done once there is an answer.
    pub after: Vec<&'p Steps>,
    /// Since when it is held, and whether it may be; none where nobody sent it.
    pub(super) hold: Option<Hold>,
}

impl<'p, 'a> Run<'p, 'a> {
    /// Starts a request.
    pub(super) fn new(site: Site<'p>, held: Held<'a>, now: Timestamp) -> Self {
        let Site { plan, operation, binding } = site;
        let mut scope = Scope::new(&plan.names);
        scope.set(Slot::SETTINGS, Value::Map(held.settings().clone()));
        scope.set(Slot::CREDENTIAL, Value::Null);
        if plan.names.is_used(Slot::NOW) {
            scope.set_late(Slot::NOW, move || Value::from(now.to_string()));
        }
        Self {
            plan,
            operation,
            binding,
            scope,
            held,
            counted: None,
            now,
            trace: Trace::begin(),
            changed: Vec::new(),
            validate_all: false,
            typing: Typing::Strict,
            textual: None,
            rule: None,
            request: None,
            condition: None,
            coding: None,
            claim: None,
            after: Vec::new(),
            hold: None,
        }
    }

    /// Lets expressions make UUIDs.
    pub(super) fn identify(&mut self, identity: Option<&Identity>) {
        let Some(identity) = identity.cloned().filter(|_| self.plan.names.is_used(Slot::UUID))
        else {
            return;
        };
        let made = Cell::new(0);
        self.scope.set_uuid(move || identity.uuid(made.replace(made.get() + 1)).into());
    }

    /// Where the request has come to.
    pub(super) fn site(&self) -> Site<'p> {
        Site { plan: self.plan, operation: self.operation, binding: self.binding }
    }

    /// What the failures of where the request has come to give.
    pub(super) fn failures(&self) -> &'p FailureTable {
        self.site().failures()
    }

    /// Does the whole operation: the order is that of the language's reference.
    pub(super) fn perform(
        &mut self,
        incoming: &Incoming<'_>,
        target: &Target,
        body: Result<Read<'p, '_>, Halt<'p>>,
        unacceptable: Option<HeaderName>,
    ) -> Result<Response<'p>, Halt<'p>> {
        let Some(operation) = self.operation else { return Ok(None) };
        self.validate_all = operation.validate_all;
        if operation.conditional {
            self.request = Some(incoming.request.clone());
        }
        let outcome = match operation.security_in_parameters {
            true => Ok(()),
            false => self.security(incoming, target, None),
        };
        // The items of a list of requests count, and not the list.
        if !operation.batch {
            self.rate_limit(incoming, target)?;
        }
        outcome?;
        if let Some(header) = unacceptable
            && let Some(answer) = self.failures().exactly(Failure::NotAcceptable)
        {
            let wanted = incoming.list(&header).unwrap_or_default();
            return Err(Refusal::of(Failure::NotAcceptable)
                .value(&*wanted)
                .answered_by(Some(answer))
                .into());
        }
        let body = body?;
        self.typing = body.typing;
        self.textual = body.typing.is_textual().then_some(body.typing);
        self.examine(incoming, target, body)?;
        if operation.idempotent {
            self.claim(incoming)?;
        }
        self.all_steps(&operation.steps)
    }

    /// Runs an operation through a link.
    pub(super) fn follow(&mut self, parameters: &Map) -> Result<Response<'p>, Halt<'p>> {
        let Some(operation) = self.operation else { return Ok(None) };
        self.scope.set(Slot::PARAMETERS, Value::map(parameters.clone()));
        self.all_steps(&operation.steps)
    }

    /// Ends the request: its answer is written, and then what it did is kept. A refusal undoes
    /// all but its count towards the rate limit; what cannot be answered undoes that too.
    pub(super) fn finish(
        mut self,
        outcome: Result<Response<'p>, Halt<'p>>,
        form: Form<'_>,
    ) -> Finished {
        let outcome = match outcome {
            Err(Halt::Again(answer)) => return self.again(*answer),
            Err(Halt::Held { came, until }) => return self.held_until(came, until),
            outcome => outcome,
        };
        let mut done = outcome.is_ok();
        if let Ok(Some((respond, _))) = &outcome
            && respond.status.is_success()
        {
            self.uncount_not_modified();
        }
        let written = self.written(outcome, form).and_then(|answer| {
            self.conditioned(answer).or_else(|halt| {
                done = false;
                self.written(Err(halt), form)
            })
        });
        for misfit in self.scope.take_misfits() {
            self.trace.note(misfit);
        }
        let answer = match written {
            Ok(answer) => answer,
            Err(drawn) => return self.failed(drawn, form),
        };
        let kept = self.keep(&answer, done);
        let Self { held, rule, trace, mut changed, counted, .. } = self;
        let change = held.end(done || kept);
        if !done {
            changed.clear();
        }
        Finished { answer, rule, trace, changed, counted, change, ..Finished::default() }
    }

    /// The answer, or what is said where it cannot be given.
    fn written(
        &mut self,
        outcome: Result<Response<'p>, Halt<'p>>,
        form: Form<'_>,
    ) -> Result<Answer, Drawn> {
        let drawn = self.draw(outcome).map(|mut drawn| {
            if let Some(condition) = self.condition.as_mut().filter(|it| it.not_modified) {
                condition.described = drawn.described();
            }
            drawn.write(form)
        });
        match drawn {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(unwritable)) => {
                let detail = format!("the answer cannot be written: {}", unwritable.message);
                self.trace.note(detail.as_str());
                Err(Drawn::failure(detail, Map::new()))
            }
            Err(mistake) => {
                let text = mistake.span.text();
                self.trace.mistake(format!("{}: `{text}`: {}", mistake.span, mistake.message));
                Err(Drawn::spec_mistake(&mistake))
            }
        }
    }

    fn draw(&mut self, outcome: Result<Response<'p>, Halt<'p>>) -> Result<Drawn, EvaluationError> {
        match outcome {
            Ok(Some((respond, rule))) => {
                self.rule = Some(rule).filter(|rule| self.plan.is_backed(*rule));
                draw::draw(self.plan, respond, &mut self.scope)
            }
            // An answer that is given again is drawn already.
            Ok(None) | Err(Halt::Again(_) | Halt::Held { .. }) => Ok(Drawn::nothing()),
            Err(Halt::Failed(error)) => Err(error),
            Err(Halt::Refused(refusal)) => {
                self.rule = refusal.rule;
                self.trace.tell_left_out();
                let error = refusal.error.and_then(|error| self.plan.errors.get(error.0));
                let said = match error {
                    // Only the name of the error tells what was meant.
                    Some(error) if refusal.violation.is_bare() => {
                        format!("the operation answers with the error {}", error.name).into()
                    }
                    _ => refusal.violation.plain_said(),
                };
                match refusal.rule {
                    Some(rule) => self.trace.about(rule, Outcome::Refused, said),
                    // The answer is the mock's own, which no rule of the spec explains.
                    None => self.trace.note(said),
                }
                draw::draw_refusal(self.plan, &refusal, &mut self.scope)
            }
        }
    }

    /// Ends a request that gets the answer of another one.
    fn again(self, answer: Answer) -> Finished {
        let Self { held, rule, trace, counted, .. } = self;
        let change = held.end(false);
        Finished { answer, rule, trace, counted, change, ..Finished::default() }
    }

    /// Ends a request of which nothing has happened yet.
    fn held_until(self, came: Timestamp, until: Timestamp) -> Finished {
        if let Some(counted) = self.counted {
            self.held.windows().take_back(counted);
        }
        let change = self.held.end(false);
        Finished { change, held: Some((came, until)), ..Finished::default() }
    }

    /// Ends a request that the vendor's answer cannot be given to.
    fn failed(self, drawn: Drawn, form: Form<'_>) -> Finished {
        if let Some(counted) = self.counted {
            self.held.windows().take_back(counted);
        }
        let answer = drawn.write_plainly(form);
        let change = self.held.end(false);
        Finished { answer, trace: self.trace, change, ..Finished::default() }
    }
}

/// A request that has run.
#[derive(Default)]
pub(super) struct Finished {
    /// The answer.
    pub answer: Answer,
    /// The operation that gave it.
    pub operation: Option<OperationId>,
    /// The rule that decided.
    pub rule: Option<RuleId>,
    /// What is explained later.
    pub trace: Trace,
    /// The steps that changed the state, each once.
    pub changed: Vec<RuleId>,
    /// What counts it for the rate limit.
    pub counted: Option<Counted>,
    /// What it changed.
    pub change: Option<Change>,
    /// What the fault is called that befell it.
    pub befallen: Option<Arc<str>>,
    /// Who answered in the place of the mock.
    pub forwarded: Option<Arc<str>>,
    /// The settings, where they say which pages may read the answer.
    pub settings: Option<Arc<Map>>,
    /// Since when and until when it is held, if nothing of this has happened yet.
    pub held: Option<(Timestamp, Timestamp)>,
}

impl Finished {
    /// An answer that no operation gave, with a sentence for the journal.
    pub(super) fn by_nobody(answer: Answer, said: String) -> Self {
        let mut trace = Trace::default();
        trace.note(said);
        Self { answer, trace, ..Self::default() }
    }
}
