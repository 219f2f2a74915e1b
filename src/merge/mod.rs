//! Several JSON reports as one: of the shards of a run, or of runs against other targets.

mod coverage;
mod fields;
mod place;
mod read;

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;

use crate::report::coverage::Coverage;
use crate::run::event::TrialResult;
use read::{Part, Shard};

/// What several reports tell together.
#[derive(Debug)]
pub struct Merged {
    /// The version of the program that wrote them.
    pub version: String,
    /// When the first one started.
    pub started: Timestamp,
    /// Until the last one ended.
    pub duration: Duration,
    /// What they ran against, each once.
    pub target: String,
    /// The trials: of shards in the order of the run, of other reports one after the other.
    pub trials: Vec<TrialResult>,
    /// What of the specs was exercised.
    pub coverage: Coverage,
}

/// Reads reports, and puts them together. Fails with what is wrong with a file, and when a trial
/// is in two of them, a shard is missing, or they are of other versions of the program.
pub fn merge(paths: &[PathBuf]) -> Result<Merged, String> {
    let mut parts = Vec::new();
    let mut sources = HashMap::new();
    for path in paths {
        let told = |message: String| format!("{}: {message}", path.display());
        let text = fs::read_to_string(path)
            .map_err(|error| told(format!("the report cannot be read: {error}")))?;
        let part = read::read(&text, &mut sources).map_err(told)?;
        parts.push((path, part));
    }
    check_versions(&parts)?;
    check_shards(&parts)?;
    check_trials(&parts)?;
    let parts: Vec<Part> = parts.into_iter().map(|(_, part)| part).collect();
    let started = parts.iter().map(|part| part.started).min().unwrap_or_default();
    let ends = parts.iter().map(|part| {
        let before = Duration::try_from(part.started.duration_since(started)).unwrap_or_default();
        before + part.duration
    });
    let duration = ends.max().unwrap_or_default();
    let version = parts.first().map(|part| part.version.clone()).unwrap_or_default();
    let mut targets: Vec<&str> = Vec::new();
    for part in &parts {
        if !targets.contains(&&*part.target) {
            targets.push(&part.target);
        }
    }
    let target = targets.join(", ");
    let mut coverage = coverage::merged(parts.iter().map(|part| &part.coverage));
    let trials = in_order(parts);
    coverage::order(&mut coverage, &trials);
    Ok(Merged { version, started, duration, target, trials, coverage })
}

/// All trials: of the shards of a run in the order of the run, and others as they come.
fn in_order(parts: Vec<Part>) -> Vec<TrialResult> {
    let all_shards = parts.iter().all(|part| part.shard.is_some());
    let of_part = |part: Part| {
        // A shard has every n-th trial.
        let Shard { number, of } = part.shard.unwrap_or(Shard { number: 1, of: 1 });
        let trials = part.trials.into_iter().enumerate();
        trials.map(move |(at, trial)| (at * of + number, trial))
    };
    let mut trials: Vec<(usize, TrialResult)> = parts.into_iter().flat_map(of_part).collect();
    if all_shards {
        trials.sort_by_key(|(at, _)| *at);
    }
    trials.into_iter().map(|(_, trial)| trial).collect()
}

fn check_versions(parts: &[(&PathBuf, Part)]) -> Result<(), String> {
    let Some((first, of_first)) = parts.first() else { return Ok(()) };
    match parts.iter().find(|(_, part)| part.version != of_first.version) {
        Some((other, part)) => Err(format!(
            "{} is of version {}, and {} of version {}: what they tell may mean something else",
            first.display(),
            of_first.version,
            other.display(),
            part.version
        )),
        None => Ok(()),
    }
}

/// All shards are there, each once.
fn check_shards(parts: &[(&PathBuf, Part)]) -> Result<(), String> {
    let shards = || parts.iter().filter_map(|(path, part)| Some((path, part.shard?)));
    let Some((first, Shard { of, .. })) = shards().next() else { return Ok(()) };
    if let Some((other, shard)) = shards().find(|(_, shard)| shard.of != of) {
        let (first, other) = (first.display(), other.display());
        return Err(format!("{first} is one of {of} shards, and {other} one of {}", shard.of));
    }
    let mut missing = Vec::new();
    for number in 1..=of {
        let mut all = shards().filter(|(_, shard)| shard.number == number);
        match (all.next(), all.next()) {
            (None, _) => missing.push(format!("{number}/{of}")),
            (Some((one, _)), Some((other, _))) => {
                let (one, other) = (one.display(), other.display());
                return Err(format!("{one} and {other} are both shard {number}/{of}"));
            }
            (Some(_), None) => {}
        }
    }
    match &*missing {
        [] => Ok(()),
        [one] => Err(format!("the report of shard {one} is missing")),
        all => Err(format!("the reports of shards {} are missing", all.join(", "))),
    }
}

/// No trial was run against one target in two of them.
fn check_trials(parts: &[(&PathBuf, Part)]) -> Result<(), String> {
    let mut known = HashMap::new();
    for (path, part) in parts {
        for trial in &part.trials {
            let before = known.insert((&trial.name, &trial.target), path);
            if let Some(before) = before {
                return Err(format!(
                    "`{}` against {} is in {} and in {}",
                    trial.name,
                    trial.target,
                    before.display(),
                    path.display()
                ));
            }
        }
    }
    Ok(())
}
