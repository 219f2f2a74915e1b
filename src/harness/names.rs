//! Which trials are run, by their names, and what to say when none is left.

use super::Choice;
use crate::diagnostic::nearest;

/// Which trials are run, by their names.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Only those that have this in their name.
    pub filter: Option<String>,
    /// None that has one of these in its name.
    pub skip: Vec<String>,
    /// The filter, and each name to skip, is a whole name.
    pub exact: bool,
}

impl Names {
    /// Whether a trial of that name is wanted.
    pub fn takes(&self, name: &str) -> bool {
        let fits = |part: &String| if self.exact { name == part } else { name.contains(&**part) };
        self.filter.as_ref().is_none_or(fits) && !self.skip.iter().any(fits)
    }
}

/// What to say when no trial is left; a run of nothing is never a pass. `names` are those that
/// the choice leaves.
pub(super) fn none_left(names: &[String], choice: &Choice, wanted: &Names) -> String {
    if names.is_empty() && choice.tag.is_some() {
        return "no scenario has the tags that are asked for".to_owned();
    }
    let Some(filter) = &wanted.filter else { return "no scenario is left to run".to_owned() };
    let near = nearest(filter, names.iter().map(String::as_str));
    let parts = names.iter().flat_map(|name| name.split('/'));
    let words = names.iter().flat_map(|name| name.split(['/', ' ']));
    let near = near.or_else(|| nearest(filter, parts.chain(words.filter(|word| word.len() > 3))));
    // Only a whole name helps who has to give one.
    let whole = |part: &str| {
        let fits = names.iter().filter(|name| name.contains(part));
        fits.min_by_key(|name| name.len()).map_or(part.to_owned(), Clone::clone)
    };
    let near = near.map(|near| if wanted.exact { whole(near) } else { near.to_owned() });
    let help = near.map(|name| format!("; the nearest is `{name}`")).unwrap_or_default();
    match wanted.exact {
        true => format!("no trial is called `{filter}`{help}"),
        false => format!(
            "there is no file or folder `{filter}`, and no trial with that in its name{help}"
        ),
    }
}
