//! A mock inside the process of a test.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::parse_timestamp;
use crate::control::Control;
use crate::diagnostic::Diagnostic;
use crate::exchange::CONTROL_PATH;
use crate::load::{load_plans, load_sources};
use crate::mock::Mock;
use crate::mock::session::Start;
use crate::plan::Plan;
use crate::report::snippet;
use crate::serve::{ServeOptions, Server};
use crate::source::Source;

/// A mock on a free port of the loopback interface; dropping it stops it.
///
/// ```
/// use counterpart::MockServer;
///
/// let spec = r#"
/// counterpart: 1
/// vendor: library
/// servers:
///   - url: https://library.example/api/v2
/// mediaTypes:
///   application/json: {wire: json}
/// produces: [application/json]
/// operations:
///   - operationId: greet
///     method: GET
///     path: /greeting
///     steps:
///       - respond: {status: 200, body: {text: hello}}
/// "#;
/// let mock = MockServer::builder().spec_text("library", spec).seed(7).start()?;
/// assert!(mock.url("library").starts_with("http://127.0.0.1:"));
/// assert!(mock.url("library").ends_with("/library/api/v2"));
/// assert!(mock.session("mine").url("library").ends_with("/@mine/library/api/v2"));
///
/// # use std::io::{Read, Write};
/// let mut connection = std::net::TcpStream::connect(mock.address())?;
/// connection.write_all(
///     b"GET /library/api/v2/greeting HTTP/1.1\r\nHost: mock\r\nConnection: close\r\n\r\n",
/// )?;
/// let mut answer = String::new();
/// connection.read_to_string(&mut answer)?;
/// assert!(answer.ends_with(r#"{"text":"hello"}"#), "{answer}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct MockServer {
    server: Server,
    mock: Arc<Mock>,
}

impl MockServer {
    /// Serves all specs in a file or a folder.
    ///
    /// Fails with every mistake of every spec, or when there is no free port.
    pub fn start(specs: impl Into<PathBuf>) -> Result<Self, StartError> {
        Self::builder().specs([specs]).start()
    }

    /// For more than one path, and for a seed, a clock and the like.
    pub fn builder() -> MockServerBuilder {
        MockServerBuilder::default()
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// The base URL of a vendor, the base path of its spec included, without a slash at the end.
    /// A vendor that is not served has one too, below which nothing is found.
    pub fn url(&self, vendor: &str) -> String {
        base_url(self.mock.plans(), &self.origin(""), vendor)
    }

    /// A session: a state, a journal and a clock of its own, made on first use. A name has 1 to
    /// 64 letters, digits and `-_.~`.
    pub fn session(&self, name: &str) -> MockSession<'_> {
        MockSession { server: self, origin: self.origin(&format!("/@{name}")) }
    }

    /// The URL of a call to the control plane, such as `clock/advance`.
    pub fn control_url(&self, call: &str) -> String {
        format!("{}{}/{call}", self.origin(""), CONTROL_PATH)
    }

    /// What answers, for tests that look inside.
    #[doc(hidden)]
    pub fn mock(&self) -> &Arc<Mock> {
        &self.mock
    }

    fn origin(&self, prefix: &str) -> String {
        format!("http://{}{prefix}", self.address())
    }
}

/// The URLs of a session.
#[derive(Debug)]
pub struct MockSession<'m> {
    server: &'m MockServer,
    origin: String,
}

impl MockSession<'_> {
    /// The base URL of a vendor in this session, as [`MockServer::url`].
    pub fn url(&self, vendor: &str) -> String {
        base_url(self.server.mock.plans(), &self.origin, vendor)
    }

    /// The URL of a call to the control plane of this session.
    pub fn control_url(&self, call: &str) -> String {
        format!("{}{}/{call}", self.origin, CONTROL_PATH)
    }
}

fn base_url(plans: &[Arc<Plan>], origin: &str, vendor: &str) -> String {
    let plan = plans.iter().find(|plan| &*plan.service.vendor == vendor);
    let server = plan.and_then(|plan| plan.servers.first());
    let base = server.map(|server| &*server.base_path).unwrap_or_default();
    format!("{origin}/{vendor}{base}")
}

/// What a [`MockServer`] starts with.
#[derive(Debug)]
pub struct MockServerBuilder {
    paths: Vec<PathBuf>,
    texts: Vec<(PathBuf, String)>,
    seed: u64,
    clock: Option<String>,
    frozen: bool,
    headers: bool,
    sessions: usize,
    allowed_hosts: Vec<String>,
}

impl Default for MockServerBuilder {
    fn default() -> Self {
        Self {
            paths: Vec::new(),
            texts: Vec::new(),
            seed: 0,
            clock: None,
            frozen: false,
            headers: true,
            sessions: 10_000,
            allowed_hosts: Vec::new(),
        }
    }
}

