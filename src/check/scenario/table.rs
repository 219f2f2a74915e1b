//! Tables as CSV (RFC 4180), or with tabs.
//!
//! Read here, since what is wrong has to be told at the place of the field, and since quotes tell
//! a text from a number, neither of which readers of CSV give.

use std::path::Path;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::source::{Located, Source, Span};
use crate::syntax::{Node, NodeKind, Problems};
use crate::value::Value;

/// Whether the name of a file says that it is such a table; gives what separates its fields.
pub(super) fn separator(path: &Path) -> Option<char> {
    let ending = path.extension()?.to_str()?.to_ascii_lowercase();
    match &*ending {
        "csv" => Some(','),
        "tsv" => Some('\t'),
        _ => None,
    }
}

/// A field as it is written.
struct Field {
    text: String,
    quoted: bool,
    span: Span,
}

/// The rows, as a list of mappings by the names in the first record.
pub(super) fn read(path: &Path, text: &str, separator: char) -> (Node, Vec<Diagnostic>) {
    let problems = Problems::default();
    let source = Source::new(path, text.strip_prefix('\u{feff}').unwrap_or(text));
    let mut records = records(&source, separator, &problems).into_iter();
    let header = records.next().unwrap_or_default();
    let mut names: Vec<Located<String>> = Vec::new();
    for field in header {
        let name = Located { value: field.text.trim().to_owned(), span: field.span };
        if let Some(first) = names.iter().find(|known| known.value == name.value) {
            let message = format!("there are two columns `{}`", name.value);
            problems.push(
                Diagnostic::error("duplicate-name", message, &name.span, "here again")
                    .related(&first.span, "first here"),
            );
        }
        names.push(name);
    }
    let rows = records.filter_map(|record| row(&names, record, &problems)).collect();
    let span = Span { source, start: 0, end: 1 };
    (Node { kind: NodeKind::List(rows), span }, problems.into_sorted())
}

fn row(names: &[Located<String>], record: Vec<Field>, problems: &Problems) -> Option<Node> {
    let first = record.first()?;
    let end = record.last().map_or(first.span.end, |last| last.span.end);
    let span = Span { end, ..first.span.clone() };
    if record.len() != names.len() {
        let (there, wanted) = (record.len(), names.len());
        let fields = if there == 1 { "field" } else { "fields" };
        let message = match names.get(there) {
            Some(missing) => {
                format!("the column `{}` is missing: {there} {fields}, not {wanted}", missing.value)
            }
            None => format!("no column is over this field: {there} {fields}, not {wanted}"),
        };
        let place = record.get(wanted).map_or(&span, |field| &field.span);
        let mut diagnostic = Diagnostic::error("bad-table", message, place, "another number");
        if let Some(name) = names.first() {
            diagnostic = diagnostic.related(&name.span, "the columns");
        }
        problems.push(diagnostic);
        return None;
    }
    let fields = names.iter().zip(record);
    let members = fields.filter_map(|(name, field)| {
        let kind = match field.quoted {
            true => NodeKind::Text(field.text),
            false if field.text.is_empty() => return None,
            false => plain(&field.text),
        };
        // A mistake in a name is one mistake, not one in each row.
        Some((name.clone(), Node { kind, span: field.span }))
    });
    Some(Node { kind: NodeKind::Map(members.collect()), span })
}

/// What a field without quotes is: as in JSON, but that a text needs no quotes.
fn plain(text: &str) -> NodeKind {
    match text {
        "true" => return NodeKind::Bool(true),
        "false" => return NodeKind::Bool(false),
        "null" => return NodeKind::Null,
        _ => {}
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    // What begins with a zero is a text of digits, such as a postal code.
    let spells = digits.starts_with(|c: char| c.is_ascii_digit())
        && (digits.len() == 1 || !digits.starts_with('0') || digits.starts_with("0."));
    match Value::spelled(text).filter(|_| spells) {
        Some(Value::Integer(number)) => NodeKind::Integer(number),
        Some(Value::Number(number)) => NodeKind::Number(number),
        _ => NodeKind::Text(text.to_owned()),
    }
}

/// The records; empty lines are none.
fn records(source: &Arc<Source>, separator: char, problems: &Problems) -> Vec<Vec<Field>> {
    let text = &source.text;
    let mut records = Vec::new();
    let mut record = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = text.get(at..).unwrap_or_default();
        let (field, quoted, length) = match rest.strip_prefix('"') {
            Some(inside) => {
                let (field, length) = quoted_field(inside);
                if length == inside.len() + 1 && !rest.get(1..).unwrap_or_default().ends_with('"') {
                    let span = Span { source: source.clone(), start: at, end: at + 1 };
                    let message = "these quotes are not closed";
                    problems.error("bad-table", message, &span, "opened here");
                    // It took whatever comes after it.
                    return records;
                }
                (field, true, length)
            }
            None => {
                let end = rest.find([separator, '\n']).unwrap_or(rest.len());
                let field = rest.get(..end).unwrap_or_default().trim_end_matches('\r');
                (field.to_owned(), false, field.len())
            }
        };
        let span = Span { source: source.clone(), start: at, end: at + length.max(1) };
        record.push(Field { text: field, quoted, span });
        at += length;
        let after = text.get(at..).unwrap_or_default();
        let end = after.find([separator, '\n']).unwrap_or(after.len());
        let between = after.get(..end).unwrap_or_default().trim();
        if !between.is_empty() {
            let span = Span { source: source.clone(), start: at, end: at + end };
            let message = "after the quotes comes the next field";
            problems.error("bad-table", message, &span, "is outside of the quotes");
        }
        let separated = after.get(end..).is_some_and(|rest| rest.starts_with(separator));
        at += end + 1;
        if separated && at < text.len() && !text.get(at..).unwrap_or_default().starts_with('\n') {
            continue;
        }
        if separated {
            let span = Span { source: source.clone(), start: at - 1, end: at };
            record.push(Field { text: String::new(), quoted: false, span });
            at += usize::from(at < text.len());
        }
        let nothing = matches!(&*record, [only] if only.text.is_empty() && !only.quoted);
        let whole = std::mem::take(&mut record);
        if !nothing {
            records.push(whole);
        }
    }
    records
}

/// What stands in quotes, in which two are one; and how long it is with them.
fn quoted_field(inside: &str) -> (String, usize) {
    let mut field = String::new();
    let mut rest = inside;
    loop {
        let Some(end) = rest.find('"') else {
            field.push_str(rest);
            return (field, inside.len() + 1);
        };
        field.push_str(rest.get(..end).unwrap_or_default());
        rest = rest.get(end + 1..).unwrap_or_default();
        match rest.strip_prefix('"') {
            Some(more) => {
                field.push('"');
                rest = more;
            }
            None => return (field, inside.len() - rest.len() + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_what_they_are_written_as() {
        let text =
            "\u{feff}name,zip,n\r\n\"a \"\"b\"\", c\",01234,1.50\r\n\r\n\"\",,true\n x ,0,\n";
        let (node, problems) = read(Path::new("a.csv"), text, ',');
        assert!(problems.is_empty(), "{problems:?}");
        let rows = node.to_value();
        let shown: Vec<String> =
            rows.as_list().unwrap_or_default().iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                r#"{"name":"a \"b\", c","zip":"01234","n":1.50}"#,
                r#"{"name":"","n":true}"#,
                r#"{"name":" x ","zip":0}"#
            ]
        );
    }
}
