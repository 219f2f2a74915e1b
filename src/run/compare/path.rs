//! Where in an answer something is.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::run::markup::{self, Namespaces};

/// A place in an answer.
#[derive(Debug, Clone)]
pub(in crate::run) struct Path {
    base: String,
    parts: Vec<Part>,
    markup: bool,
}

#[derive(Debug, Clone)]
enum Part {
    Name(Arc<str>),
    Index(usize),
}

impl Path {
    pub(in crate::run) fn new(base: &str, markup: bool) -> Self {
        Self { base: base.to_owned(), parts: Vec::new(), markup }
    }

    pub(in crate::run) fn name(&mut self, name: &Arc<str>) {
        self.parts.push(Part::Name(name.clone()));
    }

    pub(in crate::run) fn index(&mut self, index: usize) {
        self.parts.push(Part::Index(index));
    }

    pub(in crate::run) fn pop(&mut self) {
        self.parts.pop();
    }

    /// Whether it is a child of the root element.
    pub(super) fn is_in_root(&self) -> bool {
        matches!(&*self.parts, [Part::Name(_), Part::Name(_)])
    }

    /// The same for all items of a list: `$.a.b`.
    pub(in crate::run) fn in_lists(&self) -> String {
        let mut path = self.clone();
        path.parts.retain(|part| matches!(part, Part::Name(_)));
        path.text(&[])
    }

    /// Whether it is of an item of a list, or within one.
    pub(in crate::run) fn is_in_list(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Index(_)))
    }

    /// `$.a.b[0]`, or `/a/b[1]/@c`.
    pub(in crate::run) fn text(&self, namespaces: &Namespaces) -> String {
        let mut text = self.base.clone();
        for part in &self.parts {
            // Writing to a string cannot fail.
            match part {
                Part::Name(name) if self.markup && &**name == "#text" => text.push_str("/text()"),
                Part::Name(name) if self.markup => {
                    _ = write!(text, "/{}", markup::in_path(name, namespaces));
                }
                Part::Name(name) => text.push_str(&member(name)),
                Part::Index(index) if self.markup => _ = write!(text, "[{}]", index + 1),
                Part::Index(index) => _ = write!(text, "[{index}]"),
            }
        }
        if text.is_empty() { "/".to_owned() } else { text }
    }
}

/// A member in a path of JSON: `.name`, or as in a normalized path of RFC 9535 section 2.7.
pub(in crate::run) fn member(name: &str) -> String {
    let is_plain = name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let name = markup::name_in_path(name);
    if is_plain {
        return format!(".{name}");
    }
    format!("['{}']", name.replace('\\', r"\\").replace('\'', r"\'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_nobody_reads_to_its_end_is_cut() {
        for (markup, name) in [(false, "é".repeat(5_000)), (true, "{urn:a}b".repeat(5_000))] {
            let mut path = Path::new("", markup);
            path.name(&name.into());
            let text = path.text(&[]);
            assert!(text.chars().count() < 210 && text.ends_with('…'), "{text}");
        }
        assert_eq!(member("a b"), "['a b']");
    }
}
