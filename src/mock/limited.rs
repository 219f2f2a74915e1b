//! A request and the rate limit: whether it may be done, and what answers say of what is left.

use std::sync::{Arc, LazyLock};

use super::refusal::{Halt, Refusal, Violation};
use super::run::Run;
use super::trace::Outcome;
use super::windows::Level;
use crate::model::Pace;
use crate::plan::names::Slot;
use crate::plan::value::{EvaluationError, Tree};
use crate::value::{Record, Shape, Value};

/// The members of `rateLimit`.
static MEMBERS: LazyLock<Arc<Shape>> = LazyLock::new(|| {
    Shape::new(["limit", "remaining", "reset", "retryAfter"].map(Into::into).into())
});

impl<'p> Run<'p, '_> {
    /// Counts the request, and refuses one too many.
    pub(super) fn rate_limit(&mut self) -> Result<(), Halt<'p>> {
        let Some(limit) = &self.plan.rate_limit else { return Ok(()) };
        let most = self.amount(&limit.limit)?.unwrap_or(i64::MAX);
        let cost = match &limit.cost {
            Some(cost) => self.amount(cost)?.unwrap_or(1).max(0),
            None => 1,
        };
        let by = match &limit.by {
            Some(by) => by.value(&self.scope)?.and_then(|v| v.scalar_text()).unwrap_or_default(),
            None => Arc::default(),
        };
        let now = self.now.as_millisecond();
        let counted = self.held.windows().count(by, limit.pace, now, cost, most);
        let (level, refused) = (counted.level, counted.refused);
        self.counted = Some(counted);
        self.tell(limit.pace, level, most, cost);
        if refused {
            self.trace.rule(limit.rule, Outcome::Broken);
            return Err(Refusal {
                error: limit.error,
                rule: Some(limit.rule),
                status: Some(http::StatusCode::TOO_MANY_REQUESTS),
                violation: Violation {
                    said: Some(format!("more than {most} requests").into()),
                    limit: Some(Value::Integer(most)),
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

    /// Does not count a request that gets a 304, where the rate limit leaves those alone.
    pub(super) fn uncount_not_modified(&mut self) {
        let is_known = self.condition.as_ref().is_some_and(|condition| condition.not_modified);
        let limit = self.plan.rate_limit.as_ref().filter(|limit| !limit.counts_not_modified);
        let Some(limit) = limit.filter(|_| is_known) else { return };
        let Some(counted) = self.counted.take() else { return };
        let (mut level, cost) = (counted.level, counted.cost);
        level.used -= cost;
        let most = self.scope.get(Slot::RATE_LIMIT).and_then(|told| told.get("limit"));
        let most = most.and_then(Value::floor_to_i64).unwrap_or(i64::MAX);
        self.held.windows().take_back(counted);
        self.tell(limit.pace, level, most, cost);
    }

    /// Has nothing left of the rate limit, so that answers can say so.
    pub(super) fn exhaust_rate_limit(&mut self) {
        let Some(limit) = &self.plan.rate_limit else { return };
        let most = self.amount(&limit.limit).ok().flatten().unwrap_or(i64::MAX);
        let now = self.now.as_millisecond();
        let level = Level { used: most, ..Level::empty(limit.pace, now) };
        self.tell(limit.pace, level, most, 1);
    }

    /// Says in `rateLimit` how things are.
    fn tell(&mut self, pace: Pace, level: Level, most: i64, cost: i64) {
        let now = self.now.as_millisecond();
        let seconds = |used: i64| {
            let left = level.until(pace, used).saturating_sub(now).max(0);
            Value::Integer(left.div_euclid(1000) + i64::from(left.rem_euclid(1000) > 0))
        };
        let left = most.saturating_sub(level.used).max(0);
        // What has to come back before another such request is taken.
        let lacking = cost.saturating_sub(left).max(0);
        let reset = match pace {
            // A window ends whether or not somebody was counted in it.
            Pace::Window(_) => seconds(1),
            Pace::Refill { .. } => seconds(level.used),
        };
        let members = [Value::Integer(most), Value::Integer(left), reset, seconds(lacking)];
        let mut told = Record::new(MEMBERS.clone());
        for (slot, member) in members.into_iter().enumerate() {
            told.set_slot(slot, Some(member));
        }
        self.scope.set(Slot::RATE_LIMIT, Value::Record(Arc::new(told)));
    }
}
