//! Rules about the sources that no compiler holds: layers, circles, fences, length, and that no
//! vendor is named in `src/`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may end that way"
)]

#[path = "tidy/circles.rs"]
mod circles;
#[path = "tidy/surface.rs"]
mod surface;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const LONGEST_FILE: usize = 500;

/// What the crate promises to others, counted in items; there may be fewer.
const PUBLIC_ITEMS: usize = 57;

/// What the project's own programs, benches and tests reach of the inside; there may be fewer.
const UNSTABLE_ITEMS: usize = 138;

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut found);
    found.sort();
    assert!(!found.is_empty());
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    found.into_iter().map(|(p, t)| (p.strip_prefix(root).unwrap().to_owned(), t)).collect()
}

/// The code of a file without its comments.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"))
}

fn module(path: &Path) -> String {
    let second = path.components().nth(1).unwrap().as_os_str().to_string_lossy().into_owned();
    second.trim_end_matches(".rs").to_owned()
}

fn text(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// What stands in backquotes.
fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The row of each module in the table of ARCHITECTURE.md.
fn rows() -> BTreeMap<String, usize> {
    let architecture = text("ARCHITECTURE.md");
    let mut rows = BTreeMap::new();
    for line in architecture.lines() {
        let mut cells = line.split('|').map(str::trim).skip(1);
        if let (Some(Ok(row)), Some(modules)) = (cells.next().map(str::parse), cells.next()) {
            rows.extend(quoted(modules).into_iter().map(|module| (module, row)));
        }
    }
    assert!(!rows.is_empty(), "ARCHITECTURE.md has no table of rows");
    rows
}

#[test]
fn modules_only_use_rows_above() {
    let rows = rows();
    let row = |module: &str| {
        *rows.get(module).unwrap_or_else(|| panic!("`{module}` is in no row of ARCHITECTURE.md"))
    };
    let mut wrong = Vec::new();
    for (path, text) in sources("src") {
        let own = module(&path);
        for (at, line) in code(&text) {
            for part in line.split("crate::").skip(1) {
                let used: String =
                    part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                if rows.contains_key(&used) && used != own && row(&used) > row(&own) {
                    wrong.push(format!("{}:{}: {own} uses {used}", path.display(), at + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn modules_use_each_other_in_one_direction() {
    for folder in ["src", "tests", "benches"] {
        let found = circles::circles(&sources(folder));
        assert!(found.is_empty(), "modules use each other in a circle: {found:#?}");
    }
}

/// The names and places of each row of the table in docs/dependencies.md.
fn fences() -> Vec<(Vec<String>, Vec<String>)> {
    text("docs/dependencies.md")
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| {
            let cells: Vec<&str> = line.split('|').collect();
            (quoted(cells[1]), quoted(cells[3]))
        })
        .collect()
}

#[test]
fn crates_stay_behind_their_fences() {
    let fences = fences();
    let mut wrong = Vec::new();
    for (path, text) in sources("src") {
        let path = path.to_string_lossy();
        for (at, line) in code(&text) {
            for (names, places) in &fences {
                let held = places.is_empty() || places.iter().any(|p| path.starts_with(&**p));
                let named = names.iter().find(|name| {
                    let name = name.replace('-', "_");
                    let word = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
                    line.match_indices(&format!("{name}::"))
                        .any(|(at, _)| !line[..at].ends_with(word))
                        || line.contains(&format!("use {name};"))
                });
                if let (false, Some(name)) = (held, named) {
                    wrong.push(format!("{path}:{}: {name} is only for {places:?}", at + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_dependency_has_a_reason() {
    let manifest = text("Cargo.toml");
    let documented = quoted(&text("docs/dependencies.md"));
    let mut inside = false;
    let mut missing = Vec::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]");
        } else if let (true, Some((name, _))) = (inside, line.split_once(" = "))
            && !documented.iter().any(|known| known == name)
        {
            missing.push(name);
        }
    }
    assert!(missing.is_empty(), "not in docs/dependencies.md: {missing:?}");
}

#[test]
fn no_vendor_is_named_in_the_sources() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs");
    let mut vendors = vec!["getcake".to_owned(), "cakemarketing".to_owned(), "xqueue".to_owned()];
    for entry in fs::read_dir(root).unwrap() {
        vendors.push(entry.unwrap().path().file_stem().unwrap().to_string_lossy().to_lowercase());
    }
    let mut wrong = Vec::new();
    for (path, text) in sources("src") {
        for (at, line) in text.lines().enumerate() {
            let line = line.to_lowercase();
            let mut words = line.split(|c: char| !c.is_ascii_alphanumeric());
            // A short name may be part of an innocent word.
            let names = |vendor: &&String| {
                if vendor.len() > 4 {
                    line.contains(&**vendor)
                } else {
                    words.any(|w| w == **vendor)
                }
            };
            if let Some(vendor) = vendors.iter().find(names) {
                wrong.push(format!("{}:{}: names {vendor}", path.display(), at + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_public_surface_does_not_grow() {
    let items = surface::items(&text("src/lib.rs"), &sources("src"));
    let listed = items.join("\n");
    assert!(items.iter().any(|item| item == "MockServer::start"), "{listed}");
    assert!(items.len() <= PUBLIC_ITEMS, "{} of {PUBLIC_ITEMS}:\n{listed}", items.len());
    assert!(items.len() == PUBLIC_ITEMS, "lower PUBLIC_ITEMS to {}:\n{listed}", items.len());
    let unstable = surface::exported(&text("src/unstable.rs")).len();
    assert!(unstable <= UNSTABLE_ITEMS, "src/unstable.rs has {unstable} of {UNSTABLE_ITEMS} names");
}

#[test]
fn files_are_short() {
    let mut long = Vec::new();
    for folder in ["src", "tests", "benches"] {
        for (path, text) in sources(folder) {
            let lines = text.lines().count();
            if lines > LONGEST_FILE {
                long.push(format!("{}: {lines} lines, at most {LONGEST_FILE}", path.display()));
            }
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}
