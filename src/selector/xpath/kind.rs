//! The kinds of values (XPath 1.0 section 1).

/// What an expression gives, which is known from it alone, since there are no variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Nodes,
    Number,
    Boolean,
    Text,
}

impl Kind {
    /// What it is called in messages.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Nodes => "nodes",
            Self::Number => "a number",
            Self::Boolean => "a truth value",
            Self::Text => "a string",
        }
    }
}
