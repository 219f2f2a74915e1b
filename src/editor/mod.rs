//! A language server for specs and scenarios (Language Server Protocol 3.17).
//!
//! What is wrong is what `check` finds in the texts that the editor holds. What may stand somewhere
//! is asked of it too: a name that nobody has is put there, and the diagnostic knows all names that
//! would be right. What keys are for, and which texts are names of what, the JSON Schemas say.

mod actions;
mod complete;
mod documents;
mod excerpt;
mod field;
mod index;
mod language;
mod message;
mod names;
mod places;
mod position;
mod project;
mod published;
mod rename;
mod schema;
mod server;
mod shift;
mod whole;

pub(crate) use server::{End, serve};
