//! What several commands can be told, in the groups in which `--help` shows it.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::reports::Report;
use crate::cli::{SCENARIOS, SPECS};
use crate::clock::{duration_meant, parse_duration};
use crate::exchange::TOKEN_VARIABLE;
use crate::files;
use crate::harness::{Choice, Shard, TagExpression};
use crate::run::client::{Proxies, Trust};
#[cfg(feature = "tls")]
use crate::run::client::{Shown, check};

/// Where scenarios and specs are.
#[derive(Debug, Args)]
pub(super) struct Files {
    /// Files and folders with scenarios; a name that is neither is a filter for the names of trials
    /// [default: scenarios].
    #[arg(value_name = "SCENARIO|DIR|FILTER")]
    paths: Vec<String>,
    /// The folder with the specs [default: specs].
    #[arg(long, value_name = "DIR")]
    specs: Option<PathBuf>,
    /// Use the built-in scenarios and specs instead of those in this folder.
    #[arg(long, conflicts_with = "specs")]
    pub(super) builtin: bool,
}

impl Files {
    /// The folder with the specs.
    pub(super) fn specs(&self) -> PathBuf {
        self.specs.clone().unwrap_or_else(|| self.default_folder(SPECS))
    }

    /// The folder with the scenarios, where none is named. Fails where that is this folder's and
    /// it is not there.
    fn scenarios(&self) -> Result<PathBuf, String> {
        let folder = self.default_folder(SCENARIOS);
        match files::exists(&folder) {
            true => Ok(folder),
            false => Err(missing(SCENARIOS, "name one")),
        }
    }

    /// What is there is a path; one thing that is not is a filter. Fails where the folder of the
    /// scenarios or the specs is this folder's and it is not there.
    pub(super) fn split(&self) -> Result<(Vec<PathBuf>, Option<String>), String> {
        let mut paths = Vec::new();
        let mut filter = None;
        for text in &self.paths {
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
            paths.push(self.scenarios()?);
        }
        if self.specs.is_none() && !files::exists(&self.specs()) {
            return Err(missing(SPECS, "name one with `--specs`"));
        }
        Ok((paths, filter))
    }

    fn default_folder(&self, name: &str) -> PathBuf {
        if self.builtin { files::built_in(name) } else { PathBuf::from(name) }
    }
}

fn missing(folder: &str, instead: &str) -> String {
    format!(
        "there is no folder `{folder}` here; {instead}, start one with `counterpart-mock init`, or \
         run with `--builtin` what is part of the program"
    )
}

/// Which of the scenarios are wanted.
#[derive(Debug, Args)]
#[command(next_help_heading = "Which scenarios")]
pub(super) struct Selection {
    /// Only scenarios whose tags match, such as `smoke and not slow`.
    #[arg(long, value_name = "EXPR")]
    pub(super) tag: Option<TagExpression>,
    /// Leave out trials with this in their name; may be given several times.
    #[arg(long, value_name = "FILTER")]
    pub(super) skip: Vec<String>,
    /// Take the filter, and each `--skip`, as the whole name of a trial.
    #[arg(long)]
    pub(super) exact: bool,
    /// Only this part of the trials: `2/5` is the second of five parts.
    #[arg(long, value_name = "K/N")]
    pub(super) shard: Option<Shard>,
    /// Only scenarios with a `skip`, which otherwise don't run.
    #[arg(long)]
    pub(super) ignored: bool,
    /// Include scenarios with a `skip`.
    #[arg(long)]
    pub(super) include_ignored: bool,
}

impl Selection {
    /// The same for the harness.
    pub(super) fn choice(&self, fail_fast: bool) -> Choice {
        Choice { tag: self.tag.clone(), shard: self.shard, fail_fast }
    }
}

/// Against what they run.
#[derive(Debug, Args)]
#[command(next_help_heading = "Against what")]
pub(super) struct Against {
    /// A running counterpart-mock [default: a mock of the specs, started in-process].
    #[arg(long, value_name = "URL")]
    pub(super) base_url: Option<String>,
    /// After a failed run, keep the mock that was started in-process until Ctrl-C, so that you can
    /// read its journal and use the curl commands.
    #[arg(long)]
    pub(super) keep_mock: bool,
    /// The endpoint of a vendor, up to and including its base path; may be given several times. For
    /// a Unix socket: `unix:///run/api.sock:/base/path`.
    #[arg(long, value_name = "VENDOR=URL", value_parser = target)]
    pub(super) target: Vec<(String, String)>,
    /// A file with known differences of a target (`deviations`), in addition to those in the specs;
    /// may be given several times.
    #[arg(long, value_name = "FILE")]
    pub(super) deviations: Vec<PathBuf>,
    /// Let steps that destroy data run on an endpoint, if their scenario allows it too.
    #[arg(long)]
    pub(super) allow_destructive: bool,
    #[command(flatten)]
    pub(super) proxied: Proxied,
    #[command(flatten)]
    pub(super) trusted: Trusted,
    /// The token for the control plane of the mock at `--base-url` [env: `COUNTERPART_TOKEN`].
    #[arg(long, value_name = "TOKEN")]
    pub(super) token: Option<String>,
}

