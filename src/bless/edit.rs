//! Adding to a list of a YAML file, and changing a scalar in it, with all else as it was: comments,
//! empty lines and the ends of lines.

use crate::source::{Source, Span};
use crate::syntax::{Node, NodeKind, tree};
use crate::value::Value;
use crate::write::{Piece, document};

/// The file is laid out in a way in which nothing can be added.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unfit;

/// The text with one more item in the list below a key at its left, which is begun at the end of the
/// text if there is none.
pub(super) fn append(text: &str, key: &str, item: &Piece) -> Result<String, Unfit> {
    let before = read(text)?;
    let is_crlf = text.contains("\r\n");
    let (at, indent, start) = match before.entry(key) {
        None => (end_of(text), 0, format!("{key}:\n")),
        Some((name, node)) => match &node.kind {
            NodeKind::Null => (line_end(text, name.span.end), 0, String::new()),
            NodeKind::List(items) => match items.last() {
                None => return append(&without_brackets(text, name, node)?, key, item),
                Some(last) => {
                    let (at, indent) = behind(text, last.span.start).ok_or(Unfit)?;
                    (at, indent, String::new())
                }
            },
            _ => return Err(Unfit),
        },
    };
    let (head, tail) = text.split_at_checked(at).ok_or(Unfit)?;
    let lead = if head.is_empty() || head.ends_with('\n') { "" } else { "\n" };
    let mut added = format!("{lead}{start}");
    for line in document(&Piece::list([item.clone()]), &[]).lines() {
        if !line.is_empty() {
            added.extend(std::iter::repeat_n(' ', indent));
        }
        added.push_str(line);
        added.push('\n');
    }
    if is_crlf {
        added = added.replace('\n', "\r\n");
    }
    let new = format!("{head}{added}{tail}");
    let after = read(&new)?;
    let is_kept = others(&before, key) == others(&after, key);
    let mut meant = items(&before, key);
    meant.push(value_of(item)?);
    (is_kept && meant == items(&after, key)).then_some(new).ok_or(Unfit)
}

/// The text with another scalar in a place.
pub(super) fn replace(text: &str, span: &Span, scalar: &str) -> Result<String, Unfit> {
    let line = document(&Piece::map().with("it", scalar).block(), &[]);
    let written = line.trim_end().strip_prefix("it: ").ok_or(Unfit)?;
    let mut new = text.to_owned();
    if text.get(span.range()).is_none_or(|old| old.contains('\n')) {
        return Err(Unfit);
    }
    new.replace_range(span.range(), written);
    read(&new).map(|_| new)
}

fn read(text: &str) -> Result<Node, Unfit> {
    tree(&Source::new("", text)).filter(|root| root.as_map().is_some()).ok_or(Unfit)
}

fn items(root: &Node, key: &str) -> Vec<Value> {
    let list = root.get(key).and_then(Node::as_list);
    list.into_iter().flatten().map(Node::to_value).collect()
}

fn others(root: &Node, key: &str) -> Vec<(String, Value)> {
    let members = root.as_map().into_iter().flatten().filter(|(name, _)| name.value != key);
    members.map(|(name, node)| (name.value.clone(), node.to_value())).collect()
}

fn value_of(item: &Piece) -> Result<Value, Unfit> {
    let text = document(item, &[]);
    tree(&Source::new("", text)).map(|node| node.to_value()).ok_or(Unfit)
}

/// Where the line ends in which a byte stands, its line feed included.
fn line_end(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    rest.find('\n').map_or(text.len(), |end| at + end + 1)
}

/// Where something can be added at the end: before the mark of the end, if there is one.
fn end_of(text: &str) -> usize {
    let mut at = text.len();
    for line in text.split_inclusive('\n').rev() {
        at -= line.len();
        match line.trim_end() {
            "" => {}
            "..." => return at,
            _ => break,
        }
    }
    text.len()
}

/// Where the item of a block list that begins at a byte ends, and how far its list is indented.
fn behind(text: &str, start: usize) -> Option<(usize, usize)> {
    let line = text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
    let begun = text.get(line..)?;
    let indent = begun.len() - begun.trim_start_matches(' ').len();
    if !text.get(line + indent..)?.starts_with("- ") {
        return None;
    }
    let mut at = line_end(text, start);
    let mut end = at;
    for line in text.get(at..)?.split_inclusive('\n') {
        let content = line.trim_start_matches(' ');
        let is_blank = content.trim().is_empty();
        if !is_blank && line.len() - content.len() <= indent {
            break;
        }
        at += line.len();
        if !is_blank {
            end = at;
        }
    }
    Some((end, indent))
}

