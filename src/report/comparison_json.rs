//! Two targets side by side, for programs.

use super::comparison::{ComparisonReport, hint};
use super::json::{deviation, pretty};
use super::members::object;
use super::occurrence::{Everywhere, Occurrences, Told};
use super::shorten::around;
use crate::run::event::{SHOWN_BODY, Stage};
use crate::run::pair::{Difference, KnownDifference, Pair, PairedStep};
use crate::source::Span;
use crate::value::{Map, Value};

/// As one JSON document.
pub fn json(report: &ComparisonReport<'_>) -> String {
    let everywhere = Everywhere::of(report.pairs);
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
        ("differences", everywhere.all.iter().map(everywhere_once).collect::<Vec<_>>().into()),
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
        ("stage", step.stage.name().into()),
        ("finally", (step.stage == Stage::Finally).into()),
        ("verdict", step.likeness.name().into()),
        ("counts", step.counts.into()),
        ("reason", step.reason.as_deref().map_or(Value::Null, Value::text)),
        ("file", file(&step.span)),
        ("line", line(&step.span)),
        ("differences", step.differences.iter().map(difference).collect::<Vec<_>>().into()),
        ("known", step.known.iter().map(known).collect::<Vec<_>>().into()),
    ])
}

/// Something that differs, with all places where it does.
fn everywhere_once(known: &Occurrences<'_>) -> Value {
    let mut map = match known.first {
        Told::Difference(difference) => members(difference),
        Told::Only(step) => {
            let mut map = Map::new();
            map.insert("verdict", step.likeness.name().into());
            if let Some(reason) = &step.reason {
                map.insert("reason", reason.as_str().into());
            }
            map
        }
    };
    map.insert("count", Value::Integer(i64::try_from(known.count).unwrap_or(i64::MAX)));
    map.insert("varies", known.varies.into());
    map.insert("trials", known.trials().into_iter().map(Value::text).collect::<Vec<_>>().into());
    map.into()
}

/// What differs as the spec knows, with what it says.
fn known(known: &KnownDifference) -> Value {
    let it = &known.deviation;
    let mut map = members(&known.difference);
    map.insert("deviation", deviation(&it.id, it.ruling, &it.since, it.says.as_deref()));
    map.into()
}

/// A side that has nothing there has no member; null is a value of its own.
fn difference(difference: &Difference) -> Value {
    members(difference).into()
}

fn members(difference: &Difference) -> Map {
    let mut map = Map::new();
    map.insert("path", difference.path.as_str().into());
    let (left, right) = (&difference.left, &difference.right);
    for (name, value, other) in [("left", left, right), ("right", right, left)] {
        if let Some(value) = value {
            map.insert(name, shown(value, other.as_ref()));
        }
    }
    if let Some(hint) = hint(difference) {
        map.insert("hint", hint.into());
    }
    map
}

/// A value, or where it is long, a part of it as a text, with the place in view in which it differs
/// from the other side.
fn shown(value: &Value, other: Option<&Value>) -> Value {
    let text = value.to_string();
    if text.len() <= SHOWN_BODY {
        return value.clone();
    }
    let other = other.map(Value::to_string).unwrap_or_default();
    around(&text, &other, SHOWN_BODY).into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_long_values_the_part_is_given_in_which_they_differ() {
        let long = |middle: &str| format!("{}{middle}{}", "a".repeat(400_000), "b".repeat(400_000));
        let (one, other) = (Value::from(long("ONE")), Value::from(long("OTHER")));
        for (one, other) in [
            (one.clone(), other.clone()),
            (Value::list(vec![one.clone()]), Value::list(vec![other.clone()])),
        ] {
            let shown = shown(&one, Some(&other));
            let text = shown.as_str().unwrap();
            assert!(text.contains("aONEb") && text.contains("more bytes"), "{text:.80}");
            assert!(text.len() < SHOWN_BODY + 100, "{}", text.len());
        }
        let short = Value::list(vec![Value::Integer(1)]);
        assert_eq!(shown(&short, Some(&one)), short);
    }
}
