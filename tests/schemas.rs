//! The JSON Schemas that editors load: made of the YAML beside them, right for all files that there
//! are, and in agreement with what `check` knows.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::print_stdout, reason = "a skipped test says so")]

#[path = "schemas/borrowed.rs"]
mod borrowed;
#[path = "schemas/records.rs"]
mod records;
#[path = "schemas/reference.rs"]
mod reference;
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use counterpart::Diagnostic;
use counterpart::Source;
use counterpart::unstable::check::check_sources;
use counterpart::unstable::check::scenario::{Options, check_source};
use counterpart::unstable::model::Service;
use counterpart::unstable::syntax::{Node, Problems, parse};
use serde_json::{Value, json};
use support::folder::Folder;

const LANGUAGES: [&str; 2] = ["spec", "scenario"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// YAML as our own loader reads it.
fn read(name: &str, text: &str) -> Node {
    let problems = Problems::default();
    let node = parse(&Source::new(name, text), &problems);
    node.unwrap_or_else(|| panic!("{name}: {:#?}", problems.into_sorted()))
}

fn as_json(node: &Node) -> Value {
    serde_json::from_str(&node.to_value().to_string()).unwrap()
}

fn written(language: &str) -> Value {
    let name = format!("schemas/{language}.yaml");
    let mut schema = as_json(&read(&name, &fs::read_to_string(root().join(&name)).unwrap()));
    borrowed::fill(&mut schema, || written("spec"));
    schema
}

/// The YAML of a page.
fn blocks(page: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join("docs").join(page)).unwrap();
    let mut blocks = Vec::new();
    let mut block: Option<String> = None;
    for line in text.lines() {
        match &mut block {
            None if line == "```yaml" => block = Some(String::new()),
            Some(_) if line == "```" => blocks.extend(block.take()),
            Some(text) => writeln!(text, "{line}").unwrap(),
            None => {}
        }
    }
    blocks
}

/// The blocks of the reference of scenarios as files: one that all add to, and one of its own.
fn scenario_files() -> Vec<String> {
    let mut files: Vec<String> = Vec::new();
    let mut blocks = blocks("scenario-language.md").into_iter();
    files.push(blocks.next().unwrap().replace("scenarios: []", "scenarios:"));
    for block in blocks {
        match block.strip_prefix("scenarios:\n") {
            Some(more) => files[0].push_str(more),
            None => files.push(block),
        }
    }
    files
}

#[test]
fn the_json_is_what_the_yaml_says() {
    for language in LANGUAGES {
        let file = root().join(format!("schemas/{language}.schema.json"));
        let text = serde_json::to_string_pretty(&written(language)).unwrap() + "\n";
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&file, &text).unwrap();
        }
        let there = fs::read_to_string(&file).unwrap_or_default();
        assert!(there == text, "write it anew with UPDATE=1: {}", file.display());
    }
}

#[test]
fn the_program_writes_them() {
    for language in LANGUAGES {
        let mut command = Command::new(env!("CARGO_BIN_EXE_counterpart-mock"));
        let output = command.args(["schema", language]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let file = root().join(format!("schemas/{language}.schema.json"));
        assert!(output.status.success() && text == fs::read_to_string(file).unwrap());
    }
}

#[test]
fn files_name_the_schema_of_their_language() {
    for (path, text) in files(&["specs", "scenarios", "examples"]) {
        let line = text.lines().next().unwrap_or_default();
        let named = line.strip_prefix("# yaml-language-server: $schema=");
        let named = named.unwrap_or_else(|| panic!("{}: {line}", path.display()));
        let schema = path.parent().unwrap().join(named).canonicalize().unwrap();
        let language = language_of(&as_json(&read(named, &text))).unwrap();
        let expected = root().join(format!("schemas/{language}.schema.json"));
        assert_eq!(schema, expected.canonicalize().unwrap(), "{}", path.display());
    }
}

#[test]
fn each_key_is_described() {
    for language in LANGUAGES {
        let schema = Schema(written(language));
        let mut bare = Vec::new();
        schema.bare(&schema.0, "", &mut bare);
        assert!(bare.is_empty(), "{language}: {bare:#?}");
    }
}

/// The specs and scenarios below folders, where other YAML may stand too, with their texts.
fn files(folders: &[&str]) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|end| end == "yaml") {
                let text = fs::read_to_string(&path).unwrap();
                let is_part = path.parent().is_some_and(|folder| folder.ends_with("parts"));
                if is_part || text.lines().any(|line| line.starts_with("counterpart:")) {
                    found.push((path, text));
                }
            }
        }
    }
    found
}

/// Which language a document is in, if it is in one of them.
fn language_of(document: &Value) -> Option<&'static str> {
    let has = |key: &str| document.get(key).is_some();
    match document {
        Value::Array(_) => Some("scenario"),
        _ if has("scenarios") => Some("scenario"),
        _ if has("counterpart") || has("operations") => Some("spec"),
        _ => None,
    }
}

