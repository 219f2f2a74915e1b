//! What goes wrong for some requests, whoever wants it: a spec, or somebody at the control plane.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

use crate::exchange::Breakage;

/// The longest that an answer is kept back.
pub const LONGEST_DELAY: Duration = Duration::from_mins(10);

/// What befalls a share of requests.
#[derive(Debug, Clone, PartialEq)]
pub struct Disturbance {
    /// That share of them, from 0 to 1; none: all that those before it in a list leave.
    pub share: Option<f64>,
    /// How long the answer takes at least and at most.
    pub delay: Option<[Duration; 2]>,
    /// What goes wrong; none: nothing but that it takes long.
    pub effect: Option<Effect>,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// The operation is not done, and the vendor's error of that status answers.
    Status(StatusCode),
    /// The operation is not done, and that error of the spec answers.
    Error(Arc<str>),
    /// The operation is done, and its answer breaks on its way.
    Breaks(Breakage),
}

impl Effect {
    /// What it is called.
    pub fn name(&self) -> String {
        match self {
            Self::Status(status) => status.as_str().to_owned(),
            Self::Error(name) => name.to_string(),
            Self::Breaks(breakage) => breakage.name().to_owned(),
        }
    }
}

/// What a spec says of one operation, or of all: each as it was written, if it was.
#[derive(Debug, Clone, Default)]
pub struct Disturbances {
    /// How long answers take.
    pub delay: Option<[Duration; 2]>,
    /// What goes wrong with shares of them.
    pub faults: Option<Vec<Disturbance>>,
}

impl Disturbances {
    /// The same, with what those of the vendor say where these say nothing.
    #[must_use]
    pub fn or(self, vendor: &Self) -> Self {
        Self {
            delay: self.delay.or(vendor.delay),
            faults: self.faults.or_else(|| vendor.faults.clone()),
        }
    }

    /// All that may befall a request, the first that does: faults, which take as long as all
    /// answers unless they say it themselves, and then what the others take.
    pub fn list(&self) -> Vec<Disturbance> {
        let faults = self.faults.iter().flatten().map(|fault| {
            let delay = fault.delay.or(self.delay);
            Disturbance { delay, ..fault.clone() }
        });
        let delay = self.delay.filter(|[_, most]| !most.is_zero());
        let delayed =
            delay.map(|delay| Disturbance { share: None, delay: Some(delay), effect: None });
        faults.chain(delayed).collect()
    }
}
