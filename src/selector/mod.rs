//! Picking values out of answers: JSONPath (RFC 9535) and XPath 1.0; and patterns for the paths by
//! which what differs is told.
//!
//! An expression is compiled once, which finds what is wrong with it, and then used on many
//! answers. Nothing else in the crate knows the library behind XPath.

pub mod json_path;
pub mod path_pattern;
pub mod xpath;
mod xpath_comparison;
mod xpath_names;

use std::fmt;

/// Why an expression cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectorError {
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// The part of the expression that it is about, if one is to blame.
    pub part: Option<String>,
}

impl SelectorError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), part: None }
    }

    fn about(part: &str, message: impl Into<String>) -> Self {
        Self { message: message.into(), part: Some(part.to_owned()) }
    }

    /// The same, with what can be done about it.
    fn with(self, help: &str) -> Self {
        Self { message: format!("{}; {help}", self.message), ..self }
    }
}

impl fmt::Display for SelectorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for SelectorError {}
