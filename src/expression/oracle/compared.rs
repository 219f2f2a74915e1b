//! Where comparisons mean something else than in minijinja.

use std::cmp::Ordering;

use minijinja::value::{Value as Jinja, ValueKind};

/// Around what only one side is to see; the other one has these characters in no expression.
pub(super) const THERE: [char; 2] = ['⟦', '⟧'];
pub(super) const HERE: [char; 2] = ['⟪', '⟫'];

/// The text without what the other side is to see.
pub(super) fn seen(text: &str, own: [char; 2], others: [char; 2]) -> String {
    let mut hidden = 0;
    text.chars()
        .filter(|c| {
            let [begins, ends] = others.map(|mark| mark == *c);
            hidden += usize::from(begins);
            let shown = hidden == 0 && !own.contains(c);
            hidden -= usize::from(ends);
            shown
        })
        .collect()
}

/// Comparisons as minijinja has them, but that absent is equal to nothing, and that only values of
/// one kind are less or more than each other.
pub(super) fn holds(operator: &str, a: &Jinja, b: &Jinja) -> bool {
    let ordering = || ordered(a, b).then(|| a.cmp(b));
    match operator {
        "==" => a == b && !a.is_undefined(),
        "!=" => a != b || a.is_undefined(),
        "<" => ordering().is_some_and(Ordering::is_lt),
        "<=" => ordering().is_some_and(Ordering::is_le),
        ">" => ordering().is_some_and(Ordering::is_gt),
        ">=" => ordering().is_some_and(Ordering::is_ge),
        other => panic!("{other} compares nothing"),
    }
}

fn ordered(a: &Jinja, b: &Jinja) -> bool {
    match (a.kind(), b.kind()) {
        (ValueKind::Seq, ValueKind::Seq) => {
            let (a, b) = (a.try_iter().unwrap(), b.try_iter().unwrap());
            a.zip(b).find(|(a, b)| a != b).is_none_or(|(a, b)| ordered(&a, &b))
        }
        (a, b) => a == b && matches!(a, ValueKind::Number | ValueKind::String | ValueKind::Bool),
    }
}

/// Two or three values, compared with each other.
pub(super) fn comparison(operator: &str, values: &[String]) -> String {
    let values: Vec<_> = values.iter().map(|value| format!("({value})")).collect();
    let pairs = values.windows(2);
    let there: Vec<_> =
        pairs.map(|pair| format!("holds('{operator}', {}, {})", pair[0], pair[1])).collect();
    let here = values.join(&format!(" {operator} "));
    format!("(⟦{}⟧⟪{here}⟫)", there.join(" and "))
}

pub(super) fn compares(operator: &str) -> bool {
    matches!(operator, "==" | "!=" | "<" | "<=" | ">" | ">=")
}

/// A value that is tested, as what minijinja's test means.
pub(super) fn tested(of: &str, test: &str, not: bool) -> String {
    let (name, other) = test.split_at(test.find([' ', '(']).unwrap_or(test.len()));
    let not = if not { "not " } else { "" };
    let operator = match name {
        "gt" => ">",
        "lessthan" => "<",
        "ge" => ">=",
        "le" => "<=",
        _ => return format!("(({of}) is {not}{test})"),
    };
    format!("(⟦{not}holds('{operator}', ({of}), ({other}))⟧⟪({of}) is {not}{test}⟫)")
}
