//! Schemas against the official suite of JSON Schema 2020-12, where that is at hand: what a request
//! is told, and what answers and fixtures are held against.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stderr, reason = "a test that is skipped says so")]

mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use counterpart::Source;
use counterpart::unstable::check::check_sources;
use counterpart::unstable::exchange::Request;
use counterpart::unstable::mock::Mock;
use counterpart::unstable::mock::session::Start;
use counterpart::unstable::model::Service;
use counterpart::unstable::model::keyword::{Context as _, Fixed};
use counterpart::unstable::plan;
use counterpart::unstable::value::Value;
use counterpart::unstable::wire::json::Json;
use counterpart::unstable::wire::{Limits, Wire};
use support::conformance::Count;

/// Beside the project's folder, so that it is no part of it.
const SUITE: &str = "../shared/suites/json-schema/tests/draft2020-12";

/// What does not behave as the suite says: the beginning of `file: group: test`, and the reason.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("dynamicRef: ", "`$dynamicRef` is not there"),
    ("optional/dynamicRef: ", "`$dynamicRef` is not there"),
    ("unevaluatedItems: unevaluatedItems with $dynamicRef", "`$dynamicRef` is not there"),
    ("unevaluatedProperties: unevaluatedProperties with $dynamicRef", "`$dynamicRef` is not there"),
    ("refRemote: ", "references to other documents are refused when a spec is loaded"),
    (
        "defs: validate definition against metaschema",
        "references to other documents are refused when a spec is loaded",
    ),
    (
        "ref: remote ref, containing refs itself",
        "references to other documents are refused when a spec is loaded",
    ),
    ("optional/cross-draft: ", "references to other documents are refused when a spec is loaded"),
    (
        "vocabulary: ",
        "`$id` is refused when a spec is loaded: references are within a spec, and so are vocabularies",
    ),
    (
        "optional/format-assertion: ",
        "`$id` is refused when a spec is loaded: references are within a spec, and so are vocabularies",
    ),
    (
        "optional/dependencies-compatibility: ",
        "`dependencies` is of older drafts; `dependentRequired` and `dependentSchemas` are told instead",
    ),
    (
        "optional/refOfUnknownKeyword: ",
        "a keyword that is not known is refused when a spec is loaded",
    ),
    ("optional/unknownKeyword: ", "a keyword that is not known is refused when a spec is loaded"),
    ("optional/id: ", "`$id` is refused when a spec is loaded: references are within a spec"),
    ("enum: empty enum", "an `enum` without values is refused when a spec is loaded"),
    ("default: ", "a `default` that does not fit is refused when a spec is loaded"),
    (
        "ref: ref creates new scope when adjacent to keywords",
        "keys beside `$ref` add to what it refers to, so they see its properties",
    ),
    (
        "unevaluatedItems: unevaluatedItems with $ref",
        "keys beside `$ref` replace those of what it refers to: `prefixItems`",
    ),
    (
        "unevaluatedItems: unevaluatedItems before $ref",
        "keys beside `$ref` replace those of what it refers to: `prefixItems`",
    ),
    (
        "pattern: pattern with Unicode property escape",
        "classes of Unicode (`\\p{...}`) are not there",
    ),
    (
        "patternProperties: patternProperties with Unicode property escape",
        "classes of Unicode (`\\p{...}`) are not there",
    ),
    ("optional/ecmascript-regex: ECMA 262 regex escapes control codes", "`\\c` is not there"),
    ("optional/ecmascript-regex: ECMA 262 \\s", "`\\s` is white space of ASCII"),
    ("optional/ecmascript-regex: ECMA 262 \\S", "`\\s` is white space of ASCII"),
    (
        "optional/ecmascript-regex: patterns always use unicode semantics",
        "classes of Unicode (`\\p{...}`) are not there",
    ),
    (
        "optional/ecmascript-regex: pattern with non-ASCII digits",
        "classes of Unicode (`\\p{...}`) are not there",
    ),
    (
        "optional/ecmascript-regex: patternProperties with non-ASCII digits",
        "classes of Unicode (`\\p{...}`) are not there",
    ),
    (
        "format: ",
        "`format` always says what a value has to be, and a form that is not known is refused",
    ),
    (
        "optional/format/ecmascript-regex: ",
        "this form is not there, and is refused when a spec is loaded",
    ),
    (
        "optional/format/idn-hostname: ",
        "this form is not there, and is refused when a spec is loaded",
    ),
    ("optional/format/email: ", "quoted names and addresses in brackets are not taken"),
    (
        "optional/format/idn-email: validation of an internationalized e-mail addresses: a non-ASCII quoted",
        "quoted names and addresses in brackets are not taken",
    ),
    (
        "optional/format/hostname: validation of A-label",
        "what a name in Punycode stands for is not looked at",
    ),
    (
        "optional/format/uri-template: format: uri-template: a zero prefix",
        "the library for URI templates is more liberal, and knows no emoji",
    ),
    (
        "optional/format/uri-template: format: uri-template: a five-digit prefix",
        "the library for URI templates is more liberal, and knows no emoji",
    ),
    (
        "optional/format/uri-template: format: uri-template: a leading zero",
        "the library for URI templates is more liberal, and knows no emoji",
    ),
    (
        "optional/format/uri-template: format: uri-template: a supplementary plane",
        "the library for URI templates is more liberal, and knows no emoji",
    ),
    (
        "optional/format/uri-template: format: uri-template: a double dot",
        "the library for URI templates is more liberal, and knows no emoji",
    ),
    ("optional/format/unknown: ", "a form that is not known is refused when a spec is loaded"),
    (
        "anchor: Location-independent identifier with absolute URI",
        "`$id` is refused when a spec is loaded: references are within a spec",
    ),
    (
        "anchor: Location-independent identifier with base URI change in subschema",
        "`$id` is refused when a spec is loaded: references are within a spec",
    ),
    (
        "anchor: same $anchor with different base uri",
        "`$id` is refused when a spec is loaded: references are within a spec",
    ),
    (
        "ref: Recursive references between schemas",
        "`$id` is refused when a spec is loaded: references are within a spec",
    ),
    (
        "ref: refs with relative uris and defs",
        "`$id` is refused when a spec is loaded: references are within a spec",
    ),
    (
        "ref: relative refs with absolute uris and defs",
        "`$id` is refused when a spec is loaded: references are within a spec",
    ),
    (
        "ref: $id must be resolved against nearest parent, not just immediate parent",
        "`$id` is refused when a spec is loaded: references are within a spec",
    ),
    (
        "ref: order of evaluation: $id and $ref",
        "`$id` is refused when a spec is loaded: references are within a spec",
    ),
    (
        "ref: order of evaluation: $id and $anchor and $ref",
        "`$id` is refused when a spec is loaded: references are within a spec",
    ),
    (
        "ref: simple URN base URI with $ref via the URN",
        "`$id` is refused when a spec is loaded: references are within a spec",
    ),
    (
        "ref: simple URN base URI with JSON pointer",
        "`$id` is refused when a spec is loaded: references are within a spec",
    ),
    (
        "ref: URN base URI with NSS",
        "`$id` is refused when a spec is loaded: references are within a spec",
    ),
    (
        "ref: URN base URI with r-component",
        "`$id` is refused when a spec is loaded: references are within a spec",
    ),
    (
        "ref: URN base URI with q-component",
        "`$id` is refused when a spec is loaded: references are within a spec",
    ),
    (
        "ref: URN base URI with URN and JSON pointer ref",
        "`$id` is refused when a spec is loaded: references are within a spec",
    ),
    (
        "ref: URN base URI with URN and anchor ref",
        "`$id` is refused when a spec is loaded: references are within a spec",
    ),
    (
        "ref: URN ref with nested pointer ref",
        "`$id` is refused when a spec is loaded: references are within a spec",
    ),
    ("ref: ref to if", "`$id` is refused when a spec is loaded: references are within a spec"),
    ("ref: ref to then", "`$id` is refused when a spec is loaded: references are within a spec"),
    ("ref: ref to else", "`$id` is refused when a spec is loaded: references are within a spec"),
    (
        "ref: ref with absolute-path-reference",
        "`$id` is refused when a spec is loaded: references are within a spec",
    ),
    (
        "ref: $id with file URI still resolves pointers - *nix",
        "`$id` is refused when a spec is loaded: references are within a spec",
    ),
    (
        "ref: $id with file URI still resolves pointers - windows",
        "`$id` is refused when a spec is loaded: references are within a spec",
    ),
];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files(&path, found),
            false => found.push(path),
        }
    }
    found.sort();
}

