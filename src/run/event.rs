//! What happens in a run: the interface between the runner and the reports.
//!
//! The runner prints nothing. A [`TrialResult`] holds all that a report draws.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::model::Ruling;
use crate::scenario::Action;
use crate::source::Span;

/// How much of a body is shown, in bytes; whatever shows one says how much there is.
pub const SHOWN_BODY: usize = 256 * 1024;

/// How a trial ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Everything was as expected.
    Passed,
    /// It failed first and passed when it was tried again.
    Flaky,
    /// Something was not.
    Failed,
    /// It was not run.
    Skipped,
}

impl Verdict {
    /// All of them, as a report lists them.
    pub const ALL: [Self; 4] = [Self::Passed, Self::Failed, Self::Flaky, Self::Skipped];

    /// The word in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Flaky => "flaky",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// A trial: a scenario, or a row of one.
#[derive(Debug, Clone)]
pub struct TrialResult {
    /// `suite/scenario [row]`: what it is called wherever one name is wanted.
    pub name: Arc<str>,
    /// `vendor/file`.
    pub suite: Arc<str>,
    /// The scenario.
    pub scenario: Arc<str>,
    /// The row, of a scenario that has rows.
    pub row: Option<Arc<str>>,
    /// The vendor.
    pub vendor: Arc<str>,
    /// The target: `mock`, or the base URL.
    pub target: Arc<str>,
    /// The tags.
    pub tags: Vec<Arc<str>>,
    /// Ids of the statements it proves.
    pub covers: Vec<Arc<str>>,
    /// What the last try did to the state of the mock.
    pub transitions: Transitions,
    /// The statements of which the last try came to a rule, as the mock says; nothing where it was
    /// not asked.
    pub statements: Option<Vec<Arc<str>>>,
    /// How it ended.
    pub verdict: Verdict,
    /// Why it was skipped, or what of it was.
    pub reason: Option<String>,
    /// How long it took, all tries together.
    pub duration: Duration,
    /// How often it was tried.
    pub tries: u32,
    /// The steps of the last try, `finally` included.
    pub steps: Vec<StepResult>,
    /// The steps of the tries before, each of which failed.
    pub earlier: Vec<Vec<StepResult>>,
    /// Where the scenario is written.
    pub span: Span,
}

impl TrialResult {
    /// What was skipped of a trial that did not fail all the same.
    pub fn left_out(&self) -> Option<&str> {
        let ended_well = matches!(self.verdict, Verdict::Passed | Verdict::Flaky);
        self.reason.as_deref().filter(|_| ended_well)
    }
}

/// Which transitions of the spec the requests of a trial made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Transitions {
    /// Nobody asked.
    #[default]
    NotAsked,
    /// They could not be told, and why.
    NotSeen(Arc<str>),
    /// Their names within the vendor.
    Seen(Vec<Arc<str>>),
}

/// Whom a step asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    /// The vendor, or what stands in for it.
    Vendor,
    /// The mock's control plane.
    Control,
    /// The control plane, for the rows and messages that the mock has.
    State,
    /// The mock's journal, which tells of what happened before.
    Journal,
}

impl StepKind {
    /// Those that reports tell apart.
    pub const TOLD: [Self; 3] = [Self::Vendor, Self::Control, Self::Journal];

    /// Who is asked by what a step does. A link may turn out to be one of the control plane.
    pub(super) fn of(action: &Action) -> Self {
        match action {
            Action::Requests(_) => Self::Journal,
            Action::Outbox | Action::State(_) => Self::State,
            Action::Poll { step, .. } => Self::of(&step.action),
            action if action.is_control() => Self::Control,
            _ => Self::Vendor,
        }
    }

    /// The word in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Vendor => "vendor",
            Self::Control | Self::State => "control",
            Self::Journal => "journal",
        }
    }
}

/// Which list of steps a step belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// `beforeAll` of the file.
    BeforeAll,
    /// `steps` of the scenario.
    Steps,
    /// `finally` of the scenario.
    Finally,
    /// `afterAll` of the file.
    AfterAll,
}

impl Stage {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::BeforeAll, Self::Steps, Self::Finally, Self::AfterAll];

    /// The key in the file.
    pub fn name(self) -> &'static str {
        match self {
            Self::BeforeAll => "beforeAll",
            Self::Steps => "steps",
            Self::Finally => "finally",
            Self::AfterAll => "afterAll",
        }
    }

    /// What stands before the name of a step in reports.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::BeforeAll => "beforeAll: ",
            Self::Steps => "",
            Self::Finally => "finally: ",
            Self::AfterAll => "afterAll: ",
        }
    }

    /// Whether its steps clean up: they are done whatever happened.
    pub fn cleans_up(self) -> bool {
        matches!(self, Self::Finally | Self::AfterAll)
    }

    /// Whether its steps are the file's, done once for all its trials where there are no sessions.
    pub fn is_shared(self) -> bool {
        matches!(self, Self::BeforeAll | Self::AfterAll)
    }
}

/// What a step was passed over for want of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// The target is not a mock.
    Mock,
    /// A capture that an earlier step should have made.
    Capture,
}

