//! Comparisons of XPath 1.0, section 3.4.
//!
//! The library takes `!=` for what `=` does not hold of, and one node of several for `<`. So a
//! comparison is written as a call of a function, which has both operands, before the library
//! reads the expression.

use std::cmp::Ordering;
use std::collections::HashSet;

use sxd_xpath::nodeset::{Node, Nodeset};
use sxd_xpath::{Context, Value, context, function};

use super::SelectorError;
use crate::wire::xml::leading_unprefixed_name;

/// What no expression may call itself.
const NAME: &str = "counterpart-compare";

const COMPARISONS: [&str; 6] = ["!=", "<=", ">=", "=", "<", ">"];

/// The expression with its comparisons as calls, of which at most so many follow each other.
pub(super) fn rewritten(expression: &str, most: usize) -> Result<String, SelectorError> {
    let mut reader = Reader { rest: expression, most };
    reader.group()
}

struct Reader<'e> {
    rest: &'e str,
    most: usize,
}

impl<'e> Reader<'e> {
    fn take(&mut self, length: usize) -> &'e str {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    /// What stands up to the end of a bracket, which is left, or of the expression.
    fn group(&mut self) -> Result<String, SelectorError> {
        let mut whole = String::new();
        let mut level = Level::default();
        // Behind an operand a name or `*` is an operator (section 3.7).
        let mut behind_operand = false;
        while let Some(first) = self.rest.chars().next() {
            match first {
                ')' | ']' => break,
                '(' | '[' => {
                    level.operand.push_str(self.take(1));
                    let inner = self.group()?;
                    level.operand.push_str(&inner);
                    level.operand.push_str(self.take(1));
                    behind_operand = true;
                    continue;
                }
                ',' => {
                    whole.push_str(&std::mem::take(&mut level).finish(self.most)?);
                    whole.push_str(self.take(1));
                    behind_operand = false;
                    continue;
                }
                '"' | '\'' => {
                    let end = self.rest.get(1..).and_then(|rest| rest.find(first));
                    level.operand.push_str(self.take(end.map_or(self.rest.len(), |end| end + 2)));
                    behind_operand = true;
                    continue;
                }
                _ => {}
            }
            if let Some(operator) = COMPARISONS.iter().find(|it| self.rest.starts_with(**it)) {
                level.operator(self.take(operator.len()));
                behind_operand = false;
                continue;
            }
            let name = leading_unprefixed_name(self.rest).len();
            if name > 0 {
                let name = self.take(name);
                let is_operator = behind_operand && matches!(name, "and" | "or" | "div" | "mod");
                match is_operator && matches!(name, "and" | "or") {
                    true => level.operator(name),
                    false => level.operand.push_str(name),
                }
                behind_operand = !is_operator;
                continue;
            }
            let is_number = first.is_ascii_digit();
            level.operand.push_str(self.take(first.len_utf8()));
            behind_operand = match first {
                '.' => true,
                '*' => !behind_operand,
                _ if first.is_whitespace() => behind_operand,
                _ => is_number,
            };
        }
        whole.push_str(&level.finish(self.most)?);
        Ok(whole)
    }
}

/// Operands with operators between them.
#[derive(Default)]
struct Level<'e> {
    before: Vec<(String, &'e str)>,
    operand: String,
}

impl<'e> Level<'e> {
    fn operator(&mut self, operator: &'e str) {
        self.before.push((std::mem::take(&mut self.operand), operator));
    }

    fn finish(self, most: usize) -> Result<String, SelectorError> {
        if self.before.len() > most {
            let message = format!("at most {most} operators may follow each other in an XPath");
            return Err(SelectorError::new(message));
        }
        let mut whole = String::new();
        // What `=` or `!=` has before it, and what `<` and the like have.
        let (mut equality, mut relation) = (None, None);
        let all = self.before.into_iter().map(|(operand, operator)| (operand, Some(operator)));
        for (operand, operator) in all.chain([(self.operand, None)]) {
            let value = called(relation.take(), operand);
            match operator {
                Some(operator @ ("<" | "<=" | ">" | ">=")) => relation = Some((value, operator)),
                Some(operator @ ("=" | "!=")) => {
                    equality = Some((called(equality.take(), value), operator));
                }
                other => {
                    whole.push_str(&called(equality.take(), value));
                    whole.push_str(other.unwrap_or_default());
                }
            }
        }
        Ok(whole)
    }
}

fn called(before: Option<(String, &str)>, operand: String) -> String {
    match before {
        Some((left, operator)) => format!(" {NAME}('{operator}',{left},{operand}) "),
        None => operand,
    }
}

/// Lets the rewritten expressions of a context call what compares.
pub(super) fn provide(context: &mut Context<'_>) {
    context.set_function(NAME, Compare);
}

struct Compare;

impl function::Function for Compare {
    fn evaluate<'d>(
        &self,
        _: &context::Evaluation<'_, 'd>,
        arguments: Vec<Value<'d>>,
    ) -> Result<Value<'d>, function::Error> {
        match arguments.as_slice() {
            [Value::String(operator), left, right] => {
                Ok(Value::Boolean(holds(operator, left, right)))
            }
            _ => Err(function::Error::ArgumentMissing),
        }
    }
}

