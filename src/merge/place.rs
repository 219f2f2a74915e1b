//! Places in files, of which a report says the line and the column.

use std::collections::HashMap;
use std::fs;
use std::sync::Arc;

use super::fields::Field;
use crate::source::{Source, Span};

/// Files that results point into, by their paths: none where there is no such file here.
pub(super) type Sources = HashMap<String, Option<Arc<Source>>>;

/// No file has more lines, and no line more columns, of those that can be read.
const LINES: usize = 1_000_000;

/// Where something is written: in the file, where that is here too.
pub(super) fn place(of: &Field<'_>, sources: &mut Sources) -> Result<Span, String> {
    let (path, line, column) =
        (of.text("file")?, of.number::<usize>("line")?, of.number::<usize>("column")?);
    let known = sources
        .entry(path.as_ref().to_owned())
        .or_insert_with(|| Some(Source::new(&*path, fs::read_to_string(&*path).ok()?)));
    let found = known.as_ref().and_then(|source| {
        let start = source.offset(line, column)?;
        let rest = source.text.get(start..)?;
        let end = start + rest.lines().next().unwrap_or_default().trim_end().len();
        Some(Span { source: source.clone(), start, end })
    });
    Ok(found.unwrap_or_else(|| {
        // A report says the line, whether anybody has the file or not.
        let lines = "\n".repeat(line.saturating_sub(1).min(LINES));
        let text = lines + &" ".repeat(column.saturating_sub(1).min(LINES));
        let end = text.len();
        Span { source: Source::new(&*path, text), start: end, end }
    }))
}
