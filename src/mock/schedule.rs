//! What is to run later, by the mock's clock.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::model::OperationId;
use crate::value::Map;

/// So much can wait at once.
pub(super) const MOST_DUE: usize = 10_000;

/// An operation that runs later.
#[derive(Debug, Clone)]
pub struct Due {
    /// The operation.
    pub operation: OperationId,
    /// With which parameters.
    pub parameters: Arc<Map>,
    /// The vendor's base URL for whoever sent the request that scheduled it.
    pub base: Arc<str>,
}

/// When something runs, and how many were scheduled before it: the order in which it runs.
pub type Turn = (Timestamp, u64);

/// What is to run later in an account, the next first.
#[derive(Debug, Default)]
pub struct Schedule {
    waiting: BTreeMap<Turn, Arc<Due>>,
    /// How many there were ever.
    count: u64,
}

/// What a commit changed in a schedule.
#[derive(Debug, Default)]
pub struct ScheduleChange {
    /// What was added.
    pub added: Vec<(Turn, Arc<Due>)>,
    /// What ran.
    pub taken: Option<Box<(Turn, Arc<Due>)>>,
}

impl ScheduleChange {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.taken.is_none()
    }
}

impl Schedule {
    /// A schedule of which so many were scheduled ever.
    pub fn of(count: u64, waiting: impl IntoIterator<Item = (Turn, Due)>) -> Self {
        let waiting = waiting.into_iter().map(|(turn, due)| (turn, Arc::new(due))).collect();
        Self { waiting, count }
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// How many there were ever.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// What waits, in its order.
    pub fn waiting(&self) -> impl Iterator<Item = (&Turn, &Arc<Due>)> {
        self.waiting.iter()
    }

    /// When the next one runs.
    pub fn next(&self) -> Option<Turn> {
        self.waiting.first_key_value().map(|(turn, _)| *turn)
    }

    /// What runs then, if it still waits.
    pub fn get(&self, turn: Turn) -> Option<&Arc<Due>> {
        self.waiting.get(&turn)
    }

    /// When what has that number runs, if it still waits.
    pub(super) fn turn(&self, number: u64) -> Option<Turn> {
        self.waiting.keys().find(|(_, other)| *other == number).copied()
    }

    /// Takes out what ran, and adds what is to run later.
    pub(super) fn change(
        &mut self,
        ran: Option<Turn>,
        added: Vec<(Timestamp, Due)>,
    ) -> ScheduleChange {
        let taken = ran.and_then(|turn| Some(Box::new((turn, self.waiting.remove(&turn)?))));
        let mut change = ScheduleChange { taken, ..ScheduleChange::default() };
        for (at, due) in added {
            self.count += 1;
            let (turn, due) = ((at, self.count), Arc::new(due));
            self.waiting.insert(turn, due.clone());
            change.added.push((turn, due));
        }
        change
    }

    /// Takes back the last change that was not taken back yet.
    pub(super) fn revert(&mut self, change: ScheduleChange) {
        for (turn, _) in change.added {
            self.waiting.remove(&turn);
            self.count = self.count.saturating_sub(1);
        }
        self.waiting.extend(change.taken.map(|taken| *taken));
    }

    /// The same with its operations at other places; what has none is gone.
    #[must_use]
    pub(super) fn with_operations(
        mut self,
        place: impl Fn(OperationId) -> Option<OperationId>,
    ) -> Self {
        self.waiting.retain(|_, due| match place(due.operation) {
            Some(operation) => {
                Arc::make_mut(due).operation = operation;
                true
            }
            None => false,
        });
        self
    }
}