/// The text without the brackets of an empty list.
fn without_brackets(
    text: &str,
    name: &crate::source::Located<String>,
    node: &Node,
) -> Result<String, Unfit> {
    let open = text.get(node.span.start..).ok_or(Unfit)?;
    let close = open.find(']').ok_or(Unfit)?;
    let between = text.get(name.span.end..node.span.start).ok_or(Unfit)?;
    let is_empty = open.get(..close).is_some_and(|it| it.trim_start_matches('[').trim().is_empty());
    if between.trim() != ":" || !is_empty || open.get(..close).is_some_and(|it| it.contains('\n')) {
        return Err(Unfit);
    }
    let colon = name.span.end + between.find(':').ok_or(Unfit)? + 1;
    let head = text.get(..colon).ok_or(Unfit)?;
    let tail = text.get(node.span.start + close + 1..).ok_or(Unfit)?;
    Ok(format!("{head}{tail}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn item() -> Piece {
        Piece::map().with("id", "b").with("expected", "201").with("says", "a: # b").block()
    }

    /// Pieces of a file, in any order that keys at the left may have.
    fn file() -> impl Strategy<Value = String> {
        let before = prop::sample::subsequence(
            vec![
                "# a comment\n",
                "counterpart: 1 # one\n\n",
                "vendor: 'x'\n",
                "info:\n    title: |\n      A\n\n      B\n\n",
                "list: [1, {a: b},\n  3]\n",
            ],
            1..=5,
        );
        let own = prop::sample::select(vec![
            "",
            "deviations:\n",
            "deviations: # none yet\n",
            "deviations: []\n",
            "deviations: [ ] # none\n",
            "deviations:\n- {id: a}\n",
            "deviations:\n  # first\n  - id: a # x\n    says: |\n      one\n\n      two\n\n",
            "deviations:\n- id: a\n  says: one\n    two\n\n# of what comes\n",
            "deviations:\n-   id: a\n    x: [1,\n      2]\n- id: c\n",
        ]);
        let after = prop::sample::subsequence(
            vec!["operations:\n- a: b\n", "errors: {}\n", "last: |+\n  x\n\n", "..\u{2e}\n"],
            0..=3,
        );
        (before, own, after, any::<bool>(), any::<bool>()).prop_filter_map(
            "is a file",
            |(before, own, after, is_crlf, ends)| {
                let mut text = format!("{}{own}{}", before.concat(), after.concat());
                if !ends && text.ends_with('\n') {
                    text.pop();
                }
                if is_crlf {
                    text = text.replace('\n', "\r\n");
                }
                read(&text).is_ok().then_some(text)
            },
        )
    }

    proptest! {
        #[test]
        fn only_the_lines_that_are_meant_are_others(text in file()) {
            let new = append(&text, "deviations", &item()).unwrap();
            let added: Vec<&str> = new.lines().filter(|line| !text.lines().any(|l| l == *line)).collect();
            for line in added {
                let is_meant = ["deviations:", "- id: b", "expected: \"201\"", "says: "];
                prop_assert!(is_meant.iter().any(|it| line.trim_start().starts_with(it)), "{line:?} in {new}");
            }
            // Each line that was there is there still, in its place, but for brackets of an empty list.
            let mut rest = new.lines();
            for line in text.lines() {
                let line = line.replace(" []", "").replace(" [ ]", "");
                prop_assert!(rest.any(|it| it == line), "{line:?} is not in {new}");
            }
            if text.contains("\r\n") {
                prop_assert_eq!(new.matches('\n').count(), new.matches("\r\n").count());
            }
            let twice = append(&new, "deviations", &item()).unwrap();
            prop_assert_eq!(items(&read(&twice).unwrap(), "deviations").len(),
                items(&read(&text).unwrap(), "deviations").len() + 2);
        }
    }

    #[test]
    fn what_is_laid_out_otherwise_is_left_alone() {
        for text in ["{a: 1}", "deviations: [{id: a}]\n", "deviations: x\n", "- a\n", ": ["] {
            assert_eq!(append(text, "deviations", &item()), Err(Unfit), "{text}");
        }
    }

    #[test]
    fn a_scalar_is_replaced_alone() {
        let text = "a: vendor # why\nb: 1\n";
        let root = read(text).unwrap();
        let span = &root.get("a").unwrap().span;
        assert_eq!(replace(text, span, "both").unwrap(), "a: both # why\nb: 1\n");
        assert_eq!(replace(text, span, "1").unwrap(), "a: \"1\" # why\nb: 1\n");
    }
}
