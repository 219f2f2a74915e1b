//! What happens, for those who look on: bounded, and free of cost while nobody does.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::Timestamp;
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::entry::Told;
use super::session::Lost;
use crate::diagnostic::Diagnostic;
use crate::plan::Plan;

/// The most that is kept for those who are behind.
const MOST_EVENTS: usize = 10_000;
/// The most bytes of it, whoever is behind.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// A request was answered.
    Request(Happened),
    /// Messages were put into an outbox, or taken out.
    Outbox {
        /// In which session.
        session: Arc<str>,
        /// Of which vendor.
        vendor: Arc<str>,
        /// How many came.
        sent: usize,
    },
    /// A session was changed by the control plane: `reset`, `rewind`, `state` and the like.
    Changed {
        /// Which session.
        session: Arc<str>,
        /// The call.
        call: Arc<str>,
    },
    /// Something that the log is told.
    Said(Arc<str>),
    /// Specs were loaded again.
    Reloaded {
        /// The vendors.
        vendors: Arc<[Arc<str>]>,
        /// Collections of sessions that could not be kept.
        lost: Vec<(Arc<str>, Lost)>,
    },
    /// Specs were not loaded again, since they have mistakes.
    NotReloaded(Arc<[Diagnostic]>),
    /// What was here once, for those who count.
    Gone,
}

/// A request that was answered.
#[derive(Debug, Clone)]
pub struct Happened {
    /// When, in real time.
    pub at: Timestamp,
    /// In which session.
    pub session: Arc<str>,
    /// Its id in the journal.
    pub id: u64,
    /// What was asked and answered.
    pub told: Arc<Told>,
    /// The vendors at that time.
    pub plans: Arc<[Arc<Plan>]>,
}

impl Event {
    fn size(&self) -> usize {
        match self {
            Self::Request(happened) => happened.told.size(),
            Self::Said(text) => text.len(),
            Self::Reloaded { .. } | Self::NotReloaded(_) => 1024,
            Self::Outbox { .. } | Self::Changed { .. } | Self::Gone => 64,
        }
    }
}

/// What happened of late. Each reader has its place in it, and nothing else of its own: one that
/// never reads holds no memory, and is told how much it missed.
#[derive(Debug, Default)]
pub struct Feed {
    /// How many look at more than what the log is told.
    watching: AtomicUsize,
    recent: Mutex<Recent>,
    news: Notify,
}

#[derive(Debug, Default)]
struct Recent {
    events: VecDeque<Event>,
    bytes: usize,
    /// The number of the first of them.
    first: u64,
}

/// Somebody who looks on.
#[derive(Debug)]
pub struct Reader {
    feed: Arc<Feed>,
    watches: bool,
    next: u64,
}

/// What is new to a reader.
#[derive(Debug, Default)]
pub struct News {
    /// How many events it came too late for.
    pub missed: u64,
    /// The others, oldest first.
    pub events: Vec<Event>,
}

impl Feed {
    /// Whether somebody looks on at more than what the log is told.
    pub fn is_watched(&self) -> bool {
        self.watching.load(Ordering::Relaxed) > 0
    }

    /// Tells all who look on.
    pub fn tell(&self, event: Event) {
        let size = event.size();
        let mut gone = Vec::new();
        {
            let mut recent = self.recent.lock();
            recent.bytes += size;
            recent.events.push_back(event);
            while recent.events.len() > MOST_EVENTS
                || (recent.bytes > MOST_BYTES && recent.events.len() > 1)
            {
                let Some(event) = recent.events.pop_front() else { break };
                recent.bytes -= event.size();
                recent.first += 1;
                gone.push(event);
            }
        }
        // Dropped where nobody waits for it.
        drop(gone);
        self.news.notify_waiters();
    }

    /// Looks on from now.
    pub fn watch(self: &Arc<Self>) -> Reader {
        self.watching.fetch_add(1, Ordering::Relaxed);
        self.reader(true)
    }

    /// Looks at what the log is told from now on.
    pub fn listen(self: &Arc<Self>) -> Reader {
        self.reader(false)
    }

    fn reader(self: &Arc<Self>, watches: bool) -> Reader {
        let recent = self.recent.lock();
        Reader { feed: self.clone(), watches, next: recent.first + recent.events.len() as u64 }
    }
}

