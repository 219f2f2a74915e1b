//! The difference of two texts, as data and as lines for a terminal.

use std::ops::Range;
use std::time::Duration;

use similar::{Algorithm, ChangeTag, DiffOp, DiffTag, TextDiff};

use super::printable::printable;
use super::shorten::{LONGEST_LINE, around, pieces};
use super::style::Paint;
use crate::run::event::Difference;

/// How many equal lines stay around a difference.
const CONTEXT: usize = 3;

/// How many lines a terminal gets; whoever needs more has the other reports.
const MOST_LINES: usize = 200;

/// How long a difference may be looked for; after that it is right, but not the shortest.
const PATIENCE: Duration = Duration::from_millis(500);

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Whether this is what makes the line different.
    pub emphasized: bool,
    /// The text.
    pub text: String,
}

/// A line of a difference, side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// On both sides.
    Equal(String),
    /// Equal lines that are left out.
    Folded(usize),
    /// What was expected, what is there, or both.
    Changed {
        /// The line that was expected.
        expected: Option<Vec<Piece>>,
        /// The line that is there.
        actual: Option<Vec<Piece>>,
    },
}

/// The lines of both sides, equal ones that are far from a difference folded.
pub fn rows(difference: &Difference) -> Vec<Row> {
    let expected = printable(&difference.expected);
    let actual = printable(&difference.actual);
    let diff = TextDiff::configure()
        .algorithm(Algorithm::Patience)
        .timeout(PATIENCE)
        .diff_lines(&*expected, &*actual);
    let mut rows = Vec::new();
    let mut seen = 0;
    for group in diff.grouped_ops(CONTEXT) {
        let start = group.first().map_or(seen, |op| op.old_range().start);
        fold(&mut rows, &expected, seen..start);
        for op in &group {
            match op.tag() {
                DiffTag::Equal => {
                    rows.extend(diff.iter_changes(op).map(|c| Row::Equal(short(c.value()))));
                }
                _ => rows.extend(changed(&diff, op)),
            }
        }
        seen = group.last().map_or(seen, |op| op.old_range().end);
    }
    fold(&mut rows, &expected, seen..diff.old_len().max(seen));
    rows
}

/// Leaves lines out; to say so of one would take as much room as it does.
fn fold(rows: &mut Vec<Row>, text: &str, lines: Range<usize>) {
    match lines.len() {
        0 => {}
        1 => rows.extend(text.lines().nth(lines.start).map(|only| Row::Equal(short(only)))),
        many => rows.push(Row::Folded(many)),
    }
}

fn short(text: &str) -> String {
    around(&line(text), "", LONGEST_LINE).into_owned()
}

fn line(text: &str) -> String {
    text.strip_suffix('\n').unwrap_or(text).to_owned()
}

/// The lines of both sides beside each other, in order.
fn changed(diff: &TextDiff<'_, '_, str>, op: &DiffOp) -> Vec<Row> {
    if diff.iter_changes(op).any(|change| change.value().len() > LONGEST_LINE) {
        return changed_long(diff, op);
    }
    let (mut expected, mut actual) = (Vec::new(), Vec::new());
    for change in diff.iter_inline_changes(op) {
        let pieces: Vec<Piece> = change
            .iter_strings_lossy()
            .map(|(emphasized, text)| Piece { emphasized, text: line(&text) })
            .filter(|piece| !piece.text.is_empty())
            .collect();
        match change.tag() {
            ChangeTag::Delete => expected.push(pieces),
            ChangeTag::Insert => actual.push(pieces),
            ChangeTag::Equal => {}
        }
    }
    let lines = expected.len().max(actual.len());
    let (mut expected, mut actual) = (expected.into_iter(), actual.into_iter());
    (0..lines).map(|_| Row::Changed { expected: expected.next(), actual: actual.next() }).collect()
}

/// The same where a line is so long that only a part of it is shown, around what differs.
fn changed_long(diff: &TextDiff<'_, '_, str>, op: &DiffOp) -> Vec<Row> {
    let of = |tag: ChangeTag| -> Vec<String> {
        let changes = diff.iter_changes(op).filter(|change| change.tag() == tag);
        changes.map(|change| line(change.value())).collect()
    };
    let (expected, actual) = (of(ChangeTag::Delete), of(ChangeTag::Insert));
    let shown = |lines: &[String], others: &[String], at: usize| {
        let other = others.get(at).map_or("", String::as_str);
        let piece = |(emphasized, text)| Piece { emphasized, text };
        lines.get(at).map(|line| pieces(line, other).into_iter().map(piece).collect())
    };
    let row = |at| Row::Changed {
        expected: shown(&expected, &actual, at),
        actual: shown(&actual, &expected, at),
    };
    (0..expected.len().max(actual.len())).map(row).collect()
}

