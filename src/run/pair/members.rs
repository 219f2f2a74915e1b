//! Members and elements: which of both sides belong together.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::difference::Difference;
use super::tree::Walk;
use crate::run::markup;
use crate::value::Value;

/// Where there are more names than make so many pairs, none is taken for another one's new name.
const MOST_PAIRS: usize = 40_000;

/// The members of one side.
type Members<'m> = [(&'m Arc<str>, &'m Value)];

/// How the members of two maps are paired.
struct Paired {
    /// For each of the left side, which of the right it is.
    partners: Vec<Option<usize>>,
    /// Those of the right side that none is.
    rest: Vec<usize>,
}

impl Walk<'_, '_> {
    pub(super) fn maps(&mut self, left: (&Value, &Members<'_>), right: (&Value, &Members<'_>)) {
        let ((whole_left, left), (whole_right, right)) = (left, right);
        let Paired { partners, rest } = self.paired(left, right);
        let alone: Vec<usize> = (0..left.len())
            .filter(|at| partners.get(*at) == Some(&None))
            .filter(|at| left.get(*at).is_some_and(|(name, _)| !self.is_ignored(name)))
            .collect();
        let mut with_partners = left.iter().zip(&partners).filter(|(_, other)| other.is_some());
        let has_partners = with_partners.any(|((name, _), _)| !self.is_ignored(name));
        let many = alone.len() + rest.len();
        if self.brief && many > 0 {
            self.unlike = true;
            return;
        }
        if !has_partners && many > 1 {
            // They have nothing in common.
            return self.differ(Some(whole_left), Some(whole_right));
        }
        for (at, (name, ours)) in left.iter().enumerate() {
            let other = partners.get(at).copied().flatten().and_then(|at| right.get(at));
            if other.is_none() && !alone.contains(&at) {
                continue;
            }
            self.path.name(name);
            let field = if &***name == "#text" { None } else { Some(markup::split(name).2) };
            let renamed = other.map(|(other, _)| *other).filter(|other| other != name);
            let in_another = renamed.filter(|other| self.markup && is_local(name, other));
            match renamed {
                Some(other) if in_another.is_some() => self.namespaces(name, other),
                Some(other) if !self.correspondence.names(name, other) => self.name(name, other),
                _ => {}
            }
            self.node(Some(ours), other.map(|(_, value)| *value), field);
            if in_another.is_some() {
                self.moved.pop();
            }
            self.path.pop();
        }
        for (name, theirs) in rest.iter().filter_map(|at| right.get(*at)) {
            self.path.name(name);
            self.node(None, Some(theirs), None);
            self.path.pop();
        }
    }

    fn paired(&mut self, left: &Members<'_>, right: &Members<'_>) -> Paired {
        let by_name: HashMap<&str, usize> =
            right.iter().enumerate().map(|(at, (name, _))| (&***name, at)).collect();
        let mut partners: Vec<Option<usize>> =
            left.iter().map(|(name, _)| by_name.get(&***name).copied()).collect();
        let taken: HashSet<usize> = partners.iter().flatten().copied().collect();
        let mut rest: Vec<usize> = (0..right.len()).filter(|at| !taken.contains(at)).collect();
        if self.markup {
            pair(&mut partners, &mut rest, left, right, |(ours, _), (theirs, _)| {
                is_local(ours, theirs)
            });
        }
        let known = &self.correspondence;
        pair(&mut partners, &mut rest, left, right, |(ours, _), (theirs, _)| {
            known.names(ours, theirs)
        });
        rest.retain(|at| right.get(*at).is_some_and(|(name, _)| !self.is_ignored(name)));
        let alone = partners.iter().filter(|partner| partner.is_none()).count();
        if self.brief || alone.saturating_mul(rest.len()) > MOST_PAIRS {
            return Paired { partners, rest };
        }
        // What has another name.
        let free = left.iter().zip(&partners).filter(|(_, partner)| partner.is_none());
        let free = free.map(|((name, _), _)| &***name);
        let free: HashSet<&str> =
            free.filter(|name| *name != "#text" && !self.is_ignored(name)).collect();
        let is_free = |name: &str| free.contains(name);
        pair(&mut partners, &mut rest, left, right, |(ours, _), (theirs, _)| {
            is_free(ours) && spelled(ours) == spelled(theirs)
        });
        let sole = left.len() == 1 && right.len() == 1;
        pair(&mut partners, &mut rest, left, right, |(name, ours), (other, theirs)| {
            if !is_free(name) || &***other == "#text" {
                return false;
            }
            if sole && shares_members(ours, theirs) {
                return true;
            }
            self.path.name(name);
            let mark = self.correspondence.mark();
            let mut same = self.is_same(ours, theirs, Some(markup::split(name).2));
            // A value of its own is the same only where that is known from elsewhere.
            let is_one = !matches!(ours, Value::List(_)) && ours.members().is_none();
            if same && is_one && self.correspondence.has_found_since(mark) {
                self.correspondence.forget(mark);
                same = false;
            }
            self.path.pop();
            same
        });
        Paired { partners, rest }
    }

