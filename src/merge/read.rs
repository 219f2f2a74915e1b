//! A JSON report as what happened in the run.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use super::coverage;
use super::fields::Field;
use super::place::{Sources, place};
use crate::model::Ruling;
use crate::report::coverage::Coverage;
use crate::run::event::{
    Difference, KnownDifference, Mismatch, MismatchKind, ReceivedResponse, SentRequest, Stage,
    StepKind, StepResult, Transitions, TrialResult, Verdict,
};

/// A report.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) version: String,
    pub(super) started: Timestamp,
    pub(super) duration: Duration,
    pub(super) target: String,
    pub(super) shard: Option<Shard>,
    pub(super) trials: Vec<TrialResult>,
    pub(super) coverage: Coverage,
}

/// Which part of the trials it is of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shard {
    pub(super) number: usize,
    pub(super) of: usize,
}

/// Reads a report. Fails with what is wrong with it.
pub(super) fn read(text: &str, sources: &mut Sources) -> Result<Part, String> {
    let report: serde_json::Value =
        serde_json::from_str(text).map_err(|error| format!("the report is not JSON: {error}"))?;
    let root = Field::root(&report);
    let run = root.get("run")?;
    let started = run.get("started")?;
    let started = started
        .as_text()?
        .parse()
        .or_else(|_| started.is_not("a time such as 2026-05-01T12:00:00Z"))?;
    let shard = run.find("shard").map(|shard| {
        let read = Shard { number: shard.number("number")?, of: shard.number("of")? };
        match (1..=read.of).contains(&read.number) {
            true => Ok(read),
            false => shard.is_not("a shard"),
        }
    });
    let trials = root.get("trials")?;
    let trials = trials.items()?.iter().map(|one| trial(one, sources)).collect::<Result<_, _>>()?;
    Ok(Part {
        version: run.text("version")?.as_ref().to_owned(),
        started,
        duration: run.seconds("duration")?,
        target: run.text("target")?.as_ref().to_owned(),
        shard: shard.transpose()?,
        trials,
        coverage: coverage::read(&root.get("coverage")?, sources)?,
    })
}

fn trial(trial: &Field<'_>, sources: &mut Sources) -> Result<TrialResult, String> {
    let texts = |name| trial.each(name, |text| Ok(Arc::from(text.as_text()?)));
    Ok(TrialResult {
        name: trial.text("name")?,
        suite: trial.text("suite")?,
        scenario: trial.text("scenario")?,
        row: trial.optional_text("row")?,
        vendor: trial.text("vendor")?,
        target: trial.text("target")?,
        tags: texts("tags")?,
        covers: texts("covers")?,
        // They are in the coverage already.
        transitions: Transitions::NotAsked,
        statements: None,
        verdict: verdict(trial)?,
        reason: trial.optional_text("reason")?.map(|reason| reason.as_ref().to_owned()),
        duration: trial.seconds("duration")?,
        tries: trial.number("tries")?,
        steps: trial.each("steps", |one| step(&one, sources))?,
        earlier: trial.each("earlier", |tried| {
            tried.items()?.iter().map(|one| step(one, sources)).collect()
        })?,
        span: place(trial, sources)?,
    })
}

fn verdict(of: &Field<'_>) -> Result<Verdict, String> {
    of.word("verdict", &Verdict::ALL, Verdict::name)
}

fn step(step: &Field<'_>, sources: &mut Sources) -> Result<StepResult, String> {
    let owned = |text: Arc<str>| text.as_ref().to_owned();
    let difference = step.find("difference").map(|difference| {
        Ok::<_, String>(Difference {
            expected: owned(difference.text("expected")?),
            actual: owned(difference.text("actual")?),
        })
    });
    Ok(StepResult {
        name: owned(step.text("name")?),
        kind: step.word("kind", &StepKind::TOLD, StepKind::name)?,
        stage: step.word("stage", &Stage::ALL, Stage::name)?,
        verdict: verdict(step)?,
        reason: step.optional_text("reason")?.map(owned),
        // Whoever asks has run the step.
        lacks: None,
        incomplete: false,
        expects: true,
        operation: step.optional_text("operation")?,
        request: step.find("request").map(|sent| request(&sent)).transpose()?,
        response: step.find("response").map(|received| response(&received)).transpose()?,
        mismatches: step.each("mismatches", |one| mismatch(&one, sources))?,
        known: step.each("known", |one| known(&one, sources))?,
        difference: difference.transpose()?,
        snapshots: step.each("snapshots", |path| Ok(path.as_text()?.into()))?,
        duration: step.seconds("duration")?,
        span: place(step, sources)?,
    })
}

fn request(sent: &Field<'_>) -> Result<SentRequest, String> {
    Ok(SentRequest {
        method: sent.text("method")?.as_ref().to_owned(),
        url: sent.text("url")?.as_ref().to_owned(),
        headers: headers(sent)?,
        body: body(sent)?,
        curl: sent.text("curl")?.as_ref().to_owned(),
        curl_note: sent.optional_text("curlNote")?,
    })
}

fn response(received: &Field<'_>) -> Result<ReceivedResponse, String> {
    Ok(ReceivedResponse {
        status: received.number("status")?,
        headers: headers(received)?,
        body: body(received)?,
        duration: received.seconds("duration")?,
    })
}

fn headers(of: &Field<'_>) -> Result<Vec<(String, String)>, String> {
    of.each("headers", |header| {
        let text = |name| Ok::<_, String>(header.text(name)?.as_ref().to_owned());
        Ok((text("name")?, text("value")?))
    })
}

/// What the report has of a body.
fn body(of: &Field<'_>) -> Result<Vec<u8>, String> {
    if let Some(text) = of.optional_text("body")? {
        return Ok(text.as_bytes().to_vec());
    }
    let Some(base64) = of.find("bodyBase64") else { return Ok(Vec::new()) };
    STANDARD.decode(base64.as_text()?).or_else(|_| base64.is_not("base64"))
}

fn mismatch(one: &Field<'_>, sources: &mut Sources) -> Result<Mismatch, String> {
    let text = |name| Ok::<_, String>(one.text(name)?.as_ref().to_owned());
    Ok(Mismatch {
        kind: one.word("kind", &MismatchKind::ALL, MismatchKind::name)?,
        path: text("path")?,
        expected: text("expected")?,
        actual: text("actual")?,
        message: text("message")?,
        span: place(one, sources)?,
    })
}

fn known(one: &Field<'_>, sources: &mut Sources) -> Result<KnownDifference, String> {
    let deviation = one.get("deviation")?;
    Ok(KnownDifference {
        id: deviation.text("id")?,
        ruling: deviation.word("verdict", &Ruling::ALL, Ruling::name)?,
        since: deviation.text("since")?,
        says: deviation.optional_text("says")?,
        mismatch: mismatch(one, sources)?,
    })
}
