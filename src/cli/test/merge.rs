//! `counterpart-test merge`: the reports of several runs as one.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::arguments::Output;
use super::pipe::to_the_end;
use super::reports::{self, Report};
use super::run::styled;
use crate::cli::{FAILED, complain};
use crate::merge::merge;
use crate::report::progress::Progress;
use crate::report::{RunReport, terminal};
use crate::run::event::Verdict;

#[derive(Debug, Args)]
pub(super) struct Merge {
    /// Reports from `counterpart-test run --report json=FILE`, with or without `--shard`.
    #[arg(required = true, value_name = "REPORT.json")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    output: Output,
}

/// Draws what failed, and how it went, and writes the reports that are wanted.
pub(super) fn run(line: &Merge, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<ExitCode> {
    to_the_end(out, err, |out, err| merge_to(line, out, err))
}

fn merge_to(line: &Merge, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<ExitCode> {
    if let Some(hindrance) = line.output.report.iter().find_map(Report::hindrance) {
        return complain(&hindrance, err);
    }
    let merged = match merge(&line.paths) {
        Ok(merged) => merged,
        Err(message) => return complain(&message, err),
    };
    if let Some(message) = Report::clash(&line.output.report) {
        return complain(&message, err);
    }
    let styled = styled(line.output.color);
    let is_printed = line.output.report.iter().any(Report::is_printed);
    let told: &mut dyn Write = if is_printed { err } else { out };
    // As a run shows them: of those that failed for the same cause the first.
    let mut progress = Progress::new(merged.trials.len(), styled, false);
    for failure in merged.trials.iter().filter_map(|trial| progress.end(trial)) {
        write!(told, "{failure}")?;
    }
    write!(told, "{}", terminal::summary(&merged.trials, merged.duration, styled))?;
    let report = RunReport {
        version: &merged.version,
        started: merged.started,
        duration: merged.duration,
        target: &merged.target,
        shard: None,
        trials: &merged.trials,
        coverage: &merged.coverage,
    };
    for wanted in &line.output.report {
        if let Err(message) = reports::write(wanted, &report, out) {
            return complain(&message, err);
        }
    }
    let failed = merged.trials.iter().any(|trial| trial.verdict == Verdict::Failed);
    Ok(if failed { ExitCode::from(FAILED) } else { ExitCode::SUCCESS })
}
