//! counterpart: a declarative, YAML-driven protocol test harness and stateful mock.

pub mod diagnostic;
pub mod exchange;
pub mod report;
pub mod serve;
pub mod source;
pub mod value;