/// Through which proxy endpoints are asked.
#[derive(Debug, Args)]
pub(super) struct Proxied {
    /// The proxy to reach endpoints through, but never a mock, such as
    /// http://USER:PASSWORD@HOST:PORT; an empty text means none [env: `HTTPS_PROXY`, `HTTP_PROXY`,
    /// `NO_PROXY`].
    #[arg(long, value_name = "URL")]
    proxy: Option<String>,
}

impl Proxied {
    /// The same for the runner; fails with what is wrong with it.
    pub(super) fn proxies(&self) -> Result<Proxies, String> {
        Proxies::new(self.proxy.as_deref(), |name| std::env::var(name).ok())
    }
}

/// Which endpoints are trusted, and what they are shown.
#[derive(Debug, Args)]
pub(in crate::cli) struct Trusted {
    /// Accept any certificate of an endpoint, for tests only: anybody could be answering.
    #[arg(long)]
    pub(in crate::cli) insecure: bool,
    /// A file in PEM with further authorities to trust, such as that of `counterpart-mock serve
    /// --tls-ca-out`.
    #[cfg(feature = "tls")]
    #[arg(long, value_name = "FILE")]
    cacert: Option<PathBuf>,
    /// A file in PEM with the certificate to show to endpoints that ask for one, or only to that
    /// vendor's; may be given several times.
    #[cfg(feature = "tls")]
    #[arg(long, value_name = "[VENDOR=]FILE", value_parser = of_vendor)]
    cert: Vec<(Option<String>, PathBuf)>,
    /// A file in PEM with the private key of that certificate.
    #[cfg(feature = "tls")]
    #[arg(long, value_name = "[VENDOR=]FILE", value_parser = of_vendor)]
    key: Vec<(Option<String>, PathBuf)>,
}

impl Trusted {
    /// The first option that is given.
    pub(in crate::cli) fn said(&self) -> Option<&'static str> {
        #[cfg(feature = "tls")]
        let files = [
            (self.cacert.is_some(), "--cacert"),
            (!self.cert.is_empty(), "--cert"),
            (!self.key.is_empty(), "--key"),
        ];
        #[cfg(not(feature = "tls"))]
        let files: [(bool, &'static str); 0] = [];
        let all = std::iter::once((self.insecure, "--insecure")).chain(files);
        all.filter(|(given, _)| *given).map(|(_, name)| name).next()
    }

    /// The same for the runner; fails with what is wrong with the files.
    #[cfg(feature = "tls")]
    pub(in crate::cli) fn trust(&self) -> Result<Trust, String> {
        let of = |vendor: &Option<String>| {
            vendor.as_ref().map(|vendor| format!(" of {vendor}")).unwrap_or_default()
        };
        let mut shown = Vec::new();
        for (vendor, certificate) in &self.cert {
            let Some((_, key)) = self.key.iter().find(|(known, _)| known == vendor) else {
                let of = of(vendor);
                return Err(format!("the client certificate{of} has no key: --key names it"));
            };
            let (vendor, certificate, key) = (vendor.clone(), certificate.clone(), key.clone());
            shown.push(Shown { vendor, certificate, key });
        }
        for (vendor, _) in &self.key {
            if !self.cert.iter().any(|(known, _)| known == vendor) {
                let of = of(vendor);
                return Err(format!("the client key{of} has no certificate: --cert names it"));
            }
        }
        let authorities = self.cacert.clone();
        let trust = Trust { insecure: self.insecure, authorities, shown, ..Trust::default() };
        check(&trust)?;
        Ok(trust)
    }

    /// The same for the runner.
    #[cfg(not(feature = "tls"))]
    #[expect(clippy::unnecessary_wraps, reason = "with TLS there are files that can be wrong")]
    pub(in crate::cli) fn trust(&self) -> Result<Trust, String> {
        Ok(Trust { insecure: self.insecure, ..Trust::default() })
    }
}

/// How much may be done, and how fast.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
pub(super) struct Limits {
    /// The time limit for a request.
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "PT30S")]
    pub(super) timeout: Duration,
    /// The time limit for the steps of a scenario without a `timeout`; those of `finally` have as
    /// long again.
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "PT5M")]
    pub(super) scenario_timeout: Duration,
    /// The maximum number of requests, of all trials together [default: no limit].
    #[arg(long, value_name = "N", value_parser = positive::<u64>)]
    pub(super) max_requests: Option<u64>,
    /// The maximum number of requests per second, such as 5 or 0.2 [default: no limit].
    #[arg(long, value_name = "N", value_parser = rate, allow_negative_numbers = true)]
    pub(super) rate: Option<f64>,
    /// How many trials to run at once [default: the number of processors].
    #[arg(long, value_name = "N", value_parser = positive::<usize>)]
    pub(super) test_threads: Option<usize>,
}