const VALIDATE: &str = "
import json, sys, jsonschema
def leaves(error):
    if not error.context:
        yield '/'.join(map(str, error.absolute_path)) + ': ' + error.message[:200]
    else:
        deepest = max(len(inner.absolute_path) for inner in error.context)
        for inner in error.context:
            if len(inner.absolute_path) == deepest:
                yield from leaves(inner)
checkers = {}
for language in ['spec', 'scenario']:
    schema = json.load(open(f'schemas/{language}.schema.json'))
    jsonschema.Draft7Validator.check_schema(schema)
    checkers[language] = jsonschema.Draft7Validator(schema)
for name, language, document in json.load(open(sys.argv[1])):
    for error in checkers[language].iter_errors(document):
        for line in list(leaves(error))[:6]:
            print(name, line)
";

#[test]
fn all_files_are_valid_for_another_validator() {
    let own = root().join("target/tools/python/bin/python");
    let python = if own.exists() { own } else { "python3".into() };
    let known = Command::new(&python).args(["-c", "import jsonschema"]).output();
    if !known.is_ok_and(|output| output.status.success()) {
        let needed = std::env::var_os("CI").is_some_and(|ci| ci == "true");
        assert!(!needed, "Python's module `jsonschema` is not there: run tests/tools.sh");
        println!("SKIPPED: Python's module `jsonschema` is not there");
        return;
    }
    let files = files(&["specs", "scenarios", "examples", "templates", "tests/vendors"]);
    assert!(files.len() > 50, "{}", files.len());
    let mut texts: Vec<(String, String)> =
        files.into_iter().map(|(path, text)| (path.display().to_string(), text)).collect();
    texts.extend(scenario_files().into_iter().map(|text| ("scenario-language.md".into(), text)));
    for page in ["spec-language.md", "recipes.md", "first-spec.md", "adding-a-vendor.md"] {
        texts.extend(blocks(page).into_iter().map(|text| (page.to_owned(), text)));
    }
    let mut documents: Vec<(String, &str, Value)> = Vec::new();
    for (name, text) in texts {
        let document = as_json(&read(&name, &text));
        let own = (name == "spec-language.md").then_some("spec");
        if let Some(language) = own.or_else(|| language_of(&document)) {
            documents.push((name, language, document));
        }
    }
    let folder = Folder::new("schemas-valid", &[("all.json", &json!(documents).to_string())]);
    let mut command = Command::new(python);
    command.args(["-c", VALIDATE]).arg(folder.0.join("all.json")).current_dir(root());
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{said}");
}

/// A schema, as far as it says which keys there are.
struct Schema(Value);

impl Schema {
    fn target<'s>(&'s self, schema: &'s Value) -> &'s Value {
        match schema.get("$ref").and_then(Value::as_str) {
            Some(reference) => {
                let found = self.0.pointer(reference.trim_start_matches('#'));
                self.target(found.unwrap_or_else(|| panic!("{reference}")))
            }
            None => schema,
        }
    }

    /// Whether a schema may be the one that is meant where several stand: what tells them apart are
    /// types, keys that have to be there, and fixed values.
    fn fits(&self, schema: &Value, value: &Value) -> bool {
        let schema = self.target(schema);
        let all = |key: &str| schema.get(key).and_then(Value::as_array).into_iter().flatten();
        let kind = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        let is = |one: &Value| one == kind || one == "integer" && kind == "number";
        let typed = match schema.get("type") {
            None => true,
            Some(Value::Array(types)) => types.iter().any(is),
            Some(one) => is(one),
        };
        let fixed = |schema: &Value, value: &Value| {
            let schema = self.target(schema);
            *schema != Value::Bool(false)
                && schema.get("const").is_none_or(|one| one == value)
                && schema.get("enum").is_none_or(|all| all.as_array().unwrap().contains(value))
        };
        let properties = schema.get("properties").and_then(Value::as_object);
        let mut members = properties.into_iter().flatten();
        typed
            && fixed(schema, value)
            && all("required").all(|key| value.get(key.as_str().unwrap()).is_some())
            && members.all(|(key, inner)| value.get(key).is_none_or(|it| fixed(inner, it)))
            && schema.get("not").is_none_or(|not| !self.fits(not, value))
            && all("allOf").all(|one| self.fits(one, value))
            && (schema.get("anyOf").is_none() || all("anyOf").any(|one| self.fits(one, value)))
    }

