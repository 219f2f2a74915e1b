//! Expressions mean what they mean in minijinja, but for numbers, which are exact here, and for
//! comparisons of what is absent or of different kinds.

use std::borrow::Cow;
use std::collections::BTreeMap;

use minijinja::value::{Value as Jinja, ValueKind};
use minijinja::{Environment, UndefinedBehavior};
use proptest::prelude::*;
use proptest::test_runner::Config;

use self::compared::{HERE, THERE, compares, comparison, holds, seen, tested};
use super::cost::Fault;
use super::evaluate::Evaluation;
use super::{parse, parser};
use crate::value::{Map, Value};

mod compared;

/// What variables hold; one that is not here is absent.
fn variables() -> Vec<(&'static str, Value)> {
    let map = |members: Vec<(&str, Value)>| {
        Value::map(members.into_iter().map(|(name, value)| (name.into(), value)).collect())
    };
    let anna = map(vec![
        ("id", 1.into()),
        ("name", "Anna".into()),
        ("tags", Value::list(vec!["a".into()])),
    ]);
    let bob =
        map(vec![("id", 2.into()), ("name", "bob".into()), ("tags", Value::list(Vec::new()))]);
    vec![
        ("n", 3.into()),
        ("f", 2.5.into()),
        ("t", "Äb 3".into()),
        ("e", "".into()),
        ("y", true.into()),
        ("z", Value::Null),
        ("l", Value::list(vec![3.into(), 1.into(), 2.into()])),
        ("w", Value::list(vec!["b".into(), "A".into(), "a".into()])),
        ("p", Value::list(vec![anna.clone(), bob])),
        ("m", anna),
    ]
}

fn to_jinja(value: &Value) -> Jinja {
    match value {
        Value::Null => Jinja::from(()),
        Value::Bool(value) => Jinja::from(*value),
        Value::Integer(value) => Jinja::from(*value),
        Value::Number(value) => Jinja::from(value.to_f64_lossy()),
        Value::Text(text) => Jinja::from(&**text),
        Value::List(items) => Jinja::from(items.iter().map(to_jinja).collect::<Vec<_>>()),
        Value::Map(_) | Value::Record(_) => {
            let members = value.members().unwrap();
            Jinja::from(
                members
                    .map(|(name, value)| (name.to_string(), to_jinja(value)))
                    .collect::<BTreeMap<_, _>>(),
            )
        }
    }
}

/// Fails for what minijinja would only find wrong when it is looked at.
fn from_jinja(value: &Jinja) -> Result<Option<Value>, String> {
    Ok(Some(match value.kind() {
        ValueKind::Undefined => return Ok(None),
        ValueKind::None => Value::Null,
        ValueKind::Bool => Value::Bool(value.is_true()),
        ValueKind::Number => match value.is_integer() {
            true => Value::number(&value.to_string()).unwrap(),
            false => f64::try_from(value.clone()).unwrap().into(),
        },
        ValueKind::String => value.as_str().unwrap().into(),
        ValueKind::Seq | ValueKind::Iterable => {
            let items = value.try_iter().unwrap();
            let items: Result<Vec<_>, _> =
                items.map(|item| Ok::<_, String>(from_jinja(&item)?.unwrap_or_default())).collect();
            Value::list(items?)
        }
        ValueKind::Map => {
            let mut map = Map::new();
            for key in value.try_iter().unwrap() {
                if let Some(member) = from_jinja(&value.get_item(&key).unwrap())? {
                    map.insert(key.to_string(), member);
                }
            }
            Value::map(map)
        }
        _ => return Err(value.to_string()),
    }))
}

/// Behind what may be the sum or product of a list: minijinja works it out later, and has it come
/// after mappings, unlike other lists. Only its side gets to see this.
const SETTLED: &str = " | settled";

fn settled(value: Jinja) -> Jinja {
    match value.kind() {
        ValueKind::Iterable => value.try_iter().map(Iterator::collect).unwrap_or(value),
        _ => value,
    }
}

/// As minijinja has it; `Err` where it fails.
fn there(text: &str) -> Result<Option<Value>, String> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_fuel(Some(1_000_000));
    environment.add_filter("settled", settled);
    environment
        .add_function("holds", |operator: String, a: Jinja, b: Jinja| holds(&operator, &a, &b));
    let context: BTreeMap<_, _> =
        variables().iter().map(|(name, value)| (*name, to_jinja(value))).collect();
    let compiled = environment.compile_expression(text).map_err(|error| error.to_string())?;
    let value = compiled.eval(Jinja::from(context)).map_err(|error| error.to_string())?;
    from_jinja(&value)
}

