//! Tasks on one thread, in an order that a seed decides, on a clock that jumps to where something
//! happens next. So one seed gives one history, however it is run.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use parking_lot::Mutex;

use crate::random::Random;

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What all tasks share.
pub(super) struct Scheduler {
    random: Mutex<Random>,
    ready: Arc<Mutex<Vec<usize>>>,
    new: Mutex<Vec<Task>>,
    clock: Mutex<Clock>,
}

#[derive(Default)]
struct Clock {
    now: u64,
    count: u64,
    sleepers: BTreeMap<(u64, u64), Waker>,
}

impl Scheduler {
    pub(super) fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self {
            random: Mutex::new(Random::new(seed, "simulation")),
            ready: Arc::default(),
            new: Mutex::default(),
            clock: Mutex::default(),
        })
    }

    /// A number below another one.
    pub(super) fn below(&self, most: u64) -> u64 {
        self.random.lock().number() % most
    }

    /// Whether it happens, in so many of a thousand times.
    pub(super) fn happens(&self, of_thousand: u64) -> bool {
        self.below(1000) < of_thousand
    }

    /// What time it is.
    pub(super) fn now(&self) -> u64 {
        self.clock.lock().now
    }

    /// Has that done meanwhile.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.new.lock().push(Box::pin(task));
    }

    /// Waits for so long, at least until others had their turn.
    pub(super) async fn sleep(&self, time: u64) {
        let until = self.now() + time.max(1);
        std::future::poll_fn(|context| {
            let mut clock = self.clock.lock();
            if clock.now >= until {
                return Poll::Ready(());
            }
            clock.count += 1;
            let key = (until, clock.count);
            clock.sleepers.insert(key, context.waker().clone());
            Poll::Pending
        })
        .await;
    }

    /// Runs all that is spawned, until nothing is left that could happen.
    pub(super) fn run(&self) {
        let mut tasks: Vec<Option<Task>> = Vec::new();
        loop {
            for task in self.new.lock().drain(..) {
                self.ready.lock().push(tasks.len());
                tasks.push(Some(task));
            }
            let next = {
                let mut ready = self.ready.lock();
                let count = ready.len() as u64;
                (count > 0).then(|| ready.swap_remove(self.below(count) as usize))
            };
            let Some(next) = next else {
                if !self.pass() {
                    return;
                }
                continue;
            };
            let Some(task) = tasks.get_mut(next) else { continue };
            let waker = Waker::from(Arc::new(Woken { task: next, ready: self.ready.clone() }));
            let polled =
                task.as_mut().map(|task| task.as_mut().poll(&mut Context::from_waker(&waker)));
            if matches!(polled, Some(Poll::Ready(()))) {
                *task = None;
            }
        }
    }

    /// Goes on to where the next one wakes. Gives whether there is one.
    fn pass(&self) -> bool {
        let mut clock = self.clock.lock();
        let Some((&(at, _), _)) = clock.sleepers.first_key_value() else { return false };
        clock.now = at;
        let later = clock.sleepers.split_off(&(at + 1, 0));
        let woken = std::mem::replace(&mut clock.sleepers, later);
        drop(clock);
        woken.into_values().for_each(Waker::wake);
        true
    }
}

struct Woken {
    task: usize,
    ready: Arc<Mutex<Vec<usize>>>,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        let mut ready = self.ready.lock();
        if !ready.contains(&self.task) {
            ready.push(self.task);
        }
    }
}
