//! Two trees, by path.

use super::correspondence::{Correspondence, Place};
use super::difference::Difference;
use super::ignore::Ignore;
use crate::run::compare::path::Path;
use crate::run::markup;
use crate::value::Value;

/// A walk through two trees at once.
pub(super) struct Walk<'w, 'k> {
    pub(super) correspondence: &'w mut Correspondence<'k>,
    pub(super) ignore: &'w Ignore,
    pub(super) markup: bool,
    pub(super) path: Path,
    pub(super) found: Vec<Difference>,
    /// The namespaces of both sides of the elements around, where they are not the same.
    pub(super) moved: Vec<(String, String)>,
    /// Only whether there is a difference is asked, which `unlike` says then.
    pub(super) brief: bool,
    pub(super) unlike: bool,
}

/// How often two trees are gone through: what is found to correspond may stand before the place
/// where that is seen.
const ROUNDS: usize = 3;

/// Everything in which two trees differ, in the order of the left one.
pub(super) fn trees(
    left: Option<&Value>,
    right: Option<&Value>,
    markup: bool,
    correspondence: &mut Correspondence<'_>,
    ignore: &Ignore,
) -> Vec<Difference> {
    let path = Path::new(if markup { "" } else { "$" }, markup);
    walk(path, left, right, markup, correspondence, ignore)
}

/// Everything in which two values differ that stand at a path of their own.
pub(super) fn at(
    base: &str,
    left: &Value,
    right: &Value,
    correspondence: &mut Correspondence<'_>,
    ignore: &Ignore,
) -> Vec<Difference> {
    walk(Path::new(base, false), Some(left), Some(right), false, correspondence, ignore)
}

fn walk(
    path: Path,
    left: Option<&Value>,
    right: Option<&Value>,
    markup: bool,
    correspondence: &mut Correspondence<'_>,
    ignore: &Ignore,
) -> Vec<Difference> {
    let (found, moved) = (Vec::new(), Vec::new());
    let (brief, unlike) = (false, false);
    let mut walk = Walk { correspondence, ignore, markup, path, found, moved, brief, unlike };
    for _ in 0..ROUNDS {
        let mark = walk.correspondence.mark();
        walk.found.clear();
        walk.node(left, right, None);
        if walk.correspondence.mark() == mark {
            break;
        }
    }
    walk.found
}

impl Walk<'_, '_> {
    pub(super) fn node(
        &mut self,
        left: Option<&Value>,
        right: Option<&Value>,
        field: Option<&str>,
    ) {
        if self.unlike || self.ignore.path(&self.path.text(&[])) {
            return;
        }
        let (Some(ours), Some(theirs)) = (left, right) else {
            if left.is_some() || right.is_some() {
                self.differ(left, right);
            }
            return;
        };
        let (a, b) = (ours.members(), theirs.members());
        if let (Some(a), Some(b)) = (a, b) {
            let (a, b): (Vec<_>, Vec<_>) = (a.collect(), b.collect());
            return self.maps((ours, &a), (theirs, &b));
        }
        match (ours, theirs) {
            (Value::List(a), Value::List(b)) => self.lists(a, b, field),
            // An element that comes once is not a list of its own.
            (Value::List(a), one) if self.markup => {
                self.lists(a, std::slice::from_ref(one), field);
            }
            (one, Value::List(b)) if self.markup => {
                self.lists(std::slice::from_ref(one), b, field);
            }
            _ => {
                let path = self.path.in_lists();
                let in_list = self.path.is_in_list();
                let at = field.map(|field| Place { field, path: &path, in_list });
                if !self.correspondence.scalars(ours, theirs, at) {
                    self.differ(left, right);
                }
            }
        }
    }

    pub(super) fn differ(&mut self, left: Option<&Value>, right: Option<&Value>) {
        if self.brief {
            self.unlike = true;
            return;
        }
        let sides = [left, right].map(|side| side.map(|value| self.shown(value)));
        let (path, place) = (self.path.text(&[]), self.path.in_lists());
        self.found.push(Difference::new(path, &place, sides, self.correspondence));
    }

    pub(super) fn shown(&self, value: &Value) -> Value {
        if self.markup { markup::plain(value, &[]) } else { value.clone() }
    }

    /// Whether two values are the same; only then what corresponds in them is kept.
    pub(super) fn is_same(&mut self, left: &Value, right: &Value, field: Option<&str>) -> bool {
        let mark = self.correspondence.mark();
        let was = (self.brief, self.unlike);
        (self.brief, self.unlike) = (true, false);
        self.node(Some(left), Some(right), field);
        let same = !self.unlike;
        (self.brief, self.unlike) = was;
        if !same {
            self.correspondence.forget(mark);
        }
        same
    }
}
