//! What the spec says comes of a request: the status, the rule that decides, and what of the body
//! is known. Nothing here asks the mock.

use std::sync::Arc;

use super::fault;
use super::known::Known;
use super::said::{as_texts, known, said_by};
use crate::model::{
    Binding, Content, ErrorId, Failure, FailureAnswer, Failures, MediaTypeId, Operation, Route,
    RuleId, Service, Steps, Text, Tree, Verb, WireOptions,
};
use crate::write::Piece;

/// What has to come back.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Outcome {
    /// The status, or several of which any may come.
    pub statuses: Vec<u16>,
    /// The rule that decides, by its name.
    pub rule: Option<Arc<str>>,
    /// A part of the body.
    pub body: Option<Piece>,
    /// The body where it is a text.
    pub text: Option<Piece>,
    /// Elements of the body by paths.
    pub nodes: Option<Piece>,
    /// Whether the body is what was sent, which is expected whatever else is known.
    pub keeps: bool,
    /// The error.
    pub error: Option<ErrorId>,
    /// Whether the request is refused.
    pub refused: bool,
    /// The statements that decide, by position.
    pub statements: Vec<usize>,
    /// What of it anybody knows.
    pub known: Known,
}

/// What a value breaks.
#[derive(Debug, Clone)]
pub(super) struct Breach {
    /// Which failure it is.
    pub failure: Failure,
    /// The error that the schema or the constraint names.
    pub error: Option<ErrorId>,
    /// The text that it gives.
    pub message: Option<Text>,
    /// The rule.
    pub rule: RuleId,
    /// Whether nobody says that it is refused, whatever backs the rule.
    pub assumed: bool,
}

/// An operation as one binding reaches it.
#[derive(Clone, Copy)]
pub(super) struct Reached<'s> {
    pub service: &'s Service,
    pub operation: &'s Operation,
    pub binding: &'s Binding,
    /// Whether that is SOAP 1.2, not 1.1.
    pub soap12: bool,
}