/// Lines with `-` for what was expected and `+` for what is there, each with a line feed.
pub fn text(difference: &Difference, styled: bool) -> String {
    let paint = Paint { styled };
    let rows = rows(difference);
    let mut lines = Vec::new();
    let mut rest = rows.as_slice();
    while let [first, more @ ..] = rest {
        match first {
            Row::Equal(text) => lines.push(format!("  {text}")),
            Row::Folded(count) => lines.push(paint.dim(&format!("… {count} equal lines …"))),
            Row::Changed { .. } => {
                let run = rest.iter().take_while(|row| matches!(row, Row::Changed { .. })).count();
                let (changed, behind) = rest.split_at(run);
                lines.extend(sides(changed, paint));
                rest = behind;
                continue;
            }
        }
        rest = more;
    }
    let left_out = lines.len().saturating_sub(MOST_LINES);
    lines.truncate(MOST_LINES);
    if left_out > 0 {
        lines.push(paint.dim(&format!("… {left_out} more lines …")));
    }
    let mut text = String::new();
    for line in &lines {
        text.push_str(line.trim_end_matches(' '));
        text.push('\n');
    }
    text
}

/// All lines that were expected, then all that are there.
fn sides(rows: &[Row], paint: Paint) -> Vec<String> {
    let mut lines = Vec::new();
    for row in rows {
        if let Row::Changed { expected: Some(pieces), .. } = row {
            let text = pieces.iter().map(|p| paint.expected(&p.text, p.emphasized));
            lines.push(format!("{}{}", paint.expected("- ", false), text.collect::<String>()));
        }
    }
    for row in rows {
        if let Row::Changed { actual: Some(pieces), .. } = row {
            let text = pieces.iter().map(|p| paint.actual(&p.text, p.emphasized));
            lines.push(format!("{}{}", paint.actual("+ ", false), text.collect::<String>()));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn difference(expected: &str, actual: &str) -> Difference {
        Difference { expected: expected.to_owned(), actual: actual.to_owned() }
    }

    #[test]
    fn equal_lines_far_from_a_difference_are_folded() {
        let before: Vec<String> = (0..10).map(|n| format!("line {n}")).collect();
        let before = before.join("\n") + "\n";
        let drawn = text(&difference(&format!("{before}old\n"), &format!("{before}new\n")), false);
        assert_eq!(drawn, "… 7 equal lines …\n  line 7\n  line 8\n  line 9\n- old\n+ new\n");
    }

    #[test]
    fn a_single_equal_line_stands_for_itself() {
        let around = "a\nb\nc\nd\n";
        let both = |line: &str| format!("{around}{line}\n{around}");
        let drawn = text(&difference(&both("old"), &both("new")), false);
        assert_eq!(drawn, "  a\n  b\n  c\n  d\n- old\n+ new\n  a\n  b\n  c\n  d\n");
    }

    #[test]
    fn what_differs_in_a_line_is_emphasized() {
        let rows =
            rows(&difference("\"mail\": \"a@x.example\",\n", "\"mail\": \"b@x.example\",\n"));
        let [Row::Changed { expected: Some(expected), actual: Some(_) }] = &*rows else {
            panic!("{rows:?}");
        };
        assert!(expected.iter().any(|piece| piece.emphasized), "{expected:?}");
        assert!(expected.iter().any(|piece| !piece.emphasized), "{expected:?}");
    }

    fn side(rows: &[Row], actual: bool) -> usize {
        rows.iter()
            .map(|row| match row {
                Row::Equal(_) => 1,
                Row::Folded(lines) => *lines,
                Row::Changed { expected, actual: there } => {
                    usize::from(if actual { there.is_some() } else { expected.is_some() })
                }
            })
            .sum()
    }

    proptest! {
        #[test]
        fn no_line_is_lost(left in "([ab\u{1b}ü]{0,2}\n){0,30}", right in "([ab]{0,2}\n){0,30}") {
            let rows = rows(&difference(&left, &right));
            // Nothing is drawn of texts that are equal.
            if left != right {
                prop_assert_eq!(side(&rows, false), left.lines().count());
                prop_assert_eq!(side(&rows, true), right.lines().count());
            }
        }
    }
}
