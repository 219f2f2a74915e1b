//! `counterpart-test coverage`: what of the specs is exercised.

use std::io::{self, Write};
use std::process::ExitCode;

use super::{Format, Run, run as trials, watch};
use crate::report::coverage;
use crate::report::{json, terminal};

/// Runs scenarios and shows what of the specs they exercise, as a table or as JSON.
pub(super) fn run(run: &Run, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<ExitCode> {
    if run.watch {
        return watch::run(run, err);
    }
    let is_json = run.format == Format::Json;
    let finished = match trials::perform(run, true, is_json, out, err)? {
        Ok(finished) => finished,
        Err(code) => return Ok(code),
    };
    if run.list {
        return Ok(ExitCode::SUCCESS);
    }
    if is_json && finished.failed {
        // What is wrong has no place in the document.
        write!(err, "{}", terminal::summary(&finished.trials, finished.duration, false))?;
    }
    let coverage = coverage::coverage(finished.run.services(), &finished.trials);
    match run.format {
        Format::Json => writeln!(out, "{}", json::pretty(&coverage::json::value(&coverage)))?,
        Format::Compact | Format::Pretty | Format::Terse => {
            write!(out, "{}", coverage::terminal::text(&coverage, trials::styled(run.color)))?;
        }
    }
    trials::report(&finished, &run.report, out, err)
}
