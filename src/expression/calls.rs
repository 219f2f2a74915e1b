//! Filters, tests and functions looked up by their names, with their arguments in order.

use std::ops::Range;

use super::ExpressionError;
use super::filters::{self, FILTERS, Filter};
use super::predicates::{self, PREDICATES, Predicate};
use super::tree::{Arguments, Kind, Node, Written};
use crate::diagnostic::nearest;

type Read<T> = Result<T, ExpressionError>;

/// The methods of texts, lists and maps elsewhere, and what is written here.
const METHODS: &[(&str, &str)] = &[
    ("startswith", "x is startingwith('...')"),
    ("starts_with", "x is startingwith('...')"),
    ("endswith", "x is endingwith('...')"),
    ("ends_with", "x is endingwith('...')"),
    ("contains", "'...' in x"),
    ("includes", "'...' in x"),
    ("find", "'...' in x"),
    ("index", "'...' in x"),
    ("has_key", "'...' in x"),
    ("strip", "x | trim"),
    ("lstrip", "x | trim"),
    ("rstrip", "x | trim"),
    ("splitlines", "x | lines"),
    ("keys", "x | list"),
    ("values", "x | items"),
    ("get", "x['...'] | default(...)"),
    ("append", "x + [...]"),
    ("extend", "x + [...]"),
    ("update", "x | merge({...})"),
    ("toUpperCase", "x | upper"),
    ("toLowerCase", "x | lower"),
    ("isdigit", "x | matches('^[0-9]+$')"),
    ("isupper", "x is upper"),
    ("islower", "x is lower"),
];

/// Says what to write for a method.
pub(super) fn method(name: &str, place: Range<usize>) -> ExpressionError {
    let written = METHODS.iter().find(|(method, _)| *method == name).map(|(_, it)| *it);
    let message = match (written, filters::get(name), predicates::get(name)) {
        (Some(written), _, _) => {
            format!("values have no methods such as `{name}`; write `{written}`")
        }
        (None, Some(_), _) => {
            format!("values have no methods such as `{name}`; write `x | {name}`")
        }
        (None, None, Some(_)) => {
            format!("values have no methods such as `{name}`; write `x is {name}`")
        }
        (None, None, None) => {
            format!("values have no methods such as `{name}`; there are filters, `x | upper`")
        }
    };
    ExpressionError::at(message, place)
}

/// That a name is not known, with the nearest one or all there are.
fn unknown<'a>(
    what: &str,
    name: &str,
    place: Range<usize>,
    known: impl Iterator<Item = &'a str> + Clone,
) -> ExpressionError {
    let hint = match elsewhere(name, &known).or_else(|| nearest(name, known.clone())) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("there are {}", known.collect::<Vec<_>>().join(", ")),
    };
    ExpressionError::at(format!("no {what} `{name}`; {hint}"), place)
}

/// The one that a name such as `toInt` or `parse_json` of another language is without its verb.
fn elsewhere<'a>(name: &str, known: &(impl Iterator<Item = &'a str> + Clone)) -> Option<&'a str> {
    let folded = name.to_lowercase();
    ["to", "as", "parse"].into_iter().find_map(|verb| {
        let rest = folded.strip_prefix(verb)?.trim_start_matches('_');
        known.clone().find(|known| *known == rest)
    })
}

fn find_filter(name: &str, place: &Range<usize>) -> Read<&'static Filter> {
    filters::get(name).ok_or_else(|| match predicates::get(name) {
        Some(_) => {
            let message = format!("`{name}` is a test; write `x is {name}`");
            ExpressionError::at(message, place.clone())
        }
        // Only where a `map` names it: behind `|` it is known.
        None if filters::BUILT_IN.contains(&name) => {
            let message = format!("`{name}` cannot be the filter of a `map`");
            ExpressionError::at(message, place.clone())
        }
        None => {
            let names = FILTERS.iter().map(|filter| filter.name).chain(filters::BUILT_IN);
            unknown("filter", name, place.clone(), names)
        }
    })
}

