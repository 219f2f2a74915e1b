//! Scenarios that are made of a spec alone hold on its mock, and notice when it is changed.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::path::Path;
use std::thread;

use counterpart::unstable::harness::mutations;
use support::client::Client;
use support::folder::Folder;
use support::serving::Serving;

const DESK: &str = include_str!("generate/desk.yaml");
const CHUNKS: &str = include_str!("vendors/chunks.yaml");
const KEYS: &str = include_str!("generate/keys.yaml");
const ROOTS: &str = include_str!("generate/roots.yaml");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The vendors of the project and of its examples, with the folder of their specs. A vendor is a
/// file, or a folder of several.
fn vendors() -> Vec<(String, String)> {
    let examples = fs::read_dir(root().join("examples")).unwrap();
    let below = examples.map(|entry| entry.unwrap().path().join("specs"));
    let mut folders: Vec<_> = below.filter(|folder| folder.is_dir()).collect();
    folders.extend([root().join("specs"), root().join("examples/greeter")]);
    let mut found = Vec::new();
    for folder in folders {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() || path.extension().is_some_and(|ending| ending == "yaml") {
                let vendor = path.file_stem().unwrap().to_string_lossy().into_owned();
                found.push((vendor, folder.to_string_lossy().into_owned()));
            }
        }
    }
    assert!(found.len() >= 9, "{found:?}");
    found
}

#[test]
fn what_is_made_of_the_specs_holds_on_their_mocks() {
    thread::scope(|scope| {
        for (vendor, specs) in vendors() {
            scope.spawn(move || what_is_made_holds(&vendor, &specs));
        }
    });
}

fn what_is_made_holds(vendor: &str, specs: &str) {
    let folder = Folder::new(&format!("generate-{vendor}"), &[]);
    let (code, out, err) = folder.run(&["generate", vendor, "--specs", specs]);
    assert_eq!(code, Some(0), "{vendor}: {err}");
    let file = format!("scenarios/{vendor}/generated.yaml");
    assert!(out.starts_with(&format!("wrote {file}: ")), "{out}");
    let (code, _, err) = folder.run(&["check", "--strict", "--specs", specs]);
    assert_eq!(code, Some(0), "{vendor}: {err}");
    let (code, out, err) = folder.run(&["run", "--specs", specs]);
    assert_eq!(code, Some(0), "{vendor}: {out}{err}");
    // The same comes again.
    let (code, _, err) = folder.run(&["generate", vendor, "--specs", specs, "--check"]);
    assert_eq!(code, Some(0), "{vendor}: {err}");
}

#[test]
fn each_statement_is_proven() {
    let left = "not reached:\n  `methodNotAllowed`: the spec has no error for it\n  \
        `type`: the spec has no error for `type` (2 times)\n  \
        `unknownPath`: the spec has no error for it\n  \
        `unsupportedMediaType`: the spec has no error for `unsupportedMediaType`\n  \
        what is required: the spec has no error for `required` (2 times)\n";
    for (vendor, spec, count, said) in [("desk", DESK, 20, ""), ("roots", ROOTS, 5, left)] {
        let file = format!("specs/{vendor}.yaml");
        let folder = Folder::new(&format!("generate-mutations-{vendor}"), &[(&file, spec)]);
        let (code, _, err) = folder.run(&["generate", vendor]);
        assert_eq!((code, &*err), (Some(0), said));
        let found = mutations(&[folder.0.join("scenarios")], &folder.0.join("specs")).unwrap();
        let unnoticed = found.iter().filter(|one| one.noticed_by().is_none());
        let unnoticed: Vec<&str> = unnoticed.map(|one| &*one.statement).collect();
        assert_eq!((unnoticed, found.len()), (Vec::new(), count), "{vendor}");
    }
}

