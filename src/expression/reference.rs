//! The reference in `docs/` names all filters and tests, and its examples are true.

use std::collections::BTreeSet;

use super::filters::{BUILT_IN, FILTERS};
use super::parse;
use super::predicates::PREDICATES;
use crate::value::Value;
use crate::wire::json::Json;
use crate::wire::{Limits, Wire};

const PAGE: &str = include_str!("../../docs/spec-language.md");

/// What stands between backquotes.
fn code(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(|code| code.replace("\\|", "|")).collect()
}

/// The rows of the table below a heading.
fn rows(heading: &str) -> Vec<Vec<String>> {
    let (_, page) = PAGE.split_once(&format!("\n### {heading}\n")).unwrap();
    let lines = page.lines().skip_while(|line| !line.starts_with("|---")).skip(1);
    let rows: Vec<Vec<String>> = lines
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let line = line.replace("\\|", "\u{0}");
            line.split('|').map(|cell| cell.replace('\u{0}', "\\|").trim().to_owned()).collect()
        })
        .collect();
    assert!(rows.len() > 5, "{heading}");
    rows
}

/// Works out the examples of a cell, which are `expression` → `result`.
fn are_true(cell: &str) -> Vec<String> {
    let examples = code(cell);
    assert!(!examples.is_empty() && examples.len().is_multiple_of(2), "{cell}");
    for pair in examples.chunks(2) {
        let [text, expected] = pair else { continue };
        let found = parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        let found = found.evaluate(&Vec::new()).unwrap().unwrap_or_default();
        let expected = Json.decode(expected.as_bytes(), &Limits::default()).unwrap().value;
        assert_eq!((found.to_string(), &found), (expected.to_string(), &expected), "{text}");
    }
    examples
}

fn check(heading: &str, known: &BTreeSet<&str>) {
    let mut named = BTreeSet::new();
    for row in rows(heading) {
        let [_, called, _, examples, _] = row.as_slice() else { panic!("{row:?}") };
        let mut used = Vec::new();
        for name in code(called) {
            let name = name.split(['(', '[']).next().unwrap().to_owned();
            if known.contains(name.as_str()) {
                named.insert(name.clone());
                used.push(name);
            }
        }
        let examples = are_true(examples);
        assert!(used.iter().any(|name| examples.iter().any(|e| e.contains(&**name))), "{row:?}");
    }
    let missing: Vec<_> = known.iter().filter(|name| !named.contains(**name)).collect();
    assert!(missing.is_empty(), "{missing:?} are not in the reference");
}

#[test]
fn the_filters_are_in_the_reference_with_true_examples() {
    check("Filters", &FILTERS.iter().map(|filter| filter.name).chain(BUILT_IN).collect());
}

#[test]
fn the_ways_to_make_lists_from_lists_are_true() {
    for row in rows("Lists made from lists") {
        let [_, _, _, examples, _] = row.as_slice() else { panic!("{row:?}") };
        are_true(examples);
    }
}

#[test]
fn the_tests_are_in_the_reference_with_true_examples() {
    check("Tests", &PREDICATES.iter().map(|predicate| predicate.name).collect());
}

#[test]
fn digests_are_those_of_their_standards() {
    for (text, expected) in [
        // RFC 4231, test case 2, and RFC 2202.
        (
            "'what do ya want for nothing?' | hmac('Jefe')",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            "'what do ya want for nothing?' | hmac('Jefe', algorithm='sha1')",
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
        ),
        (
            "('what do ya want for nothing?' | hmac('Jefe', 'sha512'))[:32]",
            "164b7a7bfcf819e2e395fbe73b56e0a3",
        ),
        (
            "'what do ya want for nothing?' | hmac('Jefe', 'sha1', 'base64')",
            "7/zfauXrL6LSdBbV8YTfnCWafHk=",
        ),
        // FIPS 180-4.
        ("('abc' | sha512)[:32]", "ddaf35a193617abacc417349ae204131"),
        ("'abc' | sha256('base64url')", "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"),
        ("'' | crc32", "00000000"),
        ("'2024-02-29' | plus('P1Y')", "2025-02-28T00:00:00Z"),
        ("'2024-03-30T12:00:00Z' | plus('P1D', 'Europe/Berlin')", "2024-03-31T11:00:00Z"),
        ("'2024-03-31T12:00:00Z' | plus('-P1M')", "2024-02-29T12:00:00Z"),
        ("'2024-01-01' | date('%Z')", "UTC"),
        // The greatest time of .NET, a day beyond what the library has instants for.
        (
            "'9999-12-31T23:59:59Z' | date('%d/%m/%Y %H:%M:%S%.7f%:z')",
            "31/12/9999 23:59:59.0000000+00:00",
        ),
        ("'9999-12-31T23:59:59.9999999+01:00' | plus('-P1M')", "9999-11-30T22:59:59.9999999Z"),
        ("'9999-12-30T23:59:59Z' | plus('P1D')", "9999-12-31T23:59:59Z"),
        ("'9999-12-31' | http_date", "Fri, 31 Dec 9999 00:00:00 GMT"),
        ("('9999-12-31T23:59:59Z' | instant) ~ ''", "253402300799000000000"),
        ("'2024-01-01' | date('%H:%M %:z', 'Asia/Kolkata')", "05:30 +05:30"),
        ("'-x' | urlencode ~ '~' | urlencode", "-x~"),
        ("(1e40 / 3) ~ ''", "3333333333333333333333333333333333333333"),
        ("(2e36 / 3 * 10) ~ ''", "6666666666666666666666666666666666670"),
        ("(2 / 3) ~ ''", "0.6666666666666666666666666666666667"),
        (
            "(12345678901234567890123456789012345678901 / 10) ~ ''",
            "1234567890123456789012345678901234567890.1",
        ),
        ("'%-5s|%+d|%x|%.1f' | format('a', 3, 255, 0.25)", "a    |+3|ff|0.3"),
    ] {
        let found = parse(text).unwrap().evaluate(&Vec::new()).unwrap();
        assert_eq!(found, Some(Value::from(expected)), "{text}");
    }
}
