//! Modules of one folder that use each other in a circle. A module that declares others is not
//! looked at: it and they know each other by nature.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What each module uses, by the paths of modules.
type Uses = BTreeMap<Vec<String>, BTreeSet<Vec<String>>>;

/// The circles among files below `src` or `tests`, each as `folder: its modules`.
pub(crate) fn circles(sources: &[(PathBuf, String)]) -> BTreeSet<String> {
    let modules: BTreeSet<Vec<String>> = sources.iter().map(|(path, _)| module(path)).collect();
    let uses: Uses =
        sources.iter().map(|(path, text)| (module(path), used(path, text, &modules))).collect();
    let mut folders: BTreeMap<&[String], BTreeMap<&str, BTreeSet<&str>>> = BTreeMap::new();
    for (user, all) in &uses {
        for other in all {
            let shared = user.iter().zip(other).take_while(|(a, b)| a == b).count();
            if let (Some(from), Some(to), true) = (user.get(shared), other.get(shared), shared > 0)
            {
                folders.entry(&user[..shared]).or_default().entry(from).or_default().insert(to);
            }
        }
    }
    let mut found = BTreeSet::new();
    for (folder, graph) in &folders {
        for start in graph.keys() {
            let reached = reached(graph, start);
            let circle: Vec<&str> = reached
                .iter()
                .copied()
                .filter(|other| self::reached(graph, other).contains(start))
                .collect();
            if circle.contains(start) {
                found.insert(format!("{}: {}", folder.join("/"), circle.join(", ")));
            }
        }
    }
    found
}

fn reached<'g>(graph: &BTreeMap<&'g str, BTreeSet<&'g str>>, start: &str) -> BTreeSet<&'g str> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&str> = vec![start];
    while let Some(module) = open.pop() {
        for next in graph.get(module).into_iter().flatten() {
            if reached.insert(*next) {
                open.push(next);
            }
        }
    }
    reached
}

/// `src/run/mod.rs` is `src, run`.
fn module(path: &Path) -> Vec<String> {
    let mut parts: Vec<String> =
        path.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if parts.last().is_some_and(|last| last == "mod" || last == "main" || last == "lib") {
        parts.pop();
    }
    parts
}

/// The modules that a file names by `crate::`, `super::` and `self::`, its own tests left out.
fn used(path: &Path, text: &str, modules: &BTreeSet<Vec<String>>) -> BTreeSet<Vec<String>> {
    let own = module(path);
    // A program of tests that is a folder is a crate of its own.
    let root = if own[0] == "tests" { own.get(..2).unwrap_or(&own) } else { &own[..1] };
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    let mut found = BTreeSet::new();
    for start in ["crate::", "super::", "self::"] {
        for (at, _) in code.match_indices(start) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            for named in paths(&code[at..]) {
                let mut parts = named.iter().map(String::as_str).peekable();
                let mut whole = match parts.next() {
                    Some("crate") => root.to_vec(),
                    Some("super") => own[..own.len() - 1].to_vec(),
                    _ => own.clone(),
                };
                while parts.next_if_eq(&"super").is_some() {
                    whole.pop();
                }
                whole.extend(parts.map(str::to_owned));
                while !whole.is_empty() && !modules.contains(&whole) {
                    whole.pop();
                }
                if !whole.is_empty() && whole != own {
                    found.insert(whole);
                }
            }
        }
    }
    found
}

/// The paths at the start of the code: `a::{b, c::d}` is `a, b` and `a, c, d`.
fn paths(code: &str) -> Vec<Vec<String>> {
    let mut path = Vec::new();
    let mut rest = code;
    loop {
        let name: String =
            rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        if name.is_empty() {
            break;
        }
        rest = &rest[name.len()..];
        path.push(name);
        match rest.strip_prefix("::") {
            Some(after) => rest = after,
            None => return vec![path],
        }
    }
    let Some(mut inner) = rest.strip_prefix('{') else { return vec![path] };
    let mut found = Vec::new();
    while !inner.starts_with('}') && !inner.is_empty() {
        let start = inner.trim_start();
        for more in paths(start) {
            found.push(path.iter().cloned().chain(more).collect());
        }
        inner = after_item(start);
    }
    found
}

/// What comes behind an item of a group and its comma.
fn after_item(text: &str) -> &str {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return &text[at..],
            '}' => depth -= 1,
            ',' if depth == 0 => return text[at + 1..].trim_start(),
            _ => {}
        }
    }
    ""
}
