//! Numbers are decimal and exact: against a naive model, by the laws of arithmetic, and by a
//! public suite of JSON texts.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may end that way")]
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

#[path = "numbers/end_to_end.rs"]
mod end_to_end;
mod support;

use std::cmp::Ordering;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;

use counterpart::unstable::value::{ArithmeticError, Decimal, Number, Value};
use counterpart::unstable::wire::json::Json;
use counterpart::unstable::wire::{Limits, Wire};
use proptest::prelude::*;
use support::conformance::Count;

/// A JSON number: small and large, with and without fraction and exponent.
fn literal() -> impl Strategy<Value = String> {
    prop_oneof![
        "-?(0|[1-9][0-9]{0,3})(\\.[0-9]{1,3})?([eE][+-]?[0-3])?",
        "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?",
        "-?(0|[1-9]0{0,3})(\\.0{1,3})?([eE][+-]?[0-4])?",
    ]
}

fn number(text: &str) -> Number {
    Number::parse(text).unwrap_or_else(|| panic!("{text} is a number"))
}

fn decimal(text: &str) -> Decimal {
    Decimal::try_from(&number(text)).unwrap()
}

/// A number written out, with 150 places before the point and as many behind it: such texts
/// compare as numbers do.
fn written_out(text: &str) -> (bool, String) {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().unwrap();
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(mantissa) => (true, mantissa),
        None => (false, mantissa),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let point = 150 - i32::try_from(whole.len()).unwrap() - exponent;
    let mut digits = "0".repeat(usize::try_from(point).unwrap());
    digits.push_str(whole);
    digits.push_str(fraction);
    let zeros = 300 - digits.len();
    digits.push_str(&"0".repeat(zeros));
    let is_zero = digits.bytes().all(|digit| digit == b'0');
    (sign && !is_zero, digits)
}

fn naive(one: &str, two: &str) -> Ordering {
    let ((one_negative, one), (two_negative, two)) = (written_out(one), written_out(two));
    match (one_negative, two_negative) {
        (false, false) => one.cmp(&two),
        (true, true) => two.cmp(&one),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
    }
}

