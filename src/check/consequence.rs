//! What is wrong only because of something else that is: one mistake is one message.

use std::collections::HashMap;

use super::spellings::{At, Spellings, at};
use crate::diagnostic::{Diagnostic, Severity};

/// Keys whose values give names to the steps behind them.
const NAMING: [&str; 5] = ["as", "capture", "gather", "let", "violations"];

/// Whether it is about a name that stands for nothing, so that what should have given the name may
/// be the mistake.
pub(super) fn is_about_a_name(diagnostic: &Diagnostic) -> bool {
    let in_itself =
        ["unknown-key", "unknown-word", "unknown-verb", "unknown-failure", "unknown-matcher"];
    let code = diagnostic.code;
    (code.starts_with("unknown-") && !in_itself.contains(&code)) || code == "no-row"
}

/// What was told, without what follows from something else that was.
pub(super) fn without_consequences(
    mut told: Vec<Diagnostic>,
    spellings: &Spellings<'_>,
) -> Vec<Diagnostic> {
    // Of other codes nothing follows: a text with a thousand keys missing has none that is a cause.
    let is_cause = |d: &&Diagnostic| {
        let may_be = d.code == "wrong-type"
            || ["unknown-", "bad-"].iter().any(|kind| d.code.starts_with(kind));
        may_be && d.severity == Severity::Error && (d.code != "unknown-key" || d.meant.is_none())
    };
    let causes: Vec<Diagnostic> = told.iter().filter(is_cause).cloned().collect();
    told.retain(|diagnostic| {
        diagnostic.severity != Severity::Error
            || !causes.iter().any(|cause| explains(cause, diagnostic, spellings))
    });
    together(told)
}

/// All keys that one mapping lacks, at once.
fn together(told: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut all: Vec<(Diagnostic, Vec<String>)> = Vec::new();
    // Where in the list that is of which something lacks keys at a place.
    let mut known = HashMap::new();
    for diagnostic in told {
        let lacks = (diagnostic.code == "missing-key")
            .then(|| diagnostic.message.strip_suffix('`')?.rsplit_once(" needs `"))
            .flatten()
            .map(|(what, key)| (what.to_owned(), key.to_owned()));
        let Some((what, key)) = lacks.filter(|(_, key)| !key.contains('`')) else {
            all.push((diagnostic, Vec::new()));
            continue;
        };
        let span = diagnostic.primary.as_ref().map(|label| &label.span);
        let place = span.map(|span| (at(span), span.end));
        let first = *known.entry((what, place)).or_insert(all.len());
        match all.get_mut(first) {
            Some((_, keys)) => keys.push(key),
            None => all.push((diagnostic, vec![key])),
        }
    }
    let mut told = Vec::with_capacity(all.len());
    for (mut diagnostic, keys) in all {
        if let [first @ .., last] = &*keys
            && !first.is_empty()
            && let Some((what, _)) = diagnostic.message.rsplit_once(" needs `")
        {
            let list = format!("`{}` and `{last}`", first.join("`, `"));
            diagnostic.message = format!("{what} needs {list}");
            if let Some(label) = &mut diagnostic.primary {
                label.text = format!("{list} are missing");
            }
        }
        told.push(diagnostic);
    }
    told
}

fn explains(cause: &Diagnostic, found: &Diagnostic, spellings: &Spellings<'_>) -> bool {
    let (Some(cause_at), Some(found_at)) = (start(cause), start(found)) else { return false };
    if (cause_at, cause.code) == (found_at, found.code) {
        return false;
    }
    match (cause.code, found.code) {
        (_, "unreachable-step") => is_no_end(cause, found, spellings),
        ("unknown-operation", "unreachable-operation") => cause.meant.is_none(),
        ("unknown-key", "unreachable-operation") => {
            let name = found.primary.as_ref().map(|label| label.span.text()).unwrap_or_default();
            let operation = spellings.mapping_of(cause_at);
            spellings.within(cause_at).contains(&name)
                || operation.is_some() && operation == spellings.mapping_of(found_at)
        }
        // A section that is missing, of which there is nothing else to say.
        ("unknown-key", "contradiction") if spellings.is_spec => {
            let mapping = spellings.mappings.get(&cause_at);
            spellings.owner_of(cause_at).is_none()
                && mapping.is_some_and(|mapping| !spellings.keys.contains_key(mapping))
        }
        ("unknown-key", _) => {
            is_missed(cause_at, found, found_at, spellings)
                || is_in_key(cause, found)
                || is_value(cause_at, found, found_at, spellings)
        }
        ("wrong-type", _) => is_unnamed(cause_at, found, found_at, spellings),
        (code, _) if code.starts_with("unknown-") || code.starts_with("bad-") => {
            is_value(cause_at, found, found_at, spellings)
        }
        _ => false,
    }
}

