//! Changes that an editor is offered: what was meant, and other names.

use std::process::Command;

use serde_json::{Value, json};

use crate::editor::{Editor, SCENARIO, SPEC, place, uri};

#[test]
fn what_was_meant_is_put_there_at_each_place_that_is_told() {
    let mut editor = Editor::start("meant");
    let file = "specs/shelf.yaml";
    // One mistake of each kind that is told with what was meant.
    let mistakes = [
        ("operations:\n", "operatons:\n"),
        ("  method: GET", "  metod: GET"),
        ("implements: L01", "implements: L02"),
        ("in: query", "in: qurey"),
        ("- respond:", "- respnd:"),
        ("{type: string}\n        title", "{type: strin}\n        title"),
        ("body: {format: json", "bdy: {format: json"),
        ("fixtures:", "fixture:"),
    ];
    editor.open(file, SPEC);
    assert!(editor.wrong(file).is_empty());
    for (right, wrong) in mistakes {
        let text = SPEC.replacen(right, wrong, 1);
        assert_ne!(text, SPEC, "{right}");
        editor.change(file, &json!([{"text": text}]));
        let told = editor.wrong(file);
        assert_eq!(told.len(), 1, "{wrong}: {told:#?}");
        let uri = uri(&editor.folder.join(file));
        let asked = json!({
            "textDocument": {"uri": uri},
            "range": told[0]["range"],
            "context": {"diagnostics": told},
        });
        let actions = editor.ask("textDocument/codeAction", &asked)["result"].clone();
        let message = told[0]["message"].as_str().unwrap();
        let edits = actions[0]["edit"]["changes"][&uri].as_array();
        let edits = edits.unwrap_or_else(|| panic!("{wrong}: no action for {message}"));
        let changes: Vec<Value> = edits
            .iter()
            .map(|edit| json!({"range": edit["range"], "text": edit["newText"]}))
            .collect();
        editor.change(file, &json!(changes));
        assert_eq!(editor.wrong(file), Vec::<Value>::new(), "{wrong}: {actions:#}");
    }
    assert_eq!(editor.end(), 0);
}

#[test]
fn an_operation_is_renamed_in_all_files_of_its_vendor_and_the_outcome_is_right() {
    let mut editor = Editor::start("renamed");
    let (main, more) = ("specs/shelf.yaml", "specs/more.yaml");
    let second = "counterpart: 1\nvendor: shelf\nexamples:\n- name: all\n  request: {method: GET, path: /books}\n  response: {status: 200}\n";
    let scenario = SCENARIO.replace("list_boks", "list_books");
    let two = format!("{scenario}  - call: list_books\n    expect: {{status: 200}}\n");
    editor.save(main, SPEC);
    editor.save(more, second);
    editor.save("scenarios/lists.yaml", &two);
    // From where it is used, in a file that was never saved that way.
    editor.open("scenarios/lists.yaml", &two);
    let used = two.rfind("list_books").unwrap();
    let document = json!({"uri": uri(&editor.folder.join("scenarios/lists.yaml"))});
    let asked =
        json!({"textDocument": document, "position": place(&two[..used + 2]), "newName": "books"});
    let changes = editor.ask("textDocument/rename", &asked)["result"]["changes"].clone();
    let edits = |file: &str| {
        let edits = changes[uri(&editor.folder.join(file))].as_array().cloned();
        edits.unwrap_or_default().len()
    };
    assert_eq!((edits(main), edits(more), edits("scenarios/lists.yaml")), (1, 0, 2), "{changes:#}");
    // Done as an editor does it, from the last to the first.
    let mut texts = [(main, SPEC.to_owned()), ("scenarios/lists.yaml", two.clone())];
    for (file, text) in &mut texts {
        *text = text.replace("list_books", "books");
        editor.save(file, text);
    }
    let check = Command::new(env!("CARGO_BIN_EXE_counterpart-test"))
        .args(["check", "--strict", "scenarios"])
        .current_dir(&editor.folder)
        .output()
        .unwrap();
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));
    assert_eq!(editor.end(), 0);
}
