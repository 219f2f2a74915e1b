//! What others can reach of the crate: what `src/lib.rs` exports, with the fields, variants and
//! functions of it. The sources are as rustfmt lays them out, so the beginning of a line says what
//! it is.

use std::path::{Path, PathBuf};

/// The name of each public item that is not hidden from the documentation.
pub(crate) fn items(lib: &str, sources: &[(PathBuf, String)]) -> Vec<String> {
    let mut items = Vec::new();
    for used in uses(lib) {
        let module = used.split("::").next().unwrap();
        for one in names(used) {
            items.extend(whole(module, &one, sources));
        }
    }
    let mut hidden = false;
    for line in lib.lines() {
        if let Some(module) = line.strip_prefix("pub mod ").filter(|_| !hidden) {
            let module = module.trim_end_matches(';');
            items.push(module.to_owned());
            let mut own = sources.iter().filter(|(path, _)| is_of(path, module));
            let (_, text) = own.find(|(path, _)| path.ends_with("mod.rs")).unwrap();
            let declared = text.lines().filter_map(|line| {
                let words = ["pub struct ", "pub enum ", "pub trait ", "pub fn ", "pub mod "];
                Some(name(words.iter().find_map(|word| line.strip_prefix(word))?))
            });
            for one in exported(text).into_iter().chain(declared) {
                items.extend(whole(module, &one, sources));
            }
        }
        hidden = line == "#[doc(hidden)]";
    }
    items
}

/// A type and its members.
fn whole(module: &str, of: &str, sources: &[(PathBuf, String)]) -> Vec<String> {
    let own = sources.iter().filter(|(path, _)| is_of(path, module));
    let members = own.flat_map(|(_, text)| members(text, of));
    let members = members.map(|member| format!("{of}::{member}"));
    [of.to_owned()].into_iter().chain(members).collect()
}

/// Whether a file is that of a module or in its folder.
fn is_of(path: &Path, module: &str) -> bool {
    path == Path::new(&format!("src/{module}.rs")) || path.starts_with(format!("src/{module}"))
}

/// The names in all `pub use` of a file.
pub(crate) fn exported(text: &str) -> Vec<String> {
    uses(text).flat_map(names).collect()
}

fn uses(text: &str) -> impl Iterator<Item = &str> {
    text.split("pub use ").skip(1).filter_map(|rest| rest.split(';').next())
}

fn names(used: &str) -> Vec<String> {
    let listed = used.split_once('{').map(|(_, names)| names.trim_end_matches('}').to_owned());
    let listed = listed.unwrap_or_else(|| used.rsplit("::").next().unwrap().to_owned());
    let names = listed.split(',').map(|name| name.trim().to_owned());
    names.filter(|name| !name.is_empty()).collect()
}

/// The public fields, variants and functions of a type that a file declares or implements.
fn members(text: &str, of: &str) -> Vec<String> {
    let mut members = Vec::new();
    // Inside of what is declared: whether each line with a name at its beginning is a variant.
    let mut inside = None;
    let mut hidden = false;
    for line in text.lines() {
        let head = line.trim_end_matches(" {");
        let is = |word: &str| head.strip_prefix(word).is_some_and(|rest| name(rest) == of);
        if line.ends_with(" {") && (is("pub struct ") || is("impl ")) {
            inside = Some(false);
        } else if line.ends_with(" {") && is("pub enum ") {
            inside = Some(true);
        } else if line == "}" {
            inside = None;
        }
        let Some(variants) = inside else { continue };
        let Some(line) = line.strip_prefix("    ") else { continue };
        if let Some(rest) = line.strip_prefix("pub ").filter(|_| !hidden) {
            let rest = rest.trim_start_matches("const ").trim_start_matches("async ");
            members.push(name(rest.trim_start_matches("fn ")));
        } else if variants && line.starts_with(|c: char| c.is_ascii_uppercase()) && !hidden {
            members.push(name(line));
        }
        hidden = line == "#[doc(hidden)]";
    }
    members
}

fn name(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}
