//! Running scenarios against the mock or a real endpoint. Nothing here prints.
//!
//! [`Runner::run`] does a trial: it makes a session, works out the variables, and for each step
//! makes the request (`request`), sends it ([`client`]), looks at the answer (`expect`,
//! [`compare`], `conform`) and keeps what is captured (`capture`). What happened is an
//! [`event::TrialResult`], from which the reports draw.

pub mod against;
pub mod answer;
mod assertion;
pub mod budget;
mod bytes;
mod capture;
pub mod client;
pub mod compare;
mod conform;
mod control;
mod cookies;
mod curl;
pub mod evaluate;
pub mod event;
mod expect;
mod find_mock;
mod finished_sessions;
mod groups;
mod headers;
pub mod jar;
mod known;
pub mod markup;
pub mod mask;
mod once;
pub mod pair;
mod pass_over;
mod perform;
mod reached;
mod redirect;
mod repeat;
mod request;
mod runner;
pub mod scope;
mod shared;
mod snapshot;
mod step;
mod trial;
mod tries;
pub mod url;
mod way;

pub use budget::Budget;
pub use runner::{Options, Runner, Target, trial_name};
