//! Which keys a mapping may have.

/// The keys of a record, as the table of its language has them (`schemas/`).
#[derive(Debug, Clone, Copy)]
pub struct Keys {
    /// All of them.
    pub list: &'static [&'static str],
    /// Whether there are several kinds of the record, each of which has only some of them.
    pub vary: bool,
}

impl Keys {
    /// Those of a record that has all of them.
    pub const fn all(list: &'static [&'static str]) -> Self {
        Self { list, vary: false }
    }

    /// Those of a record of which there are several kinds.
    pub const fn of_kinds(list: &'static [&'static str]) -> Self {
        Self { list, vary: true }
    }

    /// The record, with what it is called in messages: `an error`.
    pub const fn called(self, what: &'static str) -> Record {
        Record { what, keys: Some(self) }
    }

    /// Whether it is one of them.
    pub fn has(&self, key: &str) -> bool {
        self.list.contains(&key)
    }
}

/// What a mapping is.
#[derive(Debug, Clone, Copy)]
pub struct Record {
    /// What people call it.
    pub(super) what: &'static str,
    /// The keys that it may have; none where its words are in no table, as those of trees.
    keys: Option<Keys>,
}

impl From<&'static str> for Record {
    fn from(what: &'static str) -> Self {
        Self { what, keys: None }
    }
}

impl Record {
    /// The keys that are known, where these were asked for.
    pub(super) fn known<'k>(&self, asked: &'k [&'static str]) -> &'k [&'static str] {
        match self.keys {
            Some(Keys { list, vary: false }) => list,
            _ => asked,
        }
    }

    /// Whoever reads a key that the table does not have has forgotten it there. That does not
    /// depend on what is read, so each test that reads such a record finds it.
    pub(super) fn check_asked(&self, key: &str) {
        let has = self.keys.is_none_or(|keys| keys.has(key));
        debug_assert!(has, "`{key}` of {} is read, and in no table in `schemas/`", self.what);
    }

    /// The same for a key of the table that nobody reads.
    pub(super) fn check_all_asked(&self, asked: &[&'static str]) {
        let unread = self.known(asked).iter().find(|key| !asked.contains(key));
        debug_assert!(unread.is_none(), "nobody reads {unread:?} of {}", self.what);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;
    use crate::syntax::{Mapping, Node, Problems, parse};

    const ALL: Keys = Keys::all(&["id", "says"]);
    const OF_KINDS: Keys = Keys::of_kinds(&["id", "says"]);

    /// What is told of a record of which these keys are asked for.
    fn told(text: &str, keys: Keys, asked: &[&'static str]) -> Vec<String> {
        let problems = Problems::default();
        let node: Node = parse(&Source::new("a.yaml", text), &problems).unwrap();
        let mut mapping = Mapping::open(&node, keys.called("a rule"), &problems).unwrap();
        for key in asked {
            mapping.take(key);
        }
        mapping.finish();
        problems.found().iter().map(|it| format!("{}, {}", it.message, it.help.join(""))).collect()
    }

    #[test]
    fn other_keys_than_those_of_the_record_are_told() {
        let expected = ["a rule has no key `zzz`, known here: id, says"];
        assert_eq!(told("{id: 1, zzz: 2}", ALL, &["id", "says"]), expected);
        assert_eq!(told("{id: 1, zzz: 2}", OF_KINDS, &["id", "says"]), expected);
        let expected = ["a rule has no key `says`, known here: id"];
        assert_eq!(told("{says: 1}", OF_KINDS, &["id"]), expected);
    }

    #[cfg(debug_assertions)]
    #[test]
    #[should_panic(expected = "`other` of a rule is read, and in no table")]
    fn a_key_that_no_table_has_cannot_be_read() {
        told("{id: 1}", OF_KINDS, &["id", "other"]);
    }

    #[cfg(debug_assertions)]
    #[test]
    #[should_panic(expected = "nobody reads Some(\"says\") of a rule")]
    fn a_key_that_nobody_reads_is_found() {
        told("{id: 1}", ALL, &["id"]);
    }
}
