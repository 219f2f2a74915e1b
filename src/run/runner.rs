//! Running scenarios: what all trials share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::budget::Budget;
use super::client::{Client, Patience, Proxies, Trust};
use super::event::{Transitions, TrialResult, Verdict};
use super::finished_sessions::FinishedSessions;
use super::groups::Groups;
use super::mask::Mask;
use super::once::AllOnce;
use super::pair::{Known, Observed};
use super::reached::Reached;
use super::scope::environment_variable;
use super::url::{self, Url};
use crate::model::Service;
use crate::model::path::dots;
use crate::scenario::{Outside, Row, Scenario, Suite};

/// Where the requests to a vendor go.
#[derive(Debug, Clone)]
pub enum Target {
    /// A mock: vendors are below `/{vendor}`, sessions below `/@{name}`.
    Mock {
        /// Without a slash at the end.
        base_url: Url,
    },
    /// Anything else.
    Endpoint {
        /// Up to and including the vendor's base path, without a slash at the end.
        base_url: Url,
    },
}

impl Target {
    /// A mock at that URL; fails, saying why, for what is none.
    pub fn mock(base_url: &str) -> Result<Self, String> {
        Ok(Self::Mock { base_url: base(base_url)? })
    }

    /// An endpoint at that URL; fails, saying why, for what is none.
    pub fn endpoint(base_url: &str) -> Result<Self, String> {
        Ok(Self::Endpoint { base_url: base(base_url)? })
    }

    /// `mock`, or the base URL.
    pub fn name(&self) -> Arc<str> {
        match self {
            Self::Mock { .. } => "mock".into(),
            Self::Endpoint { base_url } => base_url.to_string().into(),
        }
    }
}

fn base(text: &str) -> Result<Url, String> {
    let mut url = url::parse_base(text)?;
    if url.target.contains('?') {
        return Err(format!("`{text}` has a query, which a base URL cannot have"));
    }
    // Each client resolves it so before it asks (RFC 3986 section 5.2.4).
    if url.target.split('/').any(|segment| dots(segment) > 0) {
        url.target = url::written(&url.target);
    }
    while url.target.ends_with('/') {
        url.target.pop();
    }
    Ok(url)
}

/// How scenarios are run.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch that somebody sets")]
#[derive(Debug, Clone)]
pub struct Options {
    /// How long a request may take.
    pub request_timeout: Duration,
    /// How long the steps of a scenario may take that says nothing about it; those of `finally`
    /// have as long again.
    pub scenario_timeout: Duration,
    /// How often a trial that failed is tried again.
    pub retries: u32,
    /// Whether steps that destroy data may run on an endpoint, where their scenario agrees.
    pub allow_destructive: bool,
    /// Which endpoints are trusted, and what they are shown.
    pub trust: Trust,
    /// The proxies through which endpoints are asked.
    pub proxies: Proxies,
    /// What the mock's control plane is shown, if it asks for a token.
    pub token: Option<String>,
    /// Whether a trial goes on after a step that failed, to see as much as there is to see.
    pub go_on: bool,
    /// Whether scenarios that say why they are skipped are run all the same.
    pub run_skipped: bool,
    /// Whether only what a vendor would answer too is looked at: not how long it took, nor what
    /// the mock says of its answer.
    pub vendor_alone: bool,
    /// Whether the mock is asked which transitions each trial made, and which statements it came to;
    /// once for a trial.
    pub transitions: bool,
    /// The largest body of an answer that is taken.
    pub largest_body: usize,
    /// Whether the mock is one in-process, which is gone when the run is over.
    pub mock_ends: bool,
    /// What the command line gives scenarios.
    pub outside: Option<Arc<Outside>>,
    /// The variables of the environment that any scenario of the run looks at: their values are
    /// secrets in all trials.
    pub environment: Vec<Arc<str>>,
    /// Raised when somebody wants the run to end: trials stop where they are and do their
    /// `finally`.
    pub interrupted: Arc<AtomicBool>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            request_timeout: Duration::from_secs(30),
            scenario_timeout: Duration::from_mins(5),
            retries: 0,
            allow_destructive: false,
            trust: Trust::default(),
            proxies: Proxies::default(),
            token: None,
            go_on: false,
            run_skipped: false,
            vendor_alone: false,
            transitions: false,
            largest_body: 64 * 1024 * 1024,
            mock_ends: false,
            outside: None,
            environment: Vec::new(),
            interrupted: Arc::default(),
        }
    }
}

/// Runs trials, any number of them at once.
#[derive(Debug)]
pub struct Runner {
    pub(super) services: Vec<Arc<Service>>,
    pub(super) target: Option<Target>,
    pub(super) endpoints: Vec<(Arc<str>, Target)>,
    pub(super) options: Options,
    pub(super) budget: Arc<Budget>,
    pub(super) client: Client,
    pub(super) finished_sessions: FinishedSessions,
    pub(super) reached: Reached,
    pub(super) once: AllOnce,
    /// The secrets of all trials.
    pub(super) secrets: Mask,
    groups: Groups,
}

