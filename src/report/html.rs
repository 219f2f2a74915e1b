//! The run as one page that stands alone: no network, works from disk.

use super::diff::{self, Piece, Row};
use super::{RunReport, json};
use crate::run::event::{SHOWN_BODY, StepResult};
use crate::value::{Map, Value};

const PAGE: &str = include_str!("html/page.html");
const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

/// The whole page.
pub fn html(run: &RunReport<'_>) -> String {
    let data = json::document(run, &side_by_side).to_string();
    // The data comes last, so that nothing in it is taken for a place to fill.
    PAGE.replace("/* style */", STYLE)
        .replace("/* script */", SCRIPT)
        .replace("/* data */", &in_script(&data))
}

/// JSON that nothing in a `script` element can mistake for its end: the characters that HTML
/// gives a meaning to only stand in texts, where JSON has another spelling for them.
fn in_script(json: &str) -> String {
    json.replace('&', "\\u0026")
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

/// The rows of the difference: a text for an equal line, a number for folded ones, else both
/// sides as lists of pieces, with a list around each piece that is emphasized.
fn side_by_side(step: &StepResult, members: &mut Map) {
    let Some(difference) = &step.difference else { return };
    let rows = diff::rows(difference);
    let mut left = SHOWN_BODY;
    let fits = |row: &&Row| {
        let fits = left > 0;
        left = left.saturating_sub(length(row));
        fits
    };
    let mut shown: Vec<Value> = rows.iter().take_while(fits).map(row).collect();
    if shown.len() < rows.len() {
        shown.push(format!("… shortened: {} of {} lines", shown.len(), rows.len()).into());
    }
    members.insert("rows", shown.into());
}

/// How much a row takes, about.
fn length(row: &Row) -> usize {
    match row {
        Row::Equal(text) => 2 * text.len(),
        Row::Folded(_) => 1,
        Row::Changed { expected, actual } => {
            let pieces = expected.iter().chain(actual).flatten();
            pieces.map(|piece| piece.text.len()).sum()
        }
    }
}

fn row(row: &Row) -> Value {
    match row {
        Row::Equal(text) => text.as_str().into(),
        Row::Folded(lines) => Value::Integer(i64::try_from(*lines).unwrap_or(i64::MAX)),
        Row::Changed { expected, actual } => {
            let side = |pieces: &Option<Vec<Piece>>| {
                pieces
                    .as_ref()
                    .map_or(Value::Null, |all| all.iter().map(piece).collect::<Vec<_>>().into())
            };
            vec![side(expected), side(actual)].into()
        }
    }
}

fn piece(piece: &Piece) -> Value {
    let text: Value = piece.text.as_str().into();
    if piece.emphasized { vec![text].into() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_the_script() {
        let json = r#"{"a":"</script><!--&\u2028"}"#.replace("\\u2028", "\u{2028}");
        let safe = in_script(&json);
        assert_eq!(safe, r#"{"a":"\u003c/script\u003e\u003c!--\u0026\u2028"}"#);
    }
}
