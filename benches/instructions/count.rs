//! Runs the mock under callgrind.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tokio::runtime::Builder;

use crate::Failure;
use crate::cases::{Case, FIRST};
use crate::load::{self, Connection, Template};

/// Two runs with that many requests: what start and end take is the same in both.
const FEW: u64 = 100;
const MANY: u64 = 600;

/// Another build of the mock can be counted.
const PROGRAM: &str = "COUNTERPART_MOCK";

/// Whether what is counted is optimised.
pub fn is_release() -> bool {
    !cfg!(debug_assertions) || std::env::var_os(PROGRAM).is_some()
}

/// Whether there is a valgrind.
pub fn is_possible() -> bool {
    let asked = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    asked.is_ok_and(|status| status.success())
}

/// The instructions that the process takes for one request.
pub fn instructions(case: &Case) -> Result<u64, Failure> {
    let few = run(case, FEW)?;
    let many = run(case, MANY)?;
    Ok(many.saturating_sub(few) / (MANY - FEW))
}

/// The instructions of a process that answers so many requests.
fn run(case: &Case, requests: u64) -> Result<u64, Failure> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/instructions");
    std::fs::create_dir_all(&folder)?;
    let profile = folder.join(format!("{}-{requests}.out", case.name.replace(' ', "-")));
    let mock = Mock::start(&profile)?;
    let case = case.prepared(|request| load::once(mock.address, request))?;
    let template = Template::new(&case.request);
    in_turn(mock.address, &template, case.status, FIRST..FIRST + requests)?;
    mock.stop()?;
    total(&profile)
}

/// Sends the request with each of those numbers on one connection, one after the other.
fn in_turn(
    address: SocketAddr,
    template: &Template,
    status: u16,
    numbers: Range<u64>,
) -> Result<(), Failure> {
    Builder::new_current_thread().enable_io().build()?.block_on(async {
        let mut connection = Connection::open(address).await?;
        for number in numbers {
            connection.write(&template.render(number)).await?;
            let (answered, _) = connection.answer().await?;
            if answered != status {
                return Err(format!("answered with {answered} in place of {status}").into());
            }
        }
        Ok(())
    })
}

/// The mock, which is stopped when dropped.
struct Mock {
    child: Child,
    address: SocketAddr,
}

impl Mock {
    /// Everything that could differ between two runs is fixed.
    fn start(profile: &PathBuf) -> Result<Self, Failure> {
        let mut out = std::ffi::OsString::from("--callgrind-out-file=");
        out.push(profile);
        let program = std::env::var_os(PROGRAM);
        let child = Command::new("valgrind")
            .args(["--tool=callgrind", "--quiet"])
            .arg(out)
            .arg(program.unwrap_or_else(|| env!("CARGO_BIN_EXE_counterpart-mock").into()))
            .args(["serve", "specs", "--listen", "127.0.0.1:0", "--seed", "1"])
            .args(["--clock", "2026-01-01T00:00:00Z", "--freeze"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut mock = Self { child, address: ([127, 0, 0, 1], 0).into() };
        let out = mock.child.stdout.take().map(BufReader::new);
        for line in out.into_iter().flat_map(BufReader::lines) {
            let line = line?;
            if line == "ready" {
                return Ok(mock);
            }
            let url = line.split_once("\thttp://").map(|(_, url)| url).unwrap_or_default();
            mock.address = url.split('/').next().unwrap_or_default().parse()?;
        }
        Err("the mock ended without `ready`".into())
    }

    /// Asks it to end, for callgrind writes its profile then.
    fn stop(mut self) -> Result<(), Failure> {
        Command::new("kill").arg(self.child.id().to_string()).status()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The sum of a profile.
fn total(profile: &Path) -> Result<u64, Failure> {
    let text = std::fs::read_to_string(profile)?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals:"));
    Ok(total.ok_or("the profile has no totals")?.trim().parse()?)
}
