//! counterpart: a declarative, YAML-driven protocol test harness and stateful mock.

pub mod check;
pub mod clock;
pub mod diagnostic;
pub mod expression;
pub mod model;
pub mod source;
pub mod syntax;
pub mod value;
