//! `counterpart-test run`: trials, then reports.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use libtest_mimic::{Arguments, ColorSetting, FormatSetting};

use super::observe::observe;
use super::reports::{self, Report};
use super::{Color, Format, Run, watch};
use crate::cli::{FAILED, REFUSED, draw, refuse};
use crate::diagnostic::nearest;
use crate::harness::{self, Choice, NotReady, Only, Setup};
use crate::report::progress::Progress;
use crate::report::{RunReport, coverage, terminal};
use crate::run::event::TrialResult;

/// Where what is printed into it is gone.
const NOWHERE: &str = if cfg!(windows) { "NUL" } else { "/dev/null" };

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
    /// Whether a trial failed.
    pub(super) failed: bool,
}

/// Runs scenarios.
pub(super) fn run(run: &Run, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<ExitCode> {
    if run.watch {
        return watch::run(run, err);
    }
    let finished = match perform(run, false, false, out, err)? {
        Ok(finished) => finished,
        Err(code) => return Ok(code),
    };
    if run.list {
        return Ok(ExitCode::SUCCESS);
    }
    let styled = styled(run.color);
    if run.format != Format::Json {
        let summary = terminal::summary(&finished.trials, finished.duration, styled);
        write!(out, "{summary}")?;
    }
    report(&finished, &run.report, out, err)
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
            trials: &finished.trials,
            coverage: &coverage,
        };
        for wanted in wanted {
            if let Err(message) = reports::write(wanted, &report, out) {
                writeln!(err, "{message}")?;
                return Ok(ExitCode::from(REFUSED));
            }
        }
    }
    Ok(if finished.failed { ExitCode::from(FAILED) } else { ExitCode::SUCCESS })
}

