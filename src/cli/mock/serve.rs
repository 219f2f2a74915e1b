//! `counterpart-mock serve`: specs on a port until somebody asks to stop.

use std::collections::HashSet;
#[cfg(feature = "mimalloc")]
use std::hint::black_box;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
#[cfg(feature = "mimalloc")]
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::runtime::Runtime;
use tokio::time::timeout;

use super::Serve;
use super::listening::{reachable, signals};
use super::log::Log;
#[cfg(feature = "postgres")]
use super::store;
use super::{reload, state};
use crate::cli::{FAILED, REFUSED, SPECS, complain, draw, errors, refuse};
use crate::control::Control;
use crate::control::access::SessionNames;
use crate::diagnostic::did_you_mean;
use crate::exchange::Handler;
use crate::files;
use crate::ledger::Ledger;
use crate::load::load_plans;
use crate::mock::Mock;
use crate::mock::feed::{Event, Feed};
use crate::mock::session::Start;
use crate::plan::Plan;
use crate::proxy::Upstream;
use crate::random::random_seed;
use crate::serve::{self, Bound, ServeOptions, Server, runtime};

/// The variable with the token of the control plane, for both programs.
const TOKEN: &str = crate::exchange::TOKEN_VARIABLE;
/// How long a real vendor may take to begin an answer.
const FALLBACK_PATIENCE: Duration = Duration::from_mins(1);
/// How often sessions are looked through for idle ones.
const SWEEP: Duration = Duration::from_mins(1);
/// How often memory that is not used any more is given back.
#[cfg(feature = "mimalloc")]
const GIVE_BACK: Duration = Duration::from_secs(2);
/// How long is waited for what is written when the server has ended.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// How long an unused session is kept.
const IDLE: Duration = Duration::from_hours(1);
/// So many different mistakes of specs are told; more are nobody's to read.
const MOST_MISTAKES: usize = 100;

