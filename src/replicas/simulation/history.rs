//! What a session is for those who use it, and whether what they have seen of it fits.

use todc_utils::linearizability::WGLChecker;
use todc_utils::linearizability::history::{Action, History};
use todc_utils::specifications::Specification;

/// What is asked for, with what was answered, where that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Operation {
    /// Sets a setting.
    Set(u64),
    /// Reads it.
    Setting(Option<u64>),
    /// Takes a name: it was free, or it was not.
    Claim(u64, Option<bool>),
    /// All names that are taken, in the order in which they were.
    Names(Option<Vec<u64>>),
    /// Counts: the number after it.
    Count(Option<u64>),
    /// Reads the number.
    Counted(Option<u64>),
    /// Has it counted an hour later.
    Later,
    /// An hour goes by.
    Advance,
    /// All is as in the beginning.
    Reset,
}

impl Operation {
    pub(super) fn only_reads(&self) -> bool {
        matches!(self, Self::Setting(_) | Self::Names(_) | Self::Counted(_))
    }
}

/// A session.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Session {
    setting: u64,
    names: Vec<u64>,
    count: u64,
    hours: u64,
    due: Vec<u64>,
}

impl Specification for Session {
    type State = Self;
    type Operation = Operation;

    fn init() -> Self {
        Self::default()
    }

    fn apply(operation: &Operation, state: &Self) -> (bool, Self) {
        let mut next = state.clone();
        let fits = match operation {
            Operation::Set(value) => {
                next.setting = *value;
                true
            }
            Operation::Setting(seen) => seen.is_none_or(|seen| seen == state.setting),
            Operation::Claim(name, seen) => {
                let free = !state.names.contains(name);
                if free {
                    next.names.push(*name);
                }
                seen.is_none_or(|seen| seen == free)
            }
            Operation::Names(seen) => seen.as_ref().is_none_or(|seen| *seen == state.names),
            Operation::Count(seen) => {
                next.count += 1;
                seen.is_none_or(|seen| seen == next.count)
            }
            Operation::Counted(seen) => seen.is_none_or(|seen| seen == state.count),
            Operation::Later => {
                next.due.push(state.hours + 1);
                true
            }
            Operation::Advance => {
                next.hours += 1;
                let before = next.due.len();
                next.due.retain(|due| *due > next.hours);
                next.count += (before - next.due.len()) as u64;
                true
            }
            Operation::Reset => {
                next = Self::default();
                true
            }
        };
        (fits, next)
    }
}

/// What happened, in its order: the number of a request, and whether it began or ended.
#[derive(Debug, Default)]
pub(super) struct Seen {
    events: Vec<(usize, Event)>,
    requests: usize,
}

#[derive(Debug, Clone)]
enum Event {
    Began(Operation),
    Ended(Operation),
    /// Nothing of it was done.
    Refused,
}

impl Seen {
    pub(super) fn began(&mut self, operation: &Operation) -> usize {
        self.requests += 1;
        self.events.push((self.requests, Event::Began(operation.clone())));
        self.requests
    }

    pub(super) fn ended(&mut self, request: usize, operation: Operation) {
        self.events.push((request, Event::Ended(operation)));
    }

    pub(super) fn refused(&mut self, request: usize) {
        self.events.push((request, Event::Refused));
    }

    /// How many requests were answered, refused, and never answered.
    pub(super) fn counts(&self) -> (usize, usize, usize) {
        let of = |wanted: fn(&Event) -> bool| {
            self.events.iter().filter(|(_, event)| wanted(event)).count()
        };
        let ended = of(|event| matches!(event, Event::Ended(_)));
        let refused = of(|event| matches!(event, Event::Refused));
        (ended, refused, self.requests - ended - refused)
    }

    /// Whether each request happened at one moment between its beginning and its end, those of
    /// which nobody knows at any moment after their beginning, or never, and those that were
    /// refused not at all.
    pub(super) fn fits(&self) -> bool {
        let ends = |request: usize| {
            self.events.iter().find_map(|(of, event)| {
                (*of == request && !matches!(event, Event::Began(_))).then_some(event)
            })
        };
        let mut actions = Vec::new();
        let mut unknown = Vec::new();
        for (request, event) in &self.events {
            match event {
                Event::Began(operation) => match ends(*request) {
                    Some(Event::Refused) => {}
                    Some(_) => actions.push((*request, Action::Call(operation.clone()))),
                    // What nobody has seen of a read says nothing.
                    None if operation.only_reads() => {}
                    None => {
                        actions.push((*request, Action::Call(operation.clone())));
                        // One that never happened is the same as one that happened after all
                        // that anybody has seen.
                        unknown.push((*request, Action::Response(operation.clone())));
                    }
                },
                Event::Ended(operation) => {
                    actions.push((*request, Action::Response(operation.clone())));
                }
                Event::Refused => {}
            }
        }
        actions.extend(unknown);
        actions.is_empty() || WGLChecker::<Session>::is_linearizable(History::from_actions(actions))
    }
}

#[test]
fn names_are_as_they_were_taken() {
    let mut seen = Seen::default();
    let first = seen.began(&Operation::Claim(1, None));
    let second = seen.began(&Operation::Claim(2, None));
    seen.ended(second, Operation::Claim(2, Some(true)));
    seen.ended(first, Operation::Claim(1, Some(true)));
    let names = seen.began(&Operation::Names(None));
    seen.ended(names, Operation::Names(Some(vec![2, 1])));
    assert!(seen.fits());
    let again = seen.began(&Operation::Names(None));
    seen.ended(again, Operation::Names(Some(vec![1, 2])));
    assert!(!seen.fits());
}

#[test]
fn what_is_not_known_may_have_happened_or_not_and_what_was_refused_has_not() {
    let of = |last: u64, is_refused: bool| {
        let mut seen = Seen::default();
        let lost = seen.began(&Operation::Set(7));
        if is_refused {
            seen.refused(lost);
        }
        let read = seen.began(&Operation::Setting(None));
        seen.ended(read, Operation::Setting(Some(last)));
        seen.fits()
    };
    assert!(of(7, false) && of(0, false) && of(0, true));
    assert!(!of(7, true) && !of(1, false));
}
