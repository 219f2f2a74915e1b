//! Where in a request a value is; put together only when somebody asks.

use std::fmt::Write as _;
use std::sync::Arc;

/// A stack of names and positions.
#[derive(Debug, Default)]
pub(super) struct Path {
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    Name(Arc<str>),
    Index(usize),
}

impl Path {
    /// Goes into a member.
    pub(super) fn name(&mut self, name: &Arc<str>) {
        self.parts.push(Part::Name(name.clone()));
    }

    /// Goes into an item.
    pub(super) fn index(&mut self, index: usize) {
        self.parts.push(Part::Index(index));
    }

    /// Comes back out.
    pub(super) fn pop(&mut self) {
        self.parts.pop();
    }

    /// The innermost name.
    pub(super) fn field(&self) -> Arc<str> {
        let names = self.parts.iter().rev().filter_map(|part| match part {
            Part::Name(name) => Some(name.clone()),
            Part::Index(_) => None,
        });
        names.into_iter().next().unwrap_or_default()
    }

    /// As `contact.items[0].mail`.
    pub(super) fn text(&self) -> Arc<str> {
        if let [Part::Name(name)] = &*self.parts {
            return name.clone();
        }
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Name(name) => {
                    if !text.is_empty() {
                        text.push('.');
                    }
                    text.push_str(name);
                }
                Part::Index(index) => _ = write!(text, "[{index}]"),
            }
        }
        text.into()
    }
}
