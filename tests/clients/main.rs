//! Clients that are not ours: each folder beside this file holds a small program for one client
//! from a package registry. It talks to the mock's own program, checks what it reads, and exits
//! non-zero with a message if anything is not as it should be. What was answered over SOAP is then
//! held against the served WSDL by validators that are not ours either (`answers.py`).
//!
//! `tests/tools.sh` installs the clients. One that is not there is skipped, and said so; those that
//! `COUNTERPART_CLIENTS` names (`zeep,curl`, or `all`) fail instead.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stderr, reason = "what is skipped is told to the person at the terminal")]

#[path = "../support/mod.rs"]
mod support;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};
use support::folder::Folder;
use support::served::Served;

struct Client {
    name: &'static str,
    needs: &'static [Tool],
    /// Program and arguments; the address of the mock comes behind them.
    command: &'static [&'static str],
    /// Whether it speaks SOAP, so that what it was answered is to be judged.
    soap: bool,
}

/// What has to be on the machine.
#[derive(Clone, Copy)]
enum Tool {
    Program(&'static str),
    /// An extension of PHP.
    Php(&'static str),
    /// The packages of `requirements.txt`.
    Python,
    /// The packages of `sdk/requirements.txt`: vendors' own clients, and servers of their APIs.
    Sdk,
    /// The packages of `package.json`.
    Npm,
}

/// One package of each of the clients from npm.
const NPM: [&str; 6] = [
    "soap",
    "yaml-language-server",
    "jayson",
    "@octokit/rest",
    "@okta/okta-auth-js",
    "openid-client",
];

const PYTHON: &str = "{python}";
/// Python with the vendors' own clients.
const SDK: &str = "{sdk}";

const CLIENTS: &[Client] = &[
    soap("zeep", &[Tool::Python], &[PYTHON, "zeep/contact.py"]),
    http("zeep-imported", &[Tool::Python], &[PYTHON, "-W", "ignore", "zeep/imported.py"]),
    soap("suds", &[Tool::Python], &[PYTHON, "suds/contact.py"]),
    soap("node-soap", &[Tool::Npm, Tool::Python], &["node", "node-soap/contact.cjs"]),
    soap("php-soap", &[Tool::Php("soap"), Tool::Python], &["php", "php-soap/contact.php"]),
    soap(
        "gsoap",
        &[Tool::Program("wsdl2h"), Tool::Program("g++"), Tool::Python],
        &["bash", "gsoap/contact.sh"],
    ),
    http("curl", &[Tool::Program("curl")], &["bash", "curl/transport.sh"]),
    http("requests", &[Tool::Python], &[PYTHON, "python-http/vendors.py", "requests"]),
    http("httpx", &[Tool::Python], &[PYTHON, "python-http/vendors.py", "httpx"]),
    http("pycake", &[Tool::Sdk], &[SDK, "pycake/contacts.py"]),
    http("node-fetch", &[Tool::Program("node")], &["node", "node-fetch/vendors.cjs"]),
    http("jayson", &[Tool::Npm], &["node", "jayson/batch.cjs"]),
    // Vendors' own libraries, and servers of their APIs that are not ours.
    http("stripe", &[Tool::Sdk], &[SDK, "stripe/payments.py"]),
    http("localstripe", &[Tool::Sdk], &[SDK, "stripe/localstripe.py"]),
    http("boto3-sqs", &[Tool::Sdk], &[SDK, "sqs/queues.py"]),
    http("moto-sqs", &[Tool::Sdk], &[SDK, "sqs/moto.py"]),
    http("octokit", &[Tool::Npm], &["node", "octokit/issues.mjs"]),
    http("pusher", &[Tool::Sdk], &[SDK, "pusher/events.py"]),
    http("stream-chat", &[Tool::Sdk], &[SDK, "-W", "ignore", "stream-chat/users.py"]),
    http("box", &[Tool::Sdk], &[SDK, "box/folders.py"]),
    http("google-auth", &[Tool::Sdk], &[SDK, "google-auth/pkce.py"]),
    http("kubernetes", &[Tool::Sdk], &[SDK, "kubernetes/config_maps.py"]),
    http("openai", &[Tool::Sdk], &[SDK, "openai/answers.py"]),
    http("tus", &[Tool::Sdk], &[SDK, "tus/uploads.py"]),
    http("pagerduty", &[Tool::Sdk], &[SDK, "pagerduty/users.py"]),
    http("okta", &[Tool::Npm, Tool::Program("chromium")], &["node", "okta/browser.cjs"]),
    http("openid-client", &[Tool::Npm], &["node", "openid-client/grants.mjs"]),
    // No client of the mock, but of what it says of its two languages.
    http("yaml-language-server", &[Tool::Npm], &["node", "yaml-language-server/edit.cjs"]),
    http(
        "neovim",
        &[Tool::Program("nvim")],
        &["nvim", "--headless", "-u", "NONE", "-n", "-S", "neovim/edit.lua", "--"],
    ),
    http("php-curl", &[Tool::Php("curl"), Tool::Php("xml")], &["php", "php-curl/vendors.php"]),
    http("java-http", &[Tool::Program("javac")], &["java", "java-http/Vendors.java"]),
    http("boto3-s3", &[Tool::Sdk], &[SDK, "s3/objects.py"]),
    http("moto-s3", &[Tool::Sdk], &[SDK, "s3/moto.py"]),
    http("twilio", &[Tool::Sdk], &[SDK, "twilio/messages.py"]),
    // Suites that ask what a server conforms to, and a server that is not ours.
    http("scim", &[Tool::Sdk], &[SDK, "scim/identities.py"]),
    http("scim2-server", &[Tool::Sdk], &[SDK, "scim/scim2_server.py"]),
];

/// The trial that judges the answers of our own scenarios.
const SCENARIOS: &str = "soap-of-the-scenarios";

const fn soap(
    name: &'static str,
    needs: &'static [Tool],
    command: &'static [&'static str],
) -> Client {
    Client { name, needs, command, soap: true }
}

const fn http(
    name: &'static str,
    needs: &'static [Tool],
    command: &'static [&'static str],
) -> Client {
    Client { name, needs, command, soap: false }
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let required = env::var("COUNTERPART_CLIENTS").unwrap_or_default();
    let required: Vec<&str> = required.split(',').filter(|name| !name.is_empty()).collect();
    let known = |name: &&str| {
        *name == "all" || *name == SCENARIOS || CLIENTS.iter().any(|c| c.name == *name)
    };
    if let Some(unknown) = required.iter().find(|name| !known(name)) {
        eprintln!("error: COUNTERPART_CLIENTS names `{unknown}`, which is not a client");
        return ExitCode::from(2);
    }
    let trial = |name: &'static str, needs: &[Tool], run: fn(&str) -> Result<(), Failed>| {
        let missing = needs.iter().find_map(|tool| tool.missing());
        let skipped = missing.is_some() && !required.contains(&"all") && !required.contains(&name);
        if let (Some(what), false) = (&missing, arguments.list) {
            let verb = if skipped { "SKIPPED" } else { "MISSING" };
            eprintln!("{verb} {name}: {what}; tests/tools.sh installs it");
        }
        Trial::test(name, move || match missing {
            Some(what) => Err(Failed::from(format!("{what}; tests/tools.sh installs it"))),
            None => run(name),
        })
        .with_ignored_flag(skipped)
    };
    let mut trials: Vec<Trial> =
        CLIENTS.iter().map(|client| trial(client.name, client.needs, run_client)).collect();
    trials.push(trial(SCENARIOS, &[Tool::Python], |_| judge_scenarios()));
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn run_client(name: &str) -> Result<(), Failed> {
    let client =
        CLIENTS.iter().find(|client| client.name == name).ok_or("there is no such client")?;
    let more = more_specs()?;
    let more: Vec<&str> = more.iter().map(String::as_str).collect();
    let mock = Served::start_with(env!("CARGO_BIN_EXE_counterpart-mock"), &more);
    let base = format!("http://{}", mock.address);
    run(client.command, &[&base])?;
    if client.soap { judge(&[&base]) } else { Ok(()) }
}

