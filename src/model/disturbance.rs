//! What goes wrong for some requests, whoever wants it: a spec, or somebody at the control plane.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

use crate::exchange::Breakage;

/// The longest that an answer is kept back.
pub const LONGEST_DELAY: Duration = Duration::from_mins(10);

/// The most pieces in which a body is sent.
pub const MOST_PIECES: u32 = 10_000;

/// The widest distribution of delays.
pub const MOST_SIGMA: f64 = 10.0;

/// What befalls a share of requests.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Disturbance {
    /// That share of them, from 0 to 1; none: all that those before it in a list leave.
    pub share: Option<f64>,
    /// So many requests that a spec has it for pass before.
    pub skip: u64,
    /// For so many requests that a spec has it for; none: for all.
    pub times: Option<u64>,
    /// For how long, by the session's clock; none: for ever.
    pub lasts: Option<Duration>,
    /// How long the answer takes.
    pub delay: Option<Delay>,
    /// What goes wrong; none: nothing but that it takes long.
    pub effect: Option<Effect>,
}

/// How long answers take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Delay {
    /// At least and at most.
    Between(Duration, Duration),
    /// Log-normally distributed, as times of answers are: most near the median, and few much longer.
    LogNormal {
        /// Half of them take less.
        median: Duration,
        /// The standard deviation of the logarithm.
        sigma: f64,
    },
}

impl Delay {
    /// Whether nothing is kept back.
    pub fn is_none(&self) -> bool {
        match self {
            Self::Between(_, most) => most.is_zero(),
            Self::LogNormal { median, .. } => median.is_zero(),
        }
    }

    /// One of them. `fraction` gives random numbers from 0 to 1, without 1.
    pub fn draw(&self, mut fraction: impl FnMut() -> f64) -> Duration {
        match *self {
            Self::Between(least, most) if most <= least => least,
            Self::Between(least, most) => least + most.saturating_sub(least).mul_f64(fraction()),
            Self::LogNormal { median, sigma } => {
                // Box and Muller: two equally distributed numbers make a normally distributed one.
                let radius = (-2.0 * (1.0 - fraction()).ln()).sqrt();
                let normal = radius * (std::f64::consts::TAU * fraction()).cos();
                let seconds = median.as_secs_f64() * (sigma * normal).exp();
                let drawn = Duration::try_from_secs_f64(seconds);
                drawn.unwrap_or(LONGEST_DELAY).min(LONGEST_DELAY)
            }
        }
    }
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
    /// The operation is done, and the body of its answer comes in so many pieces.
    Slowed {
        /// How many.
        pieces: u32,
        /// In this time.
        within: Duration,
    },
}

impl Effect {
    /// What it is called.
    pub fn name(&self) -> String {
        match self {
            Self::Status(status) => status.as_str().to_owned(),
            Self::Error(name) => name.to_string(),
            Self::Breaks(breakage) => breakage.name().to_owned(),
            Self::Slowed { .. } => Breakage::Slow.name().to_owned(),
        }
    }
}

/// What a spec says of one operation, or of all: each as it was written, if it was.
#[derive(Debug, Clone, Default)]
pub struct Disturbances {
    /// How long answers take.
    pub delay: Option<Delay>,
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
        let delayed = self
            .delay
            .filter(|delay| !delay.is_none())
            .map(|delay| Disturbance { delay: Some(delay), ..Disturbance::default() });
        faults.chain(delayed).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn half_of_the_delays_are_shorter_than_the_median() {
        let median = Duration::from_millis(80);
        let delay = Delay::LogNormal { median, sigma: 0.4 };
        let mut random = Random::new(7, "delays");
        let mut all: Vec<_> = (0..2000).map(|_| delay.draw(|| random.fraction())).collect();
        all.sort();
        let below = all.iter().filter(|one| **one < median).count();
        assert!((900..1100).contains(&below), "{below}");
        // 97.7 % are below two deviations: 80 ms * e^0.8.
        let below = all.iter().filter(|one| one.as_millis() < 178).count();
        assert!((1920..1990).contains(&below), "{below}");
        let far = Delay::LogNormal { median: LONGEST_DELAY, sigma: 10.0 };
        assert!((0..100).all(|_| far.draw(|| random.fraction()) <= LONGEST_DELAY));
    }
}
