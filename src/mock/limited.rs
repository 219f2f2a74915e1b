//! A request and the rate limit: whether it may be done, and what answers say of what is left.

use std::sync::{Arc, LazyLock};

use super::incoming::{Incoming, Target};
use super::refusal::{Halt, Refusal, Violation};
use super::run::Run;
use super::trace::Outcome;
use super::windows::{Counted, Level, Standing};
use crate::model::Pace;
use crate::plan::names::Slot;
use crate::plan::security::RateLimit;
use crate::plan::value::{EvaluationError, Tree};
use crate::value::{Record, Shape, Value};

/// The members of `rateLimit`.
static MEMBERS: LazyLock<Arc<Shape>> = LazyLock::new(|| {
    Shape::new(["limit", "remaining", "reset", "retryAfter"].map(Into::into).into())
});

impl<'p> Run<'p, '_> {
    /// Counts the request for all limits of its operation, and refuses it if it is one too many
    /// for one of them.
    pub(super) fn rate_limit(
        &mut self,
        incoming: &Incoming<'_>,
        target: &Target,
    ) -> Result<(), Halt<'p>> {
        let limits = self.operation.map(|operation| &*operation.rate_limits).unwrap_or_default();
        let mut limits = limits.iter().filter_map(|at| self.plan.rate_limits.get(*at));
        if !limits.any(|limit| limit.looks_at_request) {
            return self.count_for_limits();
        }
        let before = self.see_what_was_sent(incoming, target);
        let outcome = self.count_for_limits();
        self.see_again(before);
        outcome
    }

    fn count_for_limits(&mut self) -> Result<(), Halt<'p>> {
        let plan = self.plan;
        let now = self.now.as_millisecond();
        let limits = self.operation.map(|operation| &*operation.rate_limits).unwrap_or_default();
        for &at in limits {
            let Some(limit) = plan.rate_limits.get(at) else { continue };
            let most = self.amount(&limit.limit)?.unwrap_or(i64::MAX);
            let cost = match &limit.cost {
                Some(cost) => self.amount(cost)?.unwrap_or(1).max(0),
                None => 1,
            };
            let mut by: Arc<str> = match &limit.by {
                Some(by) => {
                    by.value(&self.scope)?.and_then(|v| v.scalar_text()).unwrap_or_default()
                }
                None => Arc::default(),
            };
            if plan.rate_limits.len() > 1 {
                by = format!("{at} {by}").into();
            }
            let count = self.held.windows().count(by, limit.pace, now, cost, most);
            self.counted.get_or_insert_default().0.push((at, count));
        }
        let Some(counted) = &mut self.counted else { return Ok(()) };
        let is_refused = counted.0.iter().any(|(_, count)| count.standing.refused);
        if is_refused {
            // A window counts what is refused, be it by another limit; of a bucket that takes nothing.
            for (at, count) in &mut counted.0 {
                let limit = plan.rate_limits.get(*at);
                if limit.is_some_and(|limit| matches!(limit.pace, Pace::Refill { .. })) {
                    self.held.windows().give_back(count);
                }
            }
        }
        let all = counted.0.iter().map(|(at, count)| (*at, count.standing));
        let Some((limit, standing)) = nearest(&plan.rate_limits, all) else { return Ok(()) };
        self.tell(limit.pace, standing);
        if standing.refused {
            self.trace.rule(limit.rule, Outcome::Broken);
            return Err(Refusal {
                error: limit.error,
                rule: Some(limit.rule),
                status: Some(http::StatusCode::TOO_MANY_REQUESTS),
                violation: Violation {
                    said: Some(format!("more than {} requests", standing.most).into()),
                    limit: Some(Value::Integer(standing.most)),
                    ..Violation::default()
                },
                ..Refusal::default()
            }
            .into());
        }
        Ok(())
    }

    fn amount(&mut self, tree: &Tree) -> Result<Option<i64>, EvaluationError> {
        Ok(tree.value(&mut self.scope)?.and_then(|amount| amount.floor_to_i64()))
    }

    /// Does not count a request that gets a 304, where a rate limit leaves those alone.
    pub(super) fn uncount_not_modified(&mut self) {
        let is_known = self.condition.as_ref().is_some_and(|condition| condition.not_modified);
        let Some(counted) = self.counted.take_if(|_| is_known) else { return };
        let (mut told, mut kept) = (Vec::new(), Vec::new());
        for (at, count) in counted.0 {
            let mut standing = count.standing;
            if self.plan.rate_limits.get(at).is_some_and(|limit| !limit.counts_not_modified) {
                standing.level.used -= count.taken;
                self.held.windows().take_back_one(count);
            } else {
                kept.push((at, count));
            }
            told.push((at, standing));
        }
        self.counted = (!kept.is_empty()).then_some(Counted(kept));
        if let Some((limit, standing)) = nearest(&self.plan.rate_limits, told.into_iter()) {
            self.tell(limit.pace, standing);
        }
    }

    /// Has nothing left of the rate limit, so that answers can say so.
    pub(super) fn exhaust_rate_limit(&mut self) {
        let own = self.operation.map(|operation| operation.rate_limits.first().copied());
        let Some(limit) = self.plan.rate_limits.get(own.flatten().unwrap_or(0)) else { return };
        let most = self.amount(&limit.limit).ok().flatten().unwrap_or(i64::MAX);
        let now = self.now.as_millisecond();
        let level = Level { used: most, ..Level::empty(limit.pace, now) };
        self.tell(limit.pace, Standing { level, most, cost: 1, refused: true });
    }

    /// Says in `rateLimit` how things are.
    fn tell(&mut self, pace: Pace, standing: Standing) {
        let Standing { level, most, .. } = standing;
        let now = self.now.as_millisecond();
        let seconds = |used: i64| {
            let left = level.until(pace, used).saturating_sub(now).max(0);
            Value::Integer(left.div_euclid(1000) + i64::from(left.rem_euclid(1000) > 0))
        };
        let reset = match pace {
            // A window ends whether or not somebody was counted in it.
            Pace::Window(_) => seconds(1),
            Pace::Refill { .. } => seconds(level.used),
        };
        let left = Value::Integer(standing.left());
        let members = [Value::Integer(most), left, reset, seconds(standing.lacking())];
        let mut told = Record::new(MEMBERS.clone());
        for (slot, member) in members.into_iter().enumerate() {
            told.set_slot(slot, Some(member));
        }
        self.scope.set(Slot::RATE_LIMIT, Value::Record(Arc::new(told)));
    }
}

/// The limit that refuses a request, for the longest time if several do, or else the one of which
/// least is left; `all` has them by position.
fn nearest(
    limits: &[RateLimit],
    all: impl Iterator<Item = (usize, Standing)> + Clone,
) -> Option<(&RateLimit, Standing)> {
    let all = all.filter_map(|(at, one)| Some((limits.get(at)?, one)));
    let refused = all.clone().filter(|(_, one)| one.refused);
    let longest = refused.max_by_key(|(limit, one)| one.level.until(limit.pace, one.lacking()));
    longest.or_else(|| all.min_by_key(|(_, one)| one.left()))
}
