//! A language server for specs and scenarios (Language Server Protocol 3.17).
//!
//! What is wrong is what `check` finds in the texts that the editor holds. What may stand somewhere
//! is asked of it too: a name that nobody has is put there, and the diagnostic knows all names that
//! would be right.

mod actions;
mod complete;
mod documents;
mod language;
mod message;
mod position;
mod project;
mod published;
mod server;

pub(crate) use server::{End, serve};
