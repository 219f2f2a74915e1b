//! `counterpart-test compare`: in what two targets differ.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::run::{listen_for_interrupt, nothing_left, split, styled};
use super::{Color, duration, rate, threads};
use crate::cli::{FAILED, REFUSED, draw, refuse};
use crate::harness::{self, Comparing, NotReady, Side};
use crate::report::comparison::{self, ComparisonReport};
use crate::run::Options;
use crate::run::pair::Ignore;

#[derive(Debug, Args)]
pub(super) struct Compare {
    /// Files and folders with scenarios, and, where nothing is of that name, a filter for the
    /// names of trials.
    #[arg(value_name = "SCENARIO|DIR|FILTER")]
    paths: Vec<String>,
    /// One side: `mock` (of the specs, in-process), the URL of a running counterpart-mock, the
    /// base path of one vendor's endpoint, or VENDOR=URL, which may be given several times.
    #[arg(long, required = true, value_name = "mock|URL|VENDOR=URL")]
    left: Vec<String>,
    /// The other side.
    #[arg(long, required = true, value_name = "mock|URL|VENDOR=URL")]
    right: Vec<String>,
    /// The folder with the specs.
    #[arg(long, value_name = "DIR", default_value = "specs")]
    specs: PathBuf,
    /// A header that is not compared, besides those of the transport; may be given several times.
    #[arg(long, value_name = "NAME")]
    ignore_header: Vec<String>,
    /// What is at or below a path is not compared: `$.list[*].id`, `/Envelope/Body/*/id`.
    #[arg(long, value_name = "PATH")]
    ignore_path: Vec<String>,
    /// Let steps that destroy data run on an endpoint, where their scenario allows it too.
    #[arg(long)]
    allow_destructive: bool,
    /// The most requests of all trials together, on each side.
    #[arg(long, value_name = "N")]
    max_requests: Option<u64>,
    /// The most requests a second, on each side.
    #[arg(long, value_name = "N", value_parser = rate)]
    rate: Option<f64>,
    /// How long a request may take, such as PT5S.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    timeout: Option<Duration>,
    /// How many trials are compared at once.
    #[arg(long, value_name = "N", value_parser = threads)]
    test_threads: Option<usize>,
    /// `terse` (what differs) or `json`.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Terse)]
    format: Format,
    /// Colours: `auto`, `always` or `never`.
    #[arg(
        long,
        value_name = "WHEN",
        value_enum,
        default_value_t = Color::Auto,
        num_args = 0..=1,
        default_missing_value = "always"
    )]
    color: Color,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Terse,
    Json,
}

/// Runs scenarios against two targets.
pub(super) fn run(
    compare: &Compare,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<ExitCode> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let comparing = match comparing(compare, &interrupted) {
        Ok(comparing) => comparing,
        Err(message) => {
            writeln!(err, "{message}")?;
            return Ok(ExitCode::from(REFUSED));
        }
    };
    listen_for_interrupt(interrupted);
    let compared = match harness::compare(comparing) {
        Ok(compared) => compared,
        Err(NotReady::Mistakes(diagnostics)) => return refuse(&diagnostics, err),
        Err(NotReady::NoTrial(names)) => {
            let filter = split(&compare.paths).ok().and_then(|(_, filter)| filter);
            writeln!(err, "{}", nothing_left(&names, filter.as_deref()))?;
            return Ok(ExitCode::from(REFUSED));
        }
        Err(other) => {
            writeln!(err, "{other}")?;
            return Ok(ExitCode::from(REFUSED));
        }
    };
    draw(&compared.warnings, err)?;
    let report = ComparisonReport {
        left: &compared.left,
        right: &compared.right,
        pairs: &compared.pairs,
        duration: compared.duration,
    };
    match compare.format {
        Format::Json => write!(out, "{}", comparison::json(&report))?,
        Format::Terse => write!(out, "{}", comparison::text(&report, styled(compare.color)))?,
    }
    if compared.pairs.iter().all(|pair| pair.skipped.is_some()) {
        writeln!(err, "all scenarios were skipped, so nothing was compared")?;
        return Ok(ExitCode::from(REFUSED));
    }
    Ok(if compared.differs() { ExitCode::from(FAILED) } else { ExitCode::SUCCESS })
}

fn comparing(compare: &Compare, interrupted: &Arc<AtomicBool>) -> Result<Comparing, String> {
    let (scenarios, filter) = split(&compare.paths)?;
    let mut options = Options {
        allow_destructive: compare.allow_destructive,
        interrupted: interrupted.clone(),
        ..Options::default()
    };
    if let Some(timeout) = compare.timeout {
        options.request_timeout = timeout;
    }
    Ok(Comparing {
        scenarios,
        specs: compare.specs.clone(),
        filter,
        left: side("left", &compare.left)?,
        right: side("right", &compare.right)?,
        ignore: Ignore::new(&compare.ignore_header, &compare.ignore_path)?,
        options,
        max_requests: compare.max_requests,
        rate: compare.rate,
        threads: compare.test_threads,
    })
}

fn side(name: &str, given: &[String]) -> Result<Side, String> {
    let endpoint = |text: &String| {
        let (vendor, url) = text.split_once('=')?;
        // A URL may have an equals sign, but not before its scheme ends.
        (!vendor.contains(':')).then(|| (vendor.to_owned(), url.to_owned()))
    };
    match given {
        [one] if one == "mock" => Ok(Side::Mock),
        [one] if endpoint(one).is_none() => Ok(Side::Url(one.clone())),
        all => match all.iter().map(endpoint).collect::<Option<Vec<_>>>() {
            Some(endpoints) => Ok(Side::Endpoints(endpoints)),
            None => Err(format!("several of --{name} are written VENDOR=URL each")),
        },
    }
}
