//! One mistake is one message: whatever single value or key of a spec is another, there is no more
//! than one error.
#![cfg(test)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::ops::Range;
use std::thread;

use counterpart::Source;
use counterpart::unstable::check::check_sources;
use regex_lite::Regex;

const SPEC: &str = include_str!("shop.yaml");

/// What stands in the place of a value.
const VALUES: [&str; 7] = ["7", "{x: 1}", "[x]", "null", "true", "[]", "{}"];

/// A value, or what is said of a key, in the place of which something else is written.
struct Mistake {
    range: Range<usize>,
    instead: String,
}

/// Where a pattern has found its first group.
fn found(pattern: &str) -> Vec<Range<usize>> {
    let pattern = Regex::new(pattern).unwrap();
    pattern.captures_iter(SPEC).map(|captures| captures.get(1).unwrap().range()).collect()
}

fn mistakes() -> Vec<Mistake> {
    let scalars = found(r#"[\w$"/+-]: ("[^"\n]*"|'[^'\n]*'|[^\s{}\[\],"'][^{}\[\],\n]*)"#);
    let collections = found(r"(\[[^\[\]\n]*\]|\{[^{}\n]*\})");
    // Not what an expression stands in.
    let is_written = |range: &Range<usize>| !SPEC[..range.start].ends_with('$');
    let values = scalars.into_iter().chain(collections.into_iter().filter(is_written));
    let values = values.flat_map(|range| {
        VALUES.map(|instead| Mistake { range: range.clone(), instead: instead.to_owned() })
    });
    // A key with a letter too many is told by the one that it was, another word by those there are.
    let keys = found(r"[\s{,]([A-Za-z$_][\w$/+-]*):[ \n]").into_iter().flat_map(|range| {
        let longer = format!("{}x", &SPEC[range.clone()]);
        [longer, "qqq".to_owned()].map(|instead| Mistake { range: range.clone(), instead })
    });
    values.chain(keys).filter(|mistake| SPEC[mistake.range.clone()] != mistake.instead).collect()
}

fn errors(text: &str) -> Vec<String> {
    let Err(found) = check_sources(&[Source::new("shop.yaml", text)]) else { return Vec::new() };
    let errors = found.iter().filter(|one| one.severity == counterpart::Severity::Error);
    errors.map(|one| format!("[{}] {}", one.code, one.message)).collect()
}

#[test]
fn whatever_is_wrong_is_told_once() {
    assert_eq!(errors(SPEC), Vec::<String>::new());
    let mistakes = mistakes();
    assert!(mistakes.len() > 1_500, "{}", mistakes.len());
    let many = thread::available_parallelism().map_or(1, usize::from);
    let told: String = thread::scope(|scope| {
        let parts: Vec<_> = mistakes.chunks(mistakes.len().div_ceil(many)).collect();
        let running: Vec<_> = parts
            .into_iter()
            .map(|part| {
                scope.spawn(move || {
                    let mut told = String::new();
                    for Mistake { range, instead } in part {
                        let mut text = SPEC.to_owned();
                        text.replace_range(range.clone(), instead);
                        let errors = errors(&text);
                        if errors.len() > 1 {
                            let line = SPEC[..range.start].lines().count();
                            let was = &SPEC[range.clone()];
                            writeln!(told, "{line}: {was} -> {instead}: {errors:#?}").unwrap();
                        }
                    }
                    told
                })
            })
            .collect();
        running.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(told.is_empty(), "{told}");
}
