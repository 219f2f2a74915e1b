//! `counterpart-test run`: trials, then reports.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use libtest_mimic::{Arguments, ColorSetting, FormatSetting};

use super::arguments::{
    Against, Color, Failures, Files, INSECURE, Limits, Output, Selection, given_twice, token,
};
use super::interrupt::{TICK, end_with_watcher, listen_for_interrupt};
use super::observe::observe;
use super::outside::Given;
use super::pipe::to_the_end;
use super::reports::{self, Report};
use super::watch;
use crate::cli::{FAILED, complain, draw, refuse};
use crate::harness::{self, Names, NotReady, Only, Setup};
use crate::report::progress::Progress;
use crate::report::{RunReport, coverage, terminal};
use crate::run::client::Trust;
use crate::run::event::TrialResult;

/// Where what is printed into it is gone.
const NOWHERE: &str = if cfg!(windows) { "NUL" } else { "/dev/null" };

/// What is said of a part of the trials that has none.
pub(super) const EMPTY_SHARD: &str =
    "this shard has no trials, since there are fewer trials than shards";

/// What `run` and `coverage` are told alike.
#[derive(Debug, Args)]
pub(super) struct Trials {
    #[command(flatten)]
    pub(super) files: Files,
    #[command(flatten)]
    pub(super) selection: Selection,
    #[command(flatten)]
    pub(super) given: Given,
    #[command(flatten)]
    pub(super) against: Against,
    #[command(flatten)]
    pub(super) limits: Limits,
    #[command(flatten)]
    pub(super) failures: Failures,
    #[command(flatten)]
    pub(super) output: Output,
    /// Run again whatever a changed file affects, until Ctrl-C.
    #[arg(long, help_heading = "Output")]
    pub(super) watch: bool,
    /// Whoever watches ends the run by closing its input.
    #[arg(long, hide = true)]
    pub(super) watched: bool,
    /// Only list the names of the trials.
    #[arg(long, help_heading = "Output")]
    pub(super) list: bool,
    /// Only what is in this file of those that are named otherwise; may be given several times.
    #[arg(long, value_name = "FILE", hide = true)]
    pub(super) only_file: Vec<PathBuf>,
}

/// What `run` is told.
#[derive(Debug, Args)]
pub(super) struct Run {
    #[command(flatten)]
    trials: Trials,
    /// What to print. `compact`: each failure as it happens, and a summary; on a terminal also the
    /// progress. Or as Rust's own tests: `pretty` (a line for each trial), `terse` (a sign for
    /// each) or `json`.
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        default_value_t = Format::Compact,
        help_heading = "Output"
    )]
    format: Format,
    /// Show passing steps too: a line for each step, with what was sent.
    #[arg(long, short, help_heading = "Output")]
    verbose: bool,
    /// Accepted for tools that pass it; nothing is captured.
    #[arg(long, help_heading = "Output")]
    nocapture: bool,
}

/// What is printed while trials run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Compact,
    Pretty,
    Terse,
    Json,
}

/// How trials are shown, and what else only one command says of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    pub(super) format: Format,
    pub(super) nocapture: bool,
    pub(super) verbose: bool,
    /// The output is for the coverage, which is of all specs.
    pub(super) coverage: bool,
}

/// Trials that have run.
pub(super) struct Finished {
    /// The run.
    pub(super) run: harness::Run,
    /// What it came to.
    pub(super) trials: Vec<TrialResult>,
    /// When it began.
    pub(super) started: Timestamp,
    /// How long it took.
    pub(super) duration: Duration,
    /// Whether a trial failed, or somebody broke the run off.
    pub(super) failed: bool,
    /// Raised when somebody wants the end.
    interrupted: Arc<AtomicBool>,
}

