//! The invented library of the references: its spec, a mock of it, and scenarios run against that.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::sync::Arc;

use counterpart::MockServer;
use counterpart::Source;
use counterpart::unstable::check::scenario::{Options as Strictness, check_source};
use counterpart::unstable::model::Service;
use counterpart::unstable::run::event::{StepResult, TrialResult};
use counterpart::unstable::run::{Options, Runner, Target};
use counterpart::unstable::scenario::Suite;

use super::folder::Folder;

/// The YAML blocks of a page.
pub fn blocks(page: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut block: Option<String> = None;
    for line in page.lines() {
        match &mut block {
            None if line == "```yaml" => block = Some(String::new()),
            Some(_) if line == "```" => blocks.extend(block.take()),
            Some(text) => writeln!(text, "{line}").unwrap(),
            None => {}
        }
    }
    blocks
}

/// A folder with the spec.
pub fn folder(name: &str) -> Folder {
    let folder = Folder::new(name, &[]);
    let page = include_str!("../../docs/spec-language.md");
    for (at, block) in blocks(page).into_iter().enumerate() {
        folder.write(&format!("specs/library/{at:02}.yaml"), &block);
    }
    folder
}

pub fn services(mock: &MockServer) -> Vec<Arc<Service>> {
    mock.mock().plans().iter().map(|plan| plan.service.clone()).collect()
}

pub fn suite(folder: &Folder, text: &str, service: &Arc<Service>) -> Suite {
    let source = Source::new(folder.0.join("library.yaml"), text);
    match check_source(&source, service, Strictness::RUN) {
        Ok(checked) => checked.suite,
        Err(found) => panic!("{found:#?}"),
    }
}

pub fn on(mock: &MockServer, options: Options) -> Runner {
    let target = Target::mock(&format!("http://{}", mock.address())).unwrap();
    Runner::new(services(mock), Some(target), options)
}

pub fn run_all(runner: &Runner, suite: &Suite) -> Vec<TrialResult> {
    let all = suite
        .scenarios
        .iter()
        .flat_map(|scenario| scenario.rows.iter().map(|row| runner.run(suite, scenario, row)));
    all.collect()
}

/// What went wrong in a trial, for messages.
pub fn told(result: &TrialResult) -> String {
    let mut text = format!("{} {:?} {:?}\n", result.name, result.verdict, result.reason);
    for step in &result.steps {
        writeln!(text, "  {} {:?} {:?}", step.name, step.verdict, step.reason).unwrap();
        for mismatch in &step.mismatches {
            writeln!(text, "    {:?} {}", mismatch.kind, mismatch.message).unwrap();
        }
        if let (Some(sent), Some(came), false) =
            (&step.request, &step.response, step.mismatches.is_empty())
        {
            let body = String::from_utf8_lossy(&came.body);
            writeln!(text, "    {}\n    {} {body}", sent.curl, came.status).unwrap();
        }
    }
    text
}

pub const HEAD: &str = "counterpart: 1\nvendor: library\nvariables: {key: library-key}\n\
                    authenticate: {token: \"${key}\"}\nscenarios:\n";

pub struct Library {
    pub folder: Folder,
    pub mock: MockServer,
}

impl Library {
    pub fn new(name: &str) -> Self {
        let folder = folder(name);
        let mock = MockServer::builder().specs([folder.0.join("specs")]).start().unwrap();
        Self { folder, mock }
    }

    pub fn suite(&self, scenarios: &str) -> Suite {
        suite(&self.folder, &format!("{HEAD}{scenarios}"), &services(&self.mock)[0])
    }

    /// The mock as if it were a real endpoint: without a control plane that the runner knows of.
    pub fn endpoint(&self, options: Options) -> Runner {
        let target = Target::endpoint(&self.mock.url("library")).unwrap();
        Runner::new(services(&self.mock), None, options).with_target("library", target)
    }
}

pub fn runner_requests(results: &[TrialResult]) -> usize {
    results.iter().flat_map(|r| &r.steps).filter(|step| step.request.is_some()).count()
}

/// A field of the request that a step made.
pub fn sent(step: &StepResult, field: &str) -> String {
    let headers = &step.request.as_ref().unwrap().headers;
    headers.iter().find(|(name, _)| name == field).unwrap().1.clone()
}