impl Reader {
    /// What is new, at most so many events.
    pub fn take(&mut self, most: usize) -> News {
        let recent = self.feed.recent.lock();
        let missed = recent.first.saturating_sub(self.next);
        let from = self.next.max(recent.first) - recent.first;
        let events = recent.events.iter().skip(usize::try_from(from).unwrap_or(usize::MAX));
        let events: Vec<_> = events.take(most).cloned().collect();
        drop(recent);
        self.next += missed + events.len() as u64;
        News { missed, events }
    }

    /// What is new, but of the requests only so many of the newest: the others count as missed.
    pub fn newest(&mut self, most: usize) -> News {
        let recent = self.feed.recent.lock();
        let mut missed = recent.first.saturating_sub(self.next);
        let from = self.next.max(recent.first) - recent.first;
        let new = recent.events.iter().skip(usize::try_from(from).unwrap_or(usize::MAX));
        self.next = recent.first + recent.events.len() as u64;
        let mut requests = 0;
        let mut events = Vec::new();
        for event in new.rev() {
            if matches!(event, Event::Request(_)) {
                requests += 1;
                if requests > most {
                    missed += 1;
                    continue;
                }
            }
            events.push(event.clone());
        }
        drop(recent);
        events.reverse();
        News { missed, events }
    }

    /// What is new, as soon as something is; `look` takes it.
    pub async fn next(&mut self, look: impl Fn(&mut Self) -> News) -> News {
        loop {
            let feed = self.feed.clone();
            let mut told = pin!(feed.news.notified());
            // Whatever comes from here on is heard.
            told.as_mut().enable();
            let news = look(self);
            if news.missed > 0 || !news.events.is_empty() {
                return news;
            }
            told.await;
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if self.watches && self.feed.watching.fetch_sub(1, Ordering::Relaxed) == 1 {
            // Nobody is left to read of requests, which may be large.
            let mut recent = self.feed.recent.lock();
            let requests = |event: &&mut Event| matches!(event, Event::Request(_));
            let gone = recent.events.iter_mut().filter(requests);
            let gone: Vec<_> = gone.map(|event| std::mem::replace(event, Event::Gone)).collect();
            recent.bytes = recent.events.iter().map(Event::size).sum();
            drop(recent);
            drop(gone);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Event {
        Event::Said(text.into())
    }

    fn texts(news: &News) -> Vec<&str> {
        let events = news.events.iter();
        events
            .filter_map(|e| if let Event::Said(text) = e { Some(&**text) } else { None })
            .collect()
    }

    #[test]
    fn who_wants_few_requests_misses_nothing_else() {
        let feed = Arc::new(Feed::default());
        let mut reader = feed.watch();
        for text in ["one", "two", "three"] {
            feed.tell(said(text));
        }
        let news = reader.newest(0);
        assert_eq!((news.missed, texts(&news)), (0, vec!["one", "two", "three"]));
        assert_eq!(reader.newest(0).events.len(), 0);
        for _ in 0..=MOST_EVENTS {
            feed.tell(said("more"));
        }
        assert_eq!(reader.newest(0).missed, 1);
    }

    #[test]
    fn each_reader_has_its_place_and_is_told_what_it_missed() {
        let feed = Arc::new(Feed::default());
        assert!(!feed.is_watched());
        let mut early = feed.watch();
        feed.tell(said("one"));
        let mut late = feed.watch();
        feed.tell(said("two"));
        assert_eq!(texts(&early.take(1)), ["one"]);
        assert_eq!(texts(&early.take(9)), ["two"]);
        assert_eq!(texts(&late.take(9)), ["two"]);
        for _ in 0..MOST_EVENTS + 5 {
            feed.tell(said("more"));
        }
        let news = late.take(usize::MAX);
        assert_eq!((news.missed, news.events.len()), (5, MOST_EVENTS));
        drop((early, late));
        assert!(!feed.is_watched());
    }

    #[test]
    fn the_bytes_of_all_readers_together_are_bounded() {
        let feed = Arc::new(Feed::default());
        let mut reader = feed.watch();
        let large = "x".repeat(MOST_BYTES / 4);
        for _ in 0..10 {
            feed.tell(said(&large));
        }
        assert!(feed.recent.lock().bytes <= MOST_BYTES);
        let news = reader.take(usize::MAX);
        assert_eq!((news.missed, news.events.len()), (6, 4));
    }
}