/// Runs scenarios.
pub(super) fn run(run: &Run, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<ExitCode> {
    if run.trials.watch {
        return watch::run(&run.trials.files, watch::Again::Touched, err);
    }
    to_the_end(out, err, |out, err| run_once(run, out, err))
}

fn run_once(run: &Run, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<ExitCode> {
    let manner = Manner {
        format: run.format,
        nocapture: run.nocapture,
        verbose: run.verbose,
        coverage: false,
    };
    let is_printed = run.trials.output.report.iter().any(Report::is_printed);
    if is_printed && run.format != Format::Compact {
        let message = "standard output takes one of `--format` and a report to `-`";
        return complain(&message, err);
    }
    // What reads a report from standard output reads nothing else there.
    let finished = match is_printed {
        true => perform(&run.trials, manner, err, &mut io::stderr())?,
        false => perform(&run.trials, manner, out, err)?,
    };
    let finished = match finished {
        Ok(finished) => finished,
        Err(code) => return Ok(code),
    };
    if run.trials.list {
        return Ok(ExitCode::SUCCESS);
    }
    if run.format != Format::Json {
        let summary = summary(&finished, run.trials.output.color);
        let told: &mut dyn Write = if is_printed { err } else { out };
        write!(told, "{summary}")?;
    }
    let code = report(&finished, &run.trials.output.report, out, err)?;
    if run.trials.against.keep_mock && finished.failed {
        keep_mock(&finished, out, err)?;
    }
    Ok(code)
}

/// Leaves the mock of a run that failed where it is until somebody wants the end.
fn keep_mock(finished: &Finished, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<()> {
    let Some(url) = finished.run.mock_url() else { return Ok(()) };
    if !finished.interrupted.load(Ordering::Relaxed) {
        out.flush()?;
        writeln!(err, "the mock stays at {url}; Ctrl-C ends it")?;
    }
    while !finished.interrupted.load(Ordering::Relaxed) {
        std::thread::sleep(TICK);
    }
    Ok(())
}

/// How all trials ended.
pub(super) fn summary(finished: &Finished, color: Color) -> String {
    terminal::summary(&finished.trials, finished.duration, styled(color))
}

/// Writes the reports; the code says whether a trial failed or a report could not be written.
pub(super) fn report(
    finished: &Finished,
    wanted: &[Report],
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<ExitCode> {
    if !wanted.is_empty() {
        let coverage = coverage::coverage(finished.run.services(), &finished.trials);
        let target = finished.trials.first().map_or("mock", |trial| &*trial.target);
        let report = RunReport {
            version: env!("CARGO_PKG_VERSION"),
            started: finished.started,
            duration: finished.duration,
            target,
            shard: finished.run.shard(),
            trials: &finished.trials,
            coverage: &coverage,
        };
        for wanted in wanted {
            if let Err(message) = reports::write(wanted, &report, out) {
                return complain(&message, err);
            }
        }
    }
    Ok(if finished.failed { ExitCode::from(FAILED) } else { ExitCode::SUCCESS })
}

/// Runs the trials that a command line asks for. What fails is drawn to `out`, or, where that is
/// for the coverage, to `err`.
pub(super) fn perform(
    told: &Trials,
    manner: Manner,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<Result<Finished, ExitCode>> {
    let (paths, filter) = match told.files.split() {
        Ok(split) => split,
        Err(message) => return complain(&message, err).map(Err),
    };
    if told.files.builtin && !told.against.target.is_empty() {
        let message = "`--builtin` runs against a mock; `--target` takes scenarios of your own";
        return complain(&message, err).map(Err);
    }
    if let Some(hindrance) = told.output.report.iter().find_map(Report::hindrance) {
        return complain(&hindrance, err).map(Err);
    }
    let twice = given_twice("--target", &told.against.target);
    if let Some(message) = twice.or_else(|| Report::clash(&told.output.report)) {
        return complain(&message, err).map(Err);
    }
    let outside = match told.given.read() {
        Ok(outside) => outside,
        Err(diagnostics) => return refuse(&diagnostics, err).map(Err),
    };
    let names = names(&told.selection, filter);
    let started = Timestamp::now();
    let clock = Instant::now();
    let interrupted = Arc::new(AtomicBool::new(false));
    let against = &told.against;
    let ways = against.trusted.trust().and_then(|it| Ok((it, against.proxied.proxies()?)));
    let (trust, proxies) = match ways {
        Ok(ways) => ways,
        Err(message) => return complain(&message, err).map(Err),
    };
    let mut setup = setup(told, manner, paths, &names, &interrupted, trust);
    setup.options.proxies = proxies;
    setup.options.outside = outside;
    let ready = match harness::Run::new(setup) {
        Ok(ready) => ready,
        Err(NotReady::Mistakes(diagnostics)) => return refuse(&diagnostics, err).map(Err),
        Err(other) => return complain(&other, err).map(Err),
    };
    draw(ready.warnings(), err)?;
    if told.against.trusted.insecure {
        writeln!(err, "{INSECURE}")?;
    }
    for (tag, help) in ready.unknown_tags() {
        let help = help.map(|help| format!("; {help}")).unwrap_or_default();
        writeln!(err, "no scenario has the tag `{tag}`{help}")?;
    }
    let arguments = arguments(told, manner, &names);
    let trials = left(&ready, &arguments);
    if trials == 0 && ready.is_empty_shard(&names) {
        writeln!(err, "{EMPTY_SHARD}")?;
    } else if trials == 0 {
        return complain(&ready.none_left(&names), err).map(Err);
    }
    if !told.list
        && let Err(absent) = ready.find_mock()
    {
        return complain(&absent, err).map(Err);
    }
    listen_for_interrupt(interrupted.clone());
    if told.watched {
        end_with_watcher(interrupted.clone());
    }
    let compact = manner.format == Format::Compact && !told.list;
    let shown = compact.then(|| Progress::new(trials, styled(told.output.color), manner.verbose));
    let drawn: &mut dyn Write = if manner.coverage { err } else { out };
    let Some((conclusion, trials)) = observe(&ready, &arguments, shown, drawn)? else {
        return Ok(Err(ExitCode::from(FAILED)));
    };
    ready.finish();
    let was_interrupted = interrupted.load(Ordering::Relaxed);
    if was_interrupted {
        writeln!(err, "the run was interrupted")?;
    }
    let failed = conclusion.has_failed() || was_interrupted;
    let duration = clock.elapsed();
    Ok(Ok(Finished { run: ready, trials, started, duration, failed, interrupted }))
}

fn setup(
    told: &Trials,
    manner: Manner,
    scenarios: Vec<PathBuf>,
    names: &Names,
    interrupted: &Arc<AtomicBool>,
    trust: Trust,
) -> Setup {
    let Trials { files, selection, against, limits, failures, output, .. } = told;
    let only = match &names.filter {
        _ if !told.only_file.is_empty() => Only::Files(told.only_file.clone()),
        Some(name) if names.exact => Only::Trial(name.clone()),
        _ => Only::All,
    };
    Setup {
        scenarios,
        specs: files.specs(),
        deviations: against.deviations.clone(),
        base_url: against.base_url.clone(),
        targets: against.target.clone(),
        keep_mock: against.keep_mock,
        options: crate::run::Options {
            request_timeout: limits.timeout,
            scenario_timeout: limits.scenario_timeout,
            retries: failures.retries,
            allow_destructive: against.allow_destructive,
            trust,
            token: token(against.token.as_ref()),
            interrupted: interrupted.clone(),
            run_skipped: selection.ignored || selection.include_ignored,
            transitions: manner.coverage || output.report.iter().any(Report::shows_coverage),
            ..crate::run::Options::default()
        },
        max_requests: limits.max_requests,
        rate: limits.rate,
        choice: selection.choice(failures.fail_fast),
        styled: styled(output.color),
        only_needed: output.report.is_empty() && !manner.coverage,
        only,
    }
}

/// Which trials are wanted, by their names.
pub(super) fn names(selection: &Selection, filter: Option<String>) -> Names {
    Names { filter, skip: selection.skip.clone(), exact: selection.exact }
}

fn arguments(told: &Trials, manner: Manner, names: &Names) -> Arguments {
    Arguments {
        include_ignored: told.selection.include_ignored,
        ignored: told.selection.ignored,
        list: told.list,
        nocapture: manner.nocapture,
        exact: names.exact,
        test_threads: told.limits.test_threads,
        skip: names.skip.clone(),
        // As what is drawn here has it.
        color: Some(match styled(told.output.color) {
            true => ColorSetting::Always,
            false => ColorSetting::Never,
        }),
        // A printer of our own stands in for the trials' one.
        logfile: (manner.format == Format::Compact && !told.list).then(|| NOWHERE.to_owned()),
        format: Some(match manner.format {
            Format::Compact | Format::Pretty => FormatSetting::Pretty,
            Format::Terse => FormatSetting::Terse,
            Format::Json => FormatSetting::Json,
        }),
        filter: names.filter.clone(),
        ..Arguments::default()
    }
}

/// How many trials the arguments leave.
fn left(ready: &harness::Run, arguments: &Arguments) -> usize {
    ready.trials().iter().filter(|trial| !arguments.is_filtered_out(trial)).count()
}

/// Whether colours are wanted where they are left to us.
pub(super) fn styled(color: Color) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
        }
    }
}
