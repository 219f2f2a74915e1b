//! Putting what was most likely meant where something else was written.

use super::{Node, NodeKind};
use crate::source::{Located, Span};

/// A name that was misspelt, and the one that was most likely meant.
#[derive(Debug, Clone)]
pub struct Repair {
    /// Where it was written: a key, a text, or a part of a text.
    pub span: Span,
    /// What is to stand there.
    pub meant: String,
}

impl Repair {
    fn is_at(&self, span: &Span) -> bool {
        self.is_within(span) && self.span.start == span.start && self.span.end == span.end
    }

    fn is_within(&self, span: &Span) -> bool {
        std::sync::Arc::ptr_eq(&self.span.source, &span.source)
            && self.span.start >= span.start
            && self.span.end <= span.end
    }

    /// The text with this repair in it, where it can be told which of its words that is.
    fn apply(&self, span: &Span, text: &str) -> Option<String> {
        if self.is_at(span) {
            return Some(self.meant.clone());
        }
        let typed = self.span.text();
        let before = span.text().get(..self.span.start - span.start)?.matches(typed).count();
        let (at, _) = text.match_indices(typed).nth(before)?;
        let (head, tail) = (text.get(..at)?, text.get(at + typed.len()..)?);
        Some(format!("{head}{}{tail}", self.meant))
    }
}

impl Node {
    /// Repairs what is written in this node, and in all within it. Places stay as they were.
    pub fn repair(&mut self, repairs: &[Repair]) {
        match &mut self.kind {
            NodeKind::Text(text) => {
                for repair in repairs.iter().filter(|repair| repair.is_within(&self.span)) {
                    if let Some(repaired) = repair.apply(&self.span, text) {
                        *text = repaired;
                    }
                }
            }
            NodeKind::List(items) => items.iter_mut().for_each(|item| item.repair(repairs)),
            NodeKind::Map(entries) => {
                repair_keys(entries, repairs);
                for (_, node) in entries.iter_mut() {
                    node.repair(repairs);
                }
            }
            _ => {}
        }
    }
}

/// A key stands once, so one that is there already is not made again.
fn repair_keys(entries: &mut [(Located<String>, Node)], repairs: &[Repair]) {
    for at in 0..entries.len() {
        let Some((key, _)) = entries.get(at) else { continue };
        let Some(repair) = repairs.iter().find(|repair| repair.is_within(&key.span)) else {
            continue;
        };
        let Some(repaired) = repair.apply(&key.span, &key.value) else { continue };
        if entries.iter().all(|(other, _)| other.value != repaired)
            && let Some((key, _)) = entries.get_mut(at)
        {
            key.value = repaired;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;
    use crate::syntax::{Problems, parse};

    #[test]
    fn keys_texts_and_words_in_texts_are_repaired() {
        let source = Source::new("a.yaml", "a: b\nc: \"x d x d\"\ne: 1\nf: 2\n");
        let mut node = parse(&source, &Problems::default()).unwrap();
        let repair = |start: usize, end: usize, meant: &str| Repair {
            span: Span { source: source.clone(), start, end },
            meant: meant.to_owned(),
        };
        // The second `d`, and a key that would then are duplicated.
        node.repair(&[
            repair(0, 1, "aa"),
            repair(3, 4, "bb"),
            repair(15, 16, "dd"),
            repair(18, 19, "f"),
        ]);
        assert_eq!(node.to_value().to_string(), r#"{"aa":"bb","c":"x d x dd","e":1,"f":2}"#);
    }
}
