//! What the runner says of the bytes of an answer.

use std::path::Path;
use std::sync::Arc;

use counterpart::Source;
use counterpart::unstable::check::scenario::{Options as Strictness, check_source};
use counterpart::unstable::model::Service;
use counterpart::unstable::run::event::{MismatchKind, Verdict};
use counterpart::unstable::run::{Options, Runner, Target};
use regex_lite::Regex;

use crate::case::Exchange;
use crate::support::canned::Canned;

/// Where the runner says something else than what is written.
pub fn differences(
    exchange: &Exchange,
    answer: Vec<u8>,
    service: &Arc<Service>,
) -> Result<Vec<String>, String> {
    let expectations = exchange.fits.iter().map(|text| (text, 0));
    let expectations: Vec<_> =
        expectations.chain(exchange.differs.iter().map(|text| (text, 1))).collect();
    if expectations.is_empty() {
        return Ok(Vec::new());
    }
    let server = Canned::answering(answer);
    let mut differences = Vec::new();
    for (expectation, wanted) in expectations {
        let said = mismatches(expectation, &server.url(), service)?;
        if said.len() != wanted {
            differences.push(format!("! {expectation}\n! expected {wanted} of: {said:?}"));
        }
    }
    Ok(differences)
}

fn mismatches(expectation: &str, url: &str, service: &Arc<Service>) -> Result<Vec<String>, String> {
    let scenario = format!(
        "{{counterpart: 1, vendor: {}, scenarios: [{{name: x, steps: [{{request: {{method: GET, \
         path: /}}, authenticate: none, allowUndocumented: true, expect: {expectation}}}]}}]}}",
        service.vendor
    );
    let suite = check_source(&Source::new("case", scenario), service, Strictness::RUN)
        .map_err(|found| format!("{expectation}\n{found:#?}"))?
        .suite;
    let target = Target::endpoint(url).map_err(|error| format!("{error:?}"))?;
    let runner = Runner::new(vec![Arc::clone(service)], Some(target), Options::default());
    let scenario = suite.scenarios.first().ok_or("there is no scenario")?;
    let row = scenario.rows.first().ok_or("there is no row")?;
    let result = runner.run(&suite, scenario, row);
    let step = result.steps.first().ok_or("the step was not done")?;
    // An answer that could not be read fails as well, but judges no matcher.
    if let Some(other) = step.mismatches.iter().find(|one| one.kind != MismatchKind::Expectation) {
        return Err(format!("{expectation}\n{}", other.message));
    }
    if (step.verdict == Verdict::Passed) != step.mismatches.is_empty() {
        return Err(format!("{expectation}\nthe step ended with {:?}", step.verdict));
    }
    Ok(step.mismatches.iter().map(|one| format!("{}: {}", one.path, one.message)).collect())
}

/// Whether each matcher of the language's page is in an expectation that holds, and in one that
/// fails.
pub fn complete(exchanges: &[Exchange]) -> Result<(), String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scenario-language.md");
    let page = std::fs::read_to_string(page).map_err(|error| error.to_string())?;
    let name = Regex::new(r"\{(\$[a-z]+):").map_err(|error| error.to_string())?;
    let rows = page.lines().filter(|line| line.starts_with("| `{$")).collect::<String>();
    let mut missing = Vec::new();
    for (_, [matcher]) in name.captures_iter(&rows).map(|found| found.extract()) {
        let used =
            |texts: &Vec<String>| texts.iter().any(|text| text.contains(&format!("{matcher}:")));
        if !exchanges.iter().any(|one| used(&one.fits)) {
            missing.push(format!("no `fits` has {matcher}"));
        }
        if !exchanges.iter().any(|one| used(&one.differs)) {
            missing.push(format!("no `differs` has {matcher}"));
        }
    }
    if rows.is_empty() {
        missing.push("the page has no table of matchers".to_owned());
    }
    if missing.is_empty() { Ok(()) } else { Err(missing.join("\n")) }
}