/// The test of that name, which stands there.
pub(super) fn test(name: &str, place: &Range<usize>) -> Read<&'static Predicate> {
    predicates::get(name).ok_or_else(|| {
        if filters::get(name).is_some() {
            let message = format!("`{name}` is a filter; write `x | {name}`");
            return ExpressionError::at(message, place.clone());
        }
        let names = PREDICATES.iter().map(|test| test.name);
        unknown("test", name, place.clone(), names)
    })
}

/// The name of a filter or test that is an argument.
fn named<'n>(node: &'n Node, what: &str) -> Read<&'n str> {
    node.literal().ok_or_else(|| {
        let message = format!("the name of the {what} must be written out");
        ExpressionError::at(message, node.range.clone())
    })
}

/// A filter behind `|`.
pub(super) fn filter(
    name: &str,
    place: &Range<usize>,
    of: Node,
    mut written: Written,
    range: Range<usize>,
) -> Read<Node> {
    let list = Box::new(of);
    let kind = match name {
        "select" | "reject" => select(list, None, name == "select", written)?,
        "selectattr" | "rejectattr" => {
            if written.positional.is_empty() {
                let message = format!("`{name}` needs the name of a member");
                return Err(ExpressionError::at(message, place.clone()));
            }
            let member = Box::new(written.positional.remove(0));
            select(list, Some(member), name == "selectattr", written)?
        }
        "map" if written.positional.is_empty() => {
            let parameters = ["attribute", "default?"];
            let bound = bind("filter `map`", &parameters, written, place)?;
            let mut bound = bound.into_iter();
            match (bound.next().flatten(), bound.next().flatten()) {
                (Some(member), default) => {
                    Kind::Pluck { list, member: Box::new(member), default: default.map(Box::new) }
                }
                (None, _) => {
                    return Err(ExpressionError::at("`map` needs a filter", place.clone()));
                }
            }
        }
        "map" => {
            let first = written.positional.remove(0);
            let filter = find_filter(named(&first, "filter")?, &first.range)?;
            let arguments = filter_arguments(filter, written, place)?;
            Kind::Each { list, filter, arguments, prepared: None }
        }
        "attr" => {
            let mut bound = bind("filter `attr`", &["name"], written, place)?.into_iter().flatten();
            match bound.next() {
                Some(key) => Kind::Index(list, Box::new(key)),
                None => return Err(ExpressionError::at("`attr` needs a name", place.clone())),
            }
        }
        _ => {
            let filter = find_filter(name, place)?;
            let arguments = filter_arguments(filter, written, place)?;
            Kind::Filter { filter, of: list, arguments, prepared: None }
        }
    };
    Node::bounded(kind, range)
}

fn select(
    list: Box<Node>,
    member: Option<Box<Node>>,
    keep: bool,
    mut written: Written,
) -> Read<Kind> {
    let test = if written.positional.is_empty() {
        None
    } else {
        let name = written.positional.remove(0);
        let predicate = test(named(&name, "test")?, &name.range)?;
        Some((predicate, test_arguments(predicate, written, &name.range)?))
    };
    Ok(Kind::Select { list, member, test, keep })
}

fn filter_arguments(filter: &Filter, written: Written, place: &Range<usize>) -> Read<Arguments> {
    bind(&format!("filter `{}`", filter.name), filter.parameters, written, place)
}

/// The arguments of a test.
pub(super) fn test_arguments(
    predicate: &Predicate,
    written: Written,
    place: &Range<usize>,
) -> Read<Arguments> {
    bind(&format!("test `{}`", predicate.name), predicate.parameters, written, place)
}

