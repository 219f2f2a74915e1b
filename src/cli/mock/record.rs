//! `counterpart-mock record`: a proxy to the real thing, which writes what passes as scenarios.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use clap::Args;
use jiff::Timestamp;
use tokio::sync::Notify;

use super::found;
use super::import::{say, told, write};
use super::listening::{Listening, reachable, signals};
use super::upstream;
use crate::cli::{FAILED, SCENARIOS, SPECS, complain, counted, draw, refuse};
use crate::files;
use crate::import::{self, Recording, shown};
use crate::load::load_plans;
use crate::plan::Plan;
use crate::proxy::{Exchange, Kept, Proxy, Tape, Upstream};
use crate::serve::{Bound, ServeOptions, Server, runtime};

#[derive(Debug, Args)]
pub(super) struct Record {
    /// The vendor to record: its name and its URL, up to and including the base path; may be given
    /// several times.
    #[arg(long, value_name = "VENDOR=URL", required = true, value_parser = upstream)]
    upstream: Vec<(String, String)>,
    #[command(flatten)]
    listening: Listening,
    /// The folder that contains `scenarios` and `specs`.
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// The folder with the specs to check answers against [default: `specs` in the output folder,
    /// if it exists].
    #[arg(long, value_name = "DIR")]
    specs: Option<PathBuf>,
    /// Stop after this many answered requests.
    #[arg(long, value_name = "N")]
    max_requests: Option<usize>,
    /// How many seconds the real vendor may take to begin an answer.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    timeout: u64,
    /// The largest request body in bytes; a larger one gets 413.
    #[arg(long, value_name = "BYTES", default_value_t = ServeOptions::default().body_limit)]
    body_limit: usize,
    /// Write no line for each request.
    #[arg(long, short)]
    quiet: bool,
    #[command(flatten)]
    upstreams: super::upstreams::Upstreams,
    #[cfg(feature = "tls")]
    #[command(flatten)]
    tls: super::tls::Options,
}

/// Passes requests on until SIGTERM, SIGINT or the last request that is wanted, and writes what
/// was recorded.
pub(super) fn run(
    record: &Record,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<ExitCode> {
    let beside = record.out.join(SPECS);
    let specs = record.specs.clone().or_else(|| files::exists(&beside).then_some(beside));
    let plans = match specs.map(|folder| load_plans(&[folder])) {
        None => Vec::new(),
        Some(Ok(specs)) => specs.plans,
        Some(Err(diagnostics)) => return refuse(&diagnostics, err),
    };
    // What was recorded is lost if it turns out only at the end.
    if let Err(error) = fs::create_dir_all(record.out.join(SCENARIOS)) {
        let out = record.out.display();
        return complain(&format!("--out {out} cannot be written to: {error}"), err);
    }
    let patience = Duration::from_secs(record.timeout.max(1));
    let asking = match record.upstreams.asking(patience) {
        Ok(asking) => asking,
        Err(message) => return complain(&message, err),
    };
    let mut upstreams = Vec::new();
    for (vendor, url) in &record.upstream {
        let base = plan_of(&plans, vendor).and_then(|plan| plan.servers.first());
        match Upstream::new(vendor, url, base.map(|server| &*server.base_path), &asking) {
            Ok(upstream) => upstreams.push(upstream),
            Err(message) => return complain(&format!("--upstream {vendor}: {message}"), err),
        }
    }
    #[cfg(feature = "tls")]
    let tls = match record.tls.read() {
        Ok(tls) => tls,
        Err(message) => return complain(&message, err),
    };
    let options = ServeOptions {
        body_limit: record.body_limit,
        #[cfg(feature = "tls")]
        tls: tls.clone(),
        ..ServeOptions::default()
    };
    let bound = match Server::bind(record.listening.listen, options) {
        Ok(bound) => bound,
        Err(error) => {
            return complain(
                &format!("cannot listen on {}: {error}", record.listening.listen),
                err,
            );
        }
    };
    #[cfg(feature = "tls")]
    if let Some(tls) = &tls
        && let Err(message) = record.tls.tell(tls, err)
    {
        return complain(&message, err);
    }
    let enough = Arc::new(Notify::new());
    let tape = Arc::new(tape(record, enough.clone()));
    let served = proxy(bound, &upstreams, &tape, &enough, out);
    if let Err(error) = &served {
        writeln!(err, "the proxy failed: {error}")?;
    }
    let taped = tape.take();
    if taped.lost > 0 {
        let lost = counted(taped.lost, "request");
        writeln!(err, "not recorded, for lack of memory: {lost}")?;
    }
    let mut code = served.map_or(ExitCode::from(FAILED), |()| ExitCode::SUCCESS);
    for upstream in &upstreams {
        let own = |exchange: &&Exchange| exchange.vendor == *upstream.vendor();
        let exchanges: Vec<Exchange> = taped.exchanges.iter().filter(own).cloned().collect();
        if exchanges.is_empty() {
            writeln!(err, "nothing was asked of {}, so nothing is written", upstream.vendor())?;
            continue;
        }
        let plan = plan_of(&plans, upstream.vendor());
        if let Some(failed) = keep(record, upstream, &exchanges, plan, out, err)? {
            code = failed;
        }
    }
    Ok(code)
}

fn plan_of<'p>(plans: &'p [Arc<Plan>], vendor: &str) -> Option<&'p Plan> {
    plans.iter().find(|plan| *plan.service.vendor == *vendor).map(|plan| &**plan)
}

