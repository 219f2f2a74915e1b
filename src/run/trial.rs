//! One try of a scenario: its session, its variables, its steps, and what it leaves behind.

use std::cell::Cell;
use std::fmt::Write as _;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::client::{Client, Patience, Request};
use super::conform::expected::fit;
use super::control::{Called, Control, refusal};
use super::curl;
use super::event::{Mismatch, MismatchKind, Stage, StepKind, StepResult, Transitions, Verdict};
use super::jar::Jar;
use super::pair::{Captured, Known};
use super::runner::{Runner, Target};
use super::scope::{Now, Scope, unique};
use super::url::Url;
use crate::model::Service;
use crate::scenario::{Once, Row, Scenario, Step};
use crate::source::Span;
use crate::value::{Map, Value};

/// What is said of a command that repeats a request to a mock in-process.
const MOCK_IS_GONE: &str = "the mock of this run is gone, unless --keep-mock keeps it";

/// What a try came to.
pub(super) struct Done {
    pub(super) failed: bool,
    /// Whether trying again may help.
    pub(super) again: bool,
    pub(super) reason: Option<String>,
    /// Why it was not begun.
    pub(super) skipped: Option<String>,
    pub(super) steps: Vec<StepResult>,
    pub(super) transitions: Transitions,
    pub(super) statements: Option<Vec<Arc<str>>>,
    /// What only this try has.
    pub(super) known: Known,
    /// Why the vendor could not be reached.
    pub(super) unreachable: Option<String>,
}

/// Whether what comes before all trials of a file was done.
pub(super) enum Prepared {
    Well,
    /// It failed in this trial.
    Badly,
    /// It failed before, and why.
    Never(String),
}

/// How long may be waited, shared with what waits on behalf of a trial.
#[derive(Debug)]
pub(super) struct Deadline {
    until: Cell<Instant>,
    limit: Duration,
    request: Duration,
}

impl Deadline {
    /// That of a scenario's steps.
    pub(super) fn of(runner: &Runner, scenario: &Scenario) -> Self {
        let limit = scenario.timeout.unwrap_or(runner.options.scenario_timeout);
        let request = runner.options.request_timeout;
        let deadline = Self { until: Cell::new(Instant::now()), limit, request };
        deadline.start();
        deadline
    }

    fn start(&self) {
        let now = Instant::now();
        // A limit beyond what can be told makes no difference to a day.
        let far = now + Duration::from_hours(24);
        self.until.set(now.checked_add(self.limit).unwrap_or(far));
    }

    pub(super) fn left(&self) -> Duration {
        self.until.get().saturating_duration_since(Instant::now())
    }

    /// How long a request may take now.
    pub(super) fn for_request(&self) -> Duration {
        self.request.min(self.left())
    }

    pub(super) fn is_over(&self) -> bool {
        self.left().is_zero()
    }

    pub(super) fn limit(&self) -> Duration {
        self.limit
    }
}

/// A step with the request that it made, for the curl command.
pub(super) struct Recorded {
    pub(super) result: StepResult,
    pub(super) request: Option<Request>,
}

pub(super) struct Trial<'r> {
    pub(super) runner: &'r Runner,
    pub(super) service: &'r Service,
    pub(super) scenario: &'r Scenario,
    /// What its file does once for all.
    pub(super) once: Option<&'r Once>,
    /// What the trial is called.
    pub(super) name: Arc<str>,
    /// The vendor's base URL, in the session.
    pub(super) base: Url,
    pub(super) client: Client,
    pub(super) control: Option<Control>,
    pub(super) scope: Scope<'r>,
    pub(super) deadline: Rc<Deadline>,
    pub(super) recorded: Vec<Recorded>,
    /// What was captured, by the positions of the recorded steps.
    pub(super) captured: Vec<Captured>,
    /// Where the step is that is being done: its number among its list's, for each list that it is
    /// in.
    pub(super) place: Vec<usize>,
    /// The numbers of the rounds of the loops that are being done.
    pub(super) rounds: Vec<u64>,
    /// The cookies, where they are kept.
    pub(super) jar: Option<Jar>,
    pub(super) stage: Stage,
    pub(super) again: bool,
    /// What time it was in the session when it began, in milliseconds since 1970, where that was
    /// asked.
    pub(super) began: Option<i64>,
    /// Why the vendor could not be reached.
    pub(super) unreachable: Option<String>,
}

