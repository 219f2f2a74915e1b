//! Data tables.

use std::sync::Arc;

use super::Reader;
use super::parts::{Part, beside};
use super::records;
use super::written::is_worked_out;
use crate::check::shape::Shape;
use crate::diagnostic::Diagnostic;
use crate::model::Tree;
use crate::scenario::Row;
use crate::source::Span;
use crate::syntax::{Entry, Node, ReadNode};
use crate::value::Value;

/// The most characters of a row's name.
const LONGEST: usize = 60;

impl<'n> Reader<'n, '_> {
    /// The rows, at least one, and the columns with the places where they stand first. The columns
    /// come into sight.
    pub(super) fn rows(&mut self, entry: Option<Entry<'n>>) -> (Vec<Row>, Vec<(Arc<str>, Span)>) {
        let mut columns: Vec<(Arc<str>, Span)> = Vec::new();
        let Some((_, node)) = entry else { return (vec![Row::default()], columns) };
        if is_worked_out(node) {
            return self.rows_of_expression(node);
        }
        let Some(list) = self.rows_node(node) else {
            // What the rows would have had is in sight all the same.
            self.scope.lose_track();
            return (vec![Row::default()], columns);
        };
        let (node, nodes) = (list, self.read_items(list));
        if let (Some(_), []) = (node.as_list(), nodes) {
            let message = "without a row the scenario never runs";
            self.error("no-rows", message, &node.span, "no rows");
        }
        self.table = nodes.iter().collect();
        // A row sees the variables; a column that another row has it does not see.
        let mark = self.scope.mark();
        let mut rows: Vec<(Row, Span)> = Vec::new();
        let mut matchers: Vec<(Arc<str>, Span)> = Vec::new();
        for item in nodes {
            let row = self.row(item, &mut columns, &rows);
            self.scope.reset(mark);
            for (key, node) in item.as_map().unwrap_or_default() {
                let matcher = self.matcher_in(node);
                matchers.extend(matcher.map(|span| (key.value.as_str().into(), span)));
            }
            rows.extend(row.map(|row| (row, item.span.clone())));
        }
        for (at, (row, _)) in rows.iter_mut().enumerate() {
            row.at = at;
        }
        for (column, _) in &columns {
            let matcher = matchers.iter().find(|(name, _)| name == column);
            let shape = matcher.map_or(Shape::Any, |(_, span)| Shape::Expectation(span.clone()));
            self.scope.add(column.clone(), shape);
        }
        (rows.into_iter().map(|(row, _)| row).collect(), columns)
    }

    /// The list of rows: here, or in a file.
    fn rows_node(&mut self, node: &'n Node) -> Option<&'n Node> {
        if node.as_map().is_none() {
            return Some(node);
        }
        let mut mapping = self.open(node, records::SCENARIO_ROWS.called("`rows`"))?;
        let file = mapping.require("file");
        mapping.finish();
        let path = self.fixed(file?)?;
        match self.parts.get(&beside(&path.span.source, &path.value)) {
            Some(Part::Read(rows)) => {
                let rows = rows.as_ref()?;
                if rows.as_list().is_none() {
                    let expected = "a list of rows in the file that is named";
                    self.wrong_type(rows, expected);
                    return None;
                }
                Some(rows)
            }
            Some(Part::Unreadable(message)) => {
                self.error("no-such-file", message, &path.span, "cannot be read");
                None
            }
            None => None,
        }
    }

    /// Rows that an expression gives, of what is known before anything runs.
    fn rows_of_expression(&mut self, node: &'n Node) -> (Vec<Row>, Vec<(Arc<str>, Span)>) {
        let rows = self.rows_worked_out(node);
        let mut columns: Vec<(Arc<str>, Span)> = Vec::new();
        let mut read: Vec<(Row, Span)> = Vec::new();
        for value in rows.iter().flatten() {
            let mut row = Row { at: read.len(), ..Row::default() };
            let mut written = Vec::new();
            for (name, value) in value.members().into_iter().flatten() {
                if &**name == "row" {
                    row.name = value.to_string().into();
                    continue;
                }
                if !columns.iter().any(|(known, _)| known == name) {
                    columns.push((name.clone(), node.span.clone()));
                }
                let tree = Tree::Constant(value.clone());
                written.push(format!("{name}={}", shown(&tree, node)));
                row.columns.push((name.clone(), tree));
            }
            if row.name.is_empty() {
                row.name = name_of(&written).into();
            }
            row.name = unique(&row.name, &read);
            read.push((row, node.span.clone()));
        }
        for (column, _) in &columns {
            self.scope.add(column.clone(), Shape::Any);
        }
        if read.is_empty() {
            self.scope.lose_track();
            read.push((Row::default(), node.span.clone()));
        }
        // Nobody wrote these names one by one, so none is told that is not used.
        (read.into_iter().map(|(row, _)| row).collect(), Vec::new())
    }

    fn rows_worked_out(&mut self, node: &'n Node) -> Option<Vec<Value>> {
        let expression = self.trees.sole_expression(node, &self.scope)?;
        let mut values = Vec::new();
        for root in expression.parsed.roots().iter() {
            let known = self.constants.iter().rev().find(|(name, _)| name == root);
            let Some((_, value)) = known else {
                let message = format!("`{root}` is known only when the scenario runs");
                let place = node.span.narrow(root);
                self.report(
                    Diagnostic::error("too-early", message, &place, "not known yet")
                        .help("rows are made of variables that hold fixed values"),
                );
                return None;
            };
            values.push(Some(value.clone()));
        }
        let rows = match expression.parsed.evaluate(&values) {
            Ok(rows) => rows.unwrap_or_default(),
            Err(error) => {
                self.error("bad-rows", error.message, &node.span, "cannot be evaluated");
                return None;
            }
        };
        let items = rows.as_list().unwrap_or_default();
        if items.is_empty() || items.iter().any(|item| item.members().is_none()) {
            let found = match items.iter().find(|item| item.members().is_none()) {
                Some(item) => format!("a list with a value of kind {}", item.kind()),
                None if rows.as_list().is_some() => "an empty list".to_owned(),
                None => format!("a value of kind {}", rows.kind()),
            };
            let message = format!("rows are a list of mappings, not {found}");
            self.error("bad-rows", message, &node.span, "gives this");
            return None;
        }
        Some(items.to_vec())
    }

    fn row(
        &mut self,
        node: &'n Node,
        columns: &mut Vec<(Arc<str>, Span)>,
        others: &[(Row, Span)],
    ) -> Option<Row> {
        let mut mapping = self.open(node, "a row")?;
        let given = self.fixed_text(&mut mapping, "row");
        let mut values = Vec::new();
        let mut written = Vec::new();
        for (key, node) in node.as_map().unwrap_or_default() {
            if key.value == "row" {
                continue;
            }
            // What is expected is read where it stands for something.
            let matcher = self.matcher_in(node);
            let tree = match matcher {
                Some(_) => Tree::Constant(Value::text(node.span.text())),
                None => self.trees.tree(node, &self.scope),
            };
            let is_value = matcher.is_none();
            if !is_value {
                self.use_names(node);
            }
            let shape = matcher.map_or(Shape::Any, Shape::Expectation);
            let Some(name) = self.name(&key.value, &key.span, shape) else { continue };
            if !columns.iter().any(|(known, _)| *known == name) {
                columns.push((name.clone(), key.span.clone()));
            }
            written.push(format!("{name}={}", shown(&tree, node)));
            if is_value {
                values.push((name, tree));
            }
        }
        let name = match given {
            Some(name) => {
                let twin = others.iter().find(|(row, _)| row.name == name.value);
                if let Some((_, first)) = twin {
                    let message = format!("there are two rows `{}`", name.value);
                    self.report(
                        Diagnostic::error("duplicate-name", message, &name.span, "here again")
                            .related(first, "first here"),
                    );
                }
                if name.trim().is_empty() || name.contains(char::is_control) {
                    let message = "the name of a row is one line, without control characters";
                    self.error("bad-name", message, &name.span, "is not a valid name");
                }
                name.value
            }
            None => unique(&name_of(&written), others),
        };
        Some(Row { name, at: 0, columns: values })
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
            others.push((Row { name, at: 0, columns: Vec::new() }, span.clone()));
        }
    }
}
