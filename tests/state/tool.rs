//! `counterpart-mock state`: lists, exports, and imports.

use std::fs;

use super::damage::refusal;
use super::support::client::Client;
use super::support::folder::Folder;
use super::support::serving::command;
use super::{create, folder, get, kill, serve};

/// What the program says.
fn state(folder: &Folder, arguments: &[&str]) -> (Option<i32>, String, String) {
    let ended = command(folder, &[&["state"], arguments].concat()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (ended.status.code(), text(ended.stdout), text(ended.stderr))
}

#[test]
fn what_is_kept_can_be_listed_exported_and_imported() {
    let folder = folder("state-tool");
    let serving = serve(&folder, &["--seed", "5", "--clock", "2026-01-01T00:00:00Z", "--freeze"]);
    let mut client = Client::new(serving.address());
    assert_eq!(create(&mut client, "", "tea: \u{e4}\\n#").status, 201);
    let numbers = r#"{"item":"012","exact":7.0,"large":12345678901234567890123,"e":1e400,"nil":null,"deep":{"a":[1,{"b":"yes"}]}}"#;
    super::control(&mut client, "POST", "/_counterpart/state/shop/orders", numbers);
    assert_eq!(create(&mut client, "/@mine", "milk").status, 201);
    get(&mut client, "/@idle/_counterpart/clock");
    let fault = r#"{"vendor": "shop", "times": 3, "share": 0.25, "fault": "empty"}"#;
    super::control(&mut client, "POST", "/@mine/_counterpart/faults", fault);
    let faults = get(&mut client, "/@mine/_counterpart/faults");
    // Also while the mock writes to it.
    let (code, listed, _) = state(&folder, &["state.log", "list"]);
    assert_eq!(code, Some(0));
    assert_eq!(listed, "@\tshop\torders\t3\n@mine\tshop\torders\t2\n@idle\t\t\t\n");
    let rows = get(&mut client, "/_counterpart/state/shop");
    let outbox = get(&mut client, "/@mine/_counterpart/outbox/shop");
    kill(serving);

    for (name, flags) in [("out.yaml", &[] as &[&str]), ("out.json", &["--json"])] {
        let (code, exported, _) = state(&folder, &[&["state.log", "export"], flags].concat());
        assert_eq!(code, Some(0));
        folder.write(name, &exported);
        let copy = format!("copy-of-{name}.log");
        assert_eq!(
            state(&folder, &[&copy, "import", name]),
            (Some(0), String::new(), String::new())
        );
        // Only the digest of the spec is not taken over.
        let plain = |file: &str| {
            let (_, text, _) = state(&folder, &[file, "export", "--json"]);
            let mut all: serde_json::Value = serde_json::from_str(&text).unwrap();
            all["specs"][0]["digest"].take();
            all
        };
        assert_eq!(plain(&copy), plain("state.log"));
        fs::rename(folder.0.join(&copy), folder.0.join("state.log")).unwrap();
        let serving = serve(&folder, &[]);
        let mut client = Client::new(serving.address());
        assert_eq!(get(&mut client, "/_counterpart/state/shop"), rows);
        let here = get(&mut client, "/@mine/_counterpart/outbox/shop");
        assert_eq!(here[0]["data"], outbox[0]["data"]);
        assert_eq!(get(&mut client, "/_counterpart/clock")["now"], "2026-01-01T00:00:00Z");
        assert_eq!(get(&mut client, "/@mine/_counterpart/faults"), faults);
        kill(serving);
    }

    // A file is never written over.
    let (code, _, stderr) = state(&folder, &["state.log", "import", "out.yaml"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("state.log already exists"), "{stderr}");
    // What was changed by hand is held against the spec.
    let text = folder.read("out.yaml").replacen("quantity: 1", "quantity: one", 1);
    folder.write("hand.yaml", &text);
    assert_eq!(state(&folder, &["hand.log", "import", "hand.yaml"]).0, Some(0));
    let (code, stderr) = refusal(&folder, "hand.log");
    assert_eq!(code, Some(2));
    assert!(stderr.contains("quantity is of type string"), "{stderr}");
}

#[test]
fn a_document_with_mistakes_is_not_imported() {
    let folder = folder("state-mistakes");
    folder.write(
        "wrong.yaml",
        "counterpartState: 1\nspecs: []\nsessions:\n  - {name: \"\", seed: 1, began: soon, start: null, \
         frozen: false, clock: {ahead: PT0S}, version: 0, lastId: 0, accounts: {}}\n  - name: b\n    \
         seed: 1\n    began: 2026-01-01T00:00:00Z\n    start: null\n    frozen: false\n    clock: {ahead: \
         PT0S}\n    version: 0\n    lastId: 0\n    accounts:\n      shop: {seed: 1, drawn: 0, settings: \
         {}, row: {}}\n",
    );
    let (code, _, stderr) = state(&folder, &["new.log", "import", "wrong.yaml"]);
    assert_eq!(code, Some(2));
    assert!(
        stderr.contains("wrong.yaml:4:5") && stderr.contains("this is not a session"),
        "{stderr}"
    );
    assert!(stderr.contains("an account has no `row`"), "{stderr}");
    assert!(!folder.0.join("new.log").exists());
    let (code, _, stderr) = state(&folder, &["missing.log", "list"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("cannot use missing.log"), "{stderr}");
}

#[test]
fn what_comes_before_damage_can_be_exported() {
    let folder = folder("state-rescue");
    let serving = serve(&folder, &[]);
    let mut client = Client::new(serving.address());
    for item in ["tea", "milk", "cake"] {
        assert_eq!(create(&mut client, "", item).status, 201);
    }
    kill(serving);
    let path = folder.0.join("state.log");
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.windows(4).position(|four| four == b"milk").unwrap();
    bytes[at] = b's';
    fs::write(&path, bytes).unwrap();
    let (code, _, stderr) = state(&folder, &["state.log", "export"]);
    assert_eq!(code, Some(2));
    assert!(
        stderr.contains("state.log is damaged at byte") && stderr.contains("export --damaged"),
        "{stderr}"
    );
    let (code, exported, _) = state(&folder, &["state.log", "export", "--damaged"]);
    assert_eq!(code, Some(0));
    assert!(exported.contains("tea") && !exported.contains("milk"), "{exported}");
}
