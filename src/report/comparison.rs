//! Two targets side by side, for people and for programs.

use std::fmt::Write as _;
use std::time::Duration;

use super::elapsed::elapsed;
use super::json::pretty;
use super::members::object;
use super::printable::printable;
use super::style::Paint;
use super::terminal::skipped_text;
use crate::run::pair::{Difference, Likeness, Pair, PairedStep};
use crate::source::Span;
use crate::value::Value;
use crate::visible::{Notation, visible};

/// How much of a value stands in a line.
const VALUE: usize = 160;

/// How many differences of a step are shown.
const DIFFERENCES: usize = 40;

/// Two targets, and the trials that ran on both.
#[derive(Debug, Clone, Copy)]
pub struct ComparisonReport<'a> {
    /// What the left side is called.
    pub left: &'a str,
    /// What the right side is called.
    pub right: &'a str,
    /// The trials.
    pub pairs: &'a [Pair],
    /// How long it took.
    pub duration: Duration,
}

/// For a terminal: what differs, trial by trial, and a summary. `styled` adds ANSI colours.
pub fn text(report: &ComparisonReport<'_>, styled: bool) -> String {
    let paint = Paint { styled };
    let mut text = String::new();
    let left = paint.expected(&format!("- left   {}", printable(report.left)), false);
    let right = paint.actual(&format!("+ right  {}", printable(report.right)), false);
    // Writing to a string cannot fail.
    _ = writeln!(text, "{left}\n{right}\n");
    for pair in report.pairs.iter().filter(|pair| pair.differs()) {
        _ = writeln!(text, "{} {}", paint.bad("DIFFERS"), paint.bold(&printable(&pair.name)));
        for step in &pair.steps {
            step_text(step, paint, &mut text);
        }
        text.push('\n');
    }
    let skipped = report.pairs.iter().filter(|pair| pair.skipped.is_some()).count();
    let differs = report.pairs.iter().filter(|pair| pair.differs()).count();
    let same = report.pairs.len() - skipped - differs;
    let mut parts = vec![paint.good(&format!("{same} same"))];
    if differs > 0 {
        parts.push(paint.bad(&format!("{differs} differ")));
    }
    if skipped > 0 {
        parts.push(paint.doubtful(&format!("{skipped} skipped")));
    }
    let once = only_once(report.pairs);
    if once > 0 {
        let steps = if once == 1 { "1 step" } else { &format!("{once} steps") };
        parts.push(paint.dim(&format!("{steps} only possible on one side")));
    }
    _ = writeln!(text, "{} in {}", parts.join(", "), elapsed(report.duration));
    let skipped = report.pairs.iter().filter_map(|pair| Some((&*pair.name, pair.skipped.clone()?)));
    text.push_str(&skipped_text(skipped, paint));
    text
}

/// Steps that one side cannot do, which makes no difference.
fn only_once(pairs: &[Pair]) -> usize {
    let steps = pairs.iter().flat_map(|pair| &pair.steps);
    steps.filter(|step| step.likeness != Likeness::Same && !step.counts).count()
}

fn step_text(step: &PairedStep, paint: Paint, text: &mut String) {
    let finally = if step.finally { "finally: " } else { "" };
    let name = format!("{finally}{}", printable(&step.name));
    let (line, _) = step.span.line_column();
    let place = paint.dim(&format!("{}:{line}", step.span.source.path.display()));
    let sign = match step.likeness {
        Likeness::Same => paint.good("="),
        _ if !step.counts => paint.dim("·"),
        Likeness::Differs => paint.bad("≠"),
        Likeness::OnlyLeft => paint.expected("-", false),
        Likeness::OnlyRight => paint.actual("+", false),
    };
    match step.likeness {
        Likeness::Same => {
            _ = writeln!(text, "  {sign} {}", paint.dim(&name));
        }
        Likeness::Differs => {
            _ = writeln!(text, "  {sign} {name}  {place}");
        }
        only => {
            let reason = step.reason.as_ref().map(|reason| format!(": {}", printable(reason)));
            let reason = paint.dim(&format!("{}{}", only.name(), reason.unwrap_or_default()));
            _ = writeln!(text, "  {sign} {name}  {reason}  {place}");
        }
    }
    for difference in step.differences.iter().take(DIFFERENCES) {
        _ = writeln!(text, "      {}", paint.bold(&printable(&difference.path)));
        let left = format!("- {}", shown(difference.left.as_ref()));
        let right = format!("+ {}", shown(difference.right.as_ref()));
        _ = writeln!(text, "        {}", paint.expected(&left, false));
        _ = writeln!(text, "        {}", paint.actual(&right, false));
    }
    if step.differences.len() > DIFFERENCES {
        let more = step.differences.len() - DIFFERENCES;
        _ = writeln!(text, "      {}", paint.dim(&format!("… {more} more differences …")));
    }
}

/// As JSON, so that a number is told from its text, and nothing from null.
fn shown(value: Option<&Value>) -> String {
    let Some(value) = value else { return "(absent)".to_owned() };
    let text = serde_json::to_string(value).unwrap_or_default();
    let text = printable(&visible(&text, Notation::Json));
    match text.char_indices().nth(VALUE) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// As one JSON document.
pub fn json(report: &ComparisonReport<'_>) -> String {
    let pairs: Vec<Value> = report.pairs.iter().map(pair).collect();
    let count = |wanted: fn(&Pair) -> bool| {
        let count = report.pairs.iter().filter(|pair| wanted(pair)).count();
        Value::Integer(i64::try_from(count).unwrap_or(i64::MAX))
    };
    pretty(&object([
        ("left", report.left.into()),
        ("right", report.right.into()),
        (
            "summary",
            object([
                ("same", count(|pair| !pair.differs() && pair.skipped.is_none())),
                ("differs", count(Pair::differs)),
                ("skipped", count(|pair| pair.skipped.is_some())),
            ]),
        ),
        ("trials", pairs.into()),
    ]))
}

fn pair(pair: &Pair) -> Value {
    let verdict = match (&pair.skipped, pair.differs()) {
        (Some(_), _) => "skipped",
        (None, true) => "differs",
        (None, false) => "same",
    };
    object([
        ("name", Value::Text(pair.name.clone())),
        ("verdict", verdict.into()),
        ("reason", pair.skipped.as_deref().map_or(Value::Null, Value::text)),
        ("file", file(&pair.span)),
        ("line", line(&pair.span)),
        ("steps", pair.steps.iter().map(step).collect::<Vec<_>>().into()),
    ])
}

fn file(span: &Span) -> Value {
    span.source.path.to_string_lossy().as_ref().into()
}

fn line(span: &Span) -> Value {
    Value::Integer(i64::try_from(span.line_column().0).unwrap_or(i64::MAX))
}

fn step(step: &PairedStep) -> Value {
    object([
        ("name", step.name.as_str().into()),
        ("finally", step.finally.into()),
        ("verdict", step.likeness.name().into()),
        ("counts", step.counts.into()),
        ("reason", step.reason.as_deref().map_or(Value::Null, Value::text)),
        ("file", file(&step.span)),
        ("line", line(&step.span)),
        ("differences", step.differences.iter().map(difference).collect::<Vec<_>>().into()),
    ])
}

/// A side that has nothing there has no member; null is a value of its own.
fn difference(difference: &Difference) -> Value {
    let mut map = crate::value::Map::new();
    map.insert("path", difference.path.as_str().into());
    for (name, value) in [("left", &difference.left), ("right", &difference.right)] {
        if let Some(value) = value {
            map.insert(name, value.clone());
        }
    }
    map.into()
}
