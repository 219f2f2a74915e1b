//! What the command line gives scenarios.

use std::sync::Arc;

use crate::value::Value;

/// What the command line gives scenarios.
#[derive(Debug, Clone, Default)]
pub struct Outside {
    /// Values for variables of files, the ones that count last.
    pub variables: Vec<(Arc<str>, Value)>,
    /// What is in the environment besides what really is, which wins.
    pub environment: Vec<(Arc<str>, Arc<str>)>,
}

impl Outside {
    /// The value of a variable, where one is given.
    pub fn variable(&self, name: &str) -> Option<&Value> {
        self.variables.iter().rev().find(|(known, _)| **known == *name).map(|(_, value)| value)
    }

    /// What a file has for a variable of the environment.
    pub fn environment(&self, name: &str) -> Option<&str> {
        let known = self.environment.iter().rev().find(|(known, _)| **known == *name);
        known.map(|(_, value)| &**value)
    }
}