#[test]
fn a_bound_that_is_one_off_is_noticed_by_what_covers_it() {
    let folder = Folder::new("generate-planted", &[("specs/desk.yaml", DESK)]);
    assert_eq!(folder.run(&["generate", "desk"]).0, Some(0));
    let planted = [
        ("maximum: 9", "maximum: 10", "create_ticket refuses weight by minimum, maximum and type"),
        ("maximum: 9", "maximum: 8", "create_ticket takes weight"),
        ("minLength: 2", "minLength: 1", "create_ticket refuses title by minLength"),
        ("maxLength: 20", "maxLength: 19", "create_ticket takes title"),
        ("wish]", "wishes]", "create_ticket takes kind [value=wish]"),
        ("maximum: 50", "maximum: 51", "list_tickets refuses size by"),
        ("code: page,", "code: pages,", "list_tickets refuses size by"),
        ("is not a page", "is not a good page", "list_tickets refuses size by"),
        ("no such team", "no team of that name", "create_ticket refuses team by references"),
        ("{code: missing}", "{code: lost}", "with Missing that the spec assumes"),
        ("{code: method}", "{code: methods}", "a method that is not there"),
        (
            "fields: [number], error: Taken",
            "fields: [id], error: Taken",
            "create_ticket refuses the same number again",
        ),
        ("default: short", "default: long", "create_ticket fills in note where it is left out"),
        (
            "- delete: {record: ticket}",
            "- note: kept",
            "delete_ticket does not find what it has deleted",
        ),
        (
            "- delete: {record: ticket}",
            "- note: kept",
            "read_ticket does not find what delete_ticket has deleted",
        ),
        ("!= 'black'", "!= 'white'", "create_ticket refuses colour by must [value=black]"),
        ("required: [title]", "required: []", "create_ticket refuses a request without title"),
    ];
    for (right, wrong, noticed) in planted {
        assert!(DESK.contains(right), "{right}");
        folder.write("specs/desk.yaml", &DESK.replacen(right, wrong, 1));
        let (code, out, err) = folder.run(&["run"]);
        assert_eq!(code, Some(1), "{wrong}: {out}{err}");
        let failed = out.lines().filter(|line| line.starts_with("FAIL ")).collect::<Vec<_>>();
        assert!(failed.iter().any(|line| line.contains(noticed)), "{wrong}: {failed:#?}");
        // And nothing else says so.
        assert!(failed.len() <= 4, "{wrong}: {failed:#?}");
        let (code, _, err) = folder.run(&["generate", "desk", "--check"]);
        assert_eq!(code, Some(1), "{wrong}");
        assert!(err.contains("generated.yaml is out of date"), "{err}");
    }
}

