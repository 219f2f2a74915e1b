//! One request through one operation: security, reading, checking, steps.

use std::sync::Arc;

use jiff::Timestamp;

use super::account::Changing;
use super::body::Read;
use super::coerce::Typing;
use super::draw::{self, Drawn};
use super::incoming::{Incoming, Target};
use super::outbox::Outgoing;
use super::refusal::{Halt, Refusal, Violation};
use super::security::Guard;
use super::site::Site;
use super::steps::Response;
use super::trace::{Outcome, Trace};
use crate::model::{Failure, RuleId};
use crate::plan::Plan;
use crate::plan::failure::FailureTable;
use crate::plan::names::Slot;
use crate::plan::operation::{Binding, Operation};
use crate::plan::value::{EvaluationError, Scope};
use crate::state::Transaction;
use crate::value::{Map, Value};

/// A request while it runs.
pub(super) struct Run<'p, 'a> {
    /// The vendor.
    pub plan: &'p Plan,
    /// The operation, once it is known.
    pub operation: Option<&'p Operation>,
    /// The binding, once it is known.
    pub binding: Option<&'p Binding>,
    /// The variables.
    pub scope: Scope,
    /// The state.
    pub transaction: Box<dyn Transaction + 'a>,
    /// What of the account is no row.
    pub changing: &'a mut Changing,
    /// The clock's time.
    pub now: Timestamp,
    /// What is explained later.
    pub trace: Trace,
    /// Messages to be sent when all went well.
    pub sent: Vec<Outgoing>,
    /// The steps that changed the state, each once.
    pub changed: Vec<RuleId>,
    /// Whether all violations are gathered.
    pub validate_all: bool,
    /// How much the body's scalars say about their types.
    pub typing: Typing,
    /// Whether the body's wire format has no types of its own.
    pub textual: bool,
    /// The rule that decided.
    pub rule: Option<RuleId>,
}

impl<'p, 'a> Run<'p, 'a> {
    /// Starts a request.
    pub(super) fn new(
        plan: &'p Plan,
        transaction: Box<dyn Transaction + 'a>,
        changing: &'a mut Changing,
        now: Timestamp,
    ) -> Self {
        let mut scope = Scope::new(&plan.names);
        scope.set(Slot::SETTINGS, Value::Map(changing.settings.clone()));
        scope.set(Slot::CREDENTIAL, Value::Null);
        if plan.names.is_used(Slot::NOW) {
            scope.set(Slot::NOW, Value::from(now.to_string()));
        }
        Self {
            plan,
            operation: None,
            binding: None,
            scope,
            transaction,
            changing,
            now,
            trace: Trace::default(),
            sent: Vec::new(),
            changed: Vec::new(),
            validate_all: false,
            typing: Typing::Strict,
            textual: false,
            rule: None,
        }
    }