impl<'r> Trial<'r> {
    pub(super) fn new(
        runner: &'r Runner,
        service: &'r Service,
        target: &Target,
        scenario: &'r Scenario,
        once: Option<&'r Once>,
        name: Arc<str>,
    ) -> Self {
        let unique = unique();
        let client = runner.client.clone();
        let deadline = Rc::new(Deadline::of(runner, scenario));
        let (base, control) = match target {
            Target::Endpoint { base_url } => (base_url.clone(), None),
            Target::Mock { base_url } => {
                let mut session = base_url.clone();
                session.target.push_str("/@");
                session.target.push_str(&unique);
                let mut base = session.clone();
                let server = service.servers.first();
                base.target.push('/');
                base.target.push_str(&service.vendor);
                base.target.push_str(server.map_or("", |server| &server.base_path));
                (base, Some(Control::new(client.clone(), session, service.vendor.clone())))
            }
        };
        let mut trial = Self {
            runner,
            service,
            scenario,
            once,
            name,
            base,
            client,
            control,
            scope: Scope::new(unique, Box::new(|| Err(String::new())), fit),
            deadline,
            recorded: Vec::new(),
            captured: Vec::new(),
            place: Vec::new(),
            rounds: Vec::new(),
            jar: scenario.keeps_cookies.then(Jar::default),
            stage: Stage::Steps,
            again: true,
            began: None,
            unreachable: None,
        };
        trial.scope.tell_time(trial.clock());
        trial.scope.mask().replace(runner.secrets.clone());
        trial.scope.give(runner.options.outside.clone());
        trial
    }