impl MockServerBuilder {
    /// Adds files and folders with specs.
    #[must_use]
    pub fn specs<P: Into<PathBuf>>(mut self, paths: impl IntoIterator<Item = P>) -> Self {
        self.paths.extend(paths.into_iter().map(Into::into));
        self
    }

    /// Adds the spec of one vendor as text; `name` stands for the file in messages.
    #[must_use]
    pub fn spec_text(mut self, name: &str, text: impl Into<String>) -> Self {
        self.texts.push((PathBuf::from(format!("{name}.yaml")), text.into()));
        self
    }

    /// Generated values are the same for the same seed and the same requests. Default 0.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The clocks of all sessions start at a time in RFC 3339. Default: the real time.
    #[must_use]
    pub fn clock(mut self, time: impl Into<String>) -> Self {
        self.clock = Some(time.into());
        self
    }

    /// The clocks stand still until they are set or advanced.
    #[must_use]
    pub fn frozen(mut self) -> Self {
        self.frozen = true;
        self
    }

    /// Answers do not name their operation and rule.
    #[must_use]
    pub fn without_headers(mut self) -> Self {
        self.headers = false;
        self
    }

    /// Lets another host use the control plane: as the name of the mock in URLs, or as the site of
    /// a page in a browser. Loopback names and the address that is called always may.
    #[must_use]
    pub fn allow_host(mut self, host: impl Into<String>) -> Self {
        self.allowed_hosts.push(host.into());
        self
    }

    /// The most named sessions there can be. Default 10,000.
    #[must_use]
    pub fn sessions(mut self, most: usize) -> Self {
        self.sessions = most;
        self
    }

    /// Starts it.
    ///
    /// Fails with every mistake of every spec, for a clock that is not a time, or when there is no
    /// free port.
    pub fn start(self) -> Result<MockServer, StartError> {
        let clock = match &self.clock {
            Some(text) => Some(parse_timestamp(text).ok_or_else(|| {
                let message = format!("the clock is to start at `{text}`, which is not a time");
                StartError::Specs(vec![
                    Diagnostic::without_place("not-a-time", message)
                        .help("a time is written 2026-01-31T12:00:00Z"),
                ])
            })?),
            None => None,
        };
        let start = Start {
            seed: self.seed,
            clock,
            frozen: self.frozen,
            most_sessions: self.sessions,
            idle: Duration::from_hours(1),
        };
        let headers = self.headers;
        let allowed_hosts = self.allowed_hosts.clone();
        let mock = Arc::new(Mock::new(self.plans()?, start, headers));
        let control = Arc::new(Control::new(mock.clone()).allow_hosts(allowed_hosts));
        let server = Server::start(control, ServeOptions::default()).map_err(StartError::Server)?;
        Ok(MockServer { server, mock })
    }

    fn plans(self) -> Result<Vec<Arc<Plan>>, StartError> {
        let mut plans: Vec<Arc<Plan>> = Vec::new();
        let mut diagnostics = Vec::new();
        let loaded = (!self.paths.is_empty()).then(|| load_plans(&self.paths));
        let texts = self.texts.into_iter();
        let texts = texts.map(|(name, text)| load_sources(&[Source::new(name, text)]));
        for loaded in loaded.into_iter().chain(texts) {
            match loaded {
                Ok(specs) => plans.extend(specs.plans),
                Err(found) => diagnostics.extend(found),
            }
        }
        for (at, plan) in plans.iter().enumerate() {
            let vendor = &plan.service.vendor;
            if plans.iter().take(at).any(|other| other.service.vendor == *vendor) {
                let message = format!("two specs are of the vendor `{vendor}`");
                diagnostics.push(Diagnostic::without_place("same-vendor", message));
            }
        }
        if diagnostics.is_empty() { Ok(plans) } else { Err(StartError::Specs(diagnostics)) }
    }
}

/// Why a mock could not be started. It is shown as the compiler shows its errors, also by `{:?}`,
/// so that a test that returns it, or unwraps it, can be read.
#[non_exhaustive]
pub enum StartError {
    /// The specs, or what else was asked for, have mistakes.
    Specs(Vec<Diagnostic>),
    /// There is no port, thread or file descriptor.
    Server(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Specs(diagnostics) => f.write_str(snippet::render(diagnostics, false).trim_end()),
            Self::Server(error) => write!(f, "the mock cannot serve: {error}"),
        }
    }
}

impl fmt::Debug for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}")
    }
}

impl Error for StartError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Specs(_) => None,
            Self::Server(error) => Some(error),
        }
    }
}
