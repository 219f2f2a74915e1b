//! One step: whether it is done, what must come back, what is kept.

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::answer::Answer;
use super::capture::capture;
use super::client::{Failure, FailureKind, Request, Response};
use super::conform::{Asked, conform};
use super::evaluate::EvaluationError;
use super::event::{
    Difference, Mismatch, MismatchKind, ReceivedResponse, SentRequest, StepKind, StepResult,
    Verdict,
};
use super::expect::{Looks, examine};
use super::known::take_known;
use super::pair::Captured;
use super::pass_over::REQUIRES_MOCK;
use super::perform::{Performed, Undone};
use super::request::Unmade;
use super::scope::InVain;
use super::snapshot::is_only_unwritten;
use super::trial::{Recorded, Trial, mistake, seconds, transport};
use crate::exchange::OPERATION_HEADER;
use crate::model::OperationId;
use crate::scenario::{Action, Expect, Step};
use crate::source::Span;

/// What is said of a step that Ctrl-C kept from being done.
const INTERRUPTED: &str = "the run was interrupted";

/// How often a wait looks up to see whether it was interrupted.
const SLICE: Duration = Duration::from_millis(50);

/// What came of asking again and again.
pub(super) enum Polled<'e> {
    /// It fits, or it was asked once.
    Fits,
    /// It did not come to fit.
    Unfit(Mismatch, &'e Expect),
    /// Whether it fits cannot be told.
    Untold(InVain),
}

/// What is wrong with an exchange.
#[derive(Default)]
struct Examined {
    mismatches: Vec<Mismatch>,
    difference: Option<Difference>,
    snapshots: Vec<PathBuf>,
}

