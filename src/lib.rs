//! counterpart: a declarative, YAML-driven protocol test harness and stateful mock.

pub mod check;
pub mod clock;
pub mod diagnostic;
pub mod exchange;
pub mod expression;
pub mod mock;
pub mod model;
pub mod plan;
pub mod random;
pub mod report;
pub mod run;
pub mod scenario;
pub mod selector;
pub mod serve;
pub mod source;
pub mod state;
pub mod syntax;
pub mod value;
pub mod wire;
