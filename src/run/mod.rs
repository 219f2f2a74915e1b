//! Running scenarios against the mock or a real endpoint. Nothing here prints.

pub mod event;
