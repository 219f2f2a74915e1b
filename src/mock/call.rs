//! One request to one account: what is done under its lock, up to the written answer.

use http::HeaderValue;

use super::account::Account;
use super::body;
use super::draw::Form;
use super::incoming::{Incoming, SoapCall, Target};
use super::refusal::{Halt, Refusal};
use super::run::{Finished, Run};
use super::site::Site;
use super::steps::Response;
use super::trace::Trace;
use crate::clock::Clock;
use crate::exchange::{Answer, OPERATION_HEADER, RULE_HEADER};
use crate::model::{OperationId, RuleId, SoapServiceId};
use crate::plan::Plan;
use crate::plan::names::Slot;
use crate::value::Value;

/// A request to an account.
pub(super) struct Call<'c> {
    /// The vendor.
    pub(super) plan: &'c Plan,
    /// What the vendor remembers.
    pub(super) account: &'c Account,
    /// The request.
    pub(super) incoming: &'c Incoming<'c>,
    /// Tells the time.
    pub(super) clock: &'c Clock,
    /// Whether answers name their operation and rule.
    pub(super) named: bool,
}

/// Where a request has come to.
pub(super) struct Arrived<'p, 'r> {
    /// The operation and the binding, once they are known.
    pub(super) site: Site<'p>,
    /// The operation's position.
    pub(super) operation: Option<OperationId>,
    /// The message that came in an envelope, and to which service.
    pub(super) soap: Option<(SoapServiceId, &'r SoapCall)>,
}

impl<'p, 'r> Arrived<'p, 'r> {
    /// At no operation.
    pub(super) fn nowhere(plan: &'p Plan) -> Self {
        Self { site: Site { plan, operation: None, binding: None }, operation: None, soap: None }
    }

    /// At the operation that was found.
    pub(super) fn at(plan: &'p Plan, target: &'r Target) -> Self {
        let operation = plan.operations.get(target.binding.operation.0);
        let binding = operation.and_then(|o| o.bindings.get(target.binding.binding));
        let service = binding.and_then(|binding| binding.soap);
        Self {
            site: Site { plan, operation, binding },
            operation: Some(target.binding.operation),
            soap: service.zip(target.soap.as_ref()),
        }
    }
}

/// An answer with what the journal keeps of it.
#[derive(Default)]
pub(super) struct Served {
    /// The answer.
    pub(super) answer: Answer,
    /// The operation that gave it.
    pub(super) operation: Option<OperationId>,
    /// The rule that decided.
    pub(super) rule: Option<RuleId>,
    /// What is explained later.
    pub(super) trace: Trace,
    /// The steps that changed the state.
    pub(super) changed: Vec<RuleId>,
}

impl Served {
    /// An answer that no operation gave, with a sentence for the journal.
    pub(super) fn by_nobody(answer: Answer, said: String) -> Self {
        let mut trace = Trace::default();
        trace.note(said);
        Self { answer, trace, ..Self::default() }
    }
}

impl Call<'_> {
    /// Does the operation that was found.
    pub(super) fn perform(&self, target: &Target) -> Served {
        let arrived = Arrived::at(self.plan, target);
        // Bodies are read before the account is taken, so that others wait less; what is wrong
        // with one is said only when its turn comes.
        let body = body::read(arrived.site, self.incoming, target);
        self.run(&arrived, |run, accepted| run.perform(self.incoming, target, body, accepted))
    }

    /// Refuses a request that does not run.
    pub(super) fn refuse<'p>(&'p self, arrived: &Arrived<'p, '_>, refusal: Refusal<'p>) -> Served {
        self.run(arrived, |_, _| Err(Halt::from(refusal)))
    }

    /// Does the operation behind a link of a message. Gives `None` when there is no such link.
    pub(super) fn follow(&self, token: &str) -> Option<Served> {
        let link = self.account.changing.lock().outbox.link(token)?.clone();
        let arrived = Arrived {
            site: Site {
                plan: self.plan,
                operation: self.plan.operations.get(link.operation.0),
                binding: None,
            },
            operation: Some(link.operation),
            soap: None,
        };
        Some(self.run(&arrived, |run, _| run.follow(&link.parameters)))
    }

    /// Holds the account from the first step until the answer is written and all is kept, or
    /// nothing is. `act` is told whether the client accepts what the operation produces.
    fn run<'p>(
        &'p self,
        arrived: &Arrived<'p, '_>,
        act: impl FnOnce(&mut Run<'p, '_>, bool) -> Result<Response<'p>, Halt<'p>>,
    ) -> Served {
        let Arrived { site, operation: id, soap } = *arrived;
        let operation = site.operation;
        let produces = operation.map_or(self.plan.produces(), |operation| &operation.produces);
        let (media_type, accepted) = self.incoming.accepted(self.plan, produces);
        let mut account = self.account.changing.lock();
        let now = self.clock.now();
        let mut run = Run::new(site, self.account.store.begin(), &mut account, now);
        set_request(&mut run, self.incoming);
        let outcome = act(&mut run, accepted);
        let form = Form { plan: self.plan, operation, media_type, soap };
        let Finished { mut answer, rule, trace, changed } = run.finish(outcome, form);
        drop(account);
        if self.named {
            self.name(&mut answer, operation.map(|operation| &operation.header), rule);
        }
        Served { answer, operation: id, rule, trace, changed }
    }

    /// Names the operation and the rule in headers.
    fn name(&self, answer: &mut Answer, operation: Option<&HeaderValue>, rule: Option<RuleId>) {
        answer.spelling.get_or_insert_with(|| self.plan.spelling.clone());
        if let Some(operation) = operation {
            answer.headers.insert(OPERATION_HEADER, operation.clone());
        }
        if let Some(name) = rule.and_then(|rule| self.plan.rule_names.get(rule.0 as usize)) {
            answer.headers.insert(RULE_HEADER, name.clone());
        }
    }
}

fn set_request(run: &mut Run<'_, '_>, incoming: &Incoming<'_>) {
    if !run.plan.names.is_used(Slot::REQUEST) {
        return;
    }
    let query = incoming.request.query().map(|query| format!("?{query}")).unwrap_or_default();
    let media_type = incoming.media_type().or_else(|| {
        let first = run.operation?.consumes.first()?;
        run.plan.media_types.get(first.0).map(|media_type| media_type.name.to_string())
    });
    let map = [
        ("method".into(), incoming.method.as_str().into()),
        ("path".into(), incoming.path.into()),
        ("url".into(), format!("{}{}{query}", incoming.base.url(), incoming.path).into()),
        ("base".into(), incoming.base.url().into()),
        ("mediaType".into(), media_type.map_or(Value::Null, Value::from)),
    ];
    run.scope.set(Slot::REQUEST, Value::map(map.into_iter().collect()));
}
