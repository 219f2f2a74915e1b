//! Members that come twice in an object of JSON. Most readers take the last one, so what the ones
//! before it say stands in no tree; some readers take the first one.

use std::collections::{BTreeMap, HashMap};

use super::correspondence::Correspondence;
use super::difference::Difference;
use super::ignore::Ignore;
use super::tree;
use crate::run::answer::Answer;
use crate::run::compare::path::Path;
use crate::value::Value;

/// The values before the last one of a name, by path.
type Earlier = BTreeMap<String, Vec<Value>>;

/// In what members that come again differ, but for the last of each name.
pub(super) fn repeated(
    left: &Answer,
    right: &Answer,
    correspondence: &mut Correspondence<'_>,
    ignore: &Ignore,
) -> Vec<Difference> {
    let [ours, theirs] = [left, right].map(|side| {
        let mut earlier = Earlier::new();
        if let Some(written) = side.as_written() {
            gather(&written, &mut Path::new("$", false), &mut earlier);
        }
        earlier.retain(|path, _| !ignore.path(path));
        earlier
    });
    let mut found = Vec::new();
    let lone = |side: &Earlier, other: &Earlier| {
        side.keys().find(|path| !other.contains_key(*path)).map(|path| Value::from(path.clone()))
    };
    let alone = [lone(&ours, &theirs), lone(&theirs, &ours)];
    if alone.iter().any(Option::is_some) {
        found.push(Difference::at("member given twice", alone, correspondence));
    }
    for (path, ours) in ours {
        let Some(theirs) = theirs.get(&path) else { continue };
        let path = format!("{path} given before");
        let here = match (&*ours, &**theirs) {
            ([ours], [theirs]) => tree::at(&path, ours, theirs, correspondence, ignore),
            _ => {
                let sides = [ours.clone(), theirs.clone()].map(Value::list);
                tree::at(&path, &sides[0], &sides[1], correspondence, ignore)
            }
        };
        found.extend(here);
    }
    found
}

fn gather(value: &Value, path: &mut Path, earlier: &mut Earlier) {
    match value {
        Value::Map(map) => {
            let mut to_come: HashMap<&str, usize> = HashMap::new();
            map.keys().for_each(|name| *to_come.entry(name).or_default() += 1);
            for (name, value) in map.iter() {
                path.name(name);
                if let Some(more) = to_come.get_mut(&**name) {
                    *more -= 1;
                    if *more > 0 {
                        earlier.entry(path.text(&[])).or_default().push(value.clone());
                    }
                }
                gather(value, path, earlier);
                path.pop();
            }
        }
        Value::List(items) => {
            for (at, item) in items.iter().enumerate() {
                path.index(at);
                gather(item, path, earlier);
                path.pop();
            }
        }
        _ => {}
    }
}