impl Runner {
    /// A runner for scenarios of those services. `target` is where all requests go that no
    /// [`Self::with_target`] sends elsewhere.
    pub fn new(services: Vec<Arc<Service>>, target: Option<Target>, options: Options) -> Self {
        let budget = Arc::new(Budget::new(None, None));
        let client = Client::new(options.largest_body, options.trust.clone())
            .with_token(options.token.as_deref())
            .with_proxies(options.proxies.clone());
        if let Some(Target::Mock { base_url }) = &target {
            client.trust(&base_url.origin);
            client.ask_directly(&base_url.origin);
        }
        let mut secrets = Mask::default();
        for name in &options.environment {
            if let Ok(value) = environment_variable(name, options.outside.as_deref()) {
                secrets.add_to_all(&value, name);
            }
        }
        Self {
            secrets,
            services,
            target,
            endpoints: Vec::new(),
            options,
            budget,
            client,
            finished_sessions: FinishedSessions::default(),
            reached: Reached::default(),
            once: AllOnce::default(),
            groups: Groups::default(),
        }
    }

    /// Sends the requests to one vendor somewhere else.
    #[must_use]
    pub fn with_target(mut self, vendor: &str, target: Target) -> Self {
        self.endpoints.retain(|(known, _)| **known != *vendor);
        let (Target::Mock { base_url } | Target::Endpoint { base_url }) = &target;
        self.client.note(&base_url.origin, vendor);
        if let Target::Mock { base_url } = &target {
            self.client.ask_directly(&base_url.origin);
        }
        self.endpoints.push((vendor.into(), target));
        self
    }

    /// Bounds the requests to vendors of all trials together.
    #[must_use]
    pub fn with_budget(mut self, budget: Arc<Budget>) -> Self {
        self.budget = budget;
        self
    }

    /// Where the requests to a vendor go.
    pub fn target(&self, vendor: &str) -> Option<&Target> {
        let own = self.endpoints.iter().find(|(known, _)| **known == *vendor);
        own.map(|(_, target)| target).or(self.target.as_ref())
    }

    /// Whether scenarios that say why they are skipped are run all the same.
    pub fn runs_skipped(&self) -> bool {
        self.options.run_skipped
    }

    /// What a target is called in reports, with what makes its answers worth less.
    fn name_of(&self, target: &Target) -> Arc<str> {
        let (Target::Mock { base_url } | Target::Endpoint { base_url }) = target;
        match self.options.trust.insecure && base_url.origin.secure {
            true => format!("{} (insecure: its certificate is not verified)", target.name()).into(),
            false => target.name(),
        }
    }

    /// The service of a vendor.
    pub fn service(&self, vendor: &str) -> Option<&Arc<Service>> {
        self.services.iter().find(|service| *service.vendor == *vendor)
    }

    /// Has a mock by URL drop the sessions of the trials that passed. Those of the others stay, to
    /// be looked at.
    pub fn drop_sessions(&self) {
        if let Some(Target::Mock { base_url }) = &self.target {
            let patience = Patience::new(self.options.request_timeout, None);
            self.finished_sessions.drop_at(base_url, &self.client, patience);
        }
    }

    /// Runs a scenario, or a row of one, and tries again what failed as often as the options
    /// say. Blocks until it is done; a panic is the only way not to get a result.
    pub fn run(&self, suite: &Suite, scenario: &Scenario, row: &Row) -> TrialResult {
        self.observe(suite, scenario, row).result
    }

    /// The same, and what the last try has that another try need not have.
    pub fn observe(&self, suite: &Suite, scenario: &Scenario, row: &Row) -> Observed {
        let mut known = Known::default();
        let there = matches!(self.target(&suite.vendor), Some(Target::Endpoint { .. }));
        let group = scenario.serial.as_ref().filter(|_| there);
        let group = group.map(|group| self.groups.of(&suite.vendor, group));
        let _alone = group.as_ref().map(|group| group.lock());
        let result = self.tries(suite, scenario, row, &mut known);
        Observed { result, known, is_endpoint: there }
    }

    /// Why no trial is begun any more. One has failed for each of the reasons, or the run is one
    /// that somebody broke off: that nothing is done is never all that is told.
    pub(super) fn ended(&self) -> Option<String> {
        if self.options.interrupted.load(Ordering::Relaxed) {
            return Some("the run was interrupted before it began".to_owned());
        }
        self.budget.refused().map(|used_up| used_up.to_string())
    }

    /// A trial that is not run.
    pub fn skipped(
        &self,
        suite: &Suite,
        scenario: &Scenario,
        row: &Row,
        reason: &str,
    ) -> TrialResult {
        let service = self.service(&suite.vendor);
        let target = self.target(&suite.vendor);
        let covers = scenario.covers.iter().filter_map(|at| {
            let statement = service?.statements.get(*at)?;
            Some(statement.id.clone())
        });
        TrialResult {
            name: trial_name(suite, scenario, row).into(),
            suite: format!("{}/{}", suite.vendor, suite.name).into(),
            scenario: scenario.name.clone(),
            row: (!row.name.is_empty()).then(|| row.name.clone()),
            vendor: suite.vendor.clone(),
            target: target.map_or_else(|| "none".into(), |target| self.name_of(target)),
            tags: scenario.tags.clone(),
            covers: covers.collect(),
            transitions: Transitions::NotAsked,
            statements: None,
            verdict: Verdict::Skipped,
            reason: Some(reason.to_owned()),
            duration: Duration::ZERO,
            tries: 0,
            steps: Vec::new(),
            earlier: Vec::new(),
            span: scenario.span.clone(),
        }
    }
}

/// `vendor/file/scenario [row]`.
pub fn trial_name(suite: &Suite, scenario: &Scenario, row: &Row) -> String {
    let name = format!("{}/{}/{}", suite.vendor, suite.name, scenario.name);
    if row.name.is_empty() { name } else { format!("{name} [{}]", row.name) }
}