/// How often a trial is tried, and when no more are begun.
#[derive(Debug, Args)]
#[command(next_help_heading = "After a failure")]
pub(super) struct Failures {
    /// Retry a failed trial this many times; if it then passes, it is reported as flaky.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) retries: u32,
    /// Start no more trials after the first failure.
    #[arg(long)]
    pub(super) fail_fast: bool,
}

/// What is written, and how.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct Output {
    /// Write a report: `junit=FILE`, `junit-strict=FILE`, `json=FILE`, `html=FILE`, `tap=FILE`, `markdown=FILE`, or `github`; `-` as
    /// FILE is standard output, and all else goes to standard error then; may be given several times.
    #[arg(long, value_name = "KIND[=FILE]")]
    pub(super) report: Vec<Report>,
    /// Colours; `auto`: on a terminal, unless `NO_COLOR` is set.
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Color::Auto)]
    pub(super) color: Color,
}

/// Said on stderr of a run that takes any certificate.
pub(super) const INSECURE: &str = "warning: --insecure: no certificate is verified, so anybody \
                                   could be answering, and would see all secrets that are sent";

/// What `check` and `mutations` are told.
#[derive(Debug, Args)]
#[group(skip)]
pub(super) struct Check {
    /// Files and folders with scenarios.
    #[arg(value_name = "SCENARIO|DIR", default_value = "scenarios")]
    pub(super) paths: Vec<PathBuf>,
    /// The folder with the specs.
    #[arg(long, value_name = "DIR", default_value = "specs")]
    pub(super) specs: PathBuf,
}

/// Whether there are colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

/// Says which vendor an option names two URLs for, of which only one could count.
pub(super) fn given_twice(option: &str, given: &[(String, String)]) -> Option<String> {
    let mut others = given.iter();
    while let Some((vendor, _)) = others.next() {
        if others.as_slice().iter().any(|(other, _)| other == vendor) {
            return Some(format!("`{option}` is given twice for `{vendor}`"));
        }
    }
    None
}

fn target(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        // A URL may have an equals sign, but not before its scheme ends.
        Some((vendor, url)) if !vendor.contains(':') => Ok((vendor.to_owned(), url.to_owned())),
        _ => Err("a target is written vendor=https://host/base/path".to_owned()),
    }
}

/// A file, with a vendor's name before it or without.
#[cfg(feature = "tls")]
#[expect(clippy::unnecessary_wraps, reason = "clap asks for it")]
fn of_vendor(text: &str) -> Result<(Option<String>, PathBuf), String> {
    let is_name = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    Ok(match text.split_once('=') {
        Some((vendor, file)) if is_name(vendor) => (Some(vendor.to_owned()), file.into()),
        _ => (None, text.into()),
    })
}

fn positive<N: FromStr + PartialOrd + From<u8>>(text: &str) -> Result<N, String> {
    let number = text.parse().ok().filter(|number| *number >= N::from(1));
    number.ok_or_else(|| "it is a whole number from 1".to_owned())
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate: &f64| *rate > 0.0 && rate.is_finite());
    rate.ok_or_else(|| "a rate is a number above 0, such as 5 or 0.5".to_owned())
}

fn duration(text: &str) -> Result<Duration, String> {
    let duration = parse_duration(text).map_err(|error| match duration_meant(text) {
        Some(meant) => format!("{error}; did you mean `{meant}`?"),
        None => error.to_string(),
    })?;
    match Duration::try_from(duration) {
        Ok(duration) if !duration.is_zero() => Ok(duration),
        _ => Err("it is more than nothing, such as PT5S".to_owned()),
    }
}

/// The token of the control plane, from the command line or else from the environment.
pub(super) fn token(given: Option<&String>) -> Option<String> {
    given.cloned().or_else(|| std::env::var(TOKEN_VARIABLE).ok()).filter(|token| !token.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `--help` shows what is so without the option.
    #[test]
    fn defaults_are_those_of_the_runner() {
        let options = crate::run::Options::default();
        assert_eq!(duration("PT30S"), Ok(options.request_timeout));
        assert_eq!(duration("PT5M"), Ok(options.scenario_timeout));
    }
}
