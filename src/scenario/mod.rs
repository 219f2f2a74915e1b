//! What a scenario means once it is checked against the spec of its vendor.
//!
//! [`crate::check`] makes these out of what was written; [`crate::run`] does them. Operations,
//! parameters, media types and statements are known to be there; captures are made before they
//! are used.

mod call;
pub mod expected;
mod outside;
mod schema;
mod snapshot;

use std::path::PathBuf;
use std::sync::Arc;

use crate::exchange::OWN_HEADERS;
use crate::model::{CollectionId, Expression, OperationId, Text, TextPart, Tree};
use crate::source::Span;
pub use call::{
    Call, Follow, FormPart, Given, NamedTexts, PartContent, RawBody, RawRequest, Shown,
};
pub use expected::{Expected, ExpectedKind, Matcher, Sorted, Status};
pub use outside::Outside;
pub use schema::ExpectedSchema;
pub use snapshot::Snapshot;

/// The scenarios of one file.
#[derive(Debug)]
pub struct Suite {
    /// The vendor whose spec they were checked against.
    pub vendor: Arc<str>,
    /// The file, as the user named it.
    pub path: PathBuf,
    /// The file's name without the folder of the vendor and the ending; part of trials' names.
    pub name: Arc<str>,
    /// In the order of the file.
    pub scenarios: Vec<Arc<Scenario>>,
    /// What is done once for all of them.
    pub once: Option<Arc<Once>>,
    /// The variables of the environment that expressions of the file look at.
    pub environment: Vec<Arc<str>>,
}

/// Steps that are done once for all trials of a file, or of all files that name them.
#[derive(Debug)]
pub struct Once {
    /// Which they are: the same wherever they are the same.
    pub key: Arc<str>,
    /// Before the first trial; the steps of what is written as if it were a scenario.
    pub before: Option<Scenario>,
    /// After the last one.
    pub after: Option<Scenario>,
}

/// What a client does, and what must come back.
#[derive(Debug)]
pub struct Scenario {
    /// What it shows.
    pub name: Arc<str>,
    /// More of it.
    pub description: Option<Arc<str>>,
    /// Statements of the spec that it proves, by position.
    pub covers: Vec<usize>,
    /// Words to choose it by, those of the file included.
    pub tags: Vec<Arc<str>>,
    /// Names for values, worked out in order; those of the file first.
    pub variables: Vec<(Arc<str>, Tree)>,
    /// Headers of its calls and requests, unless they have such themselves.
    pub headers: Option<Arc<Given<NamedTexts>>>,
    /// Rows in place of the fixtures.
    pub given: Vec<(CollectionId, Tree)>,
    /// Account settings.
    pub settings: Vec<(Arc<str>, Tree)>,
    /// What the mock's generated values are made from.
    pub seed: Option<u64>,
    /// Where the mock's clock stands still.
    pub clock: Option<jiff::Timestamp>,
    /// One trial for each; one without columns where there are none.
    pub rows: Vec<Row>,
    /// What is done.
    pub steps: Vec<Step>,
    /// What is always done after it.
    pub finally: Vec<Step>,
    /// Whether it says that it makes sense only on a mock.
    pub requires_mock: bool,
    /// Whether steps that destroy data may run on a real vendor.
    pub destructive_allowed: bool,
    /// Whether it keeps cookies.
    pub keeps_cookies: bool,
    /// What it shares with others at a real vendor: none of them runs at the same time.
    pub serial: Option<Arc<str>>,
    /// The most time for all steps together.
    pub timeout: Option<std::time::Duration>,
    /// Why it is not run.
    pub skip: Option<Arc<str>>,
    /// Where its name stands.
    pub span: Span,
}

impl Scenario {
    /// The key for which it can be run only on a mock: what it begins with cannot be had anywhere
    /// else.
    pub fn needs_mock(&self) -> Option<&'static str> {
        let keys = [
            ("requires: mock", self.requires_mock),
            ("given", !self.given.is_empty()),
            ("settings", !self.settings.is_empty()),
            ("clock", self.clock.is_some()),
            ("seed", self.seed.is_some()),
        ];
        keys.into_iter().find(|(_, present)| *present).map(|(key, _)| key)
    }
}

/// A row of a data table.
#[derive(Debug, Default)]
pub struct Row {
    /// What it is called in the trial's name; empty where there is no table.
    pub name: Arc<str>,
    /// Its position.
    pub at: usize,
    /// Its columns that hold values.
    pub columns: Vec<(Arc<str>, Tree)>,
}

