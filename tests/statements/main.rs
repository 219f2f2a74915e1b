//! What the vendors' documents state, seen from the wire. `{vendor}.yaml` beside this file holds
//! the cases of a vendor; each is a trial, which runs twice, each time in a session of its own.
//!
//! A case names the `statement` or statements that it proves and has `steps`. A step is one of
//!
//! - `request: METHOD /path` below the vendor's base path, or `//path` below the session; with
//!   `query`, `headers`, and a body as `json`, `form`, `xml`, `text` or `body` (the last three are
//!   texts sent as they are);
//! - `control: METHOD path` below `/_counterpart/`, with a `json` body;
//! - `follow: URL`, a GET of a link on the mock.
//!
//! `expect` compares `status` (a number, a list of numbers, `2xx`), `headers` (null: absent), the
//! body as a `json` or `xml` tree (`exactly: true`: no member more), as exact `text`, by what it
//! `contains` or `lacks`, by a regular expression that it `matches`, and the `rule` that decided
//! it. `capture` keeps what stands at a dotted path of the body (`.` is all of it) or in
//! `header:NAME`; `${name}` puts it in later, and `${x*50}` is fifty times `x`.
//!
//! In expected trees `~any` is anything that is there, `~absent` nothing, `~int` a whole number,
//! `~/regex/` a text that it is found in, `~not x` anything but `x`, `~above 5` a greater number. In
//! what is sent, a member that is `~omit` is left out.
#![allow(missing_docs, unreachable_pub, reason = "the names say it")]

mod body;
mod captured;
mod case;
mod compare;
mod coverage;
mod drive;
mod expect;
mod secret;
mod started;
#[path = "../support/mod.rs"]
mod support;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};
use started::Started;

/// The vendors, each with the base path that its document gives.
const VENDORS: [(&str, &str); 4] = [
    ("maileon", "/1.0"),
    ("loyaltii", "/api/v1"),
    ("cake", "/api/1"),
    ("quentn", "/public/api/V1"),
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    match trials() {
        Ok(trials) => libtest_mimic::run(&arguments, trials).exit_code(),
        Err(message) => {
            std::io::Write::write_all(&mut std::io::stderr(), message.as_bytes()).ok();
            ExitCode::from(2)
        }
    }
}

fn trials() -> Result<Vec<Trial>, String> {
    let started = Arc::new(Started::new(1)?);
    let mut trials = Vec::new();
    for (vendor, base) in VENDORS {
        let cases = case::read(vendor)?;
        let covered: Vec<_> = cases.iter().flat_map(|case| case.statements.clone()).collect();
        for (at, case) in cases.into_iter().enumerate() {
            let name = format!("{vendor}/{} {}", case.statements.join("+"), case.name);
            let started = Arc::clone(&started);
            trials.push(Trial::test(name, move || {
                for run in ["first", "second"] {
                    let statement = case.statements.first().map_or("none", |id| id);
                    let session = format!("{statement}-{at}-{run}");
                    drive::run(&case, &format!("/{vendor}{base}"), &session, started.address())?;
                }
                Ok(())
            }));
        }
        let started = Arc::clone(&started);
        trials.push(Trial::test(format!("{vendor}/every statement has a case"), move || {
            coverage::check(vendor, &covered, started.address()).map_err(Into::into)
        }));
    }
    trials.push(Trial::test("loyaltii/A18 a seed makes the same secrets again", secret::repeat));
    trials.push(Trial::test("loyaltii/A18 a secret has 128 random bits", secret::measure));
    Ok(trials)
}