/// As we have it, without working out constants before.
fn here(text: &str) -> Result<Option<Value>, String> {
    let (tree, roots) = parser::read(text).map_err(|error| error.message)?;
    let known = variables();
    let values: Vec<Option<Value>> = roots
        .iter()
        .map(|root| known.iter().find(|(name, _)| *name == &**root).map(|(_, v)| v.clone()))
        .collect();
    match Evaluation::strict(&values).value(&tree) {
        Ok(value) => Ok(value.map(Cow::into_owned)),
        Err(Fault::Misfit { message, .. }) => Err(message.into_owned()),
        Err(Fault::Cost) => Err("too costly".to_owned()),
    }
}

/// Numbers are compared as floats, as minijinja's are.
fn agree(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| agree(a, b))
        }
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| agree(a, b)))
        }
        (Value::Integer(_) | Value::Number(_), Value::Integer(_) | Value::Number(_)) => {
            let float = |value: &Value| value.to_string().parse::<f64>().unwrap();
            (float(a) - float(b)).abs() <= 1e-9 * float(a).abs().max(1.0)
        }
        _ => a == b,
    }
}

#[test]
fn a_list_that_was_multiplied_is_a_list() {
    for text in ["l * n", "l + l", "l * 2 * 1"] {
        let list = grouped(text, "*");
        compare(&comparison("<", &[list.clone(), "[]".to_owned()])).unwrap();
        compare(&format!("[{list}, {{}}] | sort")).unwrap();
    }
}

fn compare(text: &str) -> Result<(), TestCaseError> {
    let mine = seen(text, HERE, THERE).replace(SETTLED, "");
    let (here, there) = (here(&mine), there(&seen(text, THERE, HERE)));
    let same = match (&here, &there) {
        (Ok(Some(here)), Ok(Some(there))) => agree(here, there),
        (Ok(None), Ok(None)) | (Err(_), Err(_)) => true,
        _ => false,
    };
    prop_assert!(same, "{}\n here: {:?}\nthere: {:?}", text, here, there);
    Ok(())
}

const NAMES: &[&str] = &[
    "n",
    "t",
    "e",
    "y",
    "z",
    "l",
    "w",
    "p",
    "m",
    "absent",
    "m.name",
    "m.id",
    "p[0].name",
    "m['tags']",
    "(l | reverse | list)",
    "(t | reverse)",
    "(7 // 2)",
    "(-7 // 2)",
    "(7.5 // 2 == 3)",
    "t[1:]",
    "t[::-1]",
    "m | attr('name')",
    "(n / 2 > 1)",
    "(3 / 4 == 0.75)",
    "('2.50' | float == 2.5)",
    "m.none",
    "t[0]",
    "l[-1]",
    "l.0",
    "p[1]",
    "(f > 2)",
    "(f * 2 == 5)",
    "(f + 0.1 < 3)",
    "(f | int)",
    "(-f == 0 - 2.5)",
    "(f == '2.5' | float)",
];

const LITERALS: &[&str] = &[
    "0",
    "1",
    "2",
    "7",
    "'a'",
    "\"b'c\"",
    "''",
    "'A b'",
    "true",
    "false",
    "none",
    "[]",
    "{}",
    "[1, 'a']",
    "{'a': none, 'k': 1}",
    "'3'",
    "(1)",
    "0x1f",
    "1_0",
    "'x\\n'",
];

fn leaf() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(NAMES).prop_map(str::to_owned),
        prop::sample::select(LITERALS).prop_map(str::to_owned)
    ]
}

/// Filters whose results do not depend on how numbers and lists are kept.
const FILTERS: &[&str] = &[
    "upper",
    "lower",
    "title",
    "capitalize",
    "trim",
    "trim('a')",
    "length",
    "count",
    "first",
    "last",
    "list",
    "sort",
    "sort(reverse=true)",
    "sort(case_sensitive=true)",
    "unique",
    "min",
    "max",
    "abs",
    "int",
    "int(7)",
    "int(default=9)",
    "bool",
    "default('d')",
    "default",
    "d('', true)",
    "split",
    "split('b')",
    "split(' ', 1)",
    "lines",
    "items | map('first')",
    "dictsort | map('last')",
    "replace('a', 'xy')",
    "map('upper')",
    "map(attribute='name', default='')",
    "map(attribute='id', default=0)",
    "select('string')",
    "select",
    "reject('none')",
    "selectattr('id')",
    "selectattr('id', 'gt', 1)",
    "rejectattr('name', 'eq', 'bob')",
    "batch(2)",
    "batch(2, 0)",
    "slice(2)",
    "slice(2, 'x')",
    "sum",
    "sum(attribute='id')",
    "sum(start=2)",
    "string",
    "escape",
    "indent(2)",
    "indent(2, true)",
    "zip([1, 2]) | map('last')",
    "chain([1]) | list",
    "round(2)",
    "sort(attribute='name')",
    "unique(attribute='id')",
    "min(attribute='id')",
    "join('-', attribute='id')",
];