impl Trial<'_> {
    /// Does steps until one fails, or all of them where the options say so and somebody still
    /// waits for them; says whether none failed.
    pub(super) fn steps(&mut self, steps: &[Step]) -> bool {
        let mut passed = true;
        let mut goes_on = true;
        for (at, step) in steps.iter().enumerate() {
            passed &= self.placed(at, step, goes_on);
            let over = self.deadline.is_over() || self.is_interrupted();
            goes_on &= passed || self.runner.options.go_on && !over;
        }
        passed
    }

    /// Does the step at a place, or only knows of it that it was not come to; says whether it did
    /// not fail.
    pub(super) fn placed(&mut self, at: usize, step: &Step, is_done: bool) -> bool {
        self.place.push(at + 1);
        let passed = !is_done || self.step(step);
        self.give_up(step, false);
        self.place.pop();
        passed
    }

    /// Does a step; says whether the scenario goes on.
    pub(super) fn step(&mut self, step: &Step) -> bool {
        let name = self.describe(step);
        if !self.stage.cleans_up() && self.is_interrupted() {
            self.again = false;
            let mismatch = mistake("run", INTERRUPTED.to_owned(), &step.span);
            self.fail(step, name, vec![mismatch]);
            return false;
        }
        if self.deadline.is_over() {
            let limit = seconds(self.deadline.limit());
            let message = format!("the {limit} that the scenario may take were over");
            let mismatch = Mismatch { path: "time".to_owned(), ..transport(message, &step.span) };
            self.fail(step, name, vec![mismatch]);
            return false;
        }
        if self.control.is_none() && step.requires_mock {
            self.leave_to_mock(step, name, REQUIRES_MOCK.to_owned());
            return true;
        }
        if let Some(when) = &step.when {
            match self.scope.is_true(when) {
                Ok(true) => {}
                Ok(false) => {
                    let reason = format!("`{}` is not true", when.span.text().trim());
                    self.leave(step, name, reason);
                    return true;
                }
                Err(EvaluationError { in_vain: Some(in_vain), .. }) => {
                    self.leave_in_vain(step, name, in_vain);
                    return true;
                }
                Err(error) => {
                    let mismatch = mistake("when", error.message, &error.span);
                    self.fail(step, name, vec![mismatch]);
                    return false;
                }
            }
        }
        if self.control.is_none() && step.action.is_control() {
            return self.stand_in(step, name);
        }
        if self.is_refused(step) {
            self.again = false;
            let mismatch = self.destruction(step);
            self.fail(step, name, vec![mismatch]);
            return false;
        }
        match &step.action {
            Action::Include(include) => self.include(step, include, &name),
            Action::Repeat(repeat) => self.repeat(step, repeat, &name),
            Action::Poll { step: inner, until, every, at_most, tries } => {
                self.poll(step, inner, until, (*every, *at_most, *tries), name)
            }
            action => {
                let started = Instant::now();
                let performed = self.perform(action, step.stream.as_ref());
                match &step.redirects {
                    Some(redirects) => self.redirected(step, redirects, performed, &name, started),
                    None => self.conclude(step, &[step], performed, Polled::Fits, name, started),
                }
            }
        }
    }

    /// Whether a step destroys data where it must not.
    pub(super) fn is_refused(&self, step: &Step) -> bool {
        if self.control.is_some()
            || step.requires_mock
            || self.scenario.destructive_allowed && self.runner.options.allow_destructive
        {
            return false;
        }
        match &step.action {
            Action::Poll { step: inner, .. } => step.destructive || self.is_refused(inner),
            Action::Include(_) | Action::Repeat(_) => {
                step.destructive || step.inner().iter().any(|step| self.is_refused(step))
            }
            action => step.destructive || self.deletes(action),
        }
    }

    pub(super) fn destruction(&self, step: &Step) -> Mismatch {
        let lacks = match (self.scenario.destructive_allowed, self.runner.options.allow_destructive)
        {
            (true, _) => "`--allow-destructive` is not given",
            (false, true) => "the scenario does not say `destructive: allowed`",
            (false, false) => {
                "neither does the scenario say `destructive: allowed` nor is \
                 `--allow-destructive` given"
            }
        };
        let message = format!("refused, since it destroys data on a real endpoint, and {lacks}");
        mistake("step", message, &step.span)
    }

    fn is_interrupted(&self) -> bool {
        self.runner.options.interrupted.load(Ordering::Relaxed)
    }

    /// Waits in real time; says whether it was to the end.
    pub(super) fn wait(&self, duration: Duration) -> bool {
        let started = Instant::now();
        loop {
            let left = duration.saturating_sub(started.elapsed());
            if left.is_zero() {
                return true;
            }
            if !self.stage.cleans_up() && self.is_interrupted() {
                return false;
            }
            std::thread::sleep(left.min(SLICE));
        }
    }

    /// Does a step again and again until it fits.
    fn poll(
        &mut self,
        step: &Step,
        inner: &Step,
        until: &Expect,
        (every, at_most, most): (Duration, Duration, Option<u64>),
        name: String,
    ) -> bool {
        let started = Instant::now();
        let mut tries = 0_u64;
        loop {
            tries += 1;
            let performed = self.perform(&inner.action, inner.stream.as_ref());
            let fits = match &performed {
                Ok(Performed { answer: Ok(answer), refused: None, .. }) => {
                    self.scope.answered(answer.clone());
                    is_only_unwritten(&examine(until, answer, self.looks(), &self.scope).0)
                }
                Ok(Performed { answer: Err(failure), .. }) => {
                    if failure.kind == FailureKind::Interrupted {
                        return self.conclude(step, &[], performed, Polled::Fits, name, started);
                    }
                    false
                }
                // What cannot be sent will not be at the next try either.
                Ok(_) | Err(_) => {
                    return self.conclude(step, &[], performed, Polled::Fits, name, started);
                }
            };
            if let Some(in_vain) = self.scope.take_in_vain().filter(|_| fits) {
                let untold = Polled::Untold(in_vain);
                return self.conclude(step, &[inner, step], performed, untold, name, started);
            }
            if fits {
                return self.conclude(step, &[inner, step], performed, Polled::Fits, name, started);
            }
            // The last try is when the time is over, however much of `every` is left by then.
            let left = at_most.saturating_sub(started.elapsed()).min(self.deadline.left());
            let no_more = left.is_zero() || most.is_some_and(|most| tries >= most);
            if no_more || !self.wait(every.min(left)) {
                let mismatch = self.in_vain(step, at_most, tries, started);
                let last = Polled::Unfit(mismatch, until);
                return self.conclude(step, &[inner], performed, last, name, started);
            }
        }
    }

    /// Why something is not asked for any more that did not come to fit.
    fn in_vain(
        &mut self,
        step: &Step,
        at_most: Duration,
        tries: u64,
        started: Instant,
    ) -> Mismatch {
        let tries = if tries == 1 { "1 try".to_owned() } else { format!("{tries} tries") };
        if !self.stage.cleans_up() && self.is_interrupted() {
            self.again = false;
            let message = format!("{INTERRUPTED}; it had not matched in {tries}");
            return mistake("poll", message, &step.span);
        }
        let message = if self.deadline.is_over() {
            let limit = seconds(self.deadline.limit());
            format!("it did not match before the {limit} of the scenario were over, in {tries}")
        } else if started.elapsed() < at_most {
            format!("it did not match in {tries}")
        } else {
            format!("it did not match within {}, in {tries}", seconds(at_most))
        };
        Mismatch {
            kind: MismatchKind::Expectation,
            path: "poll".to_owned(),
            expected: format!("within {}", seconds(at_most)),
            actual: format!("{tries} in {:.1} s", started.elapsed().as_secs_f64()),
            message,
            span: step.span.clone(),
        }
    }

    /// Looks at what came back, keeps what is captured and writes down how the step ended.
    /// `of` are the steps whose expectations and captures count.
    pub(super) fn conclude(
        &mut self,
        step: &Step,
        of: &[&Step],
        performed: Result<Performed, Undone>,
        polled: Polled<'_>,
        name: String,
        started: Instant,
    ) -> bool {
        let performed = match performed {
            Ok(performed) => performed,
            Err(undone) => return self.undone(step, undone, name),
        };
        let Performed { kind, request, answer, asked, operation, refused } = performed;
        let mut result = self.empty(kind, name, &step.span);
        let mut operation = operation;
        let mut examined = Examined::default();
        let response = match answer {
            Err(failure) => {
                examined.mismatches.push(self.broken(&failure, &step.span));
                if failure.kind == FailureKind::Interrupted {
                    self.again = false;
                }
                if kind == StepKind::Vendor && failure.kind.is_unreachable() {
                    self.unreachable = Some(failure.kind.to_string());
                }
                failure.partial.map(|partial| *partial).ok_or(failure.kind)
            }
            Ok(answer) => {
                operation = operation.or_else(|| self.named_operation(&answer));
                // From here on `response` is this one.
                self.scope.answered(answer.clone());
                let looked = refused.map(|said| mistake("step", said, &step.span));
                let says = |expect: &Expect| expect.status.is_some() || !expect.snapshot.is_empty();
                let own = of.iter().any(|step| says(&step.expect));
                // A control step whose scenario expects a refusal gets what it expects.
                examined.mismatches.extend(looked.filter(|_| !own));
                self.scope.take_in_vain();
                let is_unfit = matches!(polled, Polled::Unfit(..));
                let untold = match polled {
                    Polled::Unfit(mismatch, until) => {
                        examined.mismatches.push(mismatch);
                        self.examine(until, &answer, &mut examined);
                        None
                    }
                    Polled::Untold(in_vain) => Some(in_vain),
                    Polled::Fits => None,
                };
                if !is_unfit {
                    for step in of {
                        self.examine(&step.expect, &answer, &mut examined);
                    }
                }
                if let Some(in_vain) = untold.or_else(|| self.scope.take_in_vain()) {
                    result.reason = Some(format!("an expectation was skipped: {}", in_vain.reason));
                }
                let allowed =
                    of.iter().any(|step| step.allow_undocumented) || step.allow_undocumented;
                let asked = asked.or_else(|| followed(&step.action, operation));
                if let Some(asked) = asked.filter(|_| !allowed) {
                    let mut found = conform(self.service, &asked, &answer, &step.span);
                    // What an expectation said need not be said again.
                    found.retain(|one| !examined.mismatches.iter().any(|known| known.says(one)));
                    examined.mismatches.extend(found);
                }
                for step in of {
                    let (captures, expect) = (&step.captures, &step.expect);
                    let missing = capture(captures, expect, &request, &answer, &mut self.scope);
                    examined.mismatches.extend(missing);
                    let kept = captures.iter().filter_map(|capture| {
                        let value = self.scope.variable(&capture.name)?.clone();
                        Some(Captured {
                            step: self.recorded.len(),
                            name: capture.name.clone(),
                            value,
                        })
                    });
                    self.captured.extend(kept);
                }
                if let Some(in_vain) = self.scope.take_in_vain() {
                    let needs_mock = in_vain.needs_mock;
                    let reason = || format!("a capture was skipped: {}", in_vain.reason);
                    result.reason.get_or_insert_with(reason);
                    for step in of {
                        self.give_up(step, needs_mock);
                    }
                }
                Ok(answer.response.clone())
            }
        };
        result.expects = of.iter().any(|step| step.expect.is_of_vendor());
        result.operation = operation.and_then(|id| self.operation_name(id));
        // The mock does what the spec says.
        if let (Some(operation), None) = (&result.operation, &self.control) {
            let (found, mask) = (&mut examined.mismatches, self.scope.mask().borrow());
            result.known = take_known(found, &self.service.deviations, operation, &mask);
        }
        let passed = examined.mismatches.is_empty();
        result.verdict = if passed { Verdict::Passed } else { Verdict::Failed };
        result.incomplete = result.reason.is_some();
        result.mismatches = examined.mismatches;
        result.difference = examined.difference;
        result.snapshots = examined.snapshots;
        result.duration = started.elapsed();
        self.record(
            result,
            Some((request, response.map_err(|kind| Failure { kind, partial: None }))),
        );
        passed
    }

    fn looks(&self) -> Looks {
        Looks { on_mock: self.control.is_some(), vendor_alone: self.runner.options.vendor_alone }
    }

    fn examine(&self, expect: &Expect, answer: &Answer, into: &mut Examined) {
        into.snapshots.extend(self.scope.of_row(&expect.snapshot).map(|it| it.path.clone()));
        let (found, difference) = examine(expect, answer, self.looks(), &self.scope);
        into.mismatches.extend(found);
        into.difference = into.difference.take().or(difference);
    }

    /// Writes down a step that came to no exchange.
    fn undone(&mut self, step: &Step, undone: Undone, name: String) -> bool {
        let mismatch = match undone {
            Undone::Unmade(Unmade::Evaluation(EvaluationError {
                in_vain: Some(in_vain), ..
            })) => {
                self.leave_in_vain(step, name, in_vain);
                return true;
            }
            Undone::Unmade(Unmade::Evaluation(error)) => {
                mistake("request", error.message, &error.span)
            }
            Undone::Unmade(Unmade::Other(message)) => mistake("request", message, &step.span),
            Undone::AnotherHost(own) => {
                let reason = format!("a real endpoint is asked by no other host than {own}");
                self.leave_to_mock(step, name, reason);
                return true;
            }
            Undone::UsedUp(used_up) => {
                self.again = false;
                mistake("budget", used_up.to_string(), &step.span)
            }
            Undone::Interrupted => {
                self.again = false;
                mistake("run", INTERRUPTED.to_owned(), &step.span)
            }
        };
        self.fail(step, name, vec![mismatch]);
        false
    }

    fn broken(&self, failure: &Failure, span: &Span) -> Mismatch {
        let mut message = failure.kind.to_string();
        if matches!(failure.kind, FailureKind::TimedOut(..)) && self.deadline.is_over() {
            let limit = seconds(self.deadline.limit());
            message = format!("{message}, when the {limit} of the scenario were over");
        }
        match failure.kind {
            FailureKind::Interrupted => mistake("run", INTERRUPTED.to_owned(), span),
            FailureKind::Unsendable(_) => {
                Mismatch { kind: MismatchKind::Scenario, ..transport(message, span) }
            }
            FailureKind::WholeBody => Mismatch {
                kind: MismatchKind::Expectation,
                path: "stream".to_owned(),
                expected: "a body that is cut off".to_owned(),
                actual: "a whole one".to_owned(),
                ..transport(message, span)
            },
            _ if failure.kind.is_breach() => {
                let expected = "an answer of HTTP/1.1".to_owned();
                Mismatch { kind: MismatchKind::Protocol, expected, ..transport(message, span) }
            }
            _ => transport(message, span),
        }
    }

    /// The operation that the mock says it was.
    fn named_operation(&self, answer: &Answer) -> Option<OperationId> {
        let name = answer.response.header(OPERATION_HEADER.as_str())?;
        let at = self.service.operations.iter().position(|operation| *operation.id == *name);
        at.map(OperationId)
    }

    /// Writes a step down, with what went over the wire.
    pub(super) fn record(
        &mut self,
        mut result: StepResult,
        exchange: Option<(Request, Result<Response, Failure>)>,
    ) {
        let request = exchange.map(|(request, response)| {
            let authority = &request.origin;
            result.request = Some(SentRequest {
                method: request.method.clone(),
                url: format!("{authority}{}", request.target),
                headers: request.headers.clone(),
                body: request.body.clone(),
                curl: String::new(),
                curl_note: None,
            });
            let response = response.map_or_else(|f| f.partial.map(|partial| *partial), Some);
            result.response = response.map(|response| ReceivedResponse {
                status: response.status,
                headers: response.headers,
                body: response.body,
                duration: response.duration,
            });
            request
        });
        self.recorded.push(Recorded { result, request });
    }
}

/// What the answer to a link is held against, where that is known.
fn followed(action: &Action, operation: Option<OperationId>) -> Option<Asked> {
    let action = match action {
        Action::Poll { step, .. } => &step.action,
        action => action,
    };
    let operations = vec![(operation?, None)];
    matches!(action, Action::Follow(_)).then_some(Asked { operations, ..Asked::default() })
}
