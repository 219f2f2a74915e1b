//! A file that an older version of the mock wrote: `tests/older` has one of each version, as it was
//! when the process was killed.

use std::fs;

use serde_json::json;

use super::support::client::Client;
use super::support::folder::Folder;
use super::support::serving::command;
use super::{control, get, kill, serve};

const SPEC: &str = include_str!("../older/shop.yaml");
const VERSION_1: &[u8] = include_bytes!("../older/version-1.state");

#[test]
fn a_file_of_an_older_version_goes_on_where_it_was() {
    let folder = Folder::new("state-older", &[("specs/shop.yaml", SPEC)]);
    let path = folder.0.join("state.log");
    fs::write(&path, VERSION_1).unwrap();
    // Who looks into it changes nothing.
    let export = command(&folder, &["state", "state.log", "export"]).output().unwrap();
    assert!(export.status.success());
    assert_eq!(fs::read(&path).unwrap(), VERSION_1);
    let mut serving = serve(&folder, &[]);
    let mut client = Client::new(serving.address());
    for (at, limit) in [("", 100), ("/@mine", 7)] {
        let orders = get(&mut client, &format!("{at}/shop/orders"));
        let named = |name: &str, id: u64| {
            let one = &orders[usize::try_from(id - 1).unwrap()];
            assert_eq!((&one["name"], &one["id"]), (&json!(name), &json!(id)), "{orders}");
        };
        named("first", 1);
        named("tea", 2);
        named("cake", 3);
        let settings = get(&mut client, &format!("{at}/_counterpart/state/shop/settings"));
        assert_eq!(settings["limit"], limit);
        let outbox = get(&mut client, &format!("{at}/_counterpart/outbox/shop"));
        assert_eq!(outbox.as_array().unwrap().len(), 2);
        // What was to run later runs, and what is new comes behind what is there.
        control(
            &mut client,
            "POST",
            &format!("{at}/_counterpart/clock/advance"),
            r#"{"by":"PT1H"}"#,
        );
        let body = r#"{"name":"bread"}"#;
        let json = [("Content-Type", "application/json")];
        let made = client.send("POST", &format!("{at}/shop/orders"), &json, body);
        assert_eq!(made.status, 201);
        let orders = get(&mut client, &format!("{at}/_counterpart/state/shop/orders"));
        assert_eq!((&orders[1]["paid"], &orders[3]["id"]), (&json!(true), &json!(4)), "{orders}");
    }
    assert_eq!(get(&mut client, "/@mine/_counterpart/clock")["now"], "2026-01-01T01:30:00Z");
    let (_, said) = serving.stop("-TERM");
    assert!(said.contains("state.log: an older version of this program wrote it"), "{said}");
    assert!(fs::read(&path).unwrap().starts_with(b"counterpart-state 2\n"));
    // From then on it is a file like any other.
    let serving = serve(&folder, &[]);
    let mut client = Client::new(serving.address());
    assert_eq!(get(&mut client, "/@mine/shop/orders").as_array().unwrap().len(), 4);
    kill(serving);
}

#[test]
fn an_older_file_that_does_not_fit_stays_as_it_is() {
    let spec = SPEC.replace("fields: [name]", "fields: [paid]").replace("  orders:", "  others:");
    let spec = spec.replace("in: orders", "in: others");
    let folder = Folder::new("state-older-unfit", &[("specs/shop.yaml", &spec)]);
    let path = folder.0.join("state.log");
    fs::write(&path, VERSION_1).unwrap();
    let serve = ["serve", "--listen", "127.0.0.1:0", "--state", "state.log"];
    let refused = command(&folder, &serve).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("nothing was changed in it"), "{said}");
    assert_eq!(fs::read(&path).unwrap(), VERSION_1);
}
