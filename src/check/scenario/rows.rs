//! Data tables.

use std::sync::Arc;

use super::Reader;
use crate::check::shape::Shape;
use crate::diagnostic::Diagnostic;
use crate::model::Tree;
use crate::scenario::Row;
use crate::source::Span;
use crate::syntax::mapping::items;
use crate::syntax::{Entry, Mapping, Node};

/// The most characters of a row's name.
const LONGEST: usize = 60;

impl<'n> Reader<'n, '_> {
    /// The rows, at least one, and the columns with the places where they stand first. The columns
    /// come into sight.
    pub(super) fn rows(&mut self, entry: Option<Entry<'n>>) -> (Vec<Row>, Vec<(Arc<str>, Span)>) {
        let mut columns: Vec<(Arc<str>, Span)> = Vec::new();
        let Some((_, node)) = entry else { return (vec![Row::default()], columns) };
        let nodes = items(node, &mut self.checker.problems);
        if let (Some(_), []) = (node.as_list(), nodes) {
            let message = "without a row the scenario never runs";
            self.checker.problems.error("no-rows", message, &node.span, "no rows");
        }
        self.table = nodes.iter().collect();
        // A row sees the variables; a column that another row has it does not see.
        let mark = self.scope.mark();
        let mut rows: Vec<(Row, Span)> = Vec::new();
        for item in nodes {
            let row = self.row(item, &mut columns, &rows);
            self.scope.reset(mark);
            rows.extend(row.map(|row| (row, item.span.clone())));
        }
        for (column, _) in &columns {
            self.scope.add(column.clone(), Shape::Any);
        }
        (rows.into_iter().map(|(row, _)| row).collect(), columns)
    }

    fn row(
        &mut self,
        node: &'n Node,
        columns: &mut Vec<(Arc<str>, Span)>,
        others: &[(Row, Span)],
    ) -> Option<Row> {
        let mut mapping = Mapping::open(node, "a row", &mut self.checker.problems)?;
        let given = self.fixed_text(&mut mapping, "row");
        let mut values = Vec::new();
        let mut written = Vec::new();
        for (key, node) in node.as_map().unwrap_or_default() {
            if key.value == "row" {
                continue;
            }
            let tree = self.checker.tree(node, &self.scope);
            let Some(name) = self.name(&key.value, &key.span, Shape::Any) else { continue };
            if !columns.iter().any(|(known, _)| *known == name) {
                columns.push((name.clone(), key.span.clone()));
            }
            written.push(format!("{name}={}", shown(&tree, node)));
            values.push((name, tree));
        }
        let name = match given {
            Some(name) => {
                let twin = others.iter().find(|(row, _)| row.name == name.value);
                if let Some((_, first)) = twin {
                    let message = format!("there are two rows `{}`", name.value);
                    self.checker.problems.push(
                        Diagnostic::error("duplicate-name", message, &name.span, "here again")
                            .related(first, "first here"),
                    );
                }
                if name.trim().is_empty() || name.contains(char::is_control) {
                    let message = "the name of a row is one line, without control characters";
                    self.checker.problems.error("bad-name", message, &name.span, "is none");
                }
                name.value
            }
            None => unique(&name_of(&written), others),
        };
        Some(Row { name, columns: values })
    }
}

/// How a value stands in a row's name: a text that is empty, or has spaces around it or control
/// characters in it, in quotes.
fn shown(tree: &Tree, node: &Node) -> String {
    let text = match tree {
        Tree::Constant(value) => match value.scalar_text() {
            Some(text)
                if text.is_empty() || text.trim() != &*text || text.contains(char::is_control) =>
            {
                format!("{text:?}")
            }
            Some(text) => text.to_string(),
            None => value.to_string(),
        },
        _ => node.as_text().map_or_else(|| "...".to_owned(), str::to_owned),
    };
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first columns, as many as there is room for.
fn name_of(columns: &[String]) -> String {
    let mut name = String::new();
    for column in columns {
        let joined = match name.is_empty() {
            true => column.clone(),
            false => format!("{name}, {column}"),
        };
        if joined.chars().count() > LONGEST {
            break;
        }
        name = joined;
    }
    match (name.is_empty(), columns.first()) {
        (true, Some(first)) => {
            first.chars().take(LONGEST - 1).chain(std::iter::once('…')).collect()
        }
        (true, None) => "nothing".to_owned(),
        (false, _) => name,
    }
}

/// The name, numbered if there is one like it already.
fn unique(name: &str, others: &[(Row, Span)]) -> Arc<str> {
    let taken = |name: &str| others.iter().any(|(row, _)| &*row.name == name);
    if !taken(name) {
        return name.into();
    }
    // Older readers of TAP take what follows a `#` for no part of the name.
    let suffixes = (2..=others.len() + 2).map(|number| format!(" ({number})"));
    let mut names = suffixes.map(|suffix| {
        let room = LONGEST - suffix.chars().count();
        let short: String = name.chars().take(room).collect();
        format!("{short}{suffix}")
    });
    names.find(|name| !taken(name)).unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    #[test]
    fn rows_alike_are_numbered() {
        let span = Span { source: Source::new("a.yaml", "a"), start: 0, end: 1 };
        let mut others: Vec<(Row, Span)> = Vec::new();
        for expected in ["x=1", "x=1 (2)", "x=1 (3)"] {
            let name = unique("x=1", &others);
            assert_eq!(&*name, expected);
            others.push((Row { name, columns: Vec::new() }, span.clone()));
        }
    }
}