/// Whether it would not be wrong if a key that is not known were another one: that one is missing, or
/// a name stands for nothing that is written there, or that the operation would have.
fn is_missed(key: At, found: &Diagnostic, found_at: At, spellings: &Spellings<'_>) -> bool {
    let mapping = spellings.mappings.get(&key);
    let lacks = found.code == "missing-key" && spellings.mapping_of(found_at).as_ref() == mapping;
    let is_mapping = matches!(found.code, "missing-key" | "unknown-parameter");
    if lacks && mapping.is_some() || is_mapping && mapping == Some(&found_at) {
        return true;
    }
    if !is_about_a_name(found) {
        return false;
    }
    let name = found.primary.as_ref().map(|label| label.span.text()).unwrap_or_default();
    let name = name.trim_matches(['{', '}', '"', '\'']);
    let owner = spellings.owner_of(key);
    let is_near = spellings.is_spec && owner.is_none() || owner == spellings.owner_of(found_at);
    let of_file = spellings.is_spec && found.code != "unknown-name";
    if spellings.within(key).contains(&name) && (of_file || is_near && found.code == "unknown-name")
    {
        return true;
    }
    if found.meant.is_some() || !spellings.is_spec {
        return false;
    }
    // A parameter that has no place is in none.
    let around = mapping.and_then(|mapping| spellings.keys.get(mapping));
    if found.code == "unknown-member"
        && around.is_some_and(|around| spellings.within(*around).contains(&name))
    {
        return true;
    }
    let of_requests = matches!(found.code, "unknown-member" | "unknown-parameter")
        || found.code == "unknown-name" && name == "body";
    let operation = spellings.owner_of(key).filter(|at| mapping == Some(at));
    let places = found.primary.iter().chain(&found.related).map(|label| at(&label.span));
    of_requests
        && operation.is_some()
        && places.into_iter().any(|place| spellings.owner_of(place) == operation)
}

/// Whether a name stands for nothing that a key without a colon would have given: `as order`.
fn is_in_key(key: &Diagnostic, found: &Diagnostic) -> bool {
    let text = |d: &Diagnostic| d.primary.as_ref().map(|label| label.span.text().to_owned());
    let Some((key, name)) = text(key).zip(text(found)) else { return false };
    let words = key.split_once(' ').filter(|(word, _)| NAMING.contains(word));
    found.code == "unknown-name" && words.is_some_and(|(_, given)| given.trim() == name)
}

/// Whether steps have no end that are told to have one: what cannot be read may be anything.
fn is_no_end(cause: &Diagnostic, found: &Diagnostic, spellings: &Spellings<'_>) -> bool {
    let unread = matches!(cause.code, "unknown-verb" | "wrong-type") && cause.meant.is_none();
    // Shared steps stand wherever they are referred to.
    let is_shared = start(cause).is_some_and(|at| {
        spellings.owner_of(at).is_none() && spellings.around(at).contains(&"components")
    });
    if unread && is_shared {
        return true;
    }
    let mapping = |at: At| spellings.mapping_of(at).unwrap_or(at);
    let cause = start(cause).map(mapping);
    let places = found.primary.iter().chain(&found.related).map(|label| mapping(at(&label.span)));
    unread && places.map(Some).any(|place| place == cause)
}

/// Whether it is wrong in the value of a key that is wrong itself.
fn is_value(key: At, found: &Diagnostic, found_at: At, spellings: &Spellings<'_>) -> bool {
    let of_values = ["wrong-type", "unknown-word", "expected-expression", "missing-key"];
    of_values.contains(&found.code) && spellings.keys.get(&found_at) == Some(&key)
}

/// Whether a name stands for nothing since what would give it could not be read.
fn is_unnamed(value: At, found: &Diagnostic, found_at: At, spellings: &Spellings<'_>) -> bool {
    if found.meant.is_some() || value.0 != found_at.0 {
        return false;
    }
    let around = spellings.around(value);
    let stands_in = |keys: &[&str]| around.iter().take(2).any(|word| keys.contains(word));
    match found.code {
        "unknown-name" => {
            let same = spellings.owner_of(value) == spellings.owner_of(found_at);
            same && found_at.1 > value.1 && stands_in(&NAMING)
        }
        // Those of an operation that a message or something later leads to.
        "unknown-parameter" => spellings.is_spec && stands_in(&["parameters"]),
        _ => false,
    }
}

fn start(diagnostic: &Diagnostic) -> Option<At> {
    diagnostic.primary.as_ref().map(|label| at(&label.span))
}
