//! What the vendors' documents say, to the byte: requests as they go over a socket, and the whole
//! answers, compared without anything of the runner. `{vendor}.txt` beside this file has the cases
//! of a vendor; each is a trial, which runs twice, each time in a session of its own.
//!
//! - `## NAME` begins a case, `# ` a comment.
//! - `> ` is before each line of a request; `Host` and `Content-Length` are added where they are
//!   not said, and the session before the path.
//! - `< ` is before each line of the answer: its status line, all its fields in their order, its
//!   body. `%{regex}%` stands for what it matches, `%{name=regex}%` also keeps that, and `%{name}%`
//!   is what was kept, here and in later requests; `address` and `session` are those of the case.
//! - `* ` is before a field that any answer below may have where none of its name is written.
//! - `fits: EXPECTATION` and `differs: EXPECTATION` are what the runner has to say of the very same
//!   bytes: the one holds, the other fails in one place. So the matchers of the runner are judged
//!   by what a person has read in the answer.
#![allow(missing_docs, unreachable_pub, reason = "the names say it")]

mod case;
mod exchange;
#[path = "../support/mod.rs"]
mod support;
mod verdict;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use counterpart::unstable::check;
use libtest_mimic::{Arguments, Trial};
use support::served::Served;

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
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = env!("CARGO_BIN_EXE_counterpart-mock");
    let served = Arc::new(Served::start_with(program, &["--seed", "1"]));
    let loaded = check::load(&[root.join("specs")]).map_err(|found| format!("{found:?}\n"))?;
    let mut trials = Vec::new();
    let mut judged = Vec::new();
    for service in loaded.services.into_iter().map(Arc::new) {
        let cases = case::read(&service.vendor)?;
        judged.extend(cases.iter().flat_map(|case| case.exchanges.iter().cloned()));
        for (at, case) in cases.into_iter().enumerate() {
            let (served, service) = (Arc::clone(&served), Arc::clone(&service));
            trials.push(Trial::test(format!("{}/{}", service.vendor, case.name), move || {
                for run in ["first", "second"] {
                    let session = format!("{}-{at}-{run}", service.vendor);
                    exchange::run(&case, &session, served.address, &service)?;
                }
                Ok(())
            }));
        }
    }
    trials.push(Trial::test("every matcher is judged both ways", move || {
        verdict::complete(&judged).map_err(Into::into)
    }));
    Ok(trials)
}