    /// The schemas that say something of a value.
    fn about<'s>(&'s self, schema: &'s Value, value: &Value, found: &mut Vec<&'s Value>) {
        if self.fits(schema, value) {
            let schema = self.target(schema);
            found.push(schema);
            for word in ["anyOf", "allOf"] {
                for one in schema.get(word).and_then(Value::as_array).into_iter().flatten() {
                    self.about(one, value, found);
                }
            }
        }
    }

    /// What is said of each mapping in a value, by its path.
    fn walk(&self, schemas: &[&Value], value: &Value, path: &str, found: &mut Keys) {
        let mut about = Vec::new();
        for schema in schemas {
            self.about(schema, value, &mut about);
        }
        let keys = |schema: &&Value| -> Vec<String> {
            schema["properties"].as_object().into_iter().flatten().map(|(k, _)| k.clone()).collect()
        };
        if value.is_object() {
            let closed =
                |schema: &&&Value| schema.get("additionalProperties") == Some(&json!(false));
            let closed: Vec<_> = about.iter().filter(closed).collect();
            let known = closed.iter().flat_map(|schema| keys(schema)).collect();
            found.insert(path.to_owned(), (!closed.is_empty()).then_some(known));
        }
        for (key, member) in value.as_object().into_iter().flatten() {
            let inner: Vec<&Value> = about
                .iter()
                .filter_map(|schema| {
                    let own = schema.get("properties").and_then(|all| all.get(key));
                    own.or_else(|| schema.get("additionalProperties"))
                })
                .collect();
            self.walk(&inner, member, &format!("{path}/{key}"), found);
        }
        for (at, item) in value.as_array().into_iter().flatten().enumerate() {
            let inner: Vec<&Value> =
                about.iter().filter_map(|schema| schema.get("items")).collect();
            self.walk(&inner, item, &format!("{path}/{at}"), found);
        }
    }

    /// The keys of records that nothing is said about.
    fn bare(&self, schema: &Value, path: &str, found: &mut Vec<String>) {
        for (word, inner) in schema.as_object().into_iter().flatten() {
            let place = format!("{path}/{word}");
            match (word.as_str(), inner) {
                ("properties" | "definitions", Value::Object(members)) => {
                    for (key, member) in members {
                        let says = |schema: &Value| schema.get("description").is_some();
                        let told = says(member) || says(self.target(member));
                        if word == "properties" && member.is_object() && !told {
                            found.push(format!("{place}/{key}"));
                        }
                        self.bare(member, &format!("{place}/{key}"), found);
                    }
                }
                ("anyOf", Value::Array(items)) => {
                    for item in items {
                        self.bare(item, &place, found);
                    }
                }
                ("items" | "additionalProperties", _) => self.bare(inner, &place, found),
                _ => {}
            }
        }
    }
}

/// The keys that there may be in each mapping, by its path; nothing where there may be any.
type Keys = BTreeMap<String, Option<BTreeSet<String>>>;

/// A mapping: how deep it stands, its path, and where its first key is.
type Place = (usize, String, usize);

fn mappings(node: &Node, depth: usize, path: &str, found: &mut Vec<Place>) {
    let entries = node.as_map().unwrap_or_default();
    if let Some((key, _)) = entries.first() {
        found.push((depth, path.to_owned(), key.span.start));
    }
    for (key, node) in entries {
        mappings(node, depth + 1, &format!("{path}/{}", key.value), found);
    }
    for (at, node) in node.as_list().unwrap_or_default().iter().enumerate() {
        mappings(node, depth, &format!("{path}/{at}"), found);
    }
}

/// The text with a key that nobody knows at the beginning of each of the mappings.
fn with_unknown_keys(text: &str, places: &[(&Place, String)]) -> String {
    let mut text = text.to_owned();
    let mut places: Vec<_> = places.iter().map(|((_, _, at), key)| (*at, key)).collect();
    places.sort_unstable();
    for (at, key) in places.into_iter().rev() {
        let before = &text[..at];
        let column = at - before.rfind('\n').map_or(0, |line| line + 1);
        let end = match before.trim_end().ends_with('{') {
            true => ", ".to_owned(),
            false => format!("\n{}", " ".repeat(column)),
        };
        text.insert_str(at, &format!("{key}: 1{end}"));
    }
    text
}

/// What `check` says is known beside an unknown key, where it knows of one: so many names, the
/// first of which it lists.
fn known(found: &[Diagnostic], key: &str) -> Option<(usize, BTreeSet<String>)> {
    let ending = format!("has no key `{key}`");
    let mut told =
        found.iter().filter(|it| it.code == "unknown-key" && it.message.ends_with(&ending));
    let help = told.next()?.help.join("");
    let list = help.strip_prefix("known here: ").unwrap_or_else(|| panic!("{help}"));
    let (list, more) = match list.rsplit_once(", and ") {
        Some((list, more)) => (list, more.trim_end_matches(" more").parse().unwrap()),
        None => (list, 0),
    };
    let names: BTreeSet<String> = list.split(", ").map(str::to_owned).collect();
    Some((names.len() + more, names))
}

