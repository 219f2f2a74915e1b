//! The keys of each record for `check`, made of the same table as the JSON Schemas.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;

use serde_json::{Value, json};

use super::{LANGUAGES, root, written};

/// Words of JSON Schema that say nothing which a value is held against.
const NOT_READ: [&str; 4] = ["$comment", "contentEncoding", "contentMediaType", "contentSchema"];

/// The longest line.
const WIDTH: usize = 100;

/// The kinds of a record, each by its keys.
type Kinds = BTreeSet<Vec<String>>;

/// The records of a language by their names: where they are defined, and the keys that lead on from
/// there.
fn records(language: &str) -> BTreeMap<Vec<String>, Kinds> {
    let mut found = BTreeMap::new();
    gather(&written(language), &[], &mut found);
    if let Some(file) = found.remove(&Vec::new()) {
        found.insert(vec![language.to_owned()], file);
    }
    found
}

fn gather(schema: &Value, name: &[String], found: &mut BTreeMap<Vec<String>, Kinds>) {
    let members = |word: &str| schema.get(word).and_then(Value::as_object).into_iter().flatten();
    if schema.get("additionalProperties") == Some(&json!(false)) {
        let keys = members("properties").map(|(key, _)| key.clone()).collect();
        found.entry(name.to_owned()).or_default().insert(keys);
    }
    for (key, inner) in members("definitions").chain(members("properties")) {
        // What another language defines is among its own.
        if !key.contains('.') {
            let name: Vec<String> = name.iter().chain([key]).cloned().collect();
            gather(inner, &name, found);
        }
    }
    let alternatives = schema.get("anyOf").and_then(Value::as_array).into_iter().flatten();
    let items = ["items", "additionalProperties"].into_iter().filter_map(|word| schema.get(word));
    alternatives.chain(items).for_each(|inner| gather(inner, name, found));
}

/// Those that are not one of the others too, under a longer name.
fn distinct(
    records: BTreeMap<Vec<String>, Kinds>,
    others: &BTreeMap<Vec<String>, Kinds>,
) -> BTreeMap<Vec<String>, Kinds> {
    let all = records.clone();
    let same = |name: &[String], kinds: &Kinds, (other, known): (&Vec<String>, &Kinds)| {
        other.last() == name.last() && known == kinds
    };
    records
        .into_iter()
        .filter(|(name, kinds)| {
            let before = |other: &Vec<String>| (other.len(), other) < (name.len(), name);
            let shorter = all.iter().filter(|(other, _)| before(other));
            name.len() == 1 || !shorter.chain(others).any(|other| same(name, kinds, other))
        })
        .collect()
}

/// `requestBody` as `REQUEST_BODY`.
fn constant(name: &[String]) -> String {
    let mut constant = String::new();
    for (at, word) in name.iter().enumerate() {
        constant.push_str(if at > 0 { "_" } else { "" });
        for c in word.trim_start_matches('$').chars() {
            constant.push_str(if c.is_uppercase() { "_" } else { "" });
            constant.extend(c.to_uppercase());
        }
    }
    constant
}

fn code(language: &str, records: &BTreeMap<Vec<String>, Kinds>) -> String {
    let mut code = format!(
        "//! The records of {language}s with their keys. Made of `schemas/{language}.yaml` by\n\
         //! `UPDATE=1 cargo test --test schemas`.\n\n\
         use crate::syntax::Keys;\n"
    );
    for (name, kinds) in records {
        let keys: BTreeSet<&String> = kinds.iter().flatten().collect();
        let vary = kinds.iter().any(|kind| kind.len() < keys.len());
        let made = if vary { "of_kinds" } else { "all" };
        write!(code, "\npub(in crate::check) const {}: Keys = Keys::{made}(&[", constant(name))
            .unwrap();
        let mut width = WIDTH;
        for key in keys {
            let written = format!("\"{key}\",");
            width += written.len() + 1;
            let space = if width > WIDTH { "\n    " } else { " " };
            if width > WIDTH {
                width = written.len() + 4;
            }
            write!(code, "{space}{written}").unwrap();
        }
        code.push_str("\n]);\n");
    }
    code
}

#[test]
fn check_has_the_records_that_the_yaml_says() {
    let mut others = BTreeMap::new();
    for language in LANGUAGES {
        let own = distinct(records(language), &others);
        let folder = if language == "spec" { "src/check" } else { "src/check/scenario" };
        let file = root().join(folder).join("records.rs");
        let code = code(language, &own);
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&file, &code).unwrap();
        }
        let there = fs::read_to_string(&file).unwrap_or_default();
        assert!(there == code, "write it anew with UPDATE=1: {}", file.display());
        others.extend(own);
    }
}

/// A record that is opened by its name tells itself which of its keys are not read; here is the
/// rest, as far as no other record has a key of that name.
#[test]
fn each_key_is_read() {
    let mut code = fs::read_to_string(root().join("src/model/schema/keyword.rs")).unwrap();
    let mut open = vec![root().join("src/check")];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if !path.ends_with("records.rs") {
                code.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    for language in LANGUAGES {
        let all = records(language).into_values().flatten().flatten();
        let unread: BTreeSet<String> = all
            .filter(|key| !code.contains(&format!("\"{key}\"")))
            .filter(|key| !NOT_READ.contains(&key.as_str()))
            .collect();
        assert!(unread.is_empty(), "in the table, and read nowhere: {unread:?}");
    }
}
