//! `sessions`: the named sessions that there are.

use super::call::Call;
use super::reply::{Refused, count, ok};
use crate::exchange::Answer;
use crate::value::{Map, Value};

/// `GET sessions`: their names, by name, and for how long each was not used, in seconds.
pub(super) fn list(call: &Call<'_>) -> Result<Answer, Refused> {
    call.only(&[])?;
    let sessions = call.mock.sessions().unused().into_iter().map(|(name, unused)| {
        let mut map = Map::new();
        map.insert("name", Value::Text(name));
        map.insert("unusedSeconds", count(usize::try_from(unused.as_secs()).unwrap_or(usize::MAX)));
        Value::map(map)
    });
    Ok(ok(&Value::list(sessions.collect())))
}

/// `POST sessions/drop` with `{"names": [...]}`: those are no more; what is asked of them later
/// makes them anew. Answers with how many there were.
pub(super) fn drop_named(call: &Call<'_>) -> Result<Answer, Refused> {
    call.only(&[])?;
    let body = call.json_object()?;
    if let Some((name, _)) = body.iter().find(|(name, _)| &***name != "names") {
        return Err(Refused::bad_request(format!("there is no member `{name}`, only `names`")));
    }
    let names = match body.get("names") {
        Some(Value::List(names)) => names.iter().map(Value::as_str).collect::<Option<Vec<_>>>(),
        _ => None,
    };
    let names = names.ok_or_else(|| {
        Refused::bad_request("`names` is a list of texts, such as {\"names\": [\"a\", \"b\"]}")
    })?;
    let mut map = Map::new();
    map.insert("dropped", count(call.mock.sessions().drop_named(&names)));
    Ok(ok(&Value::map(map)))
}
