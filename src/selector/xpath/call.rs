//! What functions give (XPath 1.0 section 4).

use std::borrow::Cow;
use std::collections::HashMap;

use super::budget::Stop;
use super::function::Which;
use super::number;
use super::token::is_space;
use super::tree::Tree;
use super::value::Value;

/// What expressions are evaluated for: a node, which is one of several.
#[derive(Clone, Copy)]
pub(super) struct Focus {
    pub(super) node: usize,
    pub(super) position: usize,
    pub(super) size: usize,
}

/// Calls a function; there are as many arguments as it takes.
pub(super) fn call<'d>(
    tree: &Tree<'d>,
    which: Which,
    arguments: Vec<Value<'d>>,
    focus: Focus,
) -> Result<Value<'d>, Stop> {
    let mut arguments = arguments.into_iter();
    let mut next = || arguments.next().unwrap_or(Value::Text(Cow::Borrowed("")));
    Ok(match which {
        Which::True => Value::Boolean(true),
        Which::False => Value::Boolean(false),
        Which::Boolean => Value::Boolean(next().boolean()),
        Which::Not => Value::Boolean(!next().boolean()),
        Which::Lang => {
            let wanted = next().text(tree)?;
            let language = tree.language(focus.node)?;
            Value::Boolean(language.is_some_and(|language| is_language(language, &wanted)))
        }
        Which::Contains => {
            let (text, part) = (next().text(tree)?, next().text(tree)?);
            tree.budget.spend_text(text.len())?;
            Value::Boolean(text.contains(&*part))
        }
        Which::StartsWith => {
            let (text, start) = (next().text(tree)?, next().text(tree)?);
            Value::Boolean(text.starts_with(&*start))
        }
        Which::Position => Value::Number(number::of(focus.position)),
        Which::Last => Value::Number(number::of(focus.size)),
        Which::Count => Value::Number(match next() {
            Value::Nodes(nodes) => number::of(nodes.len()),
            _ => 0.0,
        }),
        Which::Sum => {
            let Value::Nodes(nodes) = next() else { return Ok(Value::Number(0.0)) };
            let mut sum = 0.0;
            for node in nodes {
                sum += number::parse(&tree.text(node)?);
            }
            Value::Number(sum)
        }
        Which::Number => Value::Number(next().number(tree)?),
        Which::Floor => Value::Number(next().number(tree)?.floor()),
        Which::Ceiling => Value::Number(next().number(tree)?.ceil()),
        Which::Round => Value::Number(number::round(next().number(tree)?)),
        Which::StringLength => {
            let text = next().text(tree)?;
            tree.budget.spend_text(text.len())?;
            Value::Number(number::of(text.chars().count()))
        }
        Which::String => Value::Text(next().text(tree)?),
        Which::LocalName => {
            let name = first(&next()).and_then(|node| tree.name(node));
            Value::Text(Cow::Borrowed(name.map_or("", |name| &name.local)))
        }
        Which::NamespaceUri => {
            let name = first(&next()).and_then(|node| tree.name(node));
            let namespace = name.and_then(|name| name.namespace.as_deref());
            Value::Text(Cow::Borrowed(namespace.unwrap_or_default()))
        }
        Which::Name => Value::Text(match first(&next()) {
            Some(node) => tree.qualified(node)?,
            None => Cow::Borrowed(""),
        }),
        Which::Concat => {
            let mut whole = String::new();
            for argument in arguments {
                let part = argument.text(tree)?;
                tree.budget.spend_text(part.len())?;
                whole.push_str(&part);
            }
            Value::Text(whole.into())
        }
        Which::SubstringBefore | Which::SubstringAfter => {
            let (text, part) = (next().text(tree)?, next().text(tree)?);
            tree.budget.spend_text(text.len())?;
            let (before, after) = text.split_once(&*part).unwrap_or_default();
            let part = if which == Which::SubstringBefore { before } else { after };
            Value::Text(part.to_owned().into())
        }
        Which::Substring => {
            let text = next().text(tree)?;
            tree.budget.spend_text(text.len())?;
            let start = number::round(next().number(tree)?);
            let end = match arguments.next() {
                Some(length) => start + number::round(length.number(tree)?),
                None => f64::INFINITY,
            };
            Value::Text(substring(&text, start, end).into())
        }
        Which::NormalizeSpace => {
            let text = next().text(tree)?;
            tree.budget.spend_text(text.len())?;
            let words: Vec<&str> = text.split(is_space).filter(|word| !word.is_empty()).collect();
            Value::Text(words.join(" ").into())
        }
        Which::Translate => {
            let (text, from) = (next().text(tree)?, next().text(tree)?);
            let to = next().text(tree)?;
            tree.budget.spend_text(text.len() + from.len() + to.len())?;
            Value::Text(translate(&text, &from, &to).into())
        }
    })
}

fn first(value: &Value<'_>) -> Option<usize> {
    match value {
        Value::Nodes(nodes) => nodes.first().copied(),
        _ => None,
    }
}

/// Whether a language is the wanted one or a kind of it (section 4.3).
fn is_language(language: &str, wanted: &str) -> bool {
    let Some((start, rest)) = language.split_at_checked(wanted.len()) else { return false };
    start.eq_ignore_ascii_case(wanted) && (rest.is_empty() || rest.starts_with('-'))
}

/// The characters from the position `start` to before `end`; the first one is at 1. Nothing is
/// at or before NaN.
fn substring(text: &str, start: f64, end: f64) -> String {
    let mut position = 0.0;
    let is_within = |_: &char| {
        position += 1.0;
        position >= start && position < end
    };
    text.chars().filter(is_within).collect()
}

/// The text with each character of `from` as the one at the same place of `to`, or left out.
fn translate(text: &str, from: &str, to: &str) -> String {
    let mut to = to.chars();
    let mut places = HashMap::new();
    for character in from.chars() {
        // The first place of a character counts, and its other ones use up theirs.
        let other = to.next();
        places.entry(character).or_insert(other);
    }
    let kept = |character| match places.get(&character) {
        Some(other) => *other,
        None => Some(character),
    };
    text.chars().filter_map(kept).collect()
}