/// Serves until SIGTERM or SIGINT.
pub(super) fn run(serve: &Serve, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<ExitCode> {
    let paths = specs_of(serve, err)?;
    let specs = match load_plans(&paths) {
        Ok(specs) => specs,
        Err(diagnostics) if errors(&diagnostics) == 1 => {
            draw(&diagnostics, err)?;
            return Ok(ExitCode::from(REFUSED));
        }
        Err(diagnostics) => return refuse(&diagnostics, err),
    };
    let token = serve.token.clone().or_else(|| std::env::var(TOKEN).ok());
    let token = token.filter(|token| !token.is_empty());
    if token.is_none() && !serve.listening.listen.ip().is_loopback() {
        let message = format!(
            "whoever reaches {} could change the mock's state: `--token TOKEN`, or {TOKEN} \
             in the environment, says what they have to show",
            serve.listening.listen
        );
        return complain(&message, err);
    }
    #[cfg(feature = "tls")]
    let tls = match serve.tls.read() {
        Ok(tls) => tls,
        Err(message) => return complain(&message, err),
    };
    let fallbacks = match fallbacks(serve, &specs.plans) {
        Ok(fallbacks) => fallbacks,
        Err(message) => return complain(&message, err),
    };
    let feed = Arc::<Feed>::default();
    let options = ServeOptions {
        body_limit: serve.body_limit,
        connections: serve.connections,
        memory_limit: serve.memory_limit,
        #[cfg(feature = "tls")]
        tls: tls.clone(),
        log: told_to(&feed),
        ..ServeOptions::default()
    };
    let memory_limit = options.memory_limit();
    let bound = match Server::bind(serve.listening.listen, options) {
        Ok(bound) => bound,
        Err(error) => {
            let help = match error.kind() {
                io::ErrorKind::AddrInUse => "; `--listen 127.0.0.1:0` takes a free port",
                _ => "",
            };
            return complain(
                &format!("cannot listen on {}: {error}{help}", serve.listening.listen),
                err,
            );
        }
    };
    #[cfg(feature = "tls")]
    if let Some(tls) = &tls
        && let Err(message) = serve.tls.tell(tls, err)
    {
        return complain(&message, err);
    }
    let start = Start {
        seed: serve.seed.unwrap_or_else(random_seed),
        clock: serve.clock,
        frozen: serve.freeze,
        most_sessions: serve.sessions,
        idle: IDLE,
    };
    let told = Mutex::new(HashSet::new());
    let listener = feed.clone();
    let tell = move |mistake: &str| {
        let mut told = told.lock();
        if told.len() < MOST_MISTAKES && told.insert(mistake.to_owned()) {
            listener.tell(Event::Said(format!("cannot be evaluated: {mistake}").into()));
        }
    };
    let (headers, mut writing) = (!serve.no_headers, None);
    let runtime = runtime()?;
    #[cfg(feature = "postgres")]
    let shared = match store::open(serve, &specs.plans, &start, &runtime) {
        Ok(shared) => shared,
        Err(message) => return complain(&message, err),
    };
    #[cfg(feature = "postgres")]
    let start =
        Start { seed: store::seed(serve.seed, shared.as_ref()).unwrap_or(start.seed), ..start };
    #[cfg(feature = "postgres")]
    let default = shared.as_ref().map(store::default);
    #[cfg(not(feature = "postgres"))]
    let default: Option<(u64, crate::ledger::StoredSession)> = None;
    let mock = match &serve.state {
        None if let Some((number, stored)) = &default => {
            Mock::shared(specs.plans, start, headers, *number, stored)
        }
        None => Mock::new(specs.plans, start, headers),
        Some(path) => match state::open(path, &specs.plans, err)? {
            Err(code) => return Ok(code),
            Ok((file, stored)) => {
                let (ledger, starter) = Ledger::start(file, stored.last_session);
                writing = Some(starter);
                Mock::restored(specs.plans, start, headers, ledger, &stored)
            }
        },
    };
    let mock = Arc::new(mock.on_mistake(tell).with_feed(feed.clone()));
    if let Some(starter) = writing {
        state::write(starter, mock.sessions(), &feed)?;
    }
    let mut control = Control::new(mock.clone())
        .allow_hosts(serve.allow_host.iter().cloned())
        .allow_callbacks(serve.allow_callbacks.iter().cloned());
    control = control.with_token(token).with_session_names(SessionNames {
        header: serve.session_header.clone(),
        cookie: serve.session_cookie.clone(),
    });
    let mut limits = vec![("bodyBytes", serve.body_limit), ("connections", serve.connections)];
    limits.extend(memory_limit.map(|most| ("memoryBytes", most)));
    control = control.with_limits(limits);
    control = control.with_fallbacks(fallbacks);
    let watch = default.is_none() && serve.reload.is_wanted(&paths);
    if watch {
        control = control.changing();
    }
    let control = Arc::new(control);
    let log = Log::start(&feed, serve.log.style())?;
    if watch {
        reload::start(paths, control.clone(), feed)?;
    }
    let handler: Arc<dyn Handler> = control.clone();
    #[cfg(feature = "postgres")]
    let handler = store::handler(handler, &control, shared, &runtime);
    let served = serve_on(runtime, bound, &mock, handler, &log, out, err);
    if let Err(error) = &served {
        log.say(&format!("the server failed: {error}"));
    }
    let mock = control.mock();
    mock.sessions().end();
    log.end(&mock.counts(), mock.plans());
    Ok(served.map_or(ExitCode::from(FAILED), |()| ExitCode::SUCCESS))
}

/// The real vendors, each of whom a spec has to be of.
fn fallbacks(serve: &Serve, plans: &[Arc<Plan>]) -> Result<Vec<Upstream>, String> {
    if let Some(option) = serve.upstreams.said().filter(|_| serve.fallback.is_empty()) {
        return Err(format!(
            "{option} configures requests to a real vendor: --fallback names none"
        ));
    }
    let asking = serve.upstreams.asking(FALLBACK_PATIENCE)?;
    let upstream = |(vendor, url): &(String, String)| {
        let plan = plans.iter().find(|plan| *plan.service.vendor == **vendor);
        let Some(plan) = plan else {
            let names = plans.iter().map(|plan| &*plan.service.vendor);
            let help = did_you_mean(vendor, names).map(|help| format!("; {help}"));
            let help = help.unwrap_or_default();
            return Err(format!("--fallback {vendor}: there is no spec of it{help}"));
        };
        let base = plan.servers.first().map(|server| &*server.base_path);
        Upstream::new(vendor, url, base, &asking)
            .map_err(|message| format!("--fallback {vendor}: {message}"))
    };
    serve.fallback.iter().map(upstream).collect()
}

fn told_to(feed: &Arc<Feed>) -> serve::Log {
    let feed = feed.clone();
    serve::Log::to(move |line| feed.tell(Event::Said(line.into())))
}

/// The specs to be served: those that are given, else those of this folder, else those that are
/// part of the program, which is said.
fn specs_of(serve: &Serve, err: &mut dyn Write) -> io::Result<Vec<PathBuf>> {
    let here = PathBuf::from(SPECS);
    if !serve.paths.is_empty() {
        return Ok(serve.paths.clone());
    }
    if files::exists(&here) {
        return Ok(vec![here]);
    }
    let note = format!(
        "there is no folder `{SPECS}` here, so the specs that are part of the program \
         are served; `counterpart-mock init` starts one of your own"
    );
    err.write_all(serve.log.style().said(&note).as_bytes())?;
    Ok(vec![files::built_in(SPECS)])
}

fn serve_on(
    runtime: Runtime,
    bound: Bound,
    mock: &Arc<Mock>,
    handler: Arc<dyn Handler>,
    log: &Log,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<()> {
    let served = runtime.block_on(async {
        // Before anybody is told that it is ready, so that no signal is missed.
        let (stop, hurry) = signals()?;
        if let Some(ledger) = mock.sessions().ledger()
            && let Some(kept) = ledger.kept(ledger.last())
        {
            kept.wait().await.map_err(|failure| io::Error::other(failure.reason.clone()))?;
        }
        let address = reachable(bound.address());
        let scheme = bound.scheme();
        let vendors = mock.plans().iter().map(|plan| {
            let vendor = plan.service.vendor.clone();
            let base = plan.servers.first().map(|server| &*server.base_path).unwrap_or_default();
            let url = format!("{scheme}://{address}/{vendor}{base}");
            (vendor, url)
        });
        let vendors: Vec<_> = vendors.collect();
        log.serving(&format!("{scheme}://{address}"), &vendors, err);
        for (vendor, url) in vendors {
            writeln!(out, "{vendor}\t{url}")?;
        }
        writeln!(out, "ready")?;
        out.flush()?;
        let sweeping = mock.clone();
        tokio::spawn(async move {
            let mut sweep = tokio::time::interval(SWEEP);
            loop {
                sweep.tick().await;
                sweeping.sessions().drop_idle();
            }
        });
        #[cfg(feature = "mimalloc")]
        tokio::spawn(async {
            let mut tick = tokio::time::interval(GIVE_BACK);
            loop {
                tick.tick().await;
                // mimalloc gives freed memory back to the system only when it is called: when
                // threads end that have used it, among others. What nobody looks at, the compiler
                // would not allocate.
                thread::spawn(|| drop(black_box(Box::new(0_u8))));
            }
        });
        let ends = handler.clone();
        let run = async {
            let served = bound.run(handler, stop).await;
            if let Some(end) = ends.ends() {
                timeout(LAST_WORDS, end).await.ok();
            }
            served
        };
        tokio::select! {
            served = run => served,
            // Whoever asks twice does not want to wait for what is in flight.
            () = hurry => Ok(()),
        }
    });
    runtime.shutdown_background();
    served
}