/// One step.
#[derive(Debug)]
pub struct Step {
    /// What it is called in reports.
    pub name: Option<Arc<str>>,
    /// What is done.
    pub action: Action,
    /// Passed over unless true.
    pub when: Option<Expression>,
    /// What must come back.
    pub expect: Expect,
    /// What is kept of it.
    pub captures: Vec<Capture>,
    /// Which redirects are followed.
    pub redirects: Option<Redirects>,
    /// What of the answer is read; all of it where there is nothing.
    pub stream: Option<Stream>,
    /// An answer that the spec does not document is no failure.
    pub allow_undocumented: bool,
    /// It destroys data.
    pub destructive: bool,
    /// Passed over where there is no mock, though it needs no control plane.
    pub requires_mock: bool,
    /// What stands in for a control step on a real vendor.
    pub on_target: OnTarget,
    /// Where it is written.
    pub span: Span,
}

/// What of an answer is read that comes item by item.
#[derive(Debug)]
pub struct Stream {
    /// So many items.
    pub items: Option<usize>,
    /// What comes in that time.
    pub at_most: Option<std::time::Duration>,
    /// It has to end in its middle, with the connection.
    pub cut: bool,
}

/// Redirects that are followed.
#[derive(Debug)]
pub struct Redirects {
    /// At most so many.
    pub most: usize,
    /// What must come back at each of them; steps of which only that counts.
    pub hops: Vec<Step>,
}

/// What stands in for a control step where there is no control plane.
#[derive(Debug, Default)]
pub enum OnTarget {
    /// It is passed over, with the reason in the report.
    #[default]
    Skip,
    /// The scenario fails.
    Fail,
    /// So long is waited in real time.
    Wait(std::time::Duration),
    /// These steps are done.
    Steps(Vec<Step>),
}

/// Which faults.
#[derive(Debug)]
pub enum FaultsOf {
    /// Those of the spec, as a session begins.
    Spec,
    /// Those of a list.
    List(Tree),
}

/// What a step does.
#[derive(Debug)]
pub enum Action {
    /// An operation of the spec.
    Call(Box<Call>),
    /// A request that says everything itself.
    Request(Box<RawRequest>),
    /// Reads the outbox.
    Outbox,
    /// Reads the journal.
    Requests(Box<Wanted>),
    /// GETs an absolute URL.
    Follow(Box<Follow>),
    /// Sets the mock's clock, which stands still from then on.
    Clock(Given<jiff::Timestamp>),
    /// Moves the mock's clock.
    Advance(Given<std::time::Duration>),
    /// Changes account settings.
    Settings(Vec<(Arc<str>, Tree)>),
    /// Takes back what the session's last requests did: all from the one with this id on.
    Rewind(Tree),
    /// Asks for faults, in place of those that were asked for before.
    Faults(FaultsOf),
    /// Reads the rows of a collection.
    State(CollectionId),
    /// Replaces the rows of collections.
    Put(Vec<(CollectionId, Tree)>),
    /// Does a step again and again until it fits.
    Poll {
        /// The step: a call, a request, or a reading control step.
        step: Box<Step>,
        /// What must come back in the end.
        until: Box<Expect>,
        /// How long between two tries.
        every: std::time::Duration,
        /// How long all tries together may take.
        at_most: std::time::Duration,
        /// The most tries.
        tries: Option<u64>,
    },
    /// Steps of another file.
    Include(Include),
    /// Steps, again and again.
    Repeat(Box<Repeat>),
}

/// Steps of another file, and what they are given.
#[derive(Debug, Default)]
pub struct Include {
    /// The steps.
    pub steps: Vec<Step>,
    /// Names for values that only these steps see.
    pub with: Vec<(Arc<str>, Tree)>,
}

/// Steps that are done again and again.
#[derive(Debug)]
pub struct Repeat {
    /// The steps.
    pub steps: Vec<Step>,
    /// Gives a list, for each item of which there is a round.
    pub over: Option<Expression>,
    /// What the item of the round is called, or where there is no list the number of the round.
    pub name: Option<Arc<str>>,
    /// Ends the loop after the round in which it is true.
    pub until: Option<Expression>,
    /// The most rounds.
    pub rounds: u64,
}

impl Step {
    /// The steps within it, wherever they stand.
    pub fn inner(&self) -> &[Step] {
        match (&self.action, &self.on_target) {
            (_, OnTarget::Steps(steps)) => steps,
            (Action::Include(include), _) => &include.steps,
            (Action::Repeat(repeat), _) => &repeat.steps,
            _ => &[],
        }
    }
}

