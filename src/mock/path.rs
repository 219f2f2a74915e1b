//! Where in a request a value is; put together only when somebody asks.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;

/// A stack of names and positions.
#[derive(Debug, Default)]
pub(super) struct Path<'p> {
    /// The outermost part, for which nothing is allocated: most values are no deeper.
    outermost: Option<Part<'p>>,
    inner: Vec<Part<'p>>,
}

#[derive(Debug)]
enum Part<'p> {
    Name(Cow<'p, Arc<str>>),
    Index(usize),
}

impl<'p> Path<'p> {
    /// Goes into what the plan names.
    pub(super) fn name(&mut self, name: &'p Arc<str>) {
        self.push(Part::Name(Cow::Borrowed(name)));
    }

    /// Goes into a member that only the value names.
    pub(super) fn member(&mut self, name: &Arc<str>) {
        self.push(Part::Name(Cow::Owned(name.clone())));
    }

    /// Goes into an item.
    pub(super) fn index(&mut self, index: usize) {
        self.push(Part::Index(index));
    }

    /// Comes back out.
    pub(super) fn pop(&mut self) {
        if self.inner.pop().is_none() {
            self.outermost = None;
        }
    }

    fn push(&mut self, part: Part<'p>) {
        match self.outermost {
            None => self.outermost = Some(part),
            Some(_) => self.inner.push(part),
        }
    }

    /// The innermost name.
    pub(super) fn field(&self) -> Arc<str> {
        let mut parts = self.inner.iter().rev().chain(&self.outermost);
        let name = parts.find_map(|part| match part {
            Part::Name(name) => Some(Arc::clone(name)),
            Part::Index(_) => None,
        });
        name.unwrap_or_default()
    }

    /// As `contact.items[0].mail`.
    pub(super) fn text(&self) -> Arc<str> {
        if let (Some(Part::Name(name)), []) = (&self.outermost, &*self.inner) {
            return Arc::clone(name);
        }
        let mut text = String::new();
        for part in self.outermost.iter().chain(&self.inner) {
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
