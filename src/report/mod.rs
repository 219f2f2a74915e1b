//! Drawing for people: nothing here decides anything.

pub mod snippet;
