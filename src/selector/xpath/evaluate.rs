//! What an expression gives for a document.

use super::budget::Stop;
use super::call::{Focus, call};
use super::compare::compare;
use super::expression::{Expression, Operator, Start, Step, Test};
use super::number;
use super::tree::{ROOT, Tree, What};
use super::value::Value;

/// What an expression gives for the root of a document.
pub(super) fn evaluate<'d>(tree: &Tree<'d>, expression: &Expression) -> Result<Value<'d>, Stop> {
    Evaluator { tree }.value(expression, Focus { node: ROOT, position: 1, size: 1 })
}

struct Evaluator<'t, 'd> {
    tree: &'t Tree<'d>,
}

impl<'d> Evaluator<'_, 'd> {
    fn value(&self, expression: &Expression, focus: Focus) -> Result<Value<'d>, Stop> {
        self.tree.budget.spend(1)?;
        Ok(match expression {
            Expression::Number(number) => Value::Number(*number),
            Expression::Literal(text) => {
                self.tree.budget.spend_text(text.len())?;
                Value::Text(text.to_string().into())
            }
            Expression::Chain(first, rest) => {
                let mut left = self.value(first, focus)?;
                for (operator, right) in rest {
                    left = self.operation(left, *operator, right, focus)?;
                }
                left
            }
            Expression::Signed(negative, operand) => {
                let number = self.value(operand, focus)?.number(self.tree)?;
                Value::Number(if *negative { -number } else { number })
            }
            Expression::Union(all) => {
                let mut nodes = Vec::new();
                for one in all {
                    nodes.extend(self.nodes(one, focus)?);
                }
                in_order(&mut nodes);
                Value::Nodes(nodes)
            }
            Expression::Path(start, steps) => {
                let mut nodes = match start {
                    Start::Root => vec![ROOT],
                    Start::Context => vec![focus.node],
                    Start::Nodes(expression, predicates) => {
                        let nodes = self.nodes(expression, focus)?;
                        self.left_by(predicates, nodes)?
                    }
                };
                for step in steps {
                    nodes = self.step(step, &nodes)?;
                }
                Value::Nodes(nodes)
            }
            Expression::Call(function, arguments) => {
                let mut values = Vec::with_capacity(arguments.len());
                for argument in arguments {
                    values.push(self.value(argument, focus)?);
                }
                if values.is_empty() && function.is_about_context() {
                    values.push(Value::Nodes(vec![focus.node]));
                }
                call(self.tree, function.which, values, focus)?
            }
        })
    }

    /// What an expression gives that is known to give nodes.
    fn nodes(&self, expression: &Expression, focus: Focus) -> Result<Vec<usize>, Stop> {
        match self.value(expression, focus)? {
            Value::Nodes(nodes) => Ok(nodes),
            _ => Ok(Vec::new()),
        }
    }

    fn operation(
        &self,
        left: Value<'d>,
        operator: Operator,
        right: &Expression,
        focus: Focus,
    ) -> Result<Value<'d>, Stop> {
        // Where the left one decides, the right one is not worked out.
        match operator {
            Operator::Or if left.boolean() => return Ok(Value::Boolean(true)),
            Operator::And if !left.boolean() => return Ok(Value::Boolean(false)),
            _ => {}
        }
        let right = self.value(right, focus)?;
        let of_numbers = |left: Value<'d>, right: Value<'d>, of: fn(f64, f64) -> f64| {
            Ok(Value::Number(of(left.number(self.tree)?, right.number(self.tree)?)))
        };
        match operator {
            Operator::Or | Operator::And => Ok(Value::Boolean(right.boolean())),
            Operator::Plus => of_numbers(left, right, |left, right| left + right),
            Operator::Minus => of_numbers(left, right, |left, right| left - right),
            Operator::Times => of_numbers(left, right, |left, right| left * right),
            Operator::Divide => of_numbers(left, right, |left, right| left / right),
            // The sign is that of the dividend, as in Rust.
            Operator::Modulo => of_numbers(left, right, |left, right| left % right),
            Operator::Equal
            | Operator::Unequal
            | Operator::Less
            | Operator::LessOrEqual
            | Operator::Greater
            | Operator::GreaterOrEqual => {
                Ok(Value::Boolean(compare(self.tree, left, operator, right)?))
            }
        }
    }

    /// The nodes to which a step leads from any of several.
    fn step(&self, step: &Step, from: &[usize]) -> Result<Vec<usize>, Stop> {
        let mut found = Vec::new();
        for node in from {
            found.extend(self.along(step, *node)?);
            // Many nodes lead to the same ones, which are not kept that often.
            if found.len() > 2 * self.tree.len() {
                in_order(&mut found);
            }
        }
        if from.len() == 1 && step.axis.is_reverse() {
            found.reverse();
        } else {
            in_order(&mut found);
        }
        Ok(found)
    }

    /// The nodes to which a step leads from one, in the order of its axis.
    fn along(&self, step: &Step, from: usize) -> Result<Vec<usize>, Stop> {
        let (wanted, predicates) = match step.predicates.split_first() {
            Some((Expression::Number(wanted), rest)) => (Some(*wanted), rest),
            _ => (None, &*step.predicates),
        };
        let mut found = Vec::new();
        let mut position = 0.0;
        let visited = step.axis.visit(self.tree, from, &mut |node| {
            if !self.fits(&step.test, node, step) {
                return Ok(());
            }
            position += 1.0;
            match wanted {
                Some(wanted) if position < wanted => Ok(()),
                Some(wanted) => {
                    found.extend(numbers_equal(position, wanted).then_some(node));
                    Err(Stop::Found)
                }
                None => {
                    found.push(node);
                    Ok(())
                }
            }
        });
        match visited {
            Ok(()) | Err(Stop::Found) => self.left_by(predicates, found),
            Err(Stop::TooManySteps) => Err(Stop::TooManySteps),
        }
    }

    fn fits(&self, test: &Test, node: usize, step: &Step) -> bool {
        let what = self.tree.what(node);
        let name = match what {
            What::Element(element) if !step.axis.is_of_attributes() => Some(&element.name),
            What::Attribute(name, _) if step.axis.is_of_attributes() => Some(name),
            _ => None,
        };
        match test {
            Test::Node => true,
            Test::Text => matches!(what, What::Text(_)),
            Test::Any => name.is_some(),
            Test::In(namespace) => {
                name.is_some_and(|name| name.namespace.as_deref() == Some(namespace))
            }
            Test::Named(namespace, local) => {
                name.is_some_and(|name| name.is(namespace.as_deref(), local))
            }
        }
    }

    /// The nodes for which predicates hold, one predicate after the other.
    fn left_by(
        &self,
        predicates: &[Expression],
        mut nodes: Vec<usize>,
    ) -> Result<Vec<usize>, Stop> {
        for predicate in predicates {
            let size = nodes.len();
            let mut left = Vec::new();
            for (at, node) in nodes.into_iter().enumerate() {
                let focus = Focus { node, position: at + 1, size };
                // A number is the position that is meant (section 2.4).
                let holds = match self.value(predicate, focus)? {
                    Value::Number(wanted) => numbers_equal(wanted, number::of(focus.position)),
                    value => value.boolean(),
                };
                left.extend(holds.then_some(node));
            }
            nodes = left;
        }
        Ok(nodes)
    }
}

#[expect(clippy::float_cmp, reason = "a position is a whole number, and 1.5 is none")]
fn numbers_equal(left: f64, right: f64) -> bool {
    left == right
}

/// In document order, and none twice.
fn in_order(nodes: &mut Vec<usize>) {
    if !nodes.is_sorted_by(|left, right| left < right) {
        nodes.sort_unstable();
        nodes.dedup();
    }
}
