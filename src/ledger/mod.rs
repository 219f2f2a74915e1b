//! What sessions remember, on a disk: a file to which each change is added as a line.
//!
//! The engine has all of it in memory, so the file is never looked at while it serves: it is read
//! once, at the start, and then only written to. [`Entry`] is what a line says, [`Stored`] what all
//! lines come to, [`LedgerFile`] the bytes, and [`Ledger`] the thread that writes them, many at
//! once, and those who wait for it. Where replicas share sessions, the same lines stand in a
//! database, and [`Drafts`] has what a request adds to them.

mod book;
mod document;
mod entry;
mod file;
mod json;
mod line;
mod read;
mod seen;
mod stored;
mod writer;

#[cfg(feature = "postgres")]
pub use book::Draft;
pub use book::{Book, Drafts};
pub use document::{ACCOUNT, SESSION, document, read_account, read_session, read_spec};
pub use entry::{
    AccountChange, Changed, DueImage, Entry, Event, ExercisedImage, FaultsImage, Fields, LinkImage,
    Made, OutboxImage, Restart, ScheduleImage, SpecImage, Window,
};
pub use file::LedgerFile;
#[cfg(feature = "postgres")]
pub use json::{line, of_line};
pub use read::{Contents, OpenError, contents};
pub use seen::{begin, note, seen};
pub use stored::{Stored, StoredAccount, StoredSchedule, StoredSession};
pub use writer::{Failure, Ledger, Outcome, Starter};
