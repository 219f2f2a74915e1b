//! The differences that a JSON report tells of.

use serde_json::Value;

/// A difference that may be blessed.
#[derive(Debug, Clone)]
pub(super) struct Difference {
    pub(super) id: String,
    pub(super) vendor: String,
    pub(super) operation: String,
    pub(super) path: String,
    pub(super) expected: String,
    pub(super) actual: String,
    /// What shows it: a trial and a target.
    pub(super) source: String,
    /// The deviation of the spec, where that knows it.
    pub(super) known: Option<String>,
}

/// The differences of a report.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// On which day the run was.
    pub(super) day: String,
    /// Those of real targets, each once.
    pub(super) differences: Vec<Difference>,
    /// The ids of those of the mock.
    pub(super) of_mock: Vec<String>,
    /// How many things failed that are no differences of an answer of an operation.
    pub(super) others: usize,
}

/// Reads a report. Fails with what is wrong with it.
pub(super) fn read(text: &str) -> Result<Read, String> {
    let report: Value =
        serde_json::from_str(text).map_err(|error| format!("is not JSON: {error}"))?;
    let trials = report.get("trials").and_then(Value::as_array);
    let started = report.pointer("/run/started").and_then(Value::as_str);
    let (Some(trials), Some(day)) = (trials, started.and_then(|it| it.get(..10))) else {
        return Err("is not a report of `counterpart-test run --report json=FILE`".to_owned());
    };
    let mut read = Read { day: day.to_owned(), ..Read::default() };
    for trial in trials {
        let steps = trial.get("steps").and_then(Value::as_array);
        for step in steps.into_iter().flatten() {
            for list in ["mismatches", "known"] {
                let all = step.get(list).and_then(Value::as_array);
                for mismatch in all.into_iter().flatten() {
                    read.add(trial, step, mismatch);
                }
            }
        }
    }
    Ok(read)
}

impl Read {
    fn add(&mut self, trial: &Value, step: &Value, mismatch: &Value) {
        let text = |from: &Value, key| Some(from.get(key)?.as_str()?.to_owned());
        let difference = || {
            let target = text(trial, "target")?;
            let difference = Difference {
                id: text(mismatch, "id")?,
                vendor: text(trial, "vendor")?,
                operation: text(step, "operation")?,
                path: text(mismatch, "path")?,
                expected: text(mismatch, "expected")?,
                actual: text(mismatch, "actual")?,
                source: format!("{} against {target}", text(trial, "name")?),
                known: mismatch.pointer("/deviation/id").and_then(Value::as_str).map(str::to_owned),
            };
            Some((target, difference))
        };
        match difference() {
            None => self.others += 1,
            Some((target, difference)) if target == "mock" => self.of_mock.push(difference.id),
            Some((_, difference)) => {
                let is_same =
                    |it: &Difference| it.id == difference.id && it.vendor == difference.vendor;
                if !self.differences.iter().any(is_same) {
                    self.differences.push(difference);
                }
            }
        }
    }
}
