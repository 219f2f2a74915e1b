//! What a vendor takes only once is another value in each run, in whatever spelling it comes.

use std::collections::HashMap;

use super::headers::{Said, header, passes, recorded, server};
use super::support::folder::Folder;

fn json(status: &'static str, body: &serde_json::Value) -> Said {
    (status, vec![("Content-Type", "application/json".to_owned())], body.to_string())
}

/// Accounts by their addresses, which ignore case and are not longer than the longest recorded.
fn accounts(known: &mut HashMap<String, String>, line: &str, _: &str, body: &str) -> Said {
    let none = || json("404 Not Found", &serde_json::json!({"error": "there is none"}));
    if line == "POST /accounts" {
        let said: serde_json::Value = serde_json::from_str(body).unwrap();
        let mail = said["mail"].as_str().unwrap();
        return match known.contains_key(&mail.to_lowercase()) {
            true => json("409 Conflict", &serde_json::json!({"error": "taken"})),
            false if mail.len() > 40 => {
                json("400 Bad Request", &serde_json::json!({"error": "too long"}))
            }
            false => {
                known.insert(mail.to_lowercase(), mail.to_owned());
                json("201 Created", &serde_json::json!({"mail": mail.to_lowercase()}))
            }
        };
    }
    let wanted = line.rsplit(['/', '=']).next().unwrap().to_lowercase().replace("%40", "@");
    let wanted = wanted.replace("mail%20eq%20", "").replace("%27", "");
    match known.get(&wanted) {
        Some(mail) => {
            json("200 OK", &serde_json::json!({"mail": mail, "note": format!("of {mail}.")}))
        }
        None => none(),
    }
}

#[test]
fn another_spelling_of_an_address_is_the_same_one() {
    let folder = Folder::new("record-spellings", &[]);
    let there = server(HashMap::new(), accounts);
    let scenario = recorded(&folder, &there, |send| {
        let kind = [("Content-Type", "application/json")];
        let own = r#"{"mail":"Ann.Of.The.Long.House@account.example.org"}"#;
        assert_eq!(send("POST /accounts", &kind, own).status, 400);
        let own = r#"{"mail":"Ann.Of.The.Long.House@account.example"}"#;
        assert_eq!(send("POST /accounts", &kind, own).status, 201);
        let other = r#"{"mail":"Ann.Of.The.Long.Hut@account.example"}"#;
        assert_eq!(send("POST /accounts", &kind, other).status, 201);
        assert_eq!(send("POST /accounts", &kind, r#"{"mail":"Ben@a.example"}"#).status, 201);
        for path in [
            "/accounts/ANN.OF.THE.LONG.HOUSE%40ACCOUNT.EXAMPLE",
            "/accounts/ann.of.the.long.hut@account.example",
            "/accounts?filter=mail%20eq%20%27ben%40a.example%27",
        ] {
            assert_eq!(send(&format!("GET {path}"), &[], "").status, 200, "{path}");
        }
        let again = r#"{"mail":"ANN.of.the.long.house@account.example"}"#;
        assert_eq!(send("POST /accounts", &kind, again).status, 409);
    });
    passes(&folder, &there, &[], &scenario);
    assert!(scenario.contains("mail_3: \"Ben-${unique}@a.example\""), "{scenario}");
}

#[test]
fn a_key_of_a_request_is_another_one_in_each_run() {
    let folder = Folder::new("record-keys", &[]);
    let there = server(HashMap::new(), |known: &mut HashMap<String, usize>, _, head, _| {
        let key = header(head, "Idempotency-Key").to_owned();
        let count = known.len();
        let is_new = !known.contains_key(&key);
        let id = *known.entry(key).or_insert(count + 100);
        let answer = serde_json::json!({"id": id, "seen": header(head, "X-Request-Id")});
        json(if is_new { "201 Created" } else { "200 OK" }, &answer)
    });
    let scenario = recorded(&folder, &there, |send| {
        let uuid = "0b6ec2a6-6f9f-4e0f-8f0f-2a3d4c5b6a79";
        for (key, request, status) in
            [("k-1", uuid, 201), ("k-1", "1", 200), (uuid, uuid, 201), (uuid, "r1", 200)]
        {
            let headers = [("Idempotency-Key", key), ("X-Request-Id", request)];
            assert_eq!(send("POST /orders", &headers, "").status, status);
        }
    });
    assert_eq!(
        scenario.matches("Idempotency-Key: \"${idempotency_key}\"").count(),
        2,
        "{scenario}"
    );
    for part in [
        "idempotency_key: \"k-1-${unique}\"",
        "request_id: \"${uuid}\"",
        "request_id_2: \"r1-${unique}\"",
    ] {
        assert!(scenario.contains(part), "{part}: {scenario}");
    }
    passes(&folder, &there, &[], &scenario);
}
