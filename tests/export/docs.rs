//! Documentation of vendors, as readers see it: by parsers of Markdown and HTML, and in a browser.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value as Json;

use crate::browser::Browser;
use crate::support::folder::Folder;
use crate::{mock, python, vendors};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const TAGS: &str = r#"["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]"#;
const FORMATS: [&str; 2] = ["markdown", "html"];

fn docs(vendor: &str, specs: &str, format: &str) -> String {
    let line = ["export", "docs", vendor, "--specs", specs, "--format", format];
    let (code, out, err) = mock(Path::new(ROOT), &line);
    assert_eq!((code, &*err), (Some(0), ""), "{vendor}");
    out
}

/// All documentation that there is: vendor, format, text.
fn all() -> Vec<(String, &'static str, String)> {
    let own = vendors().into_iter().map(|vendor| (vendor, "specs"));
    let made = ["library", "hostile"].map(|vendor| (vendor.to_owned(), ""));
    let mut all = Vec::new();
    for (vendor, specs) in own.chain(made) {
        let specs = match specs {
            "" => format!("tests/export/{vendor}.yaml"),
            specs => specs.to_owned(),
        };
        for format in FORMATS {
            all.push((vendor.clone(), format, docs(&vendor, &specs, format)));
        }
    }
    all
}

/// What a parser makes of a page; none where there is none, which is said.
fn rendered(text: &str, format: &str) -> Option<Json> {
    let there = Command::new(python()).args(["-c", "import markdown_it, lxml.html"]).output();
    if !there.is_ok_and(|output| output.status.success()) {
        assert!(std::env::var("CI").is_err(), "markdown-it-py or lxml is missing");
        println!("SKIPPED markdown-it-py: it is not installed");
        return None;
    }
    let mut parser = Command::new(python())
        .args(["tests/export/rendered.py", format])
        .current_dir(ROOT)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    parser.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = parser.wait_with_output().unwrap();
    assert!(output.status.success());
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn a_spec_is_told_in_markdown() {
    let path = Path::new(ROOT).join("tests/export/library.md");
    let found = docs("library", "tests/export/library.yaml", "markdown");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, expected, "UPDATE=1 writes it anew");
    // Examples are real ones, and yet the same each time.
    assert_eq!(docs("library", "tests/export/library.yaml", "markdown"), expected);
}

#[test]
fn the_name_of_the_file_says_what_is_written() {
    let folder = Folder::new("docs-file", &[]);
    let specs = format!("{ROOT}/tests/export/library.yaml");
    for (file, begins) in [("a.html", "<!doctype html>"), ("a.md", "# "), ("a", "# ")] {
        let line = ["export", "docs", "library", "--specs", &specs, "--out", file];
        assert_eq!(mock(&folder.0, &line), (Some(0), String::new(), String::new()));
        let text = std::fs::read_to_string(folder.0.join(file)).unwrap();
        assert!(text.starts_with(begins), "{file}: {text}");
        let (code, _, err) = mock(&folder.0, &line);
        assert_eq!(code, Some(2));
        assert!(err.contains("--force"), "{err}");
    }
}

/// Each link leads to one place, and nothing of a spec is markup.
#[test]
fn links_lead_somewhere_and_texts_are_texts() {
    const KNOWN: [&str; 31] = [
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "a",
        "div",
        "nav",
        "details",
        "summary",
        "main",
        "ul",
        "li",
        "h1",
        "h2",
        "h3",
        "h4",
        "p",
        "code",
        "strong",
        "br",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "figure",
        "figcaption",
        "pre",
    ];
    for (vendor, format, text) in all() {
        let Some(page) = rendered(&text, format) else { return };
        assert_eq!(page["comments"].as_array().map(Vec::len), Some(0), "{vendor} {format}");
        let (mut ids, mut links) = (BTreeSet::new(), BTreeSet::new());
        for element in page["elements"].as_array().unwrap() {
            let tag = element[0].as_str().unwrap();
            assert!(KNOWN.contains(&tag), "{vendor} {format}: {element}");
            for (name, value) in element[1].as_object().unwrap() {
                let value = value.as_str().unwrap();
                assert!(!name.starts_with("on"), "{vendor} {format}: {element}");
                match &**name {
                    "id" => {
                        let is_new = ids.insert(value.to_owned());
                        assert!(is_new, "{vendor} {format}: twice {value}");
                    }
                    "href" if value.starts_with('#') => {
                        links.insert(value.get(1..).unwrap().to_owned());
                    }
                    "href" => assert!(value.starts_with("http"), "{vendor} {format}: {element}"),
                    _ => {}
                }
            }
        }
        let lost: Vec<&String> = links.difference(&ids).collect();
        assert!(lost.is_empty(), "{vendor} {format}: no place for {lost:?}");
        if vendor == "hostile" {
            let seen = page["text"].as_str().unwrap();
            for number in (1..=14).filter(|number| *number != 2) {
                assert!(seen.contains(&format!("alert({number})")), "{format}: {number}");
            }
            assert!(seen.contains("⟨U+202E⟩right to left"), "{format}");
        }
    }
}

#[test]
fn a_page_breaks_no_rule_of_accessibility_and_loads_nothing() {
    let place = "target/tools/page/node_modules/axe-core/axe.min.js";
    let Ok(axe) = std::fs::read_to_string(Path::new(ROOT).join(place)) else {
        println!("SKIPPED axe: the accessibility of documentation is not looked at");
        return;
    };
    let folder = Folder::new("docs-browser", &[]);
    let Some(browser) = Browser::find(&folder.0) else {
        println!("SKIPPED chromium: documentation is not looked at");
        return;
    };
    let mut wrong = Vec::new();
    // All that a page can hold, and all texts that could do harm.
    for (vendor, specs) in [
        ("cake", "specs"),
        ("library", "tests/export/library.yaml"),
        ("hostile", "tests/export/hostile.yaml"),
    ] {
        let file = folder.0.join(format!("{vendor}.html"));
        std::fs::write(&file, docs(vendor, specs, "html")).unwrap();
        let address = format!("file://{}", file.display());
        let mut page = browser.steer(&address);
        page.wait_for(
            "document.readyState === 'complete' && document.querySelector('h1') !== null",
        );
        page.evaluate(&axe);
        let loaded = page.evaluate("performance.getEntriesByType('resource').length");
        assert_eq!(loaded, 0, "{vendor}");
        for (width, height) in [(1280, 800), (390, 844)] {
            for scheme in ["light", "dark"] {
                page.look(width, height, scheme);
                let wide = page.evaluate("document.documentElement.scrollWidth");
                assert!(wide.as_u64() <= Some(u64::from(width)), "{vendor} {width}: {wide}");
                let found = page.evaluate(&format!(
                    "axe.run(document, {{runOnly: {TAGS}}}).then((found) => found.violations
                        .flatMap((one) => one.nodes.map((node) =>
                            `${{one.id}}: ${{node.target}}: ${{node.failureSummary}}`)).join('\\n'))"
                ));
                if found != "" {
                    wrong.push(format!("{vendor} {width} {scheme}: {}", found.as_str().unwrap()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