/// A real vendor keeps what is created, and is asked for something to be deleted only where the
/// scenario says so.
#[test]
fn what_is_created_on_a_real_vendor_is_deleted_again() {
    let folder = Folder::new("generate-target", &[("specs/desk.yaml", DESK)]);
    assert_eq!(folder.run(&["generate", "desk"]).0, Some(0));
    let written = folder.read("scenarios/desk/generated.yaml");
    for part in [
        "  - name: create_ticket answers\n    covers: [D1]\n    destructive: allowed\n",
        "        capture: {created: $.id}\n    finally:\n      - call: delete_ticket\n        \
         with: {path: {id: \"${created}\"}}\n        expect: {status: \"2xx\"",
        "  - name: delete_ticket refuses a request without a key\n    covers: [D2]\n    \
         destructive: allowed\n",
    ] {
        assert!(written.contains(part), "{part}\n{written}");
    }
    let mut vendor = Serving::start(&folder, &["specs"]);
    let (_, url) = vendor.lines.first().unwrap().split_once('\t').unwrap();
    let target = format!("desk={url}");
    let tickets = format!("/{}/tickets", url.split('/').skip(3).collect::<Vec<_>>().join("/"));
    let run = ["run", "--target", &target];
    let (code, out, err) = folder.run(&[&run[..], &["--allow-destructive"]].concat());
    assert_eq!(code, Some(0), "{out}{err}");
    let reply = Client::new(vendor.address()).send("GET", &tickets, &[("X-Key", "desk-key")], b"");
    assert_eq!(reply.text(), r#"{"tickets":[]}"#);
    vendor.process.kill().unwrap();
    vendor.process.wait().unwrap();
}

/// Those of one scenario have different ones, or else the second would get the answer of the first.
#[test]
fn each_request_has_the_key_that_it_needs() {
    let folder = Folder::new("generate-keys", &[("specs/keys.yaml", KEYS)]);
    let (code, _, err) = folder.run(&["generate", "keys"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(!err.contains("left out"), "{err}");
    let written = folder.read("scenarios/keys/generated.yaml");
    for name in [
        "create_member answers",
        "create_member refuses a request without Idempotency-Key",
        "create_member refuses the same mail again",
        "touch answers",
        "touch refuses a request without idempotency-key",
    ] {
        assert!(written.contains(&format!("name: {name}\n")), "{name}: {written}");
    }
    let (code, out, err) = folder.run(&["run"]);
    assert_eq!(code, Some(0), "{out}{err}");
    let found = mutations(&[folder.0.join("scenarios")], &folder.0.join("specs")).unwrap();
    let unnoticed: Vec<_> = found.iter().filter(|one| one.noticed_by().is_none()).collect();
    assert!(unnoticed.is_empty() && found.len() == 2, "{unnoticed:#?}");
}

/// Nobody else is there who would do what an answer waits for.
#[test]
fn nothing_is_waited_for() {
    let spec = "counterpart: 1\nvendor: waits\noperations:\n  - operationId: take\n    \
                method: POST\n    path: /take\n    steps:\n      \
                - wait: {until: \"${false}\", atMost: P9D}\n      - respond: {status: 204}\n";
    let folder = Folder::new("generate-waits", &[("specs/waits.yaml", spec)]);
    let (code, _, err) = folder.run(&["generate", "waits"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(folder.read("scenarios/waits/generated.yaml").contains("take answers"));
}

#[test]
fn nothing_is_overwritten_unless_it_is_asked_for() {
    let folder = Folder::new("generate-force", &[("specs/desk.yaml", DESK)]);
    let line = ["generate", "desk", "--output", "mine.yaml"];
    let check = ["generate", "desk", "--output", "mine.yaml", "--check"];
    let (code, _, err) = folder.run(&check);
    assert_eq!(code, Some(1));
    assert!(err.contains("mine.yaml is not there; `counterpart-test generate desk"), "{err}");
    assert_eq!(folder.run(&line).0, Some(0));
    let written = folder.read("mine.yaml");
    assert_eq!(folder.run(&check).0, Some(0));
    folder.write("mine.yaml", "mine");
    let (code, out, err) = folder.run(&line);
    assert_eq!((code, &*out), (Some(2), ""));
    assert!(err.contains("mine.yaml already exists; nothing was written"), "{err}");
    assert_eq!(folder.read("mine.yaml"), "mine");
    assert_eq!(folder.run(&["generate", "desk", "--output", "mine.yaml", "--force"]).0, Some(0));
    assert_eq!(folder.read("mine.yaml"), written);
    let (code, _, err) = folder.run(&["generate", "desks"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("there is no vendor `desks`, but desk"), "{err}");
}

/// Errors of single keywords, operations that differ by what they read, and bodies that hold no
/// other values.
#[test]
fn errors_of_keywords_and_other_media_types_are_tried() {
    let folder = Folder::new("generate-chunks", &[("specs/chunks.yaml", CHUNKS)]);
    let (code, _, err) = folder.run(&["generate", "chunks"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(!err.contains("left out") && !err.contains("cannot be written"), "{err}");
    let written = folder.read("scenarios/chunks/generated.yaml");
    for name in [
        "add_chunk refuses a request without Tus-Resumable",
        "add_chunk refuses Tus-Resumable by const",
        "add_chunk refuses another media type",
        "merge refuses another media type",
        "add_note refuses the body by maxLength",
    ] {
        assert!(written.contains(&format!("name: {name}\n")), "{name}: {written}");
    }
    let (code, out, err) = folder.run(&["run"]);
    assert_eq!(code, Some(0), "{out}{err}");
}