/// `range(...)` and `dict(...)`.
pub(super) fn function(
    name: &str,
    place: &Range<usize>,
    written: Written,
    range: Range<usize>,
) -> Read<Node> {
    if name == "range" {
        let filter = &filters::RANGE;
        let nothing = Node::new(Kind::Constant(None), place.clone());
        let arguments = bind("function `range`", filter.parameters, written, place)?;
        let of = Box::new(nothing);
        return Node::bounded(Kind::Filter { filter, of, arguments, prepared: None }, range);
    }
    if name == "dict" {
        let mut positional = written.positional.into_iter();
        let members = written.named.into_iter().map(|(name, value)| {
            let key = Kind::Constant(Some(crate::value::Value::Text(name)));
            (Node::new(key, value.range.clone()), value)
        });
        let named = Node::new(Kind::Map(members.collect()), range.clone());
        return match (positional.next(), positional.next()) {
            (None, _) => Ok(named),
            (Some(first), None) => {
                let arguments: Arguments = Box::new([Some(named)]);
                let merge = find_filter("merge", place)?;
                let of = Box::new(first);
                Node::bounded(Kind::Filter { filter: merge, of, arguments, prepared: None }, range)
            }
            (Some(_), Some(more)) => Err(ExpressionError::at("too many arguments", more.range)),
        };
    }
    let message = if filters::get(name).is_some() {
        format!("`{name}` is a filter; write `x | {name}`")
    } else if predicates::get(name).is_some() {
        format!("`{name}` is a test; write `x is {name}`")
    } else if let Some((_, here)) = FUNCTIONS.iter().find(|(known, _)| *known == name) {
        format!("no function `{name}`; write `{here}`")
    } else {
        format!("no function `{name}`; there are `range` and `dict`, and filters: `x | upper`")
    };
    Err(ExpressionError::at(message, place.clone()))
}

/// Functions of other languages, and what is written here.
const FUNCTIONS: &[(&str, &str)] = &[
    ("now", "now"),
    ("uuid", "uuid"),
    ("len", "x | length"),
    ("str", "x | string"),
    ("enumerate", "range(x | length)"),
];

/// Arguments by parameter. A parameter that may be left out ends in `?`, one that takes any
/// number of arguments in `*`.
fn bind(
    what: &str,
    parameters: &[&str],
    written: Written,
    place: &Range<usize>,
) -> Read<Arguments> {
    let plain = |parameter: &str| parameter.trim_end_matches(['?', '*']).to_owned();
    let any = parameters.last().is_some_and(|last| last.ends_with('*'));
    let mut bound: Vec<Option<Node>> = Vec::new();
    bound.resize_with(parameters.len() - usize::from(any), || None);
    let fixed = bound.len();
    for (at, argument) in written.positional.into_iter().enumerate() {
        match bound.get_mut(at) {
            Some(place) => *place = Some(argument),
            None if any => bound.push(Some(argument)),
            None => {
                let takes = match parameters {
                    [] => "no arguments".to_owned(),
                    [one] => format!("only `{}`", plain(one)),
                    all => format!("only {}", listed(all)),
                };
                let message = format!("the {what} takes {takes}");
                return Err(ExpressionError::at(message, argument.range));
            }
        }
    }
    for (name, argument) in written.named {
        let at = parameters.iter().take(fixed).position(|known| *plain(known) == *name);
        match at.and_then(|at| bound.get_mut(at)) {
            Some(place @ None) => *place = Some(argument),
            Some(Some(_)) => {
                let message = format!("`{name}` is given twice");
                return Err(ExpressionError::at(message, argument.range));
            }
            None => {
                let hint = match parameters {
                    [] => "it takes no arguments".to_owned(),
                    all => format!("it takes {}", listed(all)),
                };
                let message = format!("the {what} has no parameter `{name}`; {hint}");
                return Err(ExpressionError::at(message, argument.range));
            }
        }
    }
    let missing = parameters
        .iter()
        .zip(&bound)
        .find(|(parameter, argument)| !parameter.ends_with(['?', '*']) && argument.is_none());
    if let Some((parameter, _)) = missing {
        let message = format!("the {what} needs `{parameter}`");
        return Err(ExpressionError::at(message, place.clone()));
    }
    Ok(bound.into())
}

fn listed(parameters: &[&str]) -> String {
    let names: Vec<String> =
        parameters.iter().map(|p| format!("`{}`", p.trim_end_matches(['?', '*']))).collect();
    names.join(", ")
}
