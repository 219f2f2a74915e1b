//! `counterpart-test coverage`: what of the specs is exercised.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::pipe::to_the_end;
use super::run::{self as trials, Format, Manner, Trials};
use super::watch;
use crate::report::coverage;
use crate::report::json;

/// What `coverage` is told.
#[derive(Debug, Args)]
pub(super) struct CoverageOf {
    #[command(flatten)]
    trials: Trials,
    /// What to print: a `table` and what is missing, or `json` (docs/reports.md).
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        default_value_t = Shown::Table,
        help_heading = "Output"
    )]
    format: Shown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shown {
    Table,
    Json,
}

/// Runs scenarios and shows what of the specs they exercise. What failed goes to where people
/// read, so that the coverage is all that a script gets.
pub(super) fn run(
    told: &CoverageOf,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<ExitCode> {
    if told.trials.watch {
        return watch::run(&told.trials.files, watch::Again::All, err);
    }
    to_the_end(out, err, |out, err| run_once(told, out, err))
}

fn run_once(told: &CoverageOf, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<ExitCode> {
    let manner =
        Manner { format: Format::Compact, nocapture: false, verbose: false, coverage: true };
    let finished = match trials::perform(&told.trials, manner, out, err)? {
        Ok(finished) => finished,
        Err(code) => return Ok(code),
    };
    if told.trials.list {
        return Ok(ExitCode::SUCCESS);
    }
    let color = told.trials.output.color;
    if finished.failed {
        writeln!(err, "{}", trials::summary(&finished, color))?;
    }
    let coverage = coverage::coverage(finished.run.services(), &finished.trials);
    match told.format {
        // It ends with a line feed.
        Shown::Json => write!(out, "{}", json::pretty(&coverage::json::value(&coverage)))?,
        Shown::Table => {
            write!(out, "{}", coverage::terminal::text(&coverage, trials::styled(color)))?;
        }
    }
    trials::report(&finished, &told.trials.output.report, out, err)
}
