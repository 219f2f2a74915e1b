//! Specs that have changed since the mock ran last.

use super::damage::refusal;
use super::support::client::Client;
use super::support::folder::Folder;
use super::support::serving::Serving;
use super::{SPEC, control, create, folder, get, kill, serve};

/// A mock of the spec with something in place of something else.
fn changed(folder: &Folder, what: &str, by: &str) {
    let spec = SPEC.replace(what, by);
    assert_ne!(spec, SPEC, "{what}");
    folder.write("specs/shop.yaml", &spec);
}

fn begun(name: &str) -> Folder {
    let folder = folder(name);
    let serving = serve(&folder, &[]);
    let mut client = Client::new(serving.address());
    assert_eq!(create(&mut client, "", "tea").status, 201);
    assert_eq!(create(&mut client, "/@mine", "milk").status, 201);
    kill(serving);
    folder
}

fn first(serving: &Serving, at: usize) -> serde_json::Value {
    let rows = get(&mut Client::new(serving.address()), "/_counterpart/state/shop/orders");
    rows[at].clone()
}

#[test]
fn what_is_stored_stands_above_fixtures_that_change() {
    let folder = begun("state-fixtures");
    changed(&folder, "{item: fixture, quantity: 1}", "{item: other, quantity: 2}");
    let serving = serve(&folder, &[]);
    assert_eq!(first(&serving, 0)["item"], "fixture");
    assert_eq!(first(&serving, 1)["item"], "tea");
    // Who has changed nothing has the fixtures as they are now.
    let rows = get(&mut Client::new(serving.address()), "/@new/_counterpart/state/shop/orders");
    assert_eq!(rows[0]["item"], "other");
}

#[test]
fn rows_fit_a_spec_with_other_fields_or_it_is_not_served() {
    let folder = begun("state-fields");
    let field = "paid: {type: boolean}";
    changed(
        &folder,
        field,
        &format!(
            "{field}\n        colour: {{type: string, default: green}}\n        size: {{type: integer}}"
        ),
    );
    let mut serving = serve(&folder, &[]);
    assert_eq!(first(&serving, 1)["colour"], "green");
    let (_, stderr) = serving.stop("-TERM");
    assert!(
        stderr.contains("shop.orders: colour is a new field; 2 rows have its default, green"),
        "{stderr}"
    );
    assert!(
        stderr.contains("/@mine: shop.orders: size is a new field; 2 rows are without it"),
        "{stderr}"
    );
    // It is so from then on.
    let serving = serve(&folder, &[]);
    assert_eq!(first(&serving, 0)["colour"], "green");
    kill(serving);
    let before = std::fs::read(folder.0.join("state.log")).unwrap();
    for (what, by, said) in [
        (
            "made: {type: string, generate: now}",
            "made: {type: integer}",
            "shop.orders 2: made is of type string, which it may not be any more",
        ),
        (
            "    key: id\n    schema:\n      type: object\n",
            "    key: id\n    unique: [{fields: [quantity], error: Invalid}]\n    schema:\n      type: object\n",
            "shop.orders 2: another row has the same quantity",
        ),
        ("vendor: shop", "vendor: store", "/@mine: there is no spec of shop"),
        ("orders", "goods", "shop has no collection orders any more, of which there are 2 rows"),
        (
            "      type: object\n      properties:\n        id:",
            "      type: object\n      additionalProperties: false\n      properties:\n        id:",
            "shop.orders 1: colour is not a field any more",
        ),
    ] {
        changed(&folder, what, by);
        let (code, stderr) = refusal(&folder, "state.log");
        assert_eq!(code, Some(2), "{said}: {stderr}");
        assert!(stderr.contains(said), "{said}: {stderr}");
        assert!(stderr.contains("what is kept in state.log does not fit the specs"), "{stderr}");
        assert_eq!(std::fs::read(folder.0.join("state.log")).unwrap(), before, "{said}");
    }
    folder.write("specs/shop.yaml", SPEC);
    let mut serving = serve(&folder, &[]);
    assert_eq!(first(&serving, 1)["colour"], "green", "what is not a field any more is kept");
    let (_, stderr) = serving.stop("-TERM");
    assert!(
        stderr.contains("shop.orders: colour is not a field any more; 2 rows keep what they have"),
        "{stderr}"
    );
}

#[test]
fn a_way_back_is_written_down_and_none_leads_to_before_a_start() {
    let folder = begun("state-rewind");
    let serving = serve(&folder, &[]);
    let mut client = Client::new(serving.address());
    let gone = client.send("POST", "/_counterpart/rewind", &[super::JSON], r#"{"before":1}"#);
    assert_eq!(gone.status, 410, "{}", gone.text());
    assert_eq!(create(&mut client, "", "sand").status, 201);
    control(&mut client, "POST", "/_counterpart/clock/advance", r#"{"by":"PT1H"}"#);
    control(&mut client, "DELETE", "/_counterpart/state/shop/orders/2", "");
    let before = get(&mut client, "/_counterpart/outbox/shop").as_array().unwrap().len();
    control(&mut client, "POST", "/_counterpart/rewind", r#"{"before":2}"#);
    kill(serving);
    let serving = serve(&folder, &[]);
    let mut client = Client::new(serving.address());
    let rows = get(&mut client, "/_counterpart/state/shop/orders");
    let items: Vec<&str> =
        rows.as_array().unwrap().iter().map(|r| r["item"].as_str().unwrap()).collect();
    assert_eq!(items, ["fixture", "tea"]);
    assert_eq!(get(&mut client, "/_counterpart/outbox/shop").as_array().unwrap().len(), before - 1);
    // The order that is made now is the one that would have been made then.
    assert!(create(&mut client, "", "stone").text().contains("\"id\":3"));
    assert_eq!(get(&mut client, "/_counterpart/requests")[0]["id"], 2);
}

#[test]
fn a_spec_that_is_loaded_again_is_written_down() {
    let folder = begun("state-reload");
    let serving = Serving::start(&folder, &["--state", "state.log", "--watch"]);
    let mut client = Client::new(serving.address());
    let field = "paid: {type: boolean}";
    changed(&folder, field, &format!("{field}\n        colour: {{type: string, default: green}}"));
    while !get(&mut client, "/_counterpart/specs/shop").to_string().contains("colour") {
        assert_eq!(create(&mut client, "", "more").status, 201);
    }
    let rows = get(&mut client, "/_counterpart/state/shop/orders");
    let other = get(&mut client, "/@mine/_counterpart/state/shop/orders");
    kill(serving);
    let mut serving = serve(&folder, &[]);
    let mut client = Client::new(serving.address());
    assert_eq!(get(&mut client, "/_counterpart/state/shop/orders"), rows);
    assert_eq!(get(&mut client, "/@mine/_counterpart/state/shop/orders"), other);
    let (_, stderr) = serving.stop("-TERM");
    assert!(!stderr.contains("state.log"), "nothing has to be fitted: {stderr}");
}
