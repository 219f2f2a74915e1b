//! What of an answer anybody knows. What a spec only assumes is not held against a vendor: there a
//! request is refused or taken, and one scenario with the tag `assumed` holds the rest.

use super::file::Written;
use super::known::Known;
use crate::model::{ErrorId, Service};

/// Those that hold what is assumed: of each error that a rule gives, and of
/// each operation that answers, one.
pub(super) fn assumed(service: &Service, all: &[Written]) -> Vec<Written> {
    let mut more = Vec::new();
    for (at, error) in service.errors.iter().enumerate() {
        let of_error = || all.iter().filter(|one| one.outcome.error == Some(ErrorId(at)));
        // Once for each rule that gives it.
        let mut held: Vec<_> = of_error().filter(|one| one.outcome.known.is_whole()).collect();
        for first in of_error().filter(|one| !one.outcome.known.is_whole()) {
            if !held.iter().any(|known| known.outcome.rule == first.outcome.rule) {
                more.push(whole(first, &format!("with {}", error.name)));
                held.push(first);
            }
        }
    }
    let answers = all.iter().filter(|one| one.outcome.error.is_none() && !one.outcome.refused);
    let answers =
        answers.filter(|one| !one.outcome.known.is_whole() && one.name.ends_with(" answers"));
    more.extend(answers.map(|one| whole(one, "with all")));
    more
}

fn whole(written: &Written, what: &str) -> Written {
    let mut whole = written.clone();
    whole.name = format!("{} {what} that the spec assumes", written.name);
    whole.outcome.known = Known::Nothing;
    whole.rows.truncate(1);
    whole
}