/// How a step ended.
#[derive(Debug, Clone)]
pub struct StepResult {
    /// What it is called: its name, or what it does.
    pub name: String,
    /// Whom it asks.
    pub kind: StepKind,
    /// Which list of steps it belongs to.
    pub stage: Stage,
    /// How it ended.
    pub verdict: Verdict,
    /// Why it was passed over, or what of it was.
    pub reason: Option<String>,
    /// It was done, but an expectation or a capture of it was skipped, for that reason.
    pub incomplete: bool,
    /// What it lacked, where it was passed over for want of something.
    pub lacks: Option<Lack>,
    /// Whether it expects something that a vendor answers too.
    pub expects: bool,
    /// The operation of the spec.
    pub operation: Option<Arc<str>>,
    /// What was sent.
    pub request: Option<SentRequest>,
    /// What came back.
    pub response: Option<ReceivedResponse>,
    /// What is not as expected.
    pub mismatches: Vec<Mismatch>,
    /// What is not as expected, but known of by the spec.
    pub known: Vec<KnownDifference>,
    /// What is in the response and what was expected, in the response's own form, to be shown
    /// side by side; only where a tree or a text was expected.
    pub difference: Option<Difference>,
    /// The files of the snapshots that it is held against.
    pub snapshots: Vec<PathBuf>,
    /// How long it took.
    pub duration: Duration,
    /// Where it is written.
    pub span: Span,
}

impl StepResult {
    /// Of a step that passed without anything being sent, expected or told.
    pub fn new(kind: StepKind, name: String, span: Span) -> Self {
        Self {
            name,
            kind,
            stage: Stage::Steps,
            verdict: Verdict::Passed,
            reason: None,
            incomplete: false,
            lacks: None,
            expects: false,
            operation: None,
            request: None,
            response: None,
            mismatches: Vec::new(),
            known: Vec::new(),
            difference: None,
            snapshots: Vec::new(),
            duration: Duration::ZERO,
            span,
        }
    }
}

/// A request as it went out; secrets are masked.
#[derive(Debug, Clone)]
pub struct SentRequest {
    /// The method.
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// The headers in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// A curl command that repeats it, secrets as variables of the environment.
    pub curl: String,
    /// What keeps the command from working.
    pub curl_note: Option<Arc<str>>,
}

impl SentRequest {
    /// The method and the URL.
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.url)
    }
}

/// A response as it came; secrets are masked.
#[derive(Debug, Clone)]
pub struct ReceivedResponse {
    /// The status.
    pub status: u16,
    /// The headers in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// From the first byte sent to the last one received.
    pub duration: Duration,
}

/// What kind of thing is not as expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MismatchKind {
    /// An expectation does not hold.
    Expectation,
    /// The answer is not one that the spec documents.
    Undocumented,
    /// No whole answer came.
    Transport,
    /// The answer breaks the rules of HTTP.
    Protocol,
    /// A capture found nothing.
    Capture,
    /// The scenario has a mistake that only this run showed, or a control step was refused.
    Scenario,
}

impl MismatchKind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Expectation,
        Self::Undocumented,
        Self::Transport,
        Self::Protocol,
        Self::Capture,
        Self::Scenario,
    ];

    /// The word in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Expectation => "expectation",
            Self::Undocumented => "undocumented",
            Self::Transport => "transport",
            Self::Protocol => "protocol",
            Self::Capture => "capture",
            Self::Scenario => "scenario",
        }
    }
}

/// What stands in the message of a mismatch before the characters of what came and of what was expected.
pub(in crate::run) const UNLIKE: &str = "; character ";

/// One thing that is not as expected.
#[derive(Debug, Clone)]
pub struct Mismatch {
    /// What kind.
    pub kind: MismatchKind,
    /// Where in the response: `status`, `header Location`, `$.contact.mail`, `/contact/mail`.
    pub path: String,
    /// What was expected, in words or as written.
    pub expected: String,
    /// What there is.
    pub actual: String,
    /// One sentence without a full stop.
    pub message: String,
    /// The line of the scenario that expected it.
    pub span: Span,
}

impl Mismatch {
    /// Whether it says what another one says, or finds fault with the same header.
    pub fn says(&self, other: &Self) -> bool {
        let of_header = self.path.starts_with("header ");
        self.message == other.message || of_header && self.path.eq_ignore_ascii_case(&other.path)
    }
}

/// A mismatch of which the spec says that the vendor is so.
#[derive(Debug, Clone)]
pub struct KnownDifference {
    /// The id of the deviation in the spec.
    pub id: Arc<str>,
    /// Who is right.
    pub ruling: Ruling,
    /// Since which day it is known.
    pub since: Arc<str>,
    /// What the spec says about it.
    pub says: Option<Arc<str>>,
    /// What is not as expected.
    pub mismatch: Mismatch,
}

/// Two texts in the response's own form.
#[derive(Debug, Clone)]
pub struct Difference {
    /// What was expected; where a matcher fits, the actual value stands in it.
    pub expected: String,
    /// What there is.
    pub actual: String,
}
