//! The two languages, and in which one a file is.

use std::path::Path;
use std::sync::LazyLock;

use serde_json::Value;

/// The languages that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    /// Specs, and parts of them.
    Spec,
    /// Scenarios.
    Scenario,
    /// Lists of steps for scenarios to include.
    Steps,
}

static SPEC: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../schemas/spec.schema.json")).unwrap_or_default()
});
static SCENARIO: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../schemas/scenario.schema.json")).unwrap_or_default()
});

impl Language {
    /// Its JSON Schema.
    pub(super) fn schema(self) -> &'static Value {
        match self {
            Self::Spec => &SPEC,
            Self::Scenario | Self::Steps => &SCENARIO,
        }
    }

    /// The language of a text, by its first lines and its keys at the left; none for YAML of
    /// something else.
    pub(super) fn of(path: &Path, text: &str) -> Option<Self> {
        let in_scenarios = path.iter().any(|part| part == "scenarios");
        let is_list = text
            .lines()
            .find(|line| !line.trim().is_empty() && !line.starts_with('#'))
            .is_some_and(|line| line.starts_with("- "));
        let named = |schema: &str| {
            text.lines().take_while(|line| line.starts_with('#')).any(|line| line.contains(schema))
        };
        if named("scenario.schema.json") || in_scenarios && is_list {
            return Some(if is_list { Self::Steps } else { Self::Scenario });
        }
        if named("spec.schema.json") {
            return Some(Self::Spec);
        }
        if has_key(text, "scenarios") {
            return Some(Self::Scenario);
        }
        let other = if in_scenarios { Self::Scenario } else { Self::Spec };
        has_key(text, "counterpart").then_some(other)
    }
}

fn has_key(text: &str, key: &str) -> bool {
    text.lines().any(|line| line.strip_prefix(key).is_some_and(|rest| rest.starts_with(':')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_says_in_which_language_it_is() {
        for (path, text, language) in [
            ("a.yaml", "counterpart: 1\nvendor: x\n", Some(Language::Spec)),
            ("a.yaml", "counterpart: 1\nscenarios:\n", Some(Language::Scenario)),
            ("scenarios/a.yaml", "counterpart: 1\n", Some(Language::Scenario)),
            ("scenarios/a.yaml", "# steps\n- call: x\n", Some(Language::Steps)),
            ("a.yaml", "- call: x\n", None),
            ("a.yaml", "# $schema=../scenario.schema.json\n- call: x\n", Some(Language::Steps)),
            ("a.yaml", "# $schema=../spec.schema.json\nerrors:\n", Some(Language::Spec)),
            ("a.yaml", "services:\n  counterpart: 1\n", None),
            ("a.yaml", "", None),
        ] {
            assert_eq!(Language::of(Path::new(path), text), language, "{path}: {text}");
        }
    }
}