impl Action {
    /// Whether it needs the mock's control plane.
    pub fn is_control(&self) -> bool {
        match self {
            Self::Outbox
            | Self::Requests(_)
            | Self::Clock(_)
            | Self::Advance(_)
            | Self::Settings(_)
            | Self::Rewind(_)
            | Self::Faults(_)
            | Self::State(_)
            | Self::Put(_) => true,
            Self::Poll { step, .. } => step.action.is_control(),
            Self::Call(_)
            | Self::Request(_)
            | Self::Follow(_)
            | Self::Include(_)
            | Self::Repeat(_) => false,
        }
    }
}

/// Which requests of the journal are wanted: those to the scenario's vendor, and of these so many
/// of the newest as pass all that is given.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Of this operation; an expression gives its name.
    pub operation: Option<Given<OperationId>>,
    /// Answered with this status.
    pub status: Option<Tree>,
    /// After the one with this id.
    pub after: Option<Tree>,
    /// At most so many.
    pub limit: Option<Tree>,
}

/// What must come back.
#[derive(Debug, Default)]
pub struct Expect {
    /// The status.
    pub status: Option<Status>,
    /// Headers, with what they hold.
    pub headers: Vec<(http::HeaderName, Expected)>,
    /// The whole body as a tree.
    pub body: Option<Expected>,
    /// A part of the body; maps may have more members.
    pub includes: Option<Expected>,
    /// The body as text.
    pub text: Option<Expected>,
    /// The body as bytes.
    pub bytes: Option<expected::ExpectedBytes>,
    /// JSONPath expressions and what they select.
    pub json_path: Vec<(Selector, Expected)>,
    /// XPath expressions and the one value that each gives.
    pub xpath: Vec<(Selector, Expected)>,
    /// XPath expressions and the list of nodes that each selects.
    pub nodes: Vec<(Selector, Expected)>,
    /// The schema that the body fits.
    pub schema: Option<ExpectedSchema>,
    /// The snapshot that all of it has to fit, by the positions of the rows; one for all of them.
    pub snapshot: Vec<Arc<Snapshot>>,
    /// Prefixes in expected trees and XPath expressions.
    pub namespaces: Vec<(Arc<str>, Arc<str>)>,
    /// What has to be true.
    pub assertions: Vec<Expression>,
    /// The most time.
    pub time: Option<(std::time::Duration, Span)>,
    /// The rule that the mock says decided.
    pub rule: Option<(Given<Arc<str>>, Span)>,
}

impl Expect {
    /// Whether it says anything of what a vendor answers, and not only of the time that it takes
    /// or of the mock's own words.
    pub fn is_of_vendor(&self) -> bool {
        let headers = self.headers.iter().map(|(name, _)| name.as_str());
        let has_tree = self.body.is_some() || self.includes.is_some() || self.text.is_some();
        let selects =
            !(self.json_path.is_empty() && self.xpath.is_empty() && self.nodes.is_empty());
        self.status.is_some()
            || headers.into_iter().any(|name| !name.starts_with(OWN_HEADERS))
            || has_tree
            || self.bytes.is_some()
            || selects
            || !self.assertions.is_empty()
    }
}

/// A JSONPath or an XPath, which may have expressions in it. One without is known to be good.
#[derive(Debug)]
pub struct Selector {
    /// It, as it is put together when it is used.
    pub text: Text,
}

impl Selector {
    /// What it is, where no expression has a part in it.
    pub fn fixed(&self) -> Option<&str> {
        match &*self.text.parts {
            [TextPart::Literal(literal)] => Some(literal),
            _ => None,
        }
    }
}

/// What is kept of an answer.
#[derive(Debug)]
pub struct Capture {
    /// What it is called.
    pub name: Arc<str>,
    /// What is kept.
    pub from: CaptureFrom,
    /// Only the first group of this, or the whole match.
    pub regex: Option<Arc<str>>,
    /// What is kept where there is nothing.
    pub default: Option<Tree>,
    /// It is added to the list of that name: a list by its items.
    pub gather: bool,
    /// Masked wherever it is printed or written.
    pub mask: Option<bool>,
    /// Where it is written.
    pub span: Span,
}

/// Where a capture comes from.
#[derive(Debug)]
pub enum CaptureFrom {
    /// A JSONPath.
    JsonPath(Selector),
    /// The one value that an XPath gives.
    XPath(Selector),
    /// All nodes that an XPath selects, as a list.
    Nodes(Selector),
    /// A header as one text.
    Header(http::HeaderName),
    /// All lines of a header, as a list.
    Headers(http::HeaderName),
    /// The body as text.
    Text,
    /// The status.
    Status,
    /// What an expression makes.
    Value(Tree),
}