    fn is_ignored(&self, name: &str) -> bool {
        let mut path = self.path.clone();
        path.name(&name.into());
        self.ignore.path(&path.text(&[]))
    }

    /// Told once for the elements that are in one another.
    fn namespaces(&mut self, left: &str, right: &str) {
        let namespace = |name: &str| markup::split(name).1.unwrap_or_default().to_owned();
        let moved = (namespace(left), namespace(right));
        if !self.moved.contains(&moved) && !self.ignore.path(&self.path.text(&[])) {
            self.of_name("namespace", &moved.0, &moved.1);
        }
        self.moved.push(moved);
    }

    fn name(&mut self, left: &str, right: &str) {
        let [left, right] = [left, right].map(|name| match self.markup {
            true => markup::shown(name, &[]),
            false => name.to_owned(),
        });
        self.of_name("name", &left, &right);
    }

    fn of_name(&mut self, what: &str, left: &str, right: &str) {
        if self.brief {
            self.unlike = true;
            return;
        }
        let path = format!("{} {what}", self.path.text(&[]));
        let place = format!("{} {what}", self.path.in_lists());
        let sides = [left, right].map(|side| Some(Value::text(side)));
        self.found.push(Difference::new(path, &place, sides, self.correspondence));
    }
}

/// Pairs what has no partner yet and fits.
fn pair<'m>(
    partners: &mut [Option<usize>],
    rest: &mut Vec<usize>,
    left: &Members<'m>,
    right: &Members<'m>,
    mut fits: impl FnMut(&(&'m Arc<str>, &'m Value), &(&'m Arc<str>, &'m Value)) -> bool,
) {
    for (partner, ours) in partners.iter_mut().zip(left).filter(|(partner, _)| partner.is_none()) {
        let found =
            rest.iter().position(|at| right.get(*at).is_some_and(|other| fits(ours, other)));
        *partner = found.map(|found| rest.remove(found));
    }
}

/// Whether two names are the same but for their namespaces.
fn is_local(left: &str, right: &str) -> bool {
    let local = |name| {
        let (attribute, _, local) = markup::split(name);
        (attribute, local)
    };
    left != right && local(left) == local(right)
}

/// A name without what conventions of writing make of it: `first_name` is `firstName`.
fn spelled(name: &str) -> String {
    let characters = name.chars().filter(|character| !matches!(character, '_' | '-' | '.'));
    characters.flat_map(char::to_lowercase).collect()
}

/// Whether two maps have a name in common.
fn shares_members(left: &Value, right: &Value) -> bool {
    let Some(left) = left.members() else { return false };
    left.into_iter()
        .any(|(name, _)| right.members().into_iter().flatten().any(|(other, _)| other == name))
}
