//! A mistake in a file, as data. Nothing here draws; `report::snippet` does.

mod habits;

use crate::source::Span;

/// How much a diagnostic matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; nothing is refused.
    Warning,
    /// The file is refused.
    Error,
}

/// A place in a file, and what is to be said about it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Label {
    /// The place.
    pub span: Span,
    /// A short fragment that stands below the marked text.
    pub text: String,
}

/// One mistake: what is wrong, where, and what would be right.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Diagnostic {
    /// How much it matters.
    pub severity: Severity,
    /// A stable name of the kind of mistake, such as `unknown-key`.
    pub code: &'static str,
    /// One sentence without a full stop.
    pub message: String,
    /// Where the mistake is; absent when it is about a file as a whole or no file.
    pub primary: Option<Label>,
    /// Other places that belong to it, such as the first of two definitions.
    pub related: Vec<Label>,
    /// What was expected, or what to do; often a 'did you mean'.
    pub help: Vec<String>,
    /// The name that was most likely meant at the primary place, if one is near enough.
    pub(crate) meant: Option<String>,
    /// All names that would be right at the primary place, where they are known.
    pub(crate) known: Vec<String>,
    /// Where else the same is wrong, if it is told once: all places, also those that are only
    /// counted.
    pub(crate) also: Vec<Span>,
}

impl Diagnostic {
    /// An error at a place.
    pub(crate) fn error(
        code: &'static str,
        message: impl Into<String>,
        span: &Span,
        label: impl Into<String>,
    ) -> Self {
        Self {
            severity: Severity::Error,
            code,
            message: message.into(),
            primary: Some(Label { span: span.clone(), text: label.into() }),
            related: Vec::new(),
            help: Vec::new(),
            meant: None,
            known: Vec::new(),
            also: Vec::new(),
        }
    }

    /// That something stands beside something else which it contradicts.
    pub(crate) fn contradiction(message: impl Into<String>, span: &Span, other: &Span) -> Self {
        Self::error("contradiction", message, span, "conflicts with the other one")
            .related(other, "the other one")
    }

    /// An error that no place in a file can be shown for.
    pub(crate) fn without_place(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            message: message.into(),
            primary: None,
            related: Vec::new(),
            help: Vec::new(),
            meant: None,
            known: Vec::new(),
            also: Vec::new(),
        }
    }

    /// The same as a warning.
    #[must_use]
    pub(crate) fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// Adds what was expected or what to do.
    #[must_use]
    pub(crate) fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Adds the known name that is nearest to the one at the primary place, or else all of them.
    #[must_use]
    pub(crate) fn suggest<'a>(
        mut self,
        typed: &str,
        known: impl IntoIterator<Item = &'a str> + Clone,
    ) -> Self {
        self = self.known(known.clone());
        self.meant = nearest(typed, known.clone()).map(str::to_owned);
        self.help.extend(did_you_mean(typed, known));
        self
    }

    /// Adds which names would be right at the primary place, without telling them.
    #[must_use]
    pub(crate) fn known<'a>(mut self, known: impl IntoIterator<Item = &'a str>) -> Self {
        self.known = known.into_iter().map(str::to_owned).collect();
        self
    }

    /// The same for a word of the language, which may be called something else elsewhere.
    #[must_use]
    pub(crate) fn suggest_word<'a>(
        mut self,
        typed: &str,
        known: impl IntoIterator<Item = &'a str> + Clone,
    ) -> Self {
        let Some(meant) = habits::habit(typed, &known).map(str::to_owned) else {
            return self.suggest(typed, known);
        };
        self = self.known(known).help(format!("did you mean `{meant}`?"));
        self.meant = Some(meant);
        self
    }

    /// Adds another place that belongs to the mistake.
    #[must_use]
    pub(crate) fn related(mut self, span: &Span, text: impl Into<String>) -> Self {
        self.related.push(Label { span: span.clone(), text: text.into() });
        self
    }
}

/// What is longer is no slip of the finger, and may come from a client: comparing it takes as long as
/// it is.
const LONGEST_SLIP: usize = 200;

/// How like two names are, from 0 to 1.
pub fn likeness(typed: &str, name: &str) -> f64 {
    if typed.len() > LONGEST_SLIP { 0.0 } else { strsim::jaro_winkler(typed, name) }
}

/// The name among `known` that `typed` most likely stands for, if one is near enough.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if typed.len() > LONGEST_SLIP {
        return None;
    }
    let folded = typed.to_lowercase();
    known
        .into_iter()
        .map(|name| {
            let other = name.to_lowercase();
            let slips = strsim::damerau_levenshtein(&folded, &other);
            (slips, likeness(&folded, &other), name)
        })
        .filter(|(slips, likeness, name)| {
            *likeness > 0.82 || *slips <= slips_allowed(folded.len().min(name.len()))
        })
        .min_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)))
        .map(|(_, _, name)| name)
}

/// The name among `known` that `typed` is but for a slip of the finger. Stricter than [`nearest`],
/// for what may be meant as it is written; names that differ in digits are different names.
pub fn slip<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters = |name: &str| name.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
    let allowed = match typed.chars().count() {
        0..=3 => return None,
        4..=7 => 1,
        _ => 2,
    };
    known
        .into_iter()
        .filter(|name| letters(name) != letters(typed) || name.eq_ignore_ascii_case(typed))
        .map(|name| (strsim::damerau_levenshtein(typed, name), name))
        .filter(|(slips, _)| (1..=allowed).contains(slips))
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, name)| name)
}

/// How many slips a name of that length may have and still be told; in one of two letters, the
/// letters are changed about, which the likeness does not see.
fn slips_allowed(length: usize) -> usize {
    match length {
        0 | 1 => 0,
        2..=5 => 1,
        _ => 2,
    }
}

/// The help line for an unknown name: the nearest known one, or the list of all when it is short.
pub fn did_you_mean<'a>(
    typed: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> Option<String> {
    if let Some(name) = nearest(typed, known.clone()) {
        return Some(format!("did you mean `{name}`?"));
    }
    let mut all: Vec<&str> = known.into_iter().collect();
    all.sort_unstable();
    all.dedup();
    match all.len() {
        0 => None,
        1..=24 => Some(format!("known here: {}", all.join(", "))),
        more => Some(format!(
            "known here: {}, and {} more",
            all.iter().take(16).copied().collect::<Vec<_>>().join(", "),
            more - 16
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_finds_a_typing_slip_and_nothing_far() {
        assert_eq!(nearest("maxLenght", ["minLength", "maxLength"]), Some("maxLength"));
        assert_eq!(nearest("ulr", ["url", "error"]), Some("url"));
        assert_eq!(nearest("di", ["id", "day"]), Some("id"));
        assert_eq!(nearest("requestBodys", ["request", "requestBody"]), Some("requestBody"));
        assert_eq!(nearest("colour", ["status", "path"]), None);
    }
}