/// Runs the trials that a command line asks for. `coverage` says that all specs are needed,
/// `quiet` that stdout is for something else.
pub(super) fn perform(
    run: &Run,
    coverage: bool,
    quiet: bool,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<Result<Finished, ExitCode>> {
    let (paths, filter) = match split(&run.paths) {
        Ok(split) => split,
        Err(message) => {
            writeln!(err, "{message}")?;
            return Ok(Err(ExitCode::from(REFUSED)));
        }
    };
    if let Some(hindrance) = run.report.iter().find_map(Report::hindrance) {
        writeln!(err, "{hindrance}")?;
        return Ok(Err(ExitCode::from(REFUSED)));
    }
    let started = Timestamp::now();
    let clock = Instant::now();
    let interrupted = Arc::new(AtomicBool::new(false));
    let ready =
        match harness::Run::new(setup(run, paths, filter.as_deref(), &interrupted, coverage)) {
            Ok(ready) => ready,
            Err(NotReady::Mistakes(diagnostics)) => return refuse(&diagnostics, err).map(Err),
            Err(other) => {
                writeln!(err, "{other}")?;
                return Ok(Err(ExitCode::from(REFUSED)));
            }
        };
    draw(ready.warnings(), err)?;
    for (tag, help) in ready.unknown_tags() {
        let help = help.map(|help| format!("; {help}")).unwrap_or_default();
        writeln!(err, "no scenario has the tag `{tag}`{help}")?;
    }
    let arguments = arguments(run, filter.clone(), quiet);
    let trials = left(&ready, &arguments);
    if trials == 0 {
        writeln!(err, "{}", nothing_left(&ready.names(), filter.as_deref()))?;
        return Ok(Err(ExitCode::from(REFUSED)));
    }
    listen_for_interrupt(interrupted);
    let compact = run.format == Format::Compact && !run.list;
    let shown = compact.then(|| Progress::new(trials, styled(run.color)));
    let Some((conclusion, trials)) = observe(&ready, &arguments, shown, out)? else {
        return Ok(Err(ExitCode::from(FAILED)));
    };
    ready.finish();
    let failed = conclusion.has_failed();
    Ok(Ok(Finished { run: ready, trials, started, duration: clock.elapsed(), failed }))
}

fn setup(
    run: &Run,
    scenarios: Vec<PathBuf>,
    filter: Option<&str>,
    interrupted: &Arc<AtomicBool>,
    coverage: bool,
) -> Setup {
    let mut options = crate::run::Options {
        retries: run.retries,
        allow_destructive: run.allow_destructive,
        interrupted: interrupted.clone(),
        run_skipped: run.ignored || run.include_ignored,
        transitions: coverage || run.report.iter().any(Report::shows_coverage),
        ..crate::run::Options::default()
    };
    if let Some(timeout) = run.timeout {
        options.request_timeout = timeout;
    }
    if let Some(timeout) = run.scenario_timeout {
        options.scenario_timeout = timeout;
    }
    let only = match filter {
        _ if !run.only_file.is_empty() => Only::Files(run.only_file.clone()),
        Some(name) if run.exact => Only::Trial(name.to_owned()),
        _ => Only::All,
    };
    Setup {
        scenarios,
        specs: run.specs.clone(),
        base_url: run.base_url.clone(),
        targets: run.target.clone(),
        options,
        max_requests: run.max_requests,
        rate: run.rate,
        choice: Choice { tag: run.tag.clone(), shard: run.shard, fail_fast: run.fail_fast },
        styled: styled(run.color),
        // Coverage is of all specs.
        only_needed: run.report.is_empty() && !coverage,
        only,
    }
}

/// What is there is a path; one thing that is not is a filter.
pub(super) fn split(given: &[String]) -> Result<(Vec<PathBuf>, Option<String>), String> {
    let mut paths = Vec::new();
    let mut filter = None;
    for text in given {
        let looks_like_a_file = ["yaml", "yml"].iter().any(|ending| {
            Path::new(text).extension().is_some_and(|e| e.eq_ignore_ascii_case(ending))
        });
        if Path::new(text).exists() || looks_like_a_file {
            paths.push(PathBuf::from(text));
        } else if let Some(first) = filter.replace(text.clone()) {
            return Err(format!(
                "neither `{first}` nor `{text}` is a file or a folder, and there can be only one filter"
            ));
        }
    }
    if paths.is_empty() {
        paths.push(PathBuf::from("scenarios"));
    }
    Ok((paths, filter))
}

fn arguments(run: &Run, filter: Option<String>, quiet: bool) -> Arguments {
    Arguments {
        include_ignored: run.include_ignored,
        ignored: run.ignored,
        list: run.list,
        nocapture: run.nocapture,
        exact: run.exact,
        test_threads: run.test_threads,
        skip: run.skip.clone(),
        // As what is drawn here has it.
        color: Some(if styled(run.color) { ColorSetting::Always } else { ColorSetting::Never }),
        // A printer of our own stands in for the trials' one.
        logfile: ((quiet || run.format == Format::Compact) && !run.list)
            .then(|| NOWHERE.to_owned()),
        format: Some(match run.format {
            Format::Compact | Format::Pretty => FormatSetting::Pretty,
            Format::Terse => FormatSetting::Terse,
            Format::Json => FormatSetting::Json,
        }),
        filter,
        ..Arguments::default()
    }
}

/// How many trials the arguments leave.
fn left(ready: &harness::Run, arguments: &Arguments) -> usize {
    ready.trials().iter().filter(|trial| !arguments.is_filtered_out(trial)).count()
}

/// What to say when no trial is left; a run of nothing is never a pass.
pub(super) fn nothing_left(names: &[String], filter: Option<&str>) -> String {
    let Some(filter) = filter else { return "no scenario is left to run".to_owned() };
    let near = nearest(filter, names.iter().map(String::as_str));
    let parts = names.iter().flat_map(|name| name.split('/'));
    let words = names.iter().flat_map(|name| name.split(['/', ' ']));
    let near = near.or_else(|| nearest(filter, parts.chain(words)));
    let help = near.map(|name| format!("; the nearest is `{name}`")).unwrap_or_default();
    format!("no trial has `{filter}` in its name{help}")
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

/// Lets trials come to their `finally` when somebody presses Ctrl-C or sends SIGTERM, as CI
/// servers do; the second time ends at once.
pub(super) fn listen_for_interrupt(interrupted: Arc<AtomicBool>) {
    // Without the thread a signal ends the process at once, as it does by itself.
    _ = std::thread::Builder::new().name("interrupt".to_owned()).spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
            return;
        };
        runtime.block_on(async {
            if asked_to_end().await {
                interrupted.store(true, Ordering::Relaxed);
                if asked_to_end().await {
                    std::process::exit(130);
                }
            }
        });
    });
}

/// Waits until somebody wants the end; false where that cannot be heard.
async fn asked_to_end() -> bool {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminate) = signal(SignalKind::terminate()) else { return false };
        tokio::select! {
            heard = tokio::signal::ctrl_c() => heard.is_ok(),
            heard = terminate.recv() => heard.is_some(),
        }
    }
    #[cfg(not(unix))]
    {
        tokio::signal::ctrl_c().await.is_ok()
    }
}
