//! What data does to expressions: nothing fails but what costs too much.

use proptest::prelude::*;
use proptest::test_runner::Config;

use super::filters::{FILTERS, RANGE};
use super::parse;
use super::predicates::PREDICATES;
use crate::value::{Map, Value};

fn data() -> impl Strategy<Value = Option<Value>> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Integer),
        (-3_i64..70).prop_map(Value::Integer),
        "-?[1-9][0-9]{0,30}(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,8})?"
            .prop_map(|text| Value::number(&text).unwrap_or_default()),
        "\\PC{0,12}".prop_map(Value::from),
        "[a-z%{}\\[\\].:,0-9TZ+-]{0,24}".prop_map(Value::from),
        prop::sample::select(
            &[
                "2024-01-31T10:00:00Z",
                "9999-12-31",
                "P1M",
                "P9999Y",
                "PT1S",
                "Europe/Berlin",
                "%Y",
                "%010d",
                "%s",
                "sha256",
                "base64",
                "{\"a\": 1e999999}",
                "[[[[",
                "1e99999999",
                "((a*)*)*",
            ][..]
        )
        .prop_map(Value::from),
    ];
    let tree = scalar.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::list),
            prop::collection::vec(("[a-c]|name|value|\\PC{1,3}", inner), 0..4).prop_map(
                |members| {
                    Value::map(members.into_iter().map(|(k, v)| (k.into(), v)).collect::<Map>())
                }
            ),
        ]
    });
    prop::option::weighted(0.95, tree)
}

/// Each filter and each test with variables in all places, and all operators.
fn expressions() -> Vec<String> {
    let mut all = Vec::new();
    let arguments = |parameters: &[&str], given: usize| {
        let given = given.min(parameters.len().max(1));
        ["b", "c", "d"].iter().take(given).copied().collect::<Vec<_>>().join(", ")
    };
    for filter in FILTERS {
        let needed = filter.parameters.iter().filter(|p| !p.ends_with(['?', '*'])).count();
        for given in needed..=filter.parameters.len() {
            let arguments =
                if given == 0 { String::new() } else { arguments(filter.parameters, given) };
            all.push(format!("a | {}({arguments})", filter.name));
        }
    }
    all.push(format!("{}(a, b, c)", RANGE.name));
    for test in PREDICATES {
        let argument = if test.parameters.is_empty() { "" } else { "b" };
        all.push(format!("a is {}({argument})", test.name));
    }
    for operator in ["+", "-", "*", "/", "//", "%", "**", "~", "<", ">=", "==", "in", "not in"] {
        all.push(format!("a {operator} b"));
    }
    all.extend(
        [
            "-a",
            "not a",
            "a[b]",
            "a[b:c:d]",
            "a.name",
            "{a: b}",
            "a | map('upper')",
            "a | map(attribute=b)",
            "a | selectattr(b, 'in', c)",
            "a | select('divisibleby', b)",
            "a | map('date', b, c)",
            "a if b else c",
            "a and b or c",
            "[x ~ b for x in a if x > c]",
            "[[z for z in y if z == x] for x in a for y in x if y]",
            "[key ~ value for key, value in a | items]",
            "[x | search(b) for x in a]",
        ]
        .map(str::to_owned),
    );
    all
}

proptest! {
    #![proptest_config(Config { cases: 200, ..Config::default() })]

    #[test]
    fn no_data_makes_an_error(a in data(), b in data(), c in data(), d in data()) {
        for text in expressions() {
            let parsed = parse(&text).unwrap();
            let values: Vec<Option<Value>> = parsed
                .roots()
                .iter()
                .map(|root| match &**root {
                    "a" => a.clone(),
                    "b" => b.clone(),
                    "c" => c.clone(),
                    _ => d.clone(),
                })
                .collect();
            if let Err(error) = parsed.evaluate(&values) {
                prop_assert_eq!(error.message, super::TOO_COSTLY, "{}", text);
            }
        }
    }
}

#[test]
fn what_costs_too_much_is_given_up_soon() {
    let long: Value = "x".repeat(10_000).into();
    let many = Value::list((0..20_000).map(Value::Integer).collect());
    let begun = std::time::Instant::now();
    for text in [
        "t * 1000000000",
        "(t * 10000) * 10000",
        "l * 1000000",
        "l | map('replace', '1', t) | join",
        "l | without(l)",
        "t | replace('', t)",
        "[x ~ y for x in l for y in l]",
        "(t * 1000) | findall('x')",
        "(t * 20) | findall('x|x*y')",
        "l | batch(100000000, 0)",
        "(l ~ l ~ l ~ l) * 100000",
    ] {
        let parsed = parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        let values: Vec<Option<Value>> = parsed
            .roots()
            .iter()
            .map(|root| Some(if **root == *"t" { long.clone() } else { many.clone() }))
            .collect();
        let error = parsed.evaluate(&values).map(|value| value.map(|v| v.kind())).unwrap_err();
        assert_eq!(error.message, super::TOO_COSTLY, "{text}");
    }
    for text in ["9 ** 999999999", "l | slice(100000000)", "range(100000000)", "'a' * 10000000000"]
    {
        assert!(parse(text).is_err(), "{text}");
    }
    assert!(parse(&"(".repeat(10_000)).is_err());
    assert!(parse(&"not ".repeat(10_000)).is_err());
    assert!(parse(&"-".repeat(10_000)).is_err());
    assert!(parse(&format!("1{}", " + 1".repeat(10_000))).is_err());
    assert!(parse(&format!("a{}", ".b".repeat(10_000))).is_err());
    assert!(parse(&format!("a{}", " ~ a".repeat(1_000))).is_ok());
    assert!(begun.elapsed().as_secs() < 60);
}