impl Reached<'_> {
    fn tables(&self) -> Vec<&Failures> {
        let mut tables = vec![&self.binding.failures];
        if let Route::Soap(id) = &self.binding.route {
            tables.extend(self.service.soap_services.get(id.0).map(|soap| &soap.failures));
        }
        tables.extend([&self.operation.failures, &self.service.failures]);
        tables
    }

    /// How the body is written that the operation reads first.
    pub(super) fn read_as(&self) -> Option<&WireOptions> {
        let read = self.operation.consumes.first()?;
        self.service.media_types.get(read.0).map(|media_type| &media_type.wire)
    }

    /// What the nearest table says of a failure.
    fn entry(&self, failure: Failure) -> Option<FailureAnswer> {
        let of = |failure| self.tables().into_iter().find_map(|table| exactly(table, failure));
        of(failure).or_else(|| failure.is_constraint().then(|| of(Failure::Invalid))?)
    }

    /// What comes of a failure of the request as a whole.
    pub(super) fn failed(&self, failure: Failure) -> Result<Outcome, String> {
        match self.tables().into_iter().find_map(|table| exactly(table, failure)) {
            Some(entry) => self.decided(entry.error, &[entry.rule]),
            None => Err(format!("the spec has no error for `{}`", failure.name())),
        }
    }

    /// What comes of a failure of a request before it is known which operation it is for.
    pub(super) fn failed_before(&self, failure: Failure) -> Result<Outcome, String> {
        match exactly(&self.service.failures, failure) {
            Some(entry) => self.decided(entry.error, &[entry.rule]),
            None => Err(format!("the spec has no error for `{}`", failure.name())),
        }
    }

    /// An error for what any of these rules says.
    fn decided(&self, error: ErrorId, rules: &[RuleId]) -> Result<Outcome, String> {
        let outcome = self.error(Some(error), rules.first().copied(), None)?;
        Ok(self.as_named(outcome, rules))
    }

    /// What comes of a value that breaks something.
    pub(super) fn broken(&self, breach: &Breach) -> Result<Outcome, String> {
        let outcome = self.broken_exactly(breach)?;
        let backed = if breach.assumed { &[][..] } else { &[breach.rule] };
        Ok(self.as_known(outcome, backed))
    }

    fn broken_exactly(&self, breach: &Breach) -> Result<Outcome, String> {
        let failure = breach.failure;
        let own = exactly(&self.binding.failures, failure);
        let message = breach.message.as_ref().or_else(|| {
            let all = &self.service.messages;
            all.iter().find(|(known, _)| *known == failure).map(|(_, text)| text)
        });
        if let (Some(own), Failure::Required | Failure::Type) = (own, failure) {
            let rule = self.first_backed(Some(own.rule), Some(breach.rule));
            return self.error(Some(own.error), rule, message);
        }
        if breach.error.is_some() {
            return self.error(breach.error, Some(breach.rule), message);
        }
        let Some(entry) = self.entry(failure) else {
            return Err(format!("the spec has no error for `{}`", failure.name()));
        };
        let rule = self.first_backed(Some(breach.rule), Some(entry.rule));
        self.error(Some(entry.error), rule, message)
    }

    /// What comes of a request that is good.
    pub(super) fn accepted(&self) -> Result<Outcome, String> {
        let always = self.operation.steps.iter().find_map(|step| match &step.verb {
            Verb::Reject(rejection) if step.when.is_none() => Some((step.rule, rejection)),
            _ => None,
        });
        if let Some((rule, rejection)) = always {
            return self.rejected(rule, rejection.error, rejection.message.as_ref());
        }
        let answers = responds(&self.operation.steps);
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        statuses.dedup();
        if statuses.is_empty() {
            statuses.push(204);
        }
        // What all answers say.
        let bodies = answers.iter().map(|one| one.body.and_then(|tree| known(tree, None)));
        let body = bodies.reduce(|one, other| shared(&one?, &other?)).flatten();
        let status = statuses.first().copied().unwrap_or_default();
        let body = body.and_then(|body| self.in_its_root(body, status));
        // An error with that status could not be told from it.
        if body.is_none() && statuses.iter().any(|status| self.has_error_with(*status)) {
            return Err("an error of the operation answers with the same status".to_owned());
        }
        let known = self.known_of_answers(&answers);
        statuses.extend(self.also_documented(&statuses));
        let mut statements = self.statements(Some(self.operation.rule));
        if let [Answered { rule, .. }] = answers.as_slice() {
            statements.extend(self.statements(Some(*rule)));
        }
        let (rule, text) = (None, None);
        Ok(Outcome {
            statuses,
            rule,
            body,
            text,
            nodes: None,
            keeps: false,
            error: None,
            refused: false,
            statements,
            known,
        })
    }

    /// What comes of a key that is not good.
    pub(super) fn locked_out(
        &self,
        error: Option<ErrorId>,
        status: u16,
        rule: RuleId,
    ) -> Result<Outcome, String> {
        let statements = self.statements(Some(rule));
        let mut outcome = match error {
            Some(error) => self.error(Some(error), Some(rule), None)?,
            None => Outcome {
                statuses: vec![status],
                rule: self.rule_name(rule),
                body: None,
                text: None,
                nodes: None,
                keeps: false,
                error: None,
                refused: true,
                statements: Vec::new(),
                known: Known::All,
            },
        };
        outcome.statements.extend(statements);
        Ok(self.as_named(outcome, &[rule]))
    }

    /// The method by which the operation is reached.
    pub(super) fn method(&self) -> &str {
        match &self.binding.route {
            Route::Http { method, .. } => method.as_str(),
            Route::Soap(_) => "POST",
        }
    }

    /// What comes of a step that gives an error.
    pub(super) fn rejected(
        &self,
        step: RuleId,
        error: ErrorId,
        message: Option<&Text>,
    ) -> Result<Outcome, String> {
        let of_error = self.service.errors.get(error.0).map(|error| error.rule);
        let rule = self.first_backed(Some(step), of_error);
        let outcome = self.error(Some(error), rule, message)?;
        let rules: Vec<RuleId> = of_error.into_iter().chain([step]).collect();
        Ok(self.as_named(outcome, &rules))
    }

    /// An error, by the rule that decided.
    pub(super) fn error(
        &self,
        error: Option<ErrorId>,
        rule: Option<RuleId>,
        message: Option<&Text>,
    ) -> Result<Outcome, String> {
        let id = error;
        let Some(error) = error.and_then(|id| self.service.errors.get(id.0)) else {
            return Err("the spec has no error for it".to_owned());
        };
        let status = error.respond.status.as_u16();
        let (mut body, mut text) = (None, None);
        match &error.respond.content {
            Content::Tree(tree, media_type) => {
                let own = known(tree, message);
                body = own.and_then(|body| self.written_in(*media_type, body, status));
            }
            // Over SOAP it stands in an envelope.
            Content::Text(said, _) if matches!(self.binding.route, Route::Http { .. }) => {
                text = said_by(said, message);
            }
            Content::Fault(fault) => match self.binding.route {
                Route::Soap(_) => body = Some(fault::body(self.soap12, fault, message)),
                Route::Http { .. } => text = said_by(&fault.reason, message),
            },
            _ => {}
        }
        let mut statements = self.statements(rule);
        statements.extend(self.statements(Some(error.rule)));
        Ok(Outcome {
            statuses: vec![status],
            rule: rule.and_then(|rule| self.rule_name(rule)),
            body,
            text,
            nodes: None,
            keeps: false,
            error: id,
            refused: true,
            statements,
            known: Known::All,
        })
    }

    /// The statements that a rule implements.
    pub(super) fn statements(&self, rule: Option<RuleId>) -> Vec<usize> {
        let rule = rule.and_then(|rule| self.service.rules.get(rule.0 as usize));
        rule.map(|rule| rule.statements.clone()).unwrap_or_default()
    }

    /// The ids of statements, each once, in the order of the spec.
    pub(super) fn ids(&self, mut statements: Vec<usize>) -> Vec<String> {
        statements.sort_unstable();
        statements.dedup();
        let known = statements.iter().filter_map(|at| self.service.statements.get(*at));
        known.map(|statement| statement.id.to_string()).collect()
    }

    /// What scenarios call a rule.
    pub(super) fn rule_name(&self, rule: RuleId) -> Option<Arc<str>> {
        let rule = self.service.rules.get(rule.0 as usize)?;
        let statement = rule.statements.first().and_then(|at| self.service.statements.get(*at));
        Some(statement.map_or(&rule.name, |statement| &statement.id).clone())
    }

    fn first_backed(&self, first: Option<RuleId>, second: Option<RuleId>) -> Option<RuleId> {
        let backed = |rule: &RuleId| !self.statements(Some(*rule)).is_empty();
        first.filter(backed).or(second.filter(backed)).or(first).or(second)
    }

    /// A body as it is expected: of XML below its root element, of SOAP in the envelope. Nothing
    /// where the root is not known.
    pub(super) fn in_its_root(&self, body: Piece, status: u16) -> Option<Piece> {
        if let Route::Soap(id) = self.binding.route {
            if self.service.soap_services.get(id.0).is_some_and(|service| service.bare) {
                let with = |status: u16| {
                    self.operation.responses.iter().find(move |one| one.status == status)
                };
                let answer = with(status).or_else(|| with(200))?;
                let root = answer.schema.as_ref()?.xml.as_ref()?;
                let body = Piece::map().with(&*root.name, as_texts(body));
                return Some(Piece::map().with("Envelope", Piece::map().with("Body", body)));
            }
            let result = Piece::map().with(format!("{}Result", self.operation.id), as_texts(body));
            let response = Piece::map().with(format!("{}Response", self.operation.id), result);
            let body = Piece::map().with("Body", response);
            return Some(Piece::map().with("Envelope", body));
        }
        self.written_in(None, body, status)
    }

    /// The same in a media type, if one is named.
    fn written_in(&self, named: Option<MediaTypeId>, body: Piece, status: u16) -> Option<Piece> {
        if let Route::Soap(_) = self.binding.route {
            return self.in_its_root(body, status);
        }
        let media_type = named.or_else(|| self.operation.produces.first().copied());
        let media_type = media_type.and_then(|id| self.service.media_types.get(id.0))?;
        match media_type.wire {
            WireOptions::Xml { .. } => {
                let all = self.operation.responses.iter();
                let answer = all.clone().find(|one| one.status == status);
                let root = answer.and_then(|one| one.schema.as_ref()?.xml.as_ref())?;
                Some(Piece::map().with(&*root.name, as_texts(body)))
            }
            WireOptions::Json | WireOptions::JsonLines => Some(body),
            _ => None,
        }
    }
}

/// An answer of the steps.
pub(super) struct Answered<'s> {
    pub status: u16,
    body: Option<&'s Tree>,
    pub rule: RuleId,
}

fn responds(steps: &Steps) -> Vec<Answered<'_>> {
    let mut found = Vec::new();
    for step in steps.all() {
        if let Verb::Respond(respond) = &step.verb {
            let body = match &respond.content {
                Content::Tree(tree, _) => Some(tree),
                _ => None,
            };
            found.push(Answered { status: respond.status.as_u16(), body, rule: step.rule });
        }
    }
    found
}

/// What two bodies have in common.
fn shared(one: &Piece, other: &Piece) -> Option<Piece> {
    if one == other {
        return Some(one.clone());
    }
    let mut map = Piece::map();
    for member in one.members() {
        if let Some(value) = other.get(&member.key).and_then(|held| shared(&member.value, held)) {
            map.set(&member.key, value);
        }
    }
    (!map.is_empty()).then_some(map)
}

fn exactly(table: &Failures, failure: Failure) -> Option<FailureAnswer> {
    table.0.iter().find(|(known, _)| *known == failure).map(|(_, answer)| *answer)
}