/// Holds what a schema knows against what `check` does, mapping for mapping. Those that stand in
/// each other are not looked at together.
fn compare(
    language: &str,
    texts: &[String],
    check: impl Fn(&[String]) -> Vec<Diagnostic>,
) -> Vec<String> {
    let schema = Schema(written(language));
    let nodes: Vec<Node> = texts.iter().map(|text| read(language, text)).collect();
    let mut places: Vec<Vec<Place>> = Vec::new();
    let mut keys: Vec<Keys> = Vec::new();
    for node in &nodes {
        let mut found = (Vec::new(), Keys::new());
        mappings(node, 0, "", &mut found.0);
        schema.walk(&[&schema.0], &as_json(node), "", &mut found.1);
        places.push(found.0);
        keys.push(found.1);
    }
    let deepest = places.iter().flatten().map(|(depth, ..)| *depth).max().unwrap();
    let mut differences = Vec::new();
    let mut compared = 0;
    for depth in 0..=deepest {
        let at_depth = |file: usize| -> Vec<(&Place, String)> {
            let here = places[file].iter().enumerate().filter(|(_, place)| place.0 == depth);
            here.map(|(at, place)| (place, format!("zzzz{file}x{at}"))).collect()
        };
        let changed: Vec<String> =
            (0..texts.len()).map(|at| with_unknown_keys(&texts[at], &at_depth(at))).collect();
        let found = check(&changed);
        for (file, keys) in keys.iter().enumerate() {
            for ((_, path, _), key) in at_depth(file) {
                let says = keys.get(path).unwrap_or(&None);
                compared += usize::from(says.is_some());
                let agree = match (known(&found, &key), says) {
                    (None, None) => true,
                    (Some((count, names)), Some(says)) => {
                        count == says.len() && names.is_subset(says)
                    }
                    // Words of trees stand among whatever members there are.
                    (Some((_, names)), None) => names.iter().all(|name| name.starts_with('$')),
                    (None, Some(_)) => false,
                };
                if !agree {
                    let known = known(&found, &key);
                    differences.push(format!(
                        "{language} {file} {path}:\n  check:  {known:?}\n  schema: {says:?}"
                    ));
                }
            }
        }
    }
    assert!(compared > 100, "{compared}");
    differences
}

fn library() -> Arc<Service> {
    let sources: Vec<_> =
        blocks("spec-language.md").into_iter().map(|text| Source::new("spec", text)).collect();
    Arc::new(check_sources(&sources).unwrap_or_else(|found| panic!("{found:#?}")).service)
}

#[test]
fn the_schema_of_specs_has_the_keys_that_check_knows() {
    let differences = compare("spec", &blocks("spec-language.md"), |texts| {
        let sources: Vec<_> = texts.iter().map(|text| Source::new("spec", text.as_str())).collect();
        check_sources(&sources).map_or_else(|found| found, |_| Vec::new())
    });
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn the_schema_of_scenarios_has_the_keys_that_check_knows() {
    let service = library();
    let step = "- call: read_book\n  with: {path: {id: 100}}\n  expect: {status: 200}\n";
    let titles = "title,isbn,status\nPan,82-1,201\n\"\",82-2,400\n";
    let renew = "- call: Renew\n  with: {parameters: {book_id: \"${book}\", days: \"${days}\"}}\n";
    let mut beside = vec![("parts/after.yaml", step), ("parts/renew.yaml", renew)];
    beside.extend([("data/book.json", "{\"title\": \"Pan\"}"), ("data/titles.csv", titles)]);
    let folder = Folder::new("schemas-scenarios", &beside);
    let differences = compare("scenario", &scenario_files(), |texts| {
        let checked = texts.iter().map(|text| {
            let source = Source::new(folder.0.join("library.yaml"), text.as_str());
            check_source(&source, &service, Options::CHECK)
        });
        checked.filter_map(Result::err).flatten().collect()
    });
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// `check` lists only the first of many names, so each of those that the schema has is tried.
#[test]
fn check_knows_each_key_of_schemas_and_checks() {
    let schema = written("spec");
    let mut text = "counterpart: 1\nvendor: shop\nsettings:\n".to_owned();
    for (record, beside) in [("schema", ""), ("check", "checks: [")] {
        let properties = schema["definitions"][record]["properties"].as_object().unwrap();
        for (at, name) in properties.keys().enumerate() {
            let (open, close) = if beside.is_empty() { ("{", "}") } else { ("{checks: [{", "}]}") };
            writeln!(text, "  {record}{at}: {open}\"{name}\": null{close}").unwrap();
        }
    }
    let found = check_sources(&[Source::new("shop.yaml", text)]).err().unwrap_or_default();
    let unknown: Vec<_> = found.iter().filter(|it| it.code == "unknown-key").collect();
    assert!(!found.is_empty() && unknown.is_empty(), "{unknown:#?}");
}
