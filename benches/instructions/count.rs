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

/// So many requests go before those that are counted, so that what is made once is made.
const BEFORE: u64 = 100;
/// So many are counted.
const COUNTED: u64 = 1_000;

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

/// The mock under callgrind, which is stopped when dropped.
pub struct Mock {
    child: Child,
    address: SocketAddr,
    /// Where profiles are put; behind each stands which one it is.
    profile: PathBuf,
}

impl Mock {
    /// Everything that could differ between two runs is fixed.
    pub fn start() -> Result<Self, Failure> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/instructions");
        std::fs::remove_dir_all(&folder).ok();
        std::fs::create_dir_all(&folder)?;
        let profile = folder.join("profile");
        let mut out = std::ffi::OsString::from("--callgrind-out-file=");
        out.push(&profile);
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
        let mut mock = Self { child, address: ([127, 0, 0, 1], 0).into(), profile };
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

    /// The instructions that the process takes for one request. Its start and its end do not
    /// count, nor does what a full journal drops.
    pub fn instructions(&self, case: &Case) -> Result<u64, Failure> {
        let prepared = case.prepared(|request| load::once(self.address, request))?;
        let template = Template::new(&prepared.request);
        let counted = FIRST + BEFORE;
        in_turn(self.address, &template, prepared.status, FIRST..counted)?;
        self.control("--zero")?;
        in_turn(self.address, &template, prepared.status, counted..counted + COUNTED)?;
        self.control("--dump")?;
        let kept = self.profile.with_file_name(case.name.replace(' ', "-"));
        std::fs::rename(self.dumped()?, &kept)?;
        Ok(total(&kept)? / COUNTED)
    }

    /// The profile that was written and has not been taken away.
    fn dumped(&self) -> Result<PathBuf, Failure> {
        let folder = self.profile.parent().unwrap_or(Path::new("."));
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.file_stem() == self.profile.file_stem() && path.extension().is_some() {
                return Ok(path);
            }
        }
        Err("callgrind wrote no profile".into())
    }

    /// Has callgrind do something.
    fn control(&self, what: &str) -> Result<(), Failure> {
        let mut command = Command::new("callgrind_control");
        command.arg(what).arg(self.child.id().to_string());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        match command.status()?.success() {
            true => Ok(()),
            false => Err(format!("`callgrind_control {what}` failed").into()),
        }
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
