//! Specs and scenarios that were damaged at random are refused with places, and nothing panics.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use counterpart::Diagnostic;
use counterpart::Source;
use counterpart::unstable::check::scenario::{self, Options};
use counterpart::unstable::check::{self, check_sources};
use counterpart::unstable::model::Service;
use proptest::prelude::*;

/// Far more than the check of any of the files takes, damaged or not.
const LONGEST: Duration = Duration::from_mins(1);

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

static SERVICES: LazyLock<Vec<Arc<Service>>> = LazyLock::new(|| {
    let loaded = check::load(&[root().join("specs")]).unwrap();
    loaded.services.into_iter().map(Arc::new).collect()
});

/// One way to damage a text. The numbers are taken modulo what there is.
#[derive(Debug, Clone)]
enum Damage {
    /// Another character in place of one.
    Character(usize, char),
    /// A line is gone.
    Remove(usize),
    /// A line is duplicated.
    Repeat(usize),
    /// Two lines change places.
    Swap(usize, usize),
    /// A line moves to the right or the left.
    Indent(usize, bool),
    /// Two words change places.
    Words(usize, usize),
    /// The text ends here.
    Cut(usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let sign = prop::sample::select(vec![
        '{', '}', '[', ']', '"', '\'', ':', '-', '#', '&', '*', '!', '|', '>', '%', '@', '`', '$',
        '\t', '\n', ' ', '\0', '\u{feff}', '\u{2028}', 'ü', '0', 'x',
    ]);
    let any = any::<usize>;
    prop_oneof![
        (any(), sign).prop_map(|(at, sign)| Damage::Character(at, sign)),
        any().prop_map(Damage::Remove),
        any().prop_map(Damage::Repeat),
        (any(), any()).prop_map(|(one, two)| Damage::Swap(one, two)),
        (any(), proptest::bool::ANY).prop_map(|(line, right)| Damage::Indent(line, right)),
        (any(), any()).prop_map(|(one, two)| Damage::Words(one, two)),
        any().prop_map(Damage::Cut),
    ]
}

impl Damage {
    fn apply(&self, text: &str) -> String {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let many = lines.len().max(1);
        if lines.is_empty() {
            return text.to_owned();
        }
        match self {
            Self::Character(at, sign) => {
                let at = at % text.chars().count().max(1);
                return text
                    .chars()
                    .enumerate()
                    .map(|(n, c)| if n == at { *sign } else { c })
                    .collect();
            }
            Self::Remove(line) => drop(lines.remove(line % many)),
            Self::Repeat(line) => {
                let again = lines[line % many].clone();
                lines.insert(line % many, again);
            }
            Self::Swap(one, two) => lines.swap(one % many, two % many),
            Self::Indent(line, true) => lines[line % many].insert(0, ' '),
            Self::Indent(line, false) => {
                let shorter = lines[line % many].strip_prefix(' ').map(str::to_owned);
                lines[line % many] = shorter.unwrap_or_default();
            }
            Self::Words(one, two) => {
                let mut words: Vec<&str> = text.split(' ').collect();
                let many = words.len();
                words.swap(one % many, two % many);
                return words.join(" ");
            }
            Self::Cut(at) => {
                let at = at % text.chars().count().max(1);
                return text.chars().take(at).collect();
            }
        }
        lines.join("\n") + "\n"
    }
}

fn places_are_in_their_files(found: &[Diagnostic]) {
    for diagnostic in found {
        let label = diagnostic.primary.as_ref();
        assert!(label.is_some(), "without a place: {diagnostic:?}");
        for label in label.into_iter().chain(&diagnostic.related) {
            let text = &label.span.source.text;
            assert!(label.span.start <= text.len(), "beyond its file: {diagnostic:?}");
        }
    }
    // It can be drawn as well.
    assert_eq!(
        counterpart::unstable::report::snippet::render(found, false).is_empty(),
        found.is_empty()
    );
}

fn damaged(file: &Path, damages: &[Damage]) -> Arc<Source> {
    let text = fs::read_to_string(file).unwrap();
    Source::new(file, damages.iter().fold(text, |text, damage| damage.apply(&text)))
}

fn scenario_files() -> Vec<PathBuf> {
    ["cake/limits", "loyaltii/create", "maileon/double-opt-in", "quentn/create", "quentn/terms"]
        .map(|name| root().join("scenarios").join(name).with_extension("yaml"))
        .to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_specs_are_refused_with_places(
        name in prop::sample::select(vec!["loyaltii", "loyaltii", "cake", "quentn", "maileon"]),
        damages in prop::collection::vec(damage(), 1..4),
    ) {
        let source = damaged(&root().join("specs").join(name).with_extension("yaml"), &damages);
        let start = Instant::now();
        match check_sources(&[source]) {
            Ok(checked) => places_are_in_their_files(&checked.warnings),
            Err(found) => {
                prop_assert!(!found.is_empty());
                places_are_in_their_files(&found);
            }
        }
        prop_assert!(start.elapsed() < LONGEST);
    }

    #[test]
    fn damaged_scenarios_are_refused_with_places(
        file in prop::sample::select(scenario_files()),
        damages in prop::collection::vec(damage(), 1..4),
    ) {
        let vendor = file.parent().unwrap().file_name().unwrap().to_str().unwrap();
        let service = SERVICES.iter().find(|service| *service.vendor == *vendor).unwrap();
        let start = Instant::now();
        match scenario::check_source(&damaged(&file, &damages), service, Options::CHECK) {
            Ok(checked) => places_are_in_their_files(&checked.warnings),
            Err(found) => {
                prop_assert!(!found.is_empty());
                places_are_in_their_files(&found);
            }
        }
        prop_assert!(start.elapsed() < LONGEST);
    }
}
