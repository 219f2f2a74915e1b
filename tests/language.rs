//! The examples of the reference load together as one vendor, so that what it says works.

use std::sync::Arc;

use counterpart::check::check_sources;
use counterpart::source::Source;

const PAGE: &str = include_str!("../docs/spec-language.md");

/// Each YAML block as a file of its own, padded so that its lines are the page's.
fn blocks() -> Vec<Arc<Source>> {
    let mut blocks = Vec::new();
    let mut block: Option<String> = None;
    for (at, line) in PAGE.lines().enumerate() {
        match &mut block {
            None if line == "```yaml" => block = Some("\n".repeat(at + 1)),
            Some(text) if line == "```" => {
                blocks.push(Source::new("docs/spec-language.md", std::mem::take(text)));
                block = None;
            }
            Some(text) => {
                text.push_str(line);
                text.push('\n');
            }
            None => {}
        }
    }
    blocks
}

#[test]
fn the_reference_is_a_spec_without_mistakes() {
    let blocks = blocks();
    assert!(blocks.len() > 10);
    match check_sources(&blocks) {
        Ok(checked) => {
            assert!(checked.warnings.is_empty(), "{:#?}", checked.warnings);
            assert_eq!(&*checked.service.vendor, "library");
            assert!(checked.service.operations.len() >= 6);
        }
        Err(diagnostics) => {
            for diagnostic in &diagnostics {
                let place = diagnostic.primary.as_ref().map(|label| label.span.to_string());
                let help = diagnostic.help.join("; ");
                println!(
                    "{}: {}: {} ({help})",
                    place.unwrap_or_default(),
                    diagnostic.code,
                    diagnostic.message
                );
            }
            panic!("{} diagnostics", diagnostics.len());
        }
    }
}
