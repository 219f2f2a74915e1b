//! Idempotency keys: of many requests at once with the same key one is done, and what is known of
//! a key is the session's, so it is rewound with it.
use std::path::Path;
use std::thread;

use counterpart::MockServer;

use crate::support::client::{Client, Reply};

fn mock() -> MockServer {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vendors/retries.yaml");
    MockServer::start(folder).unwrap()
}

fn charge(client: &mut Client, key: &str, body: &str) -> Reply {
    let headers = [
        ("Authorization", "Bearer ann"),
        ("Content-Type", "application/json"),
        ("Idempotency-Key", key),
    ];
    client.send("POST", "/retries/charges", &headers, body)
}

#[test]
fn of_fifty_at_once_one_is_done() {
    let mock = mock();
    let address = mock.address();
    let sent = || {
        let one = move || charge(&mut Client::new(address), "key", r#"{"amount": 5}"#);
        thread::spawn(one)
    };
    let threads: Vec<_> = (0..50).map(|_| sent()).collect();
    let replies: Vec<Reply> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    let first = replies.iter().filter(|reply| reply.header("idempotent-replayed").is_none());
    assert_eq!(first.count(), 1);
    for reply in &replies {
        assert_eq!((reply.status, &reply.body), (201, &replies[0].body), "{}", reply.text());
        assert_eq!(reply.header("location"), replies[0].header("location"));
    }
    let state = Client::new(address).send("GET", "/_counterpart/state/retries/charges", &[], "");
    let rows: serde_json::Value = serde_json::from_slice(&state.body).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 1, "{rows}");
}

#[test]
fn what_is_known_of_a_key_is_rewound() {
    let mock = mock();
    let mut client = Client::new(mock.address());
    let first = charge(&mut client, "key", r#"{"amount": 5}"#);
    let again = charge(&mut client, "key", r#"{"amount": 5}"#);
    assert_eq!((again.status, &again.body), (201, &first.body));
    let journal = client.send("GET", "/_counterpart/requests", &[], "");
    let journal: serde_json::Value = serde_json::from_slice(&journal.body).unwrap();
    let explanation = journal[1]["explanation"].to_string();
    assert!(explanation.contains("the answer that the key `key` got before"), "{explanation}");
    let before = format!(r#"{{"before": {}}}"#, journal[0]["id"]);
    let rewound = client.send("POST", "/_counterpart/rewind", &[], before);
    assert!((200..300).contains(&rewound.status), "{}", rewound.text());
    let other = charge(&mut client, "key", r#"{"amount": 6}"#);
    assert_eq!(other.status, 201, "{}", other.text());
    assert_eq!(other.header("idempotent-replayed"), None);
}

#[test]
fn a_key_in_several_lines_is_one_list() {
    let mock = mock();
    let mut client = Client::new(mock.address());
    let mut charge = |keys: &[&str]| {
        let given = [("Authorization", "Bearer ann"), ("Content-Type", "application/json")];
        let keys = keys.iter().map(|key| ("Idempotency-Key", *key));
        let headers: Vec<_> = given.into_iter().chain(keys).collect();
        client.send("POST", "/retries/charges", &headers, r#"{"amount": 5}"#)
    };
    let first = charge(&["d", "e"]);
    for (keys, is_known) in [(&["d", "e"][..], true), (&["d, e"], true), (&["d"], false)] {
        let again = charge(keys);
        assert_eq!(again.header("idempotent-replayed").is_some(), is_known, "{keys:?}");
        assert_eq!(again.body == first.body, is_known, "{keys:?}: {}", again.text());
    }
}
