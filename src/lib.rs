//! counterpart: a declarative, YAML-driven protocol test harness and stateful mock.

pub mod clock;
pub mod diagnostic;
pub mod random;
pub mod source;
pub mod state;
pub mod value;
