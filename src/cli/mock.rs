//! The command line of the mock.

mod check;
mod export;
mod found;
mod import;
mod init;
mod listening;
mod log;
mod lsp;
mod record;
mod reload;
mod schema;
mod serve;
mod state;
#[cfg(feature = "postgres")]
mod store;
mod stored;
#[cfg(feature = "tls")]
mod tls;
mod upstreams;

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand};
use jiff::Timestamp;

use super::shell::{Completions, Man};
use super::usage;
use crate::clock::parse_timestamp;
use crate::run::url;
use crate::serve::ServeOptions;

/// A stateful mock of vendors' APIs, described in YAML.
#[derive(Debug, Parser)]
#[command(name = "counterpart-mock", version, arg_required_else_help = true)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve specs. Writes `VENDOR<tab>BASE-URL` for each vendor, then `ready`.
    Serve(Box<Serve>),
    /// Record the real vendor: a proxy that writes the traffic as scenarios.
    Record(Box<record::Record>),
    /// Check specs and run their examples.
    Check(Check),
    /// Write a first spec with scenarios and a CI job, as a start for your own.
    Init(Init),
    /// Import a document in another format as a spec or a scenario.
    Import(import::Import),
    /// Export a spec as a document in another format.
    Export(export::Export),
    /// List, export or import the state file of `serve --state`.
    State(stored::State),
    /// Write the JSON Schema of specs or scenarios, for editors.
    Schema(schema::Schema),
    /// Run the language server for editors, over standard input and output.
    Lsp(lsp::Lsp),
    /// Write shell completions for this program.
    Completions(Completions),
    /// Write the manual page for this program.
    Man(Man),
}

#[derive(Debug, Args)]
struct Serve {
    /// Files and folders with specs [default: specs; without that folder, the built-in ones].
    #[arg(value_name = "SPEC|DIR")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    listening: listening::Listening,
    /// The seed of generated values: the same N and the same requests give the same values
    /// [default: a random one].
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// The time at which the mock's clock starts, in RFC 3339 [default: the real time].
    #[arg(long, value_name = "TIME", value_parser = time)]
    clock: Option<Timestamp>,
    /// Stop the mock's clock.
    #[arg(long)]
    freeze: bool,
    /// Leave out the headers that name the operation and the rule.
    #[arg(long)]
    no_headers: bool,
    /// The largest request body in bytes; a larger one gets 413.
    #[arg(long, value_name = "BYTES", default_value_t = ServeOptions::default().body_limit)]
    body_limit: usize,
    /// How many connections to serve at once; for one more, an idle one makes room.
    #[arg(long, value_name = "N", default_value_t = ServeOptions::default().connections)]
    connections: usize,
    /// How much memory the mock may use, in bytes; above that, requests to vendors get 503 until it
    /// is less [default: three quarters of what the machine or the container has].
    #[arg(long, value_name = "BYTES")]
    memory_limit: Option<usize>,
    /// Another host that may use the control plane: the mock's name in URLs, or the site of a page
    /// in a browser. Loopback names and the called address always may.
    #[arg(long, value_name = "HOST")]
    allow_host: Vec<String>,
    /// Another host that webhooks may be sent to. This machine (`localhost`, loopback addresses) is
    /// always allowed.
    #[arg(long, value_name = "HOST")]
    allow_callbacks: Vec<String>,
    /// The token that the control plane requires; needed to listen beyond loopback [env:
    /// `COUNTERPART_TOKEN`].
    #[arg(long, value_name = "TOKEN")]
    token: Option<String>,
    /// Take the name of a session from this header too.
    #[arg(long, value_name = "NAME")]
    session_header: Option<http::HeaderName>,
    /// Take the name of a session from this cookie too.
    #[arg(long, value_name = "NAME")]
    session_cookie: Option<String>,
    /// How many named sessions there can be; for one more, an unused one makes room.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    sessions: usize,
    /// Keep the state in a file, created if necessary, so that answered changes survive any end of
    /// the mock.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Forward requests that a vendor's spec doesn't cover to the real vendor, at this URL up to
    /// and including its base path; may be given several times.
    #[arg(long, value_name = "VENDOR=URL", value_parser = upstream)]
    fallback: Vec<(String, String)>,
    #[command(flatten)]
    upstreams: upstreams::Upstreams,
    /// Share what is remembered with other replicas, by a database that speaks the wire of
    /// `PostgreSQL`, such as `postgres://USER:PASSWORD@HOST/DATABASE` [env: `COUNTERPART_STORE`].
    #[cfg(feature = "postgres")]
    #[arg(long, value_name = "URL", conflicts_with_all = ["state", "watch"])]
    store: Option<String>,
    #[cfg(feature = "tls")]
    #[command(flatten)]
    tls: tls::Options,
    #[command(flatten)]
    log: log::Options,
    #[command(flatten)]
    reload: reload::Options,
}

#[derive(Debug, Args)]
struct Check {
    /// Files and folders with specs.
    #[arg(value_name = "SPEC|DIR", default_value = "specs")]
    paths: Vec<PathBuf>,
    /// Treat warnings as errors.
    #[arg(long)]
    strict: bool,
}

#[derive(Debug, Args)]
struct Init {
    /// The folder to write to, created if necessary.
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// Overwrite existing files.
    #[arg(long)]
    force: bool,
}

fn time(text: &str) -> Result<Timestamp, String> {
    parse_timestamp(text).ok_or_else(|| "a time is written 2026-01-31T12:00:00Z".to_owned())
}

/// A vendor and its URL.
fn upstream(text: &str) -> Result<(String, String), String> {
    let Some((vendor, url)) = text.split_once('=') else {
        return Err("an upstream is written VENDOR=URL".to_owned());
    };
    url::parse(url)?;
    Ok((import::vendor(vendor)?, url.to_owned()))
}

/// Does what a command line asks for. `out` gets what scripts read, `err` what people read; the
/// code is 0 when all went well, 1 when the server failed while serving, and 2 for wrong usage
/// and for specs with errors.
pub fn run(
    line: impl IntoIterator<Item = OsString>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> ExitCode {
    let done = match Line::try_parse_from(line) {
        Ok(Line { command: Command::Serve(serve) }) => serve::run(&serve, out, err),
        Ok(Line { command: Command::Record(record) }) => record::run(&record, out, err),
        Ok(Line { command: Command::Check(check) }) => check::run(&check, out, err),
        Ok(Line { command: Command::Init(init) }) => init::run(&init, out, err),
        Ok(Line { command: Command::Export(export) }) => export::run(&export, out, err),
        Ok(Line { command: Command::Import(import) }) => import::run(&import, out, err),
        Ok(Line { command: Command::State(state) }) => stored::run(&state, out, err),
        Ok(Line { command: Command::Schema(schema) }) => schema.write(out),
        Ok(Line { command: Command::Lsp(lsp) }) => lsp.serve(err),
        Ok(Line { command: Command::Completions(of) }) => of.write(Line::command(), out),
        Ok(Line { command: Command::Man(man) }) => man.write(Line::command(), out, err),
        Err(message) => usage(&message, out, err),
    };
    super::concluded(done, out, err)
}
