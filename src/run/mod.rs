//! Running scenarios against the mock or a real endpoint. Nothing here prints.

pub mod answer;
pub mod budget;
pub mod client;
pub mod compare;
mod curl;
pub mod evaluate;
pub mod event;
pub mod mask;
pub mod scope;
pub mod url;
