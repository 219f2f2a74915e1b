//! Comparisons (XPath 1.0 section 3.4).

use std::collections::HashSet;

use super::budget::Stop;
use super::expression::Operator;
use super::number;
use super::tree::Tree;
use super::value::Value;

/// Whether a comparison holds. One of nodes holds if it does for any of them, so never for none.
pub(super) fn compare<'d>(
    tree: &Tree<'d>,
    left: Value<'d>,
    operator: Operator,
    right: Value<'d>,
) -> Result<bool, Stop> {
    match (left, right) {
        (Value::Nodes(left), Value::Nodes(right)) => sets(tree, &left, operator, &right),
        (Value::Nodes(nodes), other) => any(tree, &nodes, operator, other),
        (other, Value::Nodes(nodes)) => any(tree, &nodes, turned(operator), other),
        (left, right) => values(tree, left, operator, right),
    }
}

/// The operator that holds for the operands the other way round.
fn turned(operator: Operator) -> Operator {
    match operator {
        Operator::Less => Operator::Greater,
        Operator::LessOrEqual => Operator::GreaterOrEqual,
        Operator::Greater => Operator::Less,
        Operator::GreaterOrEqual => Operator::LessOrEqual,
        other => other,
    }
}

#[expect(clippy::float_cmp, reason = "section 3.4 compares as IEEE 754 does")]
fn numbers(left: f64, operator: Operator, right: f64) -> bool {
    match operator {
        Operator::Less => left < right,
        Operator::LessOrEqual => left <= right,
        Operator::Greater => left > right,
        Operator::GreaterOrEqual => left >= right,
        Operator::Unequal => left != right,
        _ => left == right,
    }
}

fn is_equality(operator: Operator) -> bool {
    matches!(operator, Operator::Equal | Operator::Unequal)
}

/// Two values of which none is nodes.
fn values<'d>(
    tree: &Tree<'d>,
    left: Value<'d>,
    operator: Operator,
    right: Value<'d>,
) -> Result<bool, Stop> {
    let is = |is: fn(&Value<'d>) -> bool| is(&left) || is(&right);
    let unequal = operator == Operator::Unequal;
    if is_equality(operator) && is(|value| matches!(value, Value::Boolean(_))) {
        return Ok((left.boolean() == right.boolean()) != unequal);
    }
    if is_equality(operator) && !is(|value| matches!(value, Value::Number(_))) {
        return Ok((left.text(tree)? == right.text(tree)?) != unequal);
    }
    Ok(numbers(left.number(tree)?, operator, right.number(tree)?))
}

/// Nodes on the left, and on the right what is none.
fn any<'d>(
    tree: &Tree<'d>,
    nodes: &[usize],
    operator: Operator,
    other: Value<'d>,
) -> Result<bool, Stop> {
    match other {
        Value::Boolean(_) => values(tree, Value::Boolean(!nodes.is_empty()), operator, other),
        Value::Text(text) if is_equality(operator) => {
            for node in nodes {
                if (tree.text(*node)? == text) == (operator == Operator::Equal) {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        other => {
            let right = other.number(tree)?;
            for node in nodes {
                if numbers(number::parse(&tree.text(*node)?), operator, right) {
                    return Ok(true);
                }
            }
            Ok(false)
        }
    }
}

/// Nodes on both sides; each is looked at once and not with each of the others.
fn sets(
    tree: &Tree<'_>,
    left: &[usize],
    operator: Operator,
    right: &[usize],
) -> Result<bool, Stop> {
    let (Some(first), false) = (left.first(), right.is_empty()) else { return Ok(false) };
    match operator {
        Operator::Equal => {
            let mut texts = HashSet::new();
            for node in left {
                texts.insert(tree.text(*node)?);
            }
            for node in right {
                if texts.contains(&tree.text(*node)?) {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        // No two differ only where all are the same text.
        Operator::Unequal => {
            let first = tree.text(*first)?;
            for node in right.iter().chain(left) {
                if tree.text(*node)? != first {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        // If it holds for any, it does for the two that are farthest from each other.
        _ => {
            let rises = matches!(operator, Operator::Less | Operator::LessOrEqual);
            let left = farthest(tree, left, if rises { f64::min } else { f64::max })?;
            let right = farthest(tree, right, if rises { f64::max } else { f64::min })?;
            Ok(numbers(left, operator, right))
        }
    }
}

/// The smallest or the greatest of the numbers; NaN if there is none.
fn farthest(tree: &Tree<'_>, nodes: &[usize], of: fn(f64, f64) -> f64) -> Result<f64, Stop> {
    // Of NaN and a number, both functions give the number.
    nodes
        .iter()
        .try_fold(f64::NAN, |so_far, node| Ok(of(so_far, number::parse(&tree.text(*node)?))))
}
