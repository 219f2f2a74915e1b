//! JSONPath against the public compliance suite, where that is at hand.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::print_stderr, reason = "a test that is skipped says so")]

mod support;

use std::fmt::Write as _;
use std::path::Path;

use counterpart::unstable::selector::json_path::compile;
use counterpart::unstable::value::Value;
use counterpart::unstable::wire::json::Json;
use counterpart::unstable::wire::{Limits, Wire};
use proptest::prelude::*;
use support::conformance::Count;

/// Beside the project's folder, so that it is no part of it.
const SUITE: &str = "../shared/suites/jsonpath/cts.json";

/// Selectors that do not behave as the suite says, with the reason.
const EXCEPTIONS: &[(&str, &str)] = &[];

#[test]
fn selectors_behave_as_the_compliance_suite_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(SUITE);
    let Ok(text) = std::fs::read(&path) else {
        eprintln!("SKIPPED: the JSONPath compliance suite is not at {}", path.display());
        return;
    };
    let suite = Json.decode(&text, &Limits::default()).unwrap().value;
    let tests = suite.get("tests").unwrap().as_list().unwrap();
    assert!(tests.len() > 600, "the suite has only {} selectors", tests.len());
    let mut wrong = String::new();
    let mut exceptions = Vec::new();
    let mut count = Count::default();
    for test in tests {
        let name = test.get("name").unwrap().as_str().unwrap();
        let selector = test.get("selector").unwrap().as_str().unwrap();
        let came = came(test, selector);
        let exception = EXCEPTIONS.iter().find(|(known, _)| *known == name);
        let excepted = exception.is_some();
        match exception {
            Some((_, reason)) => count.otherwise(reason),
            None => count.right += 1,
        }
        match came {
            Err(_) if excepted => exceptions.push(name),
            Err(why) => writeln!(wrong, "{name}: {selector}\n  {why}").unwrap(),
            Ok(()) if excepted => writeln!(wrong, "{name} is no exception any more").unwrap(),
            Ok(()) => {}
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert_eq!(exceptions.len(), EXCEPTIONS.len());
    count.hold("JSONPath (RFC 9535)");
}

/// Texts that are much like selectors.
fn selector_like() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "$", "@", ".", "..", "[", "]", "*", "?", "(", ")", ":", ",", "'a'", "\"b\"", "'", "\\",
        "a", "-1", "0", "1e3", " ", "!", "==", "<", "&&", "||", "length(", "count(", "match(",
        "value(", "true", "null", "☺", "\u{0}",
    ]);
    prop::collection::vec(part, 0..14).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn nothing_panics_and_only_texts_that_begin_with_a_dollar_are_selectors(
        selector in selector_like(),
        numbers in prop::collection::vec(any::<i64>(), 0..4),
    ) {
        let value = Value::list(numbers.into_iter().map(Value::Integer).collect());
        match compile(&selector) {
            Ok(path) => {
                let selected = path.select(&value);
                prop_assert!(selector.starts_with('$'));
                prop_assert!(!path.is_singular() || selected.len() < 2);
            }
            Err(error) => prop_assert!(!error.message.is_empty()),
        }
    }

    /// RFC 9535 section 2.3.4.2.2, as Python has slices too.
    #[test]
    fn slices_select_what_counting_says(
        length in 0_i64..6,
        start in prop::option::of(-8_i64..8),
        end in prop::option::of(-8_i64..8),
        step in (-3_i64..4).prop_filter("a step", |step| *step != 0),
    ) {
        let value = Value::list((0..length).map(Value::Integer).collect());
        let shown = |bound: Option<i64>| bound.map(|bound| bound.to_string()).unwrap_or_default();
        let selector = format!("$[{}:{}:{step}]", shown(start), shown(end));
        let from_start = |bound: i64| if bound < 0 { bound + length } else { bound };
        let (first, last) = match step > 0 {
            true => (start.map_or(0, from_start), end.map_or(length, from_start)),
            false => (start.map_or(length - 1, from_start), end.map_or(-1, from_start)),
        };
        let first = if step > 0 { first.max(0) } else { first.min(length - 1) };
        let counted = (0..20).map(|at| first + at * step);
        let counted = counted.take_while(|at| if step > 0 { *at < last } else { *at > last });
        let wanted: Vec<Value> =
            counted.filter(|at| (0..length).contains(at)).map(Value::Integer).collect();
        prop_assert_eq!(compile(&selector).unwrap().select(&value), wanted, "{}", selector);
    }
}

fn came(test: &Value, selector: &str) -> Result<(), String> {
    let compiled = compile(selector);
    if test.get("invalid_selector") == Some(&Value::Bool(true)) {
        return match compiled {
            Ok(_) => Err("it is accepted".to_owned()),
            Err(error) if error.message.is_empty() => Err("nothing is said".to_owned()),
            Err(_) => Ok(()),
        };
    }
    let selected = compiled.map_err(|error| error.message)?;
    let selected = Value::list(selected.select(test.get("document").unwrap()));
    let results = match (test.get("result"), test.get("results")) {
        (Some(one), _) => vec![one.clone()],
        (None, Some(several)) => several.as_list().unwrap().to_vec(),
        (None, None) => panic!("the suite says nothing of {selector}"),
    };
    match results.contains(&selected) {
        true => Ok(()),
        false => Err(format!("selects {selected}, not {}", Value::list(results))),
    }
}