    /// What tells the time: the session's clock, else the real one.
    pub(super) fn clock(&self) -> Now<'r> {
        let clock = self.control.clone().map(|control| (control, self.deadline.clone()));
        Box::new(move || match &clock {
            None => Ok(jiff::Timestamp::now()),
            Some((control, deadline)) => control.now(Patience::new(deadline.for_request(), None)),
        })
    }

    /// Sets up, does the steps, and whatever happened does those of `finally`.
    pub(super) fn run(mut self, row: &Row) -> Done {
        let mut failed = !self.begin();
        if self.runner.options.go_on && self.control.is_some() {
            // Only who compares asks, to see by how much steps move it.
            self.began = self.clock()().ok().map(jiff::Timestamp::as_millisecond);
        }
        if !failed {
            match self.before_all() {
                Prepared::Well => failed = !self.set_up(row) || self.refuse_destruction(),
                Prepared::Badly => {
                    self.after_all();
                    return self.conclude_all(true);
                }
                Prepared::Never(reason) => {
                    return Done { skipped: Some(reason), ..self.conclude_all(false) };
                }
            }
        }
        if !failed {
            failed = !self.steps(&self.scenario.steps);
            // Whoever cleans up has as long as the steps had, and is not stopped.
            self.deadline.start();
            self.stage = Stage::Finally;
            for (at, step) in self.scenario.finally.iter().enumerate() {
                failed |= !self.placed(at, step, true);
            }
        }
        failed |= !self.after_all();
        self.conclude_all(failed)
    }

    /// What is to be told of it, without its secrets.
    pub(super) fn conclude_all(self, failed: bool) -> Done {
        let (transitions, statements) = (self.transitions(), self.statements());
        let mask = self.scope.mask().take();
        // What a step asks of others than the mock is there still.
        let mock = (self.control.is_some() && self.runner.options.mock_ends)
            .then(|| self.base.origin.clone());
        let steps = self.recorded.into_iter().map(|Recorded { mut result, request }| {
            if let (Some(sent), Some(request)) = (&mut result.request, request) {
                sent.curl = curl::command(&request, &mask);
                sent.curl_note =
                    (mock.as_ref() == Some(&request.origin)).then(|| MOCK_IS_GONE.into());
            }
            if !mask.is_empty() {
                mask.step(&mut result);
            }
            result
        });
        let steps = steps.collect();
        let unique = self.scope.unique();
        if !failed && self.control.is_some() {
            self.runner.finished_sessions.add(unique.clone());
        }
        let has_session = self.control.is_some();
        let clock = self.began;
        let known = Known { clock, ..Known::new(&self.base, &unique, has_session, self.captured) };
        let unreachable = self.unreachable;
        let again = self.again;
        Done {
            failed,
            again,
            reason: None,
            skipped: None,
            steps,
            transitions,
            statements,
            known,
            unreachable,
        }
    }

    /// What the requests did to the session's state. The mock keeps it apart from the journal,
    /// which is bounded, so that it need only be asked at the end.
    fn transitions(&self) -> Transitions {
        if !self.runner.options.transitions {
            return Transitions::NotAsked;
        }
        let Some(control) = &self.control else {
            return Transitions::NotSeen("a real endpoint does not tell what it changed".into());
        };
        let patience = Patience::new(self.runner.options.request_timeout, None);
        match control.transitions(patience) {
            Ok(names) => Transitions::Seen(names),
            Err(reason) => Transitions::NotSeen(reason.into()),
        }
    }

    /// The statements that the requests came to a rule of.
    fn statements(&self) -> Option<Vec<Arc<str>>> {
        let control = self.control.as_ref().filter(|_| self.runner.options.transitions)?;
        control.statements(Patience::new(self.runner.options.request_timeout, None)).ok()
    }

    /// Fails before anything is asked of the vendor when a step that is sure to be done would be
    /// refused.
    pub(super) fn refuse_destruction(&mut self) -> bool {
        let all = self.scenario.steps.iter().chain(&self.scenario.finally);
        let refused = all.filter(|step| step.when.is_none()).find(|step| self.is_refused(step));
        let Some(step) = refused else { return false };
        self.again = false;
        let mismatch = self.destruction(step);
        self.fail(step, self.describe(step), vec![mismatch]);
        true
    }

    /// The session's seed and clock, and no faults of the spec, which would befall some trials and
    /// not others. Says whether it worked.
    fn begin(&mut self) -> bool {
        let scenario = self.scenario;
        if let (Some(seed), Some(control)) = (scenario.seed, self.control.clone()) {
            let called = control.seed(seed, self.patience());
            if !self.set_up_worked("seed", called) {
                return false;
            }
        }
        if let (Some(now), Some(control)) = (scenario.clock, self.control.clone()) {
            let called = control.set_clock(now, self.patience());
            if !self.set_up_worked("clock", called) {
                return false;
            }
        }
        if let (true, Some(control)) = (self.service.is_disturbed(), self.control.clone()) {
            let called = control.faults(&Value::list(Vec::new()), self.patience());
            if !self.set_up_worked("faults", called) {
                return false;
            }
        }
        true
    }

    /// The variables, the settings, the rows. Says whether it worked.
    pub(super) fn set_up(&mut self, row: &Row) -> bool {
        let scenario = self.scenario;
        self.scope.in_row(row.at);
        let columns = row.columns.iter();
        for (name, tree) in scenario.variables.iter().chain(columns) {
            match self.scope.tree(tree) {
                Ok(Some(value)) => self.scope.set(name, value),
                Ok(None) => self.scope.leave_out(name),
                Err(error) => {
                    let name = format!("variable {name}");
                    let mismatch = mistake("variables", error.message, &error.span);
                    self.fail_to_set_up(name, mismatch);
                    return false;
                }
            }
        }
        for (name, _) in scenario.rows.iter().flat_map(|row| &row.columns) {
            if !row.columns.iter().any(|(known, _)| known == name) {
                self.scope.leave_out(name);
            }
        }
        // What needs one is not run elsewhere.
        let Some(control) = self.control.clone() else { return true };
        if !scenario.settings.is_empty() {
            let mut settings = Map::new();
            for (name, tree) in &scenario.settings {
                match self.scope.tree(tree) {
                    Ok(value) => settings.push(name.clone(), value.unwrap_or_default()),
                    Err(error) => {
                        let mismatch = mistake("settings", error.message, &error.span);
                        self.fail_to_set_up("settings".to_owned(), mismatch);
                        return false;
                    }
                }
            }
            let called = control.settings(settings, self.patience());
            if !self.set_up_worked("settings", called) {
                return false;
            }
        }
        for (id, rows) in &scenario.given {
            let Some(collection) = self.service.collections.get(id.0) else { continue };
            let rows = match self.scope.tree(rows) {
                Ok(rows) => rows.unwrap_or_else(|| Value::list(Vec::new())),
                Err(error) => {
                    let mismatch = mistake("given", error.message, &error.span);
                    self.fail_to_set_up(format!("given {}", collection.name), mismatch);
                    return false;
                }
            };
            let called = control.replace(&collection.name, &rows, self.patience());
            if !self.set_up_worked(&format!("given {}", collection.name), called) {
                return false;
            }
        }
        true
    }

    /// A set-up that works is not worth a word.
    fn set_up_worked(&mut self, name: &str, called: Called) -> bool {
        let span = self.scenario.span.clone();
        let mismatch = match &called.response {
            Ok(response) => match refusal(response) {
                None => return true,
                Some(message) => mistake(name, message, &span),
            },
            Err(failure) => transport(failure.kind.to_string(), &span),
        };
        let mut result = self.empty(StepKind::Control, name.to_owned(), &span);
        result.verdict = Verdict::Failed;
        result.mismatches.push(mismatch);
        self.record(result, Some((called.request, called.response)));
        false
    }

    /// How long a request may take now, and whose wish to stop is heard.
    pub(super) fn patience(&self) -> Patience<'r> {
        let interrupted = (!self.stage.cleans_up()).then_some(&*self.runner.options.interrupted);
        Patience::new(self.deadline.for_request(), interrupted)
    }

    pub(super) fn empty(&self, kind: StepKind, name: String, span: &Span) -> StepResult {
        let mut name = name;
        for round in &self.rounds {
            // Writing to a string cannot fail.
            _ = write!(name, " (round {round})");
        }
        StepResult { stage: self.stage, ..StepResult::new(kind, name, span.clone()) }
    }

    fn fail_to_set_up(&mut self, name: String, mismatch: Mismatch) {
        let mut result = self.empty(StepKind::Control, name, &mismatch.span);
        result.verdict = Verdict::Failed;
        result.mismatches = vec![mismatch];
        self.recorded.push(Recorded { result, request: None });
    }

    /// Writes down that a step failed before anything was sent.
    pub(super) fn fail(&mut self, step: &Step, name: String, mismatches: Vec<Mismatch>) {
        let mut result = self.empty(StepKind::of(&step.action), name, &step.span);
        result.verdict = Verdict::Failed;
        result.mismatches = mismatches;
        self.recorded.push(Recorded { result, request: None });
    }
}

pub(super) fn mistake(path: &str, message: String, span: &Span) -> Mismatch {
    Mismatch {
        kind: MismatchKind::Scenario,
        path: path.to_owned(),
        expected: span.text().trim().to_owned(),
        actual: String::new(),
        message,
        span: span.clone(),
    }
}

pub(super) fn transport(message: String, span: &Span) -> Mismatch {
    Mismatch {
        kind: MismatchKind::Transport,
        path: "answer".to_owned(),
        expected: "a whole answer".to_owned(),
        actual: "none".to_owned(),
        message,
        span: span.clone(),
    }
}

/// A name for what is waited for in messages.
pub(super) fn seconds(duration: Duration) -> Arc<str> {
    format!("{} s", duration.as_secs_f64()).into()
}