fn spec(schema: &Value) -> String {
    format!(
        "counterpart: 1\nvendor: suite\nmediaTypes: {{application/json: {{wire: json}}}}\n\
         consumes: [application/json]\nproduces: [application/json]\noperations:\n  \
         - operationId: take\n    method: POST\n    path: /\n    \
         requestBody: {{schema: {}}}\n    steps: [{{respond: {{status: 204}}}}]\n",
        serde_json::to_string(schema).unwrap()
    )
}

fn load(schema: &Value) -> Result<Service, String> {
    let loaded = check_sources(&[Source::new("suite.yaml", spec(schema))]);
    loaded.map(|checked| checked.service).map_err(|found| {
        let said = found.iter().map(|diagnostic| diagnostic.message.clone());
        said.collect::<Vec<_>>().join("; ")
    })
}

/// Whether a request with that body is taken.
fn is_taken(mock: &Mock, data: &Value) -> bool {
    let mut request = Request::new("POST".parse().unwrap(), "/suite/").unwrap();
    request.headers.insert("content-type", "application/json".parse().unwrap());
    request.body = serde_json::to_vec(data).unwrap().into();
    let session = mock.sessions().get("").unwrap();
    let local = SocketAddr::from((Ipv4Addr::LOCALHOST, 4010));
    let status = mock.answer(&session, "/suite/", request, local).status;
    assert!(matches!(status.as_u16(), 204 | 400), "{status}: {data}");
    status.as_u16() == 204
}

