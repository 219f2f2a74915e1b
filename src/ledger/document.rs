//! All that is stored as one document, for people: rows in their order, without their numbers.

use std::sync::Arc;

use super::entry::{AccountChange, FaultsImage, SpecImage};
use super::json;
use super::stored::{Stored, StoredAccount, StoredSession};
use crate::value::{Map, Value};

/// What a session has beside what it starts with.
pub const SESSION: [&str; 10] = [
    "name", "seed", "began", "start", "frozen", "clock", "version", "lastId", "faults", "accounts",
];

/// What an account has.
pub const ACCOUNT: [&str; 8] =
    ["seed", "drawn", "settings", "sequences", "rows", "outbox", "schedule", "windows"];

/// The document.
pub fn document(stored: &Stored) -> Value {
    let mut document = Map::new();
    document.push("counterpartState".into(), Value::Integer(1));
    let specs = stored.specs.iter().map(json::spec).collect();
    document.push("specs".into(), Value::list(specs));
    let sessions = stored.sessions.values().map(session).collect();
    document.push("sessions".into(), Value::list(sessions));
    Value::map(document)
}

fn session(session: &StoredSession) -> Value {
    let mut map = Map::new();
    for (name, value) in json::made_value(&session.made).members().into_iter().flatten() {
        map.push(name.clone(), value.clone());
    }
    map.push("version".into(), json::whole(session.version));
    map.push("lastId".into(), json::whole(session.last_id));
    if session.faults != FaultsImage::default() {
        map.push("faults".into(), json::faults_value(&session.faults));
    }
    let accounts = session.accounts.iter();
    let accounts = accounts.map(|(vendor, one)| (vendor.clone(), account(one))).collect();
    map.push("accounts".into(), Value::map(accounts));
    Value::map(map)
}

fn account(account: &StoredAccount) -> Value {
    let mut members = Map::new();
    json::account(&account.clone().image(), &mut members);
    members.remove("whole");
    if let Some(rows) = members.get_mut("rows") {
        let collections = rows.members().into_iter().flatten().map(|(name, rows)| {
            let rows = rows.as_list().unwrap_or_default().iter();
            let rows = rows.filter_map(|row| row.as_list()?.get(1).cloned());
            (name.clone(), Value::list(rows.collect()))
        });
        *rows = Value::map(collections.collect());
    }
    Value::map(members)
}

/// A spec, as the document has it. It may have been changed by hand, so what is stored has to be
/// held against the spec again: the digest is left out.
pub fn read_spec(value: &Value) -> Option<SpecImage> {
    Some(SpecImage { digest: Arc::default(), ..json::read_spec(value)? })
}

/// A session, as the document has it, without its accounts.
pub fn read_session(value: &Value) -> Option<StoredSession> {
    Some(StoredSession {
        version: json::parsed(value.get("version")?)?,
        last_id: json::parsed(value.get("lastId")?)?,
        faults: match value.get("faults") {
            None => FaultsImage::default(),
            Some(faults) => json::read_faults(faults)?,
        },
        ..StoredSession::of(json::read_made(value)?)
    })
}

/// An account, as the document has it.
pub fn read_account(value: &Value) -> Option<StoredAccount> {
    let mut members: Map =
        value.members()?.map(|(name, value)| (name.clone(), value.clone())).collect();
    let rows = members.remove("rows");
    let mut change = json::read_account(&Value::map(members))?;
    let mut number = 0;
    for (collection, rows) in rows.iter().filter_map(Value::members).flatten() {
        for row in rows.as_list()? {
            row.members()?;
            change.rows.push((collection.clone(), number, Some(row.clone())));
            number += 1;
        }
    }
    change.whole = change.seed.is_some();
    if !change.whole && !change.rows.is_empty() {
        return None;
    }
    Some(StoredAccount::of(change))
}

impl StoredAccount {
    /// The account that a change makes of nothing.
    fn of(change: AccountChange) -> Self {
        let mut account = Self { untouched: !change.whole, ..Self::default() };
        account.apply(change);
        account
    }
}