/// A tape that tells of what passes, and when that is enough.
fn tape(record: &Record, enough: Arc<Notify>) -> Tape {
    let (quiet, most, ended) = (record.quiet, record.max_requests, AtomicUsize::new(0));
    Tape::new(move |exchange| {
        if !quiet {
            // What people read is no reason to stop when nobody does.
            _ = writeln!(io::stderr(), "{}", line(exchange));
        }
        let ended = ended.fetch_add(1, Ordering::Relaxed) + 1;
        if most.is_some_and(|most| ended >= most) {
            enough.notify_one();
        }
    })
}

fn line(exchange: &Exchange) -> String {
    let Exchange { vendor, method, target, outcome, duration, .. } = exchange;
    let what = match outcome {
        Ok(answered) => match &answered.body {
            Kept::Whole(_) => answered.status.to_string(),
            Kept::Left(why) => format!("{} (body not recorded: {why})", answered.status),
        },
        Err(why) => format!("not answered: {why}"),
    };
    let target = shown(target);
    format!("{vendor} {method} {target} {what} {} ms", duration.as_millis())
}

fn proxy(
    bound: Bound,
    upstreams: &[Upstream],
    tape: &Arc<Tape>,
    enough: &Arc<Notify>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let runtime = runtime()?;
    let served = runtime.block_on(async {
        let (stop, hurry) = signals()?;
        let (scheme, address) = (bound.scheme(), reachable(bound.address()));
        for upstream in upstreams {
            writeln!(out, "{}\t{scheme}://{address}{}", upstream.vendor(), upstream.path())?;
        }
        writeln!(out, "ready")?;
        out.flush()?;
        let handler = Arc::new(Proxy::new(upstreams.to_vec(), tape.clone()));
        let stop = async {
            tokio::select! {
                () = stop => {}
                () = enough.notified() => {}
            }
        };
        tokio::select! {
            served = bound.run(handler, stop) => served,
            // Whoever asks twice does not want to wait for what is in flight.
            () = hurry => Ok(()),
        }
    });
    runtime.shutdown_background();
    served
}

/// Writes what was recorded of a vendor; gives the code where something went wrong.
fn keep(
    record: &Record,
    upstream: &Upstream,
    exchanges: &[Exchange],
    plan: Option<&Plan>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<Option<ExitCode>> {
    let vendor = upstream.vendor();
    let (scenario, differences, notes) = import::recorded(&Recording {
        vendor,
        url: upstream.url(),
        exchanges,
        service: plan.map(|plan| &*plan.service),
        now: Timestamp::now(),
    });
    say(&notes, err)?;
    let Some(scenario) = scenario else {
        writeln!(err, "nothing that {vendor} was asked can be written")?;
        return Ok(None);
    };
    let folder = record.out.join(SCENARIOS).join(&**vendor);
    let path = free(&folder, &scenario.name);
    if let Err(message) = write(&path, &scenario.text, false) {
        return complain(&message, err).map(Some);
    }
    say(&scenario.notes, err)?;
    let (differences, steps) = differences.list();
    draw(&differences, err)?;
    writeln!(out, "wrote {}: {}", path.display(), counted(scenario.steps, "step"))?;
    if plan.is_some() {
        match differences.len() {
            0 => writeln!(out, "everything matches the spec of {vendor}")?,
            many => {
                let many = counted(many, "difference");
                writeln!(out, "{many} to the spec of {vendor}")?;
            }
        }
    }
    if let Some(first) = steps.first() {
        let report = path.with_extension("json");
        let span = first.span.clone();
        if let Err(message) =
            write(&report, &found::report(upstream, &scenario, steps, span), false)
        {
            return complain(&message, err).map(Some);
        }
        let report = report.display();
        writeln!(
            out,
            "wrote {report}, from which `counterpart-test bless {report} ID --as vendor`, \
                       `spec` or `both` writes into the spec who is right"
        )?;
    }
    let Some(drafted) = &scenario.spec else { return Ok(None) };
    let spec = record.out.join(SPECS).join(format!("{vendor}.yaml"));
    if let Err(message) = write(&spec, &drafted.spec, false) {
        return complain(&message, err).map(Some);
    }
    let code = told(&spec, drafted, out, err)?;
    Ok((code != ExitCode::SUCCESS).then_some(code))
}

/// A file that is not there yet: what was recorded before is not lost.
fn free(folder: &Path, name: &str) -> PathBuf {
    let numbered = (2_u32..).map(|number| format!("{name}-{number}.yaml"));
    let mut names = std::iter::once(format!("{name}.yaml")).chain(numbered);
    let free = names.find(|name| folder.join(name).symlink_metadata().is_err());
    folder.join(free.unwrap_or_default())
}