/// The folders of specs among the examples, and the vendors that are there for tests only: they are
/// served beside the vendors of the project.
fn more_specs() -> Result<Vec<String>, Failed> {
    let mut folders = vec![concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vendors").to_owned()];
    for example in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/examples"))? {
        let specs = example?.path().join("specs");
        if specs.is_dir() {
            folders.push(specs.display().to_string());
        }
    }
    folders.sort();
    Ok(folders)
}

/// The whole suite of the vendor that speaks SOAP, refusals and faults among it.
fn judge_scenarios() -> Result<(), Failed> {
    let mock = Served::start(env!("CARGO_BIN_EXE_counterpart-mock"));
    let base = format!("http://{}", mock.address);
    let folder = Folder::new("clients", &[]);
    let report = folder.0.join("report.json").display().to_string();
    let output = Command::new(env!("CARGO_BIN_EXE_counterpart-test"))
        .args(["run", "scenarios/cake", "--base-url", &base, "--report", &format!("json={report}")])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stdout).into_owned().into());
    }
    judge(&[&base, "--report", &report])
}

fn judge(arguments: &[&str]) -> Result<(), Failed> {
    run(&[PYTHON, "answers.py"], arguments)
}

fn run(command: &[&str], arguments: &[&str]) -> Result<(), Failed> {
    let (program, first) = command.split_first().ok_or("a command has a program")?;
    let program = match *program {
        PYTHON => python(),
        SDK => sdk(),
        program => PathBuf::from(program),
    };
    let output = Command::new(program)
        .args(first)
        .args(arguments)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients"))
        .env("NODE_PATH", tools().join("npm/node_modules"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("COUNTERPART_MOCK", env!("CARGO_BIN_EXE_counterpart-mock"))
        .env("COUNTERPART_TEST", env!("CARGO_BIN_EXE_counterpart-test"))
        .output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Err(format!("{}\n{}{}", output.status, said(&output.stdout), said(&output.stderr)).into())
}

/// Where `tests/tools.sh` installs.
fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools")
}

fn python() -> PathBuf {
    tools().join("python/bin/python")
}

fn sdk() -> PathBuf {
    tools().join("sdk/bin/python")
}

impl Tool {
    /// What is missing, in words.
    fn missing(self) -> Option<String> {
        let answers = |program: &str, arguments: &[&str]| {
            Command::new(program)
                .args(arguments)
                .output()
                .is_ok_and(|output| output.status.success())
        };
        let (there, what) = match self {
            // Each of them knows one of the two.
            Self::Program(name) => {
                let there = answers(name, &["--version"]) || answers(name, &["-V"]);
                (there, format!("the program {name} is not installed"))
            }
            Self::Php(extension) => {
                let asked = format!("exit(extension_loaded('{extension}') ? 0 : 1);");
                (answers("php", &["-r", &asked]), format!("PHP's {extension} is not installed"))
            }
            Self::Python => (
                tools().join("python/installed").exists(),
                "the Python packages are not installed".to_owned(),
            ),
            Self::Sdk => (
                tools().join("sdk/installed").exists(),
                "the vendors' own clients are not installed".to_owned(),
            ),
            Self::Npm => (
                NPM.iter().all(|name| tools().join("npm/node_modules").join(name).exists()),
                "the npm packages are not installed".to_owned(),
            ),
        };
        (!there).then_some(what)
    }
}
