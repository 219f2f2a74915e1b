//! The command line of the runner.

mod check;
mod compare;
mod coverage;
mod mutations;
mod observe;
mod pipe;
mod reports;
mod run;
mod watch;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::{FAILED, usage};
use crate::clock::parse_duration;
use crate::harness::{Shard, TagExpression};
use crate::model::Service;
use crate::plan::Plan;
use reports::Report;

/// Runs scenarios against the mock of the specs, or against the real vendors.
#[derive(Debug, Parser)]
#[command(name = "counterpart-test", version, arg_required_else_help = true)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run scenarios.
    Run(Box<Run>),
    /// Check scenarios against their specs, without running anything.
    Check(Check),
    /// Run scenarios and show what of the specs they exercise.
    Coverage(Box<Run>),
    /// Run scenarios against two targets and show in what these differ.
    Compare(Box<compare::Compare>),
    /// Take each statement out of its spec and see that a scenario that covers it fails.
    Mutations(Check),
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
struct Run {
    /// Files and folders with scenarios, and, where nothing is of that name, a filter for the
    /// names of trials.
    #[arg(value_name = "SCENARIO|DIR|FILTER")]
    paths: Vec<String>,
    /// The folder with the specs.
    #[arg(long, value_name = "DIR", default_value = "specs")]
    specs: PathBuf,
    /// A running counterpart-mock; without it a mock of the specs is started in-process.
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// An endpoint for one vendor, up to and including its base path; may be given several times.
    #[arg(long, value_name = "VENDOR=URL", value_parser = target)]
    target: Vec<(String, String)>,
    /// Only scenarios whose tags fit, such as `smoke and not slow`.
    #[arg(long, value_name = "EXPR")]
    tag: Option<TagExpression>,
    /// Only this part of the trials: `2/5` is the second of five.
    #[arg(long, value_name = "K/N")]
    shard: Option<Shard>,
    /// Try a trial that failed again, so often; a pass then is reported as flaky.
    #[arg(long, value_name = "N", default_value_t = 0)]
    retries: u32,
    /// Begin no trial after the first one failed.
    #[arg(long)]
    fail_fast: bool,
    /// Let steps that destroy data run on an endpoint, where their scenario allows it too.
    #[arg(long)]
    allow_destructive: bool,
    /// The most requests of all trials together.
    #[arg(long, value_name = "N")]
    max_requests: Option<u64>,
    /// The most requests a second.
    #[arg(long, value_name = "N", value_parser = rate)]
    rate: Option<f64>,
    /// How long a request may take, such as PT5S.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    timeout: Option<Duration>,
    /// How long the steps of a scenario may take.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    scenario_timeout: Option<Duration>,
    /// Write a report: `junit=FILE`, `json=FILE`, `html=FILE`, `tap=FILE`, or `github`.
    #[arg(long, value_name = "KIND[=FILE]")]
    report: Vec<Report>,
    /// Run again what a changed file touches.
    #[arg(long)]
    watch: bool,
    /// Only what is in this file of those that are named otherwise; may be given several times.
    #[arg(long, value_name = "FILE", hide = true)]
    only_file: Vec<PathBuf>,
    /// Only show the names of the trials.
    #[arg(long)]
    list: bool,
    /// The filter is the whole name of a trial.
    #[arg(long)]
    exact: bool,
    /// Leave out trials whose name has this in it.
    #[arg(long, value_name = "FILTER")]
    skip: Vec<String>,
    /// Run only the scenarios that are skipped otherwise.
    #[arg(long)]
    ignored: bool,
    /// Run the scenarios too that are skipped otherwise.
    #[arg(long)]
    include_ignored: bool,
    /// How many trials run at once.
    #[arg(long, value_name = "N", value_parser = threads)]
    test_threads: Option<usize>,
    /// `compact` (what fails, as soon as it has), or as Rust's own tests: `pretty` (a line for each
    /// trial), `terse` (a sign for each) or `json`.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Compact)]
    format: Format,
    /// Colours: `auto`, `always` or `never`.
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Color::Auto)]
    color: Color,
    /// Taken for the sake of tools that say it; nothing is captured.
    #[arg(long)]
    nocapture: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Compact,
    Pretty,
    Terse,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

fn target(text: &str) -> Result<(String, String), String> {
    let (vendor, url) = text
        .split_once('=')
        .ok_or_else(|| "a target is written vendor=https://host/base/path".to_owned())?;
    Ok((vendor.to_owned(), url.to_owned()))
}

fn duration(text: &str) -> Result<Duration, String> {
    let duration = parse_duration(text).map_err(|error| error.to_string())?;
    let duration = Duration::try_from(duration).ok().filter(|duration| !duration.is_zero());
    duration.ok_or_else(|| "it is more than nothing, such as PT5S".to_owned())
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate: &f64| rate.is_finite() && *rate > 0.0);
    rate.ok_or_else(|| "a rate is a number above 0, such as 5 or 0.5".to_owned())
}

fn threads(text: &str) -> Result<usize, String> {
    let threads = text.parse().ok().filter(|threads| *threads > 0);
    threads.ok_or_else(|| "it is a whole number from 1".to_owned())
}

#[derive(Debug, Args)]
struct Check {
    /// Files and folders with scenarios.
    #[arg(value_name = "SCENARIO|DIR", default_value = "scenarios")]
    paths: Vec<PathBuf>,
    /// The folder with the specs.
    #[arg(long, value_name = "DIR", default_value = "specs")]
    specs: PathBuf,
}

/// Does what a command line asks for. `out` gets what scripts read, `err` what people read; the
/// code is 0 when all went well, 1 when scenarios failed, and 2 for wrong usage and for files
/// with errors.
pub fn run(
    line: impl IntoIterator<Item = OsString>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> ExitCode {
    let done = match Line::try_parse_from(line) {
        Ok(Line { command: Command::Run(run) }) => run::run(&run, out, err),
        Ok(Line { command: Command::Check(check) }) => check::run(&check, out, err),
        Ok(Line { command: Command::Coverage(run) }) => coverage::run(&run, out, err),
        Ok(Line { command: Command::Compare(line) }) => compare::run(&line, out, err),
        Ok(Line { command: Command::Mutations(check) }) => mutations::run(&check, out, err),
        Err(message) => usage(&message, out, err),
    };
    // What cannot be written has no reader any more.
    done.unwrap_or_else(|_: io::Error| ExitCode::from(FAILED))
}

/// The checked specs that plans were compiled from.
fn services(plans: &[Arc<Plan>]) -> Vec<Arc<Service>> {
    plans.iter().map(|plan| plan.service.clone()).collect()
}
