//! The snapshots that a JSON report tells of.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use serde_json::Value;

/// An answer that does not fit a snapshot.
#[derive(Debug)]
pub(super) struct Held {
    /// The file of the snapshot.
    pub(super) path: PathBuf,
    pub(super) vendor: String,
    pub(super) trial: String,
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    /// None where the report has only the beginning of it.
    pub(super) body: Option<Vec<u8>>,
    /// Lines and columns of the file with what does not fit.
    pub(super) places: Vec<(usize, usize)>,
    /// Those of which the spec knows that the vendor is so.
    pub(super) known: Vec<(usize, usize)>,
}

impl Held {
    /// What the snapshot is called.
    pub(super) fn name(&self) -> String {
        self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }
}

/// What a report tells of snapshots.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) unfit: Vec<Held>,
    /// How many other things failed.
    pub(super) others: usize,
}

/// Reads a report. Fails with what is wrong with it.
pub(super) fn read(text: &str) -> Result<Read, String> {
    let report: Value =
        serde_json::from_str(text).map_err(|error| format!("is not JSON: {error}"))?;
    let Some(trials) = report.get("trials").and_then(Value::as_array) else {
        return Err("is not a report of `counterpart-test run --report json=FILE`".to_owned());
    };
    let mut read = Read::default();
    for trial in trials {
        for step in trial.get("steps").and_then(Value::as_array).into_iter().flatten() {
            read.add(trial, step);
        }
    }
    Ok(read)
}

impl Read {
    fn add(&mut self, trial: &Value, step: &Value) {
        let list = |key| step.get(key).and_then(Value::as_array).into_iter().flatten();
        let paths: Vec<&str> = list("snapshots").filter_map(Value::as_str).collect();
        for path in &paths {
            let of_it = |mismatch: &&Value| {
                let is_unwritten = text(mismatch, "path") == Some("snapshot")
                    && text(mismatch, "kind") == Some("scenario")
                    && Path::new(path).file_stem().and_then(|it| it.to_str())
                        == text(mismatch, "expected");
                text(mismatch, "file") == Some(path) || is_unwritten
            };
            let unfit: Vec<&Value> = list("mismatches").filter(of_it).collect();
            let place = |it: &Value| {
                let is_there = text(it, "file") == Some(path);
                is_there.then(|| Some((number(it, "line")?, number(it, "column")?))).flatten()
            };
            if let (false, Some(mut held)) = (unfit.is_empty(), held(path, trial, step)) {
                held.places = unfit.iter().filter_map(|it| place(it)).collect();
                held.known = list("known").filter_map(place).collect();
                self.unfit.push(held);
            }
        }
        let is_ours = |mismatch: &&Value| {
            paths.iter().any(|path| text(mismatch, "file") == Some(path))
                || text(mismatch, "path") == Some("snapshot")
        };
        self.others += list("mismatches").filter(|mismatch| !is_ours(mismatch)).count();
    }
}

fn held(path: &str, trial: &Value, step: &Value) -> Option<Held> {
    let response = step.get("response")?;
    let headers = response.get("headers")?.as_array()?.iter();
    let headers = headers
        .filter_map(|it| Some((text(it, "name")?.to_owned(), text(it, "value")?.to_owned())));
    let body = match (text(response, "body"), text(response, "bodyBase64")) {
        _ if response.get("bodyNote").is_some() => None,
        (Some(body), _) => Some(body.as_bytes().to_vec()),
        (None, Some(code)) => base64::engine::general_purpose::STANDARD.decode(code).ok(),
        (None, None) => Some(Vec::new()),
    };
    Some(Held {
        path: path.into(),
        vendor: text(trial, "vendor")?.to_owned(),
        trial: text(trial, "name")?.to_owned(),
        status: u16::try_from(number(response, "status")?).ok()?,
        headers: headers.collect(),
        body,
        places: Vec::new(),
        known: Vec::new(),
    })
}

fn text<'v>(of: &'v Value, key: &str) -> Option<&'v str> {
    of.get(key)?.as_str()
}

fn number(of: &Value, key: &str) -> Option<usize> {
    usize::try_from(of.get(key)?.as_u64()?).ok()
}
