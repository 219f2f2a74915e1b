//! Names in trees that begin with `$`: the words of the language, and members that are called so.

use crate::diagnostic::nearest;

/// How a tree is made.
pub(super) const DIRECTIVES: [&str; 8] =
    ["$forEach", "$as", "$at", "$yield", "$if", "$then", "$else", "$ref"];

/// What fits more than one value, where something is expected.
pub(super) const MATCHERS: [&str; 22] = [
    "$any",
    "$type",
    "$regex",
    "$contains",
    "$range",
    "$oneOf",
    "$not",
    "$absent",
    "$nil",
    "$empty",
    "$unordered",
    "$each",
    "$length",
    "$includes",
    "$exactly",
    "$time",
    "$format",
    "$all",
    "$sorted",
    "$unique",
    "$assert",
    "$schema",
];

/// Whether a name is a word of the language.
pub(super) fn is_special(name: &str) -> bool {
    name.starts_with('$') && !name.starts_with("$$")
}

/// The member that a name is for: one that begins with `$` is written with two.
pub(super) fn member_name(name: &str) -> &str {
    if name.starts_with("$$") { name.get(1..).unwrap_or_default() } else { name }
}

/// Whether a name is that of a matcher.
pub(super) fn is_matcher(name: &str) -> bool {
    MATCHERS.contains(&name)
}

/// Whether a name is that of a matcher, or one that is misspelt.
pub(super) fn is_meant_as_matcher(name: &str) -> bool {
    is_matcher(name)
        || is_special(name) && !DIRECTIVES.contains(&name) && nearest(name, MATCHERS).is_some()
}
