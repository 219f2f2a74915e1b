//! What `state FILE export` has written, read again.

use std::collections::HashSet;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::ledger::{
    ACCOUNT, SESSION, Stored, StoredSession, read_account, read_session, read_spec,
};
use crate::source::Source;
use crate::syntax::{Node, Problems, parse_foreign};

/// What a document has.
const DOCUMENT: [&str; 3] = ["counterpartState", "specs", "sessions"];

/// Reads a document. Fails with all that is wrong with it.
pub fn state(source: &Arc<Source>) -> Result<Stored, Vec<Diagnostic>> {
    let mut reader = Reader { problems: Problems::default() };
    let node = parse_foreign(source, &reader.problems);
    let mut stored = Stored::default();
    if let Some(node) = &node {
        reader.document(node, &mut stored);
    }
    let problems = reader.problems.into_sorted();
    if problems.is_empty() { Ok(stored) } else { Err(problems) }
}

struct Reader {
    problems: Problems,
}

impl Reader {
    fn wrong(&mut self, node: &Node, what: &str) {
        let message = format!("this is not a {what} as `export` writes it");
        self.problems.push(Diagnostic::error(
            "not-exported",
            message,
            &node.span,
            "not understood",
        ));
    }

    fn keys(&mut self, node: &Node, what: &str, known: &[&str]) {
        for (key, _) in node.as_map().unwrap_or_default() {
            if !known.contains(&&*key.value) {
                let message = format!("{what} has no `{}`", key.value);
                let problem =
                    Diagnostic::error("unknown-key", message, &key.span, "not known here");
                self.problems.push(problem.suggest(&key.value, known.iter().copied()));
            }
        }
    }

    fn document(&mut self, node: &Node, stored: &mut Stored) {
        self.keys(node, "the document", &DOCUMENT);
        if node.get("counterpartState").is_none_or(|version| version.to_value() != 1.into()) {
            self.wrong(node, "document of version 1");
            return;
        }
        for spec in node.get("specs").and_then(Node::as_list).unwrap_or_default() {
            match read_spec(&spec.to_value()) {
                Some(spec) => stored.specs.push(spec),
                None => self.wrong(spec, "spec"),
            }
        }
        let Some(sessions) = node.get("sessions").and_then(Node::as_list) else {
            self.wrong(node, "list of sessions");
            return;
        };
        let mut names = HashSet::new();
        for session in sessions {
            self.keys(session, "a session", &SESSION);
            let Some(mut read) = read_session(&session.to_value()) else {
                self.wrong(session, "session");
                continue;
            };
            if !names.insert(read.made.name.clone()) {
                let message = format!("there are two sessions `{}`", read.made.name);
                let problem =
                    Diagnostic::error("same-session", message, &session.span, "the second one");
                self.problems.push(problem);
            }
            self.accounts(session, &mut read);
            stored.last_session += 1;
            stored.sessions.insert(stored.last_session, read);
        }
    }

    fn accounts(&mut self, session: &Node, read: &mut StoredSession) {
        let accounts = session.get("accounts").and_then(Node::as_map);
        let Some(accounts) = accounts else {
            self.wrong(session, "session with accounts");
            return;
        };
        for (vendor, account) in accounts {
            self.keys(account, "an account", &ACCOUNT);
            match read_account(&account.to_value()) {
                Some(account) => drop(read.accounts.insert(vendor.value.as_str().into(), account)),
                None => self.wrong(account, "account"),
            }
        }
    }
}