const TESTS: &[&str] = &[
    "defined",
    "undefined",
    "none",
    "boolean",
    "odd",
    "even",
    "divisibleby(2)",
    "number",
    "string",
    "iterable",
    "mapping",
    "startingwith('A')",
    "endingwith 'a'",
    "lower",
    "upper",
    "eq(1)",
    "ne 'a'",
    "gt(1)",
    "lessthan(2)",
    "in([1, 'a'])",
    "in 'abc'",
    "true",
    "false",
    "ge 2",
    "le(1)",
];

const OPERATORS: &[&str] =
    &["+", "-", "*", "%", "~", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "and", "or"];

/// Sums and products that are not lists, without parentheses around them.
const CHAINS: &[&str] =
    &["2 * n * 3", "7 + n + 1", "n * 2 + n", "n + 2 * n", "7 * n", "n + 7", "t + 'a' + t"];

fn is_lazy(operator: &str) -> bool {
    matches!(operator, "+" | "*")
}

fn grouped(text: &str, operator: &str) -> String {
    if is_lazy(operator) { format!("(({text}){SETTLED})") } else { format!("({text})") }
}

fn expression() -> impl Strategy<Value = String> {
    leaf().prop_recursive(4, 24, 3, |inner| {
        let two = (inner.clone(), inner.clone());
        prop_oneof![
            4 => (two.clone(), prop::sample::select(OPERATORS))
                .prop_map(|((a, b), operator)| {
                    let text = match operator {
                        _ if is_lazy(operator) => format!("({a}) {operator} ({b})"),
                        _ if compares(operator) => comparison(operator, &[a, b]),
                        _ => format!("{a} {operator} {b}"),
                    };
                    grouped(&text, operator)
                }),
            2 => (two.clone(), prop::sample::select(OPERATORS), inner.clone())
                .prop_map(|((a, b), operator, c)| {
                    if is_lazy(operator) {
                        // What binds less than the operator is not to get hold of a lazy part.
                        grouped(&format!("({a}) {operator} ({b}) {operator} ({c})"), operator)
                    } else if compares(operator) {
                        comparison(operator, &[a, b, c])
                    } else {
                        format!("{a} {operator} {b} {operator} {c}")
                    }
                }),
            1 => prop::sample::select(CHAINS).prop_map(str::to_owned),
            3 => (inner.clone(), prop::sample::select(FILTERS))
                .prop_map(|(of, filter)| format!("({of}) | {filter}")),
            2 => (inner.clone(), prop::sample::select(TESTS), any::<bool>())
                .prop_map(|(of, test, not)| tested(&of, test, not)),
            1 => (two, inner.clone()).prop_map(|((a, b), c)| format!("({a} if {b} else {c})")),
            1 => inner.clone().prop_map(|of| format!("(not {of})")),
            1 => inner.clone().prop_map(|of| format!("-({of})")),
            1 => (inner.clone(), inner.clone()).prop_map(|(of, key)| format!("({of})[{key}]")),
            1 => (inner.clone(), prop::option::of(-3_i8..4), prop::option::of(-3_i8..4), prop::option::of(1_i8..3))
                .prop_map(|(of, from, to, step)| {
                    let bound = |bound: Option<i8>| bound.map(|b| b.to_string()).unwrap_or_default();
                    format!("(({of})[{}:{}:{}] | list)", bound(from), bound(to), bound(step))
                }),
            1 => prop::collection::vec(inner.clone(), 0..3)
                .prop_map(|items| format!("[{}]", items.iter().map(|item| format!("({item}) | default(0)")).collect::<Vec<_>>().join(", "))),
            1 => inner.prop_map(|of| format!("{{'k': {of}}}.k")),
        ]
    })
}

proptest! {
    #![proptest_config(Config { cases: 1000, ..Config::default() })]

    #[test]
    fn random_expressions_agree(text in expression()) {
        compare(&text)?;
    }

    #[test]
    fn no_text_is_too_much(text in "[a-z0-9'\"(){}\\[\\]|.,:~+*/ -]{0,40}") {
        let _ = parse(&text);
    }

    #[test]
    fn what_is_an_expression_there_is_one_here(text in "(a|1|'x'|\\.|b|\\(|\\)|\\[|\\]|\\{|\\}|:|,| not | in | is | if | else | and | or |-|\\+|~|\\||upper|none|==|\\*\\*|2\\.5){1,9}") {
        let environment = Environment::new();
        let there = environment.compile_expression(&text).is_ok();
        let here = parser::read(&text);
        prop_assert!(!there || here.is_ok() || !is_grammatical(&here), "{}: {:?}", text, here);
    }
}

/// Whether what is wrong is the form of an expression, not what it means.
fn is_grammatical<T>(read: &Result<T, super::ExpressionError>) -> bool {
    let message = read.as_ref().err().map(|error| error.message.as_str()).unwrap_or_default();
    ![
        "where a value is expected",
        "no filter",
        "no test",
        "is a test",
        "is a filter",
        "no function",
        "methods",
        "can be called",
        "not a number",
        "the test",
        "the filter",
    ]
    .iter()
    .any(|known| message.contains(known))
}
