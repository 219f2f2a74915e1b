//! XPath 1.0: a table of what expressions give, and the same and random ones against `libxml2`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "a skipped test says so")]

#[path = "xpath/random.rs"]
mod random;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use counterpart::unstable::selector::xpath::compile;
use proptest::prelude::*;
use random::Random;

/// How many random expressions there are.
const RANDOM: usize = 4000;

/// What `libxml2` takes otherwise, with the reason.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("count(..)", "lxml starts at the root element, not at the root"),
    ("count(attribute::*)", "lxml starts at the root element, not at the root"),
    ("child::*/child::d:a[1]", "lxml starts at the root element, not at the root"),
    ("d:r/d:n[1]*2", "lxml starts at the root element, not at the root"),
    ("*[1]/*[1]", "lxml starts at the root element, not at the root"),
    ("round(0.49999999999999994)", "libxml2 adds a half and rounds down"),
    ("number(\"1e3\")", "libxml2 reads exponents, which section 4.4 does not have"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/xpath")
}

/// What an expression gives for the document, or that it is refused when it is read.
fn given(expression: &str, document: &[u8]) -> String {
    let namespaces = [("d".into(), "urn:d".into()), ("p".into(), "urn:p".into())];
    match compile(expression, &namespaces) {
        Ok(path) => format!("{:?}", path.evaluate(document).unwrap()),
        Err(_) => "refused".to_owned(),
    }
}

fn table() -> Vec<(String, String)> {
    let table = fs::read_to_string(root().join("values.txt")).unwrap();
    let rows = table.lines().map(|line| line.split_once(" => ").unwrap());
    rows.map(|(expression, value)| (expression.to_owned(), value.to_owned())).collect()
}

#[test]
fn expressions_give_what_the_table_says() {
    let document = fs::read(root().join("document.xml")).unwrap();
    let mut wrong = String::new();
    for (expression, value) in table() {
        let given = given(&expression, &document);
        if given != value {
            writeln!(wrong, "{expression}\n  gives {given}\n  not   {value}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The Python that has the packages, or else the one of this machine.
fn python() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/python/bin/python");
    if own.exists() { own } else { PathBuf::from("python3") }
}

#[test]
fn expressions_give_what_libxml2_gives() {
    let there = Command::new(python()).args(["-c", "import lxml.etree"]).output();
    if !there.is_ok_and(|output| output.status.success()) {
        let is_demanded = std::env::var_os("CI").is_some_and(|ci| ci == "true");
        assert!(!is_demanded, "lxml is not there; tests/tools.sh installs it");
        println!("SKIPPED: lxml is not there; tests/tools.sh installs it");
        return;
    }
    let document = fs::read(root().join("document.xml")).unwrap();
    let mut random = Random::new(1);
    let random = std::iter::repeat_with(|| random.expression()).take(RANDOM);
    let mut lines = String::new();
    for expression in table().into_iter().map(|(expression, _)| expression).chain(random) {
        let given = given(&expression, &document);
        let excepted = EXCEPTIONS.iter().any(|(excepted, _)| *excepted == expression);
        if given != "refused" && !excepted {
            writeln!(lines, "{expression}\t{given}").unwrap();
        }
    }
    assert!(lines.lines().count() > RANDOM, "random expressions are refused");
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("xpath.txt");
    fs::write(&file, lines).unwrap();
    let judge = Command::new(python())
        .arg(root().join("judge.py"))
        .arg(root().join("document.xml"))
        .arg(&file)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&judge.stdout);
    assert!(judge.status.success(), "{}", String::from_utf8_lossy(&judge.stderr));
    assert!(said.is_empty(), "{said}");
}

/// Texts that are much like expressions.
fn expression_like() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "/",
        "//",
        ".",
        "..",
        "@",
        "*",
        "d:a",
        "p:*",
        "a",
        "x:a",
        "[",
        "]",
        "(",
        ")",
        "1",
        "1.",
        ".5",
        "-",
        "+",
        "=",
        "!=",
        "!",
        "<",
        ">=",
        "|",
        "and",
        "or",
        "div",
        "mod",
        " ",
        ",",
        "'a'",
        "\"b\"",
        "'",
        "$v",
        "::",
        ":",
        "child::",
        "ancestor::",
        "text()",
        "node()",
        "comment()",
        "count(",
        "not(",
        "last()",
        "position()",
        "concat(",
        "substring(",
        "string(",
        "é",
        "\u{0}",
        "&",
    ]);
    prop::collection::vec(part, 0..14).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn nothing_panics(expression in expression_like()) {
        let namespaces = [("d".into(), "urn:d".into()), ("p".into(), "urn:p".into())];
        match compile(&expression, &namespaces) {
            Ok(path) => prop_assert!(path.evaluate(b"<a xmlns='urn:d'><a>1</a>2</a>").is_ok()),
            Err(error) => {
                prop_assert!(!error.message.is_empty());
                let part = error.part.unwrap_or_default();
                prop_assert!(expression.contains(&part), "{}", part);
            }
        }
    }
}