fn through_json(text: &str) -> String {
    let value = Json.decode(text.as_bytes(), &Limits::default()).unwrap().value;
    let mut out = Vec::new();
    Json.encode(&value, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

proptest! {
    #[test]
    fn a_literal_is_kept(text in literal()) {
        let number = number(&text);
        prop_assert_eq!(number.literal(), &text);
        prop_assert_eq!(Value::number(&text).unwrap().to_string(), text);
    }

    #[test]
    fn json_keeps_each_literal(texts in prop::collection::vec(literal(), 1..8)) {
        let members: Vec<String> = texts
            .iter()
            .enumerate()
            .map(|(at, text)| format!("{{\"1e{at}\\\"{text}\":[{text},\"{text}\"]}}"))
            .collect();
        let text = format!("[{}]", members.join(","));
        prop_assert_eq!(through_json(&text), text);
    }

    #[test]
    fn numbers_compare_as_a_naive_model_does(one in literal(), two in literal()) {
        let expected = naive(&one, &two);
        prop_assert_eq!(number(&one).cmp(&number(&two)), expected);
        let (one, two) = (Value::number(&one).unwrap(), Value::number(&two).unwrap());
        prop_assert_eq!(one.compare_numbers(&two), Some(expected));
        prop_assert_eq!(one == two, expected.is_eq());
        prop_assert_eq!(two.compare_numbers(&one), Some(expected.reverse()));
    }

    #[test]
    fn equal_numbers_have_equal_hashes(text in literal(), zeros in 0_usize..4, shift in -3_i32..4) {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((&text, "0"));
        let exponent: i32 = exponent.parse().unwrap();
        let point = if mantissa.contains('.') { "" } else { "." };
        let other = format!("{mantissa}{point}{}0e{exponent}", "0".repeat(zeros));
        let hasher = RandomState::new();
        prop_assert_eq!(number(&text), number(&other));
        prop_assert_eq!(hasher.hash_one(number(&text)), hasher.hash_one(number(&other)));
        // 7e3 is 70e2.
        if shift > 0 && !point.is_empty() && !mantissa.trim_start_matches('-').starts_with('0') {
            let zeros = "0".repeat(usize::try_from(shift).unwrap());
            let other = format!("{mantissa}{zeros}e{}", exponent - shift);
            prop_assert_eq!(hasher.hash_one(number(&text)), hasher.hash_one(number(&other)));
        }
    }

    #[test]
    fn sums_and_products_obey_the_laws(one in literal(), two in literal(), three in literal()) {
        let (one, two, three) = (decimal(&one), decimal(&two), decimal(&three));
        let sum = one.add(&two).unwrap();
        prop_assert_eq!(&sum, &two.add(&one).unwrap());
        prop_assert_eq!(&sum.subtract(&two).unwrap(), &one);
        prop_assert_eq!(
            sum.multiply(&three).unwrap(),
            one.multiply(&three).unwrap().add(&two.multiply(&three).unwrap()).unwrap()
        );
        prop_assert_eq!(one.cmp(&two), one.subtract(&two).unwrap().cmp(&Decimal::zero()));
    }

    #[test]
    fn quotient_and_rest_give_the_dividend(one in literal(), two in literal()) {
        let (one, two) = (decimal(&one), decimal(&two));
        prop_assume!(!two.is_zero());
        let (quotient, rest) = (one.floor_divide(&two).unwrap(), one.remainder(&two).unwrap());
        prop_assert!(quotient.is_integer());
        prop_assert_eq!(quotient.multiply(&two).unwrap().add(&rest).unwrap(), one);
        prop_assert!(rest.abs() < two.abs());
        prop_assert!(rest.is_zero() || rest.is_negative() == two.is_negative());
    }

    #[test]
    fn a_quotient_is_as_close_as_its_digits_allow(one in literal(), two in literal()) {
        let (one, two) = (decimal(&one), decimal(&two));
        prop_assume!(!two.is_zero());
        let quotient = one.divide(&two).unwrap();
        let error = quotient.multiply(&two).unwrap().subtract(&one).unwrap().abs();
        // Half a unit of the 34th digit.
        let bound = one.abs().multiply(&decimal("5.0000001e-34")).unwrap();
        prop_assert!(error <= bound, "{one} / {two} = {quotient}");
    }

    #[test]
    fn multiples_are_multiples(factor in literal(), times in -10_000_i64..10_000) {
        let factor = decimal(&factor);
        prop_assume!(!factor.is_zero());
        let product = factor.multiply(&times.into()).unwrap();
        let (factor_number, product_number) = (Number::from(&factor), Number::from(&product));
        prop_assert!(product_number.is_multiple_of(&factor_number));
        let half = factor.divide(&2.into()).unwrap();
        prop_assume!(half.multiply(&2.into()).unwrap() == factor);
        let between = Number::from(&product.add(&half).unwrap());
        prop_assert!(!between.is_multiple_of(&factor_number));
    }

    #[test]
    fn arithmetic_writes_what_it_reads(text in literal()) {
        let written = Number::from(&decimal(&text));
        prop_assert_eq!(&written, &number(&text));
        prop_assert_eq!(decimal(written.literal()).to_string(), written.literal());
    }
}

#[test]
fn only_what_json_has_is_a_number() {
    for text in ["0", "-0", "7.0", "7e0", "70E-1", "1e400", "-0.0", "1e+5", "1e-0005"] {
        assert_eq!(number(text).literal(), text);
    }
    for text in [
        "", "-", "+1", "01", "-01", ".5", "5.", "1e", "1e+", "0x1", "1_0", " 1", "1 ", "NaN",
        "Infinity", "1,5", "--1", "1.2.3", "1e2e3", "1e1.5", "١",
    ] {
        assert!(Number::parse(text).is_none(), "{text}");
    }
}

#[test]
fn forms_spell_numbers_more_loosely() {
    for (text, expected) in [
        ("+5", Some("5")),
        ("007", Some("7")),
        ("+07.50", Some("7.50")),
        (".5", Some("0.5")),
        ("-.5e3", Some("-0.5e3")),
        ("5.", Some("5")),
        ("00", Some("0")),
        ("-0", Some("-0")),
        ("+-5", None),
        (".", None),
        ("", None),
        ("+", None),
        ("e5", None),
        ("1e", None),
        ("0x10", None),
        ("inf", None),
    ] {
        assert_eq!(
            Value::spelled(text).map(|value| value.to_string()).as_deref(),
            expected,
            "{text}"
        );
    }
}

#[test]
fn arithmetic_is_exact() {
    let calculate = |one: &str, operator: &str, two: &str| {
        let (one, two) = (decimal(one), decimal(two));
        match operator {
            "+" => one.add(&two),
            "-" => one.subtract(&two),
            "*" => one.multiply(&two),
            "/" => one.divide(&two),
            "//" => one.floor_divide(&two),
            "%" => one.remainder(&two),
            _ => one.power(&two),
        }
        .map(|result| result.to_string())
    };
    for (one, operator, two, expected) in [
        ("0.1", "+", "0.2", "0.3"),
        ("1.50", "+", "1.50", "3"),
        ("1e40", "+", "1", "10000000000000000000000000000000000000001"),
        ("1e400", "*", "2", "2e400"),
        ("1e400", "-", "1e400", "0"),
        ("19.99", "*", "3", "59.97"),
        ("6", "/", "2", "3"),
        ("1", "/", "8", "0.125"),
        ("1", "/", "3", "0.3333333333333333333333333333333333"),
        ("2", "/", "3", "0.6666666666666666666666666666666667"),
        (
            "12345678901234567890123456789012345678901234",
            "/",
            "1",
            "12345678901234567890123456789012345678901234",
        ),
        ("-7", "//", "2", "-4"),
        ("7", "//", "-2", "-4"),
        ("-7", "%", "2", "1"),
        ("7", "%", "-2", "-1"),
        ("1e999999999", "%", "7", "6"),
        ("5.5", "%", "1e999999999", "5.5"),
        ("2", "**", "100", "1267650600228229401496703205376"),
        ("10", "**", "1000000000", "1e1000000000"),
        ("2", "**", "-2", "0.25"),
        ("-1", "**", "1000000000001", "-1"),
        ("0", "**", "0", "1"),
        ("0.0000000000001", "*", "1", "1e-13"),
    ] {
        assert_eq!(
            calculate(one, operator, two).as_deref(),
            Ok(expected),
            "{one} {operator} {two}"
        );
    }
    for (one, operator, two, expected) in [
        ("1", "/", "0", ArithmeticError::DivisionByZero),
        ("1", "%", "0.0", ArithmeticError::DivisionByZero),
        ("0", "**", "-1", ArithmeticError::DivisionByZero),
        ("1e999999999", "+", "1", ArithmeticError::TooManyDigits),
        ("1e999999999", "//", "7", ArithmeticError::TooManyDigits),
        ("3", "**", "999999999", ArithmeticError::TooManyDigits),
        ("1.5", "**", "1e30", ArithmeticError::TooManyDigits),
        ("10", "**", "1e37", ArithmeticError::TooManyDigits),
        ("2", "**", "0.5", ArithmeticError::FractionalPower),
    ] {
        assert_eq!(calculate(one, operator, two), Err(expected), "{one} {operator} {two}");
    }
}

#[test]
fn a_half_is_rounded_away_from_zero() {
    for (text, places, expected) in [
        ("1.005", 2, "1.01"),
        ("2.5", 0, "3"),
        ("-2.5", 0, "-3"),
        ("0.4", 0, "0"),
        ("0.05", 1, "0.1"),
        ("1234", -2, "1200"),
        ("50", -2, "100"),
        ("49", -2, "0"),
        ("1e-999999999", 3, "0"),
        ("1e999999999", 3, "1e999999999"),
        ("9.99", 1, "10"),
    ] {
        assert_eq!(decimal(text).round(places).unwrap().to_string(), expected, "{text}");
    }
    for (text, expected) in [("1.9", "1"), ("-1.9", "-1"), ("0.9", "0"), ("1e3", "1000")] {
        assert_eq!(decimal(text).truncate().unwrap().to_string(), expected, "{text}");
    }
}

#[test]
fn multiples_cost_nothing_however_large() {
    let nines = "9".repeat(1_000_000);
    for (value, factor, expected) in [
        ("19.99", "0.01", true),
        ("0.07", "0.01", true),
        ("4.35", "0.01", true),
        ("0.3", "0.1", true),
        ("1.005", "0.01", false),
        ("7.0", "7", true),
        ("0", "0.3", true),
        ("-6", "4", false),
        ("1e999999999", "7", false),
        ("7e999999999", "7", true),
        ("1e999999999", "1e-999999999", true),
        ("1e-999999999", "1", false),
        (&nines, "9", true),
        (&nines, "12345678901234567890123", false),
        ("24691357802469135780246", "12345678901234567890123", true),
    ] {
        let (value, factor) = (number(value), number(factor));
        assert_eq!(value.is_multiple_of(&factor), expected, "of {factor}");
    }
}

#[test]
fn an_exponent_beyond_all_bounds_is_refused_by_name() {
    let error = Json.decode(format!("[1e{}]", "9".repeat(37)).as_bytes(), &Limits::default());
    assert_eq!(error.unwrap_err().message, "the exponent of a number has more than 36 digits");
}

/// `y_` must be read, `n_` refused, `i_` either; none may end the process.
#[test]
fn the_public_suite_of_json_texts_is_obeyed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/suites/json/test_parsing");
    let Ok(files) = std::fs::read_dir(&folder) else {
        // Where the test's output is not captured, this is seen.
        eprintln!("SKIPPED: {} is not there", folder.display());
        return;
    };
    let (mut wrong, mut count) = (Vec::new(), Count::default());
    for file in files {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let read = Json.decode(&std::fs::read(&path).unwrap(), &Limits::default());
        match (name.split('_').next().unwrap(), read) {
            ("y", Err(error)) => wrong.push(format!("{name}: {}", error.message)),
            ("n", Ok(decoded)) => wrong.push(format!("{name}: read as {}", decoded.value)),
            _ => {}
        }
        count.right += 1;
    }
    assert!(count.right > 300, "{} files", count.right);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    count.hold("JSON (RFC 8259)");
    count.hold("JSON (RFC 8259)");
}