fn mock(service: Service) -> Mock {
    let start =
        Start { seed: 1, clock: None, frozen: true, most_sessions: 0, idle: Duration::ZERO };
    Mock::new(vec![Arc::new(plan::compile(Arc::new(service)).unwrap())], start, true)
}

#[test]
fn schemas_mean_what_the_suite_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(SUITE);
    if !folder.is_dir() {
        eprintln!("SKIPPED: the suite of JSON Schema is not at {}", folder.display());
        return;
    }
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    assert!(paths.len() > 60, "the suite has only {} files", paths.len());
    let mut wrong = String::new();
    let mut excepted: BTreeMap<&str, usize> = BTreeMap::new();
    let mut count = Count::default();
    let mut all = 0;
    for path in paths {
        let file = path.strip_prefix(&folder).unwrap().with_extension("");
        let text = std::fs::read(&path).unwrap();
        let groups = Json.decode(&text, &Limits::default()).unwrap().value;
        for group in groups.as_list().unwrap() {
            let said = |value: &Value, name: &str| value.get(name).unwrap().to_string();
            let name = format!("{}: {}", file.display(), said(group, "description"));
            let service = load(group.get("schema").unwrap());
            let plain = service.clone();
            let mock = service.clone().map(mock);
            for test in group.get("tests").unwrap().as_list().unwrap() {
                all += 1;
                let name = format!("{name}: {}", said(test, "description"));
                let data = test.get("data").unwrap();
                let wanted = test.get("valid") == Some(&Value::Bool(true));
                let came = match (&plain, &mock) {
                    (Ok(service), Ok(mock)) => {
                        let body = service.operations.first().unwrap().body.as_ref().unwrap();
                        let schema = body.schema.as_ref().unwrap();
                        let Ok(fits) = Fixed::new(&service.recursive).fits(schema, data);
                        match (is_taken(mock, data), fits) {
                            (taken, fits) if taken != wanted || fits != wanted => Err(format!(
                                "{data} is {}, in requests {taken}, else {fits}",
                                if wanted { "valid" } else { "not valid" }
                            )),
                            _ => Ok(()),
                        }
                    }
                    (Err(said), _) | (_, Err(said)) => Err(said.clone()),
                };
                let exception = EXCEPTIONS.iter().find(|(known, _)| name.starts_with(known));
                match (came, exception) {
                    (Ok(()), _) => count.right += 1,
                    (Err(_), Some((known, reason))) => {
                        *excepted.entry(known).or_default() += 1;
                        count.otherwise(reason);
                    }
                    (Err(why), None) => writeln!(wrong, "{name}\n  {why}").unwrap(),
                }
            }
        }
    }
    let right = count.right;
    let left = all - right;
    eprintln!("{right} of {all} tests of the suite hold, {left} are exceptions");
    assert!(wrong.is_empty(), "{right} of {all} hold\n{wrong}");
    let unused = EXCEPTIONS.iter().filter(|(known, _)| !excepted.contains_key(known));
    let unused: Vec<_> = unused.collect();
    assert!(unused.is_empty(), "these are no exceptions any more: {unused:#?}");
    count.hold("JSON Schema 2020-12");
}