fn holds(operator: &str, left: &Value<'_>, right: &Value<'_>) -> bool {
    match (left, right) {
        (Value::Nodeset(left), Value::Nodeset(right)) => {
            if left.size() == 0 || right.size() == 0 {
                return false;
            }
            any_pair(operator, &texts(left), &texts(right))
        }
        (Value::Nodeset(nodes), Value::Boolean(_)) => {
            scalars(operator, &Value::Boolean(nodes.size() > 0), right)
        }
        (Value::Boolean(_), Value::Nodeset(nodes)) => {
            scalars(operator, left, &Value::Boolean(nodes.size() > 0))
        }
        (Value::Nodeset(nodes), _) => {
            texts(nodes).into_iter().any(|text| scalars(operator, &Value::String(text), right))
        }
        (_, Value::Nodeset(nodes)) => {
            texts(nodes).into_iter().any(|text| scalars(operator, left, &Value::String(text)))
        }
        _ => scalars(operator, left, right),
    }
}

fn texts(nodes: &Nodeset<'_>) -> Vec<String> {
    nodes.iter().map(|node: Node<'_>| node.string_value()).collect()
}

/// Whether a comparison holds of any node of each: of the least and the greatest, where it is one
/// of numbers, so that it takes no more than looking at each once.
fn any_pair(operator: &str, left: &[String], right: &[String]) -> bool {
    let mine: HashSet<&String> = left.iter().collect();
    match operator {
        "=" => right.iter().any(|text| mine.contains(text)),
        "!=" => mine.len() > 1 || right.iter().any(|text| !mine.contains(text)),
        _ => {
            let ends = |texts: &[String]| {
                let numbers = texts.iter().map(|text| number_of(text)).filter(|it| !it.is_nan());
                numbers.fold(None, |ends: Option<(f64, f64)>, number| {
                    let (least, most) = ends.unwrap_or((number, number));
                    Some((least.min(number), most.max(number)))
                })
            };
            let (Some(left), Some(right)) = (ends(left), ends(right)) else { return false };
            let (left, right) = match operator.starts_with('<') {
                true => (left.0, right.1),
                false => (left.1, right.0),
            };
            ordered(operator, left.partial_cmp(&right))
        }
    }
}

fn scalars(operator: &str, left: &Value<'_>, right: &Value<'_>) -> bool {
    let are_texts = matches!((left, right), (Value::String(_), Value::String(_)));
    let is_truth = matches!(left, Value::Boolean(_)) || matches!(right, Value::Boolean(_));
    let ordering = match operator {
        "=" | "!=" if is_truth => left.boolean().partial_cmp(&right.boolean()),
        "=" | "!=" if are_texts => left.string().partial_cmp(&right.string()),
        _ => number(left).partial_cmp(&number(right)),
    };
    ordered(operator, ordering)
}

fn ordered(operator: &str, ordering: Option<Ordering>) -> bool {
    match operator {
        "=" => ordering == Some(Ordering::Equal),
        "!=" => ordering != Some(Ordering::Equal),
        "<" => ordering.is_some_and(Ordering::is_lt),
        "<=" => ordering.is_some_and(Ordering::is_le),
        ">" => ordering.is_some_and(Ordering::is_gt),
        _ => ordering.is_some_and(Ordering::is_ge),
    }
}

fn number(value: &Value<'_>) -> f64 {
    match value {
        Value::String(text) => number_of(text),
        other => other.number(),
    }
}

/// Digits with at most one point, perhaps behind a minus (section 4.4).
fn number_of(text: &str) -> f64 {
    let text = text.trim_matches([' ', '\t', '\n', '\r']);
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    text.parse().ok().filter(|_| is_number).unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::super::xpath::{Selected, compile};

    const ANSWER: &[u8] = br#"<r><a id="1">x</a><a id="2">y</a><n>10</n><n>9</n><n>8</n><or/></r>"#;

    #[test]
    fn comparisons_of_nodes_hold_if_any_node_fits() {
        for (expression, expected) in [
            ("//nope != ''", false),
            ("//nope = ''", false),
            ("//nope < 1", false),
            ("//n != 9", true),
            ("//n = 9", true),
            ("//n < 9", true),
            ("//n <= 8", true),
            ("9 > //n", true),
            ("8 > //n", false),
            ("//n != //n", true),
            ("//n < //n", true),
            ("//a/@id >= //n", false),
            ("not(//n != 9)", false),
            ("count(//*[@id != '1']) = 1", true),
            ("count(//*[@id != 1 and . = 'y' or @id = 1]) = 2", true),
            ("//nope = false()", true),
            ("//a = true()", true),
            ("'1' = 1", true),
            ("'+1' = 1", false),
            ("'1e0' = 1", false),
            ("1 < 2 < 3", true),
            ("3 > 2 > 1", false),
            ("1 = 1 = 2 < 3", true),
            ("'a<b' = \"a<b\"", true),
            ("/r/or = '' and //or", true),
            ("concat('a', 1 = 1) = 'atrue'", true),
            ("//n[. > 8][last()] = 9", true),
            ("//n[position() != 2] = 9", false),
            ("count(//n) * 2 - 1 >= 5", true),
            ("count(/*/*[1] | //n) = 4", true),
        ] {
            let found = compile(expression, &[]).unwrap().evaluate(ANSWER).unwrap();
            assert_eq!(found, Selected::Boolean(expected), "{expression}");
        }
    }

    #[test]
    fn very_many_comparisons_are_refused() {
        assert!(compile(&format!("1{}", "=1".repeat(900)), &[]).is_err());
        assert!(compile(&format!("{}1=1{}", "(1=".repeat(31), ")".repeat(31)), &[]).is_ok());
    }
}
