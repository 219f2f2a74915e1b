//! A `PostgreSQL` of a test's own: in a folder of its own, reached by a socket in it.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Also on a very busy machine.
const PATIENCE: Duration = Duration::from_mins(3);

/// A server that is stopped, and gone, when the test is over.
pub struct Postgres {
    programs: PathBuf,
    folder: PathBuf,
    server: Option<Child>,
    /// Whom it runs as, where this is root: it refuses to run as that.
    user: Option<(u32, u32)>,
    /// Where it listens besides its socket, with TLS alone.
    port: Option<u16>,
}

impl Postgres {
    /// Starts one; none where it is not installed, which is said, and fails in CI.
    pub fn start(name: &str) -> Option<Self> {
        let Some(programs) = programs() else {
            assert!(std::env::var("CI").is_err(), "PostgreSQL is missing: tests/tools.sh");
            eprintln!("SKIPPED {name}: PostgreSQL is not installed");
            return None;
        };
        // The path of a socket has to be short.
        let id = std::process::id();
        let folder = std::env::temp_dir().join(format!("counterpart-{name}-{id}"));
        fs::remove_dir_all(&folder).ok();
        fs::create_dir_all(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        let user = (ask("id", &["-u"]) == "0")
            .then(|| (number("id", &["-u", "nobody"]), number("id", &["-g", "nobody"])));
        if let Some((user, group)) = user {
            chown(&folder, Some(user), Some(group)).unwrap();
        }
        let mut postgres = Self { programs, folder, server: None, user, port: None };
        let mut init = postgres.command("initdb");
        init.args(["--auth=trust", "--username=counterpart", "--encoding=UTF8"]);
        let init = init.args(["--locale=C", "--no-sync", "-D"]).arg(postgres.data()).output();
        let init = init.unwrap();
        assert!(init.status.success(), "{}", String::from_utf8_lossy(&init.stderr));
        postgres.run();
        Some(postgres)
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir(&self.folder).stdin(Stdio::null());
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command
    }

    /// Starts it, and waits until it answers.
    pub fn run(&mut self) {
        let mut server = self.command("postgres");
        // Nothing here loses what the system has: that is not what is tested.
        server.args(["-c", "fsync=off", "-k"]).arg(&self.folder);
        match self.port {
            None => server.args(["-c", "listen_addresses="]),
            Some(port) => {
                server.args(["-c", "listen_addresses=127.0.0.1", "-c", "ssl=on"]);
                server.args(["-c", "ssl_cert_file=server.crt", "-c", "ssl_key_file=server.key"]);
                server.args(["-p", &port.to_string()])
            }
        };
        server.arg("-D").arg(self.data()).stdout(Stdio::null()).stderr(Stdio::null());
        self.server = Some(server.spawn().unwrap());
        let until = Instant::now() + PATIENCE;
        while self.query("SELECT 1").as_deref() != Ok("1") {
            assert!(Instant::now() < until, "the database does not answer");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Runs it again so that it listens on a port too, with this certificate and key in PEM, where
    /// it takes connections with TLS only.
    pub fn run_with_tls(&mut self, certificate: &str, key: &str) -> u16 {
        self.stop();
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let allowed = "local all all trust\nhostssl all all 127.0.0.1/32 trust\n";
        for (name, text) in
            [("server.crt", certificate), ("server.key", key), ("pg_hba.conf", allowed)]
        {
            let path = self.data().join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            if let Some((user, group)) = self.user {
                chown(&path, Some(user), Some(group)).unwrap();
            }
        }
        self.port = Some(port);
        self.run();
        port
    }

    /// Ends it at once, as a crash does.
    pub fn stop(&mut self) {
        let Some(mut server) = self.server.take() else { return };
        // SIGQUIT ends all of its processes without a word.
        let quit = Command::new("kill").args(["-QUIT", &server.id().to_string()]).status();
        quit.unwrap();
        server.wait().unwrap();
    }

    /// What replicas are given.
    pub fn url(&self) -> String {
        let folder = self.folder.to_str().unwrap().replace('/', "%2F");
        format!("postgres://counterpart@{folder}/postgres")
    }

    /// Its socket.
    pub fn socket(&self) -> PathBuf {
        self.folder.join(".s.PGSQL.5432")
    }

    /// What it answers, or says is wrong.
    pub fn query(&self, query: &str) -> Result<String, String> {
        let mut command = self.command("psql");
        command.args(["-At", "-U", "counterpart", "-h"]).arg(&self.folder);
        command.args(["-p", &self.port.unwrap_or(5432).to_string()]);
        let output = command.args(["postgres", "-c", query]).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.stop();
        fs::remove_dir_all(&self.folder).ok();
    }
}

/// Where its programs are: those of the newest version that Debian's packages installed, or else
/// where the system looks for programs.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let versions = versions.map(|version| version.path().join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut all: Vec<PathBuf> = versions.collect();
    all.sort();
    let places = all.into_iter().rev().chain(std::env::split_paths(&path));
    let has_all = |folder: &Path| {
        ["initdb", "postgres", "psql"].iter().all(|program| folder.join(program).exists())
    };
    places.into_iter().find(|folder| has_all(folder))
}

fn ask(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn number(program: &str, arguments: &[&str]) -> u32 {
    ask(program, arguments).parse().unwrap()
}
