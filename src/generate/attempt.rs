//! Scenarios are tried on a mock of the spec, in-process, as anybody would run them.

use std::sync::Arc;

use jiff::Timestamp;

use super::file::{self, Header, Written};
use crate::check::scenario::{Options, check_source};
use crate::exchange::RULE_HEADER;
use crate::harness::{NotReady, embedded_at};
use crate::model::Service;
use crate::plan::Plan;
use crate::run::event::{StepResult, TrialResult, Verdict};
use crate::run::{self, Runner, Target};
use crate::serve::Server;
use crate::source::Source;

/// How many characters of what was wrong are told.
const MOST: usize = 160;

/// A mock with a runner.
pub(super) struct Bench {
    service: Arc<Service>,
    runner: Runner,
    /// Answers as long as it is there.
    _server: Server,
}

/// What became of a scenario.
pub(super) enum Tried {
    /// A result for each row.
    Ran(Vec<TrialResult>),
    /// It has a mistake, in the words of the checker.
    Mistaken(String),
}

impl Bench {
    /// A mock of one vendor, whose clock stands still where a time is given.
    pub(super) fn new(plan: &Arc<Plan>, time: Option<Timestamp>) -> Result<Self, NotReady> {
        let server = embedded_at(vec![plan.clone()], time)?;
        let target =
            Target::mock(&format!("http://{}", server.address())).map_err(NotReady::Usage)?;
        let service = plan.service.clone();
        let runner = Runner::new(vec![service.clone()], Some(target), run::Options::default());
        Ok(Self { service, runner, _server: server })
    }

    /// Runs scenarios, each on its own.
    pub(super) fn run(&self, written: &[&Written], header: &Header) -> Vec<Tried> {
        crate::parallel::each(written.to_vec(), |one| self.run_one(one, header))
    }

    fn run_one(&self, written: &Written, header: &Header) -> Tried {
        let text = file::document(&self.service, header, std::slice::from_ref(written), &[]);
        let source = Source::new("generated.yaml", text);
        let checked = match check_source(&source, &self.service, Options::CHECK) {
            Ok(checked) => checked,
            Err(found) => return Tried::Mistaken(said(&found)),
        };
        // `check --strict` takes warnings for errors.
        if !checked.warnings.is_empty() {
            return Tried::Mistaken(said(&checked.warnings));
        }
        let suite = &checked.suite;
        let rows = suite
            .scenarios
            .iter()
            .flat_map(|scenario| scenario.rows.iter().map(move |row| (scenario, row)));
        Tried::Ran(rows.map(|(scenario, row)| self.runner.run(suite, scenario, row)).collect())
    }
}

fn said(found: &[crate::diagnostic::Diagnostic]) -> String {
    let said: Vec<&str> = found.iter().map(|one| &*one.message).collect();
    said.join("; ")
}

/// The first step that did not go as expected, or else the last one.
pub(super) fn telling(result: &TrialResult) -> Option<&StepResult> {
    let failed = result.steps.iter().find(|step| step.verdict == Verdict::Failed);
    failed.or(result.steps.last())
}

/// What was wrong, in one line.
pub(super) fn complaint(result: &TrialResult) -> String {
    let Some(step) = telling(result) else { return "nothing was done".to_owned() };
    let status = step.mismatches.iter().find(|one| one.path == "status");
    let decided = rule(step).map(|rule| format!("; decided by {rule}")).unwrap_or_default();
    // What the body lacks follows from that.
    if let Some(status) = status {
        return format!("{}{decided}", status.message);
    }
    let mut said: Vec<String> = Vec::new();
    for one in &step.mismatches {
        let message = short(&one.message);
        // That something is missing, and of which answer it is documented, is one thing.
        match said
            .iter_mut()
            .find(|known| message.starts_with(&**known) || known.starts_with(&*message))
        {
            Some(known) if known.len() > message.len() => *known = message,
            Some(_) => {}
            None => said.push(message),
        }
    }
    if !said.iter().any(|one| one.starts_with("the rule")) {
        return format!("{}{decided}", said.join("; "));
    }
    said.join("; ")
}

/// The rule that decided, as the answer names it.
fn rule(step: &StepResult) -> Option<&str> {
    let headers = step.response.iter().flat_map(|response| &response.headers);
    let mut headers = headers.filter(|(name, _)| name.eq_ignore_ascii_case(RULE_HEADER.as_str()));
    headers.next().map(|(_, rule)| &**rule)
}

/// The beginning of what is too long for a line.
fn short(text: &str) -> String {
    let mut short: String = text.chars().take(MOST).collect();
    if short.len() < text.len() {
        short.push_str("...");
    }
    short
}