    /// What the failures of where the request has come to give.
    pub(super) fn failures(&self) -> &'p FailureTable {
        Site { plan: self.plan, operation: self.operation, binding: self.binding }.failures()
    }

    /// Does the whole operation: the order is that of the language's reference.
    pub(super) fn perform(
        &mut self,
        incoming: &Incoming<'_>,
        target: &Target,
        body: Result<Read<'p>, Halt<'p>>,
        accepted: bool,
    ) -> Result<Response<'p>, Halt<'p>> {
        let Some(operation) = self.operation else { return Ok(None) };
        self.validate_all = operation.validate_all;
        let outcome = match operation.security_in_parameters {
            true => Ok(()),
            false => self.security(incoming, None),
        };
        self.rate_limit()?;
        outcome?;
        if !accepted && let Some(answer) = self.failures().exactly(Failure::NotAcceptable) {
            let wanted = incoming.header(&http::header::ACCEPT).unwrap_or_default();
            return Err(Refusal::of(Failure::NotAcceptable)
                .value(wanted)
                .answered_by(Some(answer))
                .into());
        }
        let body = body?;
        self.typing = body.typing;
        self.textual = matches!(body.typing, Typing::Text | Typing::Xml);
        self.examine(incoming, target, body)?;
        self.steps(&operation.steps)
    }

    /// Runs an operation through a link.
    pub(super) fn follow(&mut self, parameters: &Map) -> Result<Response<'p>, Halt<'p>> {
        let Some(operation) = self.operation else { return Ok(None) };
        self.scope.set(Slot::PARAMETERS, Value::map(parameters.clone()));
        self.steps(&operation.steps)
    }

    pub(super) fn security(
        &mut self,
        incoming: &Incoming<'_>,
        parameters: Option<&Value>,
    ) -> Result<(), Halt<'p>> {
        let Some(operation) = self.operation else { return Ok(()) };
        let guard = Guard {
            plan: self.plan,
            transaction: &*self.transaction,
            incoming,
            parameters,
            now: self.now,
        };
        match guard.check(operation, &mut self.trace) {
            Ok(row) => self.scope.set(Slot::CREDENTIAL, row.map_or(Value::Null, Value::Record)),
            Err(refusal) => return Err(Halt::Refused(refusal)),
        }
        Ok(())
    }

    fn rate_limit(&mut self) -> Result<(), Halt<'p>> {
        let Some(limit) = &self.plan.rate_limit else { return Ok(()) };
        let most = match limit.limit.value(&mut self.scope)? {
            Some(Value::Integer(most)) => most,
            _ => i64::MAX,
        };
        let by = match &limit.by {
            Some(by) => by.value(&self.scope)?.and_then(|v| v.scalar_text()).unwrap_or_default(),
            None => Arc::default(),
        };
        let now = self.now.as_second();
        let began = now - now.rem_euclid(limit.window_seconds);
        if !self.changing.windows.contains_key(&by) {
            // Whoever is counted for the first time makes room for it.
            self.changing.windows.retain(|_, window| window.0 == began);
        }
        let window = self.changing.windows.entry(by).or_insert((began, 0));
        if window.0 != began {
            *window = (began, 0);
        }
        window.1 += 1;
        let used = window.1;
        let state = [
            ("limit".into(), Value::Integer(most)),
            ("remaining".into(), Value::Integer((most - used).max(0))),
            ("reset".into(), Value::Integer(began + limit.window_seconds - now)),
        ];
        self.scope.set(Slot::RATE_LIMIT, Value::map(state.into_iter().collect()));
        if used > most {
            self.trace.rule(limit.rule, Outcome::Broken);
            return Err(Refusal {
                error: limit.error,
                rule: Some(limit.rule),
                status: Some(http::StatusCode::TOO_MANY_REQUESTS),
                violation: Violation {
                    said: Some(format!("more than {most} requests").into()),
                    limit: Some(Value::Integer(most)),
                    ..Violation::default()
                },
                ..Refusal::default()
            }
            .into());
        }
        Ok(())
    }

    /// Ends the request: what it did is kept only when it was not refused.
    pub(super) fn finish(mut self, outcome: Result<Response<'p>, Halt<'p>>) -> Finished {
        let drawn = match outcome {
            Ok(Some((respond, rule))) => {
                self.rule = Some(rule).filter(|rule| self.plan.is_backed(*rule));
                draw::draw(self.plan, respond, &mut self.scope)
            }
            Ok(None) => Ok(Drawn::nothing()),
            Err(Halt::Failed(error)) => {
                return self.mistaken(&error);
            }
            Err(Halt::Refused(refusal)) => {
                self.rule = refusal.rule;
                let said = refusal.violation.plain_said();
                match refusal.rule {
                    Some(rule) => self.trace.about(rule, Outcome::Answered, said),
                    // The answer is the mock's own, which no rule of the spec explains.
                    None => self.trace.note(said),
                }
                let drawn = match draw::draw_refusal(self.plan, &refusal, &mut self.scope) {
                    Ok(drawn) => drawn,
                    Err(error) => return self.mistaken(&error),
                };
                return Finished {
                    drawn,
                    rule: self.rule,
                    trace: self.trace,
                    sent: Vec::new(),
                    changed: Vec::new(),
                    keep: false,
                };
            }
        };
        match drawn {
            Ok(drawn) => {
                self.transaction.commit();
                Finished {
                    drawn,
                    rule: self.rule,
                    trace: self.trace,
                    sent: self.sent,
                    changed: self.changed,
                    keep: true,
                }
            }
            Err(error) => self.mistaken(&error),
        }
    }

    /// Ends a request that showed a mistake of the spec.
    fn mistaken(mut self, error: &EvaluationError) -> Finished {
        let text = error.span.text();
        self.trace.mistake(format!("{}: `{text}`: {}", error.span, error.message));
        Finished {
            drawn: Drawn::spec_mistake(error),
            rule: None,
            trace: self.trace,
            sent: Vec::new(),
            changed: Vec::new(),
            keep: false,
        }
    }
}

/// A request that has run.
pub(super) struct Finished {
    /// The answer, not written yet.
    pub drawn: Drawn,
    /// The rule that decided.
    pub rule: Option<RuleId>,
    /// What is explained later.
    pub trace: Trace,
    /// Messages to be sent.
    pub sent: Vec<Outgoing>,
    /// The steps that changed the state, each once.
    pub changed: Vec<RuleId>,
    /// Whether what was done is kept.
    pub keep: bool,
}
