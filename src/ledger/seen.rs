//! Which state the work of this thread has seen or made.
//!
//! A request is answered on one thread from its beginning to its end, and looks at the state in
//! many places; each of them notes what it saw while it holds the state, and whoever sends the
//! answer asks once.

use std::cell::Cell;

thread_local! {
    static SEEN: Cell<u64> = const { Cell::new(0) };
}

/// Nothing yet.
pub fn begin() {
    SEEN.set(0);
}

/// The state that came of the entry with that ticket.
pub fn note(ticket: u64) {
    SEEN.set(SEEN.get().max(ticket));
}

/// The newest that was noted since the beginning; 0 when none was.
pub fn seen() -> u64 {
    SEEN.get()
}
