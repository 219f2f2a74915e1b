//! `counterpart-test compare`: in what two targets differ.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::{Args, ValueEnum};

use super::arguments::{
    Color, Files, INSECURE, Limits, Proxied, Selection, Trusted, given_twice, token,
};
use super::interrupt::listen_for_interrupt;
use super::outside::Given;
use super::run::{EMPTY_SHARD, names, styled};
use crate::cli::{FAILED, complain, draw, refuse};
use crate::harness::{self, Comparing, NotReady, Side};
use crate::report::comparison::{self, ComparisonReport};
use crate::report::comparison_json;
use crate::run::Options;
use crate::run::pair::Ignore;

#[derive(Debug, Args)]
pub(super) struct Compare {
    #[command(flatten)]
    files: Files,
    /// One side: `mock` (of the specs, in-process), the URL of a running counterpart-mock, the
    /// base path of one vendor's endpoint, or VENDOR=URL, which may be given several times.
    #[arg(long, required = true, value_name = "SIDE")]
    left: Vec<String>,
    /// The other side.
    #[arg(long, required = true, value_name = "SIDE")]
    right: Vec<String>,
    /// A header to ignore, in addition to those of the transport; may be given several times.
    #[arg(long, value_name = "NAME")]
    ignore_header: Vec<String>,
    /// A header to compare that is usually ignored, such as `ETag`; may be given several times.
    #[arg(long = "compare-header", value_name = "NAME")]
    with_header: Vec<String>,
    /// A path to ignore, with everything below it: `$.list[*].id`, `/Envelope/Body/*/id`.
    #[arg(long, value_name = "PATH")]
    ignore_path: Vec<String>,
    /// A file with known differences of a side (`deviations`) and what to ignore (`compare`), in
    /// addition to the specs; may be given several times.
    #[arg(long, value_name = "FILE")]
    deviations: Vec<PathBuf>,
    /// Let steps that destroy data run on an endpoint, if their scenario allows it too.
    #[arg(long)]
    allow_destructive: bool,
    #[command(flatten)]
    proxied: Proxied,
    #[command(flatten)]
    trusted: Trusted,
    /// The token for the control plane of a mock [env: `COUNTERPART_TOKEN`].
    #[arg(long, value_name = "TOKEN")]
    token: Option<String>,
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    given: Given,
    #[command(flatten)]
    limits: Limits,
    /// What to print: the differences (`terse`), or `json` (docs/compare.md).
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        default_value_t = Format::Terse,
        help_heading = "Output"
    )]
    format: Format,
    /// Colours; `auto`: on a terminal, unless `NO_COLOR` is set.
    #[arg(
        long,
        value_name = "WHEN",
        value_enum,
        default_value_t = Color::Auto,
        help_heading = "Output"
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
    let mut comparing = match comparing(compare, &interrupted) {
        Ok(comparing) => comparing,
        Err(message) => return complain(&message, err),
    };
    comparing.options.outside = match compare.given.read() {
        Ok(outside) => outside,
        Err(diagnostics) => return refuse(&diagnostics, err),
    };
    if compare.trusted.insecure {
        writeln!(err, "{INSECURE}")?;
    }
    listen_for_interrupt(interrupted.clone());
    let compared = match harness::compare(comparing) {
        Ok(compared) => compared,
        Err(NotReady::Mistakes(diagnostics)) => return refuse(&diagnostics, err),
        Err(other) => return complain(&other, err),
    };
    draw(&compared.warnings, err)?;
    let report = ComparisonReport {
        left: &compared.left,
        right: &compared.right,
        pairs: &compared.pairs,
        duration: compared.duration,
    };
    match compare.format {
        Format::Json => write!(out, "{}", comparison_json::json(&report))?,
        Format::Terse => write!(out, "{}", comparison::text(&report, styled(compare.color)))?,
    }
    if interrupted.load(Ordering::Relaxed) {
        writeln!(err, "the run was interrupted")?;
        return Ok(ExitCode::from(FAILED));
    }
    if compared.pairs.is_empty() {
        writeln!(err, "{EMPTY_SHARD}")?;
    } else if compared.pairs.iter().all(|pair| pair.skipped.is_some()) {
        writeln!(err, "all scenarios were skipped, so nothing was compared")?;
    }
    Ok(if compared.differs() { ExitCode::from(FAILED) } else { ExitCode::SUCCESS })
}

fn comparing(compare: &Compare, interrupted: &Arc<AtomicBool>) -> Result<Comparing, String> {
    let Compare { files, selection, limits, .. } = compare;
    let (scenarios, filter) = files.split()?;
    Ok(Comparing {
        scenarios,
        specs: files.specs(),
        deviations: compare.deviations.clone(),
        choice: selection.choice(false),
        names: names(selection, filter),
        only_skipped: selection.ignored,
        left: side("left", &compare.left)?,
        right: side("right", &compare.right)?,
        ignore: Ignore::new(&compare.ignore_header, &compare.ignore_path)?
            .comparing(&compare.with_header)?,
        options: Options {
            request_timeout: limits.timeout,
            scenario_timeout: limits.scenario_timeout,
            allow_destructive: compare.allow_destructive,
            trust: compare.trusted.trust()?,
            proxies: compare.proxied.proxies()?,
            token: token(compare.token.as_ref()),
            interrupted: interrupted.clone(),
            run_skipped: selection.ignored || selection.include_ignored,
            ..Options::default()
        },
        max_requests: limits.max_requests,
        rate: limits.rate,
        threads: limits.test_threads,
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
            Some(endpoints) => match given_twice(&format!("--{name}"), &endpoints) {
                Some(message) => Err(message),
                None => Ok(Side::Endpoints(endpoints)),
            },
            None => Err(format!("several of --{name} are written VENDOR=URL each")),
        },
    }
}
